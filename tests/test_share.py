"""Who may see what is shared: over all sharers and channels, no reader receives a figure outside their scope.

The company below is told in tables, and so is who may see whose deals: the code under test is not asked.
"""

import asyncio
import json
from datetime import date
from functools import cache
from itertools import chain, combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import refresh
from analytics.questions import EVERYONE, NOBODY, Scope
from bot import audience
from bot import settings as config
from bot.audience import Role, Viewer
from bot.blocks import limits
from bot.blocks import share as blocks
from bot.coach import Coach
from bot.narrator import share as narrator
from bot.sharing import drafts, reach
from bot.sharing.drafts import Wanted
from bot.sharing.reach import Reader, Room, Sees, Subject
from bot.sharing.refusals import NotShared
from data.mendable import Mendable
from tests.tables import tables

AS_OF = date(2024, 6, 30)

#: Everybody with the person they report to, and how many deals they closed. Every sum of some of these
#: numbers is the sum of no others, so a count tells whose deals are in it.
CLOSED = {"anna": 8, "bert": 16, "cleo": 32, "dina": 64, "emil": 128}
MANAGERS = {"anna": "mona", "bert": "mona", "cleo": "mona", "dina": "nick", "emil": "nick"}
ROLES = dict.fromkeys(CLOSED, "rep") | {"mona": "manager", "nick": "manager", "vera": "manager"}
ROLES |= {"carl": "cro", "olga": "ops"}
REPORTS = MANAGERS | {"mona": "vera", "nick": "vera", "vera": "carl"}

#: Whose deals each may see.
SEES = {
    **{rep: {rep} for rep in CLOSED},
    "mona": {"anna", "bert", "cleo", "mona"},
    "nick": {"dina", "emil", "nick"},
    "vera": {*CLOSED, "mona", "nick", "vera"},
    "carl": {*CLOSED, "mona", "nick", "vera", "carl"},
    "olga": set(),
}
OUTSIDERS = ("guest", "stranger", "unknown")

#: Lines whose answers are cut by what everybody may see; {who} is a rep.
CUT = (
    "/winrate region",
    "/winrate rep",
    "/winrate industry by rep",
    "/winrate where region = Land-{who}",
    "/winrate quarter asof 2024-05-15",
    "/why by region",
    "/watch",
    "/pipeline",
    "/pipeline team",
    "/funnel",
)
#: Lines about one deal or person, or the sharer's own.
WHOLE = ("/deal D-{who}", "/deal D-{who} asof 2024-05-15", "/coach rep {who}", "/coach week {who}")


def closed(rep, number):
    """One closed deal of a rep, in the rep's own land, so that its name tells whose it is."""
    month = number % 12
    year, after = divmod(2023 * 12 + 6 + month, 12)
    return {
        "deal_id": f"{rep}-{number}",
        "rep_id": rep,
        "region": f"Land-{rep}",
        "industry": "Toys" if number % 2 else "Food",
        "outcome": "won" if number % 3 else "lost",
        "stage": "Closed",
        "created_date": f"2023-{1 + month % 6:02d}-10",
        "close_date": f"{year}-{after + 1:02d}-1{number % 8}",
        "amount": 10_000,
    }


def waiting(rep):
    """The one open deal of a rep."""
    known = {"deal_id": f"D-{rep}", "rep_id": rep, "region": f"Land-{rep}", "industry": "Toys"}
    return known | {"created_date": "2024-02-01", "close_date": "2024-08-01", "stage": "Demo"}


def company(home, changed=()):
    """The coach of a company of ten; who `changed` has won everything, at twice the amount."""
    deals = [closed(rep, number) for rep, many in CLOSED.items() for number in range(many)]
    other = {"outcome": "won", "amount": 20_000}
    people = [
        {"person_id": who, "name": who.title(), "email": f"{who}@x.io", "role": role}
        | {"manager_id": REPORTS.get(who)}
        for who, role in ROLES.items()
    ]
    told = [deal | (other if deal["rep_id"] in changed else {}) for deal in deals]
    loaded = tables(home, deals=[*told, *map(waiting, CLOSED)], people=people)
    refresh.refresh(loaded, home, AS_OF)
    return Coach(config.load(home=home, stale_after_days=100_000))


@pytest.fixture(scope="session")
def firm(tmp_path_factory):
    return company(tmp_path_factory.mktemp("firm"))


@pytest.fixture(scope="session")
def other_firm(tmp_path_factory):
    """The same, where everything is different for Nick's team."""
    return company(tmp_path_factory.mktemp("other"), changed=("dina", "emil"))


@cache
def viewers_of(firm):
    known = firm.asked_here("carl").generation.people()
    return {one.person_id: audience.viewer(one, known) for one in known}


