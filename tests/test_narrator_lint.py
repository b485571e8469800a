"""What a model may suggest in its own words: the guarantee, by example in both directions and at random."""

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.narrator.telling import lint
from bot.narrator.telling.lint import LONGEST_NAME, REFUSED, straightened
from prompts import files

NAMES = ["Acme Widgets", "Priya Rao", "APAC", "Will Hunter", "Bank of America", "Team Coaching"]

GOOD = [
    "Ask the buyer what would have to be true for them to sign.",
    "Ask who else needs to approve this, and agree a date for that conversation.",
    "Check with the sponsor whether the budget is confirmed.",
    "Agree on a dated next step before you end the next call.",
    "Write down the decision process in the buyer's own words.",
    "Look at the won deals together and talk about what was done differently.",
    "Review the last call notes and find the question that stayed open.",
    "Invite the economic buyer to the next meeting.",
    "What is missing for the buyer to move forward?",
    "Who decides, and what do they need to see first?",
    "Call the champion and ask how they feel about the proposal.",
    "Consider bringing a technical colleague into the next conversation.",
    "Plan the next step with the buyer, and confirm it in writing.",
    "Set up a short call with procurement to understand their process.",
    "Share a simple close plan and ask the buyer to correct it.",
    "Listen for what has changed on the buyer's side.",
    "Talk with the rep about which deals deserve attention first.",
    'Ask an open question: "What would make this easy for you?"',
    "Ask the owner what the plan is, then help them with the next step.",
    "When did you last speak with the person who signs?",
    "Is there a date the buyer has to meet, and who set it?",
    "Does the close date come from the buyer or from us?",
    "Could you ask the buyer to walk you through their approval steps?",
    "Update the close date in the CRM after you have talked with the buyer.",
    "Treat this as a question, not a verdict.",
    "Please check whether the stage in the CRM still fits.",
    "Then agree what happens next, and who does it.",
    "Start with the deal that has no next step.",
    "Find out what the buyer compares us with.",
    "Follow up with a short summary and a proposed date.",
    "Bring it up in the next meeting and hear what others see.",
    "Help the rep prepare the questions for the next meeting.",
    "Don't change anything yet; look at the same view by lead source.",
    "Ask the CFO's office how they approve a purchase of this size.",
    "Keep the conversation open, and let the buyer set the pace.",
    "Try a different question in the next call: what happens if they do nothing?",
    "Make sure the buyer knows what comes next.",
    "Reach out to the legal people early, so that the contract does not wait.",
    "Give the buyer a reason to meet this week.",
    "Sit down with the owner and go through the open items on the plan.",
    "Ask how often the sponsor talks with the decision-maker.",
    "Offer a pilot with clear success criteria.",
    "Identify the person who can say no, and ask to meet them.",
    "Thank them for keeping the records clean.",
    "Compare notes with a colleague who closed a similar deal.",
    "Take a look at the deals without activity and decide which to close.",
    "Document the agreed next step in the CRM right after the call.",
    "Clarify who owns the next action, the buyer or your side.",
    "Ask what the buyer\N{RIGHT SINGLE QUOTATION MARK}s process is \N{EM DASH} and who owns it.",
    "What would you do differently if you started this deal today?",
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
            "Plan a two-fold effort.",
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
            " ",
            "?",
            "- ?",
            "The buyer is not interested.",
            "This rep forgot the buyer.",
            "Ask the buyer; the owner forgot it.",
            "Ask the buyer. The owner forgot it.",
            "You should feel worried.",
            "Deals here are slow.",
            "I think the buyer is gone.",
            "Nobody answered, right?",
        )
    ),
    *(
        (said, "length")
        for said in (
            "Ask the buyer. Check the plan. Write it.",
            "Ask " + "the buyer and " * 9 + "them.",
            "Ask. Check. Plan",
        )
    ),
]


@pytest.mark.parametrize("said", GOOD)
def test_a_good_suggestion_passes(said):
    assert lint(straightened(said), ["Acme Widgets", "Priya Rao", "APAC"]) == ""


@pytest.mark.parametrize(("said", "code"), BAD)
def test_a_bad_suggestion_is_refused_with_its_reason(said, code):
    assert lint(said, NAMES) == code


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


def test_the_vocabulary_is_a_few_thousand_lower_case_words():
    words = files.vocabulary()["words"]

    assert 2_000 <= len(words) <= 4_000
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

    assert said.isascii() or set(said) - set("–—") == {c for c in said if c.isascii()}
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
