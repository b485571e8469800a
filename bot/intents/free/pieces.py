"""What a text is cut into: a piece of it with what it is about, and which kinds change nothing."""

from typing import NamedTuple

from bot.intents.free import lexicon

#: Manners, joints and the time of a verb: no rule has to account for them, but one may need them.
SILENT = frozenset(
    {
        lexicon.FILLER,
        *("separator", "hello", "thanks", "praise", "and_then", "pronoun", "deals", "how"),
        *("past", "this_week", "did", "modal", "vague", "asof_loose", "two_periods"),
    }
)
#: What the grammar reads: values, dimensions, periods and the words between them.
MATERIAL = frozenset(
    {"value", "person", "people", "dimension", "period", "asof", "joint", "versus", "mine", "floor", "amount"}
) | {"separator", "today", "created"}
#: What a piece is about only among the others, or by its form: no phrase is listed for these.
BY_PLACE = frozenset({"did", "modal", "mix", "measure", "falls", "past", "this_week", "two_periods"})


class Piece(NamedTuple):
    """Some words of the text, as the grammar should read them, and what they are about."""

    text: str
    kind: str

    @property
    def word(self) -> str:
        """The text in small letters."""
        return self.text.lower()
