"""The figures of a deal card, by name: what the deal says of itself, and what its like teaches."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from analytics import metrics
from analytics.answers import believed
from analytics.answers.believed import Level
from analytics.answers.mint import Mint, money
from analytics.answers.odds import Odds, odds
from analytics.facts import Fact, Unit
from analytics.generation import DealRow, ScoreRow
from analytics.metrics import Remaining
from analytics.questions import NOT_SET
from analytics.spans import RiskTable, quantile
from analytics.stall import Thresholds
from analytics.store import Generation

#: Dimensions whose rate stands for the deal's segment, the first one set.
SEGMENTS = ("lead_source", "region")


@dataclass(frozen=True, slots=True)
class Known:
    """An open deal and all that the generation teaches about deals like it."""

    generation: Generation
    row: DealRow
    age: int
    mint: Mint
    fates: RiskTable
    base: Level | None
    odds: Odds
    remaining: Remaining | None

    @property
    def amount(self) -> Decimal | None:
        """In the deal's own currency."""
        return money(self.row.amount_cents)

    @property
    def currency(self) -> str:
        """The deal's own, else the main one."""
        return _currency(self.generation, self.row)

    def fact(self, metric: str, value: float | Decimal | None, unit: Unit, unknown: str = "") -> Fact:
        """A figure of this deal."""
        currency = self.currency if unit in (Unit.MONEY, Unit.MONEY_PER_DAY) else ""
        return self.mint.fact(metric, value, unit, _entity(self.row), currency=currency, unknown=unknown)

    def rate(self, dimension: str, value: str) -> tuple[float, int] | None:
        """Luck-adjusted win rate of an owner or a segment in deals of this kind, and its closed deals."""
        return believed.rates(self.generation, dimension, self.row.deal_type).of(value)

    @property
    def segment_rate(self) -> float | None:
        """Luck-adjusted rate of the lead source, else of the region."""
        for dimension in SEGMENTS:
            value = getattr(self.row, dimension)
            if value != NOT_SET and (found := self.rate(dimension, value)):
                return found[0]
        return None

    @property
    def no_fate(self) -> str:
        """Why the table of fates says nothing."""
        if not (self.fates.won + self.fates.lost).sum():
            return "no_closed_deals"
        return "too_few_deals" if self.fates.last_age is None else "beyond_data"


def of_open(generation: Generation, row: DealRow, score: ScoreRow | None, mint: Mint) -> dict[str, Fact]:
    """Figures of an open deal. Unknown ones are there too, with their reason."""
    age = generation.as_of.toordinal() - row.created_day
    fates = believed.fates(generation, row.deal_type)
    base = believed.base_rate_at(generation, row)
    believes = odds(score, base)
    decided = int((fates.won + fates.lost).sum())
    known = Known(
        generation=generation,
        row=row,
        age=age,
        mint=mint,
        fates=fates,
        base=base,
        odds=believes,
        remaining=believes.remaining(decided) or metrics.expected_remaining_days(fates, age),
    )
    return dict((*_own(known), *_clocks(known), *_odds(known), *_rates(known), *_scores(known)))


def reasons(row: DealRow, score: ScoreRow | None, mint: Mint) -> tuple[tuple[str, Fact], ...]:
    """What each group of features adds to the odds of the usual deal, most first; none while silent."""
    found = odds(score, None).reasons
    of = _entity(row)
    facts = [
        (group, mint.fact("odds_part", part, Unit.POINTS, f"{of},{group}")) for group, part in found.items()
    ]
    return tuple(sorted(facts, key=lambda one: -abs(found[one[0]])))


def of_closed(generation: Generation, row: DealRow, mint: Mint) -> dict[str, Fact]:
    """Figures of a closed deal: what it was worth, when, and how long it took."""
    of, currency = _entity(row), _currency(generation, row)
    amount = mint.fact(
        "amount", money(row.amount_cents), Unit.MONEY, of, currency=currency, unknown="no_amount"
    )
    return {
        "amount": amount,
        "created_date": mint.day("created_date", row.created_day, of),
        "close_date": mint.day("close_date", row.close_day, of, "no_close_date"),
        "sales_cycle_days": mint.fact(
            "sales_cycle_days", row.cycle_days, Unit.DAYS, of, unknown="no_close_date"
        ),
    }


