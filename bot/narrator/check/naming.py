"""An answer in, the names it carries out, each with the entity of the facts it stands for."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from analytics.facts import Fact

_NAMING = ("labels", "name", "deal_id", "rep_id")


def names_of(answer: Any) -> dict[str, str]:
    """Every name of an answer -> the entity it means, "" where it is no entity of a fact.

    `{"Priya Rao": "rep=rep_22", "APAC": "region=APAC", "all time": ""}`: with this a figure told of the
    wrong person is found, though facts know people only by their ids.
    """
    meanings = (pair for part in _parts(answer) if not isinstance(part, str) for pair in _own(part))
    return dict.fromkeys(given(answer), "") | dict(meanings)


def given(answer: Any) -> Iterator[str]:
    """Every name that an answer carries: labels, ids, stages, periods, the generation."""
    return (part for part in _parts(answer) if isinstance(part, str))


def _parts(answer: Any) -> Iterator[Any]:
    """Every text and every dataclass in an answer but its facts, the outer ones first."""
    if isinstance(answer, Fact):
        return
    if isinstance(answer, str):
        yield answer
    elif is_dataclass(answer):
        yield answer
        for field in fields(answer):
            yield from _parts(getattr(answer, field.name))
    elif isinstance(answer, dict):
        yield from _parts(list(answer.values()))
    elif isinstance(answer, tuple | list):
        for part in answer:
            yield from _parts(part)


def _own(part: Any) -> Iterator[tuple[str, str]]:
    """The names of one part of an answer, when its own facts are about one entity."""
    entities = Counter(fact.entity for fact in _facts(part) if "=" in fact.entity)
    if not entities:
        return
    entity = entities.most_common(1)[0][0]
    for name in _NAMING:
        said = getattr(part, name, "")
        if said and isinstance(said, str):
            yield said, entity
        elif said and not getattr(part, "pooled", 0) and len(said) == 1:
            yield said[0], entity


def _facts(part: Any) -> Iterator[Fact]:
    for field in fields(part):
        value = getattr(part, field.name)
        for one in value.values() if isinstance(value, dict) else (value,):
            if isinstance(one, Fact):
                yield one
