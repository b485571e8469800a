"""Show 4: are the deals alerted on lost more often, and is that nil in a shuffled sample? `--shuffles 200`.

The default sample is written, loaded, refreshed and tried; then copies of its days whose outcomes are dealt
out anew; then its twins, whose outcomes were dealt out anew before they were loaded.
"""

import argparse
import csv
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
from rich.console import Console

from analytics import refresh
from analytics.alerts.backtest import backtest, seen
from analytics.alerts.ration import Economy
from analytics.alerts.rules import DEFAULTS, Level
from analytics.facts import Fact, Trial
from bot.figures import Style, text
from data import load, sample, tables

AS_OF = date(2026, 11, 20)
OVER_LINE = ("stalled", "odds_fell", "stalled_medium", "odds_fell_medium", "pushed", "overdue", "old")


def filled(home: Path, seed: int | None) -> None:
    """The default sample, loaded and refreshed; with a seed, its outcomes dealt out anew."""
    sample.write(home / "files", as_of=AS_OF)
    if seed is not None:
        _shuffle(home / "files" / "deals.csv", seed)
    load.load(sorted((home / "files").glob("*.csv")), home, loaded_on=AS_OF)
    refresh.refresh(tables.current(home), home, AS_OF)


def _shuffle(path: Path, seed: int) -> None:
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    outcome, kind = (np.array([row[name] for row in rows]) for name in ("outcome", "deal_type"))
    for row, dealt in zip(rows, sample.shuffle_outcomes(outcome, kind, seed), strict=True):
        row["outcome"] = str(dealt)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def tell(console: Console, home: Path, title: str) -> None:
    """Print what every rule is worth, and who would have been told how much."""
    began = perf_counter()
    found = backtest(tables.current(home), DEFAULTS, AS_OF, Economy(), home)
    console.print(f"[bold]{title}[/] ({perf_counter() - began:.1f} s)")
    for trial in (*([found.together] if found.together else []), *found.trials):
        if "lost" in trial.figures:
            console.print(f"  {trial.id} {trial.worth}: {_compared(trial)}")
    for trial in (*([found.together] if found.together else []), *found.trials):
        if "told" in trial.figures and trial.level == Level.P1:
            console.print(f"  {trial.id}: {_told(trial)}")


def _compared(trial: Trial) -> str:
    known = trial.figures
    sides = f"lost {_said(known['lost'])} against {_said(known['alike'])}"
    apart = f"{text(known['difference'])} ({text(known['difference'], Style.RANGE)})"
    lift = f", lift {_said(known['lift'])}" if "lift" in known else ""
    return f"{sides}, {apart}{lift}"


def _said(fact: Fact) -> str:
    return f"{text(fact)} ({text(fact, Style.RANGE)}, n {fact.n})"


def _told(trial: Trial) -> str:
    names = (
        "crossings",
        "told",
        "per_manager_week",
        "told_per_week",
        "busiest_rep",
        "reached",
        "busiest_manager",
    )
    return ", ".join(f"{name} {text(trial.figures[name])}" for name in names)


def missed(home: Path, shuffles: int) -> dict[str, float]:
    """By rule, the share of copies with outcomes dealt out anew whose interval misses zero."""
    rules = [rule for rule in DEFAULTS if rule.id in OVER_LINE]
    season = seen(tables.current(home), rules, AS_OF, Economy(), home)
    kinds = _kinds(home, season.days.fates.deal_ids)
    misses: dict[str, list[bool]] = {rule.id: [] for rule in rules}
    for seed in range(shuffles):
        dealt = sample.shuffle_outcomes(season.days.fates.outcome, kinds, seed)
        copy = replace(season, days=replace(season.days, fates=replace(season.days.fates, outcome=dealt)))
        copy.__dict__["holds"] = season.holds  # what is over the line does not depend on how it ended
        for rule in rules:
            misses[rule.id] += _missed(copy.contrast([rule]))
    return {each: float(np.mean(found)) for each, found in misses.items() if found}


def _missed(found: object) -> list[bool]:
    low, high = getattr(found, "low", None), getattr(found, "high", None)
    return [] if low is None or high is None else [not low <= 0 <= high]


def _kinds(home: Path, deal_ids: np.ndarray) -> np.ndarray:
    import pyarrow.parquet as pq

    told = pq.read_table(tables.current(home).path("deals"), columns=["deal_id", "deal_type"]).to_pylist()
    kinds = {row["deal_id"]: row["deal_type"] or "" for row in told}
    return np.array([kinds[str(each)] for each in deal_ids])


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shuffles", type=int, default=200)
    parser.add_argument("--twins", type=int, default=2)
    asked, console = parser.parse_args(arguments), Console(width=150)
    with TemporaryDirectory() as folder:
        filled(Path(folder), None)
        tell(console, Path(folder), "the sample")
        shares = missed(Path(folder), asked.shuffles)
        console.print(f"outcomes dealt out anew, {asked.shuffles} times; intervals that miss zero: {shares}")
    for seed in range(1, asked.twins + 1):
        with TemporaryDirectory() as folder:
            filled(Path(folder), seed)
            tell(console, Path(folder), f"its twin {seed}, shuffled before it was loaded")


if __name__ == "__main__":
    main()
