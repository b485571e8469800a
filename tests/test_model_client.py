"""The language model over real HTTP: whole answers, faults, limits, books and logs."""

import asyncio
import json
import logging
import time
import traceback
from contextlib import aclosing, suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from string import Template

import httpx2
import hypothesis
import pytest
import structlog
import time_machine
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from llmock.scenarios import Fail, Reply, StreamFault, ToolCall
from pydantic import SecretStr
from sqlalchemy import select

from bot import clock, doctor, logs
from bot import settings as config
from bot.coach import Coach
from bot.memory import Memory, usage
from bot.memory.tables import model_calls
from bot.model import Asker, Model, Unavailable, of
from prompts.files import Prompt

PROMPT = Prompt("narrate", "1", Template("Choose claims."), "0123456789abcdef")
ASKER = Asker("main", "U1", "answer")
MESSAGES = [{"role": "system", "content": "Choose claims."}, {"role": "user", "content": "c1 c2"}]
SCHEMA = {"type": "object", "properties": {}, "additionalProperties": False}
ANSWER = '{"blocks": [{"claims": ["c1"]}, {"claims": ["c2"]}]}'
TOOLS = [{"type": "function", "function": {"name": "page", "parameters": {"type": "object"}}}]
TEN = datetime(2024, 7, 20, 10, tzinfo=UTC)


def settings(url, **more):
    return config.load(openai_api_key=SecretStr("sk-secret-key"), openai_base_url=url, model="m", **more)


@pytest.fixture(scope="module", autouse=True)
def imported():
    """A first call, whose imports can take longer than the deadlines here."""

    async def first():
        async with aclosing(Model(settings("http://127.0.0.1:9/v1"))) as model:
            assert await refusal(said(model)) == "connection"

    asyncio.run(first())


@pytest.fixture
async def made(llmock):
    """Models of the fake server, closed at the end."""
    models = []

    def make(memory=None, transport=None, url="", **more):
        models.append(Model(settings(url or llmock.base_url(), **more), memory, transport))
        return models[-1]

    yield make
    for model in models:
        await model.aclose()


@pytest.fixture
async def memory(tmp_path):
    async with Memory.open(f"sqlite+aiosqlite:///{tmp_path / 'memory.sqlite'}", now=lambda: TEN) as opened:
        yield opened


async def said(model, asker=ASKER):
    return "".join([piece async for piece in model.stream(PROMPT, MESSAGES, SCHEMA, asker)])


async def refusal(asked):
    with pytest.raises(Unavailable) as why:
        await asked
    return why.value.code


async def rows(memory):
    async with memory.read() as connection:
        return (await connection.execute(select(model_calls).order_by(model_calls.c.id))).all()


def over(respond):
    """A server in this process, for answers the fake server cannot give."""
    return httpx2.MockTransport(respond)


def events(*chunks):
    lines = [chunk if isinstance(chunk, str) else json.dumps(chunk) for chunk in chunks]
    content = "".join(f"data: {line}\n\n" for line in lines).encode()
    return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=content)


def chunk(finish=None, usage=None, **delta):
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}], "usage": usage}


@pytest.fixture
async def dripping():
    """The address of a server that sends one letter each 0.1 s and never ends."""

    async def drip(request):
        answer = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await answer.prepare(request)
        while True:
            await answer.write(f"data: {json.dumps(chunk(content='a'))}\n\n".encode())
            await asyncio.sleep(0.1)

    app = web.Application()
    app.router.add_post("/v1/chat/completions", drip)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/v1"
    await runner.cleanup()


async def test_a_whole_answer_arrives_piece_by_piece(llmock, made):
    llmock.reply(ANSWER)
    pieces = [piece async for piece in made().stream(PROMPT, MESSAGES, SCHEMA, ASKER)]
    assert "".join(pieces) == ANSWER
    assert len(pieces) > 1


async def test_a_choice_is_its_calls_with_their_unchecked_arguments(llmock, made):
    llmock.call_tool("page", {"name": "deal"})
    choice = await made().choose(PROMPT, MESSAGES, TOOLS, ASKER)
    assert [(call.name, json.loads(call.arguments)) for call in choice.calls] == [("page", {"name": "deal"})]


