"""G1 to G3, through the whole bot: whatever a model says, Slack receives what code can say."""

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import hypothesis
import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from analytics import store
from bot import app
from bot import settings as config
from bot.coach import Coach
from bot.demo import members
from bot.memory import Memory
from bot.model import Call
from bot.narrator.ask.tools import TOOLS
from bot.narrator.telling import Cache, registry
from bot.playground import Playground
from bot.replies import reply as replied
from prompts import files
from tests import face, received
from tests.hostile_company import company, deals, foreign
from tests.playground_apps import over_http
from tests.received import Received
from tests.scripted_model import GOOD, LIES, SUGGESTION, Arbitrary

pytestmark = pytest.mark.asyncio(loop_scope="module")

WAIT = 10.0  #: seconds until a test gives up
VIEWERS = ("rep_1", "mgr_1", "cro_1")
LINES = (
    "/winrate region",
    "/winrate lead source",
    "/deal QU-0006",
    "/deal QU-0000",
    "/pipeline mine",
    "/funnel",
)
QUESTIONS = (
    "what is our win rate by region?",
    "show me QU-0006",
    "florble the quux",
    "win rate by lead source",
)


@dataclass
class Town:
    """Our whole bot in a Slack, and what nobody caught."""

    slack: Playground
    coach: Coach
    uncaught: list[dict[str, object]] = field(default_factory=list)

    async def hear(self, viewer: str, asked: str, model: Arbitrary) -> Received:
        """What this person receives for a line or a question, with this model."""
        self.coach.model, self.coach.tellings = model, Cache()
        if not asked.startswith("/"):
            return Received(await face.ask(self.slack, viewer, asked))
        got = Received((await self.slack.command(asked, user=viewer)).messages)
        if model.asked:
            assert await self.slack.pulse.until(lambda: is_told(got), WAIT)
        return got

    async def problems(self, viewer: str, got: Received) -> list[str]:
        """What is wrong with it."""
        inquiry = self.coach.asked_here(viewer)
        found = await received.problems(got, inquiry, Arbitrary.name, foreign(inquiry))
        return [*found, *map(str, self.uncaught)]


def is_told(got: Received) -> bool:
    return "words by" in got.last_line or "plain mode" in got.last_line


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory):
    folder = tmp_path_factory.mktemp("guarantees")
    made = company(folder, deals())
    async with Memory.open(f"sqlite+aiosqlite:///{folder / 'memory.sqlite'}") as memory:
        coach = Coach(made.settings, memory)
        coach.model = None
        async with over_signed_http(coach) as slack:
            town = Town(slack, coach)
            asyncio.get_running_loop().set_exception_handler(lambda _, context: town.uncaught.append(context))
            yield town


@asynccontextmanager
async def over_signed_http(coach: Coach):
    """A Slack that delivers over HTTP: no connection goes stale while hypothesis thinks of an example."""
    people = members(store.current(coach.home).people())
    async with Playground(people, deadline=20) as slack:
        token = {"slack_bot_token": slack.bot_token, "slack_signing_secret": slack.signing_secret}
        told = config.load(**token, slack_api_url=slack.api_url, mode="http")
        names = (*token, "slack_api_url", "mode")
        coach.settings = coach.settings.model_copy(update={name: getattr(told, name) for name in names})
        async with over_http(slack, app.build(coach)):
            yield slack


# ---------------------------------------------------------------- arbitrary models

TEN_SCRIPTS = (
    "forty-two",
    "сорок два",
    "σαράντα δύο",
    "اثنان وأربعون",
    "ארבעים ושתיים",
    "बयालीस",
    "四十二",
    "마흔둘",
    "สี่สิบสอง",
    "よんじゅうに",
    "ორმოცდაორი",
)
DIGITS = ("42", "４２", "٤٢", "४२", "๔๒", "Ⅷ", "½", "①", "🔟", "𝟒𝟐", "₄₂", "XLII", "4.2 %", "$5K", "a dozen")
LIVE = (
    "<!channel>",
    "<@U000001>",
    "<#C_GENERAL>",
    "<https://evil.example|here>",
    "[pay](https://evil.example)",
    "![x](https://evil.example/a.png)",
    "evil.example",
    "*URGENT*",
    "`code`",
    ":tada:",
    "\u202egnp.exe",
    "a\u200bb",
    "&lt;!here&gt;",
    "\ue000Zanaryland\ue001",
)
CLAIMED = (
    "Win rate rose",
    "It fell because of pricing",
    "a significant trend",
    "better than",
    "the best rep",
)
NAMES = ("Zanarydale", "zanaryland", "Slate Zanarydeal2", "Luis", "NameA", "SL-0002", "Zanarysource0", "Orla")
IDS = st.sampled_from([f"c{n}" for n in range(1, 9)] + ["c99", "win_rate/rep=rep_3", "C1", "c१", ""])
SAYABLE = sorted(files.vocabulary()["words"])[::40]

