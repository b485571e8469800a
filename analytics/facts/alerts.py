"""What the rules find: deals over a line, and why one no longer is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from analytics.facts.base import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Why a subject that was over the line no longer is."""

    subject_id: str
    reason: str  # won, lost, gone, owner_changed, moved, activity, amount_fell, line_moved, passed
    names: Mapping[str, str]  # of a deal: stage and owner as they are now
    figures: Mapping[str, Fact]  # days_since_told: how long after the alert
    as_of: date
    generation: str

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        return {f.id: f for f in self.figures.values()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a rule found: a deal, an owner, a segment, a driver or the source over its line, and why."""

    rule: str  # id
    level: str  # P1, P2, P3, rate, driver, data
    subject: str  # deal, owner, segment, driver, source
    subject_id: str  # D00123, rep_1, region=APAC, lead_source=Referral, deals
    title: str = ""  # of a rule that the team wrote
    names: Mapping[str, str]  # as the CRM has them: deal, account, stage, owner, next_step, segment, check
    owner_id: str = ""
    manager_id: str = ""
    causes: tuple[str, ...]  # metrics whose conditions hold; of `any_of` if the rule has any, else of `every`
    figures: Mapping[str, Fact]  # by metric; the line of each as `<metric>_limit`
    as_of: date
    generation: str

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        return {f.id: f for f in self.figures.values()}
