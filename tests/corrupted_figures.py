"""Figures of true sentences that code made false: another number, unit, sign, range, deals."""

import random
import re
from collections.abc import Callable
from decimal import Decimal

from analytics.facts import Fact, Unit
from bot import figures
from bot.figures import Style
from tests.true_sentences import Case, spelled

PERIOD = re.compile(r"\b20\d\d-Q[1-4]\b|\bQ[1-4] 20\d\d\b|\bthis quarter\b")

_FIGURE = re.compile(
    r"(?<![\w.,-])(?P<cur>\$)?(?P<num>\d[\d,]*(?:\.\d+)?)(?P<scale>[kKMB]\b| million\b)?(?P<unit>\s?%"
    r"|\s(?:points|pp|percent|days|deals|times)\b)?"
)

_RANGE = re.compile(
    r"(?P<low>[+-]?\$?[\d.,]+[kM]?)(?P<joint>-| to )(?P<high>[+-]?\$?[\d.,]+[kM]?)(?= %| points| days|\.$|$)"
)

Corrupt = Callable[[Case, random.Random], str | None]


def figures_in(case: Case) -> list[re.Match[str]]:
    """Figures that facts hold: no part of a name, a day or a code."""
    shown = {one for fact in case.known.facts for one in _numbers(fact)}
    return [
        found
        for found in _FIGURE.finditer(case.text)
        if found["num"] in shown and (found["unit"] or found["cur"])
    ]


def _numbers(fact: Fact) -> set[str]:
    said = " ".join(figures.spellings(fact))
    extra = (
        {f"{fact.value / 1000:.1f}", f"{fact.value / 10**6:.1f}"}
        if fact.value and fact.unit is Unit.MONEY
        else set()
    )
    return {*re.findall(r"\d[\d,]*(?:\.\d+)?", said), *extra}


def _is_known(case: Case, number: str) -> bool:
    return any(number in _numbers(fact) for fact in case.known.facts)


def _replaced(case: Case, found: re.Match[str], number: str) -> str | None:
    """The text with another number in the place of one, when no fact holds it."""
    if _is_known(case, number) or number == found["num"]:
        return None
    return case.text[: found.start("num")] + number + case.text[found.end("num") :]


def _spelled(value: Decimal, like: str) -> str:
    decimals = len(like.partition(".")[2])
    return f"{value:,.{decimals}f}" if "," in like or value >= 1000 else f"{value:.{decimals}f}"


def _some(case: Case, rng: random.Random) -> re.Match[str] | None:
    found = figures_in(case)
    return rng.choice(found) if found else None


def wrong_number(case: Case, rng: random.Random) -> str | None:
    """Another number of about the size."""
    if not (found := _some(case, rng)):
        return None
    value = Decimal(found["num"].replace(",", ""))
    return _replaced(
        case,
        found,
        _spelled(value * Decimal(rng.choice(("0.71", "0.83", "1.19", "1.37", "1.6"))) + 1, found["num"]),
    )


def times_ten(case: Case, rng: random.Random) -> str | None:
    """Ten times as much, or a tenth."""
    if not (found := _some(case, rng)):
        return None
    value = Decimal(found["num"].replace(",", "")) * (10 if rng.random() < 0.7 else Decimal("0.1"))
    return None if value < 1 else _replaced(case, found, _spelled(value, found["num"]))


def scale(case: Case, rng: random.Random) -> str | None:
    """Thousands for millions."""
    other = {"k": "M", "K": "M", "M": "k", " million": "k", "B": "M"}
    return _swapped(case, rng, r"(?<=\d)(?:[kKMB]\b| million\b)", lambda word: other[word])


def _swapped(case: Case, rng: random.Random, pattern: str, other: Callable[[str], str]) -> str | None:
    found = list(re.finditer(pattern, case.text))
    if not found:
        return None
    one = rng.choice(found)
    return case.text[: one.start()] + other(one[0]) + case.text[one.end() :]


def unit(case: Case, rng: random.Random) -> str | None:
    """Days for percent, percent for days, percent for money."""
    if not (found := _some(case, rng)) or found["scale"]:
        return None
    if found["cur"]:
        return (
            case.text[: found.start()] + found["num"] + rng.choice((" %", " days")) + case.text[found.end() :]
        )
    if not re.search(r"%|percent|days|points|pp", found["unit"] or ""):
        return None
    new = " days" if "days" not in (found["unit"] or "") else " %"
    return case.text[: found.start("unit")] + new + case.text[found.end("unit") :]


def percent_points(case: Case, rng: random.Random) -> str | None:
    """A rate for a difference."""
    return _swapped(
        case,
        rng,
        r"(?<=\d)(?: %|%| percent| points| pp| percentage points)(?!\w)",
        lambda word: " points" if "%" in word or word == " percent" else " %",
    )


def sign(case: Case, rng: random.Random) -> str | None:
    """Plus for minus."""
    other = {"+": "-", "-": "+", "−": "+"}
    return _swapped(
        case, rng, r"(?<![\w])[+−-](?=\$?\d[\d.,]*[kM]? ?(?:points|→|$|,))", lambda word: other[word]
    )


