"""A question that neither the grammar nor the keywords read, and a model -> what it asks for, or nothing.

The model chooses among eight read-only tools and fills in choices, numbers within bounds and handles of this
request. It sees no name of the data and no answer; who asks, and what they may see, is not its to say.
`names` finds the names in a question and `handles` hides them; `history` tells the turns before as calls;
`offer` shows the `tools`, whose arguments are `fields`; `calls` checks what comes back, and the grammar
reads it as a command line, with all its checks.
"""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import structlog

from bot.intents.free import asking
from bot.model.calls import Asker, Call, Choice, Unavailable
from bot.narrator.ask.calls import Fault, Meant, agreed, ground, heard
from bot.narrator.ask.handles import Handles
from bot.narrator.ask.history import Message, Turn, answering, calling, messages
from bot.narrator.ask.offer import offered
from bot.narrator.ask.tools import TOOLS
from prompts import files
from prompts.files import Prompt

if TYPE_CHECKING:
    from bot.coach import Inquiry

__all__ = ["Turn", "read"]

MAX_STEPS = 4  #: turns of the model for one question. Source: narration.md, S8
MAX_CALLS = 6  #: tool calls for one question. Source: narration.md, S8
MAX_ERRORS = 2  #: calls that are none. Source: narration.md, S2
#: Seconds beyond one call's own deadline, which comes first: only that one counts as the server's fault.
GRACE = 0.5

log = structlog.get_logger(__name__)


class Chooser(Protocol):
    """The language model, as far as it chooses."""

    async def choose(
        self, prompt: Prompt, messages: list[Message], tools: list[dict[str, Any]], asker: Asker
    ) -> Choice: ...


async def read(
    text: str, turns: Sequence[Turn], inquiry: "Inquiry", model: Chooser, asker: Asker
) -> Meant | None:
    """What a question asks for; None when the model does not know either, or cannot be had.

    Args:
        turns: of this person in this thread, oldest first; the last ones are read.
    """
    handles = await asyncio.to_thread(Handles, inquiry)  # reads every name in scope, once a generation
    question = handles.masked(text)
    if not question:
        return None
    said = [*messages(turns, inquiry, handles), {"role": "user", "content": question}]
    try:
        async with asyncio.timeout(inquiry.coach.settings.model_seconds + GRACE):
            return await _Reading(inquiry, handles, model, asker).read(said)
    except (TimeoutError, Unavailable) as why:
        log.info("unread", reason=getattr(why, "code", "deadline"))
        return None


class _Reading:
    """Owns one conversation with the model: what was said, and how much of it went wrong."""

    def __init__(self, inquiry: "Inquiry", handles: Handles, model: Chooser, asker: Asker) -> None:
        self._inquiry, self._handles, self._model, self._asker = inquiry, handles, model, asker
        self._prompt = files.prompt("route")
        self._calls = 0
        self._faults: list[Fault] = []

    async def read(self, said: Sequence[Message]) -> Meant | None:
        """Ask until there is a meaning, or one of the limits is met."""
        talk = [{"role": "system", "content": self._prompt.text.template}, *said]
        for step in range(1, MAX_STEPS + 1):
            choice = await self._model.choose(self._prompt, talk, offered(), self._asker)
            self._calls += len(choice.calls)
            if not choice.calls or self._calls > MAX_CALLS:
                break
            readings = [heard(call, self._inquiry, self._handles) for call in choice.calls]
            if meant := agreed([one for one in readings if not isinstance(one, Fault)]):
                return self._told(meant, step)
            faults = [one for one in readings if isinstance(one, Fault)]
            self._faults += faults
            if self._errors >= MAX_ERRORS:
                break
            talk = [*talk, *_mended(choice.calls, faults)]
        return self._told(self._refusal(), step)

    @property
    def _errors(self) -> int:
        """How many calls were none."""
        return sum(fault.refusal is None for fault in self._faults)

    def _refusal(self) -> Meant | None:
        """Why the last sound call could not be asked, for the person to mend."""
        last = next((fault.refusal for fault in reversed(self._faults) if fault.refusal), None)
        return asking.refused(last, ground(self._inquiry)) if last else None

    def _told(self, meant: Meant | None, step: int) -> Meant | None:
        outcome = type(meant).__name__ if meant else ""
        counts = {"steps": step, "calls": self._calls, "errors": self._errors}
        log.info("read", outcome=outcome, prompt=self._prompt.id, **counts)
        return meant


def _mended(calls: Sequence[Call], faults: Sequence[Fault]) -> list[Message]:
    """What the model is told of its faulty calls; names and arguments that are none are not sent back."""
    again = [(call.id, call.name if call.name in TOOLS else "unknown", "{}") for call in calls]
    answers = (answering(call.id, fault.code) for call, fault in zip(calls, faults, strict=True))
    return [calling(again), *answers]
