"""What can be named in a question, and the data scorecard."""

from collections import Counter
from collections.abc import Mapping

from analytics.answers.mint import Mint, mint_of
from analytics.answers.remember import remembered
from analytics.cells import TIME
from analytics.facts import Quality, QualityLine
from analytics.generation import QualityRow
from analytics.questions import DIMENSIONS, EVERYONE, Scope
from analytics.store import Generation

#: Each dimension's values with what a person calls them: a rep's id and name, else the same word twice.
Vocabulary = Mapping[str, tuple[tuple[str, str], ...]]


@remembered
def vocabulary(generation: Generation, scope: Scope) -> Vocabulary:
    """The values that each dimension takes among the deals in scope, with their labels.

    Months and quarters are left out: a question names those as its period.
    """
    names = people(generation)
    return {
        dimension: tuple(
            (value, names.get(value, value) if dimension == "rep" else value)
            for value in generation.values(dimension, scope)
        )
        for dimension in DIMENSIONS
        if dimension not in TIME
    }


@remembered
def people(generation: Generation) -> Mapping[str, str]:
    """What everyone is called, by id; those of the same name with their id."""
    names = {person.person_id: person.name or person.person_id for person in generation.people()}
    bearers = Counter(names.values())
    return {key: f"{name} ({key})" if bearers[name] > 1 else name for key, name in names.items()}


@remembered
def available(generation: Generation) -> int:
    """How many dimensions the data can be cut by: those with at least two values."""
    return sum(len(generation.values(dimension, EVERYONE)) > 1 for dimension in DIMENSIONS)


def quality(generation: Generation) -> Quality:
    """The data scorecard: one line per check and table."""
    mint = mint_of(generation)
    lines = tuple(_line(mint, row) for row in generation.quality())
    return Quality(lines=lines, as_of=generation.as_of, generation=generation.id)


def _line(mint: Mint, row: QualityRow) -> QualityLine:
    name = f"{row.table_name}.{row.check_name}"
    return QualityLine(
        check=row.check_name,
        table=row.table_name,
        level=row.level,
        failing=mint.count("quality_check", row.failing, f"{name}, failing"),
        total=mint.count("quality_check", row.total, f"{name}, checked"),
    )
