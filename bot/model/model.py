"""`Model`: a question in, the model's text or choice out, within every limit; each call is written down."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog

from bot.model import spending
from bot.model.breaker import Breaker
from bot.model.calls import Asker, Choice, ModelCall, Unavailable
from bot.model.ledger import Ledger
from bot.model.profiles import MOST_TOKENS, Body, Dialect, identity, profile
from bot.model.spending import Meter
from bot.model.turns import Turns
from bot.model.wire import Wire
from bot.settings import Settings
from prompts.files import Prompt

if TYPE_CHECKING:
    import httpx2

    from bot.memory import Memory

TOLD, STOPPED, FAILED = "told", "stopped", "failed"
#: For so long an answer waits for its row in memory, seconds; then the row is written behind it.
LONGEST_WRITE = 1.0

Messages = Sequence[Mapping[str, Any]]

log = structlog.get_logger(__name__)


def of(settings: Settings, memory: "Memory | None" = None) -> "Model | None":
    """The language model of these settings; None without a key."""
    return Model(settings, memory) if settings.openai_api_key.get_secret_value() else None


@dataclass(frozen=True, slots=True)
class _Asked:
    """One call on its way: what for, until when (the event loop's clock), what it uses."""

    prompt: Prompt
    asker: Asker
    body: Body
    began: float
    until: float
    meter: Meter


class Model:
    """Owns the way to the language model; one per process.

    `stream` and `choose` raise `Unavailable` and nothing else; every call leaves a row and a log line.
    """

    def __init__(
        self,
        settings: Settings,
        memory: "Memory | None" = None,
        transport: "httpx2.AsyncBaseTransport | None" = None,
    ) -> None:
        self.name = settings.model
        self._settings = settings
        self._dialect = Dialect(profile(settings), settings.model)
        self._wire = Wire(settings, transport)
        self._turns = Turns(settings.model_at_once)
        self._ledger = Ledger(settings, memory)
        self._breaker = Breaker()
        self._rows: set[asyncio.Task[None]] = set()

    async def stream(
        self, prompt: Prompt, messages: Messages, schema: Mapping[str, Any] | None, asker: Asker
    ) -> AsyncGenerator[str, None]:
        """The answer's text, piece by piece; it is whole only when the iteration ends by itself.

        Args:
            messages: all of them, the filled-in prompt first; the prompt itself only names the call.
            schema: the JSON schema of the answer.

        Raises:
            Unavailable: at any moment; what came before is no answer.
        """
        asked = self._asked(prompt, messages, asker, schema=schema, stream=True)
        text = self._wire.text(asked.body, asked.until, asked.meter)
        async with self._accounted(asked), aclosing(text) as pieces:
            async for piece in pieces:
                yield piece

    async def choose(
        self, prompt: Prompt, messages: Messages, tools: Sequence[Mapping[str, Any]], asker: Asker
    ) -> Choice:
        """The tools the model wants called, or its text, in one turn. Arguments are unchecked JSON text.

        Raises:
            Unavailable: no whole choice.
        """
        asked = self._asked(prompt, messages, asker, tools=tools)
        async with self._accounted(asked):
            return await self._wire.chosen(asked.body, asked.until, asked.meter)

    async def warm(self) -> None:
        """Import the SDK ahead of the first question, beside whatever else runs."""
        await self._wire.open()

    async def aclose(self) -> None:
        """Write the last rows and give the connections back."""
        if self._rows:
            await asyncio.wait(self._rows)
        await self._wire.close()

    def _asked(self, prompt: Prompt, messages: Messages, asker: Asker, **wanted: Any) -> _Asked:
        body = self._dialect.body(prompt, messages, identity(self._settings, asker.slack_user), **wanted)
        now = asyncio.get_running_loop().time()
        return _Asked(prompt, asker, body, now, now + self._settings.model_seconds, Meter(body))

    @asynccontextmanager
    async def _accounted(self, asked: _Asked) -> AsyncIterator[None]:
        """The block, in its turn, within the budgets, behind the breaker; written down however it ends."""
        expected = asked.meter.expected + MOST_TOKENS
        try:
            async with self._turns.taken(asked.asker, asked.until):
                with self._ledger.held(asked.asker, expected):
                    async with self._noted(asked):
                        await self._ledger.check(asked.asker)
                        async with self._breaker.closed():
                            yield
        except Unavailable as why:
            if why.code == "busy":  # it never had a turn, so nobody wrote it down yet
                await self._note(asked, why.code)
            raise

    @asynccontextmanager
    async def _noted(self, asked: _Asked) -> AsyncIterator[None]:
        outcome = FAILED
        try:
            yield
            outcome = TOLD
        except Unavailable as why:
            outcome = why.code
            raise
        except (asyncio.CancelledError, GeneratorExit):
            outcome = STOPPED
            raise
        finally:
            await self._note(asked, outcome)

    async def _note(self, asked: _Asked, outcome: str) -> None:
        """Log one line and keep one row; who stops us meanwhile does not stop the row."""
        call = self._row(asked, outcome)
        log.info("model_call", **_counts(call), asker=identity(self._settings, call.slack_user)[:12])
        writing = asyncio.create_task(self._ledger.record(call))
        self._rows.add(writing)
        writing.add_done_callback(self._rows.discard)
        await asyncio.wait([writing], timeout=LONGEST_WRITE)

    def _row(self, asked: _Asked, outcome: str) -> ModelCall:
        spent = asked.meter.spent()
        seconds = asyncio.get_running_loop().time() - asked.began
        return ModelCall(
            workspace=asked.asker.workspace,
            slack_user=asked.asker.slack_user,
            surface=asked.asker.surface,
            model=self.name,
            prompt=asked.prompt.id,
            outcome=outcome,
            tokens_in=spent.read,
            tokens_cached=spent.read_cached,
            tokens_out=spent.written,
            estimated=spent.estimated,
            cost=spending.cost(spent, self._settings),
            milliseconds=round(seconds * 1000),
            at=self._ledger.now,
        )


def _counts(call: ModelCall) -> dict[str, object]:
    """What the log says of a call: no person."""
    named = ("surface", "model", "prompt", "outcome", "tokens_in", "tokens_out", "estimated", "milliseconds")
    return {name: getattr(call, name) for name in named}
