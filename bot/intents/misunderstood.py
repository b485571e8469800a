"""What we say when a command cannot be understood: which word, what to do, and commands that do work."""

from collections.abc import Sequence

from bot.refusals import refusal
from data.mendable import Mendable


class NotUnderstood(Mendable):
    """The tree: UnknownWord, Ambiguous, BadDay, TooMuch. Each is a sentence for the reader.

    Attributes:
        sentence: what was not understood, and what to do.
        suggestions: commands that are valid in this data, the nearest first.
        place: while the text is read: where in it each suggestion would go, instead of being a command;
            an empty one leaves the words out.
    """

    def __init__(
        self, sentence: str, suggestions: Sequence[str] = (), place: tuple[int, int] | None = None
    ) -> None:
        super().__init__(sentence, tuple(suggestions), place)
        self.sentence = sentence
        self.suggestions = tuple(suggestions)
        self.place = place

    def lines(self, command: str, text: str) -> list[str]:
        """The suggestions as commands: the text that was read, with each in its place."""
        if self.place is None:
            return list(self.suggestions)
        first, last = self.place
        lines = (f"{command} {text[:first]}{suggestion}{text[last:]}" for suggestion in self.suggestions)
        return [" ".join(line.split()) for line in lines]

    def __str__(self) -> str:
        tries = ", ".join(f"`{line}`" for line in self.suggestions)
        return refusal("try_these", sentence=self.sentence, lines=tries) if tries else self.sentence


class UnknownWord(NotUnderstood):
    """A word that is no part of the grammar and no value in the data, or stands in the wrong place."""


class Ambiguous(NotUnderstood):
    """Words with two readings; the suggestions are the readings."""


class BadDay(NotUnderstood):
    """A day or period that does not exist, or lies in the future."""


class TooMuch(NotUnderstood):
    """More than one answer can hold: text, dimensions, periods, combined filters."""
