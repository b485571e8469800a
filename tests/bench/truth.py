"""Is what was planted found, and nothing else? `python -m tests.bench.truth --seeds 20 --shuffles 200`.

Each seed is a sample of 5,000 closed deals, refreshed once and asked everything. The search of /why pays for
all that it looks at and sees the drop there in about 9 of 10 cases, so it is asked at 20,000 as well.
Shuffled copies deal the outcomes of one sample's main kind of business out anew: whatever is then found is
false.
"""

import argparse
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, TypeVar

import numpy as np
import pandas as pd
from rich.console import Console
from rich.progress import track
from rich.table import Table

from analytics import drivers, landmarks, refresh, segments, store, timeline, verdict, watch
from analytics.engine import Engine
from analytics.facts import Verdict
from data import load, sample, tables
from data.sample import Planted, market
from data.schema import TABLES
from tests import planted_truth
from tests.planted_truth import Check, Nulls

AS_OF = date(2024, 6, 28)
CLOSE, FAR = 5_000, 20_000  #: closed deals of a sample: what most effects need, what the search of /why needs
WORKERS = 2
SEARCHED = ["region", "industry", "product", "lead_source", "team", "amount_band"]
BROKEN_DOWN = (*SEARCHED, "rep")
CLOSED = f"SELECT {', '.join(BROKEN_DOWN)}, close_month, won FROM closed WHERE deal_type = 'new' ORDER BY ALL"

T = TypeVar("T")


class Copy(NamedTuple):
    """What was called real in a copy where nothing is, by family; and how well its model told deals apart."""

    alarms: Mapping[str, float]
    auc: float


@dataclass(frozen=True, slots=True)
class Known:
    """Closed deals of the main kind of business, one row each, and snapshots of all of it."""

    closed: pd.DataFrame
    snapshots: pd.DataFrame


def loaded(home: Path, seed: int, deals: int = CLOSE, needed: Collection[str] = tuple(TABLES)) -> Planted:
    """Writes and loads a sample, and tells what was planted in it."""
    told = sample.write(home / "files", as_of=AS_OF, deals=deals, seed=seed, tables=needed)
    load.load(sorted((home / "files").glob("*.csv")), home, loaded_on=AS_OF)
    return told


def known(home: Path) -> Known:
    """What the building blocks of the answers are given."""
    with Engine(tables.current(home), AS_OF, spill=home, threads=1) as engine:
        timeline.survey(engine)
        refresh.prepare(engine)
        frame = landmarks.training(engine)
        return Known(engine.frame(CLOSED), frame[frame["deal_type"] == market.DROP_TYPE])


def asked(seed: int) -> tuple[list[Check], Nulls]:
    """All checks of a seed, from one refresh."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        told = loaded(home, seed)
        refresh.refresh(tables.current(home), home, AS_OF, threads=1)
        generation = store.current(home)
        return planted_truth.checks(generation, told), planted_truth.nulls(generation)


def searched(seed: int) -> Check:
    """The drop, searched in four times as many deals."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        told = loaded(home, seed, FAR, ("deals", "people"))
        before, since = (period.start for period in planted_truth.around_the_drop(told))
        found = found_segments(known(home).closed, before, since)
    fell = [one for one in found if one.where == {"region": market.DROP_REGION}]
    right = fell[0].low <= market.DROP <= fell[0].high if fell else None
    return Check("segment_drop", f"/why, {FAR:,} deals", bool(fell), right)


def found_segments(closed: pd.DataFrame, before: date | None, since: date | None) -> list[segments.Segment]:
    """What explains the change of the win rate since a day, against the time from another day on."""
    assert before
    assert since
    first, turn = (100 * day.year + day.month for day in (before, since))
    month = closed["close_month"]
    sides = [closed[(month >= first) & (month < turn)], closed[month >= turn]]
    then, now = (
        side.groupby(SEARCHED, as_index=False, observed=True).agg(n=("won", "size"), won=("won", "sum"))
        for side in sides
    )
    return segments.find(then, now, SEARCHED)


def shuffled(it: Known, seed: int) -> Copy:
    """A copy of what is known, its outcomes dealt out anew, asked everything."""
    won = np.random.default_rng(seed).permutation(it.closed["won"].to_numpy())
    closed = it.closed.assign(won=won)
    trained = drivers.train(dealt_anew(it.snapshots, seed), AS_OF.toordinal(), candidates=("additive",))
    judged = {by: rates_judged(closed, by) for by in BROKEN_DOWN}
    signals = {by: [v is Verdict.SIGNAL for v in verdicts] for by, verdicts in judged.items()}
    alarms = {
        "/winrate: a breakdown": np.mean([any(found) for found in signals.values()]),
        "/coach rep: a given rep": np.mean(signals["rep"]),
        "/coach rep: any of 25 reps": any(signals["rep"]),
        "/why: a segment": bool(found_segments(closed, date(2023, 7, 1), date(2024, 1, 1))),
        "/watch region: an alarm": alarmed(closed, "region"),
        "/drivers: a driver": any(one["verdict"] == "Signal" for one in trained.effects),
        "the gate opens": trained.speaks,
    }
    (auc,) = (row["auc"] for row in trained.card["tried"] if row["chosen"])
    return Copy({family: float(alarm) for family, alarm in alarms.items()}, auc)


