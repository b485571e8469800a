"""The words of an answer in, lines out one by one: of a model where it may and can, else the template's."""

import functools
import json
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

import structlog

from bot.model.calls import Asker, Unavailable
from bot.narrator.claims import Claim, say
from bot.narrator.telling.blocks import NotBlocks, lines, values
from bot.narrator.telling.cache import Cache, key
from bot.narrator.telling.lint import MOST_SENTENCES, MOST_WORDS
from bot.narrator.telling.registry import LEAST_LINES, MOST_LINES, PEOPLE, Mode, registry
from bot.narrator.telling.teller import Line, Teller
from bot.narrator.words import Answer, Words
from prompts import files
from prompts.files import Prompt

log = structlog.get_logger()


class Speaker(Protocol):
    """What is needed of a language model."""

    @property
    def name(self) -> str: ...
    def stream(
        self, prompt: Prompt, messages: list[dict[str, Any]], schema: dict[str, Any] | None, asker: Asker
    ) -> AsyncGenerator[str, None]: ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an answer came to be told, for logs and feedback: ids and counts only."""

    told_by: Literal["model", "template"]
    model: str  # "" when none was to be asked
    prompt: str  # the prompt's id, the same
    reason: str  # why a model was asked in vain: a code of `Unavailable`, "bad_json" or "nothing_told"
    dropped: Mapping[str, int]  # blocks not told, by code
    checked: int  # figures in the lines
    claims: tuple[str, ...]  # ids of the sentences, as they were said


class Telling:
    """Tells one answer once. Its verdict is said by code before, and is no part of this.

    Args:
        words: the template's; they hold every sentence that may be told.
        model: None tells the template's words, as does mode "off".
        asker: for whom the model works.
        mode: whether the model may also suggest in its own words, only choose, or nothing.
        line: the command line that asks for this answer.
        scope: whose deals the viewer may see; words are never shared between scopes.
        cache: what was chosen before; None remembers nothing.
        answer: what the words tell; without it no sentence is looked at again, and no strength is known but
            the verdict's own.
        names: of all that the viewer can name; a suggestion touches none of them.
    """

    def __init__(
        self,
        words: Words,
        model: Speaker | None,
        asker: Asker,
        mode: Mode,
        line: str,
        scope: str,
        cache: Cache | None = None,
        answer: Answer | None = None,
        names: Collection[str] = (),
    ) -> None:
        self._words = words
        if mode == "suggest" and any(map(PEOPLE.fullmatch, line.casefold().split())):
            mode = "select"
        self._registry = registry(words, mode, answer.facts() if answer else {})
        self._model = model if mode != "off" and self._registry.claims else None
        self._asker = asker
        self._cache = cache or Cache()
        self._prompt = files.prompt("narrate")
        self._key = key(self._prompt.id, model.name if model else "", words, scope, line, mode)
        self._teller = Teller(words, self._registry, answer, names)
        self._reason = ""

    async def lines(self) -> AsyncGenerator[Line, None]:
        """The bullets, each as soon as it may be read, limits last; whole whatever the model does."""
        if self._model is not None:
            async with aclosing(self._of_model(self._model)) as told:
                async for line in told:
                    yield line
        for line in self._teller.rest(least=self._by_model):
            yield line
        self._log()

    def owed(self) -> list[str]:
        """The bullets that are to be told even where no more words come: limits, main facts, and a play."""
        return [line.text for line in self._teller.rest(least=True)]

    def words(self) -> Words:
        """The answer with the lines told, and a last line that says who told them.

        Stopped early it has the lines so far and those that may not be left out; not begun at all, the
        template's words.
        """
        lines = [*self._teller.lines, *self._teller.rest(least=bool(self._teller.lines))]
        said = tuple(line.said for line in lines)
        return replace(
            self._words, lines=tuple(line.text for line in lines), said=said, context=self._last_line()
        )

    @property
    def outcome(self) -> Outcome:
        """How it was told, so far."""
        lines = self._teller.lines
        return Outcome(
            told_by="model" if self._by_model else "template",
            model=self._model.name if self._model else "",
            prompt=self._prompt.id if self._model else "",
            reason=self._reason,
            dropped=dict(self._teller.dropped),
            checked=len({fact for line in lines for fact in line.said.fact_ids}),
            claims=tuple(claim for line in lines for claim in line.claims),
        )

    @property
    def _by_model(self) -> bool:
        return self._model is not None and not self._reason and self._teller.is_useful

    async def _of_model(self, model: Speaker) -> AsyncGenerator[Line, None]:
        """The lines of what was chosen before, or is chosen now; a fault ends them and leaves its code."""
        for known in self._cache.blocks(self._key):
            if line := self._teller.offer(known):
                yield line
        if self._teller.lines:
            return
        try:
            async with aclosing(self._stream(model)) as told:
                async for line in told:
                    yield line
        except Unavailable as unavailable:
            self._reason = unavailable.code
        except NotBlocks:
            self._reason = "bad_json"
        self._settle()

    async def _stream(self, model: Speaker) -> AsyncGenerator[Line, None]:
        messages = [
            {"role": "system", "content": _instructions(self._prompt)},
            {"role": "user", "content": json.dumps(self._registry.request(), ensure_ascii=False)},
        ]
        stream = model.stream(self._prompt, messages, self._registry.schema(), self._asker)
        async with aclosing(stream) as deltas, aclosing(values(deltas)) as chosen:
            async for value in chosen:
                for one in lines(value):
                    if line := self._teller.offer(one):
                        yield line

    def _settle(self) -> None:
        """Keep what was chosen well; a whole answer of which nothing could be told is a fault too."""
        if self._by_model:
            self._cache.keep(self._key, self._teller.accepted)
        elif not self._reason:
            self._reason = "nothing_told"

    def _last_line(self) -> str:
        slots = {"context": Claim("context", self._words.context)}
        if self._by_model and self._model is not None:
            return say("telling.by_model", model=Claim("model", self._model.name), **slots).text
        return say("telling.plain", **slots).text if self._reason else self._words.context

    def _log(self) -> None:
        told = self.outcome
        log.info(
            "answer told",
            by=told.told_by,
            model=told.model,
            prompt=told.prompt,
            reason=told.reason,
            dropped=dict(told.dropped),
            lines=len(self._teller.lines),
        )


@functools.cache
def _instructions(prompt: Prompt) -> str:
    """The prompt with the limits that code keeps."""
    known = files.vocabulary()
    openers = ", ".join(sorted(word.capitalize() for word in known["openers"]))
    common = ", ".join(sorted({*known["words"], *known["phrases"]} - known["openers"]))
    return prompt.text.substitute(
        openers=openers,
        vocabulary=common,
        sentences=MOST_SENTENCES,
        words=MOST_WORDS,
        lines=MOST_LINES,
        least=LEAST_LINES,
    )
