"""Modals in the playground: what a person enters and clicks, and what an app's answer does to them."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp

from bot.playground import NoSuchElement, Playground
from bot.playground.elements import action, chosen, state_of
from tests.playground_apps import app, over_socket


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


NOTE = {
    "type": "input",
    "block_id": "note",
    "label": plain("What did you do?"),
    "element": {"type": "plain_text_input", "action_id": "note"},
}
MENU = {
    "type": "actions",
    "block_id": "menu",
    "elements": [
        {
            "type": "static_select",
            "action_id": "kind",
            "placeholder": plain("Kind"),
            "options": [{"text": plain(kind), "value": kind} for kind in ("call", "visit")],
        },
        {"type": "button", "action_id": "more", "text": plain("More")},
    ],
}


def modal(title: str, *blocks: dict[str, Any]) -> dict[str, Any]:
    """A modal that is sent off to `sent`."""
    return {
        "type": "modal",
        "callback_id": "sent",
        "title": plain(title),
        "submit": plain("Send"),
        "blocks": blocks,
    }


FIRST = modal("First", NOTE, MENU)
ANSWERS: dict[str, dict[str, Any]] = {
    "update": {"response_action": "update", "view": modal("Second", NOTE)},
    "push": {"response_action": "push", "view": modal("Above", NOTE)},
    "clear": {"response_action": "clear"},
    "errors": {"response_action": "errors", "errors": {"note": "Say more."}},
    "close": {},
    "errors elsewhere": {"response_action": "errors", "errors": {"menu": "This is no input."}},
    "long title": {"response_action": "update", "view": modal("x" * 25, NOTE)},
    "nonsense": {"response_action": "shrug"},
}


def coach(slack: Playground, heard: list[dict[str, Any]]) -> AsyncApp:
    """An app that answers a modal as it is told in it."""
    bolt = app(slack)

    @bolt.command("/log")
    async def log(ack: Any, command: Any, client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=command["trigger_id"], view=FIRST)

    @bolt.view("sent")
    async def sent(ack: Any, view: Any) -> None:
        heard.append(view["state"]["values"])
        await ack(**ANSWERS[view["state"]["values"]["note"]["note"]["value"]])

    @bolt.action("kind")
    async def kind(ack: Any, body: Any) -> None:
        await ack()
        heard.append(body["view"]["state"]["values"])

    @bolt.action("more")
    async def more(ack: Any, body: Any, client: Any) -> None:
        await ack()
        heard.append(body["container"])
        await client.views_push(trigger_id=body["trigger_id"], view=modal("Pushed", NOTE))

    return bolt


@pytest.fixture
def heard() -> list[dict[str, Any]]:
    """What the app got, in order."""
    return []


@pytest.fixture
async def slack(heard: list[dict[str, Any]]) -> AsyncIterator[Playground]:
    async with Playground(deadline=2) as slack, over_socket(slack, coach(slack, heard)):
        await slack.command("/log", user="priya")
        yield slack


def titles(slack: Playground) -> list[str]:
    """The modals that are open, the one on top last."""
    return [view["title"]["text"] for view in slack.workspace.modals["U_PRIYA"]]


@pytest.mark.parametrize(
    ("told", "left"),
    [
        ("close", []),
        ("errors", ["First"]),
        ("update", ["Second"]),
        ("push", ["First", "Above"]),
        ("clear", []),
    ],
)
async def test_a_modal_does_what_the_app_answers(slack, told, left):
    assert (await slack.submit("priya", {"note": told})).error == ""
    assert titles(slack) == left


async def test_a_modal_that_lay_on_another_closes_and_shows_it(slack):
    await slack.submit("priya", {"note": "push"})
    await slack.submit("priya", {"note": "close"})
    assert titles(slack) == ["First"]


async def test_clear_closes_all_of_them(slack):
    await slack.submit("priya", {"note": "push"})
    await slack.submit("priya", {"note": "clear"})
    assert titles(slack) == []


async def test_at_most_three_lie_on_one_another(slack):
    for _ in range(2):
        await slack.submit("priya", {"note": "push"})
    assert (await slack.submit("priya", {"note": "push"})).error == "invalid_view_response"
    assert titles(slack) == ["First", "Above", "Above"]


@pytest.mark.parametrize("told", ["errors elsewhere", "long title", "nonsense"])
async def test_an_answer_that_slack_refuses_leaves_the_modal_as_it_is(slack, told):
    assert (await slack.submit("priya", {"note": told})).error == "invalid_view_response"
    assert titles(slack) == ["First"]


async def test_an_updated_modal_keeps_its_id_and_what_was_entered_where_the_input_stays(slack, heard):
    before = slack.modal("priya")["id"]
    await slack.submit("priya", {"note": "update"})
    await slack.submit("priya", {})
    assert slack.modal("priya")["id"] == before
    assert heard[1] == {"note": {"note": {"type": "plain_text_input", "value": "update"}}}


async def test_a_menu_in_a_modal_is_heard_with_all_that_was_entered(slack, heard):
    await slack.click_modal("kind", "priya", "visit", {"note": "at their office"})
    state = heard[0]
    assert state["note"]["note"]["value"] == "at their office"
    assert state["menu"]["kind"]["selected_option"]["value"] == "visit"


async def test_a_choice_made_by_a_click_is_sent_off_with_the_rest(slack, heard):
    await slack.click_modal("kind", "priya", "visit")
    await slack.submit("priya", {"note": "close"})
    assert heard[-1]["menu"]["kind"]["selected_option"]["value"] == "visit"


async def test_a_button_in_a_modal_may_push_another(slack, heard):
    first = slack.modal("priya")["id"]
    await slack.click_modal("more", "priya")
    await slack.idle()
    assert heard == [{"type": "view", "view_id": first}]
    assert titles(slack) == ["First", "Pushed"]


async def test_only_what_is_in_the_open_modal_can_be_used(slack):
    with pytest.raises(NoSuchElement, match="There is: kind, more, note"):
        await slack.click_modal("sell", "priya")
    with pytest.raises(NoSuchElement, match="dana has no modal open"):
        await slack.click_modal("more", "dana")


PICKED = [
    ({"type": "datepicker"}, "2026-11-22", {"selected_date": "2026-11-22"}),
    ({"type": "users_select"}, "U_DANA", {"selected_user": "U_DANA"}),
    ({"type": "conversations_select"}, "C_GENERAL", {"selected_conversation": "C_GENERAL"}),
    ({"type": "plain_text_input"}, "words", {"value": "words"}),
    (
        {
            "type": "checkboxes",
            "options": [{"text": plain("A"), "value": "a"}, {"text": plain("B"), "value": "b"}],
        },
        ["b"],
        {"selected_options": [{"text": plain("B"), "value": "b"}]},
    ),
]


@pytest.mark.parametrize(("element", "value", "sent"), PICKED, ids=[one["type"] for one, *_ in PICKED])
def test_a_free_choice_is_heard_as_slack_sends_it(element, value, sent):
    block = {"type": "input", "block_id": "b", "element": {**element, "action_id": "pick"}}
    used = action([block], "pick", value, "1.0")
    state = state_of({"blocks": [block]}, {"pick": value})
    assert {name: used[name] for name in sent} == sent
    assert chosen(used) == sent
    assert state["b"]["pick"] == {"type": element["type"], **sent}


def test_a_button_on_a_card_can_be_pressed():
    button = {"type": "button", "action_id": "go", "value": "D1", "text": plain("Go")}
    carousel = {"type": "carousel", "elements": [{"type": "card", "actions": [button]}]}
    assert action([carousel], "go", None, "1.0")["value"] == "D1"


async def test_a_modal_that_asks_is_told_that_it_was_closed():
    told: list[str] = []
    async with Playground(deadline=2) as slack:
        bolt = app(slack)

        @bolt.command("/log")
        async def log(ack: Any, command: Any, client: Any) -> None:
            await ack()
            await client.views_open(trigger_id=command["trigger_id"], view={**FIRST, "notify_on_close": True})

        @bolt.view_closed("sent")
        async def closed(ack: Any, view: Any) -> None:
            told.append(view["title"]["text"])
            await ack()

        async with over_socket(slack, bolt):
            await slack.command("/log", user="priya")
            await slack.close_modal("priya")
            assert (told, slack.modal("priya")) == (["First"], None)
