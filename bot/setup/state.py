"""One inquiry in, how we are set up out: a section at a time, as facts and names."""

import asyncio
from collections.abc import Mapping
from typing import Any, Literal

import structlog

from analytics import answers
from analytics.alerts import told
from analytics.answers.mint import Mint, mint_of
from analytics.facts import Fact, RuleTold, Unit
from bot import clock, web_api
from bot.alerting import heartbeat, pilot, rulebook, source
from bot.alerting.outcomes import SLACK_TROUBLE
from bot.audience import Role
from bot.coach import Inquiry
from bot.memory import greetings, slots
from bot.setup import matching, slack
from bot.setup.facts import Failed, File, Holder, Matched, Setup
from data import tables
from data.tables import NoTables, Tables

ENTITY = "setup"  #: what all counts here are of
FINE = "ok"
FEEDS = ("events", "activities")  #: what a source may leave out

log = structlog.get_logger(__name__)


async def sources(inquiry: Inquiry) -> Setup:
    """The load, its files and columns, the checks, the jobs, the processes."""
    coach, now = inquiry.coach, inquiry.generation
    async with coach.remembering() as memory, memory.read() as connection:
        failures = await slots.failures(connection)
        alive = (await heartbeat.pulse(connection, coach.settings.workspace, memory.now())).alive
    mint, quality = mint_of(now), answers.quality(now)
    wrong = [line for line in quality.lines if line.level != FINE]
    counts = {"checks": len(quality.lines), "failing": len(wrong), "alive": alive}
    loaded, lost = await asyncio.to_thread(_loaded, inquiry)
    age = (clock.today(coach.settings.zone) - loaded.loaded_on).days if loaded else 0
    return Setup(
        as_of=now.as_of,
        generation=now.id,
        figures={**_counts(mint, counts), **(_of_load(mint, loaded, age) if loaded else {})},
        files=_files(mint, loaded) if loaded else (),
        feeds=tuple(name for name in FEEDS if loaded and not loaded.manifest.get(f"has_{name}")),
        is_old=age > coach.settings.stale_after_days,
        is_behind=loaded is not None and loaded.manifest["load_id"] != now.load_id,
        lost=lost,
        failed=tuple(Failed(row.job, mint.count("attempts", row.attempts, row.job)) for row in failures),
    )


def _counts(mint: Mint, counts: Mapping[str, int]) -> dict[str, Fact]:
    """Counts by the slot in which they are said."""
    return {slot: mint.count(slot, value, ENTITY) for slot, value in counts.items()}


def _loaded(inquiry: Inquiry) -> tuple[Tables | None, tuple[str, ...]]:
    """The last load, None where it cannot be read; and the columns that hold nothing any more."""
    try:
        loaded = tables.whole(tables.current(inquiry.coach.home))
    except NoTables:
        return None, ()
    lost = source.lost(inquiry.coach.home, loaded)
    return loaded, tuple(f"{table}.{column}" for table, columns in lost.items() for column in columns)


def _of_load(mint: Mint, loaded: Tables, age: int) -> dict[str, Fact]:
    """Day, age in days, and deals of a load."""
    return {
        "loaded_on": mint.day("loaded_on", loaded.loaded_on.toordinal(), ENTITY),
        "age": mint.fact("age", age, Unit.DAYS, ENTITY),
        "deals": mint.count("deals", int(loaded.manifest["counts"]["deals"]), ENTITY),
    }


def _files(mint: Mint, loaded: Tables) -> tuple[File, ...]:
    files: list[dict[str, Any]] = loaded.manifest.get("sources", [])
    return tuple(_file(mint, one) for one in files)


def _file(mint: Mint, one: Mapping[str, Any]) -> File:
    name, holds = str(one.get("file", "")), str(one.get("table", ""))
    kept, rejected = (
        mint.count(what, int(one.get(what, 0)), f"file={name}") for what in ("kept", "rejected")
    )
    return File(name, holds, kept, rejected)


async def mapping(inquiry: Inquiry) -> Setup:
    """Who is who in Slack, and who is nobody there."""
    now, settings = inquiry.generation, inquiry.coach.settings
    if not settings.slack_bot_token.get_secret_value():
        return Setup(as_of=now.as_of, generation=now.id)
    try:
        found = await who_is_who(inquiry)
    except SLACK_TROUBLE as error:
        log.warning("members not listed", error=type(error).__name__)
        return Setup(as_of=now.as_of, generation=now.id, slack="refused")
    known, missing = len(found.known), len(found.missing)
    counts = {"known": known, "people": known + missing, "missing": missing}
    counts |= {"strangers": len(found.strangers), "guests": found.guests}
    figures = _counts(mint_of(now), counts)
    return Setup(as_of=now.as_of, generation=now.id, figures=figures, slack="asked", missing=found.missing)


async def who_is_who(inquiry: Inquiry) -> Matched:
    """The people of the CRM and the accounts of Slack, matched.

    Raises:
        SlackApiError: Slack cannot be asked now.
    """
    coach = inquiry.coach
    members = await slack.members(web_api.client(coach.settings))
    async with coach.remembering() as memory, memory.read() as connection:
        links = await greetings.links(connection, coach.settings.workspace)
    return matching.match(matching.everybody(inquiry.generation.people(), coach.settings), members, links)


async def thresholds(inquiry: Inquiry) -> Setup:
    """The rules with their lines, and the limits of telling."""
    coach, now = inquiry.coach, inquiry.generation
    async with coach.remembering() as memory, memory.read() as connection:
        kept = await rulebook.kept(connection, coach.settings.workspace, coach.settings)
    rules = tuple(_told(one.newest, inquiry) for one in kept)
    mint, settings = mint_of(now), coach.settings
    counts = {
        "on": sum(one.state == "on" for one in rules),
        "all": len(rules),
        "urgent_per_week": settings.p1_per_week,
        "manager_per_week": settings.manager_per_week,
        "escalate": settings.escalate_after_hours,
    }
    figures = _counts(mint, counts)
    share = mint.fact("silent_share", settings.silent_share, Unit.FRACTION, ENTITY)
    return Setup(as_of=now.as_of, generation=now.id, figures=figures | {"silent_share": share}, rules=rules)


def _told(version: rulebook.Version, inquiry: Inquiry) -> RuleTold:
    return told.told(version.rule, inquiry.generation, state=version.state)


async def roles(inquiry: Inquiry) -> Setup:
    """Who is CRO, ops and reviewer, and who says so."""
    now = inquiry.generation
    reviews = inquiry.coach.settings.pilot_days > 0
    return Setup(as_of=now.as_of, generation=now.id, holders=holders(inquiry), reviews=reviews)


def holders(inquiry: Inquiry) -> tuple[Holder, ...]:
    """Everybody with one of the roles that somebody has to hold, the reviewers last."""
    settings, people = inquiry.coach.settings, inquiry.generation.people()
    everyone = matching.everybody(people, settings)
    by_settings = {*settings.cro_emails, *settings.ops_emails}
    held = tuple(
        Holder(one.role, one.name, "settings" if one.email in by_settings else "crm")
        for role in (Role.CRO, Role.OPS)
        for one in everyone
        if one.role == role
    )
    if not settings.pilot_days:
        return held
    named: Literal["settings", "default"] = "settings" if settings.reviewer_emails else "default"
    reviewing = pilot.reviewers(settings, {one.person_id: one for one in people})
    return (*held, *(Holder("reviewer", one.name, named) for one in reviewing))
