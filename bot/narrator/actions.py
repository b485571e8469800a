"""What people did about a deal -> the words that confirm it, and a call for help with it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from analytics.facts import DealCard, Unit
from bot.narrator.claims import Claim, Slot, say
from bot.narrator.words import Words, count, finish


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
        text=say("action.help_text", headline=top, verdict=verdict),
        scope={"scope": say("action.help_scope")},
    )


def snoozed(deal: DealCard, until: date) -> Claim:
    """Until when nothing is said of a deal unasked."""
    day = replace(count(deal, "until", 0), value=Decimal(until.toordinal()), unit=Unit.DATE)
    return say("action.snoozed", id=deal.deal_id, until=day)
