"""A WhatIfQuestion -> its facts: what stopping or shifting a segment frees, and what would then be won."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from analytics import questions
from analytics import whatif as reckoning
from analytics.answers import notes
from analytics.answers.errors import AnswerError
from analytics.answers.kinds import Kind, kind
from analytics.answers.lists import people
from analytics.answers.mint import Mint, mint_of
from analytics.answers.remember import remembered
from analytics.cells import TIME
from analytics.facts import Fact, Note, Unit, WhatIf
from analytics.questions import EVERY_TYPE, BreakdownQuestion, Filter, Period, Scope, WhatIfQuestion
from analytics.spans import ENOUGH
from analytics.store import Effort, Generation
from analytics.verdict import Z95
from analytics.whatif import Guess

Filters = tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class _Sums:
    """Work and winnings of the period."""

    segment: Effort
    others: Effort  # all but the segment's and the target's
    target: Effort | None  # of a shift: without what it shares with the segment

    @property
    def rest(self) -> Effort:
        """All but the segment's."""
        return self.others if self.target is None else reckoning.plus(self.others, self.target)

    @property
    def all(self) -> Effort:
        return reckoning.plus(self.rest, self.segment)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question with everything its facts are made from."""

    generation: Generation
    question: WhatIfQuestion
    business: Kind
    scope: Scope
    period: Period
    mint: Mint

    def effort(self, filters: Filters, period: Period | None = None) -> Effort:
        """Of the kind of business shown."""
        chosen = tuple(f for f in filters if EVERY_TYPE not in f.values)
        return self.generation.effort(
            (*self.business.filters, *chosen), period or self.period, self.business.deal_type, self.scope
        )


@remembered
def whatif(generation: Generation, question: WhatIfQuestion, scope: Scope) -> WhatIf:
    """What dropping the segment, or working the target with its days, would change over a like period.

    Raises:
        AnswerError: a segment of no deal, of time or stage, or the same one twice; the message says which.
    """
    asked = _asked(generation, question, scope)
    sums = _sums(asked)
    change = _change(sums)
    enough = all(of.closed >= ENOUGH for of in (sums.segment, sums.target) if of is not None)
    return WhatIf(
        action=question.action,
        where=tuple((f.dimension, value) for f in question.segment for value in f.values),
        labels=_labels(generation, question.segment),
        to_labels=_labels(generation, question.to),
        period=asked.period.label,
        figures=_figures(asked, sums, change),
        verdict_change=change.is_clear() if enough and change else None,
        scope=scope.label,
        deal_type=asked.business.shown,
        filters=(),
        notes=tuple(_notes(asked, sums, enough)),
        as_of=generation.as_of,
        generation=generation.id,
    )


def _asked(generation: Generation, question: WhatIfQuestion, scope: Scope) -> _Asked:
    chosen = (*question.segment, *question.to)
    _check(question)
    every = tuple(f for f in chosen if EVERY_TYPE in f.values)
    dimensions = tuple(f.dimension for f in chosen if f not in every)
    business = kind(generation, BreakdownQuestion(dimensions, every))
    period = _clipped(generation, question.period or _four_quarters(generation))
    return _Asked(generation, question, business, scope, period, mint_of(generation, period.label))


def _check(question: WhatIfQuestion) -> None:
    for chosen in (*question.segment, *question.to):
        if chosen.dimension in ("stage", *TIME):
            raise AnswerError(
                f"A what-if cannot be asked of {chosen.dimension}: nobody chooses it. Name a region, an "
                "industry, a lead source or another property of the deal."
            ).called("whatif_of", dimension=chosen.dimension)
    if not question.segment or (question.action == "shift" and not question.to):
        raise AnswerError(
            "Name what to stop, as in `drop EdTech`, or a shift, as in `shift EdTech to SaaS`."
        ).called("whatif_name")


def _four_quarters(generation: Generation) -> Period:
    """The last four quarters that are over."""
    day = generation.as_of + timedelta(days=1)
    place = day.year * 4 + (day.month - 1) // 3
    first, last = (questions.quarter(at // 4, at % 4 + 1) for at in (place - 4, place - 1))
    return Period(first.start, last.end, f"{first.label} to {last.label}")


def _clipped(generation: Generation, period: Period) -> Period:
    """The part of the period that the data know: it ends on their day, and starts with their first close."""
    first = generation.first_close_day or generation.as_of
    start = max(period.start or first, first)
    end = min(period.end or generation.as_of, generation.as_of)
    if start > end:
        raise AnswerError(
            f"Nothing closed in {period.label!r}. Name a period between {first} and {end}."
        ).called("whatif_closed", period=repr(period.label), first=first, last=end)
    return Period(start, end, period.label)


def _sums(asked: _Asked) -> _Sums:
    question = asked.question
    segment, everything = _known(asked, question.segment), asked.effort(())
    target = None
    if question.action == "shift":
        shared = asked.effort((*question.segment, *question.to))
        target = reckoning.plus(_known(asked, question.to), shared, -1)
        if not target.deals:
            raise AnswerError(
                f"{_named(asked, question.to)} has no deals but those that would be shifted."
            ).called("whatif_same", name=_named(asked, question.to))
    rest = reckoning.plus(everything, segment, -1)
    return _Sums(segment, rest if target is None else reckoning.plus(rest, target, -1), target)


def _known(asked: _Asked, filters: Filters) -> Effort:
    """The sums of a segment that has deals.

    Raises:
        AnswerError: it has none.
    """
    found = asked.effort(filters)
    if not found.deals:
        raise AnswerError(
            f"No deal of {_named(asked, filters)} was open in {asked.period.label}. "
            "Name a segment that has deals, or another period."
        ).called("whatif_none", name=_named(asked, filters), period=asked.period.label)
    return found


def _named(asked: _Asked, filters: Filters) -> str:
    return " / ".join(_labels(asked.generation, filters))


def _labels(generation: Generation, filters: Filters) -> tuple[str, ...]:
    names = people(generation)
    return tuple(names.get(v, v) if f.dimension == "rep" else v for f in filters for v in f.values)


def _change(sums: _Sums) -> Guess | None:
    if sums.target is None:
        return reckoning.dropped(sums.segment)
    return reckoning.shifted(sums.segment, sums.target)


def _figures(asked: _Asked, sums: _Sums, change: Guess | None) -> Mapping[str, Fact]:
    """By name, as `facts.WhatIf` lists them."""
    mint, segment = asked.mint, sums.segment
    won = Guess(segment.amount, 0.0)
    rate = reckoning.win_rate_change(segment, sums.others, sums.target)
    figures = {
        "deals": mint.count("deals", int(segment.closed), "segment"),
        "open_deals": mint.count("open_deals", _open_now(asked), "segment"),
        "capacity": _guessed(asked, "capacity", reckoning.capacity(segment), Unit.NUMBER, "segment"),
        "capacity_share": mint.fact("capacity_share", _share(sums), Unit.FRACTION, "segment"),
        "won_amount": _guessed(asked, "won_amount", won, Unit.MONEY, "segment"),
        "change_amount": _guessed(asked, "change_amount", change, Unit.MONEY, "all"),
        "change_win_rate": _guessed(asked, "change_win_rate", rate, Unit.POINTS, "all", Z95),
    }
    for name, part in {"segment": segment, "rest": sums.rest, "to": sums.target}.items():
        if part is not None:
            daily = reckoning.per_day(part)
            figures[f"per_day_{name}"] = _guessed(asked, "won_per_deal_day", daily, Unit.MONEY_PER_DAY, name)
    return figures


def _open_now(asked: _Asked) -> int:
    """Deals of the segment that are open on the day of the data."""
    today = asked.generation.as_of
    now = asked.effort(asked.question.segment, Period(today, today, "today"))
    return int(now.deals - now.closed)


def _share(sums: _Sums) -> float:
    return sums.segment.days / sums.all.days


def _guessed(
    asked: _Asked, metric: str, guess: Guess | None, unit: Unit, of: str, z: float = reckoning.Z_RANGE
) -> Fact:
    """A value with its range; without one where it is counted, not guessed."""
    currency = asked.generation.currency if unit in (Unit.MONEY, Unit.MONEY_PER_DAY) else ""
    if guess is None:
        return asked.mint.fact(metric, None, unit, of, currency=currency, unknown="too_few_deals")
    low, high = guess.range(z) if guess.error else (None, None)
    return asked.mint.fact(metric, guess.value, unit, of, low=low, high=high, currency=currency)


def _notes(asked: _Asked, sums: _Sums, enough: bool) -> Iterator[Note]:
    """What limits the answer, in order of weight."""
    generation = asked.generation
    if enough and not reckoning.differ(sums.segment, sums.target or sums.rest):
        yield Note("segments_alike")
    yield from notes.of_business(generation, asked.business, asked.period, asked.scope, asked.mint)
    excluded = generation.in_other_currencies((), asked.period, asked.business.deal_type, asked.scope)
    if excluded:
        yield Note("currency_mix", {"excluded": asked.mint.count("deals", excluded, "other currencies")})
    if not asked.scope.everyone:
        yield Note("scope", names={"scope": asked.scope.label})
