"""The note on Monday: two generations a week apart in, one message for each manager with reps out."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from analytics import answers
from analytics.alerts import Thresholds
from analytics.facts import TeamWeek
from analytics.generation import PersonRow
from analytics.store import Generation
from bot.alerting.outbox import Message, Recipient
from bot.blocks import week as week_blocks
from bot.narrator import template
from bot.narrator.words import Words

FROM = time(8)  #: local time of the note on Monday. Source: before the first meeting of the week
LAST_DAY = 1  #: a note that could not be written by the end of this weekday (Tuesday) is old news
NEWS = timedelta(days=7)  #: numbers as old as this tell of another week

#: The words in which a person is told: the template's, or the same claims as a language model orders them. It
#: never raises, and ends within its own deadline.
Told = Callable[[Words, Recipient], Awaitable[Words]]


async def as_written(words: Words, _: Recipient) -> Words:
    """The template's words."""
    return words


def due(workspace: str, as_of: date, now: datetime, zone: str) -> str | None:
    """The key of the note that is due, `main:2024-W30`; None at other times, and with numbers too old.

    Args:
        as_of: the day of the newest numbers.
    """
    local = now.astimezone(ZoneInfo(zone))
    is_time = local.weekday() <= LAST_DAY and (local.weekday() > 0 or local.time() >= FROM)
    if not is_time or local.date() - as_of >= NEWS:
        return None
    year, week, _ = local.isocalendar()
    return f"{workspace}:{year}-W{week:02}"


def weeks(before: Generation, now: Generation, thresholds: Thresholds) -> list[TeamWeek]:
    """The week of each manager's team, by manager; none where no rep has a manager among the people."""
    known = sorted(person.person_id for person in now.people())
    return [found for one in known if (found := answers.team_week(before, now, one, thresholds))]


async def message(week: TeamWeek, manager: PersonRow, workspace: str, key: str, told: Told) -> Message:
    """The note for a manager; its key is the week's, so that it is never written twice."""
    recipient = Recipient(manager.person_id, week.manager, manager.email or "", "manager")
    words = await told(template.team_week(week), recipient)
    return Message(
        dedup_key=f"week:{key}:{manager.person_id}",
        workspace=workspace,
        kind="post",
        recipient=recipient,
        text=words.text,
        blocks=week_blocks.note(week, words),
    )
