"""Conversations in direct messages, after a mention and in the agent's tab, in a real (local) Slack."""

import asyncio
import re

import pytest

from analytics import store
from bot import settings as config
from bot.coach import Coach
from bot.intents import free
from bot.listeners.messages import is_new
from bot.memory import Memory, turns
from bot.memory.turns import Thread
from bot.playground import Fault, Faults, Kind, Person
from prompts import files
from tests.face import ask, header, one, question, statuses, workspace

GUEST = Person("U0GUEST", "guest", "guest@example.org", is_restricted=True)
STRANGER = Person("U0STRANGER", "stranger", "stranger@example.org", is_stranger=True)
NOBODY = Person("U0NOBODY", "nobody", "nobody@example.org")
OUTSIDERS = [GUEST, STRANGER, NOBODY]
FIGURE = re.compile(r"\d")


@pytest.fixture(scope="module")
def people(crm):
    return store.current(crm).people()


@pytest.fixture
async def memory(tmp_path):
    async with Memory.open(f"sqlite+aiosqlite:///{tmp_path / 'memory.sqlite'}") as opened:
        yield opened


@pytest.fixture
async def coach(crm, memory):
    return Coach(config.load(home=crm, stale_after_days=100_000), memory)


@pytest.fixture
async def slack(coach, people):
    async with workspace(coach, people, OUTSIDERS) as slack:
        yield slack


@pytest.fixture
def cro(people):
    return one(people, "cro")


async def test_a_question_in_direct_messages_is_answered_in_its_thread_with_no_key(slack, cro):
    (answer,) = await ask(slack, cro, "what is our win rate by region?")
    assert header(answer).startswith("Win rate by region")
    assert answer.thread_ts == question(slack, cro)
    assert "data_table" in [block["type"] for block in answer.blocks]


async def test_a_follow_up_keeps_the_period(slack, cro):
    await ask(slack, cro, "win rate by region in 2024-Q1")
    (answer,) = await ask(slack, cro, "by lead source?", thread=question(slack, cro))
    assert "lead source" in header(answer)
    assert "2024-Q1" in header(answer)


async def test_a_follow_up_knows_nothing_of_another_thread(slack, cro):
    await ask(slack, cro, "win rate by region in 2024-Q1")
    answers = await ask(slack, cro, "and by lead source?")
    assert "2024-Q1" not in str([m.blocks for m in answers])


async def test_what_was_understood_is_remembered_with_what_was_told(slack, coach, memory, cro):
    (answer,) = await ask(slack, cro, "what is our win rate by region?")
    place = Thread("main", answer.channel, answer.thread_ts, slack.workspace.person(cro).id)
    async with memory.read() as connection:
        (turn,) = await turns.recent(connection, place)
    assert (turn.said, turn.line) == ("what is our win rate by region?", "/winrate region")
    assert turn.claims


async def test_are_you_sure_checks_the_answer_and_a_follow_up_is_still_about_it(slack, cro):
    await ask(slack, cro, "win rate by region in 2024-Q1")
    thread = question(slack, cro)
    (checked,) = await ask(slack, cro, "are you sure?", thread)
    (answer,) = await ask(slack, cro, "by lead source?", thread)
    assert "find none" not in str(checked.blocks)
    assert "2024-Q1" in header(answer)


async def test_a_status_is_shown_at_once_and_cleared_at_the_end(slack, cro):
    await ask(slack, cro, "win rate by region")
    shown = [c.arguments for c in slack.calls if c.method == "assistant.threads.setStatus"]
    assert shown[0]["status"] == "is looking at your numbers"
    assert 0 < len(shown[0]["loading_messages"]) <= 10
    assert shown[-1]["status"] == ""
    assert slack.calls[-1].method == "assistant.threads.setStatus"


async def test_what_is_not_understood_gets_questions_that_work(slack, cro):
    (answer,) = await ask(slack, cro, "florble the quux")
    assert "florble" in answer.text
    again = await slack.click(answer, "ask.0", user=cro)
    await slack.idle(0.2)
    assert again.messages[0].thread_ts == answer.thread_ts
    assert header(again.messages[0])


