"""The playground's faults and rate limits: what the app is told, and what was really stored."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler

from bot.playground import Fault, Faults, Kind, Playground
from bot.playground.faults import read
from bot.playground.pace import TIER_1, TIER_3, Pace
from tests.playground_apps import client

KEY = {"event_type": "coach_alert", "event_payload": {"key": "k1"}}


@pytest.fixture
async def slack() -> AsyncIterator[Playground]:
    async with Playground() as slack:
        yield slack


async def post(slack: Playground) -> str:
    """How one post of an alert ends for the app."""
    try:
        await client(slack).chat_postMessage(channel="U_PRIYA", text="stalled", metadata=KEY)
    except SlackApiError as error:
        return (
            str(error.response["error"])
            if error.response.status_code == 200
            else str(error.response.status_code)
        )
    except (aiohttp.ClientError, TimeoutError) as error:
        return type(error).__name__
    return "ok"


@pytest.mark.parametrize(
    ("kind", "ending", "stored"),
    [
        (Kind.RATELIMITED, "429", 0),
        (Kind.FAIL, "500", 0),
        (Kind.STORE_THEN_FAIL, "500", 1),
        (Kind.STORE_THEN_DROP, "ServerDisconnectedError", 1),
        (Kind.DROP, "ServerDisconnectedError", 0),
        (Kind.REFUSE, "internal_error", 0),
        (Kind.DELAY, "ok", 1),
        (Kind.LAND_LATE, "ok", 1),
    ],
)
async def test_a_fault_shows_one_thing_and_stores_another(slack, kind, ending, stored):
    slack.faults = Faults([Fault(kind, "chat.postMessage", seconds=0.01)])
    assert await post(slack) == ending
    assert len(slack.stored().get("k1", [])) == stored
    assert slack.calls[-1].stored is bool(stored)


async def test_a_post_may_land_after_its_sender_has_given_up(slack):
    slack.faults = Faults([Fault(Kind.LAND_LATE, seconds=0.3)])
    web = client(slack)
    web.timeout = 0.1
    with pytest.raises(TimeoutError):
        await web.chat_postMessage(channel="U_PRIYA", text="stalled", metadata=KEY)
    assert slack.stored() == {}
    await slack.idle(settle=0.4)
    assert len(slack.stored()["k1"]) == 1


async def test_a_scripted_fault_strikes_its_method_its_number_of_times(slack):
    slack.faults = Faults([Fault(Kind.FAIL, "chat.postMessage", times=2)])
    await client(slack).auth_test()
    assert [await post(slack) for _ in range(3)] == ["500", "500", "ok"]


async def test_faults_by_chance_are_the_same_for_the_same_seed(slack):
    def struck(seed: int) -> list[Kind | None]:
        faults = Faults(chances={Kind.FAIL: 0.3, Kind.DROP: 0.2}, seed=seed)
        return [fault.kind if (fault := faults.next("chat.postMessage")) else None for _ in range(50)]

    assert struck(7) == struck(7) != struck(8)
    assert set(struck(7)) == {Kind.FAIL, Kind.DROP, None}


def test_chances_strike_only_the_methods_named():
    faults = Faults(chances={Kind.FAIL: 1.0}, methods=frozenset({"chat.postMessage"}))
    assert faults.next("auth.test") is None
    assert faults.next("chat.postMessage").kind is Kind.FAIL


def test_faults_are_read_from_json():
    faults = read(
        {"script": [{"kind": "drop", "method": "chat.update"}], "chances": {"fail": 0.5}, "seed": 3}
    )
    assert faults.script == [Fault(Kind.DROP, "chat.update")]
    assert dict(faults.chances) == {Kind.FAIL: 0.5}
    with pytest.raises(ValueError, match="explode"):
        read({"script": [{"kind": "explode"}]})


async def test_a_rate_limited_client_waits_as_long_as_it_is_told(slack):
    slack.faults = Faults([Fault(Kind.RATELIMITED, retry_after=1)])
    web = client(slack)
    web.retry_handlers.append(AsyncRateLimitErrorRetryHandler())
    start = asyncio.get_running_loop().time()
    await web.auth_test()
    assert asyncio.get_running_loop().time() - start >= 1


async def test_a_channel_takes_a_burst_and_then_one_message_a_second():
    async with Playground(pace=1) as slack:
        endings = Counter([await post(slack) for _ in range(7)])
    assert endings == {"ok": 5, "429": 2}
    assert len(slack.stored()["k1"]) == 5


def test_a_method_allows_its_tier_each_minute():
    now = [0.0]
    pace = Pace(lambda: now[0])
    assert [pace.wait("conversations.history", TIER_3) for _ in range(51)] == [0] * 50 + [2]
    now[0] = 60.0
    assert pace.wait("conversations.history", TIER_3) == 0


def test_limits_are_scaled_and_can_be_switched_off():
    generous, none = Pace(lambda: 0.0, scale=10), Pace(lambda: 0.0, scale=0)
    assert [generous.wait("apps.connections.open", TIER_1) for _ in range(11)] == [0] * 10 + [6]
    assert {none.wait_to_post("C") for _ in range(1000)} == {0}


@given(st.lists(st.floats(0, 30), min_size=1, max_size=200))
def test_a_channel_never_takes_more_than_its_burst_and_one_message_a_second(pauses):
    now = [0.0]
    pace = Pace(lambda: now[0])
    taken = 0
    for pause in pauses:
        now[0] += pause
        taken += pace.wait_to_post("C") == 0
    assert taken <= 5 + now[0]
