"""Delivers the outbox to Slack: once, in order, and never again before looking whether it arrived.

A message for a channel that may not read it, or that Slack refuses to post there, goes to its recipient's
direct messages instead, once; what Slack refuses there too is a dead letter.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import clock
from bot.alerting import outbox, outcomes
from bot.alerting.outbox import Blocks, Delivery
from bot.alerting.outcomes import Kind, Outcome
from bot.audience import OUTSIDERS
from bot.blocks import fallback
from bot.memory import Memory

log = structlog.get_logger(__name__)

DIRECT = "D"  #: begins the id of a conversation with one person
ANSWERED = {"update": "edit", "reply": "answer"}

#: May the channel asked for read this message? It may ask Slack who is in there.
Allowed = Callable[[Delivery], Awaitable[bool]]

#: From when on its reader may be told, at the moment of sending; now or earlier: at once.
Opens = Callable[[Delivery, datetime], Awaitable[datetime]]


@dataclass(frozen=True, slots=True)
class Timing:
    """How long things may take.

    The lease must outlast `timeout` plus the longest time a request can still land at Slack after its sender
    gave up: a look-up any earlier may miss a message on its way, and send it twice.
    """

    timeout: timedelta = timedelta(seconds=10)
    lease: timedelta = timedelta(seconds=60)
    skew: timedelta = timedelta(minutes=5)  # Slack's clock may be behind ours by as much
    first_retry: timedelta = timedelta(seconds=1)
    longest_retry: timedelta = timedelta(minutes=5)
    pace: timedelta = timedelta(0)  # between two messages to one channel or person, by whichever process

    def retry(self, attempts: int) -> timedelta:
        """The pause after so many attempts: it doubles each time."""
        doublings = min(attempts - 1, 20)
        return min(self.first_retry * (1 << doublings), self.longest_retry)


#: As Slack wants it. Source: "no more than one message per second per channel" of its rate limits.
PACED = Timing(pace=timedelta(seconds=1))


async def anywhere(_: Delivery) -> bool:
    """Every channel may read every message."""
    return True


async def any_time(_: Delivery, now: datetime) -> datetime:
    """Nobody wants to be left alone."""
    return now


class NoSlackUser(Exception):
    """Nobody in Slack is known to be this person."""


def posting(client: AsyncWebClient, timeout: timedelta) -> AsyncWebClient:
    """A client like `client` that never sends twice: the outbox alone decides about retries.

    slack-sdk's own retry after a dropped reply posted 15 of 400 messages twice.
    """
    return AsyncWebClient(
        token=client.token,
        base_url=client.base_url,
        timeout=max(1, round(timeout.total_seconds())),
        ssl=client.ssl,
        proxy=client.proxy,
        retry_handlers=[],
    )


class Courier:
    """Takes due messages of one workspace to Slack, a turn at a time.

    Args:
        posts: a client from `posting`; `reads` may retry as it likes.
        owner: tells this process from every other.
        batch: recipients served in one turn.
        allowed: asked before a message goes to a channel.
        opens: asked before any new message goes out, since it may have waited into somebody's night.
    """

    def __init__(
        self,
        memory: Memory,
        *,
        posts: AsyncWebClient,
        reads: AsyncWebClient,
        workspace: str,
        owner: str,
        timing: Timing | None = None,
        now: Callable[[], datetime] = clock.now,
        batch: int = 20,
        allowed: Allowed = anywhere,
        opens: Opens = any_time,
    ) -> None:
        self.memory = memory
        self.posts = posts
        self.reads = reads
        self.workspace = workspace
        self.owner = owner
        self.timing = timing or Timing()
        self.now = now
        self.batch = batch
        self.allowed = allowed
        self.opens = opens
        self._channels: dict[str, str] = {}  # Slack user -> direct message channel

    async def turn(self) -> int:
        """Settle what is unknown, then deliver what is due; how many messages were touched."""
        settled = await _all(self.settle, await self.take_unknown())
        return settled + await _all(self.deliver, await self.take_due())

    async def take_unknown(self) -> list[Delivery]:
        """Messages of senders that did not come back, now in our hands."""
        return await self._claim(outbox.claim_unknown)

    async def take_due(self) -> list[Delivery]:
        """Messages to send now, in our hands."""
        return await self._claim(outbox.claim, pace=self.timing.pace)

    async def _claim(
        self, claim: Callable[..., Awaitable[list[Delivery]]], **more: timedelta
    ) -> list[Delivery]:
        turn = {"owner": self.owner, "now": self.now(), "lease": self.timing.lease, "limit": self.batch}
        async with self.memory.write() as tx:
            return await claim(tx, self.workspace, **turn, **more)

    async def deliver(self, row: Delivery) -> None:
        """One attempt to send a message, and its end written down."""
        outcome = await self.attempt(row)
        if outcome.kind is Kind.NEVER and _has_a_place(row):
            outcome = replace(outcome, kind=Kind.ELSEWHERE)
        await self.record(row, outcome)

    async def attempt(self, row: Delivery) -> Outcome:
        """Find the address, check that the row is still ours, send."""
        try:
            now, channel = self.now(), await self.address(row)
            opens = await self.opens(row, now) if row.kind == "post" else now
        except NoSlackUser as error:
            return Outcome(Kind.NEVER, str(error))
        except outcomes.SLACK_TROUBLE as error:
            return outcomes.before_sending(error)
        if not channel:
            return _without_address(row)
        if opens > now:
            return Outcome(Kind.LATER, "left alone", pause=opens - now)
        if not await self.fence(row, channel):
            return Outcome(Kind.LOST)
        try:
            return Outcome(Kind.DELIVERED, channel=channel, ts=await self.send(row, channel))
        except outcomes.SLACK_TROUBLE as error:
            return outcomes.of(error)

    async def settle(self, row: Delivery) -> None:
        """A message whose sender vanished: look whether it arrived, and only then decide."""
        if row.kind == "update" or row.first_attempt_at is None or row.channel is None:
            return await self._put_back(row)  # editing twice is harmless; or nothing was ever sent
        try:
            ts = await self.find(row, row.channel, row.first_attempt_at)
        except outcomes.SLACK_TROUBLE as error:
            return await self._not_found_out(row, outcomes.of(error))
        log.info("looked for a message", row=row.id, arrived=ts is not None)
        if ts is None:
            return await self._put_back(row)
        return await self.record(row, Outcome(Kind.DELIVERED, channel=row.channel, ts=ts))

    async def find(self, row: Delivery, channel: str, since: datetime) -> str | None:
        """The time stamp of the message in its channel or thread, by its mark; None if it is not there."""
        back = self.timing.skew
        found, ahead = await self._look(row, channel, since - back)
        if found is None and ahead > back:  # by our clock the message came from the past
            found, _ = await self._look(row, channel, since - back - ahead)
        return found

    async def _look(self, row: Delivery, channel: str, since: datetime) -> tuple[str | None, timedelta]:
        """The same from a moment on; and how far our clock is ahead of Slack's.

        An attempt in what is now the future says that our clock went back: then since the beginning.
        """
        oldest, cursor, ahead = f"{since.timestamp():.6f}", None, timedelta(0)
        reach = {"oldest": oldest} if since <= self.now() else {}
        while True:
            page = await self._page(row, channel, limit=100, cursor=cursor, **reach)
            if found := [message["ts"] for message in page["messages"] if _carries(message, row.mark)]:
                return str(found[0]), ahead
            ahead = max(ahead, self.now() - _their_clock(page, self.now()))
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return None, ahead

    async def _page(self, row: Delivery, channel: str, **page: Any) -> AsyncSlackResponse:
        """A page of what was said in the channel, for a reply in its thread."""
        if row.kind == "reply":
            return await self.reads.conversations_replies(
                channel=channel, ts=row.post_ts or "", include_all_metadata=True, **page
            )
        return await self.reads.conversations_history(channel=channel, include_all_metadata=True, **page)

    async def address(self, row: Delivery) -> str:
        """The channel to send to; "" where there is none: no post to edit or answer, or nobody may read it.

        Raises:
            NoSlackUser: neither a link nor the email leads to a Slack user.
        """
        if row.kind != "post":
            return await self._where_it_is(row) if row.post_ts else ""
        if row.place:
            return row.place if await self.allowed(row) else ""
        user = await self.memory.slack_user_of(row.workspace, row.recipient_id)
        user = user or await self._user_by_email(row)
        if user not in self._channels:
            await self._refuse_outsiders(user)
            opened = await self.reads.conversations_open(users=user)
            self._channels[user] = str(opened["channel"]["id"])
        return self._channels[user]

    async def _where_it_is(self, row: Delivery) -> str:
        """The channel of the message to edit or answer; "" once somebody reads along there who may not."""
        channel = row.channel or ""
        if channel.startswith(DIRECT) or await self.allowed(replace(row, place=channel)):
            return channel
        return ""

    async def _refuse_outsiders(self, user: str) -> None:
        """A guest is told nothing, whatever email the CRM has, and whoever ops linked them to."""
        about = (await self.reads.users_info(user=user))["user"]
        if any(about.get(kind) for kind in OUTSIDERS):
            raise NoSlackUser("a guest, or of another organisation: told nothing")

    async def _user_by_email(self, row: Delivery) -> str:
        who = row.recipient_email or row.recipient_id
        if not row.recipient_email:
            raise NoSlackUser(f"{outbox.NO_USER} for {who}: `/coach map @user {row.recipient_id}`")
        try:
            answer = await self.reads.users_lookupByEmail(email=row.recipient_email)
        except SlackApiError as error:
            if outcomes.code(error) != "users_not_found":
                raise
            raise NoSlackUser(f"{outbox.NO_USER} for {who}: `/coach map @user {row.recipient_id}`") from error
        return str(answer["user"]["id"])

    async def fence(self, row: Delivery, channel: str) -> bool:
        """Is the row still ours? Puts the attempt on record, with a whole lease ahead of it."""
        async with self.memory.write() as tx:
            return await outbox.fence(tx, row, channel=channel, now=self.now(), lease=self.timing.lease)

    async def send(self, row: Delivery, channel: str) -> str:
        """Post, answer or edit the message; its time stamp."""
        said: dict[str, Any] = {
            "channel": channel,
            "text": row.text,
            "metadata": {"event_type": outbox.EVENT_TYPE, "event_payload": {"key": row.mark}},
            "parse": "none",  # a name that looks like an address stays text
        }
        if row.kind == "update":
            answer = await self.posts.chat_update(ts=row.post_ts or "", blocks=row.blocks or [], **said)
        else:
            answer = await self.posts.chat_postMessage(
                thread_ts=row.post_ts if row.kind == "reply" else None,
                blocks=row.blocks,
                link_names=False,
                unfurl_links=False,
                unfurl_media=False,
                **said,
            )
        return str(answer["ts"])

    async def record(self, row: Delivery, outcome: Outcome) -> None:
        """Write down how an attempt ended."""
        log.info("delivery", row=row.id, outcome=outcome.kind.value, said=outcome.said)
        async with self.memory.write() as tx:
            await self._record(tx, row, outcome)

    async def _record(self, tx: AsyncConnection, row: Delivery, outcome: Outcome) -> None:
        now, said = self.now(), outcome.said
        match outcome.kind:
            case Kind.DELIVERED:
                await outbox.mark_sent(tx, row, channel=outcome.channel, ts=outcome.ts, now=now)
            case Kind.NOT_YET | Kind.LATER:
                await self._wait(tx, row, outcome)
            case Kind.PLAINER if row.blocks is not None:
                await outbox.strip(tx, row, blocks=_plainer(row.blocks, outcome), now=now, said=said)
            case Kind.ELSEWHERE:
                await outbox.redirect(tx, row, now=now, said=said)
            case Kind.PLAINER if _has_a_place(row):
                await outbox.redirect(tx, row, now=now, said=said)
            case Kind.PLAINER | Kind.NEVER:
                await outbox.bury(tx, row, said)
            case Kind.CANCELLED:
                await outbox.drop(tx, row, said)
            case Kind.WORKSPACE_DOWN:
                await outbox.put_back(tx, row, due=now, said=said)
                await outbox.park(tx, row.workspace, said)
            case Kind.UNKNOWN | Kind.LOST:
                pass  # the lease stands; whoever finds it over looks first

    async def _wait(self, tx: AsyncConnection, row: Delivery, outcome: Outcome) -> None:
        """Surely not delivered: wait as long as Slack or the reader says, or longer each time."""
        due = self.now() + (outcome.pause or self.timing.retry(row.attempts))
        await outbox.put_back(tx, row, due=due, said=outcome.said)
        if outcome.pause and outcome.kind is Kind.NOT_YET:
            await outbox.pause(tx, row, due)

    async def _put_back(self, row: Delivery) -> None:
        async with self.memory.write() as tx:
            await outbox.put_back(tx, row, due=self.now())

    async def _not_found_out(self, row: Delivery, outcome: Outcome) -> None:
        """History could not be read: look again later, and give up only where nobody ever could.

        A channel that we are not in has the message only if we were thrown out within the last minute.
        """
        async with self.memory.write() as tx:
            if outcome.kind is Kind.NEVER and _has_a_place(row):
                await outbox.redirect(tx, row, now=self.now(), said=f"cannot look: {outcome.said}")
            elif outcome.kind is Kind.NEVER:
                await outbox.bury(tx, row, f"may have arrived, cannot look: {outcome.said}")
            else:
                due = self.now() + (outcome.pause or self.timing.retry(row.attempts))
                await outbox.look_again(tx, row, due=due, said=outcome.said)

    async def revive(self) -> int:
        """If messages are parked and Slack knows us again, make them due; how many.

        So is what was written by a clock that has gone back since.
        """
        timing = self.timing
        async with self.memory.write() as tx:
            await outbox.mend(tx, self.workspace, self.now(), timing.lease, timing.skew)
        async with self.memory.read() as connection:
            if not await outbox.is_parked(connection, self.workspace):
                return 0
        try:
            await self.reads.auth_test()
        except outcomes.SLACK_TROUBLE as error:
            log.warning("the workspace is still down", workspace=self.workspace, said=outcomes.of(error).said)
            return 0
        async with self.memory.write() as tx:
            return await outbox.resume(tx, self.workspace)


def _plainer(blocks: Blocks, outcome: Outcome) -> Blocks | None:
    """The blocks without the kinds that Slack refused, buttons and all; None where that changes nothing."""
    refused = fallback.refused(blocks, outcome.named) if outcome.said == "invalid_blocks" else frozenset()
    return fallback.plain(blocks, refused) if refused else None


def _has_a_place(row: Delivery) -> bool:
    """Is there somewhere else to go?"""
    return bool(row.place) and row.kind == "post"


def _without_address(row: Delivery) -> Outcome:
    """What becomes of a message that has nowhere to go."""
    if _has_a_place(row):
        return Outcome(Kind.ELSEWHERE, "not everyone in the channel may read it")
    if row.post_ts:
        return Outcome(Kind.CANCELLED, "not everyone in the channel may read it any more")
    return Outcome(Kind.CANCELLED, f"the message to {ANSWERED[row.kind]} was never delivered")


def _their_clock(page: AsyncSlackResponse, otherwise: datetime) -> datetime:
    """Slack's clock, by the date of its answer."""
    told = {name.lower(): value for name, value in page.headers.items()}.get("date")
    return parsedate_to_datetime(told) if told else otherwise


def _carries(message: dict[str, Any], mark: str) -> bool:
    metadata = message.get("metadata") or {}
    return metadata.get("event_type") == outbox.EVENT_TYPE and metadata["event_payload"].get("key") == mark


async def _all(act: Callable[[Delivery], Awaitable[None]], rows: list[Delivery]) -> int:
    """Act on all rows at once, each to its end; only then raise what went wrong first."""
    for error in await asyncio.gather(*map(act, rows), return_exceptions=True):
        if error is not None:
            raise error
    return len(rows)
