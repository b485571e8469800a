"""Counts of the cells in which effects were planted, added up chunk by chunk."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from data.sample import market
from data.sample.company import Company
from data.sample.days import Bools, Floats, Ints
from data.sample.lives import When
from data.sample.rows import Export

_MAIN_TYPE = list(market.DEAL_TYPES).index("new")


@dataclass(frozen=True, slots=True)
class Tally:
    """Closed new business by cell: the last axis holds deals, won deals, expected wins.

    `is_late` (0, 1) is whether a deal closed since the drop. `open_book` holds open deals and, of them,
    the big silent ones; `crossing` the places in the run of those that became silent on the last day.
    """

    region: Floats  # region, is_late
    source: Floats  # lead source, is_late
    rep: Floats  # rep
    dwell: Floats  # entered the dead stage and stayed short, long
    silence: Floats  # never silent, silent
    open_book: Ints
    crossing: Ints

    def __add__(self, other: Self) -> "Tally":
        added = {
            field.name: getattr(self, field.name) + getattr(other, field.name)
            for field in fields(self)
            if field.name != "crossing"
        }
        return Tally(**added, crossing=np.concatenate([self.crossing, other.crossing]))


def count(export: Export, company: Company, turns: When) -> Tally:
    """The counts of one chunk."""
    lives = export.lives
    main = ~lives.is_open & (lives.deal_type == _MAIN_TYPE)
    is_late = (lives.close >= turns.drop).astype(np.int64)
    dwelt, silent = export.stages.dead_days, export.touches.was_silent.astype(np.int64)
    crossing = _big_silent(export, turns.last, exactly=True)
    return Tally(
        region=_cells(export, main, [lives.region, is_late], [len(market.REGIONS), 2]),
        source=_cells(export, main, [lives.lead_source, is_late], [len(market.LEAD_SOURCES), 2]),
        rep=_cells(export, main, [lives.rep], [len(company.rep_ids)]),
        dwell=_cells(export, main & (dwelt >= 0), [(dwelt > market.LONG_DWELL).astype(np.int64)], [2]),
        silence=_cells(export, main, [silent], [2]),
        open_book=np.array([lives.is_open.sum(), _big_silent(export, turns.last).sum()]),
        crossing=lives.before + np.flatnonzero(crossing),
    )


def _cells(export: Export, where: Bools, codes: Sequence[Ints], shape: Sequence[int]) -> Floats:
    lives, size = export.lives, int(np.prod(shape))
    index = np.ravel_multi_index([code[where] for code in codes], shape)
    sums = [
        np.bincount(index, minlength=size),
        np.bincount(index[lives.is_won[where]], minlength=size),
        np.bincount(index, weights=lives.chance[where], minlength=size),
    ]
    return np.stack(sums, axis=-1).reshape(*shape, len(sums)).astype(np.float64)


def _big_silent(export: Export, last: int, *, exactly: bool = False) -> Bools:
    """Open deals over both lines of the stalled rule; `exactly`: since the last day only."""
    quiet = last - export.touches.last
    over = quiet == market.SILENCE_DAYS + 1 if exactly else quiet > market.SILENCE_DAYS
    big = export.amounts.now >= market.BIG_CENTS
    return export.lives.is_open & big & over & (export.touches.last >= 0)
