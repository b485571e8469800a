"""Where an answer's figures come from: the statements that were read, the formulas, and other ways to ask."""

from analytics.evidence.sums import Group, grouped, lost_of, won_of
from analytics.evidence.traced import Read, Traced, hidden_ids, ledger, written
from analytics.evidence.ways import Finding, Way, finding, other_ways

__all__ = [
    "Finding",
    "Group",
    "Read",
    "Traced",
    "Way",
    "finding",
    "grouped",
    "hidden_ids",
    "ledger",
    "lost_of",
    "other_ways",
    "won_of",
    "written",
]
