"""Exception -> a sentence for the reader, or a reference code. One of two places that catch everything.

Errors the reader can mend (`Mendable`, the root of each room's own tree) are shown as they are; all others
are logged with their trace and shown as a reference code, never as `str(error)`.
"""

import asyncio
import functools
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import structlog

from bot.events import is_direct
from bot.names import escape
from bot.refusals import refusal, said
from data.mendable import Mendable

T = TypeVar("T")

ANSWER = "answer"  #: name of every task that is answering somebody, so that a stop can wait for it

log = structlog.get_logger(__name__)


def sentence(error: Exception, doing: str) -> str:
    """What to show for an error met while `doing` something."""
    if isinstance(error, Mendable):
        return said(error) if error.code else str(error)
    reference = secrets.token_hex(4)
    log.error("failed", doing=doing, reference=reference, exc_info=error)
    return refusal("failed", reference=reference)


def outside(error: Exception, doing: str) -> str:
    """The same for a reader in Slack: where it names a place on our machines, only the log says which."""
    if isinstance(error, Mendable) and error.for_readers != str(error):
        log.warning("not done", doing=doing, why=type(error).__name__, said=str(error))
        return error.for_readers
    return sentence(error, doing)


def told(listener: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """A listener whose errors reach the person who asked, and nobody else.

    It must ask Bolt for `respond`, or, where an event has none, for `event` and `client`.
    """

    @functools.wraps(listener)
    async def safely(**arguments: Any) -> None:
        if task := asyncio.current_task():
            task.set_name(ANSWER)
        try:
            await listener(**arguments)
        except Exception as error:  # noqa: BLE001 - the boundary to a person
            await _tell(arguments, escape(outside(error, listener.__name__)))

    return safely


async def _tell(arguments: Mapping[str, Any], text: str) -> None:
    """Where the person asked: as the answer to a command or a click, in the thread, or to them alone."""
    if "respond" in arguments:
        await arguments["respond"](text=text)
        return
    event, client = arguments["event"], arguments["client"]
    if is_direct(event):
        thread = event.get("thread_ts") or event["ts"]
        await client.chat_postMessage(channel=event["channel"], thread_ts=thread, text=text, parse="none")
        return
    thread = event.get("thread_ts")
    await client.chat_postEphemeral(channel=event["channel"], user=event["user"], thread_ts=thread, text=text)


async def attempted(doing: str, making: Awaitable[T]) -> tuple[T | None, str]:
    """What came of it and "", or None and the sentence of the error that ended it."""
    try:
        return await making, ""
    except Exception as error:  # noqa: BLE001 - the boundary to a person
        return None, outside(error, doing)


def unseen(listener: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """A listener to something that was no question: its errors are for the log alone."""

    @functools.wraps(listener)
    async def safely(**arguments: Any) -> None:
        try:
            await listener(**arguments)
        except Mendable as error:
            log.info("not done", doing=listener.__name__, why=type(error).__name__)
        except Exception as error:  # noqa: BLE001 - the boundary of an event nobody waits for
            sentence(error, listener.__name__)

    return safely


def ended(run: Callable[[], None], doing: str) -> str:
    """Run a command line to its end; the sentence of the error that ended it, or ""."""
    try:
        run()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except Exception as error:  # noqa: BLE001 - the boundary to a person
        return sentence(error, doing)
    return ""
