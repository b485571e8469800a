"""A fact in, characters out: the only place where a number is rounded and spelled."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum

from analytics.facts import Fact, Unit
from bot import language, spelling
from bot.spelling import SYMBOLS as SYMBOLS
from prompts import files

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
    DATIVE = "dative"  # where a language bends the noun after a preposition: vor 14 Tagen


def is_known(fact: Fact, style: Style = Style.PLAIN) -> bool:
    """Is there anything to spell in this style?"""
    if style in _RANGES:
        return fact.low is not None and fact.high is not None
    if style in (Style.COUNT, Style.DEALS):
        return (fact.value if fact.unit is Unit.COUNT else fact.n) is not None
    return fact.value is not None


def unknown() -> str:
    """What is said in place of a value that nobody knows."""
    return _worded("unknown")


def text(fact: Fact, style: Style = Style.PLAIN) -> str:
    """The fact as whoever reads now sees it; `unknown` when nobody knows the value.

    >>> from datetime import date
    >>> rate = Fact(id="r", metric="win_rate", value=Decimal("0.45655"), unit=Unit.FRACTION, entity="all",
    ...     period="", as_of=date(2024, 7, 20), generation="g", low=Decimal("0.439"), high=Decimal("0.466"))
    >>> text(rate), text(rate, Style.RANGE)
    ('45.7 %', '43.9-46.6 %')
    """
    if not is_known(fact, style):
        return unknown()
    if style in _RANGES:
        return _range(fact, style)
    if style in (Style.COUNT, Style.DEALS):
        return _behind(fact, style)
    if style is Style.SHORT_GAP and fact.unit in _SHORTENED:
        return _spelled(abs(_finite(fact)), fact, Style.SHORT)
    value = abs(_finite(fact)) if style in _UNSIGNED else _finite(fact)
    if style in (*_UNSIGNED, Style.CHANGE):
        return _signed(value, fact, always=style is Style.CHANGE)
    return _spelled(value, fact, style)


def spellings(fact: Fact) -> set[str]:
    """Every string that `text` can make of this fact for whoever reads now, whatever the style."""
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
    return spelling.digits(_rounded(value, decimals))


def _worded(name: str, **slots: str) -> str:
    """A figure in the words of the language: `figure.a_day` of prompts/claims/figures.yaml."""
    return files.claims()[f"figure.{name}"][0].substitute(slots)


def _counted(noun: str, number: Decimal) -> str:
    """A number and its noun, in the form that the language has for it: 1 day, 2 days."""
    known, form = files.claims(), language.plural(abs(number), language.current().language)
    name = next((name for name in (f"{noun}_{form}", f"{noun}_other") if f"figure.{name}" in known), "")
    return _worded(name, n=spelling.digits(number))


def _sign(value: Decimal, decimals: int) -> str:
    return "+" if _rounded(value, decimals) > 0 else ""


def _fraction(value: Decimal) -> str:
    return spelling.percent(_rounded(value * 100, 1))


def _rough_fraction(value: Decimal) -> str:
    return spelling.percent(_rounded(value * 100, 0))


def _points(value: Decimal) -> str:
    return f"{_sign(value * 100, 1)}{_counted('points', _rounded(value * 100, 1))}"


def _rough_points(value: Decimal) -> str:
    shown = _rounded(value * 100, 1)
    return _counted("points", shown if abs(shown) < 1 else _rounded(value * 100, 0))


def _money(value: Decimal, currency: str) -> str:
    return spelling.money(_grouped(value), currency)


def _behind(fact: Fact, style: Style) -> str:
    """How many deals: `n`, or the value itself where it is a count."""
    count = _rounded(Decimal((fact.value if fact.unit is Unit.COUNT else fact.n) or 0), 0)
    return spelling.digits(count) if style is Style.COUNT else _counted("deals", count)


def _short_money(value: Decimal, currency: str) -> str:
    """The step is chosen after rounding: 999,600 is $1.00M, never $1000k."""
    if abs(_rounded(value, 0)) < 1000:
        return _money(value, currency)
    steps = [(_rounded(value.scaleb(-size), decimals), suffix) for size, decimals, suffix in _STEPS]
    scaled, suffix = next((step for step in steps if abs(step[0]) < 1000), steps[-1])
    return spelling.money(_worded(suffix, n=spelling.digits(scaled)), currency)


def _per_day(value: Decimal, currency: str) -> str:
    return _worded("a_day", n=_money(value, currency))


def _short_per_day(value: Decimal, currency: str) -> str:
    return _worded("a_day", n=_short_money(value, currency))


def _days(value: Decimal) -> str:
    return _counted("days", _rounded(value, 0))


def _days_dative(value: Decimal) -> str:
    bends = "figure.days_dative_other" in files.claims()
    return _counted("days_dative" if bends else "days", _rounded(value, 0))


def _nth_day(value: Decimal) -> str:
    return _worded("nth_day", n=_grouped(value))


def _p_value(value: Decimal) -> str:
    if value < Decimal("0.001"):
        return _worded("p", n=f"< {spelling.digits(Decimal('0.001'))}")
    return _worded("p", n=spelling.digits(_rounded(value, 3 if value < Decimal("0.1") else 2)))


def _date(value: Decimal) -> str:
    return spelling.day(date.fromordinal(int(value)))


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
    (Unit.DAYS, Style.DATIVE): _days_dative,
    (Unit.DAYS, Style.DAY): _nth_day,
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
    ends = (fact.low or Decimal(0), fact.high or Decimal(0))
    if style is Style.SHORT_GAP_RANGE and ends[1] < 0:
        ends = (-ends[1], -ends[0])
    shorter = style in (Style.SHORT_RANGE, Style.SHORT_GAP_RANGE)
    low, high = (_spelled(end, fact, Style.SHORT if shorter else Style.PLAIN) for end in ends)
    unit, shared = _shared_unit(low, high)
    joint = "from_to" if fact.unit is Unit.DATE or set("+-") & set(low + high) else "span"
    shown = high.removesuffix(shared) if style is Style.BARE_RANGE else high
    return _worded(joint, low=low.removesuffix(unit), high=shown)


_TAIL = re.compile(r"(?:\s|%)\D*$")


def _shared_unit(low: str, high: str) -> tuple[str, str]:
    """The unit with which each end closes, so that it is said once; "" where they are not of one.

    >>> _shared_unit("43.9 %", "46.6 %"), _shared_unit("$10", "$12"), _shared_unit("1 day", "9 days")
    ((' %', ' %'), ('', ''), (' day', ' days'))
    """
    first, last = (_TAIL.search(end) for end in (low, high))
    if first is None or last is None or not last[0].startswith(first[0]):
        return "", ""
    return first[0], last[0]
