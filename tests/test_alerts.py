"""The life of an alert, from what was decided up to what people read in Slack."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from analytics.alerts.rules import DEFAULTS
from analytics.questions import EVERYONE, NOBODY
from bot.alerting import book, escalation, lifecycle, log, silences
from bot.alerting.log import What, Why
from bot.alerting.outbox import Recipient
from bot.alerting.preferences import Preferences
from bot.alerting.standing import State
from bot.audience import Role, Viewer, viewer
from bot.memory.tables import outbox
from bot.playground.records import BOT_USER
from tests.alerting import MONDAY, PEOPLE, desk, end_of, finding, office

DAY = timedelta(days=1)
PRIYA, CARLA, DANA = (viewer(PEOPLE[one], list(PEOPLE.values())) for one in ("rep_1", "rep_2", "mgr_1"))
RITA = Viewer("rita", "Rita", Role.OPS, NOBODY)
KEY = "main:stalled:D1:2024-07-22"


class House:
    """An office with a desk, in which generations are judged and people answer."""

    def __init__(self, office):
        self.office = office
        self.clock = office.clock
        self.clock.time = MONDAY
        self.known = {}

    @asynccontextmanager
    async def at_work(self):
        """A transaction and the desk of this moment."""
        async with self.office.memory.write() as tx:
            made = desk(self.clock.now(), **self.known)
            hushed = await silences.current(tx, "main", self.clock.now())
            yield tx, replace(made, silences=hushed)

    async def judged(self, *found, because="activity", already=()):
        """One run of the rules on this day's numbers, and what people read then."""
        async with self.at_work() as (tx, at):
            today = at.now.date()
            await lifecycle.judge(
                tx,
                [replace(one, as_of=today) for one in found],
                rules=DEFAULTS,
                already=already,
                levels={"P1", "P2", "P3", "rate", "driver"},
                ending=lambda told: end_of(told, because, today),
                desk=at,
                day=today,
            )
        return await self.read()

    async def read(self):
        """What people read once everything is delivered; threads apart."""
        while await self.office.is_busy():
            await self.office.turns(1, seconds=2)
        sees = self.office.slack.sees
        return {who: [m.text for m in sees(who) if not m.thread_ts] for who in ("priya", "carla", "dana")}

    def thread(self, who):
        """What the thread of somebody's messages says."""
        return [m.text for m in self.office.slack.sees(who) if m.thread_ts]

    async def do(self, act, *given, **named):
        """Somebody answers; what people read then."""
        async with self.at_work() as (tx, at):
            await act(tx, *given, **named, desk=at)
        return await self.read()

    async def sweep(self):
        """What is due at this moment; what people read then."""
        async with self.at_work() as (tx, at):
            await escalation.sweep(tx, at)
        return await self.read()

    async def log(self, **asked):
        """What happened, oldest first, as (what, reason)."""
        async with self.office.memory.read() as connection:
            return [(one.what, one.reason) for one in reversed(await log.read(connection, "main", **asked))]

    async def alert(self, key=KEY):
        """The alert as memory has it."""
        async with self.office.memory.read() as connection:
            return await book.find(connection, "main", key)


@pytest.fixture
async def house(tmp_path):
    async with office(tmp_path) as built:
        yield House(built)


async def test_a_stalled_deal_is_told_once_to_its_owner(house):
    first = await house.judged(finding())
    assert first == {"priya": ["P1 D1 for owner: told"], "carla": [], "dana": []}
    house.clock.turn(days=1)
    assert await house.judged(finding()) == first
    assert await house.log() == [(What.TOLD, "")]


async def test_a_manager_who_asked_for_it_is_told_at_the_same_time(house):
    house.known = {"preferences": {"mgr_1": Preferences(at_once=True)}}
    seen = await house.judged(finding())
    assert seen == {"priya": ["P1 D1 for owner: told"], "carla": [], "dana": ["P1 D1 for manager: told"]}


async def test_at_night_it_waits_for_the_morning(house):
    house.clock.time = MONDAY.replace(hour=22)
    assert (await house.judged(finding()))["priya"] == []
    assert await house.log() == [(What.TOLD, Why.QUIET_HOURS)]
    house.clock.time = MONDAY.replace(hour=8) + DAY
    assert (await house.read())["priya"] == ["P1 D1 for owner: told"]


async def test_when_the_deal_moves_the_message_is_edited_and_the_thread_says_so(house):
    await house.judged(finding())
    seen = await house.judged(because="moved")
    assert seen["priya"] == ["P1 D1 for owner: over: moved"]
    assert len(house.thread("priya")) == 1


