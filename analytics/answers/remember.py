"""Answers kept for as long as their generation: asked again, nothing is computed again."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary, ref

from analytics.store import Generation

KEPT = 512  #: answers of one kind per generation

Given = ParamSpec("Given")
Answer = TypeVar("Answer")
Asked = Callable[Concatenate[Generation, Given], Answer]


def remembered(answer: Asked[Given, Answer]) -> Asked[Given, Answer]:
    """The same function of a generation and hashable arguments, with its last `KEPT` results kept.

    They go with the generation, which is never kept alive by them.
    """
    kept: WeakKeyDictionary[Generation, Callable[Given, Answer]] = WeakKeyDictionary()

    @wraps(answer)
    def recalled(generation: Generation, /, *given: Given.args, **named: Given.kwargs) -> Answer:
        ask = kept.get(generation)
        if ask is None:
            ask = kept[generation] = _asker(answer, ref(generation))
        return ask(*given, **named)

    return recalled


def _asker(answer: Callable[..., Answer], generation: "ref[Generation]") -> Callable[..., Answer]:
    def ask(*given: Any, **named: Any) -> Answer:
        return answer(generation(), *given, **named)

    return lru_cache(maxsize=KEPT)(ask)
