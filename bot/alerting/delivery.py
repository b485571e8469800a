"""Delivers the outbox to Slack: once, in order, and never again before looking whether it arrived."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import clock
from bot.alerting import outbox, outcomes
from bot.alerting.outbox import Delivery
from bot.alerting.outcomes import Kind, Outcome
from bot.memory import Memory

log = structlog.get_logger(__name__)


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

    def retry(self, attempts: int) -> timedelta:
        """The pause after so many attempts: it doubles each time."""
        doublings = min(attempts - 1, 20)
        return min(self.first_retry * (1 << doublings), self.longest_retry)


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
    ) -> None:
        self.memory = memory
        self.posts = posts
        self.reads = reads
        self.workspace = workspace
        self.owner = owner
        self.timing = timing or Timing()
        self.now = now
        self.batch = batch
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
        return await self._claim(outbox.claim)

    async def _claim(self, claim: Callable[..., Awaitable[list[Delivery]]]) -> list[Delivery]:
        async with self.memory.write() as tx:
            return await claim(
                tx,
                self.workspace,
                owner=self.owner,
                now=self.now(),
                lease=self.timing.lease,
                limit=self.batch,
            )

    async def deliver(self, row: Delivery) -> None:
        """One attempt to send a message, and its end written down."""
        outcome = await self.attempt(row)
        await self.record(row, outcome)

    async def attempt(self, row: Delivery) -> Outcome:
        """Find the address, check that the row is still ours, send."""
        try:
            channel = await self.address(row)
        except NoSlackUser as error:
            return Outcome(Kind.NEVER, str(error))
        except outcomes.SLACK_TROUBLE as error:
            return outcomes.before_sending(error)
        if not channel:
            return Outcome(Kind.CANCELLED, "the message to edit was never delivered")
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
        """The time stamp of the message in the channel's history, by its mark; None if it is not there."""
        oldest = f"{(since - self.timing.skew).timestamp():.6f}"
        cursor, mark = None, outbox.mark(row.chain)
        while True:
            page = await self.reads.conversations_history(
                channel=channel, oldest=oldest, limit=100, cursor=cursor, include_all_metadata=True
            )
            if found := [message["ts"] for message in page["messages"] if _carries(message, mark)]:
                return str(found[0])
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return None

    async def address(self, row: Delivery) -> str:
        """The channel to send to; "" for an update whose post never arrived.

        Raises:
            NoSlackUser: neither a link nor the email leads to a Slack user.
        """
        if row.kind == "update":
            return row.channel or "" if row.post_ts else ""
        user = await self.memory.slack_user_of(row.workspace, row.recipient_id)
        user = user or await self._user_by_email(row)
        if user not in self._channels:
            opened = await self.reads.conversations_open(users=user)
            self._channels[user] = str(opened["channel"]["id"])
        return self._channels[user]

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
        """Post or edit the message; its time stamp."""
        metadata = {"event_type": outbox.EVENT_TYPE, "event_payload": {"key": outbox.mark(row.chain)}}
        if row.kind == "update":
            ts, blocks = row.post_ts or "", row.blocks or []
            answer = await self.posts.chat_update(
                channel=channel, ts=ts, text=row.text, blocks=blocks, metadata=metadata, parse="none"
            )
        else:
            answer = await self.posts.chat_postMessage(
                channel=channel,
                text=row.text,
                blocks=row.blocks,
                metadata=metadata,
                parse="none",  # a name that looks like an address stays text
                link_names=False,
                unfurl_links=False,
                unfurl_media=False,
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
            case Kind.NOT_YET:
                await self._wait(tx, row, outcome)
            case Kind.PLAINER if row.blocks is not None:
                await outbox.strip(tx, row, now=now, said=said)
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
        """Surely not delivered: wait as long as Slack says, or longer each time."""
        due = self.now() + (outcome.pause or self.timing.retry(row.attempts))
        await outbox.put_back(tx, row, due=due, said=outcome.said)
        if outcome.pause:
            await outbox.pause(tx, row, due)

    async def _put_back(self, row: Delivery) -> None:
        async with self.memory.write() as tx:
            await outbox.put_back(tx, row, due=self.now())

    async def _not_found_out(self, row: Delivery, outcome: Outcome) -> None:
        """History could not be read: look again later, and give up only where nobody ever could."""
        async with self.memory.write() as tx:
            if outcome.kind is Kind.NEVER:
                await outbox.bury(tx, row, f"may have arrived, cannot look: {outcome.said}")
            else:
                due = self.now() + (outcome.pause or self.timing.retry(row.attempts))
                await outbox.look_again(tx, row, due=due, said=outcome.said)

    async def revive(self) -> int:
        """If messages are parked and Slack knows us again, make them due; how many."""
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


def _carries(message: dict[str, Any], mark: str) -> bool:
    metadata = message.get("metadata") or {}
    return metadata.get("event_type") == outbox.EVENT_TYPE and metadata["event_payload"].get("key") == mark


async def _all(act: Callable[[Delivery], Awaitable[None]], rows: list[Delivery]) -> int:
    """Act on all rows at once, each to its end; only then raise what went wrong first."""
    for error in await asyncio.gather(*map(act, rows), return_exceptions=True):
        if error is not None:
            raise error
    return len(rows)
