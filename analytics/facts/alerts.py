"""What the rules find: deals over a line, and why one no longer is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from analytics.facts.base import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class StalledDeal:
    """A deal over the line of the P1 rule, and the facts that put it there."""

    rule: str  # "stalled"
    deal_id: str
    name: str
    account: str
    stage: str
    owner_id: str
    owner: str
    manager_id: str
    causes: tuple[str, ...]  # "inactive", "slow_stage"
    figures: Mapping[str, Fact]  # amount, days_since_activity, days_in_stage, inactivity_limit, stage_limit
    as_of: date
    generation: str

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        return {f.id: f for f in self.figures.values()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Why a deal that was over the line no longer is."""

    deal_id: str
    reason: str  # "won", "lost", "gone", "owner_changed", "moved", "activity", "amount_fell", "line_moved"
    names: Mapping[str, str]  # stage and owner as they are now
    figures: Mapping[str, Fact]  # days_since_told: how long after the alert
    as_of: date
    generation: str

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        return {f.id: f for f in self.figures.values()}