async def test_a_choice_may_be_words(llmock, made):
    llmock.reply("Which region?")
    choice = await made().choose(PROMPT, MESSAGES, TOOLS, ASKER)
    assert (choice.calls, choice.text) == ((), "Which region?")


def flood(times=500):
    return Reply(tool_calls=tuple(ToolCall("page", {"n": n}) for n in range(times)))


FAULTS = {
    "429": ((Fail(429, retry_after=0.05, times=None),), "rate_limited"),
    "429 for ten minutes": ((Fail(429, retry_after=600, times=None),), "rate_limited"),
    "429 for longer than we wait": ((Fail(429, retry_after=3, times=None),), "rate_limited"),
    "500": ((Fail(500, times=None),), "server"),
    "quota": ((Fail(429, code="insufficient_quota", times=None),), "quota"),
    "hang": ((StreamFault("stall", after_chunks=0, stall_seconds=3),), "deadline"),
    "stall": ((StreamFault("stall", after_chunks=2, stall_seconds=3),), "deadline"),
    "disconnect": ((StreamFault("disconnect", after_chunks=3),), "connection"),
    "truncation": ((StreamFault("truncate", after_chunks=3),), "truncated"),
    "truncation at once": ((StreamFault("truncate", after_chunks=0),), "bad_stream"),
    "bad chunk": ((StreamFault("malformed", after_chunks=3),), "bad_stream"),
    "empty": ((Reply(text=""),), "empty"),
    "length": ((Reply(text="a b c", finish_reason="length"),), "length"),
    "filter": ((Reply(text="a b c", finish_reason="content_filter"),), "refused"),
    "tool flood": ((flood(),), "bad_stream"),
    "wrong key": ((Fail(401),), "rejected"),
    "unknown parameter": ((Fail(400),), "rejected"),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_every_fault_ends_as_its_own_code_within_the_deadline(llmock, made, fault):
    behaviours, code = FAULTS[fault]
    llmock.add(*behaviours)
    if not any(isinstance(one, Reply) for one in behaviours):
        llmock.reply(ANSWER)
    began = time.monotonic()
    assert await refusal(said(made(model_seconds=1.5))) == code
    assert time.monotonic() - began < 1.5 + 0.5


@pytest.mark.parametrize("fault", ["quota", "429 for ten minutes", "429 for longer than we wait"])
async def test_where_another_try_cannot_help_there_is_none(llmock, made, fault):
    llmock.add(*FAULTS[fault][0])
    await refusal(said(made(model_seconds=1.5)))
    assert len(llmock.requests) == 1


async def test_a_short_trouble_is_tried_once_more(llmock, made):
    llmock.rate_limit(retry_after=0.05).reply(ANSWER)
    assert await said(made()) == ANSWER
    assert len(llmock.requests) == 2


async def test_a_drip_ends_at_the_deadline_however_often_something_comes(made, dripping):
    began = time.monotonic()
    assert await refusal(said(made(url=dripping, model_seconds=0.7))) == "deadline"
    assert 0.6 < time.monotonic() - began < 1.2


async def test_a_server_that_is_not_there_is_a_lost_connection(made):
    assert await refusal(said(made(url="http://127.0.0.1:9/v1", model_seconds=3))) == "connection"


SHAPES = {
    "HTML": (
        httpx2.Response(200, headers={"content-type": "text/html"}, text="<html>"),
        "bad_stream",
    ),
    "JSON instead of a stream": (httpx2.Response(200, json={"choices": []}), "bad_stream"),
    "empty choices": (events({"choices": []}, "[DONE]"), "bad_stream"),
    "no choices": (events({"id": "x"}, "[DONE]"), "bad_stream"),
    "a list": (events("[1]", "[DONE]"), "bad_stream"),
    "a string": (events('"hello"', "[DONE]"), "bad_stream"),
    "null choices": (events({"choices": None}), "bad_stream"),
    "a null choice": (events({"choices": [None]}), "bad_stream"),
    "content as a list": (events(chunk(content=[{"text": "a"}])), "bad_stream"),
    "an error in the stream": (events(chunk(content="a"), {"error": {"message": "boom"}}), "server"),
    "a refusal": (events(chunk(refusal="I would rather not.")), "refused"),
    "no content": (events(chunk(), chunk(finish="stop"), "[DONE]"), "empty"),
    "an unknown end": (events(chunk(content="a"), chunk(finish="tired")), "bad_stream"),
    "a redirect": (httpx2.Response(307, headers={"location": "https://elsewhere.example/"}), "rejected"),
    "forever": (events(*(chunk(content="word " * 100) for _ in range(100))), "length"),
}


@pytest.mark.parametrize("shape", SHAPES)
async def test_an_answer_of_any_shape_is_whole_or_has_a_code(made, shape):
    response, code = SHAPES[shape]
    model = made(transport=over(lambda _: response))
    assert await refusal(said(model)) == code


def completion(finish="stop", **message):
    return httpx2.Response(200, json={"choices": [{"index": 0, "finish_reason": finish, "message": message}]})


CHOICES = {
    "HTML": (httpx2.Response(200, headers={"content-type": "text/html"}, text="<html>"), "bad_stream"),
    "half JSON": (
        httpx2.Response(200, headers={"content-type": "application/json"}, text="{"),
        "bad_stream",
    ),
    "empty choices": (httpx2.Response(200, json={"choices": []}), "bad_stream"),
    "nothing said": (completion(content=None), "empty"),
    "refused": (completion(content=None, refusal="No."), "refused"),
    "cut": (completion("length", content="a"), "length"),
    "filtered": (completion("content_filter", content=None), "refused"),
    "no end told": (completion(None, content="a"), "truncated"),
    "arguments as an object": (
        completion("tool_calls", tool_calls=[{"id": "1", "function": {"name": "page", "arguments": {}}}]),
        "bad_stream",
    ),
    "a call of nothing": (completion("tool_calls", tool_calls=[{"id": "1"}]), "bad_stream"),
}


@pytest.mark.parametrize("shape", CHOICES)
async def test_a_choice_of_any_shape_is_whole_or_has_a_code(made, shape):
    response, code = CHOICES[shape]
    model = made(transport=over(lambda _: response))
    assert await refusal(model.choose(PROMPT, MESSAGES, TOOLS, ASKER)) == code


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["", "a", "stop", "length", "tool_calls"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["content", "id"]), inner),
    max_leaves=4,
)


