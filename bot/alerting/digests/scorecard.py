"""The log of alerts in, how the coach itself did out: counts of what was told and what people made of it."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from analytics.answers.mint import mint_of
from analytics.questions import EVERYONE, Scope
from analytics.store import Generation
from bot.alerting.digests.facts import Scorecard
from bot.alerting.log import What, Why
from bot.memory.tables import alert_log

WEEKS = timedelta(weeks=4)  #: what a scorecard looks back on. Source: ours; a week tells too little

#: What is counted -> the events that make an alert count. One alert counts once.
COUNTED = {
    "told": (What.TOLD,),
    "answered": (What.ACKNOWLEDGED, What.ACTED, What.DISMISSED, What.USEFUL, What.NOT_USEFUL, What.SNOOZED),
    "acted": (What.ACTED,),
    "not_useful": (What.NOT_USEFUL,),
    "suppressed": (What.SUPPRESSED,),
    "silent": (What.SILENT,),
}

#: Why something was kept back as somebody wants it; what another alert told already is no such thing.
WISHED = (Why.BUDGET, Why.MANAGER_BUDGET, Why.PREFERENCE, Why.SNOOZED, Why.QUIET_HOURS)


async def scorecard(
    connection: AsyncConnection,
    generation: Generation,
    workspace: str,
    now: datetime,
    scope: Scope = EVERYONE,
) -> Scorecard:
    """How many alerts were told in four weeks, answered, acted on, called not useful, held and silent.

    It looks back on four weeks, but not beyond the first alert that was considered.

    What was told in digests counts as told in no message, so as nothing here.
    """
    since, mint = max(now - WEEKS, await _first(connection, workspace, scope) or now), mint_of(generation)
    figures = {
        name: mint.count("alerts", await _alerts(connection, workspace, scope, since, what), name)
        for name, what in COUNTED.items()
        if scope.everyone or name != "silent"  # among the few of a team a count tells which
    }
    figures["since"] = mint.day("as_of", since.date().toordinal(), "scorecard")
    return Scorecard(figures=figures, as_of=generation.as_of, generation=generation.id)


async def _first(connection: AsyncConnection, workspace: str, scope: Scope) -> datetime | None:
    """When the first alert was considered; None before that."""
    first: datetime | None = await connection.scalar(
        select(func.min(alert_log.c.at)).where(_theirs(workspace, scope))
    )
    return first


def _theirs(workspace: str, scope: Scope) -> ColumnElement[bool]:
    here = alert_log.c.workspace == workspace
    return here if scope.everyone else and_(here, alert_log.c.owner_id.in_(sorted(scope.rep_ids)))


async def _alerts(
    connection: AsyncConnection, workspace: str, scope: Scope, since: datetime, what: tuple[What, ...]
) -> int:
    """Alerts to which any of these happened."""
    wished = or_(alert_log.c.what != What.SUPPRESSED, alert_log.c.reason.in_(WISHED))
    lately = and_(alert_log.c.at >= since, alert_log.c.what.in_(what), wished)
    number = select(func.count(alert_log.c.alert_key.distinct())).where(_theirs(workspace, scope), lately)
    return int(await connection.scalar(number) or 0)
