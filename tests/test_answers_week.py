"""A rep's week: what changed in seven days, by hand; a strength or a weakness only beyond chance."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from analytics import answers, refresh, store
from analytics.answers import NotYourPage, RepNotFound
from analytics.answers.habits import habits
from analytics.answers.week import pressing
from analytics.facts import DealChange, Unit, Week
from analytics.questions import EVERYONE, Scope
from analytics.stall import Thresholds
from bot import intents, replies
from bot import settings as config
from bot.blocks import limits
from bot.coach import Coach
from bot.narrator import template
from bot.narrator.check import given, strays
from tests.facts_by_hand import AS_OF as BY_HAND
from tests.facts_by_hand import fact
from tests.tables import tables

THEN, NOW = date(2024, 6, 23), date(2024, 6, 30)
PRIYA = Scope(rep_ids=frozenset({"priya"}), label="your deals")
PEOPLE = [
    {"person_id": "priya", "name": "Priya Shah", "email": "priya@example.com", "manager_id": "dana"},
    {"person_id": "luis", "name": "Luis Ortega", "email": "luis@example.com", "manager_id": "dana"},
    {"person_id": "dana", "name": "Dana Weber", "email": "dana@example.com", "role": "manager"},
]


def week_of(changes=(), **more) -> Week:
    """Priya's week with these changes."""
    look = next((one for one in changes if one.kind in ("stalled", "odds_fell")), None)
    number = {kind: sum(one.kind == kind for one in changes) for kind in ("won", "lost", "created")}
    figures = {f"{kind}_deals": fact(f"{kind}_deals", n, Unit.COUNT, "week") for kind, n in number.items()}
    usual = {"strength": None, "weakness": None, "pressing": look, "notes": ()}
    return Week(
        person_id="priya",
        name="Priya Shah",
        since=fact("as_of", (BY_HAND - timedelta(7)).toordinal(), Unit.DATE, "since"),
        changes=tuple(changes),
        figures=figures | {"open_deals": fact("open_deals", 4, Unit.COUNT)},
        as_of=BY_HAND,
        generation="g7",
        **(usual | more),
    )


def stage(deal_id, day, new, old="Qualified"):
    return {"deal_id": deal_id, "date": day, "kind": "stage", "old": old, "new": new}


DEALS = [
    {"deal_id": "won", "outcome": "won", "close_date": "2024-06-25", "amount": 8_000, "rep_id": "priya"},
    {"deal_id": "lost", "outcome": "lost", "close_date": "2024-06-30", "amount": 5_000, "rep_id": "priya"},
    {"deal_id": "old", "outcome": "won", "close_date": "2024-06-23", "rep_id": "priya"},
    {"deal_id": "new", "created_date": "2024-06-24", "stage": "Qualified", "rep_id": "priya"},
    {"deal_id": "same", "stage": "Qualified", "rep_id": "priya"},
    {"deal_id": "on", "stage": "Demo", "rep_id": "priya"},
    {"deal_id": "quiet", "stage": "Qualified", "rep_id": "priya"},
    {"deal_id": "late", "stage": "Qualified", "close_date": "2024-08-01", "rep_id": "priya"},
    {"deal_id": "more", "stage": "Qualified", "amount": 30_000, "rep_id": "priya"},
    {"deal_id": "his", "stage": "Proposal", "rep_id": "luis"},
]
EVENTS = [
    stage("same", "2024-01-01", "Qualified", old=None),
    stage("on", "2024-06-26", "Demo"),
    stage("his", "2024-06-26", "Proposal"),
    {"deal_id": "late", "date": "2024-06-27", "kind": "close_date", "old": "2024-07-01", "new": "2024-08-01"},
    {"deal_id": "more", "date": "2024-06-28", "kind": "amount", "old": "2000000", "new": "3000000"},
]


def call(deal_id, day):
    return {"deal_id": deal_id, "date": day, "kind": "call", "rep_id": "priya"}


CALLS = [call(d["deal_id"], "2024-06-22") for d in DEALS if d["deal_id"] != "quiet"] + [
    call("quiet", "2024-06-14")
]


def two_days(folder, **given):
    """The generations of two days a week apart, of the same tables."""
    loaded = tables(folder, people=PEOPLE, **given)
    return tuple(store.opened(refresh.refresh(loaded, folder, day)) for day in (THEN, NOW))


@pytest.fixture(scope="module")
def busy(tmp_path_factory):
    return two_days(tmp_path_factory.mktemp("busy"), deals=DEALS, events=EVENTS, activities=CALLS)


def told(week):
    return [(change.kind, change.deal_id) for change in week.changes]


def test_everything_that_changed_is_told_once_and_nothing_else(busy):
    assert told(answers.week(*busy, "priya", EVERYONE)) == [
        ("won", "won"),
        ("lost", "lost"),
        ("stalled", "quiet"),
        ("pushed", "late"),
        ("moved_on", "on"),
        ("amount_rose", "more"),
        ("created", "new"),
    ]