def garbled(**parts):
    """An object whose every part is well or something else, or missing."""
    return st.fixed_dictionaries({}, optional={name: part | JUNK for name, part in parts.items()}) | JUNK


FUNCTION = garbled(name=st.just("page"), arguments=st.just("{}"))
SAYS = garbled(
    content=st.just("a"), refusal=st.none(), tool_calls=st.lists(garbled(id=st.just("1"), function=FUNCTION))
)
TURN = garbled(
    index=st.just(0), delta=SAYS, message=SAYS, finish_reason=st.sampled_from(["stop", "tool_calls"])
)
COUNT = garbled(
    prompt_tokens=st.just(1),
    completion_tokens=st.just(1),
    prompt_tokens_details=garbled(cached_tokens=st.just(1)),
)
ANSWERS = garbled(choices=st.lists(TURN, max_size=2), usage=COUNT, error=st.none())


@hypothesis.settings(max_examples=100, deadline=None)
@given(answers=st.lists(ANSWERS, max_size=3), status=st.sampled_from([200, 200, 200, 302, 404, 204]))
async def test_whatever_a_server_sends_is_an_answer_or_has_a_code(answers, status):
    def respond(request):
        if b'"stream"' in request.content:
            return events(*answers)
        return httpx2.Response(status, json=answers[0] if answers else None)

    model = Model(settings("http://127.0.0.1:9/v1", model_seconds=5), transport=over(respond))
    for asked in (said(model), model.choose(PROMPT, MESSAGES, TOOLS, ASKER)):
        with suppress(Unavailable):
            assert await asked
    await model.aclose()


async def test_an_answer_that_is_whole_is_not_lost_with_its_count(made, memory):
    broken = events(chunk(content="hello"), chunk(finish="stop"), "{half")
    assert await said(made(memory, over(lambda _: broken))) == "hello"
    (row,) = await rows(memory)
    assert (row.outcome, row.estimated) == ("told", 1)


# Books


