"""What the model's words cost and whether they can be trusted: `python -m tests.bench.words`.

Against a fake model server over HTTP and a Slack of our own: how soon the first checked words are there at
30 ms per chunk, how long faults take, what a check costs, and what Slack received of 200 hostile completions
(E3) and how many false presuppositions the lint lets through (E4).
"""

import argparse
import asyncio
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import structlog
import yaml
from llmock.pytest_plugin import LLMock
from llmock.testing import LLMockServer
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table

from analytics import store
from analytics.questions import EVERYONE
from bot import model, replies
from bot import settings as config
from bot.coach import Coach
from bot.memory import Memory
from bot.model import Asker
from bot.narrator.check import Known, check, names_of
from bot.narrator.telling import Cache, Telling, lint
from bot.playground import Playground
from bot.settings import Settings
from tests import face, received
from tests.bench.live import prepared, spread
from tests.hostile_company import company, deals, foreign
from tests.received import Received
from tests.scripted_model import GOOD, SUGGESTION, TELLING, completions, rude_server

CHUNK_MS = 30
RUNS = 20
LINES = ("/winrate region", "/deal {deal}", "/winrate lead source", "/why last quarter")
QUESTIONS = (
    "what is our win rate by region?",
    "show me {deal}",
    "win rate by lead source",
    "why did win rate change last quarter?",
)
#: Of the hostile company, by command and in a person's own words.
HOSTILE_ASKED = (("/winrate region", "win rate by region?"), ("/deal QU-0006", "show me QU-0006"))
PRESUPPOSED: list[str] = yaml.safe_load((Path(__file__).parents[1] / "presupposed.yaml").read_text("utf-8"))

Row = tuple[str, str, str]


class Town:
    """Our whole bot in a Slack, with a model server that does as it is told."""

    def __init__(self, slack: Playground, coach: Coach, server: LLMock) -> None:
        self.slack, self.coach, self.server = slack, coach, server

    @asynccontextmanager
    async def with_model(self, url: str, seconds: float = 25.0) -> AsyncIterator[None]:
        """A model of its own, warm, with nothing remembered."""
        changed = {"openai_base_url": url, "model_seconds": seconds}
        self.coach.settings = self.coach.settings.model_copy(update=changed)
        self.coach.model, self.coach.tellings = model.of(self.coach.settings, self.coach.memory), Cache()
        await self.coach.model.warm()
        try:
            yield
        finally:
            await self.coach.model.aclose()

    async def command(self, line: str, user: str) -> Received:
        """The answer to a command once its words have come."""
        got = Received((await self.slack.command(line, user=user)).messages)
        await self.slack.pulse.until(lambda: is_told(got), 30)
        return got


def is_told(got: Received) -> bool:
    """Does the last line say who told the words?"""
    return "words by" in got.last_line or "plain mode" in got.last_line


@asynccontextmanager
async def town(coach: Coach, server: LLMock) -> AsyncIterator[Town]:
    """A town of this coach's CRM."""
    url = f"sqlite+aiosqlite:///{coach.home / 'words.sqlite'}"
    async with Memory.open(url) as memory:
        coach.memory = memory
        async with face.workspace(coach, store.current(coach.home).people()) as slack:
            yield Town(slack, coach, server)


def settings(home: Path, url: str) -> Settings:
    """As a team with a model of its own would set them."""
    key = SecretStr("a-key")
    return config.load(home=home, stale_after_days=100_000, openai_api_key=key, openai_base_url=url)


# ---------------------------------------------------------------- how soon


async def speed(home: Path, server: LLMock) -> AsyncIterator[Row]:
    """Seconds from a question to numbers and to words, by command and in a thread."""
    coach = Coach(settings(home, server.base_url()))
    people = store.current(home).people()
    deal = max(store.current(home).open_deals(EVERYONE), key=lambda row: row.amount_cents or 0).deal_id
    boss = face.one(people, "cro")
    async with town(coach, server) as here:
        for title, asked, ask in (("command", LINES, commanded), ("thread", QUESTIONS, streamed)):
            figures: list[float] = []
            words: list[float] = []
            for run in range(RUNS + 1):
                server.reset().pace(CHUNK_MS).reply(GOOD)
                async with here.with_model(server.base_url()):
                    first, last = await ask(here, asked[run % len(asked)].format(deal=deal), boss)
                if run:  # the first one warms everything else
                    figures.append(first)
                    words.append(last)
            yield f"{title}: numbers and chart, p50 / p95", spread(figures), "before the model"
            aim = "< 1.2 s" if title == "thread" else "all words at once"
            yield (
                f"{title}: first words of the model, p50 / p95 / max",
                f"{spread(words)} / {max(words):.2f} s",
                aim,
            )


