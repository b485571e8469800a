"""What people did about a deal -> the words that confirm it, and a call for help with it."""

from datetime import date

from analytics.facts import DealCard
from bot.narrator.claims import Claim, Slot, say
from bot.narrator.words import Words, day, finish


def call(deal: DealCard, by: str) -> Words:
    """Somebody asks their manager for help with a deal, as the manager reads it."""
    slots: dict[str, Slot] = {
        "id": deal.deal_id,
        "by": by,
        "deal": deal.name or deal.account or deal.deal_id,
        "amount": deal.figures.get("amount"),
        "stage": deal.stage,
    }
    top, verdict = say("action.help_headline", **slots), say("action.help_verdict", **slots)
    return finish(
        deal,
        headline=top,
        verdict=verdict,
        lines=[say("action.help_ask", **slots)],
        scope={"scope": say("action.help_scope")},
    )


def snoozed(deal: DealCard, until: date) -> Claim:
    """Until when nothing is said of a deal unasked."""
    return say("action.snoozed", id=deal.deal_id, until=day(deal, "until", until))
