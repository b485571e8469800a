"""Logs as JSON lines on standard error: ids and counts, never names, prompts or tokens."""

import logging
import re
import sys
from collections.abc import Mapping

import structlog
from structlog.tracebacks import ExceptionDictTransformer

#: Keys of the model's servers, Slack's tokens, and emails: what may stand in somebody else's error message.
SECRETS = re.compile(
    r"\bsk-[\w-]{6,}|\b(?:xox[a-z]|xapp|xoxe\.xox[a-z])-[\w-]{4,}|[\w.+%'-]+@[\w-]+(?:\.[\w-]+)+"
)
REDACTED = "[redacted]"

#: Libraries that would log whole requests when told to: the questions and answers are in there.
TALKATIVE = (
    "openai",
    "httpx2",
    "httpcore2",
    "slack_sdk",
    "slack_bolt",
    "bolt",
    "aiohttp",
    "aiosqlite",
    "sqlalchemy",
)


class Redacting(logging.Formatter):
    """The libraries' lines, traces included, without tokens and emails."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of text."""
        return SECRETS.sub(REDACTED, super().format(record))


def configure(level: str) -> None:
    """Send our log and the libraries' to standard error at `level`."""
    least = max(logging.getLevelName(level), logging.WARNING)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Redacting(logging.BASIC_FORMAT))
    handler.setLevel(least)  # whatever level a library gives its own loggers
    logging.basicConfig(handlers=[handler], level=least)
    hush()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            redact,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def hush() -> None:
    """Keep the talkative libraries to warnings, whatever the environment asked of them."""
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def redact(_: object, __: str, event: Mapping[str, object]) -> dict[str, object]:
    """The event without tokens and emails, however deep they stand.

    >>> redact(None, "info", {"why": ["key sk-abcdef123", {"of": "ada@example.com"}], "deals": 2})
    {'why': ['key [redacted]', {'of': '[redacted]'}], 'deals': 2}
    """
    return {key: _redacted(value) for key, value in event.items()}


def _redacted(value: object) -> object:
    match value:
        case str():
            return SECRETS.sub(REDACTED, value)
        case None | bool() | int() | float():
            return value
        case Mapping():
            return {SECRETS.sub(REDACTED, str(key)): _redacted(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_redacted(inner) for inner in value]
    return SECRETS.sub(REDACTED, repr(value))  # as the renderer would write it
