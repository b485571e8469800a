"""Blocks of a model in, lines that may be read out: known, new, and with no fact of the model's own."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from bot.narrator.check import Known, check, names_of
from bot.narrator.claims import Claim
from bot.narrator.telling.blocks import Block, Play, Say, Tell
from bot.narrator.telling.lint import lint, straightened
from bot.narrator.telling.registry import LEAST_LINES, MOST_LINES, Registry, is_limit, polarity
from bot.narrator.words import Answer, Words
from prompts import files

MOST_SAID = 1  #: suggestions of the model's own: the numbers are the answer

#: What the checker asks of statements only. A suggestion states nothing; the lint has exact lists of its own.
OF_STATEMENTS = frozenset({"direction", "comparison", "cause", "noise", "quantifier", "negation", "verdict"})

By = Literal["claim", "play", "say", "template"]


@dataclass(frozen=True, slots=True)
class Line:
    """One bullet, as it is read; `said` is the same with its names marked and the facts it spells."""

    said: Claim
    by: By
    claims: tuple[str, ...] = ()  # ids of the sentences in it

    @property
    def text(self) -> str:
        """The bullet."""
        return self.said.text


class Refused(Exception):
    """A block that is not told; `code` says why.

    One of ours (shape, unknown, untold, repeated, too_many), one of the lint's, or `check_` and one of the
    checker's.
    """

    def __init__(self, code: str) -> None:
        super().__init__(f"The block is not told: {code}.")
        self.code = code


class Teller:
    """Owns what was told of one answer so far.

    What the model chose or wrote goes through the checker as a second look. The template's own bullets do
    not: what is told without a model is not for the checker to silence.

    Args:
        answer: what the words tell. Without it no sentence can be checked, only suggestions.
        names: what a suggestion must not touch, besides the names of this answer.
    """

    def __init__(
        self,
        words: Words,
        registry: Registry,
        answer: Answer | None = None,
        names: Collection[str] = (),
    ) -> None:
        self.lines: list[Line] = []
        self.accepted: list[Block] = []
        self.dropped: Counter[str] = Counter()
        self._words = words
        self._registry = registry
        self._told: set[Claim] = set()
        self._doubted: set[Claim] = set()
        self._names = frozenset((*registry.names, *names))
        self._known = _known(registry, answer)
        self._may_check = answer is not None

    @property
    def is_useful(self) -> bool:
        """Was a claim chosen? A suggestion alone is no answer, unless every claim is a limit."""
        chosen = {line.by for line in self.lines} - {"template"}
        return "claim" in chosen or (bool(chosen) and not self._registry.is_free)

    def offer(self, block: Block | None) -> Line | None:
        """The line of a block, from now on told; None for one that may not be told."""
        try:
            line = self._line(block)
        except Refused as refused:
            self.dropped[refused.code] += 1
            return None
        if block is not None:
            self.accepted.append(block)
        self.lines.append(line)
        return line

    def rest(self, *, least: bool) -> Iterator[Line]:
        """The template's bullets that are still to be told, in its order: all, or at least the due ones."""
        due = self._due()
        for claim in self._words.said:
            is_play = claim is self._registry.advice
            if claim in self._told or (is_play and self._has("play")):
                continue
            if is_play or not least or claim in due:
                self._told.add(claim)
                self.lines.append(Line(claim, "template", (claim.id,)))
                yield self.lines[-1]

    def _due(self) -> set[Claim]:
        """What may not be left out: limits, the main facts, good and bad news, and `LEAST_LINES` in all."""
        known = self._registry
        due = {known.claims[one] for one in known.required}
        free = [one for one in known.claims.values() if not is_limit(one) and one not in self._doubted]
        for news in ("good", "bad"):
            of_it = [claim for claim in free if polarity(claim) == news]
            if self._told.union(due).isdisjoint(of_it):
                due |= set(of_it[:1])
        told = self._told | due
        short = LEAST_LINES - sum(claim in told for claim in free)
        return due | set([claim for claim in free if claim not in told][: max(short, 0)])

    def _line(self, block: Block | None) -> Line:
        if len(self.lines) >= MOST_LINES:
            raise Refused("too_many")
        match block:
            case Tell():
                return self._of_claim(block)
            case Play():
                return self._of_play(block)
            case Say() if self._registry.mode == "suggest":
                return self._of_say(block)
        raise Refused("shape")

    def _of_claim(self, block: Tell) -> Line:
        claim = self._one(self._registry.claims, block.id)
        if claim in self._told:
            raise Refused("repeated")
        self._doubted.add(claim)
        self._look_again(claim)
        self._doubted.discard(claim)
        self._told.add(claim)
        return Line(claim, "claim", (claim.id,))

    def _of_play(self, block: Play) -> Line:
        play = self._one(self._registry.plays, block.id)
        if self._one(self._registry.claims, block.reason) not in self._told:
            raise Refused("untold")
        if self._has("play"):
            raise Refused("repeated")
        advice = self._registry.advised(play)
        self._look_again(advice)
        return Line(advice, "play", (play.id,))

    def _of_say(self, block: Say) -> Line:
        text = straightened(block.text)
        if wrong := lint(text, self._names):
            raise Refused(wrong)
        if sum(line.by == "say" for line in self.lines) >= MOST_SAID:
            raise Refused("too_many")
        self._check(text, ignoring=OF_STATEMENTS)
        return Line(Claim("telling.say", text), "say")

    def _look_again(self, claim: Claim) -> None:
        if self._may_check:
            self._check(claim.text)

    def _check(self, text: str, *, ignoring: Collection[str] = ()) -> None:
        for problem in check(text, self._known):
            if problem.code not in ignoring:
                raise Refused(f"check_{problem.code}")

    def _one(self, among: Mapping[str, Claim], known: str) -> Claim:
        if known not in among:
            raise Refused("unknown")
        return among[known]

    def _has(self, by: By) -> bool:
        return any(line.by == by for line in self.lines)


def _known(registry: Registry, answer: Answer | None) -> Known:
    """What may be said of an answer: its facts, its names, and acronyms that everybody uses."""
    acronyms = (form for one in files.vocabulary()["acronyms"] for form in (one, f"{one}'s"))
    names = dict.fromkeys((*registry.names, *acronyms), "") | names_of(answer)
    return Known(tuple(registry.facts.values()), names)
