"""What a question in the reader's own words can come to, besides an intent."""

from dataclasses import dataclass

from bot.intents.intent import Intent

Option = tuple[str, str]  #: the words on a button, and the line it asks


@dataclass(frozen=True, slots=True)
class Back:
    """A question back: a sentence, and the lines it offers. Nothing was guessed."""

    sentence: str
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Polite:
    """Nothing to look up: `hello`, `thanks`, or a limit (`people`, `off_topic`) with lines that work."""

    code: str
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Unclear:
    """Not understood without a model: what to say where there is none, "" for nothing in particular."""

    sentence: str = ""
    options: tuple[Option, ...] = ()


Meant = Intent | Back | Polite | Unclear
