"""The scorecard of the data."""

from dataclasses import dataclass
from datetime import date

from analytics.facts.base import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityLine:
    """One check of the data scorecard: `share` of `n` rows fail `check`."""

    check: str
    table: str
    level: str  # "ok", "warn", "bad"
    failing: Fact
    total: Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """The data scorecard."""

    lines: tuple[QualityLine, ...]
    as_of: date
    generation: str

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        return {f.id: f for line in self.lines for f in (line.failing, line.total)}
