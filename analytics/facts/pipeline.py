"""The answer to "what will we win?": the open book, the forecast and its range, and what could go wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from analytics.facts.base import Fact, Note, by_id, of_notes


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineStage:
    """The open deals of one stage."""

    stage: str
    deals: Fact  # COUNT
    amount: Fact  # MONEY
    median_age: Fact  # DAYS in the stage; unknown without stage history
    slow: Fact  # COUNT above the 80th percentile of won deals; unknown without a clock
    stalled: Fact  # COUNT above the 90th

    def facts(self) -> list[Fact]:
        """Every fact of the stage."""
        return [self.deals, self.amount, self.median_age, self.slow, self.stalled]


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """One open deal that could cost much."""

    deal_id: str
    name: str
    owner: str
    stage: str
    risk: str  # "High", "Medium", "Low"; "" while the model is silent
    amount: Fact  # MONEY
    odds: Fact  # FRACTION: win probability, or the base rate
    at_risk: Fact  # MONEY: amount x (1 - odds)
    undecided: Fact  # MONEY: amount x odds x (1 - odds)
    nearly_lost: bool = False  # by its odds

    def facts(self) -> list[Fact]:
        """Every fact of the deal."""
        return [self.amount, self.odds, self.at_risk, self.undecided]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """The answer to a PipelineQuestion."""

    period: str
    scope: str
    whose: str  # "mine", "team", "all"
    speaks: bool  # odds by the model; else base rates
    figures: Mapping[str, Fact]
    # open_amount, open_deals (everything open), due_amount, due_deals (due in the period),
    # won_amount, won_deals (already won in it), expected_amount (from open deals; low/high = P10/P90),
    # expected_new_amount (from deals nobody created yet; low/high), forecast_amount (won + both expected;
    # low/high = P10/P90; P50 is `forecast_median`), quota, remaining_quota, pipeline_coverage (NUMBER),
    # slippage (FRACTION with n), slipped_deals, backtest_coverage (FRACTION with n: past quarters whose won
    # amount lay within the range), backtest_hits, backtest_quarters, sales_velocity (MONEY_PER_DAY),
    # revenue_at_risk
    stages: tuple[PipelineStage, ...]
    risks: tuple[Risk, ...]  # greatest revenue at risk first
    first: Risk | None  # of which most can still be decided
    filters: tuple[tuple[str, tuple[str, ...]], ...]
    deal_type: str
    notes: tuple[Note, ...]
    as_of: date
    generation: str
    model: str = ""  # its id

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        return by_id(
            self.figures.values(),
            (fact for stage in self.stages for fact in stage.facts()),
            (fact for deal in (*self.risks, *([self.first] if self.first else [])) for fact in deal.facts()),
            of_notes(self.notes),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """The answer to "what if we stopped working X, or worked Y instead?", over a like period ahead."""

    action: str  # "drop" or "shift"
    where: tuple[tuple[str, str], ...]
    labels: tuple[str, ...]
    to_labels: tuple[str, ...]  # of a shift; () else
    period: str  # the past period that the future is taken to be like
    figures: Mapping[str, Fact]
    # deals, open_deals, capacity (NUMBER of deal-days, with range), capacity_share (FRACTION),
    # won_amount (MONEY of the segment in the period), change_amount (MONEY, with 80 % range),
    # change_win_rate (POINTS with interval), per_day_segment, per_day_rest (MONEY per deal-day)
    verdict_change: bool | None  # is the change in won amount clear of zero? None: too few deals
    scope: str
    deal_type: str
    filters: tuple[tuple[str, tuple[str, ...]], ...]
    notes: tuple[Note, ...]
    as_of: date
    generation: str

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        return by_id(self.figures.values(), of_notes(self.notes))
