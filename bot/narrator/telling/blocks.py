"""Pieces of JSON text in, the blocks of the answer out, each as soon as the model has begun the next one."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

import jiter

#: Longest answer that is read, in characters: some 900 tokens make at most 5,000.
LONGEST = 20_000

_FENCE = " \n\r\t`"  # some models close their JSON like code


class NotBlocks(ValueError):
    """The text is not, or will not become, `{"blocks": [...]}`."""


@dataclass(frozen=True, slots=True)
class Claims:
    """Tell these claims in one line."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Play:
    """Offer this play; `reason` is the claim it answers."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Say:
    """A suggestion in the model's own words."""

    text: str


Block = Claims | Play | Say


def block(value: Any) -> Block | None:
    """A block of the schema from its JSON value; None for any other value.

    >>> block({"claims": ["c1"]}), block({"claims": ["c1"], "say": "x"})
    (Claims(ids=('c1',)), None)
    """
    match value:
        case {"claims": [_, *_] as ids} if len(value) == 1 and all(isinstance(one, str) for one in ids):
            return Claims(tuple(ids))
        case {"play": str(play), "for": str(reason)} if len(value) == 2:
            return Play(play, reason)
        case {"say": str(text)} if len(value) == 1:
            return Say(text)
    return None


async def values(deltas: AsyncGenerator[str, None]) -> AsyncGenerator[Any, None]:
    """The values of the list `blocks`, each when the next one begins, the last at the end.

    Raises:
        NotBlocks: the text cannot become such a list, is not whole at its end, or is too long.
    """
    text, released = "", 0
    async for delta in deltas:
        text += delta
        if len(text) > LONGEST:
            raise NotBlocks("The answer is too long.")
        # Only a brace begins another block; parsing all of it for every letter would take a flood seconds.
        begun = _blocks(text, whole=False) if "{" in delta else []
        for value in begun[released:-1]:
            released += 1
            yield value
    for value in _blocks(text, whole=True)[released:]:
        yield value


def _blocks(text: str, *, whole: bool) -> list[Any]:
    """The values so far, without a text that is not closed; what stands before a brace is no part."""
    start = text.find("{")
    if start < 0:
        if whole:
            raise NotBlocks("The answer is no JSON.")
        return []
    try:
        content = jiter.from_json(text[start:].rstrip(_FENCE).encode(), partial_mode=not whole)
    except ValueError as error:  # a lone surrogate cannot be encoded: a ValueError too
        raise NotBlocks("The answer is no JSON.") from error
    found = content.get("blocks", [])
    if not isinstance(found, list):
        raise NotBlocks("The answer has no list of blocks.")
    return found
