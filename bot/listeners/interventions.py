"""What people do about a deal, from its alert or its card: log an action, hush it, ask the manager."""

from datetime import date

from slack_bolt.async_app import AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from analytics.facts import DealCard
from bot import clock, errors
from bot.alerting import clicks
from bot.alerting.interventions import Action
from bot.blocks import actions, forms
from bot.blocks.actions import About
from bot.blocks.common import paragraph
from bot.coach import Coach, Inquiry
from bot.listeners.modals import CLOSED, Acknowledgement, Json, in_modal, opened, refused, turned
from bot.listeners.sending import acknowledge, quietly
from bot.narrator import actions as narrator
from bot.narrator import template
from bot.narrator.claims import Claim, say

HUSH_DAYS = 7  #: of the card's button. Source: product.md, part 7


@errors.told
async def log_action(
    action: Json,
    body: Json,
    respond: AsyncRespond,  # noqa: ARG001 - errors are told with it
    client: AsyncWebClient,
    coach: Coach,
) -> None:
    """`Log action`, below an alert or a card: a modal with the plays that fit the deal today."""
    inquiry = await coach.asked_by(body["user"]["id"], client)
    from_card = action["action_id"] == "deal.log"
    key = "" if from_card else action["value"]
    deal_id = action["value"] if from_card else await clicks.deal_of(inquiry, key)
    deal = await inquiry.deal(deal_id, None)
    await opened(client, body, actions.log_form(deal, plays(deal), today(coach), key))


@in_modal("own")
async def logged(body: Json, view: Json, client: AsyncWebClient, coach: Coach) -> Acknowledgement:
    """The modal sent off: kept with the deal as it stands, and its alerts are answered with it."""
    told, about = forms.values(view), About.of(view["private_metadata"])
    day = _day(told.get("day", ""))
    if day is None or day > today(coach):
        return refused({"day": say("action.day_ahead" if day else "action.day_missing").text})
    inquiry = await coach.asked_by(body["user"]["id"], client)
    deal = await inquiry.deal(about.deal_id, None)
    action = _action(view["id"], told, about, deal, inquiry)
    if not action.what:
        return refused({"own": say("action.words_missing").text})
    async with clicks.counter(inquiry) as at:
        is_new = await clicks.logged(at, action)
    if about.key:
        return CLOSED  # its message says so
    said = say("action.logged" if is_new else "action.logged_before", id=deal.deal_id, what=action.what)
    return turned(forms.page("form.log_title", [paragraph(said.text)]))


def _day(told: str) -> date | None:
    """The day that was chosen; None where there is none."""
    try:
        return date.fromisoformat(told)
    except ValueError:
        return None


def _action(key: str, told: dict[str, str], about: About, deal: DealCard, inquiry: Inquiry) -> Action:
    """What was done, in the person's own words where there are any."""
    play = next((one for one in plays(deal) if one.id == told.get("play")), None)
    return Action(
        key=key,
        deal_id=deal.deal_id,
        alert_key=about.key,
        play=play.id if play else "",
        what=forms.words(told.get("own", "")) or (play.text if play else ""),
        note=forms.words(told.get("note", "")),
        done_on=date.fromisoformat(told["day"]),
        person_id=inquiry.viewer.key,
        stage=deal.stage,
        next_step=deal.next_step,
    )


@errors.told
async def hush(action: Json, body: Json, respond: AsyncRespond, client: AsyncWebClient, coach: Coach) -> None:
    """`Snooze a week`: nothing unasked about this deal, for who clicked."""
    inquiry = await coach.asked_by(body["user"]["id"], client)
    deal = await inquiry.deal(action["value"], None)
    async with clicks.counter(inquiry) as at:
        until = await clicks.hushed(at, deal.deal_id, HUSH_DAYS)
    await quietly(respond, narrator.snoozed(deal, until))


@errors.told
async def ask_manager(
    action: Json, body: Json, respond: AsyncRespond, client: AsyncWebClient, coach: Coach
) -> None:
    """`Ask manager`: a message to the manager of who clicked, once a day for a deal."""
    inquiry = await coach.asked_by(body["user"]["id"], client)
    deal = await inquiry.deal(action["value"], None)
    async with clicks.counter(inquiry) as at:
        manager, is_new = await clicks.asked_manager(at, deal)
    said = "action.asked_manager" if is_new else "action.asked_before"
    await quietly(respond, say(said, manager=manager, id=deal.deal_id))


def plays(deal: DealCard) -> tuple[Claim, ...]:
    """What could be done about a deal, the most fitting first."""
    return template.deal(deal).plays


def today(coach: Coach) -> date:
    """The team's day."""
    return clock.today(coach.settings.zone)


def register(app: AsyncApp) -> None:
    """Buttons below alerts and cards, and the modal behind `Log action`."""
    for name in ("alert.log", "deal.log"):
        app.action(name)(ack=acknowledge, lazy=[log_action])
    app.view("alert.log")(logged)
    app.action("deal.snooze")(ack=acknowledge, lazy=[hush])
    app.action("deal.ask_manager")(ack=acknowledge, lazy=[ask_manager])