async def commanded(here: Town, line: str, user: str) -> tuple[float, float]:
    """Seconds to the numbers, and to the words that take the template's place."""
    began, before = time.time(), len(here.slack.calls)  # noqa: TID251  (as the playground's ledger)
    await here.command(line, user)
    posts = [call.at for call in here.slack.calls[before:] if call.method == "response_url"]
    return posts[0] - began, max(posts) - began


async def streamed(here: Town, question: str, user: str) -> tuple[float, float]:
    """Seconds to the numbers, and to the first checked line."""
    began, before = time.time(), len(here.slack.calls)  # noqa: TID251
    await face.ask(here.slack, user, question)
    calls = here.slack.calls[before:]
    numbers = next(call.at for call in calls if call.method == "chat.postMessage")
    return numbers - began, next(call.at for call in calls if call.method == "chat.startStream") - began


async def faults(home: Path, server: LLMock) -> AsyncIterator[Row]:
    """How long after the deadline the plain words were there, at worst."""
    coach = Coach(settings(home, server.base_url()))
    boss = face.one(store.current(home).people(), "cro")
    waits: dict[str, tuple[float, float]] = {}
    async with town(coach, server) as here:
        for name, fault in TELLING.items():
            server.reset().add(*fault.script)
            if fault.script:
                waits[name] = await failed(here, server.base_url(), fault.seconds, boss)
                continue
            async with rude_server(name) as url:
                waits[name] = await failed(here, url, fault.seconds, boss)
    late = max(took - limit for took, limit in waits.values())
    yield (
        "12 faults: plain words after the deadline, at worst",
        f"{late:+.2f} s",
        "about 0",
    )
    yield "  each, seconds", ", ".join(f"{name} {took:.2f}" for name, (took, _) in waits.items()), ""


async def failed(here: Town, url: str, seconds: float, user: str) -> tuple[float, float]:
    """Seconds until plain words took the place, and the deadline."""
    async with here.with_model(url, seconds):
        _, took = await commanded(here, "/winrate region", user)
    return took, seconds


# ---------------------------------------------------------------- what a check costs


async def cost(home: Path, server: LLMock) -> AsyncIterator[Row]:
    """Milliseconds for one sentence of the lint and the checker."""
    inquiry = Coach(settings(home, server.base_url())).asked_here()
    lint(SUGGESTION, ())
    linted, checked, ready = [], [], []
    for line in LINES[::2] + LINES[3:]:
        reply = await replies.reply(inquiry.understand_line(line), inquiry)
        names = names_of(reply.answer)
        began = time.perf_counter()
        known = Known(tuple(reply.facts.values()), names)
        check("Won 45.7 %.", known)
        ready.append(time.perf_counter() - began)
        sentences = [claim.text for claim in reply.words.said] + PRESUPPOSED
        linted += [timed(lint, text, names) for text in sentences]
        checked += [timed(check, text, known) for text in sentences]
    yield "lint, per sentence, p50 / max", millis(linted), ""
    yield "checker, per sentence, p50 / max", millis(checked), ""
    both = [one + other for one, other in zip(linted, checked, strict=True)]
    yield "both, per sentence, mean", f"{1000 * sum(both) / len(both):.2f} ms", "< 2 ms"
    yield "checker, made ready for an answer, p50 / max", millis(ready), ""


def timed(doing, *arguments: object) -> float:
    """Seconds, the best of three."""
    taken = []
    for _ in range(3):
        began = time.perf_counter()
        doing(*arguments)
        taken.append(time.perf_counter() - began)
    return min(taken)


def millis(seconds: Sequence[float]) -> str:
    """The median and the worst."""
    return f"{1000 * median(seconds):.2f} / {1000 * max(seconds):.2f} ms"


# ---------------------------------------------------------------- the first answer of a process


def first_uses(home: Path, url: str) -> Iterator[Row]:
    """The first words of a new process, with and without having warmed up."""
    for kind in ("cold", "warm"):
        command = [
            sys.executable,
            "-m",
            "tests.bench.words",
            "--first",
            kind,
            "--home",
            str(home),
            "--url",
            url,
        ]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1]
        yield f"first words of a process, {kind}", f"{float(told):.2f} s", "< 1.2 s" if kind == "warm" else ""


