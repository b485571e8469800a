"""After faults in a row the server is left alone for a while; then one call tries again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import ExcludeType, OpenedState

from bot.model.calls import FAULTS, Unavailable

#: Source: narration S8. Counted in a row, not in a window: one good answer forgets them.
FAULTS_IN_A_ROW = 5
REST = 300.0  #: seconds


class Breaker:
    """Owns the count of faults."""

    def __init__(self) -> None:
        ours = (Unavailable, lambda error: error.code not in FAULTS)
        left: ExcludeType = [ours, asyncio.CancelledError, GeneratorExit]
        self._breakers = AsyncCircuitBreakerFactory(FAULTS_IN_A_ROW, REST, exclude=left)

    @asynccontextmanager
    async def closed(self) -> AsyncIterator[None]:
        """Count the block's fault, if it has one.

        Raises:
            Unavailable: breaker, it is open.
        """
        try:
            async with await self._breakers.get_breaker("model"):
                yield
        except OpenedState as opened:
            # The library raises the same object each time; it would collect every caller's frames.
            opened.with_traceback(None)
            raise Unavailable("breaker") from None
