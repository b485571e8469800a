"""The experiment on alerts: agreed on before it begins, held to while it runs, read for its answer."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import partial

from pydantic import TypeAdapter
from sqlalchemy import Row, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from analytics.alerts.rules import Level, Subject
from analytics.answers.mint import mint_of
from analytics.facts import Impact
from analytics.impact import Enrolled, Terms, impact
from analytics.impact.arms import planned
from analytics.store import Generation
from bot.alerting.book import FINDING
from bot.alerting.holdout import is_silent
from bot.alerting.log import What
from bot.memory.engine import insert
from bot.memory.tables import agreements, alert_log, alerts
from bot.settings import Settings

NAME = "experiment"
EFFECT = Decimal(
    "0.10"
)  #: difference that is looked for. Source: the smallest worth the noise of alerts; ours
HORIZON_DAYS = 14  #: within which a move counts. Source: product.md, part 5
TERMS = TypeAdapter(Terms)


async def agreed(connection: AsyncConnection, workspace: str) -> Terms | None:
    """What was agreed on; None before the first experiment."""
    mine = and_(agreements.c.workspace == workspace, agreements.c.name == NAME)
    found = await connection.scalar(select(agreements.c.terms).where(mine))
    return TERMS.validate_json(found) if found else None


async def running(tx: AsyncConnection, settings: Settings, day: date, now: datetime) -> Terms | None:
    """The experiment that runs, agreed on now if there is none; None when nothing is to be kept silent.

    Call it when alerts go out without a reviewer, before any is drawn: what a reviewer picked is no lot. A
    share that was changed does not change a running experiment; a share of zero ends it, and a later one
    begins another.

    Args:
        day: of the numbers that are about to be judged.
    """
    terms, share = await agreed(tx, settings.workspace), settings.silent_share
    is_on = terms is not None and terms.ended is None
    if share and not is_on:
        terms = _proposed(share, day)
    elif terms and is_on and not share:
        terms = replace(terms, ended=day)
    else:
        return terms if is_on else None
    await _keep(tx, settings.workspace, terms, now)
    return None if terms.ended else terms


def _proposed(share: Decimal, day: date) -> Terms:
    """Drawn anew for each experiment, by a seed that nobody is shown: who knows it knows who is silent."""
    return Terms(
        start=day,
        share=share,
        seed=secrets.token_hex(16),
        effect=EFFECT,
        planned=planned(float(EFFECT), float(share)),
        horizon_days=HORIZON_DAYS,
    )


async def _keep(tx: AsyncConnection, workspace: str, terms: Terms, now: datetime) -> None:
    values = {"terms": TERMS.dump_json(terms).decode(), "author": "settings", "at": now}
    row = insert(tx, agreements).values(workspace=workspace, name=NAME, **values)
    keys = [agreements.c.workspace, agreements.c.name]
    await tx.execute(row.on_conflict_do_update(index_elements=keys, set_=values))


def lot(workspace: str, terms: Terms | None) -> Callable[[str], bool]:
    """Who is silent, by subject_id; nobody without an experiment."""
    if terms is None:
        return lambda _: False
    return partial(is_silent, workspace, share=terms.share, seed=terms.seed)


async def found(
    connection: AsyncConnection, settings: Settings, generation: Generation, *, sees_all: bool
) -> Impact:
    """What it has found so far, for who may see every deal or for anybody else."""
    workspace = settings.workspace
    terms = await agreed(connection, workspace)
    deals = await enrolled(connection, workspace, terms, generation) if terms else []
    return impact(deals, terms, settings.silent_share, mint_of(generation), sees_all=sees_all)


async def enrolled(
    connection: AsyncConnection, workspace: str, terms: Terms, generation: Generation
) -> list[Enrolled]:
    """The deals of the experiment, each from its first alert that was told at once, or silent by lot at once.

    What waited for the budget, a reviewer or the end of a snooze takes no part, in either arm.
    """
    reviewed = select(alert_log.c.alert_key).where(alert_log.c.what == What.REVIEW)
    mine = and_(
        alerts.c.workspace == workspace,
        alerts.c.subject == Subject.DEAL,
        alerts.c.level == Level.P1,
        alerts.c.opened_on >= terms.start,
        alerts.c.opened_on < (terms.ended or date.max),
        alerts.c.key.not_in(reviewed),
    )
    found: dict[str, Enrolled] = {}
    for row in await connection.execute(
        select(alerts).where(mine).order_by(alerts.c.opened_on, alerts.c.key)
    ):
        if row.subject_id not in found and _at_once(row):
            found[row.subject_id] = _enrolled(row, generation)
    return list(found.values())


def _at_once(row: Row[tuple[object, ...]]) -> bool:
    """Was it told, or silent, on the day it began? The facts are those of the day it was decided."""
    decided = FINDING.validate_json(row.facts).as_of if row.silent else row.told_on
    return bool(decided == row.opened_on)


def _enrolled(row: Row[tuple[object, ...]], generation: Generation) -> Enrolled:
    return Enrolled(
        deal_id=row.subject_id,
        owner_id=row.owner_id,
        silent=bool(row.silent),
        since=row.opened_on,
        moved_on=row.moved_on,
        won_on=_won_on(row, generation) if row.outcome == "won" else None,
    )


def _won_on(row: Row[tuple[object, ...]], generation: Generation) -> date | None:
    """The day of the win as the CRM has it now, never before the alert."""
    deal = generation.deal(row.subject_id)
    closed = date.fromordinal(deal.close_day) if deal and deal.close_day else None
    return max(closed, row.opened_on) if closed else None