def limits(generation: Generation, row: DealRow, thresholds: Thresholds, mint: Mint) -> dict[str, Fact]:
    """The lines of the alerts: for amounts in the main currency, for activity while the deal is open."""
    days = mint.fact("inactivity_limit", thresholds.inactive_days, Unit.DAYS, "all")
    amount = mint.fact("amount_limit", thresholds.amount, Unit.MONEY, "all", currency=generation.currency)
    return ({"amount_limit": amount} if row.in_main_currency else {}) | (
        {"inactivity_limit": days} if row.outcome == "open" else {}
    )


Figures = Iterator[tuple[str, Fact]]


def _entity(row: DealRow) -> str:
    return f"deal={row.deal_id}"


def _currency(generation: Generation, row: DealRow) -> str:
    """The deal's own; the main one where no deal has any; "" when only this one does not name it."""
    return row.currency or (generation.currency if row.in_main_currency else "")


def _own(known: Known) -> Figures:
    """What the CRM says of the deal itself."""
    row = known.row
    yield "amount", known.fact("amount", known.amount, Unit.MONEY, "no_amount")
    yield "deal_age_days", known.fact("deal_age_days", known.age, Unit.DAYS)
    yield "created_date", known.fact("created_date", row.created_day, Unit.DATE)
    yield "close_date", known.fact("close_date", row.close_day, Unit.DATE, "no_close_date")
    yield "push_count", known.fact("push_count", row.push_count, Unit.COUNT, "no_close_date_history")


def _clocks(known: Known) -> Figures:
    """How long it has stood still, and how long its like usually does."""
    row, generation = known.row, known.generation
    day = generation.as_of.toordinal()
    in_stage = metrics.time_in_stage(day, row.stage_since_day)
    yield "days_in_stage", known.fact("days_in_stage", in_stage, Unit.DAYS, "no_stage_history")
    idle = metrics.days_since_activity(day, row.last_activity_day)
    reason = "no_activity_yet" if generation.has_activities else "no_activity_feed"
    yield "days_since_activity", known.fact("days_since_activity", idle, Unit.DAYS, reason)
    clock = believed.clock(generation, row.stage, row.deal_type) if row.stage else None
    if clock:
        for name, limit in (("slow_limit", clock.slow), ("stage_limit", clock.stalled)):
            of = f"stage={row.stage}"
            yield name, known.mint.fact(name, limit, Unit.DAYS, of, n=clock.deals)


def _odds(known: Known) -> Figures:
    """How likely it is to be won, by when, and how deals like it ended."""
    yield from _win_probability(known)
    yield from _base_rate(known)
    yield "expected_remaining_days", _remaining(known)
    amount, at_risk = known.amount, None
    if known.odds.chance is not None and amount is not None:
        at_risk = metrics.revenue_at_risk(float(amount), known.odds.chance)
    reason = "no_amount" if amount is None else known.no_fate
    yield "revenue_at_risk", known.fact("revenue_at_risk", at_risk, Unit.MONEY, reason)


def _win_probability(known: Known) -> Figures:
    """The model's odds and those of the usual deal, where it speaks; the chance to be won by the day due."""
    score = known.odds.score
    if score and known.odds.speaks:
        of, value = _entity(known.row), score.win_probability
        odds = known.mint.fact("win_probability", value, Unit.FRACTION, of, low=score.low, high=score.high)
        yield "win_probability", odds
        yield "usual_odds", known.mint.fact("usual_odds", score.base, Unit.FRACTION, "all")
    due = (known.row.close_day or 0) - known.generation.as_of.toordinal()
    if (chance := known.odds.won_by(due)) is not None:
        yield "win_by", known.fact("win_by", chance, Unit.FRACTION)


def _base_rate(known: Known) -> Figures:
    """The rate, and what tells of which deals: `base_rate_at_stage`, `base_rate_in_stage`, or their age."""
    if known.base is None:
        yield "base_rate", known.fact("base_rate", None, Unit.FRACTION, known.no_fate)
        return
    base, of = known.base.rate, _entity(known.row)
    yield (
        "base_rate",
        known.mint.fact(
            "base_rate", base.rate, Unit.FRACTION, of, n=base.at_risk, low=base.low, high=base.high
        ),
    )
    if known.base.of != "age":
        name = "base_rate_at_stage" if known.base.of == "stage_and_age" else "base_rate_in_stage"
        yield name, known.mint.count(name, base.at_risk, of)
    elif base.clipped:
        yield "base_rate_age", known.mint.fact("deal_age_days", base.age, Unit.DAYS, f"{of}, base rate")


