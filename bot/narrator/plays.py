"""Which play fits a deal: one small question per situation, in the order of prompts/plays.yaml."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from analytics.facts import DealCard, Fact, StalledDeal
from bot.narrator.claims import Claim, play
from prompts import files

OFTEN_PUSHED = Decimal(2)  #: pushes of the close date. Source: rule P2, "close date pushed twice"


def for_deal(card: DealCard) -> Claim | None:
    """What to do next about an open deal; None for a closed one."""
    if card.outcome != "open":
        return None
    return _first(lambda situation: SITUATIONS[situation](card))


def for_stalled(deal: StalledDeal) -> Claim:
    """What to do about a stalled deal."""
    return _first(lambda situation: situation in (*deal.causes, "open"))


def _first(holds: Callable[[str], bool]) -> Claim:
    fitting = next(one for one in files.plays() if holds(one.when))
    return play(fitting.text, fitting.id)


def _over(figures: Mapping[str, Fact], name: str, limit: str) -> bool:
    """Is a known figure above its known limit?"""
    value, most = (figures[n].value if n in figures else None for n in (name, limit))
    return value is not None and most is not None and value > most


def _value(card: DealCard, name: str) -> Decimal | None:
    return card.figures[name].value if name in card.figures else None


def is_inactive(card: DealCard) -> bool:
    """Was the last activity longer ago than the rule allows?"""
    return _over(card.figures, "days_since_activity", "inactivity_limit")


def is_slow(card: DealCard) -> bool:
    """Is it in its stage for longer than won deals usually were?"""
    return _over(card.figures, "days_in_stage", "stage_limit")


def pace(card: DealCard) -> str:
    """How long it has been in its stage, against won deals: "stalled", "slow" or ""."""
    if is_slow(card):
        return "stalled"
    return "slow" if _over(card.figures, "days_in_stage", "slow_limit") else ""


def is_overdue(card: DealCard) -> bool:
    """Has the expected close date passed?"""
    due = _value(card, "close_date")
    return due is not None and due < card.as_of.toordinal()


def is_pushed(card: DealCard) -> bool:
    """Was the close date moved out again and again?"""
    pushes = _value(card, "push_count")
    return pushes is not None and pushes >= OFTEN_PUSHED


#: A situation of prompts/plays.yaml -> does it hold?
SITUATIONS: dict[str, Callable[[DealCard], bool]] = {
    "inactive": is_inactive,
    "slow_stage": is_slow,
    "close_date_past": is_overdue,
    "pushed": is_pushed,
    "no_next_step": lambda card: not card.next_step,
    "open": lambda card: card.outcome == "open",
}
