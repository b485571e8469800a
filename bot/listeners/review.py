"""The pilot: a reviewer lets an alert through, or holds it back with a reason; ops or the CRO go live."""

from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.alerting import clicks, lifecycle, pilot
from bot.alerting.clicks import Counter
from bot.blocks import forms
from bot.blocks.actions import About
from bot.coach import Coach
from bot.listeners.alerts import asked_why, clicked
from bot.listeners.modals import CLOSED, Acknowledgement, Json, in_modal, refused
from bot.listeners.sending import acknowledge
from bot.narrator import reasons
from bot.narrator.claims import Claim, say


@clicked
async def let_through(at: Counter, action: Json) -> Claim:
    """`Let through`: its reader is told now."""
    await lifecycle.release(at.tx, action["value"], at.viewer, at.desk)
    return say("review.passed_on")


@in_modal("reason")
async def held_back(body: Json, view: Json, client: AsyncWebClient, coach: Coach) -> Acknowledgement:
    """The reason was given: its reader never hears of it, and the thresholds learn from it."""
    given, about = forms.values(view), About.of(view["private_metadata"])
    reason = reasons.kept("hold", given.get("reason", ""), forms.words(given.get("own", "")))
    if not reason:
        return refused({"reason": say("action.reason_missing").text})
    inquiry = await coach.asked_by(body["user"]["id"], client)
    async with clicks.counter(inquiry) as at:
        await lifecycle.withhold(at.tx, about.key, at.viewer, reason, at.desk)
    return CLOSED


@clicked
async def live(at: Counter, _: Json) -> Claim:
    """`Go live now`: the pilot ends before its time."""
    ended = await pilot.go_live(at.tx, at.desk.settings, at.viewer, at.desk.now)
    return say("review.live" if ended else "review.not_live")


def register(app: AsyncApp) -> None:
    """Two buttons under each alert that waits, the modal of one of them, and the end of the pilot."""
    app.action("review.pass")(ack=acknowledge, lazy=[let_through])
    app.action("review.hold")(ack=acknowledge, lazy=[asked_why])
    app.action("review.live")(ack=acknowledge, lazy=[live])
    app.view("review.hold")(held_back)
