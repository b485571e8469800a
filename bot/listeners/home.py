"""The Home tab, and the modal with how a person wants to be told."""

import re

import structlog
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from analytics import store
from bot import errors, language, names, replies
from bot.alerting import outcomes, places, preferences
from bot.alerting.preferences import Preferences
from bot.audience import AudienceError
from bot.blocks import forms
from bot.blocks import home as drawn
from bot.blocks import preferences as form
from bot.blocks.common import Block
from bot.coach import Coach, Inquiry
from bot.listeners import modals, simpler
from bot.listeners.messages import acknowledge
from bot.listeners.modals import CLOSED, Acknowledgement, Json, in_modal
from bot.listeners.places import TROUBLE
from bot.listeners.sending import acknowledge as heard
from bot.narrator.claims import say
from bot.replies import home

log = structlog.get_logger(__name__)


async def is_home(event: Json) -> bool:
    """Was it the Home tab that was opened, not the Messages tab?"""
    return event.get("tab") == "home"


@errors.unseen
async def opened(event: Json, client: AsyncWebClient, coach: Coach) -> None:
    """The Home tab was opened: it shows this person's page as of now."""
    await publish(event["user"], client, coach)


async def publish(user: str, client: AsyncWebClient, coach: Coach) -> None:
    """Show a person's Home tab, without the kinds of blocks that Slack refuses."""
    blocks = await page(user, client, coach)
    view = {"type": "home"}

    async def show(shown: list[Block]) -> None:
        await client.views_publish(user_id=user, view={**view, "blocks": shown})

    try:
        await simpler.taken(blocks, show, set(), "home")
    except SlackApiError as error:
        if not outcomes.is_unknown(error):
            raise
        log.info("no Home tab here")


async def page(user: str, client: AsyncWebClient, coach: Coach) -> list[Block]:
    """The blocks of a person's Home tab; of somebody unknown, how they become known."""
    try:
        return await home.home(await coach.asked_by(user, client))
    except AudienceError as stranger:
        return drawn.stranger(names.clean(str(stranger), 500))
    except store.NoStore:
        return drawn.empty()


@errors.unseen
async def show(action: Json, body: Json, client: AsyncWebClient, coach: Coach) -> None:
    """`Show the deal`: its card in a modal, since a Home tab has no thread to answer in."""
    inquiry = await coach.asked_by(body["user"]["id"], client)
    reply = await replies.reply(inquiry.understand_click(action.get("value", "")), inquiry)
    await modals.opened(client, body, forms.page("home_modal.title", drawn.shown(reply.blocks)))


@errors.unseen
async def choose(body: Json, client: AsyncWebClient, coach: Coach) -> None:
    """`Change`: the modal with how this person is told, as they chose it."""
    user = body["user"]["id"]
    inquiry = await coach.asked_by(user, client)
    chosen = await _chosen(inquiry)
    zone = language.named((await client.users_info(user=user))["user"].get("tz"))
    asked = form.Form(chosen, coach.settings, inquiry.viewer.role, zone)
    await modals.opened(client, body, asked.modal())


async def _chosen(inquiry: Inquiry) -> Preferences:
    async with inquiry.coach.remembering() as memory, memory.read() as connection:
        return await preferences.of(connection, inquiry.coach.settings.workspace, inquiry.viewer.key)


@in_modal("zone")
async def check(body: Json, view: Json, client: AsyncWebClient, coach: Coach) -> Acknowledgement:
    """The modal was sent off: it closes when all in it can be, else says what cannot, field by field."""
    inquiry = await coach.asked_by(body["user"]["id"], client)
    chosen, wrong = form.read(view, inquiry.viewer.role)
    wrong = wrong or form.late(chosen) or await _wrong_place(inquiry, chosen, client)
    if wrong:
        return modals.refused(wrong)
    await keep(inquiry, chosen)
    return CLOSED


async def _wrong_place(inquiry: Inquiry, chosen: Preferences, client: AsyncWebClient) -> dict[str, str]:
    if not chosen.place:
        return {}
    try:
        why = await places.may_read(client, inquiry.coach, chosen.place, inquiry.viewer)
    except TROUBLE as error:
        log.warning("channel not looked at", error=type(error).__name__)
        why = say("place.unsure").text
    return {"place": why} if why else {}


async def keep(inquiry: Inquiry, chosen: Preferences) -> None:
    """Write down what a person chose."""
    async with inquiry.coach.remembering() as memory, memory.write() as tx:
        workspace = inquiry.coach.settings.workspace
        await preferences.keep(tx, workspace, inquiry.viewer.key, chosen, memory.now())


@errors.unseen
async def renew(body: Json, client: AsyncWebClient, coach: Coach) -> None:
    """The page shows what was chosen."""
    await publish(body["user"]["id"], client, coach)


def register(app: AsyncApp) -> None:
    """The tab, the buttons on it, and the modal."""
    app.event("app_home_opened", matchers=[is_home])(ack=acknowledge, lazy=[opened])
    app.action(re.compile(r"^home\.show(\.|$)"))(ack=heard, lazy=[show])
    app.action("home.settings")(ack=heard, lazy=[choose])
    app.view(form.CALLBACK)(ack=check, lazy=[renew])
