"""How well the checker reads sentences that code made false: `python -m tests.bench.checker`."""

import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

from analytics import refresh
from bot.narrator.check import check
from data import load, sample, tables
from tests import corruptions, true_sentences
from tests.true_sentences import Case

AS_OF = date(2024, 6, 28)
EACH, CLEAN, SEED = 60, 900, 20241121


def home_with_sample(home: Path) -> Path:
    """A small CRM, loaded and refreshed."""
    sample.write(home / "files", as_of=AS_OF, deals=1500, seed=7)
    load.load(sorted((home / "files").glob("*.csv")), home, loaded_on=AS_OF)
    refresh.refresh(tables.current(home), home, AS_OF)
    return home


def detected(cases: Sequence[Case]) -> dict[str, tuple[int, int]]:
    """By class: how many were found, of how many."""
    every = Counter(case.kind for case in cases)
    found = Counter(case.kind for case in cases if check(case.text, case.known))
    return {kind: (found[kind], every[kind]) for kind in every}


def microseconds(cases: Sequence[Case]) -> float:
    """A sentence, when what is known has been read once."""
    for case in cases:
        check(case.text, case.known)
    began = time.perf_counter()
    for case in cases:
        check(case.text, case.known)
    return 1e6 * (time.perf_counter() - began) / len(cases)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        home = home_with_sample(Path(folder))
        cases = true_sentences.clean(home, SEED, CLEAN)
        own = true_sentences.product(home)
    false = corruptions.corrupted(cases, SEED, EACH)
    drawn = Table("class", "found", "of", "rate", title="E1: sentences made false by code, sentences=()")
    rates = detected(false)
    for kind, (found, of) in rates.items():
        drawn.add_row(kind, str(found), str(of), f"{100 * found / of:.1f} %")
    found, of = (sum(column) for column in zip(*rates.values(), strict=True))
    drawn.add_row("all", str(found), str(of), f"{100 * found / of:.1f} %")
    Console().print(drawn)
    for name, some in (("free", [c for c in cases if c.source == "free"]), ("product", own)):
        alarms = [case.text for case in some if check(case.text, case.known)]
        print(f"false alarms, {name}: {len(alarms)} of {len(some)}, {100 * len(alarms) / len(some):.2f} %")
    print(f"{microseconds(cases):.0f} microseconds a sentence")


if __name__ == "__main__":
    main()
