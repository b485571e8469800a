"""Rules edited in Slack: a modal, a preview of what the rule matches before it is kept, and its switches."""

import json
import re
from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from analytics.alerts import rules as ruling
from analytics.alerts import told
from analytics.alerts.rules import Rule
from bot import errors
from bot.alerting import rulebook
from bot.blocks import forms
from bot.blocks import rulebook as blocks
from bot.coach import Coach, Inquiry
from bot.listeners.modals import Acknowledgement, Json, in_modal, opened, refused, turned
from bot.listeners.sending import acknowledge, quietly
from bot.narrator import rulebook as narrator
from bot.narrator.claims import ours, say
from bot.refusals import refusal
from bot.replies import drafts
from bot.replies import rules as replies


@errors.told
async def edit(
    action: Json,
    body: Json,
    respond: AsyncRespond,  # noqa: ARG001 - errors are told with it
    client: AsyncWebClient,
    coach: Coach,
) -> None:
    """`Change it`, `New rule`: the modal with what the rule looks at."""
    inquiry = await editor(body, client, coach)
    rule = await drafts.newest(inquiry, action.get("value", ""))
    await opened(client, body, form(rule))


@in_modal("threshold.0")
async def drafted(body: Json, view: Json, client: AsyncWebClient, coach: Coach) -> Acknowledgement:
    """The modal sent off: what was chosen means something, so it can be counted."""
    inquiry = await editor(body, client, coach)
    try:
        await drafts.drawn(forms.values(view), before(view), inquiry)
    except drafts.Wrong as wrong:
        return refused({wrong.field: str(wrong)})
    return turned(blocks.says(say("rulebook.counting").text))


@errors.unseen
async def counted(body: Json, view: Json, client: AsyncWebClient, coach: Coach) -> None:
    """What the rule matches now, in the place of what was chosen."""
    try:
        inquiry = await editor(body, client, coach)
        rule = await drafts.drawn(forms.values(view), before(view), inquiry)
    except (drafts.Wrong, ruling.BadRule):
        return  # the modal says so

    async def show(text: str = "", **_: Any) -> None:
        await client.views_update(view_id=view["id"], view=blocks.says(text))

    await previewed(respond=show, rule=rule, view=view["id"], client=client, inquiry=inquiry)


@errors.told
async def previewed(
    *,
    respond: Any,  # noqa: ARG001 - errors are told with it
    rule: Rule,
    view: str,
    client: AsyncWebClient,
    inquiry: Inquiry,
) -> None:
    """Count, then show in the open modal."""
    seen = await replies.preview(rule, inquiry)
    page = blocks.preview(told.told(rule, inquiry.generation), seen, private(rule))
    await client.views_update(view_id=view, view=page)


@in_modal("note")
async def decided(body: Json, view: Json, client: AsyncWebClient, coach: Coach) -> Acknowledgement:
    """The preview sent off: kept as a draft, switched on, or changed again."""
    inquiry = await editor(body, client, coach)
    chosen, rule = forms.values(view), before(view)
    if rule is None or chosen.get("decide") == "again":
        return turned(form(rule))
    note = forms.words(chosen.get("note", ""))
    if not note:
        return refused({"note": say("rulebook.note_missing").text})
    kept = await keep(inquiry, rule, "on" if chosen.get("decide") == "on" else "draft", note)
    return turned(blocks.says(kept))


async def keep(inquiry: Inquiry, rule: Rule, state: rulebook.State, note: str) -> str:
    """Write a new version; a sentence that says so."""
    coach, author = inquiry.coach, inquiry.viewer.key
    async with coach.remembering() as memory, memory.write() as tx:
        kept = await rulebook.keep(
            tx,
            coach.settings.workspace,
            rule,
            state=state,
            author=author,
            note=note,
            now=memory.now(),
            settings=coach.settings,
        )
    return say(f"rulebook.kept_{state}", version=ours(str(kept.version))).text


@errors.told
async def switched(
    action: Json, body: Json, respond: AsyncRespond, client: AsyncWebClient, coach: Coach
) -> None:
    """`Switch on`, `Switch off`: below a rule, and below what it would have told last quarter."""
    inquiry = await editor(body, client, coach)
    turn = "on" if action["action_id"] == "rule.on" else "off"
    async with coach.remembering() as memory, memory.write() as tx:
        rule = await rulebook.switch(
            tx,
            coach.settings.workspace,
            action.get("value", ""),
            "on" if turn == "on" else "off",
            author=inquiry.viewer.key,
            now=memory.now(),
            settings=coach.settings,
        )
    called = narrator.called(told.told(rule, inquiry.generation))
    await quietly(respond, say(f"rulebook.switched_{turn}", rule=called))


async def editor(body: Json, client: AsyncWebClient, coach: Coach) -> Inquiry:
    """The inquiry of who clicked, if they may change rules: by their rights of today.

    Raises:
        NotForThisRole: they may not.
    """
    inquiry = await coach.asked_by(body["user"]["id"], client)
    inquiry.for_ops(say("rulebook.cannot_edit").text)
    return inquiry


def form(rule: Rule | None) -> Json:
    """The modal for a rule, which knows what it began with."""
    return blocks.form(rule, drafts.only(rule), private(rule))


def private(rule: Rule | None) -> str:
    """What a modal remembers of a rule."""
    return json.dumps(ruling.as_json(rule)) if rule else ""


def before(view: Mapping[str, Any]) -> Rule | None:
    """The rule that a modal began with; None for a new one.

    Raises:
        BadRule: somebody changed what the modal remembers.
    """
    kept = view.get("private_metadata", "")
    try:
        return ruling.from_json(json.loads(kept)) if kept else None
    except json.JSONDecodeError as wrong:
        raise ruling.BadRule(refusal("form_changed")) from wrong


def register(app: AsyncApp) -> None:
    """The buttons below a rule, both pages of the modal, and its menus, which ask for nothing."""
    app.action("rule.edit")(ack=acknowledge, lazy=[edit])
    app.action(re.compile(r"^rule\.(on|off)$"))(ack=acknowledge, lazy=[switched])
    app.action(re.compile(r"^(metric|compare|counts)\.\d$"))(acknowledge)
    app.view("rule.form")(ack=drafted, lazy=[counted])
    app.view("rule.preview")(decided)
