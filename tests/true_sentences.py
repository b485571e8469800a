"""True sentences for the checker: the product's own, and free words over made-up facts."""

import asyncio
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from analytics import store
from analytics.facts import Fact, Unit, Verdict
from bot import figures, replies
from bot import settings as config
from bot.audience import OPERATOR
from bot.coach import Coach, Inquiry
from bot.figures import Style
from bot.narrator.check import Known, names_of

AS_OF = date(2024, 6, 28)
NOW, BEFORE = "2024-Q2", "2024-Q1"
REGIONS = ("APAC", "EMEA", "North America", "LATAM", "Benelux", "Iberia", "DACH")
REPS = ("Priya Rao", "Luis Ortega", "Maya Chen", "Tom Baker", "Aisha Khan", "Jonas Weber")
STAGES = ("Qualified", "Demo", "Proposal", "Negotiation")


@dataclass(frozen=True, slots=True)
class Case:
    """A text, what is known, and how it was made false; "" for a true one."""

    text: str
    known: Known
    kind: str = ""
    source: str = ""  # "product" or "free"


@dataclass(slots=True)
class Registry:
    """Made-up facts of one answer, by metric and name."""

    facts: dict[tuple[str, str], Fact] = field(default_factory=dict)

    def add(
        self, metric: str, value: float, unit: Unit, name: str, period: str = NOW, **more: object
    ) -> None:
        """One more fact; bounds as decimals."""
        entity = name if "=" in name or name == "all" else f"region={name}"
        given = {key: Decimal(str(one)) if key in ("low", "high") else one for key, one in more.items()}
        label = f"{name}@{period}" if period == BEFORE else name
        self.facts[metric, label] = Fact(
            id=f"{metric}/{entity}/{period}",
            metric=metric,
            value=Decimal(str(value)),
            unit=unit,
            entity=entity,
            period=period,
            as_of=AS_OF,
            generation="g000042-2024-06-28",
            **given,  # type: ignore[arg-type]
        )

    def known(self, dimension: Sequence[str]) -> Known:
        """What a text about it may say."""
        return Known(tuple(self.facts.values()), (*dimension, *STAGES))


def registry(rng: random.Random) -> tuple[Registry, list[str]]:
    """A team of regions or reps, two quarters, a few deals."""
    made, by_rep = Registry(), rng.random() < 0.4
    names = rng.sample(REPS if by_rep else REGIONS, 4)
    rates = rng.sample(range(150, 620, 23), 4)
    deals = rng.sample(range(41, 900, 13), 4)
    overall = round(sum(r * n for r, n in zip(rates, deals, strict=True)) / sum(deals) / 1000, 4)
    made.add(
        "win_rate", overall, Unit.FRACTION, "all", n=sum(deals), low=overall - 0.021, high=overall + 0.023
    )
    made.add("deals", sum(deals), Unit.COUNT, "all")
    made.add("cells", 4, Unit.COUNT, "all")
    made.add("open_amount", rng.randrange(1_230_000, 9_870_000, 7_310), Unit.MONEY, "all", currency="USD")
    made.add("pipeline_coverage", rng.randrange(123, 580) / 100, Unit.NUMBER, "all")
    made.add("widest_gap", (max(rates) - min(rates)) / 1000, Unit.POINTS, "all")
    for name, rate, n in zip(names, rates, deals, strict=True):
        _segment(made, rng, f"rep={name}" if by_rep else name, rate / 1000, n, overall)
    for number in rng.sample(range(10_000, 99_999), 2):
        _deal(made, rng, f"deal=D{number}")
    return made, names


def _segment(made: Registry, rng: random.Random, name: str, rate: float, n: int, overall: float) -> None:
    verdict = rng.choice((Verdict.SIGNAL, Verdict.NOISE, Verdict.NOISE))
    change = rng.choice((-1, 1)) * rng.randrange(21, 130) / 1000
    wide = 0.01 if verdict is Verdict.SIGNAL else 0.15
    own = {"verdict": verdict}
    made.add("win_rate", rate, Unit.FRACTION, name, n=n, low=rate - 0.033, high=rate + 0.037, **own)
    made.add("win_rate", round(rate - change, 4), Unit.FRACTION, name, BEFORE, n=n + rng.randrange(7, 40))
    made.add("change", change, Unit.POINTS, name, low=change - wide, high=change + wide, **own)
    made.add("difference", round(rate - overall, 4), Unit.POINTS, name)
    made.add("deals", n, Unit.COUNT, name)
    made.add("won", round(rate * n), Unit.COUNT, name)
    made.add("share", rng.randrange(61, 390) / 1000, Unit.FRACTION, name)
    made.add("median_cycle", rng.randrange(31, 140), Unit.DAYS, name)
    made.add("median_cycle_change", rng.choice((-1, 1)) * rng.randrange(3, 28), Unit.DAYS, name)
    made.add("open_amount", rng.randrange(210_000, 990_000, 1_310), Unit.MONEY, name, currency="USD")
    made.add(
        "p_adjusted",
        0.004 if verdict is Verdict.SIGNAL else rng.randrange(110, 960) / 1000,
        Unit.PROBABILITY,
        name,
    )