async def test_every_call_is_one_row_with_the_servers_count_and_its_cost(made, memory):
    counted = {
        "prompt_tokens": 1000,
        "completion_tokens": 100,
        "prompt_tokens_details": {"cached_tokens": 600},
    }
    whole = events(chunk(content="hello"), chunk(finish="stop", usage=counted), "[DONE]")
    prices = {"price_in": "2", "price_cached": "0.5", "price_out": "10"}
    await said(made(memory, over(lambda _: whole), **prices))
    (row,) = await rows(memory)
    assert (row.tokens_in, row.tokens_cached, row.tokens_out, row.estimated) == (1000, 600, 100, 0)
    assert Decimal(row.cost) == Decimal("0.0021")  # 400 x 2 + 600 x 0.5 + 100 x 10, for a million
    assert (row.outcome, row.surface, row.prompt, row.at) == ("told", "answer", "narrate-1-01234567", TEN)


@pytest.mark.parametrize(
    "told", [None, {}, {"prompt_tokens": 7}, {"prompt_tokens": "7", "completion_tokens": None}]
)
async def test_without_a_count_it_is_estimated_and_says_so(made, memory, told):
    whole = events(chunk(content="x" * 40), chunk(finish="stop", usage=told), "[DONE]")
    await said(made(memory, over(lambda _: whole)))
    (row,) = await rows(memory)
    assert (row.tokens_out, row.estimated, row.cost) == (10, 1, "")
    assert row.tokens_in > 20


async def test_a_request_that_was_not_taken_costs_nothing(llmock, made, memory):
    llmock.fail(400)
    await refusal(said(made(memory)))
    (row,) = await rows(memory)
    assert (row.outcome, row.tokens_in, row.tokens_out) == ("rejected", 0, 0)


async def test_a_day_is_summed_by_how_its_calls_ended(llmock, made, memory):
    llmock.reply("a b c")
    model = made(memory, price_in="1", price_out="1")
    await said(model)
    llmock.fail(401)
    await refusal(said(model))
    async with memory.read() as connection:
        today = await usage.summary(connection, "main", TEN - timedelta(hours=10))
        later = await usage.summary(connection, "main", TEN + timedelta(seconds=1))
        elsewhere = await usage.summary(connection, "other", TEN)
    assert (today.calls, dict(today.untold)) == (2, {"rejected": 1})
    assert today.cost > 0
    assert later.calls == elsewhere.calls == 0
    assert later.cost is None


async def test_a_memory_that_cannot_be_written_takes_the_answer_from_nobody(llmock, made, memory):
    llmock.reply(ANSWER)
    async with memory.read() as connection:
        await connection.exec_driver_sql("PRAGMA query_only = 1")
    assert await said(made(memory)) == ANSWER


async def test_rows_are_forgotten_when_they_are_old(llmock, made, memory):
    llmock.reply(ANSWER)
    await said(made(memory))
    async with memory.write() as tx:
        await usage.forget(tx, TEN + timedelta(days=1))
    assert await rows(memory) == []


# Leaving early


async def test_leaving_early_frees_the_place_and_is_written_down(llmock, made, memory):
    llmock.pace(30).reply(ANSWER).reply("b")
    model = made(memory, model_at_once=1)
    async with aclosing(model.stream(PROMPT, MESSAGES, SCHEMA, ASKER)) as pieces:
        await anext(pieces)
    assert await said(model) == "b"
    first, second = await rows(memory)
    assert (first.outcome, second.outcome) == ("stopped", "told")
    assert first.estimated == 1
    assert not llmock.requests[0].completed


async def test_a_cancelled_question_frees_the_place_and_is_written_down(llmock, made, memory):
    llmock.stall(after_chunks=0, seconds=3).reply("a").reply("b")
    model = made(memory, model_at_once=1)
    asking = asyncio.create_task(said(model))
    await asyncio.sleep(0.4)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    llmock.reset().reply("b")
    assert await said(model) == "b"
    assert [row.outcome for row in await rows(memory)] == ["stopped", "told"]


async def test_a_slow_reader_is_never_cancelled_by_our_deadline(made, dripping):
    stream = made(url=dripping, model_seconds=0.4).stream(PROMPT, MESSAGES, SCHEMA, ASKER)
    await anext(stream)
    await asyncio.sleep(0.6)  # a deadline around the whole stream would strike here
    assert await refusal(rest(stream)) == "deadline"