def stalled(deal_id, amount):
    """A deal that has stalled this week."""
    money = fact("amount", amount, Unit.MONEY, deal_id)
    return DealChange(kind="stalled", deal_id=deal_id, stage="Demo", figures={"amount": money})


def fallen(deal_id, amount, before, after):
    """A deal whose odds fell."""
    odds = {"before": before, "after": after}
    told = {name: fact("win_probability", value, Unit.FRACTION, name) for name, value in odds.items()}
    return replace(
        stalled(deal_id, amount), kind="odds_fell", figures=stalled(deal_id, amount).figures | told
    )


@pytest.mark.parametrize(
    ("changes", "deal_id"),
    [
        ([fallen("A", 200_000, "0.4", "0.3"), fallen("B", 30_000, "0.6", "0.1")], "A"),  # 20k against 15k
        ([fallen("A", 200_000, "0.4", "0.39"), fallen("B", 30_000, "0.6", "0.1")], "B"),  # 2k against 15k
        ([stalled("C", 500_000), fallen("B", 30_000, "0.6", "0.1")], "B"),
        ([stalled("C", 30_000), stalled("D", 90_000), fallen("E", 3_000, "0.013", "0.001")], "D"),
        ([stalled("F", 9_000), fallen("E", 3_000, "0.013", "0.001")], None),
        ([], None),
    ],
)
def test_the_deal_to_look_at_is_the_one_that_most_money_hangs_on(changes, deal_id):
    found = pressing(changes, typical=20_000)
    assert (found and found.deal_id) == deal_id


def test_without_amounts_fallen_odds_still_call_for_a_look():
    assert pressing([stalled("C", None), fallen("B", None, "0.6", "0.1")], typical=0).deal_id == "B"


def test_how_long_a_deal_may_be_quiet_is_the_settings_to_say(busy):
    patient = answers.week(*busy, "priya", EVERYONE, Thresholds(inactive_days=30))
    assert ("stalled", "quiet") not in told(patient)


def test_the_week_counts_what_closed_and_what_is_new(busy):
    figures = answers.week(*busy, "priya", EVERYONE).figures
    assert {name: fact.value for name, fact in figures.items()} == {
        "won_deals": 1,
        "lost_deals": 1,
        "created_deals": 1,
        "open_deals": 6,
    }


def test_the_words_say_what_changed_then_what_stands_out_then_ask(busy):
    words = template.week(answers.week(*busy, "priya", PRIYA))

    assert words.headline == "Priya Shah - the last week"
    assert words.verdict == "1 won, 1 lost, 1 new since 2024-06-23. Other changes: 4."
    assert words.lines == (
        "Won: won ($8k)",
        "Lost: lost ($5k)",
        "Newly stalled: quiet ($10k)",
        "Close date moved out: late to 2024-08-01",
        "Moved on: on to Demo",
        "Amount rose: more ($20k → $30k)",
        "New: new ($10k)",
        "A week is too short to judge anybody's win rate by.",
        "No strength stands out beyond chance this week.",
        "Look at: quiet ($10k), newly stalled, in Qualified.",
        "For your next talk: What would move it on, and who can help?",
    )


def test_an_amount_in_another_currency_that_rose_is_told_without_figures():
    unknown = {name: fact("amount", None, Unit.MONEY, name) for name in ("amount", "before", "after")}
    rose = DealChange(kind="amount_rose", deal_id="D9", stage="Demo", figures=unknown)
    assert template.week(week_of([rose])).lines[0] == "Amount rose: D9"


def test_a_week_in_which_nothing_moved_says_so(busy):
    before, _ = busy
    week = answers.week(before, before, "priya", EVERYONE)
    words = template.week(week)

    assert week.changes == ()
    assert words.verdict == "A quiet week. Nothing moved since 2024-06-23."
    assert words.lines == (
        "No strength stands out beyond chance this week.",
        "Nothing to look at stands out beyond chance this week.",
        "For your next talk: Which deal would you like a colleague's help with?",
    )


def test_only_the_rep_the_manager_and_who_sees_all_may_ask(busy):
    assert answers.week(*busy, "priya", PRIYA).name == "Priya Shah"
    with pytest.raises(NotYourPage, match="Only Luis Ortega and their manager"):
        answers.week(*busy, "luis", PRIYA)
    with pytest.raises(RepNotFound, match="'nobody'"):
        answers.week(*busy, "nobody", EVERYONE)


def test_a_deal_that_changed_hands_is_told_to_its_new_owner_only(tmp_path):
    owner = {"deal_id": "D1", "date": "2024-06-27", "kind": "owner", "old": "luis", "new": "priya"}
    both = two_days(tmp_path, deals=[{"deal_id": "D1", "stage": "Demo", "rep_id": "priya"}], events=[owner])
    assert told(answers.week(*both, "priya", EVERYONE)) == [("taken_over", "D1")]
    assert told(answers.week(*both, "luis", EVERYONE)) == []


# ------------------------------------------------------------------ strengths and weaknesses


