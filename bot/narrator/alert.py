"""The words for the P1 alert of a stalled deal, and for its end."""

from dataclasses import replace

from analytics.facts import Ending, Fact, StalledDeal
from bot.narrator import plays
from bot.narrator.claims import Claim, Slot, say
from bot.narrator.words import Words, finish


def stalled(deal: StalledDeal, recipient_role: str) -> Words:
    """Why now, why you, one thing to do. `recipient_role` is "owner" or "manager"."""
    slots = _slots(deal)
    top = say("alert.headline", **slots)
    causes = [say(f"alert.{cause}", **slots) for cause in deal.causes]
    why_you = say("alert.why_owner" if recipient_role == "owner" else "alert.why_manager", **slots)
    offered = plays.fitting(deal)
    advice = plays.advice(offered, "alert.ask")
    words = _words(deal, top, causes[0], [*causes[1:], why_you, *advice], slots)
    return replace(words, plays=offered)


def resolved(told: StalledDeal, ending: Ending) -> Words:
    """The same message once the deal is no longer stalled: how that came."""
    slots = {
        **_slots(told),
        **ending.figures,
        "stage": ending.names.get("stage"),
        "owner": ending.names.get("owner"),
    }
    top = say(f"ending.{ending.reason}", **slots)
    verdict = say("alert.was", **slots)
    return _words(ending, top, verdict, [], slots, tuple(told.figures.values()))


def _slots(deal: StalledDeal) -> dict[str, Slot]:
    return {
        **deal.figures,
        "id": deal.deal_id,
        "stage": deal.stage,
        "owner": deal.owner,
        "deal": deal.name or deal.account or deal.deal_id,
    }


def _words(
    answer: StalledDeal | Ending,
    headline: Claim,
    verdict: Claim,
    lines: list[Claim],
    slots: dict[str, Slot],
    own: tuple[Fact, ...] = (),
) -> Words:
    return finish(
        answer,
        headline=headline,
        verdict=verdict,
        lines=lines,
        text=say("alert.text", headline=headline, verdict=verdict),
        scope={"scope": say("alert.rule", **slots)},
        own=own,
    )
