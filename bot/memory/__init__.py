"""What cannot be computed again: alerts told, deliveries, slots, who is who. SQLite now, PostgreSQL the same.

`tables` says what is kept, `engine` is the only place that knows which database it is, `store` holds
`Memory` itself and `slots` who does a scheduled piece of work. The migrations lie in `bot/migrations`.
"""

from bot.memory.engine import (
    MemoryBusy,
    MemoryCorrupt,
    MemoryFull,
    MemoryReadOnly,
    MemoryUnavailable,
)
from bot.memory.store import Memory

__all__ = ["Memory", "MemoryBusy", "MemoryCorrupt", "MemoryFull", "MemoryReadOnly", "MemoryUnavailable"]
