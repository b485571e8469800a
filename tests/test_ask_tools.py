"""The eight tools of the language model: what they ask for, what they refuse, and what the model reads."""

import json
import re
from contextlib import aclosing
from types import SimpleNamespace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.questions import DIMENSIONS
from bot import intents, model
from bot import settings as config
from bot.intents.free.meant import Back, Polite
from bot.memory.turns import Turn
from bot.model.calls import Call, Unavailable
from bot.narrator import ask
from bot.narrator.ask import history
from bot.narrator.ask.calls import Fault, heard
from bot.narrator.ask.handles import Handles
from bot.narrator.ask.offer import offered
from bot.narrator.ask.tools import TOOLS
from prompts import files
from tests.hostile_company import ASKER, Scripted, company, deals


@pytest.fixture(scope="module")
def coach(tmp_path_factory):
    return company(tmp_path_factory.mktemp("ask"), deals())


@pytest.fixture
def inquiry(coach):
    """The CRO's."""
    return coach.asked_here("cro_1")


@pytest.fixture
def handles(inquiry):
    """Those of a question about a region, a rep, a deal and an account."""
    found = Handles(inquiry)
    told = found.masked("Zanaryland, Luis Zanarybay, QU-0000, Basalt1 Zanaryworks, Zanarysource0")
    assert told == "region_A, rep_B, deal_C, deal_D, lead_source_E"
    return found


def line(tool, inquiry, handles, **arguments):
    """The command line that a call comes to."""
    return intents.describe(heard(Call("1", tool, json.dumps(arguments)), inquiry, handles))


ASKED = [
    ("win_rate", {}, "/winrate"),
    (
        "win_rate",
        {"by": ["rep", "quarter"], "only": ["region_A"], "period": {"relative": "last_quarter"}},
        '/winrate rep, quarter where region = "Zanaryland" 2024-Q1',
    ),
    ("win_rate", {"by_amount": True, "every_type": True}, '/winrate where deal type = "all" by amount'),
    ("win_rate", {"period": {"quarter": 1}}, "/winrate 2024-Q1"),
    ("win_rate", {"period": {"year": 2023, "month": 11}}, "/winrate 2023-11"),
    ("win_rate", {"as_of": {"year": 2024, "month": 5, "day": 3}}, "/winrate asof 2024-05-03"),
    ("why_changed", {"after": {"year": 2024, "quarter": 1}}, "/why 2023-Q4 vs 2024-Q1"),
    ("why_changed", {"by": "region", "challenge": True}, "/why by region challenge"),
    ("unusual", {"by": "region", "floor_percent": 35}, "/watch region below 35 %"),
    ("drivers", {"by": ["region", "lead_source"]}, "/drivers region, lead source"),
    (
        "pipeline",
        {"view": "forecast", "whose": "team", "period": {"relative": "next_quarter"}},
        "/pipeline team 2024-Q3",
    ),
    ("pipeline", {"view": "leaks", "only": ["rep_B"]}, '/funnel where rep = "rep_1"'),
    (
        "what_if",
        {"action": "shift", "segment": ["lead_source_E"], "to": ["region_A"]},
        '/whatif shift lead source = "Zanarysource0" to region = "Zanaryland"',
    ),
    ("page", {"page": "deal", "about": "deal_C"}, "/deal QU-0000"),
    ("page", {"page": "deal_changes", "about": "deal_D"}, "/deal BA-0001 changes"),
    ("page", {"page": "rep", "about": "rep_B"}, '/coach rep "rep_1"'),
    ("page", {"page": "week", "about": "rep_B"}, '/coach week "rep_1"'),
    ("page", {"page": "glossary", "term": "win_rate"}, "/coach glossary win rate"),
    ("page", {"page": "help", "topic": "why"}, "/coach help why"),
    ("page", {"page": "model"}, "/coach model"),
    ("page", {"page": "quality"}, "/coach quality"),
]


@pytest.mark.parametrize(("tool", "arguments", "asked"), ASKED)
def test_a_call_asks_for_a_line_that_a_person_could_type(inquiry, handles, tool, arguments, asked):
    assert line(tool, inquiry, handles, **arguments) == asked


@pytest.mark.parametrize(("tool", "arguments", "asked"), ASKED[:-5])
def test_an_answer_in_the_thread_is_the_call_it_would_have_come_from(
    inquiry, handles, tool, arguments, asked
):
    name, told = history.called(inquiry.understand_line(asked), handles)
    assert line(name, inquiry, handles, **told) == asked


