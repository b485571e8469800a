"""Every benchmark, as one table: `make bench`. Figures are medians or ratios within this run."""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

from analytics import refresh as refreshing
from analytics import store
from data import load, sample, tables
from tests.bench import http
from tests.bench import refresh as refresh_bench

AS_OF = date(2024, 6, 28)
ASKS = 7


def home_with_sample(home: Path) -> Path:
    """The default sample, loaded and refreshed."""
    sample.write(home / "files", as_of=AS_OF)
    load.load(sorted((home / "files").glob("*.csv")), home, loaded_on=AS_OF)
    refreshing.refresh(tables.current(home), home, AS_OF)
    return home


def seconds_to_answer(home: Path) -> float:
    """Wall seconds from `dealcoach ask` to its end, start-up included: the median of several."""
    environment = os.environ | {"DEALCOACH_HOME": str(home)}  # noqa: TID251
    command = [sys.executable, "-m", "bot.cli", "ask", "/winrate region"]
    taken = []
    for _ in range(ASKS):
        began = time.perf_counter()
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def main() -> None:
    """Measure and print."""
    drawn = Table("what", "figure", "aim", title="dealcoach benchmarks")
    with tempfile.TemporaryDirectory() as folder:
        home = home_with_sample(Path(folder))
        waited = f"{seconds_to_answer(home):.2f} s"
        drawn.add_row("`dealcoach ask` to text, start-up included", waited, "< 1.5 s")
        cro = next(p for p in store.current(home).people() if p.role == "cro")
        kinds = asyncio.run(http.compare(home, cro.email or ""))
    for kind, figures in kinds.items():
        waits = f"ack p50 {figures.ack_p50_ms:.2f}, p99 {figures.ack_p99_ms:.2f} ms"
        waits += f"; answer p50 {figures.answer_p50_ms:.2f}, p99 {figures.answer_p99_ms:.2f} ms"
        drawn.add_row(f"HTTP, {KINDS[kind]}: CPU per command", f"{figures.cpu_ms:.2f} ms", "")
        drawn.add_row("  waits", waits, "")
    beyond = kinds["coach"].cpu_ms - kinds["respond"].cpu_ms
    drawn.add_row("our CPU per answer beyond Bolt's (posting a message)", f"{beyond:.2f} ms", "< 1 ms")
    sizes = list(refresh_bench.rows())
    for row in sizes:
        cost, query = row.refresh, row.query
        shown = f"{cost.seconds:.2f} / {query.seconds:.2f} s = {row.ratio:.2f}"
        shown += f", peak {cost.peak_megabytes:.0f} MB"
        drawn.add_row(f"refresh {row.deals:,} deals / a DuckDB query of its cube", shown, "< 2; < 1 GB at 1M")
        shown = f"{row.upon.cpu_seconds:.2f} / {row.refresh.cpu_seconds:.2f} CPU s = {row.ratio_upon:.2f}"
        drawn.add_row(f"refresh {row.deals:,} deals, 1 % changed / all anew", shown, "a small part")
        drawn.add_row(f"one changed deal of {row.deals:,}: CPU", f"{row.one_ms:.0f} ms", "< 1 s")
    drawn.add_row("refresh: growth exponent", f"{refresh_bench.growth(sizes):.2f}", "1 is linear")
    Console(width=130).print(drawn)


KINDS = {"ack": "bare Bolt that acknowledges", "respond": "bare Bolt that posts 'ok'", "coach": "dealcoach"}

if __name__ == "__main__":
    main()
