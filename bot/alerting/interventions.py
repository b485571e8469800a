"""What people did about deals, when and by whom; kept with how the deal stood, to see what followed."""

from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.memory.engine import insert
from bot.memory.tables import actions

MOST = 200  #: actions that a list holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing that somebody did about a deal."""

    key: str  # of the submission: sent twice, kept once
    deal_id: str
    alert_key: str = ""  # "" when logged from the card
    play: str = ""  # id of a play, or ""
    what: str  # the play's text, or own words
    note: str = ""
    done_on: date
    person_id: str
    stage: str = ""  # of the deal when it was logged
    next_step: str = ""
    after_14: str = ""  # "" not yet; won, lost, moved, stepped, nothing, gone
    after_30: str = ""


async def keep(tx: AsyncConnection, workspace: str, action: Action, now: datetime) -> bool:
    """Write an action down; False when this submission was kept before."""
    row = insert(tx, actions).values(workspace=workspace, at=now, **asdict(action))
    return (await tx.execute(row.on_conflict_do_nothing().returning(actions.c.id))).first() is not None


async def of_person(
    connection: AsyncConnection, workspace: str, person_id: str, most: int = MOST
) -> list[Action]:
    """What a person logged, the newest first."""
    return await _read(connection, workspace, actions.c.person_id == person_id, most)


async def of_deal(
    connection: AsyncConnection, workspace: str, deal_id: str, most: int = MOST
) -> list[Action]:
    """What was done about a deal, the newest first."""
    return await _read(connection, workspace, actions.c.deal_id == deal_id, most)


async def _read(
    connection: AsyncConnection, workspace: str, which: ColumnElement[bool], most: int
) -> list[Action]:
    columns = [actions.c[name] for name in Action.__dataclass_fields__]
    found = select(*columns).where(actions.c.workspace == workspace, which)
    newest = found.order_by(actions.c.done_on.desc(), actions.c.id.desc()).limit(most)
    return [Action(**row._asdict()) for row in await connection.execute(newest)]