async def test_hello_is_answered_in_kind(slack, cro):
    (answer,) = await ask(slack, cro, "hello")
    assert answer.text.startswith("Hello")


async def test_people_are_not_ranked(slack, cro):
    (answer,) = await ask(slack, cro, "which rep should I fire?")
    assert not FIGURE.search(answer.text)
    assert "rank" in answer.text


async def test_an_error_reaches_the_thread_and_the_status_is_cleared(slack, people):
    (answer,) = await ask(slack, one(people, "rep"), "/coach quality")
    assert "Only ops and the CRO" in answer.text
    assert answer.thread_ts
    assert slack.workspace.statuses.get((answer.channel, answer.thread_ts), "") == ""


@pytest.mark.parametrize(
    "text", ["a" * 20_000, "\u202eregion", "<!channel>", "'; drop table deals", "💯", "."]
)
async def test_hostile_text_gets_a_sentence_and_pings_nobody(slack, cro, text):
    answers = await ask(slack, cro, text)
    assert answers
    assert "<!" not in str([(m.text, m.blocks) for m in answers])


# ---------------------------------------------------------------- twice, and by whom


async def test_a_message_told_as_two_events_is_answered_once(slack, cro):
    answers = await ask(slack, cro, "@dealcoach win rate by region")
    assert len(answers) == 1


async def test_an_event_delivered_again_is_answered_once(coach, people, cro):
    async with workspace(coach, people, OUTSIDERS, ack_seconds=0.0001, retry_after=(0.1, 0.1)) as slack:
        answers = await ask(slack, cro, "win rate by region")
        assert slack.courier.failures
    assert len(answers) == 1


async def test_after_a_restart_nothing_is_answered_again(coach, people, cro, crm, memory):
    event = {"api_app_id": "A", "team_id": "T", "event_id": "Ev1", "event": {"channel": "D1", "ts": "1.0"}}
    assert await is_new(event, coach)
    assert not await is_new(event, Coach(coach.settings, memory))
    assert not await is_new({**event, "event_id": "Ev2"}, Coach(coach.settings, memory))
    assert await is_new({**event, "event_id": "Ev3", "event": {"channel": "D1", "ts": "2.0"}}, coach)


async def test_a_second_question_waits_for_its_place(coach, people, cro):
    slow = Faults([Fault(Kind.DELAY, "chat.postMessage", seconds=0.4)])
    async with workspace(coach, people, OUTSIDERS, faults=slow) as slack:
        direct = slack.direct(cro)
        await asyncio.gather(
            slack.say(direct, "win rate by region", cro), slack.say(direct, "win rate by lead source", cro)
        )
        await slack.idle(0.6)
        answers = [m for m in direct.messages if m.by_bot]
    assert "has 1 of your questions to answer first" in statuses(slack)
    assert len(answers) == 2


# ---------------------------------------------------------------- where others read


def said_in_public(slack):
    return [m for c in slack.workspace.conversations.values() if not c.is_direct for m in c.messages]


async def test_a_mention_is_pointed_to_the_direct_messages_where_the_answer_is(slack, cro):
    slack.invite("general")
    reply = await slack.say("general", "@dealcoach win rate by region?", cro)
    await slack.idle(0.2)
    assert "direct message" in reply.text
    assert reply.ephemeral
    root, answer = [m for m in slack.direct(cro).messages if m.by_bot]
    assert "win rate by region" in root.text
    assert (header(answer)[:18], answer.thread_ts) == ("Win rate by region", root.ts)
    assert not [m for m in said_in_public(slack) if m.by_bot and not m.ephemeral]


@pytest.mark.parametrize("who", OUTSIDERS, ids=lambda person: person.name)
async def test_outsiders_get_a_sentence_and_no_figure(slack, who):
    slack.invite("general")
    answers = await ask(slack, who.name, "win rate by region")
    by_mention = await slack.say("general", "@dealcoach win rate by region?", who.name)
    by_command = await slack.command("/winrate region", user=who.name)
    for message in (*answers, *by_mention.messages, *by_command.messages):
        assert "can't find you" in message.text or "no guests" in message.text
        assert not message.blocks
    assert by_mention.ephemeral


