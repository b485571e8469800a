"""Digits, percent, money and days as a locale writes them; "" for how the house does it, without any library.

Everything here is given a value that is rounded already, and changes none.
"""

import re
from collections.abc import Callable
from copy import copy
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot import language

if TYPE_CHECKING:
    from babel.numbers import NumberPattern

SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}

_CODE = re.compile("[A-Z]{3}")  # of a currency. Source: ISO 4217


def digits(value: Decimal) -> str:
    """Grouped, with as many decimals as the value has: 1,234.5."""
    locale = language.current().locale
    return _applied(value, locale, _decimals) if locale else f"{value:,}"


def percent(value: Decimal) -> str:
    """A number of percent with its sign: 45.7 %."""
    locale = language.current().locale
    return _applied(value, locale, _percents) if locale else f"{value} %"


def money(said: str, currency: str) -> str:
    """Digits, or what stands for them (1.10M), with their currency: `-1,200` and USD make `-$1,200`.

    A currency without a symbol that everybody knows is its code. What is no code is not said: figures are no
    names from the CRM, so nobody would clean or mask it.
    """
    minus, bare = ("-", said[1:]) if said.startswith("-") else ("", said)
    code = currency if _CODE.fullmatch(currency) else ""
    before, after = _around(language.current().locale, SYMBOLS.get(currency, code))
    return f"{minus}{before}{bare}{after}"


def day(value: date) -> str:
    """A day: 2024-07-22, Jul 22, 2024 or 22.07.2024."""
    locale = language.current().locale
    if not locale:
        return value.isoformat()
    from babel.dates import format_date

    return format_date(value, "medium", language.babel(locale))


def moment(value: datetime, zone: str = "UTC") -> str:
    """A moment on the reader's clock: its day, hour and minute.

    Args:
        zone: for who told us none.
    """
    local = value.astimezone(ZoneInfo(language.current().zone or zone))
    return f"{day(local.date())} {hour(local.time())}"


def hour(value: time) -> str:
    """An hour and minute: 15:04 or 3:04 PM."""
    locale = language.current().locale
    if not locale:
        return f"{value:%H:%M}"
    from babel.dates import format_time

    return format_time(value, "short", locale=language.babel(locale))


def _applied(value: Decimal, locale: str, pattern: "Callable[[str, int], NumberPattern]") -> str:
    decimals = max(0, -int(value.as_tuple().exponent))
    return str(pattern(locale, decimals).apply(value, language.babel(locale)))


@lru_cache(maxsize=256)
def _decimals(locale: str, decimals: int) -> "NumberPattern":
    known = language.babel(locale)
    return _with(known.decimal_formats[None], decimals)


@lru_cache(maxsize=256)
def _percents(locale: str, decimals: int) -> "NumberPattern":
    """The pattern of a percentage that is not multiplied any more: ours are percent already."""
    shown = _with(language.babel(locale).percent_formats[None], decimals)
    shown.scale = 0
    return shown


def _with(pattern: "NumberPattern", decimals: int) -> "NumberPattern":
    exact = copy(pattern)
    exact.frac_prec = (decimals, decimals)
    return exact


@lru_cache(maxsize=256)
def _around(locale: str, symbol: str) -> tuple[str, str]:
    """What stands before and after the digits of money; a code keeps its distance from them."""
    if not locale:
        return f"{symbol} " if len(symbol) > 1 else symbol, ""
    pattern = language.babel(locale).currency_formats["standard"]
    before, after = (part[0].replace("¤", symbol) for part in (pattern.prefix, pattern.suffix))
    apart = "\xa0" if before and before[-1].isalpha() else ""
    return (f"{before}{apart}", after) if symbol else ("", "")