def test_no_more_than_eight_tools_are_offered_and_none_takes_free_text():
    assert [tool["function"]["name"] for tool in offered()] == list(TOOLS)
    assert len(offered()) <= 8
    for tool in offered():
        for field in fields(tool["function"]["parameters"]):
            assert field["type"] in ("integer", "boolean") or {"enum", "const", "pattern"} & set(field), field
            assert field["type"] != "integer" or {"minimum", "maximum"} <= set(field), field


def fields(schema):
    """Every single value that a schema takes; no object takes others than those it names."""
    if schema["type"] == "object":
        assert schema["additionalProperties"] is False
        return [one for part in schema["properties"].values() for one in fields(part)]
    if schema["type"] == "array":
        assert schema["maxItems"] <= 6
        return fields(schema["items"])
    return [schema]


def test_the_tools_are_told_by_the_prompt_and_the_prompt_has_no_slots():
    prompt = files.prompt("route")
    assert prompt.version.isdigit()
    assert prompt.text.is_valid()
    assert prompt.text.get_identifiers() == []
    assert all(tool["function"]["description"] for tool in offered())
    assert not re.search(r"sk-|xox|@|https?:", prompt.text.template)


def test_the_dimensions_of_a_call_are_those_of_a_question():
    (cut, *_) = fields(offered()[0]["function"]["parameters"])
    assert cut["enum"] == list(DIMENSIONS)


def test_several_deals_of_an_account_are_asked_back(inquiry):
    handles = Handles(inquiry)
    assert handles.masked("how is Zanarydeal0? and Quartz?") == "how is Zanarydeal0? and deal_A?"
    meant = heard(Call("1", "page", '{"page": "deal", "about": "deal_A"}'), inquiry, handles)
    assert isinstance(meant, Back)
    assert [asked for _, asked in meant.options] == ["/deal QU-0006", "/deal QU-0015", "/deal QU-0024"]


async def test_a_model_that_is_unsure_has_the_person_choose(inquiry):
    unsure = {"reason": "unsure", "choices": ["win_rate", "forecast"], "only": ["region_A"]}
    meant = await ask.read("Zanaryland?", [], inquiry, scripted("otherwise", unsure), ASKER)
    assert isinstance(meant, Back)
    assert [asked for _, asked in meant.options] == [
        '/winrate where region = "Zanaryland"',
        '/pipeline where region = "Zanaryland"',
    ]


async def test_calls_that_differ_are_options_and_calls_that_agree_are_one(inquiry):
    model = Scripted([[("win_rate", "{}"), ("win_rate", '{"by": []}'), ("nonsense", "{}")]])
    assert await ask.read("hm", [], inquiry, model, ASKER) == inquiry.understand_line("/winrate")
    model = Scripted([[("win_rate", "{}"), ("drivers", "{}")]])
    meant = await ask.read("hm", [], inquiry, model, ASKER)
    assert [asked for _, asked in meant.options] == ["/winrate", "/drivers"]


@pytest.mark.parametrize("reason", ["off_topic", "people", "needs_person"])
async def test_a_model_may_decline(inquiry, reason):
    meant = await ask.read("who should I fire", [], inquiry, scripted("otherwise", {"reason": reason}), ASKER)
    assert isinstance(meant, Polite)
    assert meant.code == reason
    assert meant.options


async def test_one_slip_is_mended_and_two_end_the_reading(inquiry):
    mends = Scripted([[("drop_table", "{}")], [("win_rate", "{}")]])
    assert await ask.read("hm", [], inquiry, mends, ASKER) == inquiry.understand_line("/winrate")
    assert "unknown_tool" in mends.heard[1]
    assert "drop_table" not in mends.heard[1]

    broken = Scripted([[("win_rate", '{"by": ')]])
    assert await ask.read("hm", [], inquiry, broken, ASKER) is None
    assert len(broken.heard) == 2


async def test_a_question_that_cannot_be_asked_ends_in_the_grammars_sentence(inquiry):
    late = {"period": {"year": 2031, "quarter": 1}}
    model = scripted("win_rate", late)
    meant = await ask.read("win rate in 2031?", [], inquiry, model, ASKER)
    assert len(model.heard) == ask.MAX_STEPS
    assert meant.sentence == "2031-Q1 has not begun: the numbers are of 2024-06-28."
    assert meant.options


async def test_a_flood_of_calls_and_prose_end_at_once(inquiry):
    flood = Scripted([[("win_rate", "{}")] * 7])
    assert await ask.read("hm", [], inquiry, flood, ASKER) is None
    prose = Scripted([[]])
    assert await ask.read("hm", [], inquiry, prose, ASKER) is None
    assert len(flood.heard) == len(prose.heard) == 1


