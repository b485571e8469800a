"""The stalled rule on small generations, and the life of its alerts up to what people read in Slack."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import alerts, store
from analytics.alerts import Thresholds
from analytics.facts import Ending
from analytics.generation import PersonRow
from analytics.refresh import refresh
from bot.alerting import lifecycle
from bot.alerting.lifecycle import Alert, Desk, Hold, Open, Resolve
from bot.blocks.limits import check
from tests.alerting import office, stalled_deal
from tests.tables import tables

TODAY = date(2024, 7, 20)
PEOPLE = [
    {"person_id": "rep_1", "name": "Priya", "email": "priya@example.com", "manager_id": "mgr_1"},
    {"person_id": "rep_2", "name": "Carla", "email": "carla@example.com", "manager_id": "mgr_1"},
    {"person_id": "mgr_1", "name": "Dana", "email": "dana@example.com", "role": "manager"},
]


PEOPLE_BY_ID = {
    p["person_id"]: PersonRow(p["person_id"], p["name"], p["email"], "rep", p.get("manager_id"), None)
    for p in PEOPLE
}


def days_ago(number):
    return (TODAY - timedelta(days=number)).isoformat()


def big(deal_id="D1", **changed):
    return {"deal_id": deal_id, "amount": 50_000, "stage": "Demo"} | changed


def touched(days, deal_id="D1"):
    return {"deal_id": deal_id, "date": days_ago(days), "kind": "call", "rep_id": "rep_1"}


def won_after(stays, stage="Demo", deal_type="new"):
    """Won deals that stayed in a stage for so many days each, and then closed from Proposal."""
    deals, events = [], []
    for number, stay in enumerate(stays, 1):
        name, start = f"W{stage}{deal_type}{number:03}", date(2024, 1, 1)
        moved = (start + timedelta(days=stay)).isoformat()
        closed = {"outcome": "won", "close_date": moved, "stage": "Proposal", "deal_type": deal_type}
        deals.append({"deal_id": name, **closed})
        events.append({"deal_id": name, "date": start.isoformat(), "kind": "stage", "new": stage})
        events.append({"deal_id": name, "date": moved, "kind": "stage", "old": stage, "new": "Proposal"})
    return deals, events


def entered(days, deal_id="D1", stage="Demo"):
    return {"deal_id": deal_id, "date": days_ago(days), "kind": "stage", "new": stage}


@pytest.fixture
def generation(tmp_path):
    def build(deals, *, day=TODAY, **more):
        loaded = tables(tmp_path, deals=deals, people=PEOPLE, load_id=f"load-{day}", **more)
        refresh(loaded, tmp_path, day)
        return store.current(tmp_path)

    return build


def stalled(generation, **thresholds):
    return alerts.stalled(generation, Thresholds(**thresholds))


def test_a_big_deal_is_stalled_after_more_than_fourteen_days_without_activity(generation):
    deals = [big("D1"), big("D2"), big("D3", amount=49_999.99)]
    told = stalled(generation(deals, activities=[touched(15), touched(14, "D2"), touched(90, "D3")]))
    assert [(d.deal_id, d.causes) for d in told] == [("D1", ("inactive",))]
    assert told[0].figures["days_since_activity"].value == 15
    assert told[0].figures["inactivity_limit"].value == 14
    assert told[0].figures["amount"].value == Decimal("50000.00")


def test_a_deal_is_stalled_beyond_the_stay_of_nine_in_ten_won_deals(generation):
    deals, events = won_after(range(2, 32))  # 90th percentile of 2..31: 2 + 0.9 x 29 = 28.1
    deals += [big("D1", deal_type="new"), big("D2", deal_type="new")]
    told = stalled(generation(deals, events=[*events, entered(29), entered(28, "D2")]))
    assert [(d.deal_id, d.causes) for d in told] == [("D1", ("slow_stage",))]
    assert told[0].figures["days_in_stage"].value == 29
    assert (told[0].figures["stage_limit"].value, told[0].figures["stage_limit"].n) == (Decimal("28.1"), 30)


def test_a_stage_with_few_won_deals_borrows_the_clock_of_all_stages_and_says_so(generation):
    demo, demo_events = won_after([10] * 29)
    other, other_events = won_after([10], stage="Qualified")
    deals = [*demo, *other, big("D1", deal_type="new")]
    [told] = stalled(generation(deals, events=[*demo_events, *other_events, entered(11)]))
    limit = told.figures["stage_limit"]  # 30 stays of 10 days, and 30 in Proposal that ended at once
    assert (limit.value, limit.n, limit.entity) == (10, 60, "all stages, deal_type=new")


def test_renewals_never_set_the_clock_for_new_business(generation):
    deals, events = won_after([10] * 40, deal_type="renewal")
    assert stalled(generation([*deals, big(deal_type="new")], events=[*events, entered(60)])) == []


def test_what_nobody_knows_never_makes_a_deal_stalled(generation):
    unknown = [big("D1"), big("D2", amount=None), big("D3", currency="EUR")]
    assert stalled(generation(unknown)) == []
    feed = [touched(90, "D2"), touched(90, "D3")]
    assert stalled(generation(unknown, day=TODAY + timedelta(days=1), activities=feed)) == []


def test_closed_deals_are_never_stalled(generation):
    closed = big(outcome="lost", close_date=days_ago(5))
    assert stalled(generation([closed], activities=[touched(90)])) == []


def test_the_biggest_stalled_deal_comes_first(generation):
    deals = [big("D1"), big("D2", amount=80_000), big("D3")]
    told = stalled(generation(deals, activities=[touched(20), touched(20, "D2"), touched(20, "D3")]))
    assert [d.deal_id for d in told] == ["D2", "D1", "D3"]


def test_every_threshold_has_a_unit_and_a_source():
    described = {name: f.metadata for name, f in Thresholds.__dataclass_fields__.items()}
    assert all(set(metadata) == {"unit", "source"} for metadata in described.values())


@pytest.mark.parametrize(
    ("change", "activity", "reason"),
    [
        ({"outcome": "won", "close_date": days_ago(-1)}, 20, "won"),
        ({"outcome": "lost", "close_date": days_ago(-1)}, 20, "lost"),
        ({"rep_id": "rep_2"}, 20, "owner_changed"),
        ({"stage": "Negotiation"}, 20, "moved"),
        ({}, 0, "activity"),
        ({"amount": 10_000}, 20, "amount_fell"),
        ({"deal_id": "D2"}, 20, "gone"),
        ({}, 20, "line_moved"),
    ],
)
def test_an_ending_says_why(generation, change, activity, reason):
    [told] = stalled(generation([big()], activities=[touched(20)]))
    later = generation([big(**change)], day=TODAY + timedelta(days=2), activities=[touched(activity)])
    end = alerts.ending(told, later, Thresholds())
    assert (end.reason, end.figures["days_since_told"].value) == (reason, 2)


# ------------------------------------------------------------------ decide


def end_of(deal, reason="activity"):
    return Ending(
        deal_id=deal.deal_id, reason=reason, names={}, figures={}, as_of=TODAY, generation="g-2024-07-21"
    )


def decided(open_alerts, now, told=None, budget=3, taken=()):
    name = lifecycle.namer("main", taken)
    return lifecycle.decide(
        open_alerts, now, told_this_week=told or {}, budget=budget, ending=end_of, name=name
    )


def test_a_new_stalled_deal_is_told_under_the_day_it_began():
    deal = stalled_deal()
    assert decided([], [deal]) == [Open("main:stalled:D1:2024-07-20", deal)]


def test_an_alert_that_lasts_stays_silent():
    later = stalled_deal(as_of=TODAY + timedelta(days=1))
    assert decided([Alert("k", "told", stalled_deal())], [later]) == []


def test_an_alert_that_ended_is_resolved_with_its_reason():
    alert = Alert("k", "told", stalled_deal())
    assert decided([alert], []) == [Resolve(alert, end_of(alert.deal))]


def test_a_new_owner_is_told_and_the_old_alert_resolved():
    alert = Alert("main:stalled:D1:2024-07-20", "told", stalled_deal())
    moved = stalled_deal(owner="rep_2")
    again = Open("main:stalled:D1:2024-07-20.2", moved)
    assert decided([alert], [moved], taken={alert.key}) == [Resolve(alert, end_of(alert.deal)), again]


def test_the_biggest_three_are_told_and_the_rest_held():
    deals = [stalled_deal(f"D{n}", amount=n * 10_000) for n in range(5, 10)]
    said = [(type(d), d.deal.deal_id) for d in decided([], deals)]
    assert said == [(Open, "D9"), (Open, "D8"), (Open, "D7"), (Hold, "D6"), (Hold, "D5")]


def test_what_was_held_is_told_under_its_own_key_when_there_is_room():
    held = Alert("main:stalled:D1:2024-07-13", "held", stalled_deal())
    assert decided([held], [stalled_deal()], told={"rep_1": 3}) == []
    assert decided([held], [stalled_deal()], told={"rep_1": 2}) == [Open(held.key, stalled_deal())]


@given(
    amounts=st.lists(st.integers(50_000, 60_000), max_size=12),
    owners=st.lists(st.sampled_from(["rep_1", "rep_2"]), min_size=12, max_size=12),
    told=st.dictionaries(st.sampled_from(["rep_1", "rep_2"]), st.integers(0, 5)),
    budget=st.integers(1, 4),
)
def test_nobody_ever_gets_more_than_the_budget_and_no_deal_is_forgotten(amounts, owners, told, budget):
    deals = [stalled_deal(f"D{n}", amount=a, owner=owners[n]) for n, a in enumerate(amounts)]
    decisions = decided([], deals, told, budget)
    for owner in ("rep_1", "rep_2"):
        opened = [d for d in decisions if isinstance(d, Open) and d.deal.owner_id == owner]
        assert len(opened) <= max(0, budget - told.get(owner, 0))
    assert sorted(d.deal.deal_id for d in decisions) == sorted(d.deal_id for d in deals)


# ------------------------------------------------------------------ up to Slack


def render(deal, recipient, ending):
    said = f"Resolved: {ending.reason}" if ending else f"P1 - {deal.deal_id} stalled, {recipient.role}"
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": said}}]
    assert check(blocks) == []
    return said, blocks


@pytest.fixture
async def house(tmp_path):
    async with office(tmp_path) as desk:

        async def judged(*stalled_now, day=0, budget=3, because="activity"):
            """One run of the rule, so many days on, and enough turns to deliver everything."""
            today = TODAY + timedelta(days=day)
            async with desk.memory.write() as tx:
                decisions = lifecycle.decide(
                    await lifecycle.open_alerts(tx, "main", "stalled"),
                    [replace(deal, as_of=today) for deal in stalled_now],
                    told_this_week=await lifecycle.told_this_week(tx, "main", today),
                    budget=budget,
                    ending=lambda told: end_of(told, because),
                    name=lifecycle.namer("main", await lifecycle.keys_of_day(tx, "main", today)),
                )
                now = desk.clock.now()
                await lifecycle.apply(tx, decisions, Desk("main", render, PEOPLE_BY_ID, now))
            await desk.turns(6, seconds=1)
            return {person: desk.read_by(person) for person in ("priya", "carla", "dana")}

        yield judged


async def test_a_stalled_deal_is_told_once_to_its_owner_and_the_manager(house):
    first = await house(stalled_deal())
    assert first == {"priya": ["P1 - D1 stalled, owner"], "carla": [], "dana": ["P1 - D1 stalled, manager"]}
    assert await house(stalled_deal(), day=1) == first


async def test_a_manager_who_owns_the_deal_is_told_once(house):
    seen = await house(stalled_deal(owner="mgr_1"))
    assert seen == {"priya": [], "carla": [], "dana": ["P1 - D1 stalled, owner"]}


async def test_a_deal_without_a_manager_is_told_to_its_owner(house):
    seen = await house(stalled_deal(manager_id=""))
    assert seen == {"priya": ["P1 - D1 stalled, owner"], "carla": [], "dana": []}


async def test_when_the_deal_moves_both_messages_are_edited(house):
    await house(stalled_deal())
    seen = await house(day=1, because="moved")
    assert seen == {"priya": ["Resolved: moved"], "carla": [], "dana": ["Resolved: moved"]}


@pytest.mark.parametrize("days", [0, 20])
async def test_a_deal_that_stalls_again_is_a_new_message(house, days):
    await house(stalled_deal())
    await house()
    seen = await house(stalled_deal(), day=days)
    assert seen["priya"] == ["Resolved: activity", "P1 - D1 stalled, owner"]


async def test_a_new_owner_is_told_and_the_old_one_released(house):
    await house(stalled_deal())
    seen = await house(stalled_deal(owner="rep_2"), because="owner_changed")
    assert seen["priya"] == ["Resolved: owner_changed"]
    assert seen["carla"] == ["P1 - D1 stalled, owner"]


async def test_beyond_the_budget_the_rest_waits_for_room(house):
    two = stalled_deal("D1"), stalled_deal("D2", amount=80_000)
    for day, told in ((0, ["D1"]), (6, ["D1"]), (7, ["D1", "D2"])):
        seen = await house(*two, day=day, budget=1)
        assert seen["priya"] == [f"P1 - {deal} stalled, owner" for deal in told]


async def test_what_was_held_and_ended_is_never_told(house):
    await house(stalled_deal("D1"), stalled_deal("D2", amount=80_000), budget=1)
    seen = await house(stalled_deal("D1"), day=7, budget=1)
    assert seen["priya"] == ["P1 - D1 stalled, owner"]


async def test_an_alert_nobody_saw_yet_is_withdrawn_when_the_deal_moves(tmp_path):
    async with office(tmp_path) as desk:
        people = Desk("main", render, PEOPLE_BY_ID, desk.clock.now())
        async with desk.memory.write() as tx:
            await lifecycle.apply(tx, [Open("k", stalled_deal())], people)
            await lifecycle.apply(
                tx, [Resolve(Alert("k", "told", stalled_deal()), end_of(stalled_deal()))], people
            )
        await desk.turns(3)
        assert await desk.statuses() == {"k:rep_1:told": "cancelled", "k:mgr_1:told": "cancelled"}
        assert desk.read_by("priya") == []


async def test_an_alert_and_its_messages_are_written_as_one(tmp_path):
    def broken(deal, recipient, ending):
        return {"owner": render(deal, recipient, ending)}[recipient.role]

    async with office(tmp_path) as desk:
        with pytest.raises(KeyError):  # noqa: PT012
            async with desk.memory.write() as tx:
                people = Desk("main", broken, PEOPLE_BY_ID, desk.clock.now())
                await lifecycle.apply(tx, [Open("k", stalled_deal())], people)
        assert await desk.statuses() == {}
        async with desk.memory.read() as connection:
            assert await lifecycle.open_alerts(connection, "main", "stalled") == []
