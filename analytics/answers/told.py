"""The reasons for a deal's odds -> the same in tenths of a point, which add up as a reader sees them."""

import math
from collections.abc import Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from analytics.facts import Fact
from analytics.generation import ScoreRow

Reasons = tuple[tuple[str, Fact], ...]
TENTHS = 1000  #: tenths of a point in a whole


def told(score: ScoreRow | None, reasons: Reasons) -> Reasons:
    """Every reason rounded, so that the usual odds and all parts give the odds, each as it is shown.

    Rounded one by one they may miss the odds by a tenth or two; what is missing goes to the parts that
    rounding cut most (largest remainder). None while the model is silent.
    """
    if score is None or score.win_probability is None or score.base is None:
        return ()
    whole = tenths(score.win_probability) - tenths(score.base)
    shares = shared([float(fact.value or 0) * TENTHS for _, fact in reasons], whole)
    return tuple(
        (group, replace(fact, id=f"{fact.id},rounded", value=Decimal(share) / TENTHS))
        for (group, fact), share in zip(reasons, shares, strict=True)
    )


def tenths(chance: float) -> int:
    """Odds in tenths of a point, half up as they are shown."""
    return int((Decimal(str(chance)) * TENTHS).quantize(Decimal(1), ROUND_HALF_UP))


def shared(parts: Sequence[float], whole: int) -> list[int]:
    """Whole numbers near the parts that add up to `whole`, which lies near their sum. None for no parts.

    >>> shared([14.4, -3.4, 2.4], 14)
    [15, -3, 2]
    """
    numbers = [math.floor(part) for part in parts]
    missing = whole - sum(numbers) if numbers else 0
    first = sorted(range(len(parts)), key=lambda place: numbers[place] - parts[place])
    order = first if missing > 0 else first[::-1]
    for turn in range(abs(missing)):
        numbers[order[turn % len(order)]] += 1 if missing > 0 else -1
    return numbers
