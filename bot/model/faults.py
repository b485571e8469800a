"""Every way a request can fail, told as one `Unavailable`. The server's own words are left behind: they may
repeat the question or the key."""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.model.calls import Unavailable


@contextmanager
def told() -> Iterator[None]:
    """Whatever goes wrong with the server inside becomes `Unavailable`; our own mistakes pass unchanged."""
    import httpx2
    from openai import OpenAIError

    # ValueError: a chunk that is no JSON (JSONDecodeError) or not what the SDK expects (ValidationError).
    try:
        yield
    except (OpenAIError, httpx2.HTTPError, httpx2.StreamError, ValueError, TimeoutError) as error:
        raise Unavailable(_code(error)) from None


def _code(error: Exception) -> str:
    import httpx2
    import openai

    match error:
        case openai.APIStatusError():
            return _by_status(error.status_code, error.code)
        case TimeoutError() | openai.APITimeoutError() | httpx2.TimeoutException():
            return "deadline"
        case openai.APIConnectionError() | httpx2.HTTPError() | httpx2.StreamError():
            return "connection"
        case openai.APIResponseValidationError() | ValueError():
            return "bad_stream"
    return "server"  # an error told inside a stream that began well


def _by_status(status: int, code: str | None) -> str:
    if status == 429:
        return "quota" if code == "insufficient_quota" else "rate_limited"
    return "server" if status >= 500 else "rejected"
