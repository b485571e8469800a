"""The demo in the terminal: four answers, an alert, and a prompt to ask more."""

import asyncio
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from analytics import store
from analytics.generation import PersonRow
from bot import audience, terminal
from bot.demo.cast import actors, members, show_case
from bot.demo.services import START_SECONDS, services, started
from bot.narrator.claims import label
from bot.playground import Message, Playground, Reply
from bot.settings import Settings

ALERT_SECONDS = 90.0  # for the rules, which first count the week before
INBOX = 5  #: messages shown of an inbox
HELP = (
    "Type a command as in Slack, e.g. /why last quarter, /pipeline, /deal {deal}, /coach help,\n"
    "or ask in your own words, as in a direct message: why did win rate drop? and then: by region?\n"
    "'as rep', 'as manager', 'as cro', 'as ops' or a name changes who asks; 'inbox' is what they were told,\n"
    "'press Snooze 7 days' uses a button there, 'home' is their Home tab. Ctrl-D or 'quit' ends."
)


async def show(settings: Settings, out: Console) -> None:
    """Show four answers and an alert, then answer what is typed until the end of input.

    Args:
        settings: with the folder that `prepare` filled as home.
    """
    people = store.current(settings.home).people()
    cast, deal = actors(settings.home, people), show_case(settings.home)
    async with (
        Playground(people=members(people), pace=10, deadline=30) as slack,
        services(settings, slack) as running,
    ):
        await started(slack, running, settings.home)
        talk = Talk(slack, settings.model_seconds if settings.openai_api_key.get_secret_value() else 0)
        await show_answers(talk, cast, deal, out)
        reader = await show_alert(slack, out)
        await converse(talk, cast | actors(settings.home, people, reader), people, deal, out)


@dataclass(slots=True)
class Talk:
    """What is said in the demo's Slack; `patience` is how long a language model's words are waited for."""

    slack: Playground
    patience: float  # seconds; 0 without a model
    threads: dict[str, str] = field(default_factory=dict)  # of each person, so that a follow-up is one

    async def command(self, line: str, user: str) -> Reply:
        """Type a slash command. With a model its answer is edited once its words are checked."""
        reply = await self.slack.command(line, user=user)
        first = next((message for message in reply.messages if message.blocks), None)
        if first and self.patience:
            await self.slack.pulse.until(lambda: bool(first.edited), self.patience)
        return reply

    async def words(self, text: str, user: str) -> Reply:
        """Write to the bot in one's direct messages, below what was said there before."""
        direct, thread = self.slack.direct(user), self.threads.get(user, "")
        reply = await self.slack.say(direct.id, text, user=user, thread_ts=thread)
        own = max(message.ts for message in direct.messages if not message.by_bot)
        self.threads[user] = thread = thread or own
        statuses = self.slack.workspace.statuses  # the bot clears its status after the last of an answer
        await self.slack.pulse.until(lambda: statuses.get((direct.id, thread)) == "", START_SECONDS)
        told = [m for m in direct.messages if m.by_bot and m.thread_ts == thread and m.ts > own]
        return replace(reply, messages=told)


async def show_answers(talk: Talk, cast: dict[str, PersonRow], deal: str, out: Console) -> None:
    """Four questions of a CRO, the last in her own words."""
    for line in ("/winrate region", "/winrate lead source", f"/deal {deal}", "why did win rate drop?"):
        await ask(talk, cast["cro"], line, out)


async def ask(talk: Talk, person: PersonRow, line: str, out: Console) -> None:
    """Type a command, or write in one's own words, as a person, and draw what comes back."""
    typed = line.startswith("/")
    out.print(
        Rule(Text(f"{person.name} ({person.role}) {'types' if typed else 'writes'} {line}"), style="cyan")
    )
    reply = await (talk.command if typed else talk.words)(line, person.person_id)
    if not reply.messages:
        out.print(f"Slack says: {reply.error}", style="red")
    for message in reply.messages:
        draw(message, out)


async def show_alert(slack: Playground, out: Console) -> str:
    """The first alert that reaches anybody; the id of who that is, "" when none came in time."""
    with out.status("Waiting for the first alert ..."):
        for _ in range(int(ALERT_SECONDS / 0.2)):
            if arrived := [ts for _, ts in marked(slack) if _is_alert(slack.workspace.messages[ts])]:
                break
            await asyncio.sleep(0.2)
    if not arrived:
        out.print("Nothing worth an alert was found yet. Type 'inbox' in a while.", style="dim")
        return ""
    message = slack.workspace.messages[min(arrived)]
    channel = message.channel
    out.print(Rule(Text(f"{slack.workspace.reader(channel)} is told, unasked"), style="magenta"))
    draw(message, out)
    return slack.workspace.people[slack.workspace.conversation(channel).with_user].name