def _deal(made: Registry, rng: random.Random, name: str) -> None:
    made.add("amount", rng.randrange(12_300, 99_800, 37), Unit.MONEY, name, currency="USD")
    made.add("days_in_stage", rng.randrange(9, 80), Unit.DAYS, name)
    made.add("days_since_activity", rng.randrange(81, 120), Unit.DAYS, name)


# --- true sentences ---


def spelled(fact: Fact, style: Style = Style.PLAIN) -> str:
    return figures.text(fact, style)


def free(rng: random.Random) -> Iterator[Case]:
    """True sentences in many words about one registry."""
    made, names = registry(rng)
    known = made.known(names)
    prefix = "rep=" if ("win_rate", f"rep={names[0]}") in made.facts else ""
    name, other = rng.sample(names, 2)
    texts = [
        *_levels(made, rng, name, prefix),
        *_moves(made, rng, name, prefix),
        *_pairs(made, name, other, prefix),
    ]
    texts += _others(made, rng)
    rng.shuffle(texts)
    yield from (Case(text, known, source="free") for text in texts)


def _levels(made: Registry, rng: random.Random, name: str, prefix: str) -> list[str]:
    of = {metric: fact for (metric, label), fact in made.facts.items() if label == prefix + name}
    rate, deals, won = of["win_rate"], of["deals"], of["won"]
    percent = rng.choice(
        (spelled(rate), spelled(rate).replace(" ", ""), spelled(rate).replace(" %", " percent"))
    )
    quarter = rng.choice(("2024-Q2", "Q2 2024", "this quarter"))
    above = "above" if of["difference"].value > 0 else "below"  # type: ignore[operator]
    gap = spelled(of["difference"], Style.GAP)
    return [
        f"{name} won {percent} of {spelled(deals)} deals in {quarter}.",
        f"In {quarter}, {name} closed {spelled(won)} of {spelled(deals)} deals as won.",
        f"{name}: {spelled(rate)} on {spelled(deals)} deals, range {spelled(rate, Style.RANGE)}.",
        f"{name} wins {spelled(rate)}, {gap} {above} the overall {spelled(made.facts['win_rate', 'all'])}.",
        f"{name} makes up {spelled(of['share'])} of all deals.",
        f"The deals in {name} closed within a median cycle of {spelled(of['median_cycle'])}.",
        f"{name} holds {spelled(of['open_amount'], Style.SHORT)} in open pipeline.",
        f"About {spelled(rate, Style.ROUGH)} of the deals in {name} were won.",
        f"Worth a look: {name}, at {percent} over {spelled(deals)} deals.",
        f"With {spelled(won)} wins from {spelled(deals)} deals, {name} stands at {percent}.",
    ]


def _moves(made: Registry, rng: random.Random, name: str, prefix: str) -> list[str]:
    of = {metric: fact for (metric, label), fact in made.facts.items() if label == prefix + name}
    old, rate, change = made.facts["win_rate", f"{prefix}{name}@{BEFORE}"], of["win_rate"], of["change"]
    up = change.value > 0  # type: ignore[operator]
    gap = spelled(change, Style.GAP)
    gap = rng.choice((gap, gap.replace("points", "pp"), gap.replace("points", "percentage points")))
    signed = rng.choice((spelled(change), spelled(change).replace("-", "−")))
    cycle = of["median_cycle_change"]
    way = "longer" if cycle.value > 0 else "shorter"  # type: ignore[operator]
    told = [
        f"{name} went from {spelled(old)} in {BEFORE} to {spelled(rate)} in {NOW}.",
        f"{name}: {spelled(old)} → {spelled(rate)}, {signed}.",
        f"The median cycle in {name} got {spelled(cycle, Style.GAP)} {way}.",
    ]
    if change.verdict is Verdict.SIGNAL:
        verb = (
            rng.choice(("rose", "climbed", "improved")) if up else rng.choice(("fell", "dropped", "declined"))
        )
        return [
            *told,
            f"The win rate in {name} {verb} by {gap} to {spelled(rate)}.",
            f"{name} is really {'up' if up else 'down'} {gap}.",
        ]
    word = "risen" if up else "dropped"
    return [
        *told,
        f"{name} may have {word} by {gap}, but chance could do this ({spelled(of['p_adjusted'])}).",
        f"The change in {name}, {signed}, is within chance.",
    ]


