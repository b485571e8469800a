"""What a question in the reader's own words can come to, besides an intent; and who asks it."""

from dataclasses import dataclass

from bot.intents.intent import Intent

Option = tuple[str, str]  #: the words on a button, and the line it asks


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks: their role, and the rep's id where every deal they see is their own; "" for neither."""

    role: str = ""
    rep_id: str = ""


ANYBODY = Reader()


@dataclass(frozen=True, slots=True)
class Back:
    """A question back: a sentence, and the lines it offers. Nothing was guessed.

    Attributes:
        unsure: some words were not understood, so that a model may; False where words have several readings,
            or ask what we do not answer.
    """

    sentence: str
    options: tuple[Option, ...] = ()
    unsure: bool = False


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
