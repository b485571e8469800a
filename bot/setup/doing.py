"""The steps of `dealcoach setup` that do something, if it was chosen: a channel, a test, first messages."""

from collections.abc import Sequence
from dataclasses import replace

from analytics.store import StoreError
from bot import language, names
from bot.alerting import places, preferences
from bot.alerting.outcomes import SLACK_TROUBLE
from bot.audience import OPERATOR, Role, Viewer
from bot.doctor import Finding
from bot.narrator.claims import say
from bot.setup import greeting, slack
from bot.setup.desk import Desk
from bot.setup.facts import Member, Someone
from bot.setup.slack import Channel
from bot.setup.step import Step, stopped

MOST = 20  #: channels that are looked into; each costs Slack some calls


async def channels(desk: Desk) -> Step:
    """The channels we are in, whose alerts may go to each; and the one that was chosen."""
    title = "Channels for alerts"
    try:
        found = await slack.channels(desk.client)
        rows = [(f"#{one.name}", await fits(desk, one)) for one in found[:MOST]]
        chosen = await place(desk, found)
    except (StoreError, *SLACK_TROUBLE) as error:
        return Step(title, [stopped("channels", error)])
    said = f"{len(found)}" if found else "none: alerts come as direct messages"
    lists = Finding("lists", True, "always come as direct messages")
    return Step(
        title, [Finding("channels I am in", True, said), lists, *chosen], ("channel", "alerts of"), rows
    )


async def fits(desk: Desk, channel: Channel) -> str:
    """Whose alerts may go to a channel, by who reads it; else why nobody's may."""
    why = await places.may_read(desk.client, desk.coach, channel.id, OPERATOR)
    if not why:
        return "everybody"
    readers = {*await slack.readers(desk.client, channel.id)}
    reading = [one for one, member in (await desk.matched()).known if member.id in readers]
    viewers = [desk.viewer(one) for one in reading if one.role == Role.MANAGER]
    fitting = [one.name for one in viewers if one and await may_have(desk, channel, one)]
    return ", ".join(map(names.clean, fitting)) or f"nobody: {first(why)}"


def first(why: str) -> str:
    """Why a channel will not do; what to choose instead is said to who sits before a form.

    >>> first("Other organisations read that channel. Choose another one.")
    'Other organisations read that channel.'
    """
    return f"{why.partition('. ')[0].rstrip('.')}."


async def may_have(desk: Desk, channel: Channel, viewer: Viewer) -> bool:
    """May this person's alerts go there?"""
    return not await places.may_read(desk.client, desk.coach, channel.id, viewer)


async def place(desk: Desk, found: Sequence[Channel]) -> list[Finding]:
    """Send somebody's alerts to the channel chosen for them."""
    wanted = desk.choices.channel or (desk.ask("A channel for the CRO's alerts") if found else "")
    if not wanted:
        return []
    channel = next((one for one in found if wanted.lstrip("#") in (one.id, one.name)), None)
    if channel is None:
        remedy = "Invite the app there first, or write its name as listed."
        return [Finding("channel chosen", False, f"I am not in {wanted!r}", remedy)]
    viewer = whose(desk)
    if viewer is None:
        return [Finding("channel chosen", False, "for nobody", "Say whose alerts go there: --for PERSON.")]
    if why := await places.may_read(desk.client, desk.coach, channel.id, viewer):
        return [Finding("channel chosen", False, f"not #{channel.name}", first(why))]
    await keep(desk, viewer, channel)
    return [Finding("channel chosen", True, f"alerts of {names.clean(viewer.name)} go to #{channel.name}")]


def whose(desk: Desk) -> Viewer | None:
    """Whose alerts are to go to the channel."""
    if desk.choices.whose:
        someone = desk.someone(desk.choices.whose)
    else:
        someone = next((one for one in desk.everyone() if one.role == Role.CRO), None)
    return desk.viewer(someone) if someone else None


async def keep(desk: Desk, viewer: Viewer, channel: Channel) -> None:
    """Write down where somebody's alerts go; what else they chose stays."""
    workspace = desk.coach.settings.workspace
    async with desk.memory.write() as tx:
        before = await preferences.of(tx, workspace, viewer.key)
        after = before.model_copy(update={"place": channel.id})
        await preferences.keep(tx, workspace, viewer.key, after, desk.memory.now())


async def test(desk: Desk) -> Step:
    """A test message to somebody."""
    title = "A test message"
    wanted = desk.choices.test or desk.ask("Send a test message to (name, email or id)")
    if not wanted:
        return Step(title, [Finding("test message", None, "not sent", "Send one: --test PERSON.")])
    try:
        return Step(title, [await sent(desk, wanted)])
    except (StoreError, *SLACK_TROUBLE) as error:
        return Step(title, [stopped("test message", error)])


async def sent(desk: Desk, wanted: str) -> Finding:
    """Send it; to whom it went, or why to nobody."""
    someone = desk.someone(wanted)
    if someone is None:
        remedy = "Give an id, an email or a full name of the CRM."
        return Finding("test message", False, f"nobody is called {wanted!r}", remedy)
    account = (await desk.matched()).account(someone.key)
    if account is None:
        remedy = "They are nobody in Slack: see what to do under People."
        return Finding("test message", False, f"not sent to {names.clean(someone.name)}", remedy)
    opened = await desk.client.conversations_open(users=account.id)
    text = names.escape(say("setup.test").text)
    await desk.client.chat_postMessage(channel=opened["channel"]["id"], text=text, parse="none")
    return Finding("test message", True, f"sent to {names.clean(someone.name)}")


async def greet(desk: Desk) -> Step:
    """Everybody's first message, written down for `dealcoach work` to deliver."""
    title = "First messages"
    if not desk.choices.greet and not desk.ask("Write everybody's first message now? Type yes"):
        remedy = "Each comes when they first open the app; to everybody now: --greet."
        return Step(title, [Finding("first messages", None, "not written", remedy)])
    try:
        found = (await desk.matched()).known
    except (StoreError, *SLACK_TROUBLE) as error:
        return Step(title, [stopped("first messages", error)])
    written = sum([await greeted(desk, someone, member) for someone, member in found])
    said = f"{written} written, {len(found) - written} had theirs"
    more = "; `dealcoach work` delivers them, in working hours" if written else ""
    return Step(title, [Finding("first messages", True, f"{said}{more}")])


async def greeted(desk: Desk, someone: Someone, member: Member) -> bool:
    """Write down one person's; False when they have one, or are nobody who may ask."""
    viewer = desk.viewer(someone)
    if viewer is None:
        return False
    inquiry = replace(desk.inquiry, viewer=viewer)
    reads = language.reading(member.locale, member.zone, desk.coach.settings.language)
    with language.using(reads):
        async with desk.memory.write() as tx:
            now = desk.memory.now()
            return await greeting.greet(tx, inquiry, member.id, someone.email, now, came=False)
