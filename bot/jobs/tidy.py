"""Once a day: forget what nobody will ask for any more."""

from collections.abc import Sequence
from datetime import timedelta

from bot.jobs.base import Job, Work
from bot.memory import slots, turns, usage
from bot.memory.slots import Claim
from bot.sharing import ledger

KEPT_DELIVERIES = timedelta(days=2)  # Slack repeats an event for six minutes at most
KEPT_SLOTS = timedelta(days=14)
KEPT_MODEL_CALLS = timedelta(days=400)  # a year beside the year before
KEPT_SHARES = timedelta(days=400)
KEPT_TURNS = timedelta(days=30)  # of conversations


async def tidy_due(work: Work) -> Sequence[str]:
    """Once per day of the team."""
    return (work.today().isoformat(),)


async def tidy(work: Work, claimed: Claim) -> None:
    """Forget what nobody will ask for any more."""
    await work.memory.forget_deliveries(work.now() - KEPT_DELIVERIES)
    async with work.memory.write() as tx:
        await slots.forget(tx, work.now() - KEPT_SLOTS)
        await usage.forget(tx, work.now() - KEPT_MODEL_CALLS)
        await turns.forget(tx, work.now() - KEPT_TURNS)
        await ledger.forget(tx, work.now() - KEPT_SHARES)
        await slots.finish(tx, claimed)


TIDY = Job("tidy", tidy_due, tidy)
