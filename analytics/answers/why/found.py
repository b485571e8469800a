"""The cells of two periods -> the segments that explain the change, their rivals, a lead, and the parts."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analytics import attribution, segments
from analytics.answers.why.asked import Asked
from analytics.answers.why.change import FEWEST, Count
from analytics.answers.why.told import Teller, Values, Where
from analytics.facts import Fact, Part, Segment, Verdict
from analytics.segments import Cells, Search
from analytics.segments.search import stepwise

NEARLY = math.log(20)  #: how much larger a rival's p may be and still explain nearly as well
MOST_RIVALS = 3
LEAST_SHARE = 0.05  #: of all deals, below which a segment is no place to look first. Source: ours


@dataclass(frozen=True, slots=True)
class Findings:
    """What a search of the cells gave."""

    parts: tuple[Part, ...] = ()
    found: tuple[Segment, ...] = ()
    rivals: tuple[Segment, ...] = ()
    lead: Segment | None = None


def findings(asked: Asked, tell: Teller, whole: Fact) -> Findings:
    """Searches the change, then shares it out. A dimension asked for pays for its own values alone."""
    cells = asked.cells(asked.searched)
    among = [name for name in asked.searched if name == asked.question.by]
    search = segments.over(cells, among=among)
    places = stepwise(search) if search.candidates.wheres else []
    fitted = search.fitted(places)
    wheres = [_where(search, place) for place in places]
    first = [asked.question.by] if asked.question.by else []
    parts = attribution.across(cells, fitted, first)
    sized = {_of(s.where): s for s in segments.searching.described(search, places)}
    found = tuple(
        _told(tell, cells, where, Verdict.SIGNAL, (seen.change, seen.low, seen.high))
        for where, seen in sized.items()
    )
    rivals = tuple(_told(tell, cells, _where(search, place), None) for place in _rivals(search, places))
    lead = None if found else _lead(tell, search, whole)
    return Findings(tell.parts(parts, wheres, whole), found, rivals, lead)


def _rivals(search: Search, found: list[int]) -> list[int]:
    """Segments that would explain nearly as well as one that was found, in its place."""
    near: dict[int, float] = {}
    for place in found:
        others = [other for other in found if other != place]
        seen = search.evidence(search.fitted(others), others)
        close = (seen.log_p <= min(seen.log_p[place] + NEARLY, search.log_alpha)).nonzero()[0]
        near |= {int(rival): float(seen.log_p[rival] - seen.log_p[place]) for rival in close}
    return sorted(set(near) - set(found), key=lambda rival: (near[rival], rival))[:MOST_RIVALS]


def _lead(tell: Teller, search: Search, whole: Fact) -> Segment | None:
    """The value with most evidence that it moved unlike the rest, the way the whole went, if there is one."""
    if not search.candidates.wheres or not whole.value:
        return None
    seen = search.evidence(search.fitted([]), [])
    alone = np.array([len(where) == 1 for where in search.candidates.wheres])
    toward = alone & (seen.shift * float(whole.value) > 0) & np.isfinite(seen.log_p)
    places = np.flatnonzero(toward)
    for place in places[np.argsort((seen.log_p - search.candidates.cost)[places], kind="stable")]:
        if _is_sizeable(search, int(place)):
            return _told(tell, search.cells, _where(search, int(place)), None)
    return None


def _is_sizeable(search: Search, place: int) -> bool:
    """Has it deals enough in both periods, and share enough, to matter for the whole?"""
    inside = search.candidates.column(place)
    deals = [(float(inside @ n), float(n.sum())) for n in search.cells.n]
    return all(own >= max(FEWEST, LEAST_SHARE * every) for own, every in deals)


def _told(
    tell: Teller,
    cells: Cells,
    where: Where,
    judged: Verdict | None,
    excess: tuple[float, float, float] | None = None,
) -> Segment:
    inside = cells.inside(dict(where))
    before, after = (
        Count(int(n[inside].sum()), int(won[inside].sum())) for n, won in zip(cells.n, cells.won, strict=True)
    )
    rest_before, rest_after = (
        Count(int(n[~inside].sum()), int(won[~inside].sum()))
        for n, won in zip(cells.n, cells.won, strict=True)
    )
    values = _values(cells, where[0][0]) if len(where) == 1 else None
    if values:
        effects = values.effects()[list(values.values).index(where[0][1])]
    else:
        effects = Values(("", "rest"), (before, rest_before), (after, rest_after)).effects()[0]
    return tell.segment(where, before, after, judged, effects, excess)


def _values(cells: Cells, dimension: str) -> Values:
    place = cells.dimensions.index(dimension)
    codes, known = cells.codes[:, place], cells.values[place]
    sides = [
        [
            Count(int(n), int(w))
            for n, w in zip(
                np.bincount(codes, deals, len(known)), np.bincount(codes, won, len(known)), strict=True
            )
        ]
        for deals, won in zip(cells.n, cells.won, strict=True)
    ]
    return Values(known, *sides)


def _where(search: Search, place: int) -> Where:
    return _of(search.candidates.named(place, search.cells))


def _of(where: Mapping[str, str]) -> Where:
    return tuple(where.items())
