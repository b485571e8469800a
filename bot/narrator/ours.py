"""Words of ours that come with the numbers (a scope, a period, a band of days) -> the same in the language.

They are keys as well: questions are asked and answers are kept by them, so they stay English until they are
said. What nobody translated, a name from the CRM above all, is said as it is.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from bot import language, spelling
from prompts import files
from prompts.files import ENGLISH

_SPAN = r"\d{4}(?:-(?:\d\d(?:-\d\d)?|[QH]\d))?"
_ROUND = r"\d{1,3}k?"  # 6 pushes, 10k of money

_PHRASES = {
    name: re.compile(pattern)
    for name, pattern in {
        "under_days": r"under (?P<n>\d+) days",
        "between_days": r"(?P<low>\d+) to (?P<high>\d+) days",
        "more_days": r"(?P<n>\d+) days and more",
        "last_days": r"last (?P<n>\d+) days?",
        "last_weeks": r"last (?P<n>\d+) weeks?",
        "last_months": r"last (?P<n>\d+) months?",
        "last_quarters": r"last (?P<n>\d+) quarters?",
        "last_years": r"last (?P<n>\d+) years?",
        "since": rf"since (?P<day>{_SPAN})",
        "until": rf"until (?P<day>{_SPAN})",
        "from_to": rf"(?P<low>{_SPAN}) to (?P<high>{_SPAN})",
        "under": rf"under (?P<least>{_ROUND})",
        "between": rf"(?P<least>{_ROUND})(?: to |(?<=k)-)(?P<most>{_ROUND})",
        "more": rf"(?P<least>{_ROUND}) and more",
        "with_days": rf"(?P<name>[a-z0-9 ]+) \((?P<days>{_SPAN} to {_SPAN})\)",
    }.items()
}

_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def said(words: str) -> str:
    """The words as whoever reads now says them.

    >>> said("last 90 days"), said("Acme")
    ('last 90 days', 'Acme')
    """
    if language.current().language == ENGLISH:
        return words
    return files.labels().get(f"ours.{words}") or _phrase(words) or words


def _phrase(words: str) -> str:
    for name, pattern in _PHRASES.items():
        if found := pattern.fullmatch(words):
            return _filled(name, found.groupdict())
    return ""


def _filled(name: str, slots: Mapping[str, str]) -> str:
    """A phrase with its slots in the language; one number chooses among its plural forms, if it has any."""
    known = files.claims()
    form = language.plural(int(slots["n"]), language.current().language) if "n" in slots else ""
    chosen = next((one for one in (f"ours.{name}_{form}", f"ours.{name}") if one in known), "")
    shown = {slot: _SAID.get(slot, _day)(text) for slot, text in slots.items()}
    return known[chosen][0].substitute(shown) if chosen else ""


def _day(words: str) -> str:
    return spelling.day(date.fromisoformat(words)) if _ISO_DAY.fullmatch(words) else words


def _round(words: str) -> str:
    """A whole number; thousands in full, for their abbreviation ends with a full stop elsewhere."""
    return spelling.digits(Decimal(words.replace("k", "000")))


_SAID: Mapping[str, Callable[[str], str]] = {"name": said, "days": said, "least": _round, "most": _round}
