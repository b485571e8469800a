"""A fact in, characters out: the only place where a number is rounded and spelled."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum

from analytics.facts import Fact, Unit

UNKNOWN = "unknown"

SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}

_CODE = re.compile("[A-Z]{3}")  # of a currency. Source: ISO 4217

_STEPS = ((3, 0, "k"), (6, 2, "M"), (9, 2, "B"))  # of short money: power of ten, decimals, suffix

_ROUNDING = Context(prec=60, rounding=ROUND_HALF_UP)  # wide enough for any amount a CRM can hold


class Style(StrEnum):
    """Ways to spell one fact. Each unit knows those that make sense for it."""

    PLAIN = "plain"  # the unit's own way
    SHORT = "short"  # money only: $1.10M, $92k
    GAP = "gap"  # without its sign, where the sentence already says which way
    CHANGE = "change"  # with its sign, always
    RANGE = "range"  # from `low` to `high`
    SHORT_RANGE = "short_range"  # the same, money in short: $4.87M-$5.82M
    BARE_RANGE = "bare_range"  # the same without its unit, where the head of a column says it
    SHORT_GAP = "short_gap"  # GAP, money in short
    SHORT_GAP_RANGE = "short_gap_range"  # of a range on one side of zero, its ends without their sign
    COUNT = "count"  # `n`, the deals behind the value
    DEALS = "deals"  # the same with its noun: 1 deal, 1,239 deals
    ROUGH = "rough"  # to the nearest whole: a fraction; points, though below one with a decimal
    DAY = "day"  # days only: day 10


def text(fact: Fact, style: Style = Style.PLAIN) -> str:
    """The fact as a reader sees it; `unknown` when nobody knows the value.

    >>> from datetime import date
    >>> rate = Fact(id="r", metric="win_rate", value=Decimal("0.45655"), unit=Unit.FRACTION, entity="all",
    ...     period="", as_of=date(2024, 7, 20), generation="g", low=Decimal("0.439"), high=Decimal("0.466"))
    >>> text(rate), text(rate, Style.RANGE)
    ('45.7 %', '43.9-46.6 %')
    """
    if style in _RANGES:
        return _range(fact, style)
    if style in (Style.COUNT, Style.DEALS):
        return _behind(fact, style)
    if fact.value is None:
        return UNKNOWN
    if style is Style.SHORT_GAP and fact.unit in _SHORTENED:
        return _spelled(abs(_finite(fact)), fact, Style.SHORT)
    value = abs(_finite(fact)) if style in _UNSIGNED else _finite(fact)
    if style in (*_UNSIGNED, Style.CHANGE):
        return _signed(value, fact, always=style is Style.CHANGE)
    return _spelled(value, fact, style)


def spellings(fact: Fact) -> set[str]:
    """Every string that `text` can make of this fact, whatever the style."""
    return {text(fact, style) for style in Style}


def number(fact: Fact) -> int | float | None:
    """The value for sorting and for the length of a bar, rounded as it is shown; None when unknown."""
    if fact.value is None:
        return None
    shown = _finite(fact)
    if fact.unit in (Unit.FRACTION, Unit.POINTS):
        shown = _rounded(shown * 100, 1)
    return int(shown) if shown == shown.to_integral_value() else float(shown)


def bounds(fact: Fact) -> tuple[float, float] | None:
    """The ends of its interval as `number` gives the value, for the length of a whisker; None without one."""
    ends = [number(replace(fact, value=bound)) for bound in (fact.low, fact.high)]
    low, high = ends
    return None if low is None or high is None else (low, high)


def _finite(fact: Fact) -> Decimal:
    if fact.value is None or not fact.value.is_finite():
        raise ValueError(f"Fact {fact.id!r} has no finite value ({fact.value}). Make it None with a reason.")
    return fact.value


def _rounded(value: Decimal, decimals: int) -> Decimal:
    """Half up, and never a negative zero."""
    shown = value.quantize(Decimal(1).scaleb(-decimals), context=_ROUNDING)
    return abs(shown) if shown.is_zero() else shown


def _grouped(value: Decimal, decimals: int = 0) -> str:
    return f"{_rounded(value, decimals):,}"


def _sign(value: Decimal, decimals: int) -> str:
    return "+" if _rounded(value, decimals) > 0 else ""


def _fraction(value: Decimal) -> str:
    return f"{_rounded(value * 100, 1)} %"


def _rough_fraction(value: Decimal) -> str:
    return f"{_rounded(value * 100, 0)} %"


def _points(value: Decimal) -> str:
    return f"{_sign(value * 100, 1)}{_rounded(value * 100, 1)} points"


def _rough_points(value: Decimal) -> str:
    shown = _rounded(value * 100, 1)
    whole = shown if abs(shown) < 1 else _rounded(value * 100, 0)
    return f"{whole} {'point' if abs(whole) == 1 else 'points'}"


def _money(value: Decimal, currency: str) -> str:
    return _with_currency(_grouped(value), currency)


def _with_currency(digits: str, currency: str) -> str:
    """`-1,200` and USD make `-$1,200`; a currency without a known symbol goes in front as its code.

    What is no code is not said: figures are no names from the CRM, so nobody would clean or mask it.
    """
    minus, bare = ("-", digits[1:]) if digits.startswith("-") else ("", digits)
    code = f"{currency} " if _CODE.fullmatch(currency) else ""
    return f"{minus}{SYMBOLS.get(currency, code)}{bare}"


def _behind(fact: Fact, style: Style) -> str:
    """How many deals: `n`, or the value itself where it is a count."""
    count = fact.value if fact.unit is Unit.COUNT else fact.n
    if count is None:
        return UNKNOWN
    noun = "" if style is Style.COUNT else " deal" if count == 1 else " deals"
    return f"{_grouped(Decimal(count))}{noun}"


def _short_money(value: Decimal, currency: str) -> str:
    """The step is chosen after rounding: 999,600 is $1.00M, never $1000k."""
    if abs(_rounded(value, 0)) < 1000:
        return _money(value, currency)
    steps = [(_rounded(value.scaleb(-size), decimals), suffix) for size, decimals, suffix in _STEPS]
    scaled, suffix = next((step for step in steps if abs(step[0]) < 1000), steps[-1])
    return _with_currency(f"{scaled:,}{suffix}", currency)


def _per_day(value: Decimal, currency: str) -> str:
    return f"{_money(value, currency)} a day"


def _short_per_day(value: Decimal, currency: str) -> str:
    return f"{_short_money(value, currency)} a day"


def _days(value: Decimal) -> str:
    return f"{_grouped(value)} {'day' if abs(_rounded(value, 0)) == 1 else 'days'}"


def _p_value(value: Decimal) -> str:
    if value < Decimal("0.001"):
        return "p < 0.001"
    return f"p {_rounded(value, 3 if value < Decimal('0.1') else 2)}"


def _date(value: Decimal) -> str:
    return date.fromordinal(int(value)).isoformat()


def _number(value: Decimal) -> str:
    return _grouped(value, 3 if abs(value) < 1 else 2 if abs(value) < 100 else 0)


_MONEY: dict[tuple[Unit, Style], Callable[[Decimal, str], str]] = {
    (Unit.MONEY, Style.PLAIN): _money,
    (Unit.MONEY, Style.SHORT): _short_money,
    (Unit.MONEY_PER_DAY, Style.PLAIN): _per_day,
    (Unit.MONEY_PER_DAY, Style.SHORT): _short_per_day,
}

_OTHERS: dict[tuple[Unit, Style], Callable[[Decimal], str]] = {
    (Unit.FRACTION, Style.PLAIN): _fraction,
    (Unit.FRACTION, Style.ROUGH): _rough_fraction,
    (Unit.POINTS, Style.PLAIN): _points,
    (Unit.POINTS, Style.ROUGH): _rough_points,
    (Unit.DAYS, Style.PLAIN): _days,
    (Unit.DAYS, Style.DAY): lambda value: f"day {_grouped(value)}",
    (Unit.COUNT, Style.PLAIN): _grouped,
    (Unit.SCORE, Style.PLAIN): _grouped,
    (Unit.PROBABILITY, Style.PLAIN): _p_value,
    (Unit.DATE, Style.PLAIN): _date,
    (Unit.NUMBER, Style.PLAIN): _number,
}


def _spelled(value: Decimal, fact: Fact, style: Style = Style.PLAIN) -> str:
    """A value in the fact's unit; a style that the unit does not know is its plain one."""
    for known in ((fact.unit, style), (fact.unit, Style.PLAIN)):
        if known in _MONEY:
            return _MONEY[known](value, fact.currency)
        if known in _OTHERS:
            return _OTHERS[known](value)
    raise ValueError(f"Nothing spells the unit of {fact.id!r} ({fact.unit}).")


