"""The answer to "how is this rep doing?", luck taken into account; and how deals move through the stages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from analytics.facts.base import Fact, Note, Verdict, by_id, of_notes


@dataclass(frozen=True, slots=True, kw_only=True)
class RepPage:
    """One rep against the team, for the rep and the manager."""

    rep_id: str
    name: str
    team: str
    figures: Mapping[str, Fact]
    # win_rate (FRACTION with interval, n), luck_adjusted_win_rate (FRACTION with interval), team_win_rate,
    # below_by_five (FRACTION: chance that the true rate lies five points or more below the team's),
    # spread (POINTS: how much the reps' rates spread), spread_by_chance (POINTS: what equal reps would show),
    # spread_p, rep_consistency (NUMBER; unknown "cannot_tell"), sales_velocity, open_deals, open_amount,
    # stalled_deals and median_cycle in DAYS
    verdict: Verdict  # does this rep differ from the team?
    equal_reps: bool | None  # could equal reps spread this much? None: too few deals
    quarters: tuple[tuple[str, Fact], ...]  # label, FRACTION with n
    period: str
    notes: tuple[Note, ...]
    as_of: date
    generation: str

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        return by_id(self.figures.values(), (rate for _, rate in self.quarters), of_notes(self.notes))


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelStage:
    """What became of the deals that entered a stage."""

    stage: str
    entered: Fact  # COUNT
    conversion: Fact  # FRACTION that moved on, with interval and n
    leakage: Fact  # MONEY lost with this as the last stage
    lost: Fact  # COUNT
    median_days: Fact  # DAYS in the stage

    def facts(self) -> list[Fact]:
        """Every fact of the stage."""
        return [self.entered, self.conversion, self.leakage, self.lost, self.median_days]


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """The answer to "where do deals leak?", from stage events."""

    stages: tuple[FunnelStage, ...]  # in order; empty without stage events
    figures: Mapping[str, Fact]  # sales_velocity, win_rate, won_amount, median_cycle
    period: str
    scope: str
    deal_type: str
    filters: tuple[tuple[str, tuple[str, ...]], ...]
    notes: tuple[Note, ...]
    as_of: date
    generation: str

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        own = (fact for stage in self.stages for fact in stage.facts())
        return by_id(own, self.figures.values(), of_notes(self.notes))
