"""Rules and a load -> what they would have told in the last complete weeks, and what those alerts are worth.

Every day of these weeks is seen with what was known on it, judged by the limits and the model of the day
before they began. Nobody was told of these alerts, so what followed is what follows by itself.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics import publish, refresh, store
from analytics.alerts.alike import Contrast, Side
from analytics.alerts.deals import limit
from analytics.alerts.epochs import Epochs
from analytics.alerts.ration import NEVER, Economy
from analytics.alerts.replay import replay
from analytics.alerts.rules import Level, Rule, Subject
from analytics.alerts.season import LOUDNESS, Alerts, Season, joined
from analytics.answers.mint import Mint
from analytics.engine import Engine
from analytics.facts import BacktestAnswer, Fact, Note, Trial, TrialWeek, Unit, Verdict, Worth
from analytics.store import Generation
from analytics.verdict import ALPHA, verdicts, wilson
from data.tables import Tables

Ints = NDArray[np.int64]
Progress = Callable[[str, int, int], None]

__all__ = ["Economy", "backtest"]

WEEK = 7
WEEKS = 13  #: complete weeks that are tried: a quarter
FOLLOWED = 14  #: days within which an alert ends by itself, or does not
#: Days before the first one that are looked at: the day before says what was over the line already, and a
#: week before that what fell since.
BEFORE = 8
MOST_UNKNOWN = (
    0.25  #: share of deals and days without a metric beyond which it is told that alerts are missing
)
#: Endings in which somebody did something, or the deal was won, without an alert.
BY_ITSELF = ("won", "moved", "activity", "date_moved")
#: Level of all P1 rules together.
TOGETHER = Level.P1.value


def backtest(
    tables: Tables,
    rules: Sequence[Rule],
    as_of: date,
    economy: Economy,
    home: Path,
    *,
    about: str = "",
    progress: Progress | None = None,
) -> BacktestAnswer:
    """What rules would have told in the last 13 complete weeks before a day, and what became of the deals.

    All rules share the budgets: of several that hold for a deal the loudest counts, then the first in order.

    Args:
        tables: the current load.
        rules: those that are on, in their order, and the one asked about.
        about: id of the rule that is asked about; "" for all.
        progress: told each step, its place and how many there are.

    Raises:
        CorruptGeneration, DamagedTables, EngineError: the past days cannot be built.
    """
    season = seen(tables, rules, as_of, economy, home, progress=progress)
    mint = Mint(as_of, store.current(home).id)
    return answer(season, rules, mint, about, tables.manifest["currency"] or "")


def seen(
    tables: Tables,
    rules: Sequence[Rule],
    as_of: date,
    economy: Economy,
    home: Path,
    *,
    progress: Progress | None = None,
) -> Season:
    """The rules about deals on the last complete weeks before a day; arguments as of `backtest`."""
    tell = progress or _silent
    start, monday = _weeks_before(as_of)
    tried = sorted(
        (one for one in rules if one.subject is Subject.DEAL), key=lambda one: LOUDNESS.index(one.level)
    )
    filtered = {one.dimension for rule in tried for one in rule.filters}
    tell("limits", 1, 2)
    known = _known(tables, home, limits_of(as_of))
    tell("days", 2, 2)
    with Engine(tables, as_of, spill=publish.replays(home).spill, memory=refresh.room(tables)) as engine:
        days = replay(engine, start.toordinal() - BEFORE, as_of.toordinal(), known, filtered)
    managers = {one.person_id: one.manager_id or "" for one in known.people()}
    return Season(days, start.toordinal(), monday.toordinal(), tuple(tried), managers, economy)


def limits_of(as_of: date) -> date:
    """The day whose limits and model a trial takes: the one before its weeks.

    >>> limits_of(date(2024, 6, 28)).isoformat()
    '2024-03-24'
    """
    return _weeks_before(as_of)[0] - timedelta(days=1)


def _weeks_before(as_of: date) -> tuple[date, date]:
    """The first day of the weeks that are tried, and the day after their last."""
    monday = as_of - timedelta(days=as_of.weekday())
    return monday - timedelta(weeks=WEEKS), monday


def _known(tables: Tables, home: Path, day: date) -> Generation:
    """The generation that knows what was known on a past day, kept or built anew."""
    kept = store.asof(home, day, tables.manifest["load_id"])
    return kept or store.opened(refresh.refresh(tables, home, day, kind="asof"))


def _silent(step: str, done: int, total: int) -> None:
    """No one watches."""


def answer(
    season: Season, rules: Sequence[Rule], mint: Mint, about: str, currency: str = ""
) -> BacktestAnswer:
    """The trials of all rules, the one asked about first; `currency` of their thresholds."""
    tellers = {rule.id: _Teller(season, mint, rule.id) for rule in season.rules}
    known = {rule.id: _untold(season, rule) for rule in season.rules}
    seeing = [rule for rule in season.rules if not _is_blind(rule, known[rule.id])]
    contrasts = {rule.id: season.contrast([rule]) for rule in seeing}
    judged = _judged(contrasts, about)
    trials = [
        tellers[rule.id].trial(rule, contrasts.get(rule.id), judged.get(rule.id), known[rule.id])
        if rule.id in contrasts
        else _untried(rule, known.get(rule.id) or tuple(dict.fromkeys(c.metric for c in rule.conditions)))
        for rule in rules
    ]
    named = (
        replace(trial, figures=_least(rule, mint, currency) | dict(trial.figures))
        for rule, trial in zip(rules, trials, strict=True)
    )
    return BacktestAnswer(
        about=about,
        trials=tuple(sorted(named, key=lambda one: one.id != about)),
        together=_together(season, mint),
        weeks=tuple(_weeks(season, mint, about)),
        since=mint.day("since", season.start, "backtest"),
        until=mint.day("until", season.end - 1, "backtest"),
        week_count=mint.count("weeks", WEEKS, "backtest"),
        reps=mint.count("reps", len(season.reps), "backtest"),
        managers=mint.count("managers", len(_managers(season)), "backtest"),
        notes=tuple(_notes(season)),
        as_of=mint.as_of,
        generation=mint.generation,
    )


def _least(rule: Rule, mint: Mint, currency: str) -> dict[str, Fact]:
    """The amount from which a rule looks, by which it may be called."""
    amounts = [one for one in rule.conditions if one.metric == "amount" and one.comparison in (">", ">=")]
    return {"least": limit(rule.id, amounts[0], mint, currency)} if amounts else {}


def _managers(season: Season) -> set[str]:
    """The managers of those who owned open deals in these weeks."""
    return set(map(str, season.managers_of(season.reps))) - {""}


def _untold(season: Season, rule: Rule) -> tuple[str, ...]:
    """Metrics of a rule that no day of the past tells of any deal."""
    columns = season.days.board.columns
    asked = dict.fromkeys(condition.metric for condition in rule.conditions)
    return tuple(metric for metric in asked if np.isnan(columns[metric]).all())


def _partly(season: Season, rule: Rule) -> tuple[str, ...]:
    """Metrics of a rule that too many days of the past do not tell."""
    columns = season.days.board.columns
    unknown = {one.metric: float(np.isnan(columns[one.metric]).mean()) for one in rule.conditions}
    return tuple(metric for metric, share in unknown.items() if MOST_UNKNOWN < share < 1)


def _is_blind(rule: Rule, untold: Sequence[str]) -> bool:
    """Can a rule never hold, since nothing tells what it asks for?"""
    every = any(one.metric in untold for one in rule.every)
    return every or bool(rule.any_of and all(one.metric in untold for one in rule.any_of))


def _untried(rule: Rule, untold: tuple[str, ...]) -> Trial:
    return Trial(
        id=rule.id, title=rule.title, level=rule.level.value, worth=Worth.UNTRIED, figures={}, untold=untold
    )


def _judged(contrasts: Mapping[str, Contrast | None], about: str) -> dict[str, Verdict]:
    """The verdict of each comparison: of the one asked about alone, else corrected for how many there are."""
    known = {each: one.p for each, one in contrasts.items() if one}
    found = dict(zip(known, verdicts(list(known.values())), strict=True)) if known else {}
    if about in known:
        found[about] = Verdict.SIGNAL if known[about] <= ALPHA else Verdict.NOISE
    return found


def _together(season: Season, mint: Mint) -> Trial | None:
    """All P1 rules at once; None where one of them at most told anything."""
    loud = [rule for rule in season.rules if rule.level is Level.P1 and len(season.alerts[rule.id])]
    if len(loud) < 2:
        return None
    alerts, contrast = joined([season.alerts[rule.id] for rule in loud]), season.contrast(loud)
    judged = Verdict.SIGNAL if contrast and contrast.p <= ALPHA else Verdict.NOISE
    figures = _Teller(season, mint, TOGETHER).figures(alerts, contrast, judged, is_loud=True)
    worth = _worth(len(alerts), contrast, judged)
    return Trial(id=TOGETHER, title="", level=TOGETHER, worth=worth, figures=figures)


def _worth(crossings: int, contrast: Contrast | None, judged: Verdict | None) -> Worth:
    if not crossings:
        return Worth.SILENT
    if contrast is None:
        return Worth.TOO_FEW
    if judged is not Verdict.SIGNAL:
        return Worth.NOISE
    return Worth.WORTH if contrast.difference > 0 else Worth.LESS


def _weeks(season: Season, mint: Mint, about: str) -> Iterator[TrialWeek]:
    """What each week brought of the rule asked about, or of all."""
    chosen = [one for each, one in season.alerts.items() if about in ("", each)]
    if not chosen:
        return
    alerts = joined(chosen)
    told = _by_week(season, alerts.told_on[alerts.told_on != NEVER])
    quiet = _by_week(season, alerts.since[~alerts.inhibited & (alerts.told_on == NEVER)])
    for place in range(WEEKS):
        entity = f"week={place + 1}"
        start = mint.day("start", season.start + WEEK * place, entity)
        loud = mint.count("told", int(told[place]), entity)
        small = mint.count("digest", int(quiet[place]), entity)
        yield TrialWeek(start=start, told=loud, digest=small)


def _by_week(season: Season, days: Ints) -> Ints:
    return np.bincount((days - season.start) // WEEK, minlength=WEEKS)


def _notes(season: Season) -> Iterator[Note]:
    """What limits all trials."""
    if season.days.day.min(initial=season.end) > season.start:
        yield Note("backtest_short")
    yield Note("backtest_nobody_told")


@dataclass(frozen=True, slots=True)
class _Teller:
    """Makes the facts of one trial."""

    season: Season
    mint: Mint
    entity: str

    def trial(
        self, rule: Rule, contrast: Contrast | None, judged: Verdict | None, untold: tuple[str, ...]
    ) -> Trial:
        """A rule that the past can try."""
        alerts = self.season.alerts[rule.id]
        figures = self.figures(alerts, contrast, judged, is_loud=rule.level is Level.P1)
        return Trial(
            id=rule.id,
            title=rule.title,
            level=rule.level.value,
            worth=_worth(len(alerts), contrast, judged),
            figures=figures | {"already": self._count("already", self.season.already(rule))},
            endings=tuple(self._endings(self._followed(alerts.epochs))),
            untold=untold,
            partly=_partly(self.season, rule),
        )

    def figures(
        self, alerts: Alerts, contrast: Contrast | None, judged: Verdict | None, *, is_loud: bool
    ) -> dict[str, Fact]:
        """Everything counted and compared about some alerts."""
        facts = [
            *self._counted(alerts, is_loud),
            *self._shares(alerts),
            *(self._weekly(alerts) if is_loud else ()),
            *self._by_itself(self._followed(alerts.epochs)),
            *(self._compared(contrast, judged) if contrast else ()),
        ]
        return {fact.metric: fact for fact in facts}

    def _counted(self, alerts: Alerts, is_loud: bool) -> Iterator[Fact]:
        """How many alerts on how many deals, and what was done about them."""
        deals = np.unique(self.season.days.deal[alerts.epochs.row])
        untold = ~alerts.inhibited & (alerts.told_on == NEVER)
        yield self._count("crossings", len(alerts))
        yield self._count("deals", len(deals))
        yield self._count("inhibited", alerts.inhibited.sum())
        if not is_loud:
            yield self._count("digest", untold.sum())
            return
        working = [self.season.economy.next_working(day) for day in alerts.since.tolist()]
        could = np.array(working, np.int64) < np.minimum(alerts.epochs.end, self.season.end)
        yield self._count("told", (alerts.told_on != NEVER).sum())
        yield self._count("held", (untold & could).sum())
        yield self._count("unsaid", (untold & ~could).sum())
        yield self._count("reached", (alerts.reached_on != NEVER).sum())
        yield self._count("spared", alerts.spared.sum())

    def _shares(self, alerts: Alerts) -> Iterator[Fact]:
        """Alerts per week and manager, and per week and rep, those that a louder rule inhibits left out."""
        shown = int((~alerts.inhibited).sum())
        of_teams = int((~alerts.inhibited & (alerts.manager != "")).sum())
        managers, reps = len(_managers(self.season)), len(self.season.reps)
        yield self._weekly_each("per_manager_week", of_teams, managers, "no_managers")
        yield self._weekly_each("per_rep_week", shown, reps, "no_reps")

    def _weekly(self, alerts: Alerts) -> Iterator[Fact]:
        """What reached people with a message: the mean and the fullest week."""
        told, reached = alerts.told_on != NEVER, alerts.reached_on != NEVER
        managers, reps = len(_managers(self.season)), len(self.season.reps)
        yield self._weekly_each("told_per_week", int(told.sum()), reps, "no_reps")
        yield self._weekly_each("reached_per_week", int(reached.sum()), managers, "no_managers")
        yield self._count("busiest_rep", self._fullest(alerts.owner[told], alerts.told_on[told]))
        yield self._count(
            "busiest_manager", self._fullest(alerts.manager[reached], alerts.reached_on[reached])
        )

    def _fullest(self, person: NDArray[np.str_], day: Ints) -> int:
        """The most that anybody was told in a week."""
        weeks = Counter(zip(person.tolist(), ((day - self.season.start) // WEEK).tolist(), strict=True))
        return max(weeks.values(), default=0)

    def _followed(self, found: Epochs) -> Epochs:
        """Alerts that were followed for a fortnight."""
        last = self.mint.as_of.toordinal()
        return found.of(self.season.days.day[found.row] + FOLLOWED <= last)

    def _endings(self, followed: Epochs) -> Iterator[tuple[str, Fact]]:
        """How alerts ended within a fortnight, the most frequent first."""
        for how, count in Counter(self._soon(followed).tolist()).most_common():
            yield how, self.mint.count(f"ended_{how}", count, self.entity)

    def _soon(self, followed: Epochs) -> NDArray[np.str_]:
        """How each ended within a fortnight; "over" where it had not."""
        days = followed.end - self.season.days.day[followed.row]
        return np.where(days <= FOLLOWED, followed.ending, "over")

    def _by_itself(self, followed: Epochs) -> Iterator[Fact]:
        how = self._soon(followed)
        yield self.mint.fact("followed", FOLLOWED, Unit.DAYS, self.entity)
        for metric, hit in (("by_itself", np.isin(how, BY_ITSELF)), ("lost_soon", how == "lost")):
            if len(how):
                low, high = wilson([hit.sum()], [len(how)])
                yield self._share(metric, float(hit.mean()), len(how), float(low[0]), float(high[0]))

    def _compared(self, found: Contrast, judged: Verdict | None) -> Iterator[Fact]:
        """The deals alerted on against those like them."""
        yield self._side("lost", found.alerted)
        yield self._side("alike", found.alike)
        yield self._share("still_open", found.alerted.open_share)
        yield self._share("still_open_alike", found.alike.open_share)
        yield self._share("lost_least", found.bounds[0])
        yield self._share("lost_most", found.bounds[1])
        yield self.mint.fact(
            "difference",
            found.difference,
            Unit.POINTS,
            self.entity,
            n=found.alerted.deals,
            low=found.low,
            high=found.high,
            verdict=judged,
        )
        yield self.mint.fact("detectable", found.detectable, Unit.POINTS, self.entity)
        if found.lift is not None:
            low, high = found.lift_low, found.lift_high
            yield self.mint.fact(
                "lift", found.lift, Unit.NUMBER, self.entity, n=found.alerted.deals, low=low, high=high
            )
        yield self._count("alone", found.alone)

    def _side(self, metric: str, side: Side) -> Fact:
        return self._share(metric, side.lost, side.deals, side.low, side.high)

    def _share(self, metric: str, value: float, n: int | None = None, *ends: float) -> Fact:
        low, high = ends or (None, None)
        return self.mint.fact(metric, value, Unit.FRACTION, self.entity, n=n, low=low, high=high)

    def _count(self, metric: str, value: int | np.integer[Any]) -> Fact:
        return self.mint.count(metric, int(value), self.entity)

    def _weekly_each(self, metric: str, total: int, people: int, without: str) -> Fact:
        """So many a week for each of these people; `without` says why not when there is nobody."""
        each = total / people / WEEKS if people else None
        return self.mint.fact(metric, each, Unit.NUMBER, self.entity, unknown=without)
