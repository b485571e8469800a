"""Questions in people's own words -> where they go; `python -m tests.bench.routing` shows it."""

import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from rich.console import Console
from rich.table import Table

from analytics import refresh
from bot import settings as config
from bot.coach import Coach
from bot.intents import describe, free
from bot.intents.free import Back, Meant, Polite, Unclear
from data import load, sample, tables

TODAY = date(2024, 7, 20)
VALUES = {
    "region": ["EMEA", "APAC", "North America", "LATAM"],
    "industry": ["EdTech", "FinTech", "SaaS", "HealthTech"],
    "product": ["Core", "Enterprise", "Pro"],
    "lead_source": ["Inbound", "Outbound", "Referral", "Partner"],
    "deal_type": ["New", "Renewal", "Expansion"],
    "stage": ["Qualified", "Demo", "Proposal", "Negotiation", "Closed"],
    "team": ["North", "West"],
    "amount_band": ["under 10k", "10k-25k", "100k and more"],
}
PEOPLE = {
    "rep_1": "Priya Natarajan",
    "rep_2": "Luis Ortega",
    "rep_3": "Sam Lee",
    "rep_4": "Sam Ray",
    "rep_5": "May Lin",
    "rep_6": "Will Stone",
    "rep_7": "Maya Cohen",
}
VOCABULARY = {name: [(v, v) for v in values] for name, values in VALUES.items()} | {
    "rep": list(PEOPLE.items())
}
PARTS = ("first", "follow", "social", "second", "third", "attacks", "newcomers")
UNSEEN = (
    "practice",
    "held_out",
)  #: by somebody who has not seen the router; of the last only totals are shown
SAMPLE_DAY = date(2024, 6, 28)  #: of the sample that the unseen questions are about
SAMPLE_DEALS = 1500
HELP = "/coach help"  #: asked for in one's own words, a greeting with a few examples is as right
ANY = "any"  #: polite words of every kind are right
TRIES = 5

#: `offered`: asked back, with what was meant among the options.
Outcome = Literal["right", "offered", "asked back", "wrong"]
Understand = Callable[[str, str], Meant]  #: a text and the last answer's line in, what is meant out


def understood(text: str, last: str) -> Meant:
    """What the router makes of a question about the values above."""
    return free.understand(text, VOCABULARY, TODAY, last)


@dataclass(frozen=True, slots=True)
class Paraphrase:
    """A question, and what it must come to: a line, a question back, or a polite word."""

    ask: str
    last: str = ""
    line: str = ""
    others: Sequence[str] = ()  # lines that are as right
    back: Sequence[str] | None = None  # lines that must be among those offered
    polite: str = ""

    @property
    def kind(self) -> str:
        """Where it belongs: a command or a page, `back`, or the code of a polite word."""
        return page(self.line) if self.line else self.polite or "back"

    def meant(self, understand: Understand = understood) -> Meant:
        """What the router makes of it."""
        return understand(self.ask, self.last)

    def outcome(self, meant: Meant) -> Outcome:
        """Was it routed right, asked back, or answered with something else?"""
        match meant:
            case Polite(code):
                greets = code == "hello" and self.line == HELP
                return "right" if greets or self.polite in (code, ANY) else "wrong"
            case Unclear():
                return "right" if self.back == [] else "asked back"
            case Back(_, options):
                offers = {line for _, line in options}
                if self.back is not None and offers >= set(self.back):
                    return "right"
                return "offered" if any(map(self._is_right, offers)) else "asked back"
            case _:
                return "right" if self._is_right(describe(meant)) else "wrong"

    def _is_right(self, line: str) -> bool:
        """Does the line ask what was meant? A word of the glossary may be written in any case."""
        right = [one for one in (self.line, *self.others) if one]
        return line in right or (line.startswith("/coach glossary") and line.lower() in map(str.lower, right))


def page(line: str) -> str:
    """The command of a line, with the page that it opens.

    >>> page('/coach rep "rep_1"'), page("/deal D00123 changes"), page("/winrate region")
    ('/coach rep', '/deal changes', '/winrate')
    """
    command, _, rest = line.partition(" ")
    first = rest.partition(" ")[0] if command == "/coach" else "changes" if "changes" in rest else ""
    return f"{command} {first}".strip()


