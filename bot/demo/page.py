"""The demo in the browser: the page opens with a guided tour, and the terminal tells what happens there."""

import asyncio
import re
import signal
import threading
import time
import webbrowser
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path

from rich.console import Console
from rich.text import Text

from analytics import store
from analytics.generation import PersonRow
from analytics.questions import EVERYONE
from bot.demo import tour
from bot.demo.cast import STRANGER, actors, at_home, members, rooms, show_case, told_by
from bot.demo.prompt import ALERT_SECONDS, pressable
from bot.demo.services import numbers, services, started
from bot.manifest import manifest
from bot.narrator.claims import label, say
from bot.playground import Front, Playground
from bot.playground.journal import Record
from bot.playground.records import Change
from bot.settings import Settings


async def show(settings: Settings, out: Console, port: int, browse: bool, began: float) -> None:
    """Compute the numbers while the app starts, open the page, and stay until Ctrl-C or SIGTERM.

    Args:
        settings: with the folder that `services.fill` filled as home.
        began: when the demo was asked for, in seconds of `time.monotonic`.
    """
    people = told_by(settings.home / "crm")
    about = Front(say("tour.title").text, manifest()["features"]["slash_commands"])
    everybody = [*at_home(people), STRANGER]
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(
            Playground(everybody, (), port=port, pace=10, deadline=30, about=about)
        )
        serving = await stack.enter_async_context(services(settings, slack, ["serve"]))
        await numbers(settings)
        furnish(slack, settings.home, people)
        await stack.enter_async_context(services(settings, slack, ["work"]))
        await started(slack, serving, settings.home, ["serve"])
        out.print(f"Open {slack.url}", style="bold", highlight=False)
        out.print(
            f"Ready after {time.monotonic() - began:.0f} s. Ctrl-C ends it.", style="dim", highlight=False
        )
        if browse:
            open_in_browser(slack.url)
        alerted = follow_alert(slack, settings.home, people)
        watch(slack, people, out)
        telling = asyncio.create_task(tell_the_week(settings, people, alerted))
        await stopped()
        telling.cancel()


def furnish(slack: Playground, home: Path, people: list[PersonRow]) -> None:
    """The channels, and a tour with the demo's own people and deal, now that there are numbers."""
    cast = actors(home, people)
    for room in rooms(people, cast["rep"].team or "", cast["rep"].person_id):
        slack.workspace.add(room)
    guide(slack, people, cast, show_case(home, cast["rep"].person_id))


def guide(slack: Playground, people: list[PersonRow], cast: Mapping[str, PersonRow], deal: str) -> None:
    """A tour with these people and this deal."""
    ids = {p.person_id: member.id for p, member in zip(people, members(people), strict=True)}
    slack.feed.guide(tour.steps(cast, ids, deal))


def follow_alert(slack: Playground, home: Path, people: list[PersonRow]) -> asyncio.Future[str]:
    """Once somebody is told of a deal that can be taken, the tour goes on with that rep and that deal.

    Returns:
        Who it is, by id in the CRM, once somebody is told.
    """
    owners = {row.deal_id: row.rep_id for row in store.current(home).open_deals(EVERYONE)}
    alerted: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def heard(change: Change) -> None:
        message = change.message
        if message is None or not pressable(message, label("alert_button.ack").text):
            return
        named = next((word for word in re.findall(r"[\w-]+", message.text) if word in owners), "")
        reader = slack.workspace.people[slack.workspace.conversations[message.channel].with_user].name
        if owners.get(named) == reader:
            slack.workspace.watchers.remove(heard)
            guide(slack, people, actors(home, people, reader), named)
            alerted.set_result(reader)

    slack.workspace.watchers.append(heard)
    return alerted


async def tell_the_week(settings: Settings, people: list[PersonRow], alerted: asyncio.Future[str]) -> None:
    """Once there are alerts, the CRO and the manager of who was told first get the list of their week."""
    from bot.demo import week  # the memory's libraries, which the page need not wait for

    await asyncio.wait([alerted], timeout=ALERT_SECONDS)
    reader = alerted.result() if alerted.done() else ""
    cast = actors(settings.home, people, reader)
    await week.tell(settings, {cast[role].person_id for role in ("cro", "manager")})


def open_in_browser(url: str) -> None:
    """Open the address in a browser with a window of its own, if there is one; never wait for it."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return  # the address stands in the terminal
    if type(browser) is not webbrowser.GenericBrowser:  # that one would take the terminal over
        threading.Thread(target=browser.open, args=(url,), daemon=True).start()


def watch(slack: Playground, people: list[PersonRow], out: Console) -> None:
    """Print a line for everything people do on the page, and for everything they are told unasked."""
    names = {member.id: member.real_name for member in members(people)}
    heard: set[int] = set()

    def gesture() -> None:
        record = slack.feed.journal.records[-1]
        if record.n not in heard and record.direction == "out":
            heard.add(record.n)
            if line := done(record, names):
                tell(line, "dim", out)

    def alert(change: Change) -> None:
        message = change.message
        if message and message.metadata and message.ts == change.ts:
            reader = slack.workspace.reader(message.channel)
            tell(f"{reader} is told: {message.text}", "magenta", out)

    slack.feed.journal.watchers.append(gesture)
    slack.workspace.watchers.append(alert)


def tell(line: str, style: str, out: Console) -> None:
    """One line, no longer than the terminal is wide."""
    out.print(Text(line.replace("\n", " ")), style=style, overflow="ellipsis", no_wrap=True)


def done(record: Record, names: Mapping[str, str]) -> str:
    """What somebody did, in a line; "" for what they did not do themselves."""
    sent, event = record.request, record.request.get("event") or {}
    user = sent.get("user_id") or event.get("user") or (sent.get("user") or {}).get("id")
    who = names.get(str(user), "Somebody")
    failed = f" ({record.error})" if record.error else ""
    if sent.get("command"):
        return f"{who} types {sent['command']} {sent['text']}".rstrip() + failed
    if event.get("type") == "message":
        return f"{who} writes {event['text']}{failed}"
    if sent.get("type") == "block_actions":
        used = sent["actions"][0]
        shown = (used.get("text") or used.get("selected_option", {}).get("text") or {}).get("text")
        return f"{who} presses {shown or used['action_id']}{failed}"
    if sent.get("type") == "view_submission":
        return f"{who} sends off a form{failed}"
    return ""


async def stopped() -> None:
    """Wait for SIGINT or SIGTERM."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
