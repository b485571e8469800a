"""The model's words in Slack, from a model server on this machine: numbers first, then checked lines."""

import asyncio
import json
import re

import pytest

from analytics import store
from bot import settings as config
from bot.coach import Coach
from bot.memory import Memory
from bot.playground import Fault, Faults, Kind
from tests.face import ask, header, one, question, workspace

SUGGESTION = "Ask the buyer who else has to agree."
ASKED = "what is our win rate by region?"


def blocks(*told):
    """What the model writes."""
    return json.dumps({"blocks": [*told]})


CHOSEN = blocks({"claims": ["c1"]}, {"say": SUGGESTION})


@pytest.fixture(scope="module")
def people(crm):
    return store.current(crm).people()


@pytest.fixture
def cro(people):
    return one(people, "cro")


@pytest.fixture
async def coach(crm, tmp_path, llmock):
    settings = config.load(
        home=crm, stale_after_days=100_000, openai_api_key="a-key", openai_base_url=llmock.base_url()
    )
    async with Memory.open(f"sqlite+aiosqlite:///{tmp_path / 'memory.sqlite'}") as memory:
        coach = Coach(settings, memory)
        yield coach
        await coach.aclose()


@pytest.fixture
async def slack(coach, people):
    async with workspace(coach, people) as slack:
        yield slack


async def typed(slack, user, line):
    """The answer to a command once its words have come."""
    reply = await slack.command(line, user=user)
    await told(slack, reply.messages[0])
    return reply.messages


async def told(slack, message):
    """Wait until the last line says who told the words."""
    await slack.pulse.until(lambda: re.search("words by|plain mode", contexts(message)), 5)


def table(message):
    return next(block for block in message.blocks if block["type"] == "data_table")["rows"]


def contexts(message):
    return " ".join(b["elements"][0]["text"] for b in message.blocks if b["type"] == "context")


def bullets(message):
    return [b["text"]["text"] for b in message.blocks if b["type"] == "section"][1:]


async def test_the_words_of_a_command_take_the_place_of_the_templates_and_the_numbers_stay(
    slack, coach, cro, llmock
):
    (plain,) = await without_model(slack, coach, cro)
    llmock.reply(CHOSEN)
    (answer,) = await typed(slack, cro, "/winrate region")
    assert SUGGESTION in str(bullets(answer))
    assert table(answer) == plain
    assert f"words by {coach.settings.model}" in contexts(answer)
    assert answer.ephemeral


async def without_model(slack, coach, cro):
    model, coach.model = coach.model, None
    reply = await slack.command("/winrate region", user=cro)
    coach.model = model
    return [table(message) for message in reply.messages]


async def test_the_numbers_of_a_command_do_not_wait_for_the_model(slack, cro, llmock):
    llmock.delay(1.5).reply(CHOSEN)
    start = asyncio.get_running_loop().time()
    reply = await slack.command("/winrate region", user=cro)
    assert asyncio.get_running_loop().time() - start < 1.0
    assert table(reply.messages[0])
    assert SUGGESTION not in str(reply.blocks)
    await told(slack, reply.messages[0])
    assert SUGGESTION in str(reply.messages[0].blocks)


async def test_a_model_that_thinks_for_one_holds_up_nobody_else(slack, people, cro, llmock):
    llmock.delay(2).reply(CHOSEN)
    asking = asyncio.create_task(ask(slack, cro, ASKED))
    await slack.pulse.until(lambda: len(slack.direct(cro).messages) > 1, 5)
    start = asyncio.get_running_loop().time()
    reply = await slack.command("/winrate region", user=one(people, "manager"))
    assert reply.blocks
    assert asyncio.get_running_loop().time() - start < 1.0
    assert not asking.done()
    await asking


async def test_when_slack_refuses_the_replacement_the_first_answer_stands(slack, cro, llmock):
    llmock.delay(0.3).reply(CHOSEN)
    reply = await slack.command("/winrate region", user=cro)
    slack.faults = Faults([Fault(Kind.REFUSE, "response_url")])
    await slack.pulse.until(lambda: slack.calls[-1].outcome == Kind.REFUSE, 5)
    assert table(reply.messages[0])
    assert SUGGESTION not in str(reply.blocks)


@pytest.mark.parametrize("fault", ["fail", "truncate", "disconnect", "nonsense"])
async def test_when_the_model_fails_the_numbers_are_the_same_and_the_last_line_says_plain_mode(
    slack, coach, cro, llmock, fault
):
    (plain,) = await without_model(slack, coach, cro)
    break_the_model(llmock, fault)
    (answer,) = await typed(slack, cro, "/winrate region")
    assert table(answer) == plain
    assert "plain mode" in contexts(answer)
    assert bullets(answer)


