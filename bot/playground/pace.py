"""Slack's rate limits: a bucket per method and per channel that fills up again with time."""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil
from typing import Final

TIER_1: Final = 1  # calls a minute
TIER_2: Final = 20
TIER_3: Final = 50
TIER_4: Final = 100
UNLIMITED: Final = 0  # Slack calls these "special"; we never come near
POSTS_PER_MINUTE: Final = 60  # one a second in each channel
BURST: Final = 5  # posts that may come at once


@dataclass(slots=True)
class Bucket:
    """Tokens left, as of a moment."""

    left: float
    at: float


@dataclass(slots=True)
class Pace:
    """Counts calls against the limits; `scale` 10 is ten times as generous as Slack, 0 is no limit at all.

    `clock` gives seconds that never go back.
    """

    clock: Callable[[], float]
    scale: float = 1.0
    _buckets: dict[str, Bucket] = field(default_factory=dict)

    def wait(self, method: str, per_minute: int) -> int:
        """Whole seconds this call has come too early; 0 if it may pass, and then it is counted."""
        return self._take(method, per_minute, burst=per_minute)

    def wait_to_post(self, channel: str) -> int:
        """The same for a post into one channel."""
        return self._take(f"post:{channel}", POSTS_PER_MINUTE, burst=BURST)

    def _take(self, name: str, per_minute: int, burst: int) -> int:
        if not self.scale or not per_minute:
            return 0
        rate, room, now = per_minute * self.scale / 60, max(1.0, burst * self.scale), self.clock()
        bucket = self._buckets.setdefault(name, Bucket(room, now))
        bucket.left, bucket.at = min(room, bucket.left + (now - bucket.at) * rate), now
        if bucket.left < 1:
            return ceil((1 - bucket.left) / rate)
        bucket.left -= 1
        return 0
