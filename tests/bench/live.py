"""How well a real model tells our answers: `make eval-live BASE_URL=... MODEL=...`, against any server.

Deal cards and breakdowns of the seeded sample go through the same telling as in Slack; the table says how
much of what the model wrote may be read, how often plain words stood in, and what it took. Not for CI.
`llmock serve` and BASE_URL=http://127.0.0.1:8000/v1 try the command itself, without a model.
"""

import argparse
import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

import structlog
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table

from analytics import refresh
from analytics.questions import EVERYONE
from bot import clock, replies
from bot import settings as config
from bot.coach import Coach, Inquiry
from bot.memory import Memory, usage
from bot.memory.usage import Summary
from bot.model import Asker
from bot.settings import Settings
from data import load, sample, tables

AS_OF = date(2024, 6, 28)
DEALS = 1500
BREAKDOWNS = (
    "/winrate region",
    "/winrate industry",
    "/winrate lead source",
    "/winrate region by quarter",
    "/winrate industry last quarter",
)
BY_MODEL = ("claim", "play", "say")


@dataclass
class Seen:
    """What was measured over all answers."""

    answers: int = 0
    plain: Counter[str] = field(default_factory=Counter)
    told: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)


def prepared(home: Path) -> None:
    """The seeded sample CRM, loaded and computed."""
    sample.write(home / "files", as_of=AS_OF, deals=DEALS, seed=7)
    load.load(sorted((home / "files").glob("*.csv")), home, loaded_on=AS_OF)
    refresh.refresh(tables.current(home), home, AS_OF)


def lines(inquiry: Inquiry, cards: int) -> Iterator[str]:
    """What is asked: breakdowns, then the cards of the largest open deals."""
    yield from BREAKDOWNS
    deals = sorted(inquiry.generation.open_deals(EVERYONE), key=lambda row: -(row.amount_cents or 0))
    yield from (f"/deal {row.deal_id}" for row in deals[:cards])


async def ask(line: str, inquiry: Inquiry, mode: str, seen: Seen) -> None:
    """One answer, told by the model as in Slack."""
    from bot.narrator.telling import Telling

    reply = await replies.reply(inquiry.understand_line(line), inquiry)
    asker = Asker(inquiry.coach.settings.workspace, "UBENCH", "answer")
    telling = Telling(reply.words, inquiry.coach.model, asker, mode, line, "bench", answer=reply.answer)
    began, first = time.perf_counter(), None
    async for told in telling.lines():
        if told.by in BY_MODEL:
            seen.told += 1
            first = first or time.perf_counter() - began
    seen.seconds.append(time.perf_counter() - began)
    note(telling.outcome, first, seen)


def note(outcome: object, first: float | None, seen: Seen) -> None:
    """Add one answer to what was measured."""
    seen.answers += 1
    seen.dropped.update(outcome.dropped)
    if first is not None:
        seen.first.append(first)
    if outcome.reason or outcome.told_by != "model":
        seen.plain[outcome.reason or "template"] += 1


async def measured(settings: Settings, cards: int, mode: str) -> tuple[Seen, Summary]:
    """Every answer, one after the other, and what they used."""
    seen, since = Seen(), clock.now() - timedelta(seconds=1)
    async with Memory.open(settings.memory_url) as memory:
        coach = Coach(settings, memory)
        inquiry = coach.asked_here()
        await coach.model.warm()
        for line in lines(inquiry, cards):
            await ask(line, inquiry, mode, seen)
        await coach.aclose()
        async with memory.read() as connection:
            return seen, await usage.summary(connection, settings.workspace, since)


def rows(seen: Seen, used: Summary) -> Iterator[tuple[str, str]]:
    """The table, a line each."""
    blocks = seen.told + seen.dropped.total()
    yield "answers", f"{seen.answers}, {used.calls} calls"
    yield "blocks accepted", f"{share(seen.told, blocks)} ({seen.told} of {blocks})"
    yield "blocks dropped", reasons(seen.dropped)
    yield "answers that fell back", f"{share(seen.plain.total(), seen.answers)} {reasons(seen.plain)}"
    yield "calls that failed", reasons(used.untold)
    yield "tokens", f"{used.tokens}{', partly estimated' if used.estimated else ''}"
    yield "cost", "no prices set" if used.cost is None else f"{used.cost:.4f}"
    yield "whole answer, p50 / p95", spread(seen.seconds)
    yield "first line of the model, p50 / p95", spread(seen.first)


def share(part: int, whole: int) -> str:
    """A rate in percent; "-" of nothing."""
    return f"{100 * part / whole:.1f} %" if whole else "-"


def reasons(counts: Counter[str]) -> str:
    """Reasons with their counts, the commonest first."""
    return ", ".join(f"{name} {n}" for name, n in sorted(counts.items(), key=lambda one: -one[1])) or "none"


def spread(seconds: Sequence[float]) -> str:
    """The median and the 95th percentile, seconds."""
    if len(seconds) < 2:
        return "-"
    return f"{median(seconds):.2f} s / {quantiles(seconds, n=20, method='inclusive')[-1]:.2f} s"


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--key", default="", help="default: OPENAI_API_KEY, or a dummy for local servers")
    parser.add_argument("--mode", choices=("suggest", "select"), default="suggest")
    parser.add_argument("--cards", type=int, default=15, help="deal cards beside the breakdowns")
    return parser.parse_args()


def main() -> None:
    """Ask, and print the table."""
    given = arguments()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    with TemporaryDirectory() as folder:
        home = Path(folder)
        prepared(home)
        key = given.key or config.load().openai_api_key.get_secret_value() or "none-needed"
        settings = config.load(
            home=home,
            stale_after_days=100_000,
            openai_api_key=SecretStr(key),
            openai_base_url=given.base_url,
            model=given.model,
        )
        seen, used = asyncio.run(measured(settings, given.cards, given.mode))
    table = Table("", f"{given.model}, {given.mode}", box=None)
    for row in rows(seen, used):
        table.add_row(*row)
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
