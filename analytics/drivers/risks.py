"""Calibrated odds beside the base rate -> High, Medium or Low risk of losing the deal."""

from typing import Literal

Risk = Literal["High", "Medium", "Low"]

#: Odds (won to lost) this many times below or above the base rate's are High or Low risk.
#: Source: a factor of two is what a reader would call "half" and "twice" the usual; a ratio of odds keeps
#: both sides alike whether a team wins 20 or 60 % (a difference in points would not).
FACTOR = 2.0


def risk(odds: float, base: float) -> Risk:
    """How likely the deal is to be lost, against what is usual here.

    >>> [risk(chance, 0.25) for chance in (0.10, 0.25, 0.45)]
    ['High', 'Medium', 'Low']
    """
    own, usual = odds * (1 - base), base * (1 - odds)
    if own * FACTOR <= usual:
        return "High"
    return "Low" if own >= usual * FACTOR else "Medium"
