"""The Web API's `views.*`: Home tabs and modals."""

import hashlib
import json
from typing import Any

from bot.playground.api import Call, checked_blocks, method
from bot.playground.elements import elements
from bot.playground.pace import TIER_4
from bot.playground.records import APP, BOT, TEAM, Json
from bot.playground.workspace import Refused

TITLE_MOST = 24
PRIVATE_MOST = 3000
STACK_MOST = 3


@method("views.publish", per_minute=TIER_4)
def publish(call: Call) -> Json:
    """The Home tab of one user."""
    user = call.arguments.needed("user_id", "user_not_found")
    if user not in call.workspace.people:
        raise Refused("user_not_found")
    before = call.workspace.homes.get(user)
    _same_hash(call, before)
    call.workspace.homes[user] = _view(call, "home", before)
    call.workspace.show(user, "home")
    return {"view": call.workspace.homes[user]}


@method("views.open", per_minute=TIER_4)
def open_modal(call: Call) -> Json:
    """A modal for the user whose click or command carries this trigger, for three seconds."""
    user = _triggered(call)
    stack = call.workspace.modals[user]
    stack[:] = [_view(call, "modal", None)]
    call.workspace.show(user, "modal")
    return {"view": stack[-1]}


@method("views.push", per_minute=TIER_4)
def push(call: Call) -> Json:
    """One more modal on top of an open one."""
    user = _triggered(call)
    stack = call.workspace.modals[user]
    if len(stack) >= STACK_MOST:
        raise Refused("push_limit_reached")
    stack.append(_view(call, "modal", None))
    call.workspace.show(user, "modal")
    return {"view": stack[-1]}


@method("views.update", per_minute=TIER_4)
def update(call: Call) -> Json:
    """Replace an open modal."""
    wanted = {call.arguments.get("view_id"), call.arguments.get("external_id")} - {None, ""}
    for user, stack in call.workspace.modals.items():
        for index, view in enumerate(stack):
            if wanted & {view["id"], view.get("external_id")}:
                _same_hash(call, view)
                stack[index] = _view(call, "modal", view)
                call.workspace.show(user, "modal")
                return {"view": stack[index]}
    raise Refused("not_found")


def answered(call: Call, user: str, id: str) -> None:
    """What an app's acknowledgement of a submitted modal does to it, and to those it lies on.

    Without a `response_action` it closes and shows the one below; the others are errors, update, push, clear.

    Raises:
        Refused: the answer means nothing, or its view cannot be shown; then nothing changes.
    """
    stack = call.workspace.modals[user]
    place = next((place for place, view in enumerate(stack) if view["id"] == id), None)
    if place is None:
        return  # closed or cleared meanwhile
    match call.arguments.get("response_action"):
        case None:
            del stack[place]
        case "errors":
            _about_inputs(call.arguments.needed("errors"), stack[place])
        case "update":
            stack[place] = _view(call, "modal", stack[place])
        case "push" if len(stack) < STACK_MOST:
            stack.append(_view(call, "modal", None))
        case "push":
            raise Refused("push_limit_reached")
        case "clear":
            stack.clear()
        case _:
            raise Refused("invalid_arguments")
    call.workspace.show(user, "modal")


def _about_inputs(errors: Any, view: Json) -> None:
    """Refuse sentences about what is no input of the view."""
    inputs = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not errors.keys() <= inputs:
        raise Refused("invalid_arguments")


def _triggered(call: Call) -> str:
    """The user who set off this trigger.

    Raises:
        Refused: invalid_trigger_id, expired_trigger_id.
    """
    return call.workspace.triggered(str(call.arguments.needed("trigger_id", "invalid_trigger_id")))


def _same_hash(call: Call, before: Json | None) -> None:
    """Refuse a change made against a view that has changed since."""
    sent = call.arguments.get("hash")
    if sent and before and sent != before["hash"]:
        raise Refused("hash_conflict")


def _view(call: Call, kind: Any, before: Json | None) -> Json:
    """The view as Slack keeps it."""
    view = call.arguments.needed("view")
    if not isinstance(view, dict) or view.get("type") != kind:
        raise Refused("invalid_arguments", response_metadata={"messages": [f"[ERROR] type must be {kind}"]})
    wrong = _misfits(view, kind)
    if wrong:
        raise Refused(
            "invalid_arguments", response_metadata={"messages": [f"[ERROR] {line}" for line in wrong]}
        )
    blocks = checked_blocks(call, view.get("blocks"), kind, at="/view/blocks")
    id = before["id"] if before else call.workspace.next_id("V")
    kept = {**view, "id": id, "team_id": TEAM, "app_id": APP, "bot_id": BOT, "blocks": blocks}
    known = hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()[:16]
    return kept | {"hash": known, "state": {"values": _still_there(before, blocks)}}


def _still_there(before: Json | None, blocks: list[Json]) -> Json:
    """What a person entered before a view was replaced: it stays where block_id and action_id stay."""
    entered = before.get("state", {}).get("values", {}) if before else {}
    here = {(block, element["action_id"]) for block, element in elements(blocks)}
    kept = {
        block: {name: value for name, value in inside.items() if (block, name) in here}
        for block, inside in entered.items()
    }
    return {block: inside for block, inside in kept.items() if inside}


def _misfits(view: Json, kind: str) -> list[str]:
    """What is wrong with a view apart from its blocks."""
    found = []
    for name in ("title", "submit", "close"):
        text = (view.get(name) or {}).get("text", "")
        if len(text) > TITLE_MOST:
            found.append(f"must be less than {TITLE_MOST + 1} characters [json-pointer:/view/{name}/text]")
    if kind == "modal" and not view.get("title"):
        found.append("missing required field: title [json-pointer:/view]")
    if len(view.get("private_metadata") or "") > PRIVATE_MOST:
        found.append(f"must be less than {PRIVATE_MOST + 1} characters [json-pointer:/view/private_metadata]")
    return found
