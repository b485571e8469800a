"""The first message to a person: who opened the app or wrote to us is looked at once, beside the answer."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from cachetools import TTLCache
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot import errors
from bot.audience import UnknownViewer
from bot.coach import Coach
from bot.events import is_direct
from bot.setup import greeting

OPENED = "app_home_opened"
CAME = (OPENED, "message", "app_mention")  #: events by which somebody comes
KNOWN_SECONDS = 24 * 3600  #: for so long this process does not look again whether somebody was greeted


def comer(body: Mapping[str, Any]) -> tuple[str, str]:
    """Who came with this payload, and by which event; two empty words for anything else.

    >>> comer({"event": {"type": "app_home_opened", "user": "U1", "tab": "home"}})
    ('U1', 'app_home_opened')
    >>> comer({"event": {"type": "message", "user": "U1", "bot_id": "B1", "channel_type": "im"}})
    ('', '')
    """
    event = body.get("event") or {}
    kind = str(event.get("type", ""))
    elsewhere = kind == "message" and not is_direct(event)
    if kind not in CAME or elsewhere or event.get("bot_id") or body.get("is_ext_shared_channel"):
        return "", ""
    return str(event.get("user") or ""), kind


class Greeter:
    """Owns what this process knows of who was greeted, and the looking that is under way."""

    def __init__(self) -> None:
        self._done: TTLCache[str, bool] = TTLCache(maxsize=10_000, ttl=KNOWN_SECONDS)
        self._looking: set[asyncio.Task[None]] = set()

    def notice(self, body: Mapping[str, Any], client: AsyncWebClient, coach: Coach) -> None:
        """Look, beside the answer, whether who came was greeted."""
        user, kind = comer(body)
        if not user or user in self._done or coach.memory is None:
            return
        looking = asyncio.create_task(self._look(user, kind, client, coach), name=errors.ANSWER)
        self._looking.add(looking)
        looking.add_done_callback(self._looking.discard)

    async def _look(self, user: str, kind: str, client: AsyncWebClient, coach: Coach) -> None:
        await greeted(user=user, kind=kind, client=client, coach=coach, done=self._done)


@errors.unseen
async def greeted(
    *, user: str, kind: str, client: AsyncWebClient, coach: Coach, done: MutableMapping[str, bool]
) -> None:
    """Write the person's first message down, unless there was one; a guest gets none.

    Args:
        done: Slack users that need not be looked at again; this one too from now on.
    """
    try:
        inquiry = await coach.asked_by(user, client)
    except UnknownViewer:
        if kind == OPENED:  # who writes is answered with the same sentence
            await stranger(user, client, coach)
        return
    email = await _email(user, client)
    async with coach.remembering() as memory, memory.write() as tx:
        await greeting.greet(tx, inquiry, user, email, memory.now(), came=True)
    done[user] = True


async def stranger(user: str, client: AsyncWebClient, coach: Coach) -> None:
    """Tell somebody unknown, once, how they become known."""
    email = await _email(user, client)
    async with coach.remembering() as memory, memory.write() as tx:
        await greeting.tell_stranger(tx, coach.settings.workspace, user, email, memory.now())


async def _email(user: str, client: AsyncWebClient) -> str:
    about = (await client.users_info(user=user))["user"]
    return str(about.get("profile", {}).get("email") or "").lower()


def register(app: AsyncApp) -> None:
    """Beside every listener to what people do, since each event has one listener only."""
    greeter = Greeter()

    @app.middleware
    async def notice(
        body: dict[str, Any], client: AsyncWebClient, coach: Coach, next: Callable[[], Awaitable[None]]
    ) -> None:
        await next()
        greeter.notice(body, client, coach)