async def test_edits_and_replies_go_where_their_post_went_whatever_was_chosen_since(house):
    channel = house.office.slack.workspace.conversation("general")
    channel.members.add(BOT_USER)
    house.known = {"preferences": {"rep_1": Preferences(place=channel.id)}}
    await house.judged(finding())
    house.known = {}
    await house.do(lifecycle.act, KEY, PRIYA, "call")
    async with house.office.memory.read() as connection:
        written = await connection.execute(select(outbox.c.kind, outbox.c.place, outbox.c.channel))
        assert {tuple(row) for row in written} == {
            (kind, channel.id, channel.id) for kind in ("post", "update", "reply")
        }


async def test_the_message_about_several_is_edited_where_it_went(house):
    channel = house.office.slack.workspace.conversation("general")
    channel.members.add(BOT_USER)
    await house.judged(finding("D1"), finding("D2", owner="rep_2"))
    house.clock.turn(days=1)
    house.known = {"preferences": {"mgr_1": Preferences(place=channel.id)}}
    await house.sweep()
    house.known = {}
    await house.do(lifecycle.act, KEY, PRIYA, "call")
    async with house.office.memory.read() as connection:
        to_dana = select(outbox.c.kind, outbox.c.place).where(outbox.c.recipient_id == "mgr_1")
        assert set((await connection.execute(to_dana)).all()) == {
            ("post", channel.id),
            ("update", channel.id),
        }


async def test_a_deal_that_stalls_again_is_a_new_message(house):
    await house.judged(finding())
    await house.judged()
    seen = await house.judged(finding())
    assert seen["priya"] == ["P1 D1 for owner: over: activity", "P1 D1 for owner: told"]


async def test_a_new_owner_is_told_and_the_old_one_released(house):
    await house.judged(finding())
    seen = await house.judged(finding(owner="rep_2"), because="owner_changed")
    assert seen["priya"] == ["P1 D1 for owner: over: owner_changed"]
    assert seen["carla"] == ["P1 D1 for owner: told"]


async def test_beyond_the_budget_the_rest_waits_for_room(house):
    house.known = {"p1_per_week": 1}
    two = finding("D1"), finding("D2", amount=80_000)
    for days, told in ((0, ["D1"]), (6, ["D1"]), (1, ["D1", "D2"])):
        house.clock.turn(days=days)
        seen = await house.judged(*two)
        assert seen["priya"] == [f"P1 {deal} for owner: told" for deal in told]


async def test_an_alert_nobody_saw_yet_is_withdrawn_when_the_deal_moves(house):
    house.clock.time = MONDAY.replace(hour=22)
    await house.judged(finding())
    await house.judged()
    assert await house.office.statuses() == {f"{KEY}:rep_1:told": "cancelled"}


async def test_an_alert_and_its_messages_are_written_as_one(house):
    house.known = {"render": lambda *_: 1 / 0}
    with pytest.raises(ZeroDivisionError):
        await house.judged(finding())
    assert (await house.alert(), await house.office.statuses(), await house.log()) == (None, {}, [])


# ------------------------------------------------------------------ answers


async def test_whoever_has_got_it_is_shown_and_the_manager_is_not_asked(house):
    await house.judged(finding())
    seen = await house.do(lifecycle.acknowledge, KEY, PRIYA)
    assert seen["priya"] == ["P1 D1 for owner: acknowledged"]
    alert = await house.alert()
    assert (alert.acted_by, alert.escalate_at) == ("rep_1", None)


async def test_a_second_click_changes_nothing(house):
    await house.judged(finding())
    await house.do(lifecycle.acknowledge, KEY, PRIYA)
    before = await house.office.statuses()
    await house.do(lifecycle.acknowledge, KEY, DANA)
    assert (await house.office.statuses(), (await house.alert()).acted_by) == (before, "rep_1")


async def test_an_action_becomes_the_message(house):
    await house.judged(finding())
    seen = await house.do(lifecycle.act, KEY, PRIYA, "exec call booked")
    assert seen["priya"] == ["P1 D1 for owner: Priya did exec call booked"]
    assert await house.log() == [(What.TOLD, ""), (What.ACTED, "exec call booked")]


async def test_an_action_logged_on_the_card_answers_every_alert_of_the_deal(house):
    await house.judged(finding())
    async with house.at_work() as (tx, at):
        acted = await lifecycle.act_on(tx, "D1", PRIYA, "called", at)
    assert [one.key for one in acted] == [KEY]
    assert (await house.alert()).state is State.ACTED


