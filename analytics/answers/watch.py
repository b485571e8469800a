"""A WatchQuestion -> its facts: each month against its limits, what left them, and what could not be seen."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from analytics import breakdown, facts, verdict
from analytics import watch as watching
from analytics.answers import notes
from analytics.answers.errors import AnswerError
from analytics.answers.kinds import Kind, kind
from analytics.answers.lists import people
from analytics.answers.mint import Mint, mint_of
from analytics.answers.remember import remembered
from analytics.breakdown import Calendar
from analytics.cells import TIME
from analytics.facts import Fact, Note, Unit, Watched
from analytics.questions import ALL_TIME, BreakdownQuestion, Filter, Scope, WatchQuestion
from analytics.store import CellRow, Generation
from analytics.watch import PROMISED, Month, Seen, Watching

THIN = 10  #: closed deals of a typical month below which a segment is not watched
MOST = 40  #: segments watched: those with most deals

UNWATCHED = ("stage", *TIME)  #: the last stage follows from the outcome, and time is what is watched
STATES = ("floor", "drift", "shock", "stable", "no_baseline")  #: in the order they are told

Counts = Mapping[str, tuple[int, int]]  # month -> closed, won


@dataclass(frozen=True, slots=True)
class _Series:
    """The months of everything (`value` None) or of a segment, whole ones and others."""

    value: str | None
    counts: Counts

    def deals(self, months: Sequence[str]) -> list[int]:
        """Closed deals in each of these months."""
        return [self.counts.get(month, (0, 0))[0] for month in months]

    def won(self, months: Sequence[str]) -> list[int]:
        """Won ones."""
        return [self.counts.get(month, (0, 0))[1] for month in months]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question with everything its facts are made from."""

    generation: Generation
    question: WatchQuestion
    business: Kind
    scope: Scope
    mint: Mint
    months: Mapping[str, str]  # every month in a row -> why it is not complete, "" when it is

    @property
    def complete(self) -> list[str]:
        return [month for month, reason in self.months.items() if not reason]

    @property
    def recent(self) -> list[str]:
        """The complete months of the last year."""
        return self.complete[-watching.BASELINE :]


@remembered
def watch(generation: Generation, question: WatchQuestion, scope: Scope) -> facts.Watch:
    """Whether the win rate is unusual, month by month: of everything, and of each value of the dimension.

    Everything is judged alike whatever it is cut by, with a promise on its false alarms; the segments of one
    answer share another. The next question has a budget of its own: asked by region and then by product, a
    stable team has two more chances of a false alarm.

    Months that are not complete are shown and never judged. With fewer than twelve complete ones nothing is:
    the state is "no_baseline".

    Raises:
        AnswerError: the dimension cannot be watched, or the floor is no win rate.
    """
    _check(question)
    asked = _asked(generation, question, scope)
    everything, *segments = _series(asked)
    watched, thin = _worth_watching(asked, segments)
    series = [everything, *watched]
    seen = _watching(asked, series)
    rows = [_watched(asked, one, found) for one, found in zip(series, seen.series, strict=True)]
    return facts.Watch(
        dimension=question.dimension or "",
        watched=(rows[0], *sorted(rows[1:], key=lambda row: STATES.index(row.state))),
        false_alarms=_false_alarms(asked, rows),
        detectable=_detectable(asked, rows[0], seen),
        scope=scope.label,
        deal_type=asked.business.shown,
        filters=tuple((f.dimension, _labels(asked, f)) for f in asked.business.filters),
        notes=tuple(_notes(asked, everything, thin)),
        as_of=generation.as_of,
        generation=generation.id,
    )


def _check(question: WatchQuestion) -> None:
    if question.dimension in UNWATCHED:
        raise AnswerError(
            f"{question.dimension!r} cannot be watched: it follows from how and when deals closed. "
            "Watch region, lead_source or another property of the deal."
        ).called("cannot_watch", dimension=repr(question.dimension))
    if question.floor is not None and not 0 < question.floor < 1:
        raise AnswerError(
            f"A floor is a win rate between 0 and 100 %, not {100 * question.floor:g} %."
        ).called("watch_floor", least=0, most="100 %", floor=f"{100 * question.floor:g} %")


def _asked(generation: Generation, question: WatchQuestion, scope: Scope) -> _Asked:
    dimensions = (question.dimension,) if question.dimension else ()
    business = kind(generation, BreakdownQuestion(dimensions, question.filters))
    found = generation.cells(("month",), business.filters, ALL_TIME, business.deal_type, scope)
    calendar = Calendar(generation.as_of, generation.first_close_day, generation.last_created_day)
    months = _in_a_row([row.values[0] for row in found])
    reasons = {month: calendar.incomplete(breakdown.period(month)) for month in months}
    return _Asked(generation, question, business, scope, mint_of(generation), reasons)


def _in_a_row(labels: Sequence[str]) -> Iterator[str]:
    """Every month from the first to the last, those without a deal too."""
    if labels:
        first, last = (12 * int(label[:4]) + int(label[5:]) - 1 for label in (labels[0], labels[-1]))
        yield from (f"{month // 12}-{month % 12 + 1:02d}" for month in range(first, last + 1))


def _series(asked: _Asked) -> list[_Series]:
    """Everything, then the values of the dimension, those with most deals first; one value is everything."""
    split = _cells(asked, *([asked.question.dimension] if asked.question.dimension else []))
    values: dict[str, dict[str, tuple[int, int]]] = {}
    for row in split if asked.question.dimension else ():
        values.setdefault(row.values[0], {})[row.values[1]] = (row.deals, row.won)
    whole = {row.values[0]: (row.deals, row.won) for row in _cells(asked)}
    segments = [_Series(value, counts) for value, counts in values.items()] if len(values) > 1 else []
    return [_Series(None, whole), *sorted(segments, key=lambda one: -sum(one.deals(asked.complete)))]


