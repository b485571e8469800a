"""What reviewers decided in the pilot, and what waits for them, as memory has it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter
from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from analytics.alerts.reviewing import Course, Review
from analytics.facts import Finding
from bot.alerting import pilot
from bot.alerting.log import What, Why
from bot.alerting.outbox import Recipient
from bot.alerting.standing import State
from bot.memory.tables import alert_log, alerts
from bot.narrator import reasons
from bot.settings import Settings

FINDING = TypeAdapter(Finding)
OUTCOMES = {What.RELEASED: "passed", What.WITHHELD: "held", What.REVIEW: "waiting"}


@dataclass(frozen=True, slots=True)
class Waiting:
    """An alert that waits for a reviewer."""

    key: str
    finding: Finding
    since: datetime


async def of(connection: AsyncConnection, workspace: str) -> list[Review]:
    """Every alert that reviewers were shown, with what they decided last; by when it was shown.

    One that ended before anybody looked is left out.
    """
    shown = select(alert_log.c.alert_key).where(
        alert_log.c.workspace == workspace, alert_log.c.what == What.REVIEW
    )
    told = select(alert_log.c.alert_key, alert_log.c.what, alert_log.c.reason)
    rows = await connection.execute(told.where(alert_log.c.alert_key.in_(shown)).order_by(alert_log.c.id))
    latest: dict[str, tuple[str, str]] = {}
    for row in rows:
        if outcome := _outcome(row.what, row.reason):
            latest[row.alert_key] = (outcome, row.reason)
    facts = select(alerts.c.key, alerts.c.facts, alerts.c.state).where(alerts.c.key.in_(shown))
    kept = {row.key: row for row in await connection.execute(facts.where(alerts.c.workspace == workspace))}
    return [
        Review(FINDING.validate_json(kept[key].facts), found, reasons.code(why) if found == "held" else "")
        for key, (found, why) in latest.items()
        if key in kept and (found != "waiting" or kept[key].state == State.REVIEW)
    ]


def _outcome(what: str, why: str) -> str:
    """What a row of the log says of a review; "" when it says nothing of it."""
    if why == Why.REVIEW and what != What.REVIEW:
        return "lapsed"
    return OUTCOMES.get(What(what), "")


async def waiting(connection: AsyncConnection, workspace: str) -> list[Waiting]:
    """The alerts that wait for a reviewer, the oldest first."""
    open_ = and_(alerts.c.workspace == workspace, alerts.c.state == State.REVIEW)
    columns = (alerts.c.key, alerts.c.facts, alert_log.c.at)
    shown = and_(alert_log.c.alert_key == alerts.c.key, alert_log.c.what == What.REVIEW)
    rows = await connection.execute(
        select(*columns).join(alert_log, shown).where(open_).order_by(alert_log.c.id)
    )
    last = {row.key: row for row in rows}
    return [Waiting(key, FINDING.validate_json(row.facts), row.at) for key, row in last.items()]


def overnight(found: Iterable[Waiting], now: datetime, zone: str) -> list[Waiting]:
    """Those that waited since before this local day: who was shown one today needs no reminder yet."""
    local = ZoneInfo(zone)
    midnight = datetime.combine(now.astimezone(local).date(), time.min, local)
    return [one for one in found if one.since < midnight]


async def course(
    connection: AsyncConnection, settings: Settings, now: datetime, who: Sequence[Recipient]
) -> Course:
    """How the pilot stands: off, not begun, without a reviewer, on, over, or ended by going live."""
    found = await pilot.of(connection, settings)
    if found is None:
        return Course("not_begun" if settings.pilot_days else "off")
    hours = settings.hours
    days = hours.local_day(found.began), hours.local_day(found.until)
    if found.is_on(now):
        return Course("on" if who else "nobody", *days)
    return Course("live" if found.live and found.live <= found.until else "over", *days)
