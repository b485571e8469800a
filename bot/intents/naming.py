"""Words of a question -> the one value they name, or a sentence about the others they could."""

from collections.abc import Sequence

from lark import Token

from analytics.questions import DIMENSIONS
from bot.intents.grammar import place, said
from bot.intents.intent import spoken
from bot.intents.misunderstood import Ambiguous, UnknownWord
from bot.intents.vocabulary import MOST_NEAR, Known, Meaning, nearest
from bot.intents.words import echo
from bot.narrator import ours
from bot.refusals import refusal

#: What the grammar knows besides the values, for who misspells it.
KEYWORDS = (
    *map(spoken, DIMENSIONS),
    *("all time", "all types", "by amount", "last month", "last quarter", "last year", "since", "asof"),
    *("this month", "this quarter", "this year", "last 90 days", "between", "where", "year to date"),
    *("challenge", "created", "mine", "drop", "shift", "next quarter", "last half"),
)


class Naming:
    """Owns a question's text and the values its words can name."""

    def __init__(self, text: str, known: Known) -> None:
        self.text, self.known = text, known

    def named(self, word: Token, dimension: str | None = None) -> list[Meaning]:
        """All that a word can mean, in one dimension or any."""
        return self.known.named(said([word], self.text), dimension)

    def meaning(self, words: Sequence[Token], dimension: str | None, hint: str) -> Meaning:
        """The one meaning of the first word.

        Args:
            words: with those after it that mean nothing either: they may be one misspelt name.
            dimension: the only one it can be in, where the reader said so.
            hint: the one it would be in first, by its place.

        Raises:
            UnknownWord: it has none.
            Ambiguous: it has several.
        """
        found = self.named(words[0], dimension)
        if not found:
            raise self._unknown(words, dimension, hint)
        if len(found) > 1:
            readings = [f"{spoken(m.dimension)} {m.shown}" for m in found]
            fixes = [self.known.written(m) if dimension else self.filtered(m) for m in found]
            raise self.doubt(words[:1], readings, fixes)
        return found[0]

    def doubt(self, words: Sequence[Token], readings: Sequence[str], fixes: Sequence[str]) -> Ambiguous:
        """A question that names the readings of some words; `fixes` say each of them clearly."""
        sentence = refusal("which_one", word=echo(said(words, self.text)), readings=listed(readings, "or"))
        return Ambiguous(sentence, fixes, place(words))

    def refuse_namesake(self, word: Token) -> None:
        """Ask when a word of the grammar is written just like a name in the data: the month, or Ms May?

        Raises:
            Ambiguous: with both readings.
        """
        text = said([word], self.text)
        same = [m for m in self.named(word) if text in (m.value, m.label, *m.label.split(" "))]
        if same and text != text.lower():
            readings = [f"{spoken(m.dimension)} {m.shown}" for m in same] + [
                refusal("the_word", word=text.lower())
            ]
            raise self.doubt([word], readings, [*map(self.filtered, same), text.lower()])

    def filtered(self, meaning: Meaning) -> str:
        """What to write for a value: `region = "EMEA"`."""
        return f"{spoken(meaning.dimension)} = {self.known.written(meaning)}"

    def _unknown(self, words: Sequence[Token], dimension: str | None, hint: str) -> UnknownWord:
        """No such value: what it may be a misspelling of, else what there is."""
        for some in (words, words[:1]):
            text = said(some, self.text)
            if hint and (near := self.known.near(text, hint)):
                meant = listed([m.name for m in near], "or")
                sentence = refusal("no_value", what=ours.said(spoken(hint)), word=echo(text), near=meant)
                return UnknownWord(sentence, [self.known.written(m) for m in near], place(some))
            if not dimension and (offers := self._offers(text)):
                sentence = refusal("no_word_near", word=echo(text), near=listed(list(offers), "or"))
                return UnknownWord(sentence, list(offers.values()), place(some))
        shown = echo(said(words, self.text))
        if not dimension:
            return UnknownWord(refusal("no_word", word=shown))
        some_names = listed([m.name for m in self.known.meanings if m.dimension == dimension][:4], "or")
        name = "no_value_there" if some_names else "no_value_at_all"
        return UnknownWord(refusal(name, what=ours.said(spoken(dimension)), word=shown, some=some_names))

    def _offers(self, text: str) -> dict[str, str]:
        """Values and keywords near a word of unknown kind: what to show, and what to write."""
        values = [
            (key, f"{spoken(m.dimension)} {m.name}", self.filtered(m)) for key, m in self.known.spellings
        ]
        choices = [*((word, word, word) for word in KEYWORDS), *values]
        near = dict(choices[number][1:] for number in nearest(text, [choice[0] for choice in choices]))
        return dict(list(near.items())[:MOST_NEAR])


def listed(items: Sequence[str], last: str) -> str:
    """The items in a sentence.

    >>> listed(["a", "b", "c"], "or"), listed(["a"], "or")
    ('a, b or c', 'a')
    """
    return (
        f" {ours.said(last)} ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)
    )
