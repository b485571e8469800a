"""`1` or `the second one` after a question back -> the line of that option."""

import re
from collections.abc import Sequence

from bot.intents.free.meant import Back, Meant, Polite, Unclear
from bot.intents.words import clean, fold

_PICKED = re.compile(
    r"(?:the |option |number |no\.? ?|#)*"
    r"(?:(?P<number>[1-4])(?:st|nd|rd|th)?|(?P<word>first|second|third|fourth))"
    r"(?: one| option)?(?: please| pls)?[.!)]?"
)
_WORDS: Sequence[str] = ("first", "second", "third", "fourth")


def place(text: str) -> int | None:
    """Which option a reply picks, from 0; None when it says anything else.

    >>> place("1"), place("The second one, please"), place("2 regions")
    (0, 1, None)
    """
    found = _PICKED.fullmatch(fold(clean(text)).replace(",", ""))
    if not found:
        return None
    return int(found["number"]) - 1 if found["number"] else _WORDS.index(found["word"])


def picked(text: str, offered: Meant, *, is_all_ours: bool) -> str:
    """The line of the option that a reply picks from what was offered, "" for none.

    Args:
        is_all_ours: no model read the question before: it would have offered other lines where we are unsure.
    """
    chosen = place(text)
    if chosen is None or not isinstance(offered, Back | Polite | Unclear):
        return ""
    is_unsure = isinstance(offered, Unclear) or (isinstance(offered, Back) and offered.unsure)
    if is_unsure and not is_all_ours:
        return ""
    lines = [line for _, line in offered.options]
    return lines[chosen] if chosen < len(lines) else ""