async def first_use(kind: str, home: Path, url: str) -> float:
    """Seconds to the first line of the model in this process."""
    async with aclosing(Coach(settings(home, url))) as coach:
        if kind == "warm":
            await coach.model.warm()
        inquiry = coach.asked_here()
        began = time.perf_counter()
        reply = await replies.reply(inquiry.understand_line("/winrate region"), inquiry)
        asker = Asker("main", "U1", "answer")
        telling = Telling(reply.words, coach.model, asker, "suggest", reply.line, "x", answer=reply.answer)
        async for line in telling.lines():
            if line.by == "claim":
                return time.perf_counter() - began
    raise SystemExit("The model told nothing.")


# ---------------------------------------------------------------- E3 and E4


async def fuzzed(folder: Path, server: LLMock) -> AsyncIterator[Row]:
    """E3: 200 completions over HTTP, through the whole bot, judged by what Slack stored."""
    made = company(folder, deals())
    made.settings = made.settings.model_copy(
        update={"openai_api_key": SecretStr("a-key"), "openai_base_url": server.base_url()}
    )
    kinds: Counter[str] = Counter()
    found: list[str] = []
    plain: Counter[str] = Counter()
    async with town(made, server) as here:
        for number, (kind, reply) in enumerate(completions(200)):
            viewer = ("rep_1", "mgr_1", "cro_1")[number % 3]
            server.reset().add(reply)
            async with here.with_model(server.base_url(), 5.0):
                got = await heard(here, number, viewer)
            inquiry = made.asked_here(viewer)
            found += await received.problems(got, inquiry, made.settings.model, foreign(inquiry))
            kinds[kind] += bool(server.requests)  # nobody asks it about an answer of one sentence
            plain[kind] += "plain mode" in got.last_line
    yield "E3: completions through the whole bot", f"200, asked for in {kinds.total()} answers", "200"
    yield "  numerals, names, links, directions not of code; errors", str(len(found)), "0"
    yield (
        "  told in plain words, of each kind",
        ", ".join(f"{k} {plain[k]}/{n}" for k, n in kinds.items()),
        "",
    )
    for problem in found[:5]:
        yield "  found", problem, ""


async def heard(here: Town, number: int, viewer: str) -> Received:
    """Every other one by command and in a thread."""
    line, question = HOSTILE_ASKED[number % 4 // 2]
    if not number % 2:
        return await here.command(line, viewer)
    messages, statuses = here.slack.direct(viewer).messages, here.slack.workspace.statuses
    before = len(messages)
    await face.ask(here.slack, viewer, question)
    await here.slack.pulse.until(lambda: not any(statuses.values()), 30)
    return Received([message for message in messages[before:] if message.by_bot])


def presupposed() -> Iterator[Row]:
    """E4: untrue presuppositions without numbers that the lint cannot refuse."""
    verdicts = Counter(lint(text, ()) or "passes" for text in PRESUPPOSED)
    passing = [text for text in PRESUPPOSED if not lint(text, ())]
    refused = ", ".join(f"{code} {n}" for code, n in verdicts.most_common() if code != "passes")
    yield "E4: presuppositions that pass the lint", f"{verdicts['passes']} of {len(PRESUPPOSED)}", "no floor"
    yield "  refused for", refused, ""
    for text in passing:
        yield "  passes", text, ""


# ---------------------------------------------------------------- all of it


async def rows(folder: Path, server: LLMock) -> AsyncIterator[Row]:
    """Every figure."""
    home = folder / "crm"
    home.mkdir()
    prepared(home)
    for part in (
        speed(home, server),
        faults(home, server),
        cost(home, server),
        fuzzed(folder / "e3", server),
    ):
        async for row in part:
            yield row
    server.reset().pace(CHUNK_MS).reply(GOOD, times=None)
    for row in await asyncio.to_thread(list, first_uses(home, server.base_url())):
        yield row
    for row in presupposed():
        yield row


async def measure() -> Table:
    """The table."""
    drawn = Table("what", "figure", "aim", title=f"The model's words, at {CHUNK_MS} ms per chunk")
    with TemporaryDirectory() as folder, LLMockServer() as server:
        async for row in rows(Path(folder), LLMock(server)):
            drawn.add_row(*row)
    return drawn


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", choices=("cold", "warm"), help=argparse.SUPPRESS)
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    if given.first:
        print(asyncio.run(first_use(given.first, given.home, given.url)))
        return
    Console(width=130).print(asyncio.run(measure()))


if __name__ == "__main__":
    main()
