"""The named metrics, one function each: counts, amounts and histograms go in, one number comes out.

Numbers here are floats and fractions; `analytics.answers` turns them into facts. A metric that cannot be
known is None, never zero. `analytics.glossary` says the same in a line per metric, for `/coach glossary`.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from analytics.glossary import GLOSSARY as GLOSSARY
from analytics.spans import ENOUGH, Cycles, RiskTable, quantile, rank_test
from analytics.verdict import ALPHA, omnibus, prior, wilson

SLOW, STALLED = 0.8, 0.9  #: percentiles of won deals' time in stage beyond which a deal is slow, stalled
FEWEST_QUARTERS = 4  #: complete quarters below which consistency is not spoken of
HEALTH_WEIGHTS = {"rep_rate": 0.4, "cycle_efficiency": 0.3, "stage_progress": 0.3}


def win_rate(won: int, closed: int) -> float | None:
    """Share of closed deals that were won.

    Formula: won / (won + lost). Unit: fraction, by count. Source: outcomes of closed deals.
    Trap: with no closed deal there is no rate; it is not zero.

    >>> win_rate(3, 4), win_rate(0, 0)
    (0.75, None)
    """
    return won / closed if closed else None


def win_rate_by_amount(won_cents: int, closed_cents: int) -> float | None:
    """Share of the closed amount that was won.

    Formula: won amount / closed amount. Unit: fraction. Source: amounts in the main currency.
    Trap: one huge deal moves it, and amounts are often rewritten at the close; never call it the win rate.
    """
    return won_cents / closed_cents if closed_cents > 0 else None


def segment_impact(rate: float, overall: float, share: float) -> float:
    """What a segment adds to or takes from the overall win rate.

    Formula: (segment's rate - overall rate) x its share of closed deals. Unit: fraction, shown in points.
    Source: the breakdown itself. Trap: signed; over all segments it sums to zero.

    >>> round(segment_impact(0.60, 0.45, 0.20), 4)
    0.03
    """
    return (rate - overall) * share


@dataclass(frozen=True, slots=True)
class CycleGap:
    """Median cycle of won minus that of lost deals, with the p of a rank test."""

    days: float
    won: int
    lost: int
    p: float


def cycle_outcome_gap(cycles: Cycles) -> CycleGap | None:
    """Do won deals take longer than lost ones? None while either kind is missing.

    Formula: median days of won - median days of lost; p by Mann-Whitney, corrected for ties.
    Unit: days. Source: closed deals not logged after the fact.
    Trap: known only after the close, so it explains and never predicts.
    """
    won, lost = int(cycles.won.sum()), int(cycles.lost.sum())
    if not won or not lost:
        return None
    gap = quantile(cycles.days, cycles.won, 0.5) - quantile(cycles.days, cycles.lost, 0.5)
    return CycleGap(gap, won, lost, rank_test(cycles.won, cycles.lost))


def pvs(amount: float, rate: float, days: float) -> float:
    """Pipeline Velocity Score: what a deal is worth per day of its cycle.

    Formula: amount x win rate / cycle days. Unit: money per day.
    Source: the deal's amount; its segment's shrunken win rate until a model earns its place;
    its age + expected remaining days, for an open deal has no cycle yet.
    Trap: at least one day, so that a deal opened today is not infinitely fast.

    >>> pvs(90_000, 0.4, 120)
    300.0
    """
    return amount * rate / max(days, 1.0)


def smi(stage_number: int, age_days: int) -> float:
    """Stage Momentum Index: stages passed per day.

    Formula: stage number / days since creation, at least one day. Unit: stages per day.
    Source: the deal's stage on the day. Trap: means nothing by itself; it is shown as the percentile among
    open deals in the same stage, and a closed stage has no number.

    >>> smi(3, 60), smi(1, 0)
    (0.05, 1.0)
    """
    return stage_number / max(age_days, 1)


def cycle_efficiency(usual_cycle: float, age_days: float, remaining_days: float) -> float:
    """How quick a deal is against closed ones: 1 when as quick or quicker.

    Formula: median cycle of closed deals / (age + expected remaining days), capped at 1. Unit: fraction.
    """
    return min(usual_cycle / max(age_days + remaining_days, 1.0), 1.0)


def deal_health(rep_rate: float, efficiency: float, stage_progress: float) -> float:
    """Deal Health Score, 0 to 100.

    Formula: 100 x (0.4 rep win rate + 0.3 cycle efficiency + 0.3 stage progress). Unit: score.
    Source: the owner's shrunken win rate, `cycle_efficiency`, stage number / number of stages; all as of
    the day. Trap: a mix of habits, not a probability; it does not predict wins until tested out of time.

    >>> round(deal_health(0.5, 0.8, 0.5), 6)
    59.0
    """
    parts = {"rep_rate": rep_rate, "cycle_efficiency": efficiency, "stage_progress": stage_progress}
    return 100 * sum(weight * parts[name] for name, weight in HEALTH_WEIGHTS.items())


def against_usual(rate: float, usual: float) -> float:
    """A rate on a scale where 0.5 is the usual one and 1 is twice as much or more; 0.5 where all is lost.

    >>> against_usual(0.25, 0.5), against_usual(0.9, 0.2), against_usual(0.0, 0.0)
    (0.25, 1.0, 0.5)
    """
    return min(rate / (2 * usual), 1.0) if usual else 0.5


def deal_quality(rates: Sequence[float], speed: float) -> float:
    """Deal Quality Score, 0 to 100; 50 is the usual deal.

    Formula: 100 x mean of the win rates of lead source, industry and owner, each `against_usual`, and of the
    percentile of the Stage Momentum Index. Unit: score. Source: shrunken rates of deals closed before the
    deal was opened. Trap: equal weights until fitted ones win out of time; it is not a probability.

    >>> deal_quality([0.5, 0.5, 0.5], 0.5), deal_quality([1.0, 0.5, 0.25], 0.25)
    (50.0, 50.0)
    """
    return 100 * (sum(rates) + speed) / (len(rates) + 1)


def sales_velocity(
    open_deals: float, rate: float, won_amount: float, won: int, cycle_days: float
) -> float | None:
    """What deals bring per day, in money, in one stated period; None without a won deal or a cycle.

    Formula: deals x win rate x average won amount / median cycle days. Unit: money per day. Source: deals
    open on a day of the period, on average; win rate and amount of those closed in it.
    Trap: with all deals of a long period in place of those open at a time, each day is counted over and over.

    >>> sales_velocity(40.0, 0.25, 500_000, 10, 50)
    10000.0
    """
    if not won or cycle_days <= 0:
        return None
    return open_deals * rate * (won_amount / won) / cycle_days


def stage_conversion(entered: int, moved_on: int, still_open: int) -> float | None:
    """Of the deals that entered a stage and left it, the share that moved on; None while none left.

    Formula: moved on / (entered - still there). Moved on: to a later stage, or won. Unit: fraction.
    Source: stage events. Trap: deals still there are not failures; while many are, the quick ones speak.

    >>> stage_conversion(100, 45, 10), stage_conversion(3, 0, 3)
    (0.5, None)
    """
    return moved_on / (entered - still_open) if entered > still_open else None


def leakage(lost_cents: Iterable[int]) -> int:
    """The amount of the deals lost with a stage as their last one.

    Formula: sum of their amounts. Unit: cents. Source: stage events, amounts in the main currency.
    Trap: it shows where deals ended, not what to blame; amounts are as last recorded.
    """
    return sum(lost_cents)


def slippage(due: int, slipped: int) -> float | None:
    """Of the deals due in a period when it began, the share whose close date moved past its end.

    Formula: slipped / due; a deal neither closed nor moved by the end slipped too. Unit: fraction, by count.
    Source: changes of close dates. Trap: without their history it is unknown; a lost deal did not slip.

    >>> slippage(8, 2), slippage(0, 0)
    (0.25, None)
    """
    return slipped / due if due else None


def pipeline_coverage(due_amount: float, quota: float, won_amount: float) -> float | None:
    """How often the open amount due in a period holds what its quota still lacks; None without a quota.

    Formula: open amount due / (quota - won amount). Unit: times. Source: open deals expected to close in the
    period, the quotas of their owners. Trap: nothing lacks any more once the quota is met: None as well.

    >>> pipeline_coverage(600, 400, 200), pipeline_coverage(600, 400, 400)
    (3.0, None)
    """
    lacking = quota - won_amount
    return due_amount / lacking if quota and lacking > 0 else None


def rep_consistency(quarters: Sequence[tuple[int, int]]) -> float | None:
    """How steady a rep's win rate is over quarters: 1 is as steady as can be; None when it cannot be told.

    Formula: 1 - SD / mean of the true quarterly rates, where SD squared is the variance of the rates beyond
    what equal chances in every quarter give: (Pearson's chi-square - degrees of freedom) over the room for
    it, as in `verdict.prior`. Unit: number. Source: closed deals by quarter of their close, complete ones.
    Trap: 1 - SD / mean of the raw rates is mostly luck, and of single outcomes negative for everyone. While
    a test does not tell the quarters from equal ones, or in fewer than four, nothing can be told.

    Args:
        quarters: (won, closed) of each.
    """
    told = [(won, closed) for won, closed in quarters if closed]
    if len(told) < FEWEST_QUARTERS:
        return None
    counts = [won for won, _ in told], [closed for _, closed in told]
    spread, by_luck = prior(*counts), omnibus(*counts)
    if by_luck is None or by_luck > ALPHA or math.isinf(spread.strength):
        return None
    variance = spread.rate * (1 - spread.rate) / (spread.strength + 1)
    return 1 - math.sqrt(variance) / spread.rate


def revenue_at_risk(amount: float, win_probability: float) -> float:
    """The part of an open amount that will not come.

    Formula: amount x (1 - p). Unit: money. Source: the deal's own amount and its odds, the base rate
    without a model. Trap: never times an average amount again.
    """
    return amount * (1 - win_probability)


def undecided(amount: float, win_probability: float) -> float:
    """How much of an open amount can still be decided: the place to look at first.

    Formula: amount x p x (1 - p). Unit: money. Source: the deal's own amount and its odds, the base rate
    without a model. Trap: nothing at both ends: a deal that is nearly lost or nearly won needs nobody.

    >>> undecided(1_000, 0.5), undecided(1_000, 0.0)
    (250.0, 0.0)
    """
    return amount * win_probability * (1 - win_probability)


@dataclass(frozen=True, slots=True)
class BaseRate:
    """How deals still open at `age` ended: share won, interval, and how many deals say so."""

    rate: float
    low: float
    high: float
    at_risk: int  # deals ever open longer than `age`
    decided: int  # of these, closed since: what the interval rests on
    age: int
    clipped: bool  # the deal is older than `age`, the last one with enough deals


def base_rate_at_age(table: RiskTable, age: int) -> BaseRate | None:
    """Chance that a deal still open at this age will be won; None with fewer than 30 deals or none decided.

    Formula: Aalen-Johansen cumulative incidence of winning after `age`, given open at `age`; Wilson interval
    on the deals decided later. Unit: fraction. Source: closed deals by cycle, open ones as not yet decided.
    Trap: the win rate of closed deals overstates an old deal's odds. Deals that nobody ever decided
    count as not won. Beyond the last age with 30 deals that age speaks, and `clipped` says so.
    """
    last = table.last_age
    if last is None:
        return None
    used = min(age, last)
    course = table.after(used)
    if not course.decided:
        return None
    rate = min(float(course.won.sum()), 1.0)
    low, high = wilson([rate * course.decided], [course.decided])
    return BaseRate(rate, float(low[0]), float(high[0]), course.at_risk, course.decided, used, age > last)


def base_rate_of_looks(table: RiskTable, deals: int) -> BaseRate | None:
    """Chance that a deal is won after it was seen open in some state; None while none of its like is decided.

    Formula: Aalen-Johansen cumulative incidence of winning after the look; Wilson interval on the deals
    decided. Unit: fraction. Source: snapshots of open deals, four weeks apart.
    Trap: a deal that stayed was looked at several times; for the interval it counts once.

    Args:
        table: looks by how many days later the deal was won, lost or last seen open.
        deals: how many deals the looks are of.
    """
    course = table.after(0)
    if not course.decided or not deals:
        return None
    rate = min(float(course.won.sum()), 1.0)
    decided = max(round(course.decided * deals / course.at_risk), 1)
    low, high = wilson([rate * decided], [decided])
    return BaseRate(rate, float(low[0]), float(high[0]), deals, decided, 0, clipped=False)


@dataclass(frozen=True, slots=True)
class Remaining:
    """Days until half of the deals that lived as long were decided, a quarter, and three quarters."""

    days: int
    low: int
    high: int | None  # None: three quarters were never decided
    at_risk: int


def expected_remaining_days(table: RiskTable, age: int) -> Remaining | None:
    """Days until an open deal of this age is decided, either way; None where the data end first.

    Formula: median, 25th and 75th percentile of the time after `age`, given open at `age` (Kaplan-Meier).
    Unit: days. Source: closed deals by cycle, open ones as not yet decided.
    Trap: "usual cycle minus age" goes negative; closed deals alone make every deal look quick.
    """
    last = table.last_age
    if last is None or age > last:
        return None
    course = table.after(age)
    quarter, half, most = (course.day_when_open(share) for share in (0.75, 0.5, 0.25))
    if quarter is None or half is None:
        return None
    return Remaining(half - age, quarter - age, None if most is None else most - age, course.at_risk)


def time_in_stage(as_of_day: int, stage_since_day: int | None) -> int | None:
    """Days since the present stage was entered.

    Formula: day - day of entry. Unit: days. Source: stage events, or the CRM's own stage-entry date.
    Trap: without either it is unknown, never the deal's age.
    """
    return None if stage_since_day is None else as_of_day - stage_since_day


def days_since_activity(as_of_day: int, last_activity_day: int | None) -> int | None:
    """Days since anybody touched the deal.

    Formula: day - day of the last activity. Unit: days. Source: the activities table.
    Trap: without a feed it is unknown, never zero.
    """
    return None if last_activity_day is None else as_of_day - last_activity_day


@dataclass(frozen=True, slots=True)
class StageClock:
    """How long won deals stayed in a stage: 80 of 100 no longer than `slow` days, 90 than `stalled`."""

    slow: float
    stalled: float
    deals: int
    pooled: bool  # too few won deals in this stage: all stages together


def stage_clock(spells: Iterable[tuple[str, int, int]], stage: str) -> StageClock | None:
    """The clock of a stage; None when not even all stages together hold 30 completed stays of won deals.

    Formula: 80th and 90th percentile of completed days in stage. Unit: days. Source: stage events.
    Trap: a stage with fewer than 30 won deals borrows the clock of all stages and says so.

    Args:
        spells: (stage, days, how many won deals), any order.
    """
    known: Mapping[str, dict[int, int]] = {"own": {}, "all": {}}
    for name, days, deals in spells:
        for kind in ("own", "all") if name == stage else ("all",):
            known[kind][days] = known[kind].get(days, 0) + deals
    for kind, spans in known.items():
        if (count := sum(spans.values())) >= ENOUGH:
            days_sorted = sorted(spans)
            weights = [spans[day] for day in days_sorted]
            slow, stalled = (quantile(days_sorted, weights, share) for share in (SLOW, STALLED))
            return StageClock(slow, stalled, count, kind == "all")
    return None