def _is_alert(message: Message) -> bool:
    return bool(pressable(message, label("alert_button.ack").text))


def draw(message: Message, out: Console) -> None:
    """A message as it would look; words that came as a stream stand above its blocks."""
    if message.expires or not message.blocks:
        out.print(Text(terminal.words(message.text)))
    terminal.show(message.blocks, out)


async def converse(
    talk: Talk, cast: dict[str, PersonRow], people: Sequence[PersonRow], deal: str, out: Console
) -> None:
    """A prompt, until Ctrl-D, `quit` or the end of input."""
    person, lines = cast["cro"], typed()
    out.print(Rule(style="cyan"))
    show_help(deal, out)
    while True:
        print(f"{person.role}> ", end="", flush=True)
        line = await lines.get()
        if line in (None, "quit", "exit"):
            return
        word, _, rest = (line or "").partition(" ")
        if word == "as" and (found := cast.get(rest.strip().lower()) or audience.by_words(people, rest)):
            person = found
            out.print(f"You are {person.name or person.person_id}.", style="dim")
        elif line == "inbox":
            inbox(talk.slack, person, out)
        elif line == "home":
            view = await talk.slack.open_home(person.person_id)
            terminal.show(view["blocks"] if view else [], out)
        elif word == "press":
            await press(talk.slack, person, rest.strip(), out)
        elif line and line != "help":
            await ask(talk, person, line, out)
        elif line:
            show_help(deal, out)


def told(slack: Playground, person: PersonRow) -> list[Message]:
    """What the bot has told somebody unasked, oldest first; replies in threads left out."""
    ours = marked(slack)
    return [
        one for one in slack.sees(person.person_id) if (one.channel, one.ts) in ours and not one.thread_ts
    ]


def marked(slack: Playground) -> set[tuple[str, str]]:
    """Channel and time stamp of everything that was told unasked."""
    return {place for places in slack.stored().values() for place in places}


def inbox(slack: Playground, person: PersonRow, out: Console) -> None:
    """The last few things somebody was told unasked, as they read now."""
    for message in told(slack, person)[-INBOX:]:
        out.print(Rule(style="magenta"))
        draw(message, out)
    if not told(slack, person):
        others = ", ".join(sorted({slack.workspace.reader(place) for place, _ in marked(slack)}))
        out.print(f"{person.name} was told nothing yet. Told so far: {others or 'nobody'}.", style="dim")


async def press(slack: Playground, person: PersonRow, label: str, out: Console) -> None:
    """Use a button, or an entry of a list, in the newest message in somebody's inbox that has it."""
    for message in reversed(told(slack, person)):
        for element, value in pressable(message, label):
            await slack.click(message, element["action_id"], person.person_id, value=value, within=1)
            if modal := slack.modal(person.person_id):
                terminal.show(modal["blocks"], out)
                out.print("(Fill it in in Slack; here it is only shown.)", style="dim")
            draw(message, out)
            return
    out.print(f"Nothing says {label!r} in the inbox.", style="dim")


def pressable(message: Message, label: str) -> list[tuple[Mapping[str, Any], str | None]]:
    """Elements of a message with this label, each with the value to choose."""
    found: list[tuple[Mapping[str, Any], str | None]] = []
    for element in (one for block in message.blocks for one in block.get("elements", ())):
        shown = element.get("text", {})
        if isinstance(shown, Mapping) and shown.get("text", "").casefold() == label.casefold():
            found.append((element, None))
        named = {one["text"]["text"].casefold(): one["value"] for one in element.get("options", ())}
        if value := named.get(label.casefold()):
            found.append((element, value))
    return found


def show_help(deal: str, out: Console) -> None:
    """What can be typed."""
    out.print(HELP.format(deal=deal), style="dim", highlight=False)


def typed() -> asyncio.Queue[str | None]:
    """Lines of standard input as they come, None at its end.

    A thread of its own reads them: waiting for a line cannot be interrupted, and must not hold up Ctrl-C.
    """
    lines: asyncio.Queue[str | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def read() -> None:
        with open(0, closefd=False, errors="replace") as typing:
            for line in typing:
                loop.call_soon_threadsafe(lines.put_nowait, line.strip())
        loop.call_soon_threadsafe(lines.put_nowait, None)

    threading.Thread(target=read, daemon=True).start()
    return lines
