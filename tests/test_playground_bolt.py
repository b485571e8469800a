"""People in the playground and a real Bolt app on the other side of the wire, over Socket Mode."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp

from bot.playground import NoSuchElement, NoSuchPerson, Playground
from tests.playground_apps import SECTION, app, over_socket

NOTE = {
    "type": "input",
    "block_id": "note",
    "label": {"type": "plain_text", "text": "What did you do?"},
    "element": {"type": "plain_text_input", "action_id": "note"},
}


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


CARD = [
    SECTION,
    {
        "type": "actions",
        "elements": [
            {"type": "button", "action_id": "own", "text": plain("I've got it"), "value": "D1"},
            {
                "type": "static_select",
                "action_id": "snooze",
                "placeholder": plain("Snooze"),
                "options": [{"text": plain(f"{d} days"), "value": d} for d in ("1", "7")],
            },
        ],
    },
    {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": "useful",
                "positive_button": {"text": plain("Useful"), "value": "yes"},
                "negative_button": {"text": plain("Not useful"), "value": "no"},
            }
        ],
    },
]


HOME = [
    SECTION | {"accessory": {"type": "button", "action_id": "reload", "text": plain("Again")}},
]


def coach(slack: Playground) -> AsyncApp:
    """A small app that uses every way of answering."""
    bolt = app(slack)

    @bolt.command("/deal")
    async def deal(ack: Any, respond: Any, command: Any) -> None:
        await ack()
        await respond(text=f"card of {command['text']}", blocks=CARD)

    @bolt.command("/hello")
    async def hello(ack: Any) -> None:
        await ack("hello to you")

    @bolt.command("/everyone")
    async def everyone(ack: Any) -> None:
        await ack(response_type="in_channel", text="hello to all")

    @bolt.command("/silent")
    async def silent(ack: Any) -> None:
        await ack()

    @bolt.command("/wide")
    async def wide(ack: Any) -> None:
        await ack(text="x", blocks=[SECTION] * 51)

    @bolt.command("/never")
    async def never(ack: Any) -> None:
        await asyncio.sleep(1)
        await ack()

    @bolt.command("/log")
    async def log(ack: Any, command: Any, client: Any) -> None:
        await ack()
        modal = {"type": "modal", "callback_id": "log", "title": plain("Log an action"), "blocks": [NOTE]}
        await client.views_open(trigger_id=command["trigger_id"], view=modal)

    @bolt.view("log")
    async def logged(ack: Any, view: Any, body: Any, client: Any) -> None:
        note = view["state"]["values"]["note"]["note"]["value"]
        if not note:
            await ack(response_action="errors", errors={"note": "Say what you did."})
            return
        await ack()
        await client.chat_postMessage(channel=body["user"]["id"], text=f"logged: {note}")

    @bolt.action("own")
    async def own(ack: Any, respond: Any, action: Any) -> None:
        await ack()
        await respond(text=f"{action['value']} is yours", replace_original=True)

    @bolt.action("snooze")
    async def snooze(ack: Any, respond: Any, action: Any) -> None:
        await ack()
        await respond(text=f"snoozed for {action['selected_option']['value']}")

    @bolt.action("useful")
    async def useful(ack: Any, respond: Any, action: Any) -> None:
        await ack()
        await respond(delete_original=True) if action["value"] == "no" else await respond("thank you")

    @bolt.event("message")
    async def heard(event: Any, say: Any) -> None:
        await say(f"you said {event['text']}")

    @bolt.event("app_mention")
    async def mentioned(event: Any, say: Any) -> None:
        await say("you called?", thread_ts=event["ts"])

    @bolt.event("app_home_opened")
    async def home(event: Any, client: Any) -> None:
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": HOME})

    @bolt.action("reload")
    async def reload(ack: Any, body: Any, client: Any) -> None:
        await ack()
        await client.views_publish(user_id=body["user"]["id"], view={"type": "home", "blocks": [SECTION]})

    return bolt


@pytest.fixture
async def slack() -> AsyncIterator[Playground]:
    async with Playground(ack_seconds=0.3, deadline=2) as slack, over_socket(slack, coach(slack)):
        yield slack


async def test_a_command_is_answered_to_its_asker_alone(slack):
    reply = await slack.command("/deal D00123", user="priya", channel="general")
    assert (reply.text, reply.ephemeral, reply.error) == ("card of D00123", True, "")
    assert [block["type"] for block in reply.blocks] == ["section", "actions", "context_actions"]
    assert slack.sees("priya", "general") == reply.messages
    assert slack.sees("dana") == []


async def test_an_acknowledgement_can_be_the_answer(slack):
    assert (await slack.command("/hello", user="priya")).text == "hello to you"


async def test_an_answer_in_the_channel_is_for_everyone(slack):
    reply = await slack.command("/everyone", user="priya", channel="general")
    assert not reply.ephemeral
    assert slack.sees("dana", "general") == reply.messages


async def test_a_command_nobody_acknowledges_ends_in_operation_timeout(slack):
    reply = await slack.command("/never", user="priya")
    assert reply.error == "operation_timeout"
    assert reply.text == '/never failed with the error "operation_timeout"'
    assert slack.sees("priya")[-1].text == reply.text


async def test_a_command_no_app_listens_for_ends_in_dispatch_failed():
    async with Playground() as slack:
        assert (await slack.command("/deal D1", user="priya")).error == "dispatch_failed"


async def test_an_answer_with_too_many_blocks_is_an_invalid_response(slack):
    assert (await slack.command("/wide", user="priya")).error == "invalid_command_response"


async def test_a_command_may_be_acknowledged_and_left_without_an_answer(slack):
    reply = await slack.command("/silent", user="priya", within=0.1)
    assert (reply.messages, reply.error) == ([], "no_reply")


async def test_a_mention_in_a_command_arrives_as_an_id(slack):
    assert (await slack.command("/deal @dana", user="priya")).text == "card of <@U_DANA|dana>"


async def test_commands_typed_at_once_are_answered_each_on_its_own(slack):
    replies = await asyncio.gather(*(slack.command(f"/deal D{n}", user="priya") for n in range(20)))
    assert [[m.text for m in reply.messages] for reply in replies] == [[f"card of D{n}"] for n in range(20)]


async def test_a_button_replaces_the_message_it_stands_in(slack):
    card = (await slack.command("/deal D1", user="priya")).messages[0]
    reply = await slack.click(card, "own", "priya")
    assert [m.text for m in slack.sees("priya")] == ["D1 is yours"] == [m.text for m in reply.messages]


async def test_a_choice_is_sent_by_its_value(slack):
    card = (await slack.command("/deal D1", user="priya")).messages[0]
    assert (await slack.click(card, "snooze", "priya", "7")).text == "snoozed for 7"


async def test_a_feedback_button_can_take_the_message_away(slack):
    card = (await slack.command("/deal D1", user="priya")).messages[0]
    assert (await slack.click(card, "useful", "priya", "yes")).text == "thank you"
    await slack.click(card, "useful", "priya", "no")
    assert [m.text for m in slack.sees("priya")] == ["thank you"]


async def test_only_what_is_there_can_be_clicked_and_only_by_who_sees_it(slack):
    card = (await slack.command("/deal D1", user="priya")).messages[0]
    with pytest.raises(NoSuchElement, match="There is: own, snooze, useful"):
        await slack.click(card, "sell", "priya")
    with pytest.raises(NoSuchElement, match="only '1', '7'"):
        await slack.click(card, "snooze", "priya", "30")
    with pytest.raises(NoSuchElement, match="dana does not see"):
        await slack.click(card, "own", "dana")


async def test_a_stranger_types_nothing(slack):
    with pytest.raises(NoSuchPerson, match=r"Nobody here goes by .zoe.\. There are: carla, dana, priya"):
        await slack.command("/deal D1", user="zoe")


async def test_a_person_is_known_by_handle_id_email_and_first_name(slack):
    names = ("priya", "@priya", "U_PRIYA", "priya@example.com", "Priya")
    assert {slack.direct(name).id for name in names} == {"D_PRIYA"}
    assert slack.workspace.reader("D_PRIYA") == "Priya Shah"


async def test_a_direct_message_is_heard_and_answered(slack):
    reply = await slack.say(slack.direct("priya"), "hello", "priya")
    assert (reply.text, reply.ephemeral) == ("you said hello", False)
    assert [m.text for m in slack.sees("priya")] == ["hello", "you said hello"]


async def test_in_a_channel_only_a_mention_is_heard(slack):
    slack.invite("general")
    await slack.say("general", "just talking", "priya")
    reply = await slack.say("general", "@dealcoach look", "priya")
    assert [m.text for m in slack.sees("dana", "general")][0::2] == ["just talking", "you called?"]
    assert reply.messages[0].thread_ts == slack.sees("dana", "general")[1].ts


async def test_the_home_tab_is_published_when_it_is_opened_and_can_be_used(slack):
    view = await slack.open_home("priya")
    assert view["blocks"][0]["text"] == SECTION["text"]
    assert slack.home("priya") == view
    assert (await slack.click_home("reload", "priya")).error == ""
    assert "accessory" not in slack.home("priya")["blocks"][0]


async def test_a_modal_is_filled_in_and_sent_off(slack):
    await slack.command("/log", user="priya")
    refused = await slack.submit("priya", {"note": ""})
    assert refused.payload["errors"] == {"note": "Say what you did."}
    await slack.submit("priya", {"note": "called"})
    await slack.idle()
    assert slack.modal("priya") is None
    assert slack.sees("priya", slack.direct("priya"))[0].text == "logged: called"


async def test_each_payload_goes_to_one_of_several_connections():
    async with Playground() as slack, over_socket(slack, coach(slack), connections=3):
        assert slack.sockets.connections == 3
        replies = await asyncio.gather(*(slack.command("/hello", user="priya") for _ in range(12)))
    assert len({reply.messages[0].ts for reply in replies}) == 12


async def test_a_refreshed_connection_comes_back(slack):
    await slack.sockets.refresh()
    assert await slack.connected(1, seconds=3)
    assert (await slack.command("/hello", user="priya")).text == "hello to you"


async def test_a_cut_connection_comes_back(slack):
    slack.sockets.cut()
    assert slack.sockets.connections == 0
    assert await slack.connected(1, seconds=5)
    assert (await slack.command("/hello", user="priya")).text == "hello to you"


async def test_an_event_that_was_not_acknowledged_comes_again_and_says_so():
    async with Playground(ack_seconds=0.1, retry_after=(0.0,), deadline=2) as slack:
        bolt, tries = app(slack), []

        @bolt.event("message")
        async def heard(say: Any, request: Any) -> None:
            tries.append(request.headers.get("x-slack-retry-reason", [""])[0])
            if len(tries) == 1:
                await asyncio.sleep(0.3)
            else:
                await say("here now")

        async with over_socket(slack, bolt):
            reply = await slack.say(slack.direct("priya"), "hello", "priya")
    assert (reply.text, tries) == ("here now", ["", "timeout"])


async def test_a_response_url_takes_five_posts_within_thirty_minutes():
    now = [1_800_000_000.0]
    async with Playground(clock=lambda: now[0], deadline=2) as slack:
        bolt, answers = app(slack), []

        @bolt.command("/chatty")
        async def chatty(ack: Any, respond: Any) -> None:
            await ack()
            answers.extend([(await respond(str(n))).status_code for n in range(6)])
            now[0] += 1801
            answers.append((await respond("late")).body)

        async with over_socket(slack, bolt):
            reply = await slack.command("/chatty", user="priya")
    assert [m.text for m in reply.messages] == ["0", "1", "2", "3", "4"]
    assert answers == [200] * 5 + [404, '{"ok": false, "error": "expired_url"}']


async def test_a_response_with_invalid_blocks_says_so():
    async with Playground() as slack:
        bolt, answers = app(slack), []

        @bolt.command("/wide")
        async def wide(ack: Any, respond: Any) -> None:
            await ack()
            answers.append((await respond(text="x", blocks=[SECTION] * 51)).body)

        async with over_socket(slack, bolt):
            await slack.command("/wide", user="priya", within=0.3)
    assert answers == ['{"ok": false, "error": "invalid_blocks"}']