def break_the_model(llmock, fault):
    if fault == "nonsense":
        llmock.reply("I would say it is 42 %.")
    elif fault == "fail":
        llmock.fail(500, times=None)
    else:
        getattr(llmock.reply(CHOSEN), fault)(after_chunks=1, times=None)


async def test_after_a_click_the_numbers_come_first_and_the_words_below_them(slack, cro, llmock):
    llmock.reply(CHOSEN)
    (first,) = await typed(slack, cro, "/winrate region")
    llmock.delay(0.5).reply(CHOSEN)
    before = str(first.blocks)
    clicked = await slack.click(first, "ask.lead_source", user=cro)
    (numbers,) = clicked.messages
    await slack.pulse.until(lambda: slack.sees(cro)[-1] is not numbers, 5)
    words = slack.sees(cro)[-1]
    assert str(first.blocks) == before
    assert table(numbers)
    assert not bullets(numbers)
    assert SUGGESTION in str(words.blocks)


# ---------------------------------------------------------------- in a thread


async def test_numbers_stand_in_the_thread_before_the_words_are_streamed(slack, cro, llmock):
    llmock.reply(CHOSEN)
    numbers, words = await ask(slack, cro, ASKED)
    assert table(numbers)
    assert not bullets(numbers)
    assert SUGGESTION in words.text
    assert [block["type"] for block in words.blocks] == ["actions", "context_actions", "context"]
    assert {numbers.thread_ts, words.thread_ts} == {question(slack, cro)}
    assert not words.streaming


async def test_the_first_checked_line_comes_before_the_model_has_finished(slack, cro, llmock):
    llmock.pace(30).reply(blocks({"claims": ["c1"]}, {"say": "Who " + "really " * 30}, {"say": SUGGESTION}))
    asking = asyncio.create_task(ask(slack, cro, ASKED))
    await slack.pulse.until(lambda: bool(streamed(slack, cro)), 5)
    (words,) = streamed(slack, cro)
    assert words.text.startswith("- ")
    assert SUGGESTION not in words.text
    await asking
    assert SUGGESTION in words.text
    starts = [call.at for call in slack.calls if call.method == "chat.startStream"]
    assert starts[0] - asked_at(slack, cro) < 1.2


def streamed(slack, cro):
    return [message for message in slack.direct(cro).messages if message.streaming]


def asked_at(slack, cro):
    return float(question(slack, cro))


async def test_when_the_model_fails_in_a_thread_the_templates_words_are_streamed(slack, coach, cro, llmock):
    llmock.fail(500, times=None)
    numbers, words = await ask(slack, cro, ASKED)
    assert table(numbers)
    assert words.text
    assert "plain mode" in contexts(words)


async def test_stop_ends_the_stream_with_a_word_and_nothing_more_comes(slack, cro, llmock):
    llmock.pace(30).reply(blocks({"claims": ["c1"]}, *({"say": SUGGESTION} for _ in range(20))))
    asking = asyncio.create_task(ask(slack, cro, ASKED))
    await slack.pulse.until(lambda: bool(streamed(slack, cro)), 5)
    await slack.stop_answer(slack.direct(cro), question(slack, cro), cro)
    await asking
    words = slack.direct(cro).messages[-1]
    assert words.text.endswith("- Stopped.\n")
    assert not words.streaming
    calls = len(slack.calls)
    await asyncio.sleep(0.5)
    assert len(slack.calls) == calls


async def test_the_same_question_again_asks_the_model_no_more(slack, cro, llmock):
    llmock.reply(CHOSEN)
    first = await ask(slack, cro, ASKED)
    again = await ask(slack, cro, ASKED)
    assert [m.text for m in first] == [m.text for m in again]
    assert len(llmock.requests) == 1


async def test_what_no_rule_reads_the_model_may_read(slack, cro, llmock):
    llmock.call_tool("win_rate", {"by": ["region"]}).reply(CHOSEN)
    answers = await ask(slack, cro, "florble the quux")
    assert llmock.requests
    assert answers


async def test_with_words_off_the_model_is_never_asked(slack, coach, cro, llmock):
    coach.settings = coach.settings.model_copy(
        update={"words_in_answers": "off", "words_in_questions": "off"}
    )
    (answer,) = await ask(slack, cro, ASKED)
    await ask(slack, cro, "florble the quux")
    assert header(answer).startswith("Win rate by region")
    assert not llmock.requests
