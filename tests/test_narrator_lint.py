"""What a model may suggest in its own words: the guarantee, by example in both directions and at random."""

import re
import unicodedata
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import refresh, store
from analytics.questions import EVERYONE
from bot.narrator.telling import lint, taken
from bot.narrator.telling.lint import LONGEST_NAME, MOST_CHARACTERS, REFUSED, straightened
from data import tables as loaded
from prompts import files
from tests.tables import tables

NAMES = ["Acme Widgets", "Priya Rao", "APAC", "Will Hunter", "Bank of America", "Team Coaching"]

HOSTILE = yaml.safe_load((Path(__file__).parent / "hostile_suggestions.yaml").read_text("utf-8"))

GOOD = [
    "Ask the buyer what they would need to see to sign.",
    "Ask who else needs to approve this, and agree a date for this conversation.",
    "Check with the sponsor whether the budget is clear.",
    "Agree on a dated next step before the next call.",
    "Write down the decision process in the buyer's own words.",
    "Look at the won deals together and talk about what to use next.",
    "Review the call notes and find the question to ask next.",
    "Invite the economic buyer to the next meeting.",
    "What is missing for the buyer to move forward?",
    "Who decides, and what do they need to see?",
    "Call the champion and ask how they feel about the proposal.",
    "Consider a technical colleague for the next conversation.",
    "Plan the next step with the buyer, and confirm it in writing.",
    "Arrange a call with procurement to learn their process.",
    "Share a simple close plan and ask the buyer to review it.",
    "Listen for what has changed on the buyer's side.",
    "Talk with the owner about which deals to discuss next.",
    "Ask an open question about what the buyer needs.",
    "Ask the owner what the plan is, then help them with the next step.",
    "Who signs, and how?",
    "What date does the buyer need to meet, and who needs it?",
    "Ask where the close date comes in the buyer's calendar.",
    "Ask the buyer to walk you through their approval steps.",
    "Update the close date in the CRM after the next conversation with the buyer.",
    "Ask an open question, and listen.",
    "Please check whether the stage in the CRM fits.",
    "Then agree what happens next, and who does it.",
    "Start with the deals without a next step.",
    "Find out what the buyer compares us with.",
    "Follow up with a simple summary and a proposed date.",
    "Bring it up in the next meeting and hear what they see.",
    "Help the owner to prepare the questions for the next meeting.",
    "Look at the same view by lead source.",
    "Ask the CFO's office how they approve a purchase of this size.",
    "Start with an open question, and ask the buyer about the timing.",
    "Try a new question in the next call.",
    "Confirm with the buyer what comes next.",
    "Talk with legal, and ask how they review.",
    "Give the buyer a reason to meet this week.",
    "Sit down with the owner and walk through the open items on the plan.",
    "Ask how often the sponsor meets the decision maker.",
    "Offer a pilot with clear success criteria.",
    "Identify the person who decides, and ask to meet them.",
    "Thank them for their answers.",
    "Compare notes with a colleague about a similar deal.",
    "Look at the deals without activity and decide what to ask.",
    "Document the next step in the CRM after the call.",
    "Clarify who owns the next action.",
    "Ask what the buyer\N{RIGHT SINGLE QUOTATION MARK}s process is and who owns it.",
    "What would you ask in this deal today?",
]