async def test_what_is_not_useful_is_put_aside_with_the_reason(house):
    await house.judged(finding())
    await house.do(lifecycle.useful, KEY, PRIYA, False, reason="on leave")
    assert ((await house.alert()).state, (await house.alert()).reason) == (State.DISMISSED, "on leave")
    assert (await house.log())[-1] == (What.NOT_USEFUL, "on leave")


async def test_what_is_useful_changes_nothing_but_the_log(house):
    await house.judged(finding())
    await house.do(lifecycle.useful, KEY, PRIYA, True)
    assert (await house.alert()).state is State.TOLD
    assert (await house.log())[-1] == (What.USEFUL, "")


async def test_a_colleague_never_answers_for_an_owner_and_the_cro_may(house):
    await house.judged(finding())
    for answer in (lifecycle.acknowledge, lifecycle.withhold):
        with pytest.raises(lifecycle.NotYours):
            await house.do(answer, KEY, CARLA, **({"reason": "no"} if answer is lifecycle.withhold else {}))
    await house.do(lifecycle.acknowledge, KEY, Viewer("cro", "Cleo", Role.CRO, EVERYONE))
    assert (await house.alert()).acted_by == "cro"


async def test_an_unknown_key_and_an_alert_that_is_over_are_said_plainly(house):
    with pytest.raises(lifecycle.NoSuchAlert):
        await house.do(lifecycle.acknowledge, "main:stalled:D9:2024-07-22", PRIYA)
    await house.judged(finding())
    await house.judged()
    with pytest.raises(lifecycle.AlertOver):
        await house.do(lifecycle.acknowledge, KEY, PRIYA)


# ------------------------------------------------------------------ snoozes


async def test_a_snoozed_deal_is_quiet_and_comes_back_in_its_thread(house):
    await house.judged(finding())
    await house.do(lifecycle.snooze, KEY, PRIYA, 7)
    said = house.thread("priya")
    house.clock.turn(days=6)
    await house.sweep()
    assert house.thread("priya") == said
    house.clock.turn(days=1)
    seen = await house.sweep()
    assert seen["priya"] == ["P1 D1 for owner: told"]
    assert len(house.thread("priya")) == len(said) + 1


async def test_a_snooze_cancels_what_waits_to_be_sent(house):
    house.clock.time = MONDAY.replace(hour=22)
    await house.judged(finding())
    await house.do(lifecycle.snooze, KEY, PRIYA, 1)
    assert ((await house.alert()).state, (await house.alert()).reason) == (State.HELD, Why.SNOOZED)
    house.clock.time = MONDAY.replace(hour=9) + DAY
    assert (await house.judged(finding()))["priya"] == []
    house.clock.time = MONDAY.replace(hour=9) + 2 * DAY
    assert (await house.judged(finding()))["priya"] == ["P1 D1 for owner: told"]


async def test_a_snooze_ends_on_the_day_it_is_for_its_reader(house):
    house.clock.time = MONDAY.replace(hour=23, minute=30)  # Tuesday morning in Tokyo
    house.known = {
        "preferences": {"rep_1": Preferences(zone="Asia/Tokyo")},
        "render": lambda _, __, standing: (f"{standing.until:%A %H:%M}" if standing.until else "told", []),
    }
    await house.judged(finding())
    seen = await house.do(lifecycle.snooze, KEY, PRIYA, 1)
    assert seen["priya"] == ["Wednesday 08:30"]


async def test_a_managers_snooze_is_no_answer_of_the_owner(house):
    await house.judged(finding())
    await house.do(lifecycle.snooze, KEY, DANA, 1)
    assert (await house.alert()).escalate_at == MONDAY + DAY


# ------------------------------------------------------------------ the manager is told


async def test_without_an_answer_for_a_working_day_the_manager_is_told(house):
    await house.judged(finding())
    house.clock.time = MONDAY + DAY - timedelta(minutes=1)
    assert (await house.sweep())["dana"] == []
    house.clock.time = MONDAY + DAY
    seen = await house.sweep()
    assert seen["dana"] == ["P1 D1 for manager: told escalated"]
    assert seen["priya"] == ["P1 D1 for owner: told escalated"]
    house.clock.turn(days=3)
    assert (await house.sweep())["dana"] == seen["dana"]


def of_the_week(_, recipient, standing):
    """An alert as the how-many-eth of whose week it is."""
    return f"{standing.told} of {standing.budget} for {recipient.role}", []


