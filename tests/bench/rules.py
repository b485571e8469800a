"""All default rules on 100,000 open deals after a refresh; and one changed deal, laid over and judged.

python -m tests.bench.rules [OPEN_DEALS]
"""

import shutil
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from analytics import alerts, overlay, store
from analytics.alerts.rules import DEFAULTS, Subject
from analytics.generation import DealRow, ScoreRow
from analytics.refresh import refresh
from analytics.store import Generation
from bot import past
from data import tables
from tests.bench.refresh import AS_OF, load

CLOSED = 5_000  #: deals of the sample, 700 of them open; these are copied until there are enough
COPIES = "copies(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM copies WHERE n < {})"
ONES = 20  #: changed deals laid over, one after the other


def company(home: Path, open_deals: int) -> tuple[Generation, Generation]:
    """The sample refreshed, and as it was a week before, both with so many open deals."""
    load(home, CLOSED)
    refresh(tables.at(home / "tables" / "bench"), home, AS_OF)
    (home / "tables" / "CURRENT").write_text("bench")
    now = store.current(home)
    before = past.week_before(home, now)
    return grown(before, home / "before.sqlite", open_deals), grown(now, home / "now.sqlite", open_deals)


def grown(generation: Generation, path: Path, open_deals: int) -> Generation:
    """The generation with its open deals copied, under ids of their own, until there are so many."""
    shutil.copy(generation.path, path)
    times = open_deals // generation.meta.open
    with closing(sqlite3.connect(path)) as file, file:
        for table, row in (("deals", DealRow), ("scores", ScoreRow)):
            others = ", ".join(row._fields[1:])
            which = "outcome = 'open'" if table == "deals" else "1"
            copied = f"SELECT deal_id || '-' || n, {others} FROM {table}, copies WHERE {which}"
            file.execute(f"WITH RECURSIVE {COPIES.format(times - 1)} INSERT INTO {table} {copied}")
    return store.opened(path)


def seconds(do: Callable[[], object]) -> tuple[float, float]:
    """Seconds and CPU seconds of one run."""
    wall, cpu = time.perf_counter(), time.process_time()
    do()
    return time.perf_counter() - wall, time.process_time() - cpu


def changed(now: Generation, deal_id: str) -> tuple[float, float]:
    """CPU seconds of laying one deal, whose amount was halved, over the generation, and of judging it."""
    row = now.deal(deal_id)
    assert row is not None
    deal = {
        "deal_id": row.deal_id,
        "outcome": "open",
        "created_date": date.fromordinal(row.created_day),
        "stage": row.stage,
        "rep_id": row.rep_id,
        "currency": row.currency,
        "amount_cents": (row.amount_cents or 0) // 2,
        "deal_type": row.deal_type,
        "region": row.region,
    }
    event = {"deal_id": deal_id, "date": now.as_of, "kind": "stage", "new": row.stage, "sequence": 0}
    laid: list[tuple[DealRow, ScoreRow | None]] = []
    _, over = seconds(lambda: laid.append(overlay.told(now, deal, [event | {"origin": "crm"}])))
    _, judged = seconds(lambda: alerts.of_deal(DEFAULTS, now, now, *laid[0]))
    return over, judged


def table(open_deals: int) -> None:
    """Print what was measured."""
    with TemporaryDirectory() as name:
        before, now = company(Path(name), open_deals)
        found: list[object] = []
        wall, cpu = seconds(lambda: found.extend(alerts.findings(DEFAULTS, before, now)))
        print(
            f"{len(now.open_deals()):,} open deals, {len(DEFAULTS)} rules, {len(found):,} findings:", end=" "
        )
        print(f"{wall:.2f} s ({cpu:.2f} s of CPU)")
        for subject in Subject:
            rules = [rule for rule in DEFAULTS if rule.subject is subject]
            print(
                f"  {subject:8} {seconds(lambda r=rules: alerts.findings(r, before, now))[1]:6.2f} s of CPU"
            )
        ids = [row.deal_id for row in now.open_deals()[:ONES]]
        changed(now, ids[0])  # what holds of all deals together is read once
        runs = [changed(now, one) for one in ids]
        over, judged = (1000 * statistics.median(part) for part in zip(*runs, strict=True))
        print(f"one changed deal: {over:.0f} ms of CPU to lay it over, {judged:.1f} ms to judge it")


if __name__ == "__main__":
    table(int(sys.argv[1]) if sys.argv[1:] else 100_000)