async def test_a_model_that_cannot_be_had_reads_nothing(inquiry):
    async def choose(*_):
        raise Unavailable("budget_day")

    assert await ask.read("hm", [], inquiry, SimpleNamespace(choose=choose), ASKER) is None


async def test_the_thread_is_told_as_calls_and_claim_ids(inquiry):
    turn = Turn(
        "how is Zanaryland?", '/winrate where region = "Zanaryland"', ("breakdown.best", "Zanary <x>")
    )
    model = scripted("win_rate", {"by": ["rep"], "only": ["region_A"]})
    meant = await ask.read("and by rep?", [turn] * 9, inquiry, model, ASKER)

    said = json.loads(model.heard[0])[0]
    assert intents.describe(meant) == '/winrate rep where region = "Zanaryland"'
    assert len([m for m in said if m["role"] == "user"]) == history.TURNS + 1
    assert [m["content"] for m in said[1:6]] == [
        "how is region_A?",
        None,
        "answered: breakdown.best",
        "answered",
        "how is region_A?",
    ]
    assert said[2]["tool_calls"][0]["function"] == {"name": "win_rate", "arguments": '{"only": ["region_A"]}'}


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("mail luis@zan.example about it", "mail rep_A about it"),
        ("mail someone.else@evil.example now", "mail someone now"),
        ("ask <@U012ABCDEF> in <#C0123|general>", "ask someone in someone"),
        ("see https://evil.example/?q=Luis and <https://evil.example|this>", "see a link and a link"),
        ("U0123456789 wants it", "someone wants it"),
        ("zanaryLAND\u200b or ZANARYSHIRE", "region_A or region_B"),
        ("luis's deals, Luis Zanarybay's deals", "rep_A's deals, rep_A's deals"),
        ("Mira and theo@zan.example", "a colleague and a colleague"),
        ("rep_1 and rep_12", "rep_A and rep_12"),
        ("Zanarylandish", "Zanarylandish"),
        ("", ""),
    ],
)
def test_the_model_reads_handles_instead_of_names(inquiry, typed, read):
    assert Handles(inquiry).masked(typed) == read


def test_names_are_looked_for_from_the_longest_and_what_is_left_over_is_read_too(inquiry):
    assert Handles(inquiry).masked("Quartz0 Zanaryworks Zanaryland") == "deal_A region_B"


def test_a_long_paste_is_cut(inquiry):
    assert len(Handles(inquiry).masked("paste " * 10_000)) <= 1000


def test_more_names_than_letters_stay_unread(inquiry):
    text = " ".join(row["deal_id"] for row in deals()[:30])
    assert Handles(inquiry).masked(text).count("something") == 4


WORDS = ["how is", "win rate", "vs", "and", "?", "'s", "-", "(", ")", "\u202e", "Quartz", "deal"]
NAMES = sorted(
    {row[key] for row in deals() for key in ("deal_id", "name", "account", "region", "lead_source")}
)


@given(st.lists(st.sampled_from(WORDS + NAMES[:40]) | st.text(max_size=5), max_size=12).map(" ".join))
def test_no_name_of_the_data_is_ever_read(coach_once, text):
    read = Handles(coach_once).masked(text).casefold()
    assert not any(re.search(rf"(?<!\w){re.escape(name.casefold())}(?!\w)", read) for name in NAMES)


@pytest.fixture(scope="module")
def coach_once(coach):
    return coach.asked_here("cro_1")


def test_an_argument_of_another_type_is_refused(inquiry, handles):
    for arguments in (
        '{"by_amount": 1}',
        '{"by": "rep"}',
        '{"period": {"quarter": "1"}}',
        "[]",
        '"win_rate"',
    ):
        assert isinstance(heard(Call("1", "win_rate", arguments), inquiry, handles), Fault)


def test_every_reading_is_of_a_type_that_listeners_know():
    assert {Back, Polite} <= set(get_args(intents.free.meant.Meant))


def scripted(tool, arguments):
    """A model that makes one call, again and again."""
    return Scripted([[(tool, json.dumps(arguments))]])


async def test_over_http_a_call_is_read_and_broken_ones_end_in_nothing(llmock, inquiry):
    by_region = inquiry.understand_line("/winrate region")
    async with aclosing(model.of(config.load(home=inquiry.coach.home))) as server:
        llmock.call_tool("win_rate", {"by": ["region"]})
        assert await ask.read("how do my areas do", [], inquiry, server, ASKER) == by_region
        for kind in ("unknown_tool", "malformed_arguments"):
            llmock.call_tool("win_rate", {}, times=2).break_tool_call(kind, times=2)
            assert await ask.read("hm", [], inquiry, server, ASKER) is None
    assert len(llmock.requests) == 1 + 2 + 2