WORD = st.sampled_from([*TEN_SCRIPTS, *DIGITS, *LIVE, *CLAIMED, *NAMES, *SAYABLE]) | st.text(max_size=12)
SAYS = st.one_of(
    WORD.map("Ask the buyer about {}.".format),
    st.lists(WORD, min_size=1, max_size=8).map(lambda words: f"Ask {' '.join(words)}?"),
    st.sampled_from([SUGGESTION, "Ask who signs.", "What is missing for the buyer to decide?"]),
    st.text(max_size=60),
)
PLAYS = st.sampled_from([play.id for play in files.plays()])
BLOCK = st.one_of(
    st.lists(IDS, max_size=4).map(lambda ids: {"claims": ids}),
    st.builds(lambda play, reason: {"play": play, "for": reason}, PLAYS, IDS),
    SAYS.map(lambda text: {"say": text}),
    st.dictionaries(
        st.sampled_from(["claims", "say", "play", "for", "verdict"]), st.none() | st.integers() | SAYS
    ),
)
BEGUN = st.sampled_from([[], [{"claims": ["c1"]}], [{"claims": ["c2", "c1"]}]])  # most answers begin well
TOLD = st.builds(lambda begun, more: [*begun, *more], BEGUN, st.lists(BLOCK, max_size=8))
ANSWERS = TOLD.map(lambda told: json.dumps({"blocks": told}, ensure_ascii=False))
HALVES = st.builds(lambda text, at: text[: int(len(text) * at)], ANSWERS, st.floats(0, 1))
BYTES = st.binary(max_size=200).map(lambda raw: raw.decode("latin-1"))
FLOODS = st.sampled_from(["", "", "", "42 ", "really ", '{"claims": ["c1"]}, ', "a"])
TEXTS = st.one_of(ANSWERS, ANSWERS, ANSWERS, HALVES, BYTES, st.text(max_size=80), BYTES.map(GOOD.__add__))
ARGUMENTS = st.one_of(
    st.just('{"by": ["region"]}'),
    st.just('{"page": "deal", "about": "deal_A"}'),
    st.text(max_size=40),
    st.dictionaries(
        st.sampled_from(["by", "only", "page", "about", "whose"]), st.lists(WORD, max_size=2) | WORD
    ).map(json.dumps),
)
CALLS = st.lists(
    st.builds(Call, st.just("1"), st.sampled_from([*TOOLS, "run_sql", ""]), ARGUMENTS), max_size=9
)
FAULTS = st.sampled_from(["", "", "", "deadline", "truncated", "connection"])
MODELS = st.builds(Arbitrary, TEXTS, CALLS.map(tuple), FAULTS, st.sampled_from([1, 7, 5_000]), FLOODS)


#: An example is a question to the whole bot, hence few; `python -m tests.bench.words` asks more.
SETTINGS = hypothesis.settings(
    max_examples=30, deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)


@SETTINGS
@given(model=MODELS, viewer=st.sampled_from(VIEWERS), asked=st.sampled_from(LINES))
async def test_whatever_a_model_says_of_a_command_slack_receives_only_what_code_can_say(
    town, model, viewer, asked
):
    got = await town.hear(viewer, asked, model)
    assert got.messages
    assert await town.problems(viewer, got) == []


@SETTINGS
@given(model=MODELS, viewer=st.sampled_from(VIEWERS), asked=st.sampled_from(QUESTIONS))
async def test_whatever_a_model_says_in_a_thread_slack_receives_only_what_code_can_say(
    town, model, viewer, asked
):
    got = await town.hear(viewer, asked, model)
    assert got.messages
    assert await town.problems(viewer, got) == []


@pytest.mark.parametrize("lie", [pytest.param(one["text"], id=one["lie"]) for one in LIES])
async def test_a_fluent_lie_reaches_nobody(town, lie):
    for asked in ("/winrate region", "/deal QU-0006"):
        got = await town.hear("rep_1", asked, Arbitrary(lie))
        assert await town.problems("rep_1", got) == []
        assert await suggested(town, got, asked) == []


async def suggested(town: Town, got: Received, asked: str) -> list[str]:
    """Bullets that code has not rendered."""
    inquiry = town.coach.asked_here("rep_1")
    reply = await replied(inquiry.understand_line(asked), inquiry)
    return received.suggestions(got, registry(reply.words, "suggest", reply.facts))


async def test_a_suggestion_that_may_be_read_is_read_so_these_tests_can_see_words(town):
    got = await town.hear("rep_1", "/deal QU-0006", Arbitrary(GOOD))
    assert await suggested(town, got, "/deal QU-0006") == [SUGGESTION]
    assert "words by arbitrary-model" in got.last_line


PLANTED = {
    "a numeral": ("• ", "• Won 99.7 %. "),
    "a numeral of another script": ("• ", "• Won ४२. "),
    "a name of somebody else's deal": ("• ", "• Ask Slate. "),
    "a name of this answer": ("• ", "• Ask Zanaryland. "),
    "a direction": ("• ", "• Win rate rose. "),
    "a cause": ("• ", "• Lost because of pricing. "),
    "a number word": ("• ", "• Call them twice. "),
    "a link": ("• ", "• <https://evil.example|here> "),
    "a mention": ("• ", "• <!channel> "),
    "an invisible character": ("• ", "• a\u200bb "),
    "an error of ours": ("• ", "• That failed on our side. "),
    "another verdict": ("*", "*Certainly. "),
    "another last line": ("words by", "word of"),
}


@pytest.mark.parametrize("planted", PLANTED)
async def test_what_must_not_be_there_would_be_found(town, planted):
    got = await town.hear("rep_1", "/winrate region", Arbitrary(GOOD))
    assert await town.problems("rep_1", got) == []
    (message,) = got.messages
    old, new = (json.dumps(one, ensure_ascii=False)[1:-1] for one in PLANTED[planted])
    text = json.dumps(message.blocks, ensure_ascii=False)
    assert old in text
    message = replace(message, blocks=json.loads(text.replace(old, new, 1)))
    assert await town.problems("rep_1", Received([message])) != []
