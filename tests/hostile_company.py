"""A small company whose CRM is full of canaries: every name can be looked for in what is shown."""

import csv
import json
import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from analytics import refresh
from bot import settings as config
from bot.coach import Coach, Inquiry
from bot.model.calls import Asker, Call, Choice
from bot.narrator.ask.tools import TOOLS
from data import load, tables

AS_OF = date(2024, 6, 28)
ASKER = Asker("main", "U0PRIYA", "question")

PEOPLE = [
    ("cro_1", "Orla Zanaryking", "orla@zan.example", "cro", "", ""),
    ("mgr_1", "Mira Zanarymoss", "mira@zan.example", "manager", "cro_1", "Zanaryotters"),
    ("mgr_2", "Theo Zanaryfern", "theo@zan.example", "manager", "cro_1", "Zanaryherons"),
    ("rep_1", "Luis Zanarybay", "luis@zan.example", "rep", "mgr_1", "Zanaryotters"),
    ("rep_2", "Priya Zanarycove", "priya@zan.example", "rep", "mgr_1", "Zanaryotters"),
    ("rep_3", "Dana Zanarydale", "dana@zan.example", "rep", "mgr_2", "Zanaryherons"),
    ("ops_1", "Ines Zanaryoak", "ines@zan.example", "ops", "cro_1", ""),
]
VIEWERS = ("rep_1", "rep_2", "rep_3", "mgr_1", "mgr_2", "cro_1", "ops_1")
OWNERS = {"rep_1": "Quartz", "rep_2": "Basalt", "rep_3": "Slate"}
REGIONS = {"rep_1": "Zanaryland", "rep_2": "Zanaryshire", "rep_3": "Zanarypolis"}


def deals(names: list[str] | None = None) -> list[dict[str, str]]:
    """Thirty deals a rep, each with its own name, account and next step, or with the names given."""
    rows = []
    for number in range(90):
        owner = f"rep_{number % 3 + 1}"
        word, created = OWNERS[owner], date(2023, 9, 1) + timedelta(days=number)
        outcome = ("won", "lost", "open")[number // 3 % 3]
        closed = (
            created + timedelta(days=60 + number % 30) if outcome != "open" else AS_OF + timedelta(days=9)
        )
        name = names[number % len(names)] if names else f"{word} Zanarydeal{number}"
        rows.append(
            {
                "deal_id": f"{word[:2].upper()}-{number:04d}",
                "name": name,
                "account": name if names else f"{word}{number} Zanaryworks",
                "amount": str(1000 + 500 * number),
                "currency": "USD",
                "stage": "Zanarystage",
                "outcome": outcome,
                "created_date": str(created),
                "close_date": str(closed),
                "rep_id": owner,
                "region": REGIONS[owner],
                "lead_source": names[(number + 7) % len(names)] if names else f"Zanarysource{number % 2}",
                "next_step": names[(number + 3) % len(names)] if names else f"Zanarystep{number}",
            }
        )
    return rows


def company(home: Path, rows: list[dict[str, str]], people: list[tuple[str, ...]] = PEOPLE) -> Coach:
    """The company, loaded and refreshed."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "deals.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    with (home / "people.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerows([("person_id", "name", "email", "role", "manager_id", "team"), *people])
    load.load([home / "deals.csv", home / "people.csv"], home / "data", loaded_on=AS_OF)
    refresh.refresh(tables.current(home / "data"), home / "data", AS_OF)
    return Coach(config.load(home=home / "data", stale_after_days=100_000))


def foreign(inquiry: Inquiry) -> set[str]:
    """Words that only stand in deals of reps whom the viewer does not see."""
    unseen = [rep for rep in OWNERS if not inquiry.viewer.scope.allows(rep)]
    names = {row[1].split()[1] for row in PEOPLE if row[0] in unseen}
    return {OWNERS[rep] for rep in unseen} | {f"{OWNERS[rep][:2].upper()}-" for rep in unseen} | names


@dataclass
class Scripted:
    """A model that makes the calls it was given, turn by turn, the last ones again and again."""

    turns: list[list[tuple[str, str]]]
    heard: list[str] = field(default_factory=list)

    async def choose(self, prompt, messages, tools, asker) -> Choice:
        self.heard.append(json.dumps([messages, tools], ensure_ascii=False))
        calls = self.turns[min(len(self.heard), len(self.turns)) - 1]
        return Choice(tuple(Call(f"call_{n}", *call) for n, call in enumerate(calls)), "")


@dataclass
class Greedy:
    """A model that a question has won over: it asks for as much as a tool gives, of every handle it sees."""

    tool: str
    heard: list[str] = field(default_factory=list)

    async def choose(self, prompt, messages, tools, asker) -> Choice:
        self.heard.append(json.dumps([messages, tools], ensure_ascii=False))
        named = re.findall(r"\b[a-z_]+_[A-Z]\b", messages[-1]["content"] or "")
        wanted = {
            "win_rate": {"by": ["rep", "region"], "every_type": True},
            "pipeline": {
                "view": "forecast",
                "whose": "all",
                "only": [n for n in named if n[:4] != "deal"][:1],
            },
            "page": {"page": "rep", "about": next(iter(named), "me")},
            "unusual": {"by": "rep"},
        }[self.tool]
        assert self.tool in TOOLS
        return Choice((Call("call_0", self.tool, json.dumps(wanted)),), "")
