"""What a model chose once for the same words, so that asking again makes no call."""

import hashlib
import json
from collections.abc import Iterable

from cachetools import TTLCache

from bot.narrator.telling.blocks import Block
from bot.narrator.words import Words

KEPT = 2_000  #: answers
SECONDS = 3_600  #: the key changes with the numbers; this only ends one choice of words


class Cache:
    """Owns the blocks that were accepted, by everything they depend on. One for a process."""

    def __init__(self) -> None:
        self._kept: TTLCache[str, tuple[Block, ...]] = TTLCache(maxsize=KEPT, ttl=SECONDS)

    def blocks(self, key: str) -> tuple[Block, ...]:
        """What was accepted under this key; () when nothing is kept."""
        return self._kept.get(key, ())

    def keep(self, key: str, accepted: Iterable[Block]) -> None:
        """Keep what was accepted."""
        self._kept[key] = tuple(accepted)


def key(prompt: str, model: str, words: Words, scope: str, line: str, mode: str) -> str:
    """A hash over all that an answer's words depend on; another scope is another key.

    Args:
        prompt: the id of the prompt, which tells its version and content.
        words: the template's; their last line tells the generation.
        scope: whose deals the viewer may see.
        line: the command line that asks for the answer; case and spaces do not matter.
    """
    parts = [words.verdict, words.warning, words.context, *(c.marked for c in (*words.said, *words.plays))]
    asked = [prompt, model, scope, " ".join(line.casefold().split()), mode]
    told = json.dumps([*asked, sorted(fact.generation for fact in words.own), *parts])
    return hashlib.sha256(told.encode()).hexdigest()