async def rest(stream):
    return [piece async for piece in stream]


# Limits


async def test_a_persons_second_question_waits_for_the_first(llmock, made):
    llmock.pace(30).reply("a b c d").reply("e f g h")
    model = made()
    await asyncio.gather(said(model), said(model))
    first, second = llmock.requests
    assert second.started_at >= first.started_at + 0.1


async def test_two_persons_do_not_wait_for_each_other(llmock, made):
    llmock.delay(0.3, times=2)
    model = made()
    began = time.monotonic()
    await asyncio.gather(said(model), said(model, Asker("main", "U2", "answer")))
    first, second = llmock.requests
    assert abs(second.started_at - first.started_at) < 0.2
    assert time.monotonic() - began < 5


async def test_who_waits_for_a_place_longer_than_the_deadline_is_told_busy(made, memory, dripping):
    model = made(memory, url=dripping, model_at_once=1, model_seconds=1)
    patient = Model(settings(dripping, model_seconds=0.4), memory)
    patient._turns = model._turns
    first = asyncio.create_task(refusal(said(model)))
    await asyncio.sleep(0.2)
    assert await refusal(said(patient, Asker("main", "U2", "answer"))) == "busy"
    assert await first == "deadline"
    assert [(row.slack_user, row.outcome) for row in await rows(memory)] == [
        ("U2", "busy"),
        ("U1", "deadline"),
    ]


@pytest.fixture
def hungry():
    """A server whose every answer uses 900 tokens; a call is expected to use a little more than that."""
    counted = {"prompt_tokens": 600, "completion_tokens": 300}
    return over(lambda _: events(chunk(content="hello"), chunk(finish="stop", usage=counted), "[DONE]"))


@pytest.mark.parametrize("kept", [True, False])
async def test_a_budget_ends_with_the_local_day(made, memory, hungry, kept):
    with time_machine.travel("2024-07-20T21:30:00Z", tick=True) as travel:
        memory.now = clock.now
        model = made(memory if kept else None, hungry, zone="Europe/Berlin", tokens_per_user=1500)
        assert await said(model)
        assert [await refusal(said(model)) for _ in range(2)] == ["budget_user"] * 2
        assert await said(model, Asker("main", "U2", "answer"))
        travel.move_to("2024-07-20T22:00:01Z")
        assert await said(model)


async def test_everybodys_budget_holds_for_who_asked_nothing_yet(made, memory, hungry):
    model = made(memory, hungry, tokens_per_day=1500)
    assert await said(model)
    assert await refusal(said(model, Asker("main", "U2", "answer"))) == "budget_day"


async def test_a_budget_survives_a_restart(made, memory, hungry):
    assert await said(made(memory, hungry, tokens_per_user=1500))
    assert await refusal(said(made(memory, hungry, tokens_per_user=1500))) == "budget_user"


async def test_a_budget_is_not_overrun_by_questions_at_once(llmock, made):
    llmock.add(Reply(text="a b c", times=None))
    model = made(tokens_per_day=2000)
    asked = (said(model, Asker("main", f"U{n}", "answer")) for n in range(6))
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(one) for one in found].count(str) == 2
    assert {one.code for one in found if isinstance(one, Unavailable)} == {"budget_day"}


async def test_after_five_faults_in_a_row_the_server_is_left_alone_for_five_minutes(llmock, made):
    llmock.add(Fail(400, times=4), StreamFault("truncate", times=None))
    model = made()
    with time_machine.travel("2024-07-20T10:00:00Z", tick=True) as travel:
        assert [await refusal(said(model)) for _ in range(4)] == ["rejected"] * 4
        assert [await refusal(said(model)) for _ in range(5)] == ["truncated"] * 5
        assert [await refusal(said(model)) for _ in range(20)] == ["breaker"] * 20
        assert len(llmock.requests) == 9
        travel.shift(timedelta(minutes=5, seconds=1))
        assert [await refusal(said(model)) for _ in range(2)] == ["truncated", "breaker"]
        travel.shift(timedelta(minutes=5, seconds=1))
        llmock.reset().reply(ANSWER)
        assert await said(model) == ANSWER