async def test_where_another_organisation_reads_nothing_is_answered(slack, cro):
    slack.invite("general").is_ext_shared = True
    reply = await slack.say("general", "@dealcoach win rate by region?", cro)
    await slack.idle(0.2)
    assert "shared with other organisations" in reply.text
    assert reply.ephemeral
    assert not [m for m in slack.direct(cro).messages if m.by_bot]


async def test_no_conversation_leaves_a_figure_where_others_read(slack, cro):
    slack.invite("general")
    for text in ("pipeline?", "why last quarter", "rank my reps", "gibberish", "/deal D00001", "stop"):
        await slack.say("general", f"@dealcoach {text}", cro, within=5)
        await slack.idle(0.2)
    public = [m for m in said_in_public(slack) if m.by_bot]
    assert public
    assert all(m.ephemeral and not FIGURE.search(m.text) and not m.blocks for m in public)


# ---------------------------------------------------------------- the agent's tab


@pytest.mark.parametrize("role", ["rep", "manager", "cro", "ops"])
async def test_the_tab_suggests_four_questions_that_fit_the_role(slack, people, role):
    person = one(people, role)
    await slack.open_home(person, tab="messages")
    direct = slack.direct(person)
    shown = slack.workspace.suggestions[direct.id, ""]
    assert [p["message"] for p in shown["prompts"]] == [s.message for s in files.suggestions()[role]]
    assert len(shown["prompts"]) == 4
    assert not direct.messages


async def test_the_tab_says_nothing_to_a_stranger(slack):
    await slack.open_home("nobody", tab="messages")
    assert not slack.workspace.suggestions
    assert not slack.direct("nobody").messages


@pytest.mark.parametrize("role", ["any", "rep", "manager", "cro", "ops"])
def test_every_suggestion_is_understood_without_a_model(coach, people, role):
    person = one(people, "cro" if role in ("any", "ops") else role)
    inquiry = coach.asked_here(person)
    for suggestion in files.suggestions()[role]:
        meaning = inquiry.understand_words(suggestion.message)
        assert not isinstance(meaning, free.Back | free.Unclear), suggestion


async def test_a_thread_gets_a_name(slack, cro):
    await ask(slack, cro, "win rate by region")
    assert slack.workspace.titles[slack.direct(cro).id, question(slack, cro)]


# ---------------------------------------------------------------- stop


async def test_stop_ends_an_answer_and_nothing_more_is_said(coach, people, cro):
    slow = Faults([Fault(Kind.DELAY, "users.info", seconds=1.0, times=9)])
    async with workspace(coach, people, OUTSIDERS, faults=slow) as slack:
        direct = slack.direct(cro)
        asking = asyncio.create_task(slack.say(direct, "win rate by region", cro))
        await slack.pulse.until(lambda: bool(slack.workspace.statuses), 5)
        await slack.stop_answer(direct, question(slack, cro), cro)
        await asking
        await slack.idle(1.2)
        assert [m.text for m in direct.messages if m.by_bot] == ["Stopped."]
        assert not any(slack.workspace.statuses.values())


async def test_stop_as_a_word_is_heard_too(coach, people, cro):
    slow = Faults([Fault(Kind.DELAY, "users.info", seconds=1.0, times=9)])
    async with workspace(coach, people, OUTSIDERS, faults=slow) as slack:
        direct = slack.direct(cro)
        asking = asyncio.create_task(slack.say(direct, "win rate by region", cro))
        await slack.pulse.until(lambda: bool(slack.workspace.statuses), 5)
        await slack.say(direct, "Stop.", cro, thread_ts=question(slack, cro))
        await asking
        await slack.idle(1.2)
        assert [m.text for m in direct.messages if m.by_bot] == ["Stopped."]


async def test_with_nothing_to_stop_it_says_so(slack, cro):
    (answer,) = await ask(slack, cro, "stop")
    assert answer.text == "Nothing is being answered here."
