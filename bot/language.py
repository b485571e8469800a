"""How whoever reads now reads: the language of the words, the locale of figures and days, the time zone.

It is kept in a context variable, so that what renders (`say`, `label`, `figures.text`) needs no argument.
A request begins as the house reads, and changes only when its own asker is identified; a message to somebody
is rendered within `using` their way of reading. A task takes its reading along and never hands it back, so
two readers at once do not meet.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from prompts import files
from prompts.files import ENGLISH

if TYPE_CHECKING:
    from babel import Locale


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read; the default is the house's: English words, `45.7 %`, `2024-07-22`."""

    language: str = ENGLISH  # a key of `files.languages`
    locale: str = ""  # as babel names it: de_DE; "" spells as the house does
    zone: str = ""  # an IANA name; "" where the workspace's counts

    @property
    def model_may_speak(self) -> bool:
        """May a language model choose and suggest words? It, and what checks it, know only English figures.

        In English locales that write them otherwise (1 234,5 or 12,34,567), and in every other language,
        the words are code's alone.
        """
        return self.language == ENGLISH and (not self.locale or _is_checkable(self.locale))


HOUSE = Reading()

#: A name of a locale or a zone, as Slack could write it: it is kept, and looked up as a file.
_NAME = re.compile(r"[A-Za-z0-9][\w/+-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Session:
    asker: str = ""  # the Slack user whose request this is; "" outside of requests
    reading: Reading = HOUSE


_NOBODY = _Session()
_session: ContextVar[_Session] = ContextVar("reading", default=_NOBODY)


def current() -> Reading:
    """How whoever reads now reads."""
    return _session.get().reading


def begin(asker: str, reading: Reading) -> None:
    """A request of a Slack user begins: whatever was read before in this task is over.

    Args:
        reading: as they are known to read, or the workspace's.
    """
    _enter(_Session(asker, reading))


def identified(slack_user: str, reading: Reading) -> None:
    """It is known how a Slack user reads; it counts in a request of theirs, for others are looked up too."""
    if _session.get().asker == slack_user:
        _enter(_Session(slack_user, reading))


def at_terminal(reading: Reading) -> None:
    """Whoever sits at the terminal reads so, unless something is being rendered for somebody else."""
    if _session.get() is _NOBODY:
        _enter(_Session(reading=reading))


@contextmanager
def using(reading: Reading) -> Iterator[None]:
    """All that the block renders is for somebody who reads so."""
    before = _session.get()
    _enter(_Session(before.asker, reading))
    try:
        yield
    finally:
        _enter(before)


def _enter(session: _Session) -> None:
    _session.set(session)
    files.speaking.set(session.reading.language)


def reading(locale: str, zone: str = "", default: str = ENGLISH) -> Reading:
    """How somebody reads, by what Slack tells of them.

    Words and figures are of one language: a locale of which we have no words reads as the workspace does.

    Args:
        locale: as Slack writes it: `de-DE`; "" when they told none.
        zone: an IANA name; what is none is left out.
        default: the workspace's language.
    """
    known = _known(locale) or _known(default)
    language = known.partition("_")[0] or ENGLISH
    is_house = not _known(locale) and default == ENGLISH
    return Reading(language, "" if is_house else known, zone if _is_zone(zone) else "")


def named(told: object) -> str:
    """What Slack tells as a locale or a zone, if it can be the name of one; else "".

    >>> named("de-DE"), named("America/Argentina/Buenos_Aires"), named("de\\0"), named(None)
    ('de-DE', 'America/Argentina/Buenos_Aires', '', '')
    """
    return told if isinstance(told, str) and _NAME.fullmatch(told) else ""


@lru_cache(maxsize=256)
def _known(locale: str) -> str:
    """The locale as babel names it, if we have its words; else ""."""
    if not locale or locale.replace("_", "-").partition("-")[0].lower() not in files.languages():
        return ""
    from babel import Locale, UnknownLocaleError

    try:
        return str(Locale.parse(locale.replace("_", "-"), sep="-"))
    except (ValueError, UnknownLocaleError):
        return ""


@lru_cache(maxsize=64)
def babel(locale: str) -> "Locale":
    """What babel knows of a locale that `reading` named; a language of tests is spelled as English."""
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(locale)
    except (ValueError, UnknownLocaleError):
        return Locale.parse("en_US")


@lru_cache(maxsize=256)
def _is_checkable(locale: str) -> bool:
    """Are figures written $1,234,567.8 and Jan 22, 2024, as the checker of a model's words reads them?"""
    from babel.dates import format_date
    from babel.numbers import format_decimal

    number = format_decimal(Decimal("1234567.8"), locale=locale)
    day = format_date(date(2024, 1, 22), "medium", babel(locale))
    money = babel(locale).currency_formats["standard"].prefix[0]
    return (number, money) == ("1,234,567.8", "¤") and day in ("Jan 22, 2024", "22 Jan 2024")


@lru_cache(maxsize=1024)
def _is_zone(name: str) -> bool:
    try:
        return bool(name) and bool(ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False


def plural(number: object, language: str) -> str:
    """The form a noun takes after a number: one, other; few, many, two, zero where a language has them.

    >>> plural(1, "en"), plural(3, "en"), plural(3, "ru")
    ('one', 'other', 'few')
    """
    if language == ENGLISH:
        return "one" if str(number) == "1" else "other"
    return babel(language).plural_form(number)  # type: ignore[arg-type]
