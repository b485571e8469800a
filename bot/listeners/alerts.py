"""What people do with an alert: answer it, snooze it, say what it is worth; rights are checked in memory."""

from collections.abc import Awaitable, Callable

from slack_bolt.async_app import AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot import errors
from bot.alerting import clicks, lifecycle
from bot.alerting.clicks import Counter
from bot.blocks import actions, forms
from bot.blocks.actions import About
from bot.blocks.alert import DAYS, key_of
from bot.blocks.evidence import NotOurButton
from bot.coach import Coach
from bot.listeners import interventions
from bot.listeners.modals import CLOSED, Acknowledgement, Json, in_modal, opened, refused
from bot.listeners.sending import acknowledge, quietly
from bot.narrator import reasons
from bot.narrator.claims import Claim, say

Clicked = Callable[[Counter, Json], Awaitable[Claim | None]]


def clicked(listener: Clicked) -> Callable[..., Awaitable[None]]:
    """A listener to a button that changes an alert: in one transaction, within the rights of who clicked.

    The alert's own message shows the change; what the listener returns is said to who clicked alone.
    """

    @errors.told
    async def safely(
        action: Json,
        body: Json,
        respond: AsyncRespond,
        client: AsyncWebClient,
        coach: Coach,
    ) -> None:
        inquiry = await coach.asked_by(body["user"]["id"], client)
        async with clicks.counter(inquiry) as at:
            said = await listener(at, action)
        if said:
            await quietly(respond, said)

    safely.__name__ = listener.__name__
    return safely


@clicked
async def got_it(at: Counter, action: Json) -> None:
    """`I've got it`: the message says who has, and nobody else is asked."""
    await lifecycle.acknowledge(at.tx, action["value"], at.viewer, at.desk)


@clicked
async def snoozed(at: Counter, action: Json) -> None:
    """`Snooze`: the message says until when."""
    days = action["selected_option"]["value"]
    if days not in DAYS:
        raise NotOurButton
    await lifecycle.snooze(at.tx, key_of(action["block_id"]), at.viewer, int(days), at.desk)


@clicked
async def useful(at: Counter, action: Json) -> Claim:
    """`Useful`: thanked for."""
    await lifecycle.useful(at.tx, action["value"], at.viewer, True, at.desk)
    return say("action.thanks")


@errors.told
async def asked_why(
    action: Json,
    body: Json,
    respond: AsyncRespond,  # noqa: ARG001 - errors are told with it
    client: AsyncWebClient,
) -> None:
    """`Not useful`, `Put aside`, `Hold back`: a modal that asks for the reason."""
    await opened(client, body, actions.reason_form(action["action_id"], action["value"]))


@in_modal("reason")
async def reasoned(body: Json, view: Json, client: AsyncWebClient, coach: Coach) -> Acknowledgement:
    """Why an alert was of no use, or is put aside; in the person's own words where there are any."""
    told, about = forms.values(view), About.of(view["private_metadata"])
    kind = view["callback_id"].removeprefix("alert.")
    reason = forms.words(told.get("own", "")) or reasons.kept(kind, told.get("reason", ""))
    if not reason:
        return refused({"reason": say("action.reason_missing").text})
    inquiry = await coach.asked_by(body["user"]["id"], client)
    async with clicks.counter(inquiry) as at:
        await REASONS[view["callback_id"]](at, about.key, reason)
    return CLOSED


async def not_useful(at: Counter, key: str, reason: str) -> None:
    """It was of no use: kept, and the rule's thresholds learn from it."""
    await lifecycle.useful(at.tx, key, at.viewer, False, at.desk, reason)


async def dismissed(at: Counter, key: str, reason: str) -> None:
    """It is put aside: the message tells why."""
    await lifecycle.dismiss(at.tx, key, at.viewer, reason, at.desk)


REASONS = {"alert.not_useful": not_useful, "alert.dismiss": dismissed}


def register(app: AsyncApp) -> None:
    """The buttons of an alert, the modals behind them, and the buttons of a deal's card."""
    app.action("alert.ack")(ack=acknowledge, lazy=[got_it])
    app.action("alert.snooze")(ack=acknowledge, lazy=[snoozed])
    app.action("alert.useful")(ack=acknowledge, lazy=[useful])
    for name in REASONS:
        app.action(name)(ack=acknowledge, lazy=[asked_why])
        app.view(name)(reasoned)
    interventions.register(app)