def book(rep, active, quiet):
    """So many open deals of a rep with a call lately, and so many without; all due ahead."""
    rows = [{"deal_id": f"{rep}{n}", "rep_id": rep, "stage": "Demo"} for n in range(active + quiet)]
    days = ["2024-06-28"] * active + ["2024-05-01"] * quiet
    return rows, [call(row["deal_id"], day) for row, day in zip(rows, days, strict=True)]


def generation(folder, **books):
    built = [book(rep, *counts) for rep, counts in books.items()]
    deals, calls = ([row for part in parts for row in part] for parts in zip(*built, strict=True))
    loaded = tables(folder, people=PEOPLE, deals=deals, activities=calls)
    return store.opened(refresh.refresh(loaded, folder, NOW))


def test_a_habit_far_from_everybodys_is_told_and_a_slight_one_is_not(tmp_path):
    now = generation(
        tmp_path, priya=(2, 18), luis=(20, 0), ana=(12, 8), tom=(11, 9), eve=(12, 8), joe=(11, 9)
    )
    priya, luis, ana = (answers.week(now, now, rep, EVERYONE) for rep in ("priya", "luis", "ana"))

    assert (priya.strength, priya.weakness.name, priya.weakness.share.value) == (
        None,
        "active",
        Decimal("0.1"),
    )
    assert (luis.strength.name, luis.weakness) == ("active", None)
    assert (ana.strength, ana.weakness) == (None, None)
    said = template.week(priya).lines
    assert "Look at: contact. 2 of 20 deals had activity lately, beyond chance." in said
    assert (
        "Strength: stays in touch. 20 of 20 deals had activity lately, beyond chance."
        in template.week(luis).lines
    )


def test_below_five_people_nobody_is_compared(tmp_path):
    now = generation(tmp_path, priya=(2, 18), luis=(20, 0), ana=(12, 8), tom=(11, 9))
    assert habits(now, Thresholds()) == {}


def test_among_reps_who_differ_by_luck_alone_hardly_anybody_stands_out(coach):
    # 25 reps, several habits each: at 5 % without a correction some five would.
    found = habits(store.current(coach.home), Thresholds())
    signals = [
        one for mine in found.values() for one in mine if one.verdict == "Signal" and one.name != "won"
    ]
    assert len(found) > 20
    assert len(signals) <= 1


# ------------------------------------------------------------------ asked by people


@pytest.fixture(scope="module")
def home(busy):
    return busy[1].path.parents[1]


@pytest.mark.parametrize(("who", "may"), [("priya", True), ("dana", True), ("", True), ("luis", False)])
async def test_the_page_is_for_the_rep_the_manager_and_who_sees_all(home, who, may):
    inquiry = Coach(config.load(home=home, stale_after_days=100_000)).asked_here(who)
    intent = intents.WeekPage("priya")
    if not may:
        with pytest.raises(NotYourPage):
            await replies.reply(intent, inquiry)
        return
    reply = await replies.reply(intent, inquiry)
    buttons = [e["value"] for b in reply.blocks if b["type"] == "actions" for e in b["elements"]]
    asked = [line for line in buttons if line.startswith(("/deal", "/coach rep"))]

    assert reply.line == '/coach week "priya"'
    assert limits.check(reply.blocks) == []
    assert asked == ['/deal "quiet"', '/coach rep "priya"']
    assert all(inquiry.understand_line(line) for line in [*asked, reply.line])


@pytest.mark.parametrize(("days", "calls"), [(15, True), (16, False)])
async def test_a_deals_play_follows_the_same_setting(home, days, calls):
    inquiry = Coach(config.load(home=home, stale_after_days=100_000, p1_inactive_days=days)).asked_here()
    words = (await replies.reply(intents.Deal("quiet"), inquiry)).words
    assert ("call_the_buyer" in [play.id for play in words.plays]) is calls


async def test_every_rep_of_a_whole_crm_has_a_week_whose_every_figure_is_a_fact(coach):
    inquiry = coach.asked_here()
    for rep_id in store.current(coach.home).values("rep", EVERYONE):
        reply = await replies.reply(intents.WeekPage(rep_id), inquiry)
        for line in (reply.words.verdict, *reply.words.lines, reply.words.context):
            assert strays(line, reply.facts.values(), given(reply.answer)) == [], line
        assert sum("trength" in line for line in reply.words.lines) == 1
        assert sum(" to look at " in line or line.startswith("Look at") for line in reply.words.lines) == 1


async def test_odds_are_told_to_have_moved_only_beyond_the_range_of_the_model(coach):
    now = store.current(coach.home)
    before = await coach.week_before(now)
    weeks = [answers.week(before, now, rep_id, EVERYONE) for rep_id in now.values("rep", EVERYONE)]
    for one in (one for week in weeks for one in week.changes if one.kind in ("odds_fell", "odds_rose")):
        then, today = (float(one.figures[name].value) for name in ("before", "after"))
        score = now.score(one.deal_id)
        assert not score.low <= then <= score.high
        assert (today < then) == (one.kind == "odds_fell")
