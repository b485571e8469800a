"""An answer in, the names it carries out, each with the entity of the facts it stands for."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from analytics.facts import Fact
from bot.narrator.check.numerals import given

_NAMING = ("labels", "name", "deal_id", "rep_id")


def names_of(answer: Any) -> dict[str, str]:
    """Every name of an answer -> the entity it means, "" where it is no entity of a fact.

    `{"Priya Rao": "rep=rep_22", "APAC": "region=APAC", "all time": ""}`: with this a figure told of the
    wrong person is found, though facts know people only by their ids.
    """
    return dict.fromkeys(given(answer), "") | dict(_meanings(answer))


def _meanings(part: Any) -> Iterator[tuple[str, str]]:
    if isinstance(part, Fact | str):
        return
    if is_dataclass(part):
        yield from _own(part)
        for field in fields(part):
            yield from _meanings(getattr(part, field.name))
    elif isinstance(part, dict):
        yield from _meanings(list(part.values()))
    elif isinstance(part, tuple | list):
        for one in part:
            yield from _meanings(one)


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
