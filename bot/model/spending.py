"""What one call used and cost: the server's own count, or an estimate that says it is one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bot.settings import Settings

CHARACTERS = 4  #: of one token, roughly. Source: OpenAI's rule of thumb for English
MOST = 10_000_000  #: tokens of one call; a count beyond it is none
MILLION = Decimal(1_000_000)


def estimate(content: object) -> int:
    """Tokens of a text, or of what a request says, rounded up.

    >>> estimate("12345"), estimate("")
    (2, 0)
    """
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False, default=str)
    return -(-len(text) // CHARACTERS)


@dataclass(frozen=True, slots=True)
class Spent:
    """Tokens of one call; `read_cached` are part of `read`."""

    read: int = 0
    read_cached: int = 0
    written: int = 0
    estimated: bool = False


class Meter:
    """Listens to one call, and tells what it used whenever and however it ends."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self.expected = estimate({key: body.get(key) for key in ("messages", "tools", "response_format")})
        self.began = False  # the server took the request: it may have counted it
        self.characters = 0
        self.usage: object = None

    def spent(self) -> Spent:
        """The server's count, if it told one we can read; nothing, if it never took the request."""
        told = usage(self.usage)
        if told is not None:
            return told
        written = -(-self.characters // CHARACTERS)
        return Spent(self.expected, 0, written, estimated=True) if self.began else Spent()


def usage(told: object) -> Spent | None:
    """The server's own count; None when it told none, or none that can be true.

    Servers leave out the details, or all of it, or send null; the cached part is then unknown, thus zero.
    """
    read, written = _count(told, "prompt_tokens"), _count(told, "completion_tokens")
    if read is None or written is None:
        return None
    cached = _count(getattr(told, "prompt_tokens_details", None), "cached_tokens") or 0
    return Spent(read, min(cached, read), written)


def _count(told: object, name: str) -> int | None:
    value = getattr(told, name, None)
    plausible = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST
    return value if plausible else None


def cost(spent: Spent, settings: Settings) -> str:
    """Money as decimal text by the prices that are set, "" without prices."""
    if settings.price_in is None or settings.price_out is None:
        return ""
    cached = settings.price_in if settings.price_cached is None else settings.price_cached
    fresh = (spent.read - spent.read_cached) * settings.price_in
    money = (fresh + spent.read_cached * cached + spent.written * settings.price_out) / MILLION
    return f"{money:f}"