def other_fact(case: Case, rng: random.Random) -> str | None:
    """The figure of another fact in the same unit."""
    found = _some(case, rng)
    if not found:
        return None
    shown = found[0].strip()
    own = [fact for fact in case.known.facts if shown in figures.spellings(fact)]
    like = [
        fact
        for fact in case.known.facts
        if own
        and fact.unit is own[0].unit
        and fact.value is not None
        and (fact.entity, fact.metric) not in {(one.entity, one.metric) for one in own}
        and "?" not in fact.entity
    ]
    if not like:
        return None
    wanted = rng.choice(like)
    said = spelled(wanted, Style.GAP)
    digits = re.search(r"\d[\d,]*(?:\.\d+)?", said)
    if (
        not digits
        or found["scale"]
        or said[digits.end() :].strip() != (found["unit"] or "").strip()
        or digits[0] in case.text
    ):
        return None
    if any(digits[0] in _numbers(one) for one in own):
        return None
    return case.text[: found.start("num")] + digits[0] + case.text[found.end("num") :]


def denominator(case: Case, rng: random.Random) -> str | None:
    """The deals of somebody else behind a rate."""
    found = re.search(r"(?:%|percent|\d)\s(?:of|on|over|from) (?P<n>[\d,]+) deals", case.text)
    counts = {f"{fact.n:,}" for fact in case.known.facts if fact.n} | {
        spelled(f) for f in case.known.facts if f.metric == "deals"
    }
    if not found:
        return None
    own = [f for f in case.known.facts if f.n is not None and f"{f.n:,}" == found["n"]]
    others = sorted(counts - {found["n"], *(spelled(f, Style.COUNT) for f in own)})
    return (
        case.text[: found.start("n")] + rng.choice(others) + case.text[found.end("n") :] if others else None
    )


def derived(case: Case, rng: random.Random) -> str | None:
    """A sum that is right and that no fact holds."""
    rates = [f for f in case.known.facts if f.unit is Unit.FRACTION and f.value]
    if len(rates) < 2:
        return None
    one, two = rng.sample(rates, 2)
    gap = f"{abs((one.value or 0) - (two.value or 0)) * 100:.1f}"
    lost = str(int((one.n or 0) * (1 - (one.value or 0)))) if one.n else ""
    if _is_known(case, gap) or float(gap) < 1:
        return None
    more = [f"That is a gap of {gap} points.", f"It is {gap} points behind."]
    more += [f"You lost {lost} deals there."] if lost and int(lost) > 4 and not _is_known(case, lost) else []
    return f"{case.text} {rng.choice(more)}"


def invented(case: Case, rng: random.Random) -> str | None:
    """A figure of something nobody measures."""
    n, m = rng.randrange(41, 97), rng.randrange(1001, 9999)
    if _is_known(case, str(n)) or _is_known(case, str(m)):
        return None
    said = rng.choice(
        (
            f"Reply time is {n} hours.",
            f"Customers rate it {n}.5 %.",
            f"Discounts cost ${m}k.",
            f"{m} calls were made.",
            f"Attainment is at {n}.7 %.",
            f"Churn is {n / 10} points.",
        )
    )
    return f"{case.text} {said}"


def number_words(case: Case, rng: random.Random) -> str | None:
    """A wrong number in words."""
    found = [one for one in figures_in(case) if re.search(r"%|percent|days|deals|points", one["unit"] or "")]
    if not found:
        return None
    one = rng.choice(found)
    word = rng.choice(("seventy-three", "eighty-eight", "ninety-one", "sixty-six", "a hundred and four"))
    value = {"seventy-three": "73", "eighty-eight": "88", "ninety-one": "91", "sixty-six": "66"}.get(
        word, "104"
    )
    if _is_known(case, value) or any(
        abs(f.value * 100 - int(value)) < 1 for f in case.known.facts if f.value
    ):
        return None
    noun = " percent" if "%" in (one["unit"] or "") else (one["unit"] or "")
    return case.text[: one.start()] + word + noun + case.text[one.end() :]


def range_(case: Case, rng: random.Random) -> str | None:
    """A range with another end."""
    found = _RANGE.search(case.text)
    if not found or PERIOD.search(found[0]) or re.search(r"20\d\d-", found[0]):
        return None
    part = rng.choice(("low", "high"))
    digits = re.search(r"[\d.,]*\d", found[part])
    if not digits:
        return None
    value = Decimal(digits[0].replace(",", "")) * Decimal(rng.choice(("0.6", "1.4", "1.9"))) + 2
    new = _spelled(value, digits[0])
    at = found.start(part) + digits.start()
    return None if _is_known(case, new) else case.text[:at] + new + case.text[at + len(digits[0]) :]


def approx(case: Case, rng: random.Random) -> str | None:
    """A bound or an "about" that is not so."""
    found = [
        one
        for one in figures_in(case)
        if one["unit"]
        and "%" in one["unit"]
        and not re.search(r"(?:range|about|to|-) ?$", case.text[: one.start()], re.I)
    ]
    if not found:
        return None
    one = rng.choice(found)
    value = float(one["num"].replace(",", ""))
    word, new = rng.choice(
        (
            ("over", int(value) + 1),
            ("nearly", int(value) - 1),
            ("about", int(value * 1.25) + 2),
            ("more than", int(value) + 2),
            ("under", int(value)),
            ("almost", int(value) - 2),
            ("roughly", int(value * 0.7)),
        )
    )
    if not 2 < new < 100 or any(
        abs(float(f.value or 0) * 100 - new) < max(2.0, new * 0.16)
        and f"{float(f.value or 0) * 100:.1f}" != f"{value:.1f}"
        for f in case.known.facts
        if f.unit is Unit.FRACTION
    ):
        return None
    return f"{case.text[: one.start()]}{word} {new} %{case.text[one.end() :]}"