def room(firm, members):
    """A channel with these members; an outsider is nobody to the CRM."""
    viewers = viewers_of(firm)
    readers = tuple(Reader(f"U_{one}", viewers.get(one)) for one in sorted(members))
    return Room("C1", "room", frozenset(f"U_{one}" for one in members), readers)


def drawn(firm, sharer, members, line):
    """What these members would read."""
    wanted = Wanted.of(line, "")
    return asyncio.run(drafts.drawn(wanted, firm.asked_here(sharer), room(firm, {*members, sharer})))


def told(draft):
    """All that reaches the channel."""
    return json.dumps([blocks.message(draft, ""), narrator.notification(draft)], ensure_ascii=False)


def owners(said):
    """Whose names, lands or deals are said."""
    signs = {rep: (f"Land-{rep}", f"D-{rep}", rep.title(), f'"{rep}') for rep in CLOSED}
    return {rep for rep, known in signs.items() if any(sign in said for sign in known)}


def seen_by_all(members):
    """Whose deals all of these may see."""
    return set.intersection(*(SEES.get(one, set()) for one in members))


def deals_in(draft):
    """How many closed deals the answer as a whole rests on; None where it does not say."""
    found = [fact for fact in draft.reply.facts.values() if (fact.metric, fact.entity) == ("deals", "all")]
    return int(found[0].value) if found else None