def _cells(asked: _Asked, *dimensions: str) -> list[CellRow]:
    business = asked.business
    cut = (*dimensions, "month")
    return asked.generation.cells(cut, business.filters, ALL_TIME, business.deal_type, asked.scope)


def _worth_watching(asked: _Asked, segments: Sequence[_Series]) -> tuple[list[_Series], list[_Series]]:
    """The segments to watch, and those left out: too few deals a month, or too many segments."""
    recent = asked.recent
    enough = [one for one in segments if recent and median(one.deals(recent)) >= THIN][:MOST]
    return enough, [one for one in segments if one not in enough]


def _watching(asked: _Asked, series: Sequence[_Series]) -> Watching:
    months = asked.complete
    if not months:
        nothing = Seen(months=(), state="no_baseline", sigma=1.0)
        return Watching((nothing,) * len(series), None)
    n, won = (
        np.array(c) for c in zip(*((one.deals(months), one.won(months)) for one in series), strict=True)
    )
    return watching.watch(n, won, (int(months[0][5:]) - 1) % 3, asked.question.floor)


def _watched(asked: _Asked, series: _Series, seen: Seen) -> Watched:
    mint, of = asked.mint, _entity(asked, series)
    judged = dict(zip(asked.complete, seen.months, strict=True))
    value, known = series.value, seen.usual is not None
    return Watched(
        where=() if value is None else ((asked.question.dimension or "", value),),
        labels=() if value is None else (_label(asked, value),),
        months=tuple(_month(asked, series, m, judged.get(m, Month())) for m in asked.months),
        baseline=mint.fact(
            "usual_win_rate", seen.usual, Unit.FRACTION, of, n=seen.usual_n or None, unknown="no_baseline"
        ),
        wobble=mint.fact("wobble", seen.sigma if known else None, Unit.NUMBER, of, unknown="no_baseline"),
        state=seen.state,
        since="" if seen.since is None else asked.complete[seen.since],
        change=_change(mint, of, seen),
        trailing=_trailing(mint, of, seen),
    )


def _entity(asked: _Asked, series: _Series) -> str:
    return "all" if series.value is None else f"{asked.question.dimension}={series.value}"


def _label(asked: _Asked, value: str) -> str:
    return people(asked.generation).get(value, value) if asked.question.dimension == "rep" else value


def _labels(asked: _Asked, chosen: Filter) -> tuple[str, ...]:
    names = people(asked.generation)
    return tuple(names.get(v, v) if chosen.dimension == "rep" else v for v in chosen.values)


def _month(asked: _Asked, series: _Series, month: str, judged: Month) -> facts.Month:
    deals, won = series.counts.get(month, (0, 0))
    low, high = (float(end) for end in verdict.wilson(won, deals))
    of, known = f"{_entity(asked, series)}, {month}", deals > 0
    return facts.Month(
        label=month,
        win_rate=asked.mint.fact(
            "win_rate",
            won / deals if known else None,
            Unit.FRACTION,
            of,
            n=deals,
            low=low if known else None,
            high=high if known else None,
            unknown="no_closed_deals",
        ),
        low=_limit(asked.mint, f"{of}, low", judged.low),
        high=_limit(asked.mint, f"{of}, high", judged.high),
        signal=judged.signal,
        incomplete=asked.months[month],
    )


def _limit(mint: Mint, of: str, value: float | None) -> Fact | None:
    return None if value is None else mint.fact("control_limit", value, Unit.FRACTION, of)


def _change(mint: Mint, of: str, seen: Seen) -> Fact | None:
    change = seen.change
    if change is None:
        return None
    return mint.fact("change_since", change.points, Unit.POINTS, of, low=change.low, high=change.high)


def _trailing(mint: Mint, of: str, seen: Seen) -> Fact | None:
    last = seen.trailing
    if last is None:
        return None
    of = f"{of}, last {watching.TRAILING} months"
    return mint.fact(
        "win_rate", last.rate, Unit.FRACTION, of, n=last.n, low=last.low, high=last.high, verdict=last.verdict
    )


def _false_alarms(asked: _Asked, rows: Sequence[Watched]) -> Fact:
    judged = any(row.state != "no_baseline" for row in rows)
    value = PROMISED if judged else None
    return asked.mint.fact("false_alarms", value, Unit.FRACTION, "all", unknown="no_baseline")


def _detectable(asked: _Asked, everything: Watched, seen: Watching) -> Fact:
    known = everything.baseline.value is not None
    reason = "too_few_deals_a_month" if known else "no_baseline"
    return asked.mint.fact("detectable_drop", seen.detectable, Unit.POINTS, "all", unknown=reason)


def _notes(asked: _Asked, everything: _Series, thin: Sequence[_Series]) -> Iterator[Note]:
    """What limits the answer, in order of weight."""
    generation, mint = asked.generation, asked.mint
    if not everything.counts:
        yield Note("no_closed_deals")
    yield from notes.of_business(generation, asked.business, ALL_TIME, asked.scope, mint)
    marked: dict[str, list[str]] = {}
    for month, reason in asked.months.items():
        if reason:
            marked.setdefault(reason, []).append(month)
    yield from notes.of_incomplete(generation, marked, mint)
    if thin:
        names = ", ".join(_label(asked, one.value or "") for one in thin)
        yield Note(
            "too_thin_to_watch", {"segments": mint.count("cells", len(thin), "thin")}, {"names": names}
        )
    if not asked.scope.everyone:
        yield Note("scope", names={"scope": asked.scope.label})
