"""Pieces of JSON text in, the blocks of the answer out, each as soon as the model has begun the next one."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

import jiter

#: Longest answer that is read, in characters: some 900 tokens make at most 5,000.
LONGEST = 20_000
MOST_BLOCKS = 24  #: read of one answer. Source: three times the lines that are told

MOST_IDS = 8  #: of claims in one block

_FENCE = " \n\r\t`"  # some models close their JSON like code


class NotBlocks(ValueError):
    """The text is not, or will not become, `{"blocks": [...]}`."""


@dataclass(frozen=True, slots=True)
class Tell:
    """Tell this claim."""

    id: str


@dataclass(frozen=True, slots=True)
class Play:
    """Offer this play; `reason` is the claim it answers."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Say:
    """A suggestion in the model's own words."""

    text: str


Block = Tell | Play | Say


def lines(value: Any) -> tuple[Block | None, ...]:
    """What a JSON value of the schema wants told, a line each; None for any other value.

    >>> lines({"claims": ["c1", "c2"]}), lines({"claims": ["c1"], "say": "x"})
    ((Tell(id='c1'), Tell(id='c2')), (None,))
    """
    match value:
        case {"claims": [_, *_] as ids} if len(value) == 1 and len(ids) <= MOST_IDS:
            return tuple(Tell(one) if isinstance(one, str) else None for one in ids)
        case {"play": str(play), "for": str(reason)} if len(value) == 2:
            return (Play(play, reason),)
        case {"say": str(text)} if len(value) == 1:
            return (Say(text),)
    return (None,)


async def values(deltas: AsyncGenerator[str, None]) -> AsyncGenerator[Any, None]:
    """The values of the list `blocks`, each when the next one begins, the last at the end.

    Raises:
        NotBlocks: the text cannot become such a list, is not whole at its end, is too long or has too many.
    """
    text, released, looked = "", 0, 0
    async for delta in deltas:
        text += delta
        if len(text) > LONGEST:
            raise NotBlocks("The answer is too long.")
        # Only a brace begins another block. All of it is parsed again, so a flood of them waits for the end.
        if "{" not in delta or looked > MOST_BLOCKS:
            continue
        looked += 1
        for value in _blocks(text, whole=False)[released:-1]:
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
    if len(found) > MOST_BLOCKS:
        raise NotBlocks("The answer has too many blocks.")
    return found
