"""Why an alert was put aside or held back: kept by its key and in own words, said as its reader reads."""

from bot.narrator.claims import label
from prompts import files

JOINT = ": "  #: between the reason chosen and own words
KINDS = ("not_useful", "dismiss", "hold")  #: lists to choose from, each a section of labels


def kept(kind: str, code: str, words: str = "") -> str:
    """The reason chosen, by its key, then own words; "" where there is neither.

    >>> kept("hold", "known", "spoke on Monday"), kept("hold", "no such reason", "spoke on Monday")
    ('hold.known: spoke on Monday', 'spoke on Monday')
    """
    key = f"{kind}.{code}"
    return JOINT.join(part for part in (key if _is_key(key) else "", words) if part)


def said(reason: str) -> str:
    """A reason that was kept, in the reader's words; own words, and rows of old, as they are.

    >>> said("hold.known: spoke on Monday"), said("Already in hand: spoke on Monday")
    ('Already in hand: spoke on Monday', 'Already in hand: spoke on Monday')
    """
    key, joint, words = reason.partition(JOINT)
    return f"{label(key).text}{joint}{words}" if _is_key(key) else reason


def code(reason: str, kind: str = "hold") -> str:
    """Which reason was chosen, of one that was kept; "other" where it was own words alone.

    Rows of old hold the English words in place of the key.
    """
    chosen, start = reason.partition(JOINT)[0], f"{kind}."
    known = files.labels(files.ENGLISH).items()
    found = (key for key, text in known if key.startswith(start) and chosen in (key, text))
    return next(found, "other").removeprefix(start)


def _is_key(text: str) -> bool:
    return text.partition(".")[0] in KINDS and text in files.labels()