def dealt_anew(snapshots: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The snapshots with the outcomes of their closed deals dealt out anew, within each deal type."""
    deals = snapshots.drop_duplicates("deal_id").set_index("deal_id")
    kinds, outcomes = deals["deal_type"].to_numpy(str), deals["outcome"].to_numpy(str)
    anew = pd.Series(sample.shuffle_outcomes(outcomes, kinds, seed), deals.index)
    return snapshots.assign(outcome=snapshots["deal_id"].map(anew))


def rates_judged(closed: pd.DataFrame, by: str) -> Sequence[Verdict | None]:
    """The verdict on each value, as /winrate and /coach rep give it."""
    cells = closed.groupby(by, observed=True)["won"].agg(["sum", "size"])
    every = [True] * len(cells)
    return verdict.judge(cells["sum"], cells["size"], complete=every, single=every).cells


def alarmed(closed: pd.DataFrame, by: str) -> bool:
    """Does any complete month of anything watched carry a signal?"""
    whole = closed[closed["close_month"] < 100 * AS_OF.year + AS_OF.month]
    months = np.sort(whole["close_month"].unique())[1:]
    cells = whole.groupby([by, "close_month"], observed=True)["won"].agg(["size", "sum"])
    n, won = (cells[c].unstack(fill_value=0).reindex(columns=months, fill_value=0) for c in ("size", "sum"))
    counts = (np.vstack([one.sum(0), one]) for one in (n.to_numpy(), won.to_numpy()))
    seen = watch.watch(*counts, (int(months[0]) % 100 - 1) % 3)
    return any(month.signal for one in seen.series for month in one.months)


def spread(work: Callable[[int], T], seeds: Sequence[int], what: str, workers: int) -> list[T]:
    """The work of every seed, a few at a time."""
    if workers < 2:
        return [work(seed) for seed in track(seeds, what)]
    with ProcessPoolExecutor(workers) as pool:
        return list(track(pool.map(work, seeds), what, total=len(seeds)))


def of_planted(rows: Iterable[Check]) -> Table:
    """How often each effect was found, and how often the range told holds its size."""
    drawn = Table("planted", "asked by", "found", "size inside its 95 % range", title="planted effects")
    by_answer: dict[tuple[str, str], list[Check]] = {}
    for row in rows:
        by_answer.setdefault((row.effect, row.answer), []).append(row)
    for (effect, answer), own in by_answer.items():
        sized = [row.holds for row in own if row.holds is not None]
        right = f"{sum(sized)} of {len(sized)}" if sized else "no size is told"
        drawn.add_row(effect, answer, f"{sum(row.found for row in own)} of {len(own)}", right)
    return drawn


def of_nulls(found: Iterable[Nulls]) -> str:
    """What the drivers say of everything that has no influence."""
    values, signals, held = (sum(column) for column in zip(*found, strict=True))
    return (
        f"Of {values:,} values that drive nothing, /drivers calls {signals} a Signal "
        f"({100 * signals / values:.1f} %), and the range of {100 * held / values:.1f} % holds their truth."
    )


def of_copies(found: Sequence[Copy]) -> Table:
    """How often something was called real where nothing is."""
    drawn = Table("family", "called real", "aim", title=f"{len(found)} shuffled copies")
    for family in found[0].alarms:
        share = float(np.mean([copy.alarms[family] for copy in found]))
        drawn.add_row(family, f"{100 * share:.1f} %", "" if "any" in family else "<= 5 %")
    drawn.add_row("mean AUC out of time", f"{np.mean([copy.auc for copy in found]):.3f}", "<= 0.53")
    return drawn


def main() -> None:
    """Measure and print."""
    asking = argparse.ArgumentParser(description=__doc__)
    asking.add_argument("--seeds", type=int, default=20)
    asking.add_argument("--shuffles", type=int, default=200)
    asking.add_argument("--workers", type=int, default=WORKERS)
    given = asking.parse_args()
    show, seeds = Console(width=120), range(1, given.seeds + 1)
    if given.seeds:
        rows, silent = zip(*spread(asked, seeds, "samples refreshed", given.workers), strict=True)
        large = spread(searched, seeds, "large samples", given.workers)
        show.print(of_planted([*(row for seed in rows for row in seed), *large]), of_nulls(silent))
    if given.shuffles:
        with TemporaryDirectory() as folder:
            loaded(Path(folder), seed=7)
            copy = partial(shuffled, known(Path(folder)))
        show.print(of_copies(spread(copy, range(given.shuffles), "shuffled copies", given.workers)))


if __name__ == "__main__":
    main()
