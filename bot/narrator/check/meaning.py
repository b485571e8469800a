"""A quantity in its sentence in; what the words around it say that it measures out."""

import re
from collections.abc import Collection, Iterable

from analytics.facts import Unit
from bot.narrator.check import metrics
from bot.narrator.check.known import Known, Reading
from bot.narrator.check.quantity import Quantity
from bot.narrator.check.sentences import Sentence

OF_DEALS = re.compile(
    r"^\s*(?:of|on|from|across|over|in|out of|\()\s*(?:the |all |a total of )?$", re.IGNORECASE
)

_ONLY_COUNTED = frozenset(
    {"open_deals", "stalled_deals", "slow_deals", "due_deals", "slipped_deals", "entered"}
)


def measures(reading: Reading, told: Collection[str], rivals: Collection[str], *, near: bool) -> bool:
    """May the reading be meant by words that name these metrics? None named: what goes without saying.

    Args:
        near: the words stand right beside the figure; those further off may belong to another one.
    """
    if reading.role == "n":
        return not told or not near or not _ONLY_COUNTED.issuperset(told)
    if reading.fact.metric in told:
        return True
    if told and (near or reading.unit is not Unit.COUNT):
        if reading.unit is Unit.COUNT:
            return metrics.is_unsaid(reading.fact) and _ONLY_COUNTED.isdisjoint(told)
        return not near and reading.fact.metric in metrics.UNSAID - {"win_rate"}
    return metrics.is_unsaid(reading.fact) or metrics.UNSAID.isdisjoint(rivals)


def told(quantity: Quantity, sentence: Sentence, known: Known) -> tuple[set[str], set[str], bool]:
    """The metrics that the nearest words name, all that a figure of its unit could measure, is it near?"""
    rivals = {metric for unit in quantity.units for metric in known.metrics.get(unit, ())}
    for number, words in enumerate(_windows(quantity, sentence)):
        if told := {metric for metric in rivals if metrics.cues(metric, words)}:
            return told, rivals, not number
    return set(), rivals, False


def _windows(quantity: Quantity, sentence: Sentence) -> Iterable[str]:
    """The words nearest to a quantity, then those of its sentence."""
    begins, ends = gap(quantity, sentence)
    before, after = sentence.bare[begins : quantity.start], sentence.bare[quantity.end : ends]
    if OF_DEALS.match(after) and (whole := next((q for q in sentence.quantities if q.start == ends), None)):
        after += sentence.bare[whole.end : gap(whole, sentence)[1]]
    if begins:
        before = re.split(r"[,;:]\s", before)[-1]
    yield f"{before} # {re.split(r'[,;:.]', after)[0]}"
    yield f"{sentence.bare[: quantity.start]} # {after}"
    yield sentence.bare


def gap(quantity: Quantity, sentence: Sentence) -> tuple[int, int]:
    """Where the quantity before ends, and the next one begins."""
    others = [one for one in sentence.quantities if one is not quantity]
    begins = max((one.end for one in others if one.end <= quantity.start), default=0)
    return begins, min((one.start for one in others if one.start >= quantity.end), default=len(sentence.bare))
