"""Why somebody gets no answer, in their language: sentences of prompts/claims/refusals.yaml."""

from typing import TYPE_CHECKING

from bot.narrator import ours
from prompts import files

if TYPE_CHECKING:
    from data.mendable import Mendable


def refusal(name: str, /, **slots: object) -> str:
    """The first variant of a sentence whose slots are all known.

    Args:
        slots: words that are cleaned already, ids, days and lines of the grammar: said as they are.
    """
    known = {slot: str(said) for slot, said in slots.items() if said not in (None, "")}
    variants = files.claims()[f"refusal.{name}"]
    fitting = (one for one in variants if known.keys() >= set(one.get_identifiers()))
    return next(fitting, variants[-1]).safe_substitute(known)


def said(error: "Mendable") -> str:
    """An error of analytics or data in the reader's language, as far as it has a sentence there."""
    slots = {slot: ours.said(said) if isinstance(said, str) else said for slot, said in error.slots.items()}
    return refusal(error.code, **slots) if error.code else error.for_readers
