"""What the language model was asked and cost: one row for each call, summed by day and person."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, case, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.memory.tables import model_calls

if TYPE_CHECKING:
    from bot.model.calls import ModelCall

_tokens = model_calls.c.tokens_in + model_calls.c.tokens_out


@dataclass(frozen=True, slots=True)
class Summary:
    """Calls since a moment; `untold` counts by outcome those that were not told to the end."""

    calls: int
    tokens: int
    estimated: bool  # some servers told no count
    untold: Mapping[str, int]
    cost: Decimal | None  # money; None when no call had a price


async def record(tx: AsyncConnection, call: "ModelCall") -> None:
    """Keep one call."""
    await tx.execute(insert(model_calls).values(asdict(call) | {"estimated": int(call.estimated)}))


async def tokens(
    connection: AsyncConnection, workspace: str, slack_user: str, since: datetime
) -> tuple[int, int]:
    """Tokens since a moment: this person's, and everybody's."""
    mine = case((model_calls.c.slack_user == slack_user, _tokens), else_=0)
    sums = select(func.coalesce(func.sum(mine), 0), func.coalesce(func.sum(_tokens), 0))
    used = (await connection.execute(sums.where(_since(workspace, since)))).one()
    return int(used[0]), int(used[1])


async def summary(connection: AsyncConnection, workspace: str, since: datetime) -> Summary:
    """How the model did since a moment."""
    here = _since(workspace, since)
    counted = (func.count(), func.sum(_tokens), func.max(model_calls.c.estimated))
    by_outcome = select(model_calls.c.outcome, *counted).where(here).group_by(model_calls.c.outcome)
    rows = (await connection.execute(by_outcome)).all()
    costs = await connection.scalars(select(model_calls.c.cost).where(here, model_calls.c.cost != ""))
    prices = [Decimal(cost) for cost in costs]
    return Summary(
        calls=sum(row[1] for row in rows),
        tokens=sum(int(row[2]) for row in rows),
        estimated=any(row[3] for row in rows),
        untold={row[0]: row[1] for row in rows if row[0] != "told"},
        cost=sum(prices, Decimal(0)) if prices else None,
    )


def _since(workspace: str, moment: datetime) -> ColumnElement[bool]:
    return (model_calls.c.workspace == workspace) & (model_calls.c.at >= moment)


async def forget(tx: AsyncConnection, before: datetime) -> None:
    """Drop calls older than `before`."""
    await tx.execute(delete(model_calls).where(model_calls.c.at < before))
