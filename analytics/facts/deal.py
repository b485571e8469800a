"""The answer to "where does this deal stand?"."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from analytics.facts.base import Fact, Note

THIRDS = ("early", "middle", "late")


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
    reach: str = ""  # how far its stage is: "early", "middle", "late"; "" for a stage outside the open ones
    told: tuple[tuple[str, Fact], ...] = ()  # the same in tenths of a point: they add up as they are read
    owner_kind: str = ""  # kind of business that `rep_win_rate` is of; "" when the data knows but one

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        found = [*self.figures.values(), *(fact for _, fact in (*self.reasons, *self.told))]
        for note in self.notes:
            found.extend(note.facts.values())
        return {fact.id: fact for fact in found}


def reach(number: int | None, stages: int) -> str:
    """How far along a stage is, by thirds of the open stages; "" for one that is not among them.

    >>> [reach(number, 4) for number in (1, 2, 3, 4, None)]
    ['early', 'middle', 'middle', 'late', '']
    """
    return THIRDS[3 * (2 * number - 1) // (2 * stages)] if number else ""
