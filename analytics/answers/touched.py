"""A topic -> notes on the data that the answer rests on, where a check of the scorecard needs a look."""

from collections.abc import Iterator, Mapping

from analytics.answers.mint import mint_of
from analytics.facts import Note, Unit
from analytics.store import Generation

FINE = "ok"

#: What an answer is about -> the checks whose failing rows it counts.
TOUCHES: Mapping[str, tuple[str, ...]] = {
    "stage": ("won_from_early_stage", "bulk_stage_changes"),
    "cycle": ("same_day_wins",),
    "book": ("close_date_past", "parked", "aspirational_amount", "missing_amount"),
}


def touched(generation: Generation, *topics: str) -> Iterator[Note]:
    """One note for each check of the topics that is not fine, with the share of rows that fail it."""
    mint = mint_of(generation)
    wanted = dict.fromkeys(check for topic in topics for check in TOUCHES[topic])
    lines = {line.check_name: line for line in generation.quality()}
    for check in wanted:
        line = lines.get(check)
        if line and line.level != FINE:
            share = mint.fact("quality_check", line.failing / line.total, Unit.FRACTION, check, n=line.total)
            yield Note(f"quality_{check}", {"share": share})
