"""How a person wants to be told: what, when and where; kept in memory, defaults from the settings."""

from collections.abc import Mapping
from datetime import datetime, time
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerting.calendar import Hours
from bot.memory.engine import insert
from bot.memory.tables import preferences as table
from bot.settings import WEEKDAYS, Settings


class Preferences(BaseModel):
    """What one person chose; None is the team's default."""

    model_config = ConfigDict(frozen=True)

    levels: tuple[Literal["P1", "P2", "P3", "rate", "driver", "data"], ...] | None = None  # None: all
    min_amount: Decimal | None = Field(None, ge=0)  # money; deals below are not told
    place: str = ""  # a channel; "": direct messages
    at_once: bool = False  # a manager: tell me of my reports' P1 when they are told
    digest: Literal["daily", "weekly", "off"] = "daily"
    digest_at: time | None = None
    zone: str | None = None  # None: the team's; the modal offers Slack's
    working_days: tuple[str, ...] | None = None
    quiet_from: time | None = None
    quiet_until: time | None = None

    def hours(self, settings: Settings) -> Hours:
        """When this person may be told."""
        team = settings.hours
        days = self.working_days and frozenset(WEEKDAYS.index(day) for day in self.working_days)
        return Hours(
            self.zone or team.zone,
            days or team.days,
            self.quiet_until or team.start,
            self.quiet_from or team.end,
        )

    def wants(self, level: str, amount: Decimal | None) -> bool:
        """Is an alert of this level about so much money worth telling to this person?"""
        small = self.min_amount is not None and amount is not None and amount < self.min_amount
        return not small and (self.levels is None or level in self.levels)


async def of(connection: AsyncConnection, workspace: str, person_id: str) -> Preferences:
    """What a person chose; the defaults of who never did."""
    return (await everyone(connection, workspace)).get(person_id, Preferences())


async def everyone(connection: AsyncConnection, workspace: str) -> Mapping[str, Preferences]:
    """What everybody chose who did."""
    rows = await connection.execute(
        select(table.c.person_id, table.c.chosen).where(table.c.workspace == workspace)
    )
    return {row.person_id: Preferences.model_validate_json(row.chosen) for row in rows}


async def keep(
    tx: AsyncConnection, workspace: str, person_id: str, chosen: Preferences, now: datetime
) -> None:
    """Write down what a person chose."""
    values = {"chosen": chosen.model_dump_json(), "at": now}
    row = insert(tx, table).values(workspace=workspace, person_id=person_id, **values)
    keys = [table.c.workspace, table.c.person_id]
    await tx.execute(row.on_conflict_do_update(index_elements=keys, set_=values))