BAD = [
    *(
        (said, "numeral")
        for said in (
            "Make 2 calls.",
            "Ask two questions.",
            "Call them twice.",
            "Ask both of them.",
            "Halve the list.",
            "Plan a half hour.",
            "Look at the third stage.",
            "Bring a dozen ideas.",
            "Ask one question.",
            "Set a couple of dates.",
            "Ask for ten percent.",
            "Plan a two fold effort.",
            "Ask for I I I calls.",
            "Ask either I or i.",
            "Look at the twenties.",
            "Check stage IV with the buyer.",
            "Ask about phase ii.",
            "Check the pair of them.",
            "Call once.",
            "Ask ⅓ of them.",
            "Ask 三 people.",
            "Ask ٤ people.",
            "Ask Ⅷ people.",
            "Ask ３ people.",
            "Ask ५ people.",
            "Ask 🄂 of them.",
            "Ask ² of them.",
            "Ask for a quarter of it.",
            "Review a single deal.",
            "Plan a double check.",
        )
    ),
    *(
        (said, "charset")
        for said in (
            "Ask <!channel> now.",
            "Ask <@UAB>.",
            "Look at <https://evil.example|this>.",
            "Look at evil.com.",
            "Ask *now*.",
            "Ask _now_.",
            "Ask `now`.",
            "Ask @channel.",
            "Ask #general.",
            "Ask & wait.",
            "Check $ first.",
            "Ask 💯 of them.",
            "Ask the bu\u200byer.",
            "Ask \u202eeht buyer.",
            "Ask the buyer.it works.",
            "Ask :smile: now.",
            "Ask the\nbuyer.",
            "Ask the Мanager.",
            "[Ask](link) them.",
            "Ask... now.",
            "Ask the café.",
            "Ask the\tbuyer.",
            "Ask the buyer…",
            "Look at https://evil.example now.",
            "Look: the deal is lost.",
            "Offer the buyer I-I-I dates.",
            "Ask (the buyer) who signs.",
            "Ask the buyer - who signs.",
            'Ask: "Who signs?"',
            "Ask the buyer; agree a date.",
            "Ask the buyer!",
            "Ask the buyer,",
            "Ask the buyer ,who signs.",
            "Ask  the buyer.",
            "Ask.. the buyer.",
            "?",
            "- ?",
            " ",
            "Make two calls - now.",
        )
    ),
    *(
        (said, "direction")
        for said in (
            "Ask how to improve this.",
            "Check the drop.",
            "Look at the higher rate.",
            "Plan to grow this.",
            "Ask what fell.",
            "Ask for more meetings.",
            "Look at the best deals.",
            "Keep the rate up.",
            "Ask who is behind.",
            "Check the trend.",
            "Review the lower stages.",
            "Close it sooner.",
            "Ask how the win rate rose.",
            "Look at the deals that went down.",
        )
    ),
    *(
        (said, "cause")
        for said in (
            "Ask them because it matters.",
            "Check what drives this.",
            "Ask what leads to a win.",
            "Thank them, the deal moved thanks to it.",
            "Look at the reason.",
            "Ask why.",
            "Check the impact of price.",
            "Ask what caused this.",
            "Look at deals due to close.",
            "See as a result what happens.",
        )
    ),
    *(
        (said, "strength")
        for said in (
            "Look at this significant gap.",
            "Treat it as noise.",
            "Ask about the clear signal, surely.",
            "Take it as proven.",
            "Ask if luck matters.",
        )
    ),
    *(
        (said, "ranking")
        for said in (
            "Ask the top people.",
            "Ask the lazy rep.",
            "Talk with the weak rep.",
            "Rank them first.",
            "Look at failing reps.",
            "Ask who should be fired.",
        )
    ),
    *((said, "time") for said in ("Call them on Monday.", "Plan it for March.", "Ask again in May.")),
    *(
        (said, "name")
        for said in (
            "Ask Acme about it.",
            "Ask priya about it.",
            "Ask Apac about it.",
            "Ask will hunter.",
            "Talk with the bank.",
            "Who will decide?",
            "Talk with the team.",
            "Plan coaching.",
        )
    ),
    *(
        (said, "vocabulary")
        for said in (
            "Ask Luis about it.",
            "Ask Ask about it.",
            "Ask the Buyer.",
            "Ask the BUYER.",
            "Call Globex.",
            "Ask zwei people.",
            "Ask tres people.",
            "Ask the xylophone.",
            "Ask Rob.",
            "Talk with Open about it.",
        )
    ),
    *(
        (said, "form")
        for said in (
            "",
            "The buyer is clear.",
            "Ask the buyer, it is clear.",
            "Ask the buyer. The champion is clear.",
            "Similar deals are clear.",
            "Call the buyer, who is clear.",
            "Call the buyer and the sponsor is new.",
            "Call the buyer and the sponsor needs help.",
            "Call the buyer or the sponsor is clear.",
            "Confirm the buyer agree.",
            "Confirm the budget is clear.",
            "Plan the demo, the buyer has to sign.",
            "Ask the buyer has to sign.",
            "Is the budget clear?",
            "Does the buyer want this?",
            "Can the sponsor sign?",
            "Who?",
            "Ask, ask, ask.",
            "Call the buyer and call the buyer.",
            "Ask the the buyer.",
            "What does the buyer need.",
        )
    ),
    *(
        (said, "length")
        for said in (
            "Ask the buyer. Check the plan. Write it down.",
            "Ask " + "the buyer with " * 9 + "them.",
            "Ask. " * 2_100,
        )
    ),
]


@pytest.mark.parametrize("said", GOOD)
def test_a_good_suggestion_passes(said):
    assert lint(straightened(said), ["Acme Widgets", "Priya Rao", "APAC"]) == ""


@pytest.mark.parametrize(("said", "code"), BAD)
def test_a_bad_suggestion_is_refused_with_its_reason(said, code):
    assert lint(said, NAMES) == code


@pytest.mark.parametrize("said", HOSTILE)
def test_no_suggestion_of_a_hostile_model_passes(said):
    assert lint(straightened(said), []) != ""


def test_a_flood_of_words_is_refused_by_its_length_alone():
    assert lint("Ask. " * 2_100, ["Acme"]) == "length"
    assert lint("Ask the buyer " * 30, []) == "length"


