"""A lot by subject: which alerts nobody is told of, so that the effect of the rest can be measured."""

from decimal import Decimal
from hashlib import sha256

STEPS = 2**64


def is_silent(workspace: str, subject_id: str, share: Decimal, seed: str) -> bool:
    """Does this subject belong to the silent share (a fraction, 0 to 1)?

    The lot of a subject never changes, whichever rule asks and however often: a deal that is silent in one
    alert stays silent in all. A greater share keeps those that were silent under a smaller one.
    """
    lot = int.from_bytes(sha256(f"{seed}\n{workspace}\n{subject_id}".encode()).digest()[:8])
    return Decimal(lot) < share * STEPS