async def test_what_is_passed_on_counts_in_the_managers_week_from_the_first_on(house):
    house.known = {"render": of_the_week}
    for day in range(2):
        house.clock.time = MONDAY + day * DAY
        await house.judged(*[finding(f"D{n + 1}") for n in range(day + 1)])
        house.clock.time = MONDAY + (day + 1) * DAY
        seen = await house.sweep()
    assert seen["dana"] == ["1 of 5 for manager", "2 of 5 for manager"]
    assert seen["priya"] == ["1 of 3 for owner", "2 of 3 for owner"]


async def test_who_answered_is_never_passed_on(house):
    await house.judged(finding())
    await house.do(lifecycle.acknowledge, KEY, PRIYA)
    house.clock.turn(days=3)
    assert (await house.sweep())["dana"] == []


async def test_on_a_friday_the_manager_is_told_on_monday(house):
    house.clock.time = MONDAY + 4 * DAY
    await house.judged(finding())
    house.clock.time = MONDAY + 6 * DAY
    assert (await house.sweep())["dana"] == []
    house.clock.time = MONDAY + 7 * DAY
    assert len((await house.sweep())["dana"]) == 1


async def test_several_of_one_manager_are_one_message_that_follows_each(house):
    await house.judged(finding("D1"), finding("D2", owner="rep_2"))
    house.clock.turn(days=1)
    seen = await house.sweep()
    assert seen["dana"] == ["2 alerts of your team wait for an answer"]
    await house.do(lifecycle.act, KEY, PRIYA, "call")
    [told] = [m for m in house.office.slack.sees("dana") if not m.thread_ts]
    assert "Priya did call" in str(told.blocks)


async def test_a_manager_who_has_it_in_a_message_gets_no_second_one_when_a_snooze_is_over(house):
    await house.judged(finding("D1"), finding("D2"))
    house.clock.turn(days=1)
    seen = await house.sweep()
    for deal in ("D1", "D2"):
        await house.do(lifecycle.snooze, KEY.replace("D1", deal), PRIYA, 1)
    for _ in range(2):  # the snoozes end, then nobody answers for another day
        house.clock.turn(days=1)
        assert (await house.sweep())["dana"] == seen["dana"] == ["2 alerts of your team wait for an answer"]
    said = await house.log()
    assert said.count((What.SUPPRESSED, Why.DUPLICATE)) == 2
    assert [what for what, _ in said].count(What.ESCALATED) == 2


async def test_a_manager_with_a_full_week_is_not_told(house):
    house.known = {"manager_per_week": 1}
    await house.judged(finding("D1"), finding("D2", amount=80_000))
    house.clock.turn(days=1)
    assert (await house.sweep())["dana"] == ["P1 D1 for manager: told escalated"]
    assert (What.SUPPRESSED, Why.MANAGER_BUDGET) in await house.log()


# ------------------------------------------------------------------ lot, pilot, end


async def test_a_silent_alert_is_told_to_nobody_and_resolved_like_any_other(house):
    house.known = {"is_silent": lambda _: True}
    assert not any((await house.judged(finding())).values())
    assert ((await house.alert()).state, (await house.alert()).silent) == (State.SILENT, True)
    with pytest.raises(lifecycle.NoSuchAlert):
        await house.do(lifecycle.acknowledge, KEY, PRIYA)
    await house.judged()
    assert not any((await house.read()).values())


async def test_the_reviewer_sees_it_first_and_lets_it_through(house):
    house.known = {"reviewers": (Recipient("mgr_1", "Dana", "dana@example.com", "reviewer"),)}
    seen = await house.judged(finding())
    assert seen == {"priya": [], "carla": [], "dana": ["P1 D1 for reviewer: review"]}
    with pytest.raises(lifecycle.NotYours):
        await house.do(lifecycle.release, KEY, PRIYA)
    seen = await house.do(lifecycle.release, KEY, DANA)
    assert (seen["priya"], seen["dana"]) == (["P1 D1 for owner: told"], ["P1 D1 for manager: told"])


async def test_what_the_reviewer_held_back_is_never_told(house):
    house.known = {"reviewers": (Recipient("mgr_1", "Dana", "dana@example.com", "reviewer"),)}
    await house.judged(finding())
    await house.do(lifecycle.withhold, KEY, DANA, "known")
    house.clock.turn(days=1)
    seen = await house.judged(finding())
    assert (seen["priya"], seen["dana"]) == ([], ["P1 D1 for reviewer: withheld"])