def test_suggestions_survive_the_names_of_a_whole_company(crm):
    generation = store.current(crm)
    names = taken(generation, EVERYONE)

    assert names < files.vocabulary()["words"]
    assert sum(lint(straightened(said), names) == "" for said in GOOD) >= 40


def test_words_that_name_somebody_or_something_here_are_refused_in_any_answer(tmp_path):
    people = [{"person_id": "r1", "name": "Summer Day"}, {"person_id": "r2", "name": "Ann Budget"}]
    new = {"deal_type": "New", "stage": "Demo", "account": "Open Systems"}
    old = {"deal_type": "Expansion", "stage": "Proposal", "account": "Technical Co"}
    deals = [{"deal_id": "D1", "rep_id": "r1", **new}, {"deal_id": "D2", "rep_id": "r2", **old}]
    tables(tmp_path, deals=deals, people=people, loaded_on="2024-07-21")
    refresh.refresh(loaded.current(tmp_path), tmp_path, date(2024, 7, 21))
    names = taken(store.current(tmp_path), EVERYONE)

    refused = [
        "Ask for a day to meet.",
        "Ask about the budget.",
        "Ask for a new date.",
        "Plan the demo.",
        "Ask about the proposal.",
        "Invite a technical colleague.",
    ]
    assert [lint(said, names) for said in refused] == ["name"] * len(refused)
    assert lint("Ask an open question, and agree on the next step.", names) == ""


def test_there_are_enough_examples_of_both():
    assert len(set(GOOD)) >= 40
    assert len({said for said, _ in BAD}) >= 80


def test_a_note_from_the_crm_does_not_ban_everyday_words():
    note = "Call the buyer about pricing and legal terms"

    assert len(note.split()) > LONGEST_NAME
    assert lint("Call the buyer.", [note]) == ""
    assert lint("Call the buyer.", ["Call Partners"]) == "name"


@pytest.mark.parametrize("listed", sorted(REFUSED.values()))
def test_no_word_of_a_refused_list_is_in_the_vocabulary(listed):
    assert files.vocabulary()["words"] & files.vocabulary()[listed] == set()


def test_the_vocabulary_is_a_few_hundred_lower_case_words():
    words = files.vocabulary()["words"]

    assert 200 <= len(words) <= 400
    assert all(re.fullmatch("[a-z]+(?:'[a-z]+)?", word) for word in words)


@pytest.mark.parametrize("listed", ["openers", "leads", "askers"])
def test_what_a_suggestion_may_begin_with_is_in_the_vocabulary(listed):
    assert files.vocabulary()[listed] <= files.vocabulary()["words"]


TEN_SCRIPTS = ["二", "三", "٣", "۴", "४", "৫", "௬", "೭", "๘", "༩", "፲", "Ⅻ", "½", "⑤", "㊂", "𝟗", "꘠"]


@pytest.mark.parametrize("numeral", TEN_SCRIPTS)
def test_a_number_of_any_script_is_a_numeral(numeral):
    assert lint(f"Ask {numeral} people.", []) == "numeral"


def pieces():
    """Words of every list, marks, names and anything else, in any order."""
    lists = files.vocabulary()
    listed = [st.sampled_from(sorted(lists[name])) for name in lists]
    marks = st.sampled_from([". ", "? ", ", ", "; ", "-", " ", "'s", ':"', "! ", "( ", ") "])
    return st.one_of(*listed, marks, st.sampled_from(NAMES), st.text(max_size=5))


@settings(max_examples=500)
@given(st.one_of(st.text(max_size=80), st.lists(pieces(), max_size=12).map(" ".join)))
def test_whatever_passes_holds_no_numeral_name_direction_or_cause(said):
    if lint(said, NAMES):
        return
    lists = files.vocabulary()
    tokens = {token.removesuffix("'s") for token in re.findall(r"[a-z]+(?:'[a-z]+)*", said.lower())}
    harmless = {word for phrase in lists["phrases"] for word in phrase.split()}

    assert re.fullmatch("[A-Za-z ,.?']*", said)
    assert len(said) <= MOST_CHARACTERS
    assert not any(unicodedata.numeric(character, None) is not None for character in said)
    assert tokens <= lists["words"] | harmless
    assert not (tokens - harmless) & frozenset().union(*(lists[name] for name in REFUSED.values()))
    assert not tokens & {"acme", "widgets", "priya", "rao", "apac", "will", "hunter", "america", "coaching"}


@settings(max_examples=300)
@given(
    st.sampled_from(GOOD),
    st.sampled_from(["7", "two", "rose", "because", "Priya", "Globex", "🔟"]),
    st.data(),
)
def test_a_good_suggestion_with_one_bad_word_put_anywhere_is_refused(said, bad, data):
    words = straightened(said).split()
    words.insert(data.draw(st.integers(0, len(words))), bad)

    assert lint(" ".join(words), NAMES)
