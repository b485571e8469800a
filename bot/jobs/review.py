"""Once a working day, in one message: what waits for the pilot's reviewers since the day before."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import structlog

from analytics.alerts import reviewing
from bot import language
from bot.alerting import outbox, pilot, reviews
from bot.alerting.desk import Desk
from bot.alerting.economy import REVIEW_WAIT
from bot.alerting.outbox import Message, Recipient
from bot.alerting.reviews import Waiting
from bot.blocks import pilot as blocks
from bot.jobs.base import Job, Work, published
from bot.memory import slots
from bot.memory.slots import Claim
from bot.narrator import template

MOST = 10  #: alerts listed with their buttons; a message holds 50 blocks

log = structlog.get_logger(__name__)


async def reminder_due(work: Work) -> Sequence[str]:
    """Once per working day of the team, from the hour of digests on, while anything waits."""
    local = work.now().astimezone(ZoneInfo(work.zone))
    hours = work.settings.hours
    if local.weekday() not in hours.days or local.time() < work.settings.digest_at:
        return ()
    async with work.memory.read() as connection:
        found = await reviews.waiting(connection, work.workspace)
    return (local.date().isoformat(),) if reviews.overnight(found, work.now(), work.zone) else ()


async def remind(work: Work, claimed: Claim) -> None:
    """One message to each reviewer; the messages and the end of the slot are written as one."""
    written = 0
    async with work.memory.write() as tx:
        found = reviews.overnight(await reviews.waiting(tx, work.workspace), work.now(), work.zone)
        now = published(work.home)
        if now is not None and found:
            people = {one.person_id: one for one in now.people()}
            desk = await Desk.of(
                tx, settings=work.settings, people=people, render=work.render, now=work.now()
            )
            day = date.fromisoformat(claimed.slot_key)
            for one in pilot.reviewers(work.settings, people):
                written += await outbox.enqueue(tx, _message(found, one, desk, day), work.now())
        await slots.finish(tx, claimed)
    log.info("review reminder", messages=written)


def _message(found: Sequence[Waiting], reviewer: Recipient, desk: Desk, day: date) -> Message:
    listed = {one.key: one.finding for one in found}
    last = max(listed.values(), key=lambda finding: finding.as_of)
    waiting = reviewing.to_review(listed, MOST, REVIEW_WAIT.days, last.as_of, last.generation)
    with language.using(desk.reading(reviewer.person_id)):
        words = template.reminder(waiting)
        drawn = blocks.reminder(waiting, words)
    return Message(
        dedup_key=f"review:{desk.workspace}:{day}:{reviewer.person_id}",
        workspace=desk.workspace,
        kind="post",
        recipient=reviewer,
        text=words.text,
        blocks=drawn,
        due=desk.hours(reviewer.person_id).next_open(desk.now),
        not_after=_end_of(day, desk.hours(reviewer.person_id).zone),
    )


def _end_of(day: date, zone: str) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(zone))


REVIEW = Job("review", reminder_due, remind)
