"""What readers think of answers: kept with the facts, the prompt and the model behind each."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.memory.engine import insert
from bot.memory.tables import feedback as table


@dataclass(frozen=True, slots=True)
class Feedback:
    """What one person thinks of one answer."""

    slack_user: str
    line: str  # asks for the answer again
    generation: str  # it was given from
    useful: bool
    facts: tuple[str, ...]  # ids
    prompt: str = ""  # version and hash; "" for the template's words
    model: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many found the answers of a command useful, and how many did not."""

    useful: int = 0
    not_useful: int = 0


async def keep(tx: AsyncConnection, workspace: str, told: Feedback, now: datetime) -> None:
    """Write down what someone thinks of an answer; what they thought of it before is replaced."""
    values = {
        "useful": int(told.useful),
        "line": told.line,
        "generation": told.generation,
        "facts": json.dumps(sorted(told.facts)),
        "prompt": told.prompt,
        "model": told.model,
        "at": now,
    }
    keys = {"workspace": workspace, "slack_user": told.slack_user, "answer": answer_key(told)}
    row = insert(tx, table).values(**keys, **values)
    columns = [table.c.workspace, table.c.slack_user, table.c.answer]
    await tx.execute(row.on_conflict_do_update(index_elements=columns, set_=values))


def answer_key(told: Feedback) -> str:
    """One and the same answer: its line and its generation."""
    return hashlib.sha256(f"{told.line}\n{told.generation}".encode()).hexdigest()[:32]


async def tally(connection: AsyncConnection, workspace: str) -> Mapping[str, Tally]:
    """Useful and not useful by command, most judged first; empty before anyone judged."""
    columns = (table.c.line, table.c.useful, func.count())
    judged = select(*columns).where(table.c.workspace == workspace).group_by(table.c.line, table.c.useful)
    counts: dict[str, Tally] = {}
    for line, useful, number in await connection.execute(judged):
        name = command(line)
        before = counts.get(name, Tally())
        counts[name] = (
            Tally(before.useful + number, before.not_useful)
            if useful
            else Tally(before.useful, before.not_useful + number)
        )
    return dict(sorted(counts.items(), key=lambda each: (-each[1].useful - each[1].not_useful, each[0])))


def command(line: str) -> str:
    """The command of a line, with its page.

    >>> command("/winrate region by quarter"), command('/coach rep "Priya Quillon"'), command("/deal D00123")
    ('/winrate', '/coach rep', '/deal')
    """
    words = line.split(" ")
    return " ".join(words[:2] if words[0] == "/coach" else words[:1])
