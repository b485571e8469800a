"""An answer and how it was counted -> the words of "Show the sums": formulas, values, the model."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from analytics.evidence import Group, lost_of, won_of
from analytics.facts import Fact, ModelCard, Unit, Verdict
from bot import glossary
from bot.narrator import ours
from bot.narrator.claims import Claim, knows, label, listed, say
from bot.narrator.words import Answer, Words, count

Statement = tuple[str, int, int]  #: as written, times read, rows in all


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything behind one answer that its reader may see."""

    answer: Answer
    words: Words
    groups: Sequence[Group]  # by metric, those said first
    hidden: int  # facts about colleagues that are not the reader's to see
    statements: Sequence[Statement]
    people: Mapping[str, str]  # names by id
    card: ModelCard | None = None  # of the model behind it; None when none was asked
    before: str = ""  # the generation of the answer shown, when it is another one than these sums'


def headline(evidence: Evidence) -> Claim:
    """Whose sums these are."""
    return say("sums.headline", headline=_text(evidence.words.headline))


def lead(evidence: Evidence) -> Claim:
    """How many figures, by how many formulas, from how much."""
    figures = sum(len(group.facts) for group in evidence.groups)
    numbers = {
        "figures": figures,
        "formulas": len(evidence.groups),
        "statements": sum(times for _, times, _ in evidence.statements),
        "rows": sum(rows for _, _, rows in evidence.statements),
    }
    return say("sums.lead", **{name: count(evidence.answer, name, n) for name, n in numbers.items()})


def moved(evidence: Evidence) -> Claim | None:
    """That the numbers are of another generation than the answer was; None when they are not."""
    if not evidence.before or evidence.before == evidence.answer.generation:
        return None
    return say("sums.moved", before=_text(evidence.before), now=_text(evidence.answer.generation))


def explained(metric: str) -> tuple[str, str]:
    """What a metric is called, and its formula with the trap in it.

    >>> explained("win_rate")[0]
    'Win rate'
    """
    if entry := glossary.entry(metric):
        said = say("sums.formula", formula=_text(entry.formula), trap=_text(entry.trap))
        return entry.title, said.text
    title, _, formula = label(f"sums_own.{metric}").text.partition(": ")
    return title, f"{formula}."


def entity(fact: Fact, people: Mapping[str, str]) -> str:
    """What a fact is of, in the reader's words: people by name."""
    if fact.entity in ("all", "answer"):
        return label(f"sums_entity.{fact.entity}").text
    parts = re.split(r"([,=])", fact.entity)
    named = (people.get(part.strip(), ours.said(part.strip().replace("_", " "))) for part in parts)
    return "".join(named).replace("=", " ").replace(",", ", ").replace(",  ", ", ")


def verdicts(evidence: Evidence) -> Iterator[Claim]:
    """What each verdict that the figures carry stands for."""
    seen = {fact.verdict for group in evidence.groups for fact in group.facts}
    for verdict in (Verdict.SIGNAL, Verdict.HINT, Verdict.NOISE):
        if verdict in seen:
            if not (entry := glossary.entry(verdict.name.lower())):
                continue
            words = {"title": entry.title, "formula": entry.formula, "trap": entry.trap}
            yield say("sums.verdict", **{slot: _text(text) for slot, text in words.items()})


def value(fact: Fact, people: Mapping[str, str]) -> Claim:
    """One figure in a line: of what, its value, range and deals; a win rate down to won and lost."""
    what = entity(fact, people)
    if fact.unit is Unit.COUNT and fact.value is not None:
        return say("sums.of_count", what=what, value=fact)
    why = f"unknown.{fact.unknown}"
    return say(
        "sums.of_line",
        what=what,
        value=fact,
        won=won_of(fact),
        lost=lost_of(fact),
        why=say(why if knows(why) else "unknown."),
    )


def left(evidence: Evidence, kind: str, number: int) -> Claim | None:
    """That so many of a kind ("more", "left_out", "hidden", ...) are not shown; None for none."""
    return say(f"sums.{kind}", left=count(evidence.answer, "left", number)) if number > 0 else None


def of_model(card: ModelCard) -> Iterator[Claim]:
    """Which model, what it learned from and looks at, and whether it earned its place."""
    yield say(
        "sums.model_id",
        model=_text(card.model),
        trained=card.trained_on,
        start=card.window_start,
        end=card.window_end,
    )
    if card.speaks:
        yield say("sums.gate_open", tests=card.test_deals, gain=card.improvement)
    else:
        yield say("sums.gate_closed")
    if card.features:
        yield say("sums.features", features=listed(label(f"feature.{name}") for name in card.features))


def _text(words: str) -> Claim:
    """Words of ours, or said before: nothing in them has to be cleaned again."""
    return Claim("ours", words)