def _pairs(made: Registry, name: str, other: str, prefix: str) -> list[str]:
    one, two = made.facts["win_rate", prefix + name], made.facts["win_rate", prefix + other]
    word, less = ("higher", "ahead of") if one.value > two.value else ("lower", "behind")  # type: ignore[operator]
    every = [
        fact
        for (metric, label), fact in made.facts.items()
        if metric == "win_rate" and label != "all" and "@" not in label
    ]
    best = max(every, key=lambda fact: fact.value or 0)
    return [
        f"The win rate of {name} is {word} than that of {other}: {spelled(one)} against {spelled(two)}.",
        f"{name} is {less} {other}.",
        f"{best.entity.partition('=')[2]} has the highest win rate, {spelled(best)}.",
        f"{name} stands at {spelled(one)} and {other} at {spelled(two)}.",
    ]


def _others(made: Registry, rng: random.Random) -> list[str]:
    overall, stage = made.facts["win_rate", "all"], rng.choice(STAGES)
    deals = [label for metric, label in made.facts if metric == "amount"]
    of = {metric: fact for (metric, label), fact in made.facts.items() if label == deals[0]}
    amount = rng.choice(
        (
            spelled(of["amount"]),
            spelled(of["amount"], Style.SHORT),
            f"${(of['amount'].value or 0) / 1000:.1f}K",
        )
    )
    million = f"${(made.facts['open_amount', 'all'].value or 0) / 10**6:.1f} million"
    return [
        f"Overall, {spelled(overall)} of {spelled(overall, Style.DEALS)} were won in {NOW}.",
        f"Open pipeline is {million}; coverage is {spelled(made.facts['pipeline_coverage', 'all'])} times.",
        f"{deals[0][5:]}, worth {amount}, has spent {spelled(of['days_in_stage'])} in {stage}.",
        f"No activity on {deals[0][5:]} for {spelled(of['days_since_activity'])}.",
        f"The widest gap is {spelled(made.facts['widest_gap', 'all'])}.".replace("+", ""),
    ]


LINES = (
    "/winrate",
    "/winrate region",
    "/winrate industry",
    "/winrate lead source by amount",
    "/winrate rep",
    "/winrate quarter",
    "/winrate region by industry",
    "/winrate month 2023",
    "/winrate team last quarter",
    "/why",
    "/why challenge",
    "/why lead source 2023-Q1 vs 2023-Q2",
    "/why industry 2023-Q2 vs 2023-Q3",
    "/watch region",
    "/watch lead source below 35 %",
    "/drivers",
    "/drivers region by lead source",
    "/pipeline",
    "/pipeline Europe",
    "/funnel",
    "/coach quality",
    "/coach model",
    '/whatif drop region = "APAC"',
    '/whatif shift region = "APAC" to region = "Europe"',
    *(f"/deal D{number:05d}" for number in (*range(7, 1500, 190), *range(1501, 1700, 13))),
    *(f"/deal D{number:05d} changes" for number in range(1501, 1700, 50)),
    *(f"/coach rep rep_{number:02d}" for number in range(1, 20, 2)),
    *(f"/coach week rep_{number:02d}" for number in range(1, 20, 2)),
)


def product(home: Path, lines: Sequence[str] = LINES) -> list[Case]:
    """Every sentence of the product's own answers to some lines."""
    coach = Coach(config.load(home=home, stale_after_days=100_000))
    return [case for line in lines for case in asyncio.run(_answered(coach, home, line))]


async def _answered(coach: Coach, home: Path, line: str) -> list[Case]:
    inquiry = Inquiry(coach, store.current(home), OPERATOR)
    reply = await replies.reply(inquiry.understand_line(line), inquiry)
    if reply.words is None:
        return []
    known = Known(tuple(reply.facts.values()), names_of(reply.answer))
    return [Case(text, known, source="product") for text in (reply.words.verdict, *reply.words.lines)]


def clean(home: Path, seed: int, most: int, lines: Sequence[str] = LINES) -> list[Case]:
    """True sentences, two thirds of them in free words."""
    rng = random.Random(seed)
    loose = [case for _ in range(most // 12 + 1) for case in free(rng)]
    own = product(home, lines)
    rng.shuffle(loose)
    rng.shuffle(own)
    return [*loose[: most * 2 // 3], *own[: most - most * 2 // 3]]
