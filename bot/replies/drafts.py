"""What somebody chose and wrote in the modal of a rule -> the rule it makes; and back, for the modal."""

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from analytics import answers
from analytics.alerts import rules as ruling
from analytics.alerts.rules import LEVELS, METRICS, BadRule, Condition, Level, Rule, Subject
from analytics.questions import ALL_TIME, EVERYONE, BreakdownQuestion, Filter
from bot import intents
from bot.alerting import rulebook
from bot.blocks import forms
from bot.blocks.rulebook import CONDITIONS, NOTHING
from bot.coach import Inquiry
from bot.narrator.claims import say
from data.mendable import Mendable

THOUSANDS = {"k": 3, "m": 6}
Chosen = Mapping[str, str]  #: values of the modal by name


class Wrong(Mendable):
    """Something in the modal that means nothing, and the field it is in."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


async def drawn(chosen: Chosen, before: Rule | None, inquiry: Inquiry) -> Rule:
    """The rule that the modal describes, under an id of its own.

    Args:
        before: what the modal began with; None for a new rule.

    Raises:
        Wrong: a field that means nothing, or a whole that does not; the sentence says what would do.
    """
    found = [_condition(number, chosen, before) for number in range(CONDITIONS)]
    conditions = [one for one in found if one is not None]
    if not conditions:
        raise Wrong("threshold.0", say("rulebook.no_condition").text)
    subject = METRICS[conditions[0][1].metric].subject
    rule = replace(
        before or await _new(chosen, inquiry),
        level=_level(chosen, subject),
        subject=subject,
        every=tuple(one for counts, one in conditions if counts != "any_of"),
        any_of=tuple(one for counts, one in conditions if counts == "any_of"),
        filters=_filters(chosen.get("only", ""), inquiry),
    )
    titled = replace(rule, title=_title(chosen)) if rule.title else rule
    try:
        return ruling.checked(titled)
    except BadRule as bad:
        raise Wrong("threshold.0", str(bad)) from bad


async def newest(inquiry: Inquiry, rule_id: str) -> Rule | None:
    """The newest version of a rule; None for a new one.

    Raises:
        NoSuchRule: there is none of this id.
    """
    if not rule_id:
        return None
    settings = inquiry.coach.settings
    async with inquiry.coach.remembering() as memory, memory.read() as connection:
        return (await rulebook.one(connection, settings.workspace, settings, rule_id)).newest.rule


def only(rule: Rule | None) -> str:
    """A rule's filters in the words of `/winrate`."""
    if rule is None or not rule.filters:
        return ""
    line = intents.describe(intents.WinRate(BreakdownQuestion((), rule.filters)))
    return line.removeprefix("/winrate").strip().removeprefix("where").strip()


def number(text: str) -> Decimal:
    """A number as people write it.

    >>> number("50k"), number("$92,000"), number("35 %")
    (Decimal('5.0E+4'), Decimal('92000'), Decimal('35'))

    Raises:
        InvalidOperation: it is none.
    """
    plain = re.sub(r"[\s,%$€£]", "", text.lower())
    size = THOUSANDS.get(plain[-1:], 0)
    found = Decimal(plain[:-1] if size else plain).scaleb(size)
    if not found.is_finite():
        raise InvalidOperation
    return found


def _condition(place: int, chosen: Chosen, before: Rule | None) -> tuple[str, Condition] | None:
    """One condition and how it counts; None where nothing was chosen."""
    metric = chosen.get(f"metric.{place}", NOTHING)
    said = chosen.get(f"threshold.{place}", "").strip()
    if metric in ("", NOTHING):
        return None
    if not said:
        raise Wrong(f"threshold.{place}", say("rulebook.no_line").text)
    try:
        threshold = number(said)
    except InvalidOperation:
        raise Wrong(f"threshold.{place}", say("rulebook.no_number", said=said).text) from None
    made = Condition(metric, chosen.get(f"compare.{place}") or ">", threshold)
    return chosen.get(f"counts.{place}") or "every", _as_before(made, before)


def _as_before(made: Condition, before: Rule | None) -> Condition:
    """A condition that was not changed keeps its source."""
    key = (made.metric, made.comparison, made.threshold)
    known = before.conditions if before else ()
    return next((one for one in known if (one.metric, one.comparison, one.threshold) == key), made)


def _level(chosen: Chosen, subject: Subject) -> Level:
    """The level asked for; that of the subject where there is only one."""
    levels = LEVELS[subject]
    asked = chosen.get("level")
    return levels[0] if len(levels) == 1 or not asked else Level(asked)


async def _new(chosen: Chosen, inquiry: Inquiry) -> Rule:
    title, settings = _title(chosen), inquiry.coach.settings
    async with inquiry.coach.remembering() as memory, memory.read() as connection:
        kept = await rulebook.kept(connection, settings.workspace, settings)
    taken = [rule.id for rule in kept]
    return Rule(rulebook.new_id(title, taken), Level.P3, Subject.DEAL, title=title)


def _title(chosen: Chosen) -> str:
    title = forms.words(chosen.get("title", ""))
    if not title:
        raise Wrong("title", say("rulebook.title_missing").text)
    return title


def _filters(text: str, inquiry: Inquiry) -> tuple[Filter, ...]:
    """The filters that words as in `/winrate` name: values only, of all deals there are."""
    if not text.strip():
        return ()
    now = inquiry.generation
    line = text if text.strip().lower().startswith("where") else f"where {text}"
    try:
        intent = intents.parse("/winrate", line, answers.vocabulary(now, EVERYONE), now.as_of)
    except intents.NotUnderstood as unclear:
        raise Wrong("only", unclear.sentence) from unclear
    question = intent.question if isinstance(intent, intents.WinRate) else None
    if not isinstance(question, BreakdownQuestion) or question.dimensions or question.period != ALL_TIME:
        raise Wrong("only", say("rulebook.only_values").text)
    return question.filters
