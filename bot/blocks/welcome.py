"""The looks of a first message: five lines, two things to try, and the way to one's own settings."""

from collections.abc import Iterable

from bot.blocks import common
from bot.blocks.common import Block, Button
from bot.narrator import welcome as narrator
from bot.narrator.claims import label
from bot.narrator.words import Words


def card(words: Words, tries: Iterable[tuple[str, str]]) -> list[Block]:
    """The message.

    Args:
        tries: label and line of each thing to try; the lines have to work for this person.
    """
    asked: list[Button] = [
        (f"ask.{name}", label(f"welcome_button.{name}").text, line) for name, line in tries
    ]
    settings = ("home.settings", label("welcome_button.settings").text, "settings")
    after = [common.paragraph(narrator.change()), *common.buttons([*asked, settings])]
    return common.framed(words, after=after)


def stranger() -> list[Block]:
    """The message to somebody unknown."""
    return [common.paragraph(narrator.unknown())]