async def test_a_reviewer_who_snoozed_the_deal_is_not_asked_about_it(house):
    house.clock.time = MONDAY.replace(hour=22)
    house.known = {"reviewers": (Recipient("mgr_1", "Dana", "dana@example.com", "reviewer"),)}
    await house.judged(finding("D1"))
    for deal in ("D1", "D2"):
        async with house.at_work() as (tx, at):
            await lifecycle.snooze_subject(tx, deal, DANA, 7, at)
    await house.judged(finding("D1"), finding("D2", amount=80_000))
    house.clock.turn(days=1)
    assert (await house.read())["dana"] == []
    assert (await house.alert()).state is State.REVIEW


async def test_what_no_reviewer_looked_at_goes_to_the_digest(house):
    house.known = {"reviewers": (Recipient("mgr_1", "Dana", "dana@example.com", "reviewer"),)}
    await house.judged(finding())
    house.clock.turn(days=3)
    await house.sweep()
    assert ((await house.alert()).state, (await house.alert()).reason) == (State.DIGEST, Why.REVIEW)


async def in_the_digest(house, rule="stalled"):
    """An alert that no reviewer looked at in time; they are still there."""
    house.known = {"reviewers": (Recipient("mgr_1", "Dana", "dana@example.com", "reviewer"),)}
    await house.judged(finding(rule=rule))
    house.clock.turn(days=3)
    assert (await house.sweep())["dana"] == ["P1 D1 for manager: digest"]


async def test_what_is_in_the_digest_stays_there_when_its_owner_snoozes_it(house):
    await in_the_digest(house)
    ends = house.clock.now() + 7 * DAY
    await house.do(lifecycle.snooze, KEY, PRIYA, 7)
    for days, listed in ((0, 0), (6, 0), (1, 1)):
        house.clock.turn(days=days)
        assert (await house.judged(finding()))["dana"] == ["P1 D1 for manager: digest"]
        async with house.at_work() as (tx, at):
            assert len(await lifecycle.listed(tx, at)) == listed
        assert (await house.alert()).until == ends  # no digest of anybody has it before
    assert (await house.alert()).state is State.DIGEST


async def test_what_another_rule_took_out_of_the_digest_is_edited_where_its_reviewer_has_it(house):
    await in_the_digest(house, "odds_fell")
    odds = finding(rule="odds_fell")
    assert (await house.judged(finding(), odds))["dana"] == [
        "P1 D1 for manager: held",
        "P1 D1 for reviewer: review",
    ]
    assert (await house.judged(odds))["dana"] == [
        "P1 D1 for reviewer: review",
        "P1 D1 for manager: over: activity",
    ]


async def test_once_the_pilot_is_over_its_reviewer_never_learns_what_is_silent_by_lot(house):
    await in_the_digest(house, "odds_fell")
    odds = finding(rule="odds_fell")
    await house.judged(finding(), odds)
    house.known = {"is_silent": lambda _: True, "ops_emails": ("dana@example.com",)}
    assert (await house.judged(odds))["dana"][0] == "P1 D1 for manager: told"
    assert (await house.alert(KEY.replace("stalled", "odds_fell"))).state is State.SILENT
    assert "Told." in house.thread("dana")


async def test_an_alert_nobody_acts_on_expires_and_says_so(house):
    await house.judged(finding())
    house.clock.turn(days=30)
    seen = await house.judged(finding())
    assert seen["priya"] == ["P1 D1 for owner: expired"]
    house.clock.turn(days=1)
    assert await house.judged(finding()) == seen
    await house.judged()
    assert len((await house.judged(finding()))["priya"]) == 2


async def test_digests_list_what_is_open_and_not_what_is_snoozed(house):
    house.known = {"p1_per_week": 1}
    await house.judged(finding("D1"), finding("D2", amount=80_000), finding("D3", rule="old", level="P3"))

    async def listed():
        async with house.at_work() as (tx, at):
            return [one.finding.subject_id for one in await lifecycle.listed(tx, at)]

    assert await listed() == ["D1", "D2", "D3"]
    await house.do(lifecycle.snooze, KEY, PRIYA, 1)
    assert await listed() == ["D2", "D3"]


async def test_the_log_is_read_within_the_readers_scope(house):
    await house.judged(finding("D1"), finding("D2", owner="rep_2"))
    assert len(await house.log()) == 2
    assert len(await house.log(scope=PRIYA.scope)) == 1
    assert await house.log(about="d2") == [(What.TOLD, "")]


async def test_two_clicks_at_once_are_one_answer(house):
    await house.judged(finding())
    await asyncio.gather(
        house.do(lifecycle.acknowledge, KEY, PRIYA), house.do(lifecycle.acknowledge, KEY, DANA)
    )
    assert [what for what, _ in await house.log()].count(What.ACKNOWLEDGED) == 1
