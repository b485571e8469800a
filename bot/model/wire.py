"""The way to the server: the only room that knows openai, which is imported when first needed.

A request goes in as a body; text, chunk by chunk, or a choice comes out. What is not whole raises
`Unavailable`: an answer that does not say why it ended did not happen.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from bot import logs
from bot.model import faults, patience
from bot.model.calls import Choice, Unavailable
from bot.model.heard import Piece, choice
from bot.model.profiles import MOST_TOKENS, Body
from bot.model.spending import Meter
from bot.settings import Settings

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI

CONNECT, READ, WRITE, POOL = 3.0, 15.0, 5.0, 3.0  #: seconds of one socket operation
RETRIES = 1
#: A server that does not stop at the limit we set is stopped here: no token is so long.
MOST_CHARACTERS = MOST_TOKENS * 12
#: After the answer's end only its count of tokens may follow; for so long it is waited for, seconds.
EPILOGUE = 1.0


class Wire:
    """Owns the connections to one server.

    Args:
        transport: what carries the requests, instead of the network.
    """

    def __init__(self, settings: Settings, transport: "httpx2.AsyncBaseTransport | None" = None) -> None:
        self._settings = settings
        self._transport = transport
        self._client: AsyncOpenAI | None = None
        self._opening = asyncio.Lock()

    async def text(self, body: Body, until: float, meter: Meter) -> AsyncGenerator[str, None]:
        """The answer's text as it arrives; ends normally only when it is whole.

        Args:
            until: when to give up, in seconds of the event loop's clock.
        """
        chunks, heard = await self._sent(body, until, meter), Piece()
        try:
            async with aclosing(_pieces(chunks, until, meter)) as pieces:
                async for piece in pieces:
                    heard = heard.then(piece)
                    if piece.text:
                        meter.characters += len(piece.text)
                        yield piece.text
        finally:
            await chunks.close()
        heard.whole(meter.characters)

    async def chosen(self, body: Body, until: float, meter: Meter) -> Choice:
        """What the model chose, in one turn."""
        completion = await self._sent(body, until, meter)
        meter.usage = getattr(completion, "usage", None)
        made = choice(completion)
        meter.characters = len(made.text) + sum(len(call.arguments) for call in made.calls)
        return made

    async def open(self) -> "AsyncOpenAI":
        """The client; built once, in a thread, since the import takes seconds that Slack does not have."""
        async with self._opening:
            if self._client is None:
                self._client = await asyncio.to_thread(self._build)
        return self._client

    async def close(self) -> None:
        """Give the connections back."""
        if self._client is not None:
            await self._client.close()

    async def _opened(self) -> "AsyncOpenAI":
        try:
            return await self.open()
        except OSError:  # no certificates to trust, as in a slim container: no server can be reached
            raise Unavailable("connection") from None

    def _build(self) -> "AsyncOpenAI":
        import httpx2
        from openai import AsyncOpenAI, DefaultAsyncHttpx2Client

        logs.hush()  # OPENAI_LOG=debug would have every request logged whole
        client = AsyncOpenAI(
            base_url=self._settings.openai_base_url,
            api_key=self._settings.openai_api_key.get_secret_value(),
            max_retries=RETRIES,
            http_client=DefaultAsyncHttpx2Client(
                timeout=httpx2.Timeout(connect=CONNECT, read=READ, write=WRITE, pool=POOL),
                follow_redirects=False,  # a question goes to the address that ops wrote, nowhere else
                event_hooks={"response": [patience.spare]},
                transport=self._transport,
            ),
        )
        _ = client.chat.completions  # imported now, not within the first answer
        return client

    async def _sent(self, body: Body, until: float, meter: Meter) -> Any:
        # Any: the SDK has one overload for each combination of parameters, and servers send what they like.
        patience.gives_up_at.set(until)
        try:
            async with asyncio.timeout_at(until):
                client = await self._opened()
                meter.began = True  # until the server says that it did not take it
                with faults.told():
                    return await client.chat.completions.create(**body)
        except TimeoutError:
            raise Unavailable("deadline") from None
        except Unavailable as why:
            meter.began = why.code == "deadline"
            raise


async def _pieces(chunks: Any, until: float, meter: Meter) -> AsyncGenerator[Piece, None]:
    """What each chunk says; after the end of the answer only its usage, which may fail to come."""
    stream, ended = aiter(chunks), False
    while (chunk := await _next(stream, until, ended)) is not None:
        meter.usage = getattr(chunk, "usage", None) or meter.usage
        piece = Piece.of(chunk)
        if meter.characters > MOST_CHARACTERS:
            raise Unavailable("length")
        if piece.finish and not ended:
            ended, until = True, min(until, asyncio.get_running_loop().time() + EPILOGUE)
        yield piece


async def _next(stream: AsyncIterator[Any], until: float, ended: bool) -> Any:
    # The time limit must not span a `yield`: it would end whatever our reader is waiting for.
    try:
        with faults.told():
            async with asyncio.timeout_at(until):
                return await anext(stream, None)
    except Unavailable:
        if ended:
            return None
        raise
