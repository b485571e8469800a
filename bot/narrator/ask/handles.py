"""A person's own words in, the same words with a handle for every name of the data they may see, and back."""

import re
from string import ascii_uppercase
from typing import TYPE_CHECKING

from analytics import answers
from bot import intents
from bot.intents.intent import spoken
from bot.intents.vocabulary import key_of
from bot.intents.words import clean, fold, quoted
from bot.narrator.ask.fields import ME, UnknownHandle
from bot.narrator.ask.names import UNSEEN, Named, names

if TYPE_CHECKING:
    from bot.coach import Inquiry

LONGEST = 1000  #: characters of a question that are read
COLLEAGUE, LINK, SOMEONE, SOMETHING = "a colleague", "a link", "someone", "something"

_LINK = re.compile(
    r"<(?:https?|mailto|tel|ftp):[^<>]*>|\b[a-z][a-z+.-]{1,20}://\S+|\bwww\.\S+", re.IGNORECASE
)
_WORD = r"[^\s<>()\",;@]"  # of an address
_PERSON = re.compile(rf"<[@#!][^<>]*>|{_WORD}{{1,64}}@{_WORD}{{1,190}}")
_SLACK_ID = re.compile(r"\b(?=\w*\d)[UWCGDTBS][A-Z0-9]{8,}\b")


class Handles:
    """Owns the handles given in one request; what one stands for is always in the viewer's scope."""

    def __init__(self, inquiry: "Inquiry") -> None:
        scope = inquiry.viewer.scope
        self._inquiry = inquiry
        self._names = names(inquiry.generation, scope)
        self._known = intents.vocabulary.known(answers.vocabulary(inquiry.generation, scope))
        self._given: dict[str, Named] = {}

    def masked(self, text: str) -> str:
        """The text as the model may read it: names as handles, addresses and Slack's ids as plain words."""
        text = clean(text[: 2 * LONGEST])[:LONGEST]
        text = _PERSON.sub(self._addressed, _LINK.sub(LINK, text))
        return _SLACK_ID.sub(SOMEONE, self._without_names(text))[:LONGEST]

    def _addressed(self, found: re.Match[str]) -> str:
        """An email address of somebody known as their handle, any other as someone."""
        named = self._names.found.get(fold(found[0].rstrip(".?!:")))
        return self._shown(named) if named else SOMEONE

    def _without_names(self, text: str) -> str:
        parts, end = [], 0
        for start, stop, named in self._names.spoken_in(text):
            parts += [text[end:start], self._shown(named)]
            end = stop
        return "".join(parts) + text[end:]

    def _shown(self, named: Named) -> str:
        return COLLEAGUE if named == UNSEEN else self.give(named) or SOMETHING

    def give(self, named: Named) -> str:
        """The handle of a name, the same one each time; "" when the letters are used up."""
        for handle, other in self._given.items():
            if other == named:
                return handle
        if len(self._given) == len(ascii_uppercase):
            return ""
        handle = f"{named.kind}_{ascii_uppercase[len(self._given)]}"
        self._given[handle] = named
        return handle

    def value(self, dimension: str, value: str) -> str:
        """The handle of a dimension's value; "" when the viewer sees no such value or letters are used up."""
        meaning = next((m for m in self._known.meanings if m[:2] == (dimension, value)), None)
        return self.give(Named(meanings=(meaning,))) if meaning else ""

    def deal(self, deal_id: str) -> str:
        """The handle of a deal; "" when the viewer does not see it or the letters are used up."""
        named = self._names.found.get(key_of(deal_id))
        return self.give(Named(deals=(deal_id,))) if named and deal_id in named.deals else ""

    def filtered(self, handle: str) -> str:
        """A filter on what the handle stands for, as the grammar reads it."""
        if handle == ME:
            return f"rep = {self.person(ME)}"
        named = self._of(handle)
        if not named.meanings:
            raise UnknownHandle(handle)
        dimensions = {meaning.dimension for meaning in named.meanings}
        return f"{spoken(dimensions.pop())} = {_written(named)}" if len(dimensions) == 1 else _written(named)

    def person(self, handle: str) -> str:
        """The rep whom the handle stands for, as the grammar reads it."""
        if handle == ME and self._inquiry.viewer.person_id:
            return quoted(self._inquiry.viewer.person_id)
        named = self._of(handle)
        reps = tuple(meaning for meaning in named.meanings if meaning.dimension == "rep")
        if not reps:
            raise UnknownHandle(handle)
        return _written(Named(named.text, reps))

    def deals(self, handle: str) -> tuple[str, ...]:
        """Ids of the deals that the handle stands for."""
        if not (found := self._of(handle).deals):
            raise UnknownHandle(handle)
        return found

    def period(self, handle: str) -> str:
        """The words of the period that the handle stands for."""
        if not (found := self._of(handle).period):
            raise UnknownHandle(handle)
        return found

    def _of(self, handle: str) -> Named:
        if handle not in self._given:
            raise UnknownHandle(handle)
        return self._given[handle]


def _written(named: Named) -> str:
    """One value by its id; a word with several meanings as it is, so that the grammar asks which."""
    return quoted(named.meanings[0].value if len(named.meanings) == 1 else named.text)
