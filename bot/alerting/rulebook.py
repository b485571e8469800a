"""The rules as kept in memory: every version with author, date and reason; ours where nobody changed them.

The newest version that is on or off counts; a draft waits beside it and changes nothing. A version without a
definition of its own is one of our rules as we ship it, with the thresholds of the settings.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

import structlog
from pydantic import TypeAdapter
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from analytics.alerts import lessons
from analytics.alerts import rules as ruling
from analytics.alerts.rules import BadRule, Condition, Level, Rule
from analytics.facts import Finding
from analytics.stall import STALLED, Thresholds
from bot.alerting.log import What
from bot.intents import vocabulary
from bot.memory.engine import insert
from bot.memory.tables import alert_log
from bot.memory.tables import alerts as alert_table
from bot.memory.tables import rules as table
from bot.narrator.alert import rule_name
from bot.refusals import refusal
from bot.settings import Settings
from data.mendable import Mendable

State = Literal["draft", "on", "off"]

AS_SHIPPED = ""  #: definition of a version that follows our own rule
ENOUGH = 3  #: alerts called not useful after which the author is asked; product.md, part 5
ORDER = tuple(Level)
FINDING = TypeAdapter(Finding)

log = structlog.get_logger(__name__)


class NoSuchRule(Mendable):
    """An id that no rule has."""


class ChangedMeanwhile(Mendable):
    """Somebody else saved a version of the rule since it was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a rule; version 0 is one of ours before anybody touched it."""

    rule: Rule
    state: State
    author: str = ""  # person_id, or the email of who is not in the CRM; "" for us
    note: str = ""
    at: datetime | None = None

    @property
    def is_draft(self) -> bool:
        """Does it wait?"""
        return self.state == "draft"


@dataclass(frozen=True, slots=True)
class Kept:
    """A rule with all its versions, newest first."""

    versions: tuple[Version, ...]

    @property
    def id(self) -> str:
        """Of the rule."""
        return self.versions[0].rule.id

    @property
    def newest(self) -> Version:
        """What an editor sees."""
        return self.versions[0]

    @property
    def in_force(self) -> Version | None:
        """The version that counts; None while there are only drafts."""
        return next((one for one in self.versions if not one.is_draft), None)


@dataclass(frozen=True, slots=True)
class Unhelpful:
    """A rule whose alerts were called not useful, and what would have left those out."""

    version: Version
    not_useful: int  # alerts, since this version
    instead: tuple[Condition, ...]  # (): no threshold would


def _no_rule(rule_id: str, among: Sequence[Kept], near: Sequence[str]) -> NoSuchRule:
    if near:
        lines = ", ".join(f"`/coach rules {one}`" for one in near[: vocabulary.MOST_NEAR])
        return NoSuchRule(refusal("no_rule_near", rule=repr(rule_id), lines=lines))
    rules = ", ".join(rule.id for rule in among)
    return NoSuchRule(refusal("no_rule", rule=repr(rule_id), rules=rules))


async def rules(connection: AsyncConnection, workspace: str, settings: Settings) -> tuple[Rule, ...]:
    """The rules that are on, the most pressing level first: of those that hold for a deal the first is told.

    Within a level ours come first, in their order, then the team's by age.
    """
    counting = [one.in_force for one in await kept(connection, workspace, settings)]
    on = [one.rule for one in counting if one is not None and one.state == "on"]
    return tuple(sorted(on, key=lambda rule: ORDER.index(rule.level)))


async def kept(connection: AsyncConnection, workspace: str, settings: Settings) -> tuple[Kept, ...]:
    """Every rule with its history: ours in their order, then the team's by age."""
    shipped = {rule.id: rule for rule in shipped_rules(settings)}
    versions: dict[str, list[Version]] = {
        rule.id: [Version(rule=rule, state="on")] for rule in shipped.values()
    }
    rows = await connection.execute(
        select(table).where(table.c.workspace == workspace).order_by(table.c.at, table.c.version)
    )
    for row in rows:
        rule = _read(row.definition, shipped.get(row.rule_id), row.version)
        if rule is None:
            log.warning("rule not read", rule=row.rule_id, version=row.version)
            continue
        version = Version(rule=rule, state=row.state, author=row.author, note=row.note, at=row.at)
        versions.setdefault(row.rule_id, []).append(version)
    newest_first = (sorted(those, key=lambda one: -one.rule.version) for those in versions.values())
    return tuple(Kept(tuple(those)) for those in newest_first)


async def one(connection: AsyncConnection, workspace: str, settings: Settings, rule_id: str) -> Kept:
    """One rule with its history, by id in any case.

    Raises:
        NoSuchRule: names those there are.
    """
    return found(await kept(connection, workspace, settings), rule_id)


async def stalled_from(connection: AsyncConnection, workspace: str, settings: Settings) -> Thresholds:
    """The lines from which a deal counts as stalled: those of the rule in force, on or off."""
    version = (await one(connection, workspace, settings, STALLED)).in_force
    return ruling.stalled_from(version.rule, settings.thresholds) if version else settings.thresholds


