"""The playground's Web API, asked by the real slack_sdk client over HTTP."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot.playground import Conversation, Person, Playground
from bot.playground.api import SCOPES
from tests.playground_apps import SECTION, client

ALERT = {"event_type": "coach_alert", "event_payload": {"key": "k1"}}
PRIYA = Person("U_PRIYA", "priya", "priya@example.com", "Asia/Kolkata", "Priya Shah")
DANA = Person("U_DANA", "dana", "dana@example.com")


@pytest.fixture
async def slack() -> AsyncIterator[Playground]:
    async with Playground([PRIYA, DANA], channels=["general", "deals"]) as slack:
        slack.invite("deals")
        yield slack


async def refusal(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_auth_test_says_who_the_bot_is_and_which_scopes_it_has(slack):
    answer = await client(slack).auth_test()
    assert answer["user_id"] == "U_DEALCOACH"
    assert "chat:write" in answer.headers["x-oauth-scopes"].split(",")


@pytest.mark.parametrize(
    ("token", "error"),
    [("", "not_authed"), ("xoxb-wrong", "invalid_auth"), ("xapp-playground", "not_allowed_token_type")],
)
async def test_a_wrong_token_is_refused(slack, token, error):
    assert await refusal(client(slack, token).auth_test()) == error


async def test_after_uninstalling_the_token_is_revoked(slack):
    slack.credentials.revoked = True
    assert await refusal(client(slack).auth_test()) == "token_revoked"


async def test_a_missing_scope_is_named():
    async with Playground([PRIYA], scopes=["chat:write"]) as slack:
        with pytest.raises(SlackApiError) as caught:
            await client(slack).users_lookupByEmail(email="priya@example.com")
    assert caught.value.response["error"] == "missing_scope"
    assert caught.value.response["needed"] == "users:read.email"


async def test_history_needs_the_scope_of_its_kind_of_conversation():
    async with Playground([PRIYA], channels=["deals"], scopes=["im:history"]) as slack:
        slack.invite("deals")
        assert (await client(slack).conversations_history(channel=slack.direct("priya").id))["messages"] == []
        assert await refusal(client(slack).conversations_history(channel="C_DEALS")) == "missing_scope"


async def test_a_method_slack_does_not_have_is_unknown(slack):
    assert await refusal(client(slack).api_call("chat.shout")) == "unknown_method"


async def test_a_person_is_found_by_email_whatever_its_case(slack):
    found = await client(slack).users_lookupByEmail(email="PRIYA@example.com")
    assert found["user"]["id"] == "U_PRIYA"
    assert found["user"]["tz"] == "Asia/Kolkata"


async def test_a_stranger_is_not_found(slack):
    assert await refusal(client(slack).users_lookupByEmail(email="nobody@example.com")) == "users_not_found"
    assert await refusal(client(slack).users_info(user="U_NOBODY")) == "user_not_found"


async def test_an_email_is_shown_only_with_the_scope_for_it():
    async with Playground([PRIYA], scopes=["users:read"]) as slack:
        user = (await client(slack).users_info(user="U_PRIYA"))["user"]
    assert "email" not in user["profile"]


async def test_an_alert_is_read_back_from_the_history_by_its_metadata(slack):
    web = client(slack)
    channel = (await web.conversations_open(users="U_PRIYA"))["channel"]["id"]
    sent = await web.chat_postMessage(channel=channel, text="D1 stalled", metadata=ALERT)
    history = await web.conversations_history(channel=channel, include_all_metadata=True, limit=15)
    assert [(m["ts"], m["metadata"]["event_payload"]["key"]) for m in history["messages"]] == [
        (sent["ts"], "k1")
    ]
    assert slack.stored("k1") == {"k1": [(channel, sent["ts"])]}


async def test_history_hides_metadata_unless_asked(slack):
    web = client(slack)
    await web.chat_postMessage(channel="U_PRIYA", text="D1 stalled", metadata=ALERT)
    history = await web.conversations_history(channel=slack.direct("priya").id)
    assert "metadata" not in history["messages"][0]


async def test_history_is_newest_first_between_two_moments(slack):
    web = client(slack)
    stamps = [(await web.chat_postMessage(channel="C_DEALS", text=str(n)))["ts"] for n in range(4)]
    inside = await web.conversations_history(channel="C_DEALS", oldest=stamps[0], latest=stamps[3])
    ends = await web.conversations_history(
        channel="C_DEALS", oldest=stamps[0], latest=stamps[3], inclusive=True
    )
    assert [m["text"] for m in inside["messages"]] == ["2", "1"]
    assert [m["text"] for m in ends["messages"]] == ["3", "2", "1", "0"]


async def test_history_comes_in_pages(slack):
    web = client(slack)
    for n in range(3):
        await web.chat_postMessage(channel="C_DEALS", text=str(n))
    first = await web.conversations_history(channel="C_DEALS", limit=2)
    cursor = first["response_metadata"]["next_cursor"]
    rest = await web.conversations_history(channel="C_DEALS", limit=2, cursor=cursor)
    assert (first["has_more"], [m["text"] for m in rest["messages"]]) == (True, ["0"])


async def test_a_thread_is_read_by_its_first_message(slack):
    web = client(slack)
    first = await web.chat_postMessage(channel="C_DEALS", text="card")
    await web.chat_postMessage(channel="C_DEALS", text="words", thread_ts=first["ts"])
    thread = await web.conversations_replies(channel="C_DEALS", ts=first["ts"])
    history = await web.conversations_history(channel="C_DEALS")
    assert [m["text"] for m in thread["messages"]] == ["card", "words"]
    assert [m["text"] for m in history["messages"]] == ["card"]


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        ("C_GENERAL", "not_in_channel"),
        ("C_NOWHERE", "channel_not_found"),
        ("D_NOTES_PRIYA", "channel_not_found"),
    ],
)
async def test_the_bot_posts_only_where_it_is(slack, channel, error):
    slack.workspace.notes("U_PRIYA")
    assert await refusal(client(slack).chat_postMessage(channel=channel, text="hello")) == error


async def test_nothing_is_posted_in_an_archived_channel(slack):
    slack.workspace.conversation("deals").is_archived = True
    assert await refusal(client(slack).chat_postMessage(channel="C_DEALS", text="hello")) == "is_archived"


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ({"text": ""}, "no_text"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"text": "x", "metadata": {"event_type": "alert"}}, "invalid_metadata_format"),
    ],
)
async def test_words_slack_does_not_carry_are_refused(slack, words, error):
    call = client(slack).api_call("chat.postMessage", json={"channel": "C_DEALS", **words})
    assert await refusal(call) == error


async def test_invalid_blocks_say_what_is_wrong_where(slack):
    header = {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}
    with pytest.raises(SlackApiError) as caught:
        await client(slack).chat_postMessage(channel="C_DEALS", text="x", blocks=[SECTION, header])
    assert caught.value.response["error"] == "invalid_blocks"
    assert caught.value.response["response_metadata"]["messages"] == [
        "[ERROR] must be less than 151 characters [json-pointer:/blocks/1/text/text]"
    ]


async def test_a_block_type_can_be_refused_as_by_a_workspace_without_it():
    table = {"type": "data_table", "caption": "x", "rows": [[{"type": "raw_text", "text": "a"}]] * 2}
    async with Playground([PRIYA], refuse={"data_table"}) as slack:
        call = client(slack).chat_postMessage(channel="U_PRIYA", text="x", blocks=[SECTION, table])
        assert await refusal(call) == "invalid_blocks"


async def test_an_ephemeral_message_is_seen_by_one_and_kept_by_nobody(slack):
    web = client(slack)
    await web.chat_postEphemeral(channel="C_DEALS", user="U_PRIYA", text="for you")
    assert [m.text for m in slack.sees("priya", "deals")] == ["for you"]
    assert slack.sees("dana", "deals") == []
    assert (await web.conversations_history(channel="C_DEALS"))["messages"] == []


async def test_an_ephemeral_message_cannot_be_updated(slack):
    web = client(slack)
    sent = await web.chat_postEphemeral(channel="C_DEALS", user="U_PRIYA", text="for you")
    call = web.chat_update(channel="C_DEALS", ts=sent["message_ts"], text="changed")
    assert await refusal(call) == "message_not_found"


async def test_an_update_keeps_blocks_and_metadata_it_does_not_mention(slack):
    web = client(slack)
    sent = await web.chat_postMessage(channel="C_DEALS", text="stalled", blocks=[SECTION], metadata=ALERT)
    await web.chat_update(channel="C_DEALS", ts=sent["ts"], text="resolved")
    message = (await web.conversations_history(channel="C_DEALS", include_all_metadata=True))["messages"][0]
    assert (message["text"], message["blocks"][0]["type"]) == ("resolved", "section")
    assert message["metadata"] == ALERT
    assert "edited" in message


async def test_only_its_own_messages_can_be_changed_by_the_bot(slack):
    web = client(slack)
    await slack.say("deals", "mine", "dana")
    ts = slack.sees("dana", "deals")[0].ts
    assert await refusal(web.chat_update(channel="C_DEALS", ts=ts, text="x")) == "cant_update_message"
    assert await refusal(web.chat_delete(channel="C_DEALS", ts=ts)) == "cant_delete_message"


async def test_a_deleted_message_is_gone_and_has_no_link(slack):
    web = client(slack)
    sent = await web.chat_postMessage(channel="C_DEALS", text="oops")
    link = await web.chat_getPermalink(channel="C_DEALS", message_ts=sent["ts"])
    await web.chat_delete(channel="C_DEALS", ts=sent["ts"])
    assert "/archives/C_DEALS/p" in link["permalink"]
    assert slack.sees("priya") == []
    assert (
        await refusal(web.chat_getPermalink(channel="C_DEALS", message_ts=sent["ts"])) == "message_not_found"
    )


async def test_a_stream_grows_in_a_thread_until_it_is_stopped(slack):
    web = client(slack)
    card = await web.chat_postMessage(channel="U_PRIYA", text="card")
    channel = card["channel"]
    stream = await web.chat_startStream(channel=channel, thread_ts=card["ts"], markdown_text="Nothing ")
    await web.chat_appendStream(channel=channel, ts=stream["ts"], markdown_text="changed")
    await web.chat_stopStream(channel=channel, ts=stream["ts"], markdown_text=".", blocks=[SECTION])
    assert slack.sees("priya")[-1].text == "Nothing changed."
    call = web.chat_appendStream(channel=channel, ts=stream["ts"], markdown_text="more")
    assert await refusal(call) == "message_not_in_streaming_state"


async def test_a_stream_ends_by_itself_and_only_then_can_be_edited(slack):
    web = client(slack)
    card = await web.chat_postMessage(channel="U_PRIYA", text="card")
    at = {"channel": card["channel"], "thread_ts": card["ts"]}
    early = await web.chat_startStream(**at, markdown_text="so far")
    growing = {"channel": card["channel"], "ts": early["ts"]}
    assert await refusal(web.chat_update(**growing, text="all of it")) == "streaming_state_conflict"
    slack.workspace.messages[early["ts"]].expires = 0.0
    for call in (web.chat_appendStream(**growing, markdown_text="more"), web.chat_stopStream(**growing)):
        assert await refusal(call) == "message_not_in_streaming_state"
    await web.chat_update(**growing, text="all of it")
    assert slack.sees("priya")[-1].text == "all of it"


async def test_a_status_ends_with_the_reply_and_shows_ten_lines_at_most(slack):
    web = client(slack)
    asked = slack.workspace.post(slack.direct("priya").id, "U_PRIYA", "how do we do?")
    at = {"channel_id": asked.channel, "thread_ts": asked.ts}
    await web.assistant_threads_setStatus(**at, status="is looking", loading_messages=["Reading"])
    assert slack.workspace.statuses == {(asked.channel, asked.ts): "is looking"}
    await web.chat_postMessage(channel=asked.channel, thread_ts=asked.ts, text="well")
    assert slack.workspace.statuses == {}
    many = web.assistant_threads_setStatus(**at, status="is looking", loading_messages=["Reading"] * 11)
    assert await refusal(many) == "invalid_arguments"


async def test_the_agents_tab_holds_four_prompts_and_its_threads_have_titles(slack):
    web = client(slack)
    asked = slack.workspace.post(slack.direct("priya").id, "U_PRIYA", "how do we do?")
    prompt = {"title": "Win rate", "message": "What is our win rate?"}
    await web.assistant_threads_setSuggestedPrompts(channel_id=asked.channel, prompts=[prompt], title="Ask")
    await web.assistant_threads_setTitle(channel_id=asked.channel, thread_ts=asked.ts, title="How we do")
    assert slack.workspace.suggestions[asked.channel, ""] == {"title": "Ask", "prompts": [prompt]}
    assert slack.workspace.titles[asked.channel, asked.ts] == "How we do"
    five = web.assistant_threads_setSuggestedPrompts(channel_id=asked.channel, prompts=[prompt] * 5)
    assert await refusal(five) == "invalid_arguments"


async def test_a_reaction_is_added_once(slack):
    web = client(slack)
    sent = await web.chat_postMessage(channel="C_DEALS", text="card")
    await web.reactions_add(channel="C_DEALS", timestamp=sent["ts"], name="eyes")
    again = web.reactions_add(channel="C_DEALS", timestamp=sent["ts"], name="eyes")
    assert await refusal(again) == "already_reacted"


async def test_members_and_channels_are_listed(slack):
    web = client(slack)
    assert (await web.conversations_members(channel="C_DEALS"))["members"] == [
        "U_DANA",
        "U_DEALCOACH",
        "U_PRIYA",
    ]
    assert (await web.conversations_info(channel="C_GENERAL"))["channel"]["is_member"] is False
    assert [c["name"] for c in (await web.conversations_list())["channels"]] == ["general", "deals"]
    assert len((await web.users_list())["members"]) == 3


async def test_a_home_tab_is_published_for_one_person_and_guarded_by_its_hash(slack):
    web = client(slack)
    view = (await web.views_publish(user_id="U_PRIYA", view={"type": "home", "blocks": [SECTION]}))["view"]
    stale = web.views_publish(user_id="U_PRIYA", view={"type": "home", "blocks": []}, hash="old")
    assert slack.home("priya")["id"] == view["id"]
    assert slack.home("dana") is None
    assert await refusal(stale) == "hash_conflict"


async def test_a_modal_needs_a_fresh_trigger_and_a_short_title(slack):
    web, trigger = client(slack), slack.workspace.trigger("U_PRIYA")
    title = {"type": "plain_text", "text": "Log an action"}
    modal = {"type": "modal", "title": title, "blocks": [SECTION]}
    long = modal | {"title": title | {"text": "x" * 25}}
    assert await refusal(web.views_open(trigger_id="nonsense", view=modal)) == "invalid_trigger_id"
    assert await refusal(web.views_open(trigger_id=trigger, view=long)) == "invalid_arguments"
    await web.views_open(trigger_id=trigger, view=modal)
    assert slack.modal("priya")["title"] == title


async def test_a_trigger_lasts_three_seconds():
    now = [1_000_000.0]
    async with Playground([PRIYA], clock=lambda: now[0]) as slack:
        trigger = slack.workspace.trigger("U_PRIYA")
        now[0] += 4
        call = client(slack).views_open(trigger_id=trigger, view={"type": "modal", "blocks": []})
        assert await refusal(call) == "expired_trigger_id"


async def test_every_call_is_in_the_ledger_without_its_token(slack):
    await client(slack).chat_postMessage(channel="C_DEALS", text="hello")
    call = slack.calls[-1]
    assert (call.method, call.outcome, call.stored) == ("chat.postMessage", "ok", True)
    assert call.as_json()["arguments"] == {"channel": "C_DEALS", "text": "hello"}


PRIVATE = Conversation("C_HEADS", "heads", {"U_PRIYA"}, is_private=True)
SHARED = Conversation(
    "C_PARTNERS", "partners", {"U_PRIYA", "U_DEALCOACH"}, is_ext_shared=True, topic="Partners"
)


@pytest.fixture
async def office() -> AsyncIterator[Playground]:
    rooms = ["general", PRIVATE, SHARED, Conversation("C_OLD", "old", {"U_PRIYA"}, is_archived=True)]
    async with Playground([PRIYA, DANA], rooms, scopes={*SCOPES, "channels:join", "team:read"}) as slack:
        yield slack


async def test_a_private_channel_is_listed_only_where_the_bot_is_in_it(office):
    web, kinds = client(office), "public_channel,private_channel"
    before = await web.conversations_list(types=kinds, exclude_archived=True)
    office.invite("heads")
    after = await web.conversations_list(types=kinds, exclude_archived=True)
    assert [c["name"] for c in before["channels"]] == ["general", "partners"]
    assert [c["name"] for c in after["channels"]] == ["general", "heads", "partners"]


async def test_a_shared_channel_says_so(office):
    channel = (await client(office).conversations_info(channel="C_PARTNERS"))["channel"]
    assert (channel["is_ext_shared"], channel["is_shared"], channel["topic"]["value"]) == (
        True,
        True,
        "Partners",
    )


async def test_where_the_bot_is_and_where_somebody_is_are_two_lists(office):
    web = client(office)
    own = await web.users_conversations(types="public_channel,private_channel")
    theirs = await web.users_conversations(user="U_PRIYA", types="public_channel,private_channel")
    assert [c["name"] for c in own["channels"]] == ["partners"]
    assert [c["name"] for c in theirs["channels"]] == ["general", "partners", "old"]


async def test_the_bot_joins_a_public_channel_only(office):
    web = client(office)
    joined = await web.conversations_join(channel="C_GENERAL")
    assert joined["channel"]["is_member"]
    assert await refusal(web.conversations_join(channel="C_HEADS")) == "channel_not_found"
    assert await refusal(web.conversations_join(channel="C_OLD")) == "is_archived"


async def test_lists_come_in_pages_where_a_limit_asks_for_them(slack):
    web = client(slack)
    first = await web.users_list(limit=2)
    rest = await web.users_list(limit=2, cursor=first["response_metadata"]["next_cursor"])
    assert [m["name"] for m in (*first["members"], *rest["members"])] == ["priya", "dana", "dealcoach"]
    assert rest["response_metadata"]["next_cursor"] == ""
    assert await refusal(web.users_list(limit=2, cursor="x")) == "invalid_cursor"


async def test_the_workspace_and_the_bot_have_names(office):
    web = client(office)
    assert (await web.team_info())["team"]["name"] == "Playground"
    assert (await web.bots_info(bot="B_DEALCOACH"))["bot"]["user_id"] == "U_DEALCOACH"


async def test_a_file_goes_to_a_conversation_the_bot_is_in_and_to_no_other(office):
    web = client(office)
    begun = await web.files_getUploadURLExternal(filename="a.csv", length=1)
    office.workspace.files[begun["file_id"]].content = b"1"
    sent = {"files": [{"id": begun["file_id"]}]}
    refused = {"C_GENERAL": "not_in_channel", "C_HEADS": "channel_not_found", "U_DANA": "channel_not_found"}
    for place, error in refused.items():
        assert await refusal(web.files_completeUploadExternal(**sent, channel_id=place)) == error
    assert await refusal(web.files_info(file=begun["file_id"])) == "missing_scope"