def went(meant: Meant) -> str:
    """Where a question went, in the words of `Paraphrase.kind`."""
    match meant:
        case Polite(code):
            return code
        case Back() | Unclear():
            return "back"
        case _:
            return page(describe(meant))


@cache
def paraphrases(part: str) -> tuple[Paraphrase, ...]:
    """One part of tests/paraphrases.yaml or of tests/paraphrases_held_out.yaml."""
    name = "paraphrases_held_out" if part in UNSEEN else "paraphrases"
    file = (Path(__file__).parents[1] / name).with_suffix(".yaml")
    written: Mapping[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return tuple(_unseen(**one) if part in UNSEEN else _ours(**one) for one in written[part])


def _ours(**written: Any) -> Paraphrase:
    """A question of our own; `back: true` takes any question back."""
    return Paraphrase(**written | ({"back": []} if written.get("back") is True else {}))


def _unseen(
    said: str, line: str | Sequence[str] = "", last: str = "", *, back: bool = False, polite: bool = False
) -> Paraphrase:
    """A question as somebody else wrote it down; asked back in whatever words is right where `back`."""
    first, *others = [line] if isinstance(line, str) else line
    return Paraphrase(said, last, first, others, [] if back else None, ANY if polite else "")


def sampled(home: Path) -> Coach:
    """The coach over the sample that the unseen questions are about, made in a folder."""
    sample.write(home / "files", as_of=SAMPLE_DAY, deals=SAMPLE_DEALS, seed=7)
    load.load(sorted((home / "files").glob("*.csv")), home, loaded_on=SAMPLE_DAY)
    refresh.refresh(tables.current(home), home, SAMPLE_DAY)
    return Coach(config.load(home=home, stale_after_days=100_000))


def confusion(part: str, understand: Understand = understood) -> Counter[tuple[str, str]]:
    """How many questions of each kind went where."""
    return Counter((one.kind, went(one.meant(understand))) for one in paraphrases(part))


def outcomes(part: str, understand: Understand = understood) -> Counter[Outcome]:
    """How many questions were routed right, asked back or answered wrong."""
    return Counter(one.outcome(one.meant(understand)) for one in paraphrases(part))


def milliseconds() -> list[float]:
    """Time per question once warm: the median of a few tries, for all of them, the longest last."""
    asked = [one for part in PARTS for one in paraphrases(part)]
    return sorted(statistics.median(_seconds(one) for _ in range(TRIES)) * 1000 for one in asked)


def _seconds(one: Paraphrase) -> float:
    began = time.perf_counter()
    one.meant()
    return time.perf_counter() - began


def drawn(part: str, understand: Understand = understood) -> Table:
    """The confusion table: what was asked, and where it went."""
    counts = confusion(part, understand)
    kinds = list(dict.fromkeys(kind for pair in counts for kind in pair))
    title = f"{part}: {dict(outcomes(part, understand))}"
    table = Table("asked \\ went", *map(_short, kinds), title=title, padding=0)
    for kind in kinds:
        row = [counts[kind, other] for other in kinds]
        if any(row):
            table.add_row(_short(kind), *(str(count or "") for count in row))
    return table


def _short(kind: str) -> str:
    return kind.removeprefix("/coach ").removeprefix("/deal ").removeprefix("/")


def missed(part: str, understand: Understand = understood) -> Iterator[str]:
    """Each question that was not routed right, with where it went."""
    for one in paraphrases(part):
        meant = one.meant(understand)
        if (outcome := one.outcome(meant)) != "right":
            shown = meant.sentence if isinstance(meant, Back) else meant if outcome == "wrong" else ""
            yield f"  {one.ask!r} -> {outcome}: {went(meant)} {shown}".rstrip()


def main() -> None:
    """Print the tables, what was missed, and the time it takes."""
    console = Console(width=180)
    for part in PARTS:
        console.print(drawn(part), *missed(part), sep="\n", markup=False, highlight=False)
    taken = milliseconds()
    console.print(f"per question: median {statistics.median(taken):.2f} ms, longest {taken[-1]:.2f} ms")
    with tempfile.TemporaryDirectory() as home:
        understand = sampled(Path(home)).asked_here().understand_words
        practice, held_out = UNSEEN
        console.print(drawn(practice, understand), *missed(practice, understand), sep="\n", markup=False)
        console.print(f"{held_out}: {dict(outcomes(held_out, understand))}")


if __name__ == "__main__":
    main()
