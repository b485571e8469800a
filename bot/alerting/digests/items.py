"""Memory and the newest numbers in, what is open for a reader out, told as it stands today."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Row, and_, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from analytics.answers.mint import mint_of, money
from analytics.facts import Fact, Finding, Unit
from analytics.generation import DealRow
from analytics.questions import EVERYONE, Scope
from analytics.store import Generation
from bot.alerting import silences
from bot.alerting.digests.facts import Agenda, Item
from bot.alerting.log import What, Why
from bot.alerting.preferences import Preferences
from bot.alerting.silences import Silence
from bot.alerting.standing import State
from bot.memory.tables import alert_log, alerts

#: States of what waits for somebody; what is in hand, or silent, waits for nobody.
WAITING = (State.TOLD, State.DIGEST, State.HELD)
IN_HAND = (State.ACKNOWLEDGED, State.ACTED)

#: Levels that each role is told of in lines, the first first; hygiene is counted by rule.
LEVELS: Mapping[str, tuple[str, ...]] = {
    "rep": ("P1", "P2"),
    "manager": ("P1", "P2"),
    "cro": ("rate", "driver", "P1"),
    "ops": ("data",),
}
HYGIENE = "P3"
COUNTED = ("rep", "ops")  #: roles that see hygiene counted. Source: product.md, part 5
MOST = 2000  #: alerts read for one digest; more are nobody's list

FINDING: TypeAdapter[Finding] = TypeAdapter(Finding)


@dataclass(frozen=True, slots=True, kw_only=True)
class For:
    """Who an agenda is for, and what they may and want to see."""

    workspace: str
    person_id: str
    name: str
    role: str
    scope: Scope
    chosen: Preferences


async def agenda(
    connection: AsyncConnection,
    generation: Generation,
    reader: For,
    now: datetime,
    *,
    weekly: bool = False,
    states: Collection[State] = WAITING,
) -> Agenda:
    """What is open for a reader, the most telling first; without what is silenced, unwanted or closed."""
    rows = await _rows(connection, reader, states, now)
    quiet = await silences.current(connection, reader.workspace, now)
    shown = await _shown(connection, reader, [row.key for row in rows])
    odds = {one.deal_id: one.win_probability for one in generation.standing()} if rows else {}
    items = [_item(row, generation, row.key not in shown, odds) for row in rows]
    counted = await _hygiene(connection, reader) if weekly else {}
    mint = mint_of(generation)
    return Agenda(
        person_id=reader.person_id,
        name=reader.name,
        role=reader.role,
        weekly=weekly,
        items=tuple(ordered((one for one in items if one and _wanted(one, reader, quiet)), reader.role)),
        hygiene={rule: mint.count("deals", number, f"rule={rule}") for rule, number in counted.items()},
        as_of=generation.as_of,
        generation=generation.id,
    )


async def _rows(
    connection: AsyncConnection, reader: For, states: Collection[State], now: datetime
) -> Sequence[Row[Any]]:
    awake = or_(alerts.c.until.is_(None), alerts.c.until <= now)
    which = and_(_open(reader), alerts.c.state.in_(list(states)), awake)
    levels = alerts.c.level.in_(LEVELS[reader.role])
    found = select(alerts).where(which, levels).order_by(alerts.c.opened_on.desc(), alerts.c.key).limit(MOST)
    return (await connection.execute(found)).all()


def _open(reader: For) -> ColumnElement[bool]:
    """Open alerts about what the reader may see; of those held back only what the budget held."""
    tellable = or_(alerts.c.state != State.HELD, alerts.c.reason == Why.BUDGET)
    here = and_(alerts.c.workspace == reader.workspace, alerts.c.resolved_on.is_(None))
    return and_(here, _theirs(reader), tellable, alerts.c.silent == 0)


def _theirs(reader: For) -> ColumnElement[bool]:
    scope = EVERYONE if reader.role == "ops" else reader.scope
    return true() if scope.everyone else alerts.c.owner_id.in_(sorted(scope.rep_ids))


async def _shown(connection: AsyncConnection, reader: For, keys: Sequence[str]) -> frozenset[str]:
    """Which of these the reader was told of, by a message or in a digest."""
    told = alert_log.c.what.in_((What.TOLD, What.ESCALATED, What.DIGEST))
    mine = and_(alert_log.c.workspace == reader.workspace, alert_log.c.person_id == reader.person_id, told)
    found = await connection.scalars(select(alert_log.c.alert_key).where(mine))
    return frozenset(found) & frozenset(keys)


async def _hygiene(connection: AsyncConnection, reader: For) -> dict[str, int]:
    """Deals by rule of hygiene, most first: all that the rule holds for, whatever else is told of them."""
    if reader.role not in COUNTED or not reader.chosen.wants(HYGIENE, None):
        return {}
    lasting = or_(
        alerts.c.resolved_on.is_(None), and_(alerts.c.state == State.EXPIRED, alerts.c.reason == "")
    )
    here = and_(alerts.c.workspace == reader.workspace, alerts.c.level == HYGIENE, lasting)
    number = func.count(alerts.c.subject_id.distinct()).label("number")
    grouped = select(alerts.c.rule, number).where(here, _theirs(reader)).group_by(alerts.c.rule)
    found = await connection.execute(grouped.order_by(number.desc(), alerts.c.rule))
    return {row.rule: row.number for row in found}


def _item(
    row: Row[Any], generation: Generation, is_new: bool, odds: Mapping[str, float | None]
) -> Item | None:
    """The alert with its figures as of today; None of a deal that has closed or is gone."""
    told = FINDING.validate_json(row.facts)
    state = State(row.state)
    if told.subject != "deal":
        return Item(key=row.key, finding=told, state=state, is_new=is_new)
    deal = generation.deal(told.subject_id)
    if deal is None or deal.outcome != "open":
        return None
    figures = dict(told.figures) | _today(deal, generation, told.figures)
    names = {**told.names, "stage": deal.stage or ""}
    finding = replace(told, figures=figures, names=names, as_of=generation.as_of)
    return Item(
        key=row.key,
        finding=finding,
        state=state,
        is_new=is_new,
        amount=_amount(deal, generation),
        odds=odds.get(deal.deal_id),
    )


def _amount(deal: DealRow, generation: Generation) -> Fact | None:
    if not deal.in_main_currency or deal.amount_cents is None:
        return None
    value, of = money(deal.amount_cents), f"deal={deal.deal_id}"
    return mint_of(generation).fact("amount", value, Unit.MONEY, of, currency=generation.currency)


def _today(deal: DealRow, generation: Generation, told: Mapping[str, Fact]) -> dict[str, Fact]:
    """The days that have passed on since the alert was told; what else it says is of its own day."""
    today = generation.as_of.toordinal()
    days = {
        "days_since_activity": deal.days_since_activity,
        "days_in_stage": deal.days_in_stage,
        "age_days": deal.age_days,
        "days_overdue": deal.close_day and today - deal.close_day,
        "days_since_update": deal.updated_day and today - deal.updated_day,
    }
    mint, of = mint_of(generation), f"deal={deal.deal_id}"
    known = ((name, value) for name, value in days.items() if value is not None)
    return {name: mint.fact(name, value, Unit.DAYS, of) for name, value in known if name in told}


def _wanted(item: Item, reader: For, quiet: Iterable[Silence]) -> bool:
    """Does the reader want to hear of it, and has nobody silenced it?"""
    told, amount = item.finding, item.amount.value if item.amount else None
    if any(one.covers(reader.person_id, told.rule, told.subject_id) for one in quiet):
        return False
    return reader.chosen.wants(told.level, amount)


def ordered(items: Iterable[Item], role: str) -> Iterable[Item]:
    """By level, then by what can still be won, nothing to win last; of several of one thing the first."""
    levels = LEVELS[role]

    def place(item: Item) -> tuple[bool, int, Decimal, str]:
        return item.hopeless, levels.index(item.finding.level), -item.worth, item.key

    first: dict[str, Item] = {}
    for item in sorted(items, key=place):
        first.setdefault(item.finding.subject_id, item)
    return first.values()
