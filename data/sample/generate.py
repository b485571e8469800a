"""A number of deals, a day and a seed become the CSV files of a CRM, and the list of what was planted."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import add
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data.sample import company as companies
from data.sample import draws, intake, lives, market, paths, rows, tally, touches
from data.sample.company import Company
from data.sample.files import Files
from data.sample.lives import Lives, When
from data.sample.planted import Planted, effects
from data.sample.rows import Export
from data.sample.shuffle import shuffle_outcomes as dealt_anew
from data.sample.tally import Tally
from data.schema import TABLES

Progress = Callable[[str, int, int | None], None]
FEWEST, MOST = 100, 10_000_000


@dataclass(frozen=True, slots=True)
class _Run:
    """One call of `write`."""

    company: Company
    deals: intake.Intake
    turns: When
    seed: int
    is_shuffled: bool

    @property
    def id_width(self) -> int:
        return max(5, len(str(self.deals.deals)))


def write(
    out: Path,
    *,
    as_of: date,
    deals: int = 5000,
    seed: int = 7,
    progress: Progress | None = None,
    shuffle_outcomes: bool = False,
    tables: Collection[str] = tuple(TABLES),
) -> Planted:
    """Writes a made-up CRM, as it looks on `as_of`, and tells what was planted in it.

    The files are deals.csv, deal_events.csv, activities.csv, people.csv, quotas.csv, in the canonical
    columns, and planted.json. The same arguments give the same bytes. Memory does not grow with `deals`,
    apart from a few bytes per account.

    Args:
        out: folder, made when missing; files of an earlier sample in it are replaced.
        as_of: last day of the history, which is two years and a quarter long.
        deals: closed deals, exactly; about 14 % more are open.
        seed: from 0.
        progress: told what is being written, deals done and deals in all.
        shuffle_outcomes: deals the outcomes out anew within each deal type (and within each 50,000
            deals), so that nothing planted is left to find.
        tables: only these files (and planted.json), for when the rest is not needed.

    Raises:
        ValueError: `deals` or `seed` out of range, or a table that does not exist.
    """
    _check(deals, seed, tables)
    out.mkdir(parents=True, exist_ok=True)
    company = companies.found(deals, seed)
    plan = intake.plan(deals, as_of, company, seed)
    run = _Run(company, plan, lives.when(as_of), seed, shuffle_outcomes)
    with Files(out, tables) as files:
        files.append("people", rows.people(company.people))
        files.append("quotas", rows.quotas(companies.quotas(company, deals, as_of, seed)))
        counted = reduce(add, _chunks(run, files, progress))
    planted = _planted(run, counted, as_of, deals)
    (out / "planted.json").write_text(planted.json(), encoding="utf-8")
    return planted


def _check(deals: int, seed: int, tables: Collection[str]) -> None:
    if not FEWEST <= deals <= MOST:
        raise ValueError(f"A sample of {deals!r} deals cannot be made: ask for {FEWEST:,} to {MOST:,}.")
    if seed < 0:
        raise ValueError(f"The seed {seed!r} is negative: use 0 or more.")
    if unknown := sorted(set(tables) - set(TABLES)):
        raise ValueError(f"There is no table {unknown[0]!r}: choose from {', '.join(TABLES)}.")


def _chunks(run: _Run, files: Files, progress: Progress | None) -> Iterator[Tally]:
    """Writes chunk after chunk and yields what each adds to the counts."""
    for chunk in intake.chunks(run.deals):
        if progress:
            progress("Writing deals", chunk.before, run.deals.deals)
        rng = draws.stream(run.seed, *chunk.place)
        export = _export(rng, lives.draw(rng, chunk, run.company, run.turns), run)
        _append(files, rng, export, run)
        yield tally.count(export, run.company, run.turns)
    if progress:
        progress("Writing deals", run.deals.deals, run.deals.deals)


def _export(rng: np.random.Generator, drawn: Lives, run: _Run) -> Export:
    last, shares = run.turns.last, run.company.rep_shares
    owners = paths.owners(rng, drawn, last, shares)
    return Export(
        lives=drawn,
        owners=owners,
        stages=paths.stages(rng, drawn, last),
        amounts=paths.amounts(rng, drawn, last),
        close_dates=paths.close_dates(rng, drawn, last),
        touches=touches.draw(rng, drawn, owners, last),
        outcome=_outcomes(drawn, run),
    )


def _outcomes(drawn: Lives, run: _Run) -> NDArray[np.str_]:
    outcome = np.where(drawn.is_open, "open", np.where(drawn.is_won, "won", "lost"))
    return dealt_anew(outcome, drawn.deal_type, run.seed) if run.is_shuffled else outcome


def _append(files: Files, rng: np.random.Generator, export: Export, run: _Run) -> None:
    """Writes a chunk's rows."""
    deal_ids = rows.ids(export.lives.before + np.arange(len(export.outcome)), run.id_width)
    files.append("deals", rows.deals(rng, export, deal_ids, run.company))
    if files.wants("deal_events"):
        files.append("deal_events", rows.events(export, deal_ids, run.company))
    if files.wants("activities"):
        files.append("activities", rows.activities(export, deal_ids, run.company))


def _planted(run: _Run, counted: Tally, as_of: date, closed: int) -> Planted:
    return Planted(
        as_of=as_of,
        seed=run.seed,
        closed=closed,
        open=int(counted.open_book[0]),
        effects=() if run.is_shuffled else effects(counted, run.company, run.turns),
        null_dimensions=market.NULL_DIMENSIONS,
        stalled=int(counted.open_book[1]),
        newly_stalled=tuple(rows.ids(counted.crossing, run.id_width).to_pylist()),
    )
