"""A person's own words in -> the answer in their thread: understood, told, remembered."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import aclosing

from bot import clock, intents, names, replies
from bot.blocks import common
from bot.coach import Coach, Inquiry
from bot.intents.free import Back, Polite, Unclear
from bot.listeners import mentions
from bot.listeners.places import Place
from bot.listeners.sending import drawn, illustrate
from bot.listeners.streams import Stream
from bot.memory import turns
from bot.memory.turns import Thread, Turn
from bot.narrator.claims import knows, label, ours, say
from bot.narrator.telling import Telling
from bot.replies import Reply, narrating
from bot.running import MOST, Running

#: What is done for one question: it posts into the stream's thread and says what to remember.
Answering = Callable[[Inquiry, Stream], Awaitable[Turn]]

EXAMPLES = 4  #: lines to try after a polite sentence. Source: product.md, part 7
CHOICES = 3  #: buttons under a question back. Source: the same

LOADING = ("loading.numbers", "loading.chance", "loading.checking")


async def answered(place: Place, coach: Coach, answering: Answering) -> None:
    """Answer a question in its thread when it is its turn, until that is done or stopped."""
    stream = Stream(place)
    try:
        if not await coach.running.finished(place.key, _in_turn(stream, coach, answering)):
            await stream.cut(say("chat.stopped").text)
    finally:
        await place.status("")


async def _in_turn(stream: Stream, coach: Coach, answering: Answering) -> None:
    place, ahead = stream.place, coach.running.ahead_of(stream.place.user)
    if ahead >= MOST:
        await place.say(say("chat.crowded", waiting=ours(str(MOST))).text)
        return
    with coach.running.queue(place.user) as turn:
        if ahead:
            await place.status(say("chat.queued", ahead=ours(str(ahead))).text)
        await _at_turn(stream, coach, answering, turn)


async def _at_turn(stream: Stream, coach: Coach, answering: Answering, turn: asyncio.Lock) -> None:
    place = stream.place
    async with turn:
        await place.status(say("chat.looking").text, [label(one).text for one in LOADING])
        inquiry = await coach.asked_by(place.user, place.client)
        await _remember(coach, place, await answering(inquiry, stream))


def words(said: str) -> Answering:
    """A question in the person's own words."""

    async def answering(inquiry: Inquiry, stream: Stream) -> Turn:
        place = stream.place
        text = await mentions.named(said, inquiry, place)
        told = await _recent(inquiry.coach, place)
        meaning = await narrating.meant(text, told, inquiry, place.user)
        match meaning:
            case Back(sentence, options):
                await place.post(*asking(sentence, [*options][:CHOICES]))
                return Turn(text)
            case Polite(code, options):
                await place.post(*asking(polite(code), options or _examples(inquiry)))
                return Turn(text)
            case Unclear(sentence, options):
                await place.post(*asking(sentence or say("chat.unclear").text, options or _examples(inquiry)))
                return Turn(text)
        turn = await _told(text, meaning, inquiry, stream)
        if not told:
            await place.title(text)
        return turn

    return answering


def line(asked: str) -> Answering:
    """A question as the line that a button carries."""

    async def answering(inquiry: Inquiry, stream: Stream) -> Turn:
        return await _told(asked, inquiry.understand_click(asked), inquiry, stream)

    return answering


async def _told(said: str, intent: intents.Intent, inquiry: Inquiry, stream: Stream) -> Turn:
    reply = await replies.reply(intent, inquiry)
    return Turn(said, subject(intent), await tell(reply, inquiry, stream))


def subject(intent: intents.Intent) -> str:
    """The line that a follow-up is about: a look behind an answer is about that answer."""
    return intent.line if isinstance(intent, intents.Sums | intents.Recheck) else intents.describe(intent)


async def tell(reply: Reply, inquiry: Inquiry, stream: Stream) -> tuple[str, ...]:
    """Post an answer: at once and whole, or its numbers at once and the words as they come.

    Returns: the ids of the claims that were told.
    """
    place = stream.place
    told = narrating.telling(reply, inquiry, place.user)
    if told is None or reply.words is None or len(reply.words.said) < 2:
        await place.post(reply.text, narrating.card(reply))
        await _pictures(reply, place)
        return tuple(claim.id for claim in reply.words.said) if reply.words else ()
    stream.owed = lambda: (told.owed(), narrating.below(reply, told))
    await stream.post(reply.text, narrating.numbers(reply))
    await asyncio.gather(_pictures(reply, place), _words(told, reply, stream, inquiry.coach.running))
    return told.outcome.claims


async def _words(told: Telling, reply: Reply, stream: Stream, running: Running) -> None:
    """Let the words be read as they come; they wait for no picture, which Slack may look at for seconds."""
    await stream.place.status(say("chat.wording").text)
    try:
        async with running.until_leaving(), aclosing(told.lines()) as lines:
            async for said in lines:
                await stream.add(said.text)
    except TimeoutError:
        await stream.cut(say("chat.leaving").text)
    else:
        await stream.end(narrating.below(reply, told))


async def _pictures(reply: Reply, place: Place) -> None:
    for picture in await asyncio.to_thread(drawn, reply, place.refused):
        await illustrate(place.shows, place.client, picture)


def asking(sentence: str, options: Iterable[tuple[str, str]]) -> tuple[str, list[common.Block]]:
    """A sentence, and below it buttons that ask."""
    asked = [(f"ask.{number}", shown, line) for number, (shown, line) in enumerate(options)]
    return names.escape(sentence), [common.paragraph(sentence), *common.buttons(asked)]


def polite(code: str) -> str:
    """The sentence for what we do not answer."""
    return say(f"limit.{code}" if knows(f"limit.{code}") else "limit.other").text


def _examples(inquiry: Inquiry) -> list[tuple[str, str]]:
    *commands, pages = intents.COMMANDS
    lines = [line for command in commands for line in inquiry.examples(command)[:1]]
    shown = lines if inquiry.viewer.sees_deals else inquiry.examples(pages)
    return [(line, line) for line in shown[:EXAMPLES]]


def _thread(coach: Coach, place: Place) -> Thread:
    return Thread(coach.settings.workspace, place.channel, place.thread, place.user)


async def _recent(coach: Coach, place: Place) -> tuple[Turn, ...]:
    memory = coach.memory
    if memory is None:
        return ()

    async def read() -> tuple[Turn, ...]:
        async with memory.read() as connection:
            return await turns.recent(connection, _thread(coach, place))

    return await memory.soon(read(), ())


async def _remember(coach: Coach, place: Place, turn: Turn) -> None:
    memory = coach.memory
    if memory is None:
        return

    async def write() -> None:
        async with memory.write() as tx:
            await turns.remember(tx, _thread(coach, place), turn, clock.now())

    await memory.soon(write(), None)
