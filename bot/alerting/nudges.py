"""Rules whose alerts people call not useful: their authors are asked whether to raise the threshold, once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from analytics.alerts import told
from analytics.answers.mint import mint_of
from analytics.facts import Nudge
from analytics.generation import PersonRow
from analytics.store import Generation
from bot import language
from bot.alerting import outbox, rulebook
from bot.alerting.desk import Desk
from bot.alerting.outbox import Message, Recipient
from bot.alerting.rulebook import Unhelpful
from bot.blocks import rulebook as blocks
from bot.narrator import rulebook as narrator


async def ask(tx: AsyncConnection, now: Generation, desk: Desk) -> int:
    """Write to who can change each such rule: its author, or ops where it is one of ours.

    Asked once per version and person: the key says which.

    Returns:
        How many messages are new.
    """
    found = await rulebook.nudges(tx, desk.workspace, desk.settings)
    messages = [_message(one, person, now, desk) for one in found for person in _asked(one, desk)]
    return sum([await outbox.enqueue(tx, message, desk.now) for message in messages])


def _asked(found: Unhelpful, desk: Desk) -> Sequence[Recipient]:
    """The author, if they are still among the people; else ops, else the CRO."""
    author = found.version.author
    ids = [author] if author in desk.people else desk.with_role("ops") or desk.with_role("cro")
    return [_recipient(desk.people, person, desk.name(person)) for person in ids]


def _recipient(people: Mapping[str, PersonRow], person_id: str, name: str) -> Recipient:
    known = people.get(person_id)
    outside = person_id if "@" in person_id else ""
    return Recipient(person_id, name, (known.email if known else None) or outside, "ops")


def facts(found: Unhelpful, now: Generation) -> Nudge:
    """What readers found not useful; the lines that leave it out count as those of the next version."""
    rule = found.version.rule
    later = replace(rule, version=rule.version + 1)
    return Nudge(
        rule=told.told(rule, now),
        not_useful=mint_of(now).count("not_useful", found.not_useful, f"rule={rule.id}"),
        instead=tuple(told.line(later, condition, now) for condition in found.instead),
        as_of=now.as_of,
        generation=now.id,
    )


def _message(found: Unhelpful, person: Recipient, now: Generation, desk: Desk) -> Message:
    rule = found.version.rule
    with language.using(desk.reading(person.person_id)):
        words = narrator.asking(facts(found, now))
        drawn = blocks.asking(rule.id, words)
    return Message(
        dedup_key=f"{desk.workspace}:nudge:{rule.id}:{rule.version}:{person.person_id}",
        workspace=desk.workspace,
        kind="post",
        recipient=person,
        text=words.text,
        blocks=drawn,
        due=desk.hours(person.person_id).next_open(desk.now),
    )