_SHORTENED = (Unit.MONEY, Unit.MONEY_PER_DAY)
_RANGES = (Style.RANGE, Style.SHORT_RANGE, Style.BARE_RANGE, Style.SHORT_GAP_RANGE)
_UNSIGNED = (Style.GAP, Style.SHORT_GAP)
_SHOWN_SIGNED = (Unit.POINTS, Unit.DATE, Unit.PROBABILITY)  # carry their sign already, or have none


def _signed(value: Decimal, fact: Fact, *, always: bool) -> str:
    spelled = _spelled(value, fact)
    if not always:
        return spelled.removeprefix("+")
    if fact.unit in _SHOWN_SIGNED or spelled.startswith("-") or not any(c in "123456789" for c in spelled):
        return spelled
    return f"+{spelled}"


def _range(fact: Fact, style: Style) -> str:
    if fact.low is None or fact.high is None:
        return UNKNOWN
    ends = (fact.low, fact.high)
    if style is Style.SHORT_GAP_RANGE and fact.high < 0:
        ends = (-fact.high, -fact.low)
    shorter = style in (Style.SHORT_RANGE, Style.SHORT_GAP_RANGE)
    low, high = (_spelled(end, fact, Style.SHORT if shorter else Style.PLAIN) for end in ends)
    unit = _shared_unit(low, high)
    joint = " to " if set("+-") & set(low + high) else "-"
    shown = high.removesuffix(unit) if style is Style.BARE_RANGE else high
    return f"{low.removesuffix(unit)}{joint}{shown}"


def _shared_unit(low: str, high: str) -> str:
    """The unit both ends close with, so that it is said once.

    >>> _shared_unit("43.9 %", "46.6 %"), _shared_unit("$10", "$12"), _shared_unit("1 day", "9 days")
    (' %', '', ' day')
    """
    for unit in (" %", " points", " a day", " days", " day"):
        if low.endswith(unit) and high.endswith((unit, f"{unit}s")):
            return unit
    return ""
