"""The answer to "where does this deal stand?"."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from analytics.facts.base import Fact, Note


@dataclass(frozen=True, slots=True, kw_only=True)
class DealCard:
    """The answer to "where does this deal stand?", as it was known on `as_of`."""

    deal_id: str
    name: str
    account: str
    outcome: str  # open, won, lost
    stage: str  # "" when the source cannot tell the stage on that day
    owner_id: str
    owner: str
    labels: Mapping[str, str]  # region, industry, product, lead_source, deal_type -> value
    next_step: str
    history: str  # "events": state from its events; "dates": from created and closed days only
    figures: Mapping[str, Fact]  # by metric name: amount, deal_age_days, base_rate, pvs, smi, health, ...
    notes: tuple[Note, ...]
    as_of: date
    generation: str
    speaks: bool = False  # did the model earn its place?
    why_silent: str = ""  # as ModelCard.reason, when it did not
    model: str = ""  # its id
    risk: str = ""  # "High", "Medium", "Low"; "" without odds
    reasons: tuple[tuple[str, Fact], ...] = ()  # group of features, POINTS; they add up to odds - base rate
    told: tuple[tuple[str, Fact], ...] = ()  # the same in tenths of a point: they add up as they are read

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        found = [*self.figures.values(), *(fact for _, fact in (*self.reasons, *self.told))]
        for note in self.notes:
            found.extend(note.facts.values())
        return {fact.id: fact for fact in found}
