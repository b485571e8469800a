"""The buttons of `/coach setup`: the modal in which ops say which Slack user is which person of the CRM."""

from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot import errors, names
from bot.audience import OUTSIDERS, NotForThisRole, Role
from bot.blocks import setup as blocks
from bot.coach import Coach, Inquiry
from bot.listeners.modals import Acknowledgement, Json, in_modal, opened, refused, turned
from bot.listeners.sending import acknowledge
from bot.narrator import setup as narrator
from bot.narrator.claims import say
from bot.setup import state


@errors.told
async def link(
    body: Json,
    respond: AsyncRespond,  # noqa: ARG001 - errors are told with it
    client: AsyncWebClient,
    coach: Coach,
) -> None:
    """`Link somebody`: a modal with everybody who is nobody in Slack."""
    inquiry = await operator(body, client, coach)
    missing = (await state.who_is_who(inquiry)).missing
    await opened(client, body, blocks.form(missing))


@in_modal("user")
async def linked(body: Json, view: Json, client: AsyncWebClient, coach: Coach) -> Acknowledgement:
    """The modal sent off: from now on this Slack user is that person, if they are a full member."""
    inquiry = await operator(body, client, coach)
    person_id, user = chosen(view)
    if not person_id or not user:
        return refused({"user": say("setup.choose_both").text})
    person = next((one for one in inquiry.generation.people() if one.person_id == person_id), None)
    if person is None:
        return refused({"person": say("setup.gone").text})
    about: dict[str, Any] = (await client.users_info(user=user))["user"]
    if about.get("is_bot") or about.get("deleted") or any(about.get(kind) for kind in OUTSIDERS):
        return refused({"user": say("setup.guest").text})
    await inquiry.map(user, person)
    name = str(about.get("real_name") or about.get("name") or user)
    return turned(blocks.says(narrator.linked(names.clean(name), person.name or person_id).text))


def chosen(view: Json) -> tuple[str, str]:
    """The person and the Slack user that were chosen; "" for who was not."""
    state_of = view.get("state", {}).get("values", {})
    person = (state_of.get("person", {}).get("person", {}).get("selected_option") or {}).get("value", "")
    return str(person), str(state_of.get("user", {}).get("user", {}).get("selected_user") or "")


async def operator(body: Json, client: AsyncWebClient, coach: Coach) -> Inquiry:
    """The inquiry of who clicked, if they may say who is who: by their rights of today.

    Raises:
        NotForThisRole: they are not ops.
    """
    inquiry = await coach.asked_by(body["user"]["id"], client)
    if inquiry.viewer.role is not Role.OPS:
        raise NotForThisRole(say("setup.cannot_link").text)
    return inquiry


def register(app: AsyncApp) -> None:
    """The button, and the modal."""
    app.action(blocks.CALLBACK)(ack=acknowledge, lazy=[link])
    app.view(blocks.CALLBACK)(linked)