sharers = st.sampled_from([*ROLES])
makeups = st.one_of(
    st.sets(st.sampled_from([*ROLES, *OUTSIDERS]), max_size=3),
    st.sets(st.sampled_from(["mona", "vera", "carl"])),  # where something is left
)
#: `--hypothesis-profile=thorough` looks at many more.
slow = settings(
    max_examples=settings().max_examples // 5 * 2, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.mark.parametrize("sharer", ROLES)
def test_whoever_shares_wherever_exactly_the_deals_that_all_may_see_are_left(firm, sharer):
    viewer = firm.asked_here(sharer).viewer
    everybody = [*ROLES, *OUTSIDERS]
    for members in chain.from_iterable(combinations(everybody, size) for size in range(5)):
        place, left = room(firm, {*members, sharer}), seen_by_all({*members, sharer})
        if not left or not SEES[sharer]:
            with pytest.raises(NotShared):
                reach.allowed(place, viewer, Subject(viewer.scope))
        else:
            scope = reach.allowed(place, viewer, Subject(viewer.scope))
            assert {one for one in SEES["carl"] if scope.allows(one)} == left


@slow
@given(sharer=sharers, members=makeups, line=st.sampled_from(CUT), who=st.sampled_from([*CLOSED]))
def test_no_reader_ever_receives_a_figure_about_deals_outside_their_scope(firm, sharer, members, line, who):
    left = seen_by_all({*members, sharer})
    try:
        draft = drawn(firm, sharer, members, line.format(who=who))
    except (NotShared, Mendable):
        assert not left or (who not in left and "{who}" in line) or not SEES[sharer]
        return
    assert left
    assert owners(told(draft)) - {sharer} <= left
    assert deals_in(draft) in (None, expected(line, left, who))


def expected(line, left, who):
    """The closed deals that the line is about, of those all may see."""
    if "asof" in line:
        past = [closed(rep, number) for rep in left & {*CLOSED} for number in range(CLOSED[rep])]
        return sum(deal["close_date"] <= "2024-05-15" for deal in past)
    return sum(CLOSED.get(rep, 0) for rep in (left & {who} if "{who}" in line else left))


@slow
@given(sharer=sharers, members=makeups, line=st.sampled_from(WHOLE), who=st.sampled_from([*CLOSED]))
def test_a_deal_or_a_person_is_never_shared_unless_everybody_may_see_it(firm, sharer, members, line, who):
    everybody = {*members, sharer}
    try:
        draft = drawn(firm, sharer, members, line.format(who=who))
    except (NotShared, Mendable):
        assert who not in seen_by_all(everybody)
        return
    assert who in seen_by_all(everybody)
    assert owners(told(draft)) - {sharer} <= {who}


@settings(slow, max_examples=slow.max_examples // 2)
@given(
    sharer=st.sampled_from(["anna", "mona", "vera", "carl"]),
    members=st.sets(st.sampled_from(["mona", "vera", "carl"])),
    line=st.sampled_from(["/winrate region", "/winrate industry", "/watch", "/funnel", "/why by region"]),
)
def test_deals_that_not_everybody_may_see_never_change_what_is_shared(
    firm, other_firm, sharer, members, line
):
    hidden = "dina" not in seen_by_all({*members, sharer})
    one, other = (told(drawn(each, sharer, members, line)) for each in (firm, other_firm))
    assert (one == other) or not hidden


def refusal(firm, sharer, members, line):
    with pytest.raises(NotShared) as refused:
        drawn(firm, sharer, members, line)
    return refused.value


def test_a_guest_a_stranger_or_somebody_unknown_stands_in_the_way(firm):
    refused = refusal(firm, "carl", ["mona", "guest"], "/winrate region")
    assert (refused.why, refused.people) == ("stranger", ("U_guest",))


def test_two_teams_have_no_deal_in_common(firm):
    assert refusal(firm, "carl", ["mona", "nick"], "/winrate region").why == "apart"


def test_who_keeps_the_coach_running_sees_no_deals_and_is_named(firm):
    refused = refusal(firm, "carl", ["mona", "olga"], "/winrate region")
    assert (refused.why, refused.people) == ("apart", ("U_olga",))


def test_a_question_about_somebody_else_is_refused_not_narrowed(firm):
    assert refusal(firm, "carl", ["mona"], "/winrate where rep = dina").why == "outside"
    assert refusal(firm, "carl", ["mona"], "/deal D-dina").why == "whole"


def test_a_managers_own_forecast_is_not_for_their_reps(firm):
    assert refusal(firm, "mona", ["anna"], "/pipeline mine").why == "whole"


def test_the_scorecard_of_the_data_is_for_those_who_run_the_coach(firm):
    assert refusal(firm, "carl", ["mona"], "/coach quality").why == "role"
    assert drawn(firm, "carl", ["olga"], "/coach quality").reply.text


@pytest.mark.parametrize("line", ["/coach setup", "/coach alerts log", "/coach shares", "/coach help"])
def test_pages_about_ourselves_are_not_shared(firm, line):
    assert refusal(firm, "carl", [], line).why == "kind"


def test_what_is_left_out_is_said_in_the_first_line_without_the_figures_left_out(firm):
    draft = drawn(firm, "carl", ["mona"], "/winrate region")
    first = blocks.message(draft, "")[0]["text"]["text"]
    assert (
        first == "*Shared by Carl, narrower than what Carl sees: only the deals that everybody here may see.*"
    )
    assert "248" not in told(draft)  # all deals that were closed
    assert "56 closed" in told(draft)


def test_the_sharer_alone_is_told_both_counts_before_sharing(firm):
    said = json.dumps(blocks.preview(drawn(firm, "carl", ["mona"], "/winrate region")))
    assert "248 closed" in said
    assert "56 closed" in said
    assert "1 of 2 readers may see all" in said
    assert "<@U_mona>" in said


def test_an_answer_that_is_the_same_for_all_says_only_who_shared_it(firm):
    for line in ("/winrate where region = Land-anna", "/drivers", "/coach model"):
        draft = drawn(firm, "carl", ["mona"], line)
        assert narrator.first(draft).text == "Shared by Carl."


def test_a_past_day_is_shared_with_the_rights_of_today(firm):
    draft = drawn(firm, "mona", ["anna"], "/winrate region asof 2024-03-15")
    assert owners(told(draft)) == {"anna"}
    assert refusal(firm, "anna", ["bert"], "/winrate region asof 2024-03-15").why == "apart"


def test_a_newer_generation_than_the_answer_was_from_is_said(firm):
    wanted = Wanted.of("/winrate region", "g000000-2024-06-01")
    draft = asyncio.run(drafts.drawn(wanted, firm.asked_here("carl"), room(firm, {"carl"})))
    assert draft.left_out == ("share_left.moved",)


def test_a_note_is_marked_as_the_sharers_and_harmless(firm):
    draft = drawn(firm, "carl", [], "/winrate region")
    note = blocks.message(draft, "Look <!channel> at https://evil.example *now*")[1]["elements"][0]["text"]
    assert note == "Carl writes: Look !channel at https //evil.example now"


@pytest.mark.parametrize("line", [*CUT, *WHOLE, "/coach model", "/coach quality", "/drivers"])
def test_every_shared_message_and_its_modal_is_one_that_slack_takes(firm, line):
    draft = drawn(firm, "carl", [], line.format(who="anna"))
    modal = blocks.form(Wanted.of(line, ""), blocks.preview(draft), channel="C1")
    assert limits.check(blocks.message(draft, "a note")) == []
    assert limits.check(modal["blocks"], "modal") == []


def some(*reps):
    return Scope(rep_ids=frozenset(reps))


@pytest.mark.parametrize(
    ("scope", "about", "much"),
    [
        (EVERYONE, some("anna"), Sees.ALL),
        (some("anna"), EVERYONE, Sees.SOME),
        (NOBODY, EVERYONE, Sees.NONE),
        (some("anna", "bert"), some("anna"), Sees.ALL),
        (some("anna"), some("anna", "bert"), Sees.SOME),
        (some("anna"), some("bert"), Sees.NONE),
    ],
)
def test_how_much_of_an_answer_a_reader_may_see(scope, about, much):
    assert reach.sees(Viewer("p", "Pat", Role.REP, scope), Subject(about)) is much


def test_a_form_that_was_changed_on_its_way_is_refused():
    with pytest.raises(NotShared):
        Wanted.read('{"key": "x", "line": "/winrate", "before": ""}')