async def test_our_own_limits_do_not_open_the_breaker(made):
    model = made(tokens_per_user=0)
    assert [await refusal(said(model)) for _ in range(10)] == ["budget_user"] * 10


# What is said about it


async def test_a_call_is_logged_without_person_or_words(llmock, made):
    llmock.reply(ANSWER)
    with structlog.testing.capture_logs() as lines:
        await said(made())
    (line,) = lines
    assert (line["event"], line["outcome"], line["prompt"]) == ("model_call", "told", PROMPT.id)
    assert not {"U1", ANSWER, MESSAGES[0]["content"]} & set(map(str, line.values()))


async def test_no_library_logs_what_was_asked_even_when_told_to(llmock, made, monkeypatch, caplog):
    import openai._utils._logs as theirs

    monkeypatch.setenv("OPENAI_LOG", "debug")
    theirs.setup_logging()
    llmock.reply(ANSWER)
    caplog.set_level(logging.DEBUG)
    await said(made())
    assert "Choose claims" not in caplog.text
    assert "sk-secret-key" not in caplog.text


async def test_an_error_carries_none_of_the_servers_words(llmock, made):
    llmock.fail(401, message="Incorrect API key provided: sk-secret-key")
    with pytest.raises(Unavailable) as why:
        await said(made())
    assert "sk-secret" not in str(why.value)
    assert "sk-secret" not in "".join(traceback.format_exception(why.value))


SECRET = ["sk-proj-abcDEF123_456", "xoxb-1234-abcd", "xapp-1-A0-99-deadbeef", "ada.lovelace@example.co.uk"]


@pytest.mark.parametrize("secret", SECRET)
def test_no_token_and_no_email_reaches_the_log(capsys, secret):
    try:
        logs.configure("INFO")
        try:
            raise ValueError(f"refused {secret}\nfor {secret}")
        except ValueError as error:
            structlog.get_logger().error("failed", exc_info=error, deep={"a": [f"<{secret}>", error]}, n=1)
    finally:
        structlog.reset_defaults()
    line = json.loads(capsys.readouterr().err.strip().splitlines()[-1])
    assert secret not in json.dumps(line)
    assert line["deep"]["a"][0] == "<[redacted]>"
    assert line["n"] == 1


@pytest.mark.parametrize("secret", SECRET)
def test_the_libraries_lines_are_redacted_too(secret):
    record = logging.LogRecord("aiohttp", logging.ERROR, "", 1, "lost %s", (secret,), None)
    assert logs.Redacting().format(record) == "lost [redacted]"


# Around it


def test_without_a_key_there_is_no_model():
    assert of(config.load(openai_api_key=SecretStr(""))) is None


async def test_a_coach_has_one_model_and_closes_it(llmock):
    coach = Coach(settings(llmock.base_url()))
    llmock.reply(ANSWER)
    assert coach.model is coach.model
    assert await said(coach.model) == ANSWER
    await coach.aclose()


async def test_the_doctor_says_whether_the_models_server_answers(llmock):
    found = await doctor.language_model(settings(llmock.base_url()))
    assert found.ok
    assert found.found == f"m at {llmock.url.removeprefix('http://')}, profile compat"
    llmock.fail(401)
    refused = await doctor.language_model(settings(llmock.base_url()))
    assert (refused.ok, "OPENAI_API_KEY" in refused.remedy) == (False, True)
    gone = await doctor.language_model(settings("http://127.0.0.1:9/v1"))
    assert (gone.ok, "OPENAI_BASE_URL" in gone.remedy) == (False, True)
    assert "sk-secret" not in repr([found, refused, gone])


async def test_status_tells_todays_calls(llmock, made, tmp_path):
    here = settings(llmock.base_url(), home=tmp_path, price_in="1", price_out="1")
    async with Memory.open(here.memory_url) as memory:
        llmock.reply(ANSWER)
        model = made(memory, price_in="1", price_out="1")
        await said(model)
        llmock.fail(401)
        await refusal(said(model))
    told = [finding async for finding in doctor.health(here)][-1]
    assert told.check == "model calls today"
    assert told.found.startswith("2, ")
    assert told.found.endswith("1 not told to the end (rejected 1)")
