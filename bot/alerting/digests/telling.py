"""In whose words a digest is told: the template's, or the same claims as a language model orders them."""

from collections.abc import Awaitable, Callable

from bot.alerting.outbox import Recipient
from bot.narrator.words import Words

#: How a person is told. It never raises, and ends within its own deadline.
Told = Callable[[Words, Recipient], Awaitable[Words]]


async def as_written(words: Words, _: Recipient) -> Words:
    """The template's words."""
    return words