def _remaining(known: Known) -> Fact:
    left, metric = known.remaining, "expected_remaining_days"
    if left is None:
        return known.fact(metric, None, Unit.DAYS, known.no_fate)
    return known.mint.fact(
        metric, left.days, Unit.DAYS, _entity(known.row), n=left.at_risk, low=left.low, high=left.high
    )


def _rates(known: Known) -> Figures:
    """Luck-adjusted win rates of the owner and of the deal's segments."""
    yield "rep_win_rate", _owner_rate(known)
    for dimension in SEGMENTS:
        value = getattr(known.row, dimension)
        if value != NOT_SET:
            rate, n = known.rate(dimension, value) or (None, 0)
            of = f"{dimension}={value}"
            none = "no_closed_deals"
            fact = known.mint.fact("segment_win_rate", rate, Unit.FRACTION, of, n=n, unknown=none)
            yield f"{dimension}_win_rate", fact


def _owner_rate(known: Known) -> Fact:
    """The owner's rate in the kind of business that `owner_kind` says."""
    row = known.row
    rates = believed.rates(known.generation, "rep", owner_kind(known.generation, row))
    rate, n = rates.of(row.rep_id) or (None, 0)
    reason = "no_closed_deals" if rate is None else "no_closed_of_owner"
    value = rate if n else None
    return known.mint.fact("rep_win_rate", value, Unit.FRACTION, f"rep={row.rep_id}", n=n, unknown=reason)


def owner_kind(generation: Generation, row: DealRow) -> str:
    """The kind of business that an owner's rate is of: the main one, as on the rep's page.

    That of the deal, where the owner has closed deals of this kind only.
    """
    main = generation.main_deal_type
    closed = (kind for kind in (main, row.deal_type) if _has_closed(generation, row.rep_id, kind))
    return next(closed, main)


def _has_closed(generation: Generation, rep_id: str, kind: str) -> bool:
    return rep_id in believed.rates(generation, "rep", kind).counts


def _scores(known: Known) -> Figures:
    """PVS, stage momentum and health: each unknown while a part of it is."""
    row = known.row
    rank = row.momentum_percentile
    number = metrics.smi(row.stage_number, known.age) if row.stage_number else None
    value, why_not = _pvs(known)
    yield "pvs", known.fact("pvs", value, Unit.MONEY_PER_DAY, why_not)
    yield "smi", known.fact("smi", number, Unit.NUMBER, "no_stage")
    alone = "no_other_in_stage" if row.stage_number else "no_stage"
    yield "momentum_percentile", known.fact("momentum_percentile", rank, Unit.FRACTION, alone)
    value, why_not = _health(known)
    yield "health", known.fact("deal_health", value, Unit.SCORE, why_not)
    value, why_not = _quality(known)
    yield "deal_quality", known.fact("deal_quality", value, Unit.SCORE, why_not)


def _pvs(known: Known) -> tuple[float | None, str]:
    rate = known.odds.chance if known.odds.speaks else known.segment_rate
    if known.amount is None:
        return None, "no_amount"
    if rate is None or known.remaining is None:
        return None, known.no_fate
    return metrics.pvs(float(known.amount), rate, known.age + known.remaining.days), ""


def _health(known: Known) -> tuple[float | None, str]:
    number, stages = known.row.stage_number, known.generation.stages
    if not number or not stages:
        return None, "no_stage"
    rep = known.rate("rep", known.row.rep_id)
    if rep is None or known.remaining is None:
        return None, known.no_fate
    usual = quantile(known.fates.days, known.fates.won + known.fates.lost, 0.5)
    efficiency = metrics.cycle_efficiency(usual, known.age, known.remaining.days)
    return metrics.deal_health(rep[0], efficiency, number / len(stages)), ""


def _quality(known: Known) -> tuple[float | None, str]:
    """What was known when the deal began: rates of the deals that had closed before the month it began in."""
    row = known.row
    if row.momentum_percentile is None:
        return None, "no_other_in_stage" if row.stage_number else "no_stage"
    before = date.fromordinal(row.created_day).replace(day=1) - timedelta(days=1)
    parts: list[float] = []
    for dimension in ("lead_source", "industry", "rep"):
        rates = believed.rates(known.generation, dimension, row.deal_type, before)
        rate = rates.of(row.rep_id if dimension == "rep" else getattr(row, dimension))
        if rate is None:
            return None, "no_closed_deals"
        parts.append(metrics.against_usual(rate[0], rates.prior.rate))
    return metrics.deal_quality(parts, row.momentum_percentile), ""