def found(among: Sequence[Kept], rule_id: str) -> Kept:
    """The rule with an id or, where no id is meant, the one that is called so; in any case.

    Raises:
        NoSuchRule: names the nearest ones, or else those there are.
    """
    said = vocabulary.key_of(rule_id)
    called = [vocabulary.key_of(rule_name(one.id, one.newest.rule.title).text) for one in among]
    same = [one for one, name in zip(among, called, strict=True) if name == said]
    named = [one for one in among if one.id.lower() == said] or (same if len(same) == 1 else [])
    if not named:
        near = vocabulary.nearest(said, [*(one.id.lower() for one in among), *called])
        raise _no_rule(rule_id, among, list(dict.fromkeys(among[place % len(among)].id for place in near)))
    return named[0]


async def keep(
    tx: AsyncConnection,
    workspace: str,
    rule: Rule,
    *,
    state: State,
    author: str,
    note: str,
    now: datetime,
    settings: Settings,
) -> Rule:
    """Write a new version of a rule, after the one that its `version` says; returns it with its own.

    A rule that is just as we ship it keeps following the settings.

    Raises:
        BadRule: it means nothing.
        ChangedMeanwhile: there is a later version already.
    """
    ours = {one.id: one for one in shipped_rules(settings)}.get(rule.id)
    new = replace(ruling.checked(rule), version=await _next(tx, workspace, rule))
    is_shipped = ours is not None and replace(rule, version=0) == ours
    row = insert(tx, table).values(
        workspace=workspace,
        rule_id=rule.id,
        version=new.version,
        state=state,
        definition=AS_SHIPPED if is_shipped else json.dumps(ruling.as_json(new)),
        author=author,
        note=note,
        at=now,
    )
    written = await tx.execute(row.on_conflict_do_nothing().returning(table.c.version))
    if written.scalar() is None:
        raise _changed(rule)
    return new


async def switch(
    tx: AsyncConnection,
    workspace: str,
    rule_id: str,
    state: Literal["on", "off"],
    *,
    author: str,
    now: datetime,
    settings: Settings,
) -> Rule:
    """Switch a rule on or off as its newest version says; a draft comes into force by it.

    A second click changes nothing.

    Raises:
        NoSuchRule: there is none of this id.
    """
    newest = (await one(tx, workspace, settings, rule_id)).newest
    if newest.state == state:
        return newest.rule
    values = {"state": state, "author": author, "note": "", "now": now, "settings": settings}
    return await keep(tx, workspace, newest.rule, **values)  # type: ignore[arg-type]


def shipped_rules(settings: Settings) -> tuple[Rule, ...]:
    """Our rules with the thresholds of the settings."""
    return ruling.defaults(settings.thresholds, settings.stale_after_days)


def new_id(title: str, taken: Iterable[str]) -> str:
    """An id for a rule that a team calls so.

    >>> new_id("APAC Enterprise below 35 %", ["apac_enterprise_below_35"])
    'apac_enterprise_below_35_2'
    """
    plain = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")[:40].strip("_") or "rule"
    known = set(taken)
    candidates = (plain, *(f"{plain}_{turn}" for turn in range(2, len(known) + 3)))
    return next(one for one in candidates if one not in known)


async def nudges(
    connection: AsyncConnection, workspace: str, settings: Settings, *, least: int = ENOUGH
) -> list[Unhelpful]:
    """The rules in force of which so many alerts were called not useful since the version was saved.

    Who calls ours: nobody is their author, so ops are asked.
    """
    unhelpful = []
    for rule in await kept(connection, workspace, settings):
        if (version := rule.in_force) is None or version.state != "on":
            continue
        findings = await _not_useful(connection, workspace, version)
        if len(findings) >= least:
            unhelpful.append(Unhelpful(version, len(findings), lessons.stricter(version.rule, findings)))
    return unhelpful


async def _not_useful(connection: AsyncConnection, workspace: str, version: Version) -> Sequence[Finding]:
    """The alerts of a version that somebody called not useful, each once."""
    said = [
        alert_log.c.workspace == workspace,
        alert_log.c.rule == version.rule.id,
        alert_log.c.what == What.NOT_USEFUL,
        *([alert_log.c.at >= version.at] if version.at else []),
    ]
    keys = select(alert_log.c.alert_key).where(*said)
    rows = await connection.scalars(select(alert_table.c.facts).where(alert_table.c.key.in_(keys)))
    return [FINDING.validate_json(facts) for facts in rows]


async def _next(tx: AsyncConnection, workspace: str, rule: Rule) -> int:
    """The number of a version that follows the rule's.

    Raises:
        ChangedMeanwhile: a later one was saved already.
    """
    mine = (table.c.workspace == workspace) & (table.c.rule_id == rule.id)
    newest = (await tx.execute(select(func.max(table.c.version)).where(mine))).scalar() or 0
    if newest != rule.version:
        raise _changed(rule)
    return newest + 1


def _changed(rule: Rule) -> ChangedMeanwhile:
    return ChangedMeanwhile(refusal("rule_changed", rule=rule.id))


def _read(definition: str, shipped: Rule | None, version: int) -> Rule | None:
    """The rule as it was written down; None when nobody can tell any more what was meant."""
    try:
        rule = shipped if definition == AS_SHIPPED else ruling.from_json(json.loads(definition))
    except (BadRule, json.JSONDecodeError):
        return None
    return None if rule is None else replace(rule, version=version)
