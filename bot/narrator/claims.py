"""Facts and names in, one reviewed sentence out, with the ids of the facts it rests on.

A sentence knows which of its characters are names from the CRM: they are marked, so that a request to a
language model can carry a handle in their place. A cleaned name cannot hold the marks itself.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from string import Template

from analytics.facts import Fact
from bot import figures, names
from bot.figures import Style
from bot.narrator import ours as our_words
from prompts import files

_OPEN, _CLOSE = "\ue000", "\ue001"  # private use: `names.clean` drops them
_NAME = re.compile(f"{_OPEN}([^{_OPEN}{_CLOSE}]*){_CLOSE}")
_MARKS = {ord(_OPEN): None, ord(_CLOSE): None}


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence that code rendered: plain text without markup, and the facts it spells."""

    id: str
    marked: str  # the text, each name from the CRM between two marks
    fact_ids: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The sentence as it is read."""
        return self.marked.translate(_MARKS)

    @property
    def names(self) -> tuple[str, ...]:
        """The names from the CRM that it says, each once."""
        return tuple(dict.fromkeys(_NAME.findall(self.marked)))

    def masked(self, handle: Callable[[str], str]) -> str:
        """The sentence with `handle(name)` in place of every name."""
        return _NAME.sub(lambda found: handle(found[1]), self.marked)


#: What may stand in a slot: a fact; words of ours (a claim); a name from the CRM, which is cleaned first.
Slot = Fact | Claim | str | None


class NoSentence(KeyError):
    """No variant of a claim fits what is known: a gap in prompts/claims."""


def say(claim_id: str, /, **slots: Slot) -> Claim:
    """The richest variant of a claim whose slots are all known.

    Raises:
        NoSentence: there is no such claim, or every variant needs a slot that is missing.
    """
    return _first(claim_id, files.claims().get(claim_id, ()), slots)


def play(text: Template, play_id: str, /, **slots: Slot) -> Claim:
    """A play's line of advice."""
    return _first(play_id, (text,), slots)


def label(label_id: str) -> Claim:
    """A short word of ours: a column head, the name of a dimension."""
    return Claim(label_id, files.labels()[label_id])


def listed(said: Iterable[str | Claim], joint: str = ", ") -> Claim:
    """Several names or words of ours in one slot."""
    parts = (one.marked if isinstance(one, Claim) else _named(one) for one in said)
    return Claim("listed", _joint(joint).join(parts))


def joined(said: Iterable[Claim], joint: str = ", ") -> Claim:
    """Several claims in one slot, with the facts of all."""
    parts, joint = list(said), _joint(joint)
    ids = dict.fromkeys(fact for part in parts for fact in part.fact_ids)
    return Claim("joined", joint.join(part.marked for part in parts), tuple(ids))


def _joint(written: str) -> str:
    """What stands between two parts: a comma, or " and " in the language."""
    word = written.strip()
    return f" {our_words.said(word)} " if word.isalpha() else written


def ours(words: str) -> Claim:
    """Words that are no name from the CRM: a period as the reader said it, in their language."""
    return Claim("ours", names.clean(our_words.said(words)))


def knows(claim_id: str) -> bool:
    """Is there a sentence with this id?"""
    return claim_id in files.claims()


def _first(claim_id: str, variants: Iterable[Template], slots: Mapping[str, Slot]) -> Claim:
    for variant in variants:
        spelled = {name: _spelled(name, slots) for name in variant.get_identifiers()}
        if all(spelled.values()):
            used = dict.fromkeys(f for name in spelled for f in _fact_ids(slots[_slot(name)]))
            return Claim(claim_id, variant.substitute(spelled), tuple(used))
    raise NoSentence(f"No sentence {claim_id!r} for {sorted(slots)}. Add one to prompts/claims.")


def _slot(name: str) -> str:
    return name.partition("__")[0]


def _spelled(name: str, slots: Mapping[str, Slot]) -> str:
    """A slot as it is said, "" when that is not known."""
    slot, _, style = name.partition("__")
    value = slots.get(slot)
    if isinstance(value, Fact):
        wanted = Style(style or Style.PLAIN)
        return figures.text(value, wanted) if figures.is_known(value, wanted) else ""
    if isinstance(value, Claim):
        return value.marked
    return _named(value) if value else ""


def _named(name: str) -> str:
    return f"{_OPEN}{names.clean(our_words.said(name))}{_CLOSE}"


def _fact_ids(value: Slot) -> tuple[str, ...]:
    if isinstance(value, Fact):
        return (value.id,)
    return value.fact_ids if isinstance(value, Claim) else ()
