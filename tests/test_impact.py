"""Proof: the lot, the experiment agreed on beforehand, what followed, and what may be said of it."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from analytics import impact as proof
from analytics import refresh, store
from analytics.answers.mint import Mint
from analytics.facts import Fact, Finding, Unit, Verdict
from analytics.impact import Done, Enrolled, Terms, Then, Unanswered, after, arms, moves
from analytics.impact.arms import Arm, always, gap, once, planned
from bot import replies, schedule
from bot import settings as config
from bot import work as working
from bot.alerting import experiment, followed
from bot.alerting.holdout import is_silent
from bot.blocks import impact as blocks
from bot.blocks import limits
from bot.coach import Coach
from bot.jobs import JOBS
from bot.jobs.base import Work
from bot.jobs.outcomes import OUTCOMES
from bot.memory import Memory, slots
from bot.memory.tables import actions, alert_log, alerts
from bot.narrator import template
from tests.bench import impact as bench
from tests.tables import tables

DAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
MINT = Mint(date(2026, 6, 30), "g000009-2026-06-30")
TERMS = Terms(
    start=DAY, share=Decimal("0.15"), seed="s", effect=Decimal("0.1"), planned=2918, horizon_days=14
)
FIFTH = Decimal("0.2")


# ---------------------------------------------------------------- the lot


def test_the_lot_keeps_about_the_share_silent():
    silent = [is_silent("main", f"D{n}", Decimal("0.15"), "seed") for n in range(4000)]

    assert abs(sum(silent) / 4000 - 0.15) < 0.02  # three and a half standard errors


def test_another_seed_draws_another_lot():
    first, second = ([is_silent("main", f"D{n}", FIFTH, seed) for n in range(200)] for seed in "ab")

    assert first != second


@given(st.text(max_size=20), st.decimals(0, 1, places=3), st.decimals(0, 1, places=3))
def test_a_deal_never_leaves_the_silent_share_when_it_grows(deal_id, one, other):
    small, large = sorted((one, other))

    assert is_silent("main", deal_id, small, "s") <= is_silent("main", deal_id, large, "s")
    assert not is_silent("main", deal_id, Decimal(0), "s")
    assert is_silent("main", deal_id, Decimal(1), "s")


# ---------------------------------------------------------------- the range of a difference


def test_the_usual_range_is_that_of_the_textbook():
    # Newcombe 1998, table II, method 10 (Miettinen and Nurminen): 56/70 against 48/80.
    found = gap(Arm(56, 70), Arm(48, 80), once)

    assert found.value == pytest.approx(0.2)
    assert (found.low, found.high) == pytest.approx((0.0528, 0.3382), abs=0.001)


def test_the_range_that_holds_at_every_look_is_wider():
    usual, any_time = (gap(Arm(56, 70), Arm(48, 80), bound) for bound in (once, always(0.1)))

    assert any_time.low < usual.low < usual.high < any_time.high


def test_two_arms_without_deals_have_no_difference():
    with pytest.raises(ValueError, match=r"Both arms need deals \(told 3, silent 0\)"):
        gap(Arm(1, 3), Arm(0, 0), once)


counts = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts, counts)
def test_a_range_always_holds_what_was_seen_and_mirrors_when_the_arms_change_places(one, other):
    told, silent = Arm(*one), Arm(*other)
    found, mirrored = gap(told, silent, always(0.1)), gap(silent, told, always(0.1))

    assert -1 <= found.low <= found.value + 1e-9
    assert found.value - 1e-9 <= found.high <= 1
    assert (mirrored.low, mirrored.high) == pytest.approx((-found.high, -found.low), abs=0.002)


@pytest.mark.parametrize(
    ("told", "silent", "can"),
    [
        (Arm(40, 100), Arm(5, 15), True),
        (Arm(40, 100), Arm(2, 4), False),
        (Arm(1, 100), Arm(0, 15), False),
        (Arm(0, 100), Arm(0, 15), False),
    ],
)
def test_there_is_no_range_of_few_deals_or_of_moves_so_rare(told, silent, can):
    assert arms.can_tell(told, silent) is can


def test_the_planned_sample_shows_the_effect_in_eight_of_ten_experiments():
    runs = bench.simulated(bench.Team(deals=50, rate=0.45, effect=0.1, weeks=59), 400, seed=5)

    assert runs.told.n[:, -1].mean() + runs.silent.n[:, -1].mean() == pytest.approx(
        planned(0.1, 0.15), rel=0.02
    )
    assert 0.75 <= runs.shown().mean() <= 0.90  # sooner or later: a bit more than at the last look


def test_a_planted_effect_is_recovered_and_looking_every_week_stays_honest():
    runs = bench.simulated(bench.Team(deals=20, rate=0.4, effect=0.1, weeks=150), 200, seed=1)

    assert runs.covers(always(0.1)).all(axis=1).mean() >= 0.95  # at all 150 looks at once
    assert 0.92 <= runs.covers(once)[:, -1].mean() <= 0.98  # the usual range at the one look planned
    assert runs.covers(once).all(axis=1).mean() < 0.75  # and at all 150, which is why it is not used


def test_without_an_effect_at_most_one_experiment_in_twenty_ever_says_so():
    runs = bench.simulated(bench.Team(deals=20, rate=0.4, effect=0.0, weeks=150), 400, seed=2)

    assert (runs.shown() | runs.shown(harm=True)).mean() <= 0.05


# ---------------------------------------------------------------- what followed


THEN = Then(DAY, "Demo", "Call")


@pytest.fixture(scope="module")
def now(tmp_path_factory: pytest.TempPathFactory) -> store.Generation:
    """The numbers of 10 April, in which a deal of 2 March has moved, was won, has a new step, or nothing."""
    return numbers(
        tmp_path_factory.mktemp("now"),
        {"stage": "Proposal", "next_step": "Call"},
        {"outcome": "won", "close_date": "2026-03-09", "next_step": "Call"},
        {"stage": "Demo", "next_step": "Send the offer"},
        {"stage": "Demo", "next_step": " Call "},
        {"outcome": "lost", "close_date": "2026-03-20", "stage": "Demo"},
    )


@pytest.mark.parametrize(
    ("deal_id", "followed"),
    [
        ("D00001", {"moved": date(2026, 4, 10)}),
        ("D00002", {"won": date(2026, 3, 9), "moved": date(2026, 4, 10)}),
        ("D00003", {"stepped": date(2026, 4, 10)}),
        ("D00004", {}),
        ("D00005", {"lost": date(2026, 3, 20)}),
    ],
)
def test_a_move_a_decision_and_a_new_step_are_seen_with_the_day_that_is_known(now, deal_id, followed):
    assert moves(THEN, now.deal(deal_id), now.as_of) == followed


def test_a_step_is_not_new_where_none_was_known(now):
    assert moves(Then(DAY, "Demo", None), now.deal("D00003"), now.as_of) == {}


def test_what_came_after_the_term_does_not_count(now):
    deal = now.deal("D00005")

    assert [after(THEN, deal, days, now.as_of) for days in (14, 30)] == ["nothing", "lost"]
    assert after(THEN, None, 14, now.as_of) == "gone"


# ---------------------------------------------------------------- what may be said


def deals(told: tuple[int, int], silent: tuple[int, int], owners: int = 9) -> list[Enrolled]:
    """So many of so many that moved on the third day, all of them old enough."""
    return [
        Enrolled(
            deal_id=f"{arm}{n}",
            owner_id=f"rep_{n % owners}",
            silent=arm == "silent",
            since=DAY,
            moved_on=DAY + timedelta(days=3) if n < moved else None,
        )
        for arm, (moved, number) in (("told", told), ("silent", silent))
        for n in range(number)
    ]


def found(told: tuple[int, int], silent: tuple[int, int], **more: Any) -> proof.effects.Impact:
    """What is known of so many deals."""
    return proof.impact(deals(told, silent), TERMS, TERMS.share, MINT, **({"sees_all": True} | more))


@pytest.mark.parametrize(
    ("told", "silent", "state"),
    [
        ((2, 4), (1, 2), "too_few"),
        ((50, 100), (8, 20), "not_enough"),
        ((1500, 3000), (150, 500), "helps"),
        ((900, 3000), (250, 500), "hurts"),
        ((1200, 3000), (200, 500), "smaller"),
        ((1230, 2480), (196, 440), "not_shown"),
    ],
)
def test_the_verdict_follows_from_the_range(told, silent, state):
    known = found(told, silent)

    assert known.state == state
    assert re.match("Shown:" if state in ("helps", "hurts") else "Not ", template.impact(known).verdict)


def test_not_enough_says_how_much_is_missing():
    words = template.impact(found((50, 100), (8, 20)))

    assert words.verdict == "Not enough yet. Told of 50.0 % moved, silent 40.0 %; the range still holds zero."
    assert words.lines[0].startswith("Difference +10.0 points, range -")
    assert "Still needed: 2,798 of 2,918 deals; at present none come in." in words.lines


def coming_in() -> list[Enrolled]:
    """8 deals a week for 17 weeks, every sixth silent."""
    return [
        Enrolled(
            deal_id=f"D{n}", owner_id="rep_1", silent=n % 6 == 0, since=MINT.as_of - timedelta(weeks=n // 8)
        )
        for n in range(136)
    ]


def test_what_a_team_cannot_know_within_a_year_is_said_first():
    words = template.impact(proof.impact(coming_in(), TERMS, TERMS.share, MINT, sees_all=True))

    assert words.verdict.startswith("Not within a year. With about 8 alerts a week this team cannot know")
    assert "switch DEALCOACH_SILENT_SHARE off, or keep it as a check." in words.verdict
    assert words.lines[0].startswith("Not enough yet.")
    assert "50.0 %" not in " ".join((words.verdict, *words.lines))


def test_an_empty_arm_is_one_sentence_without_a_table_of_unknowns():
    known = found((0, 30), (0, 0))
    words = template.impact(known)

    assert words.lines == ()
    assert [block["type"] for block in blocks.answer(known, words) if "table" in block["type"]] == []


def test_a_rep_reads_one_sentence():
    known = found((50, 100), (8, 20))
    words = template.impact(known, brief=True)

    assert words.lines == ()
    assert [block for block in blocks.answer(known, words, brief=True) if "table" in block["type"]] == []


def test_the_weeks_still_needed_follow_the_pace_of_late():
    # 8 deals a week for 17 weeks: 16 wait, 120 count; 2,798 - 16 at 8 a week take 348, and 2 to follow.
    known = proof.impact(coming_in(), TERMS, TERMS.share, MINT, sees_all=True).figures

    assert [int(known[name].value) for name in ("counted", "waiting", "needed")] == [120, 16, 2798]
    assert int(known["weeks"].value) == 350


def test_a_deal_counts_only_when_its_time_is_over_however_soon_it_moved():
    young = [
        Enrolled(
            deal_id="D1",
            owner_id="r",
            silent=False,
            since=MINT.as_of - timedelta(days=13),
            moved_on=MINT.as_of,
        )
    ]
    known = proof.impact(young, TERMS, TERMS.share, MINT, sees_all=True)

    assert (known.effects[0].told.n, int(known.figures["waiting"].value)) == (0, 1)


def test_no_figure_about_fewer_than_five_owners_reaches_others():
    few = deals((50, 100), (8, 20), owners=4)
    shown = proof.impact(few, TERMS, TERMS.share, MINT, sees_all=False)

    assert (shown.state, shown.effects, shown.course) == ("too_few_people", (), ())
    assert proof.impact(few, TERMS, TERMS.share, MINT, sees_all=True).effects


def test_a_changed_setting_is_said_and_changes_nothing():
    words = template.impact(proof.impact(deals((50, 100), (8, 20)), TERMS, FIFTH, MINT, sees_all=True))

    assert "The setting says 20.0 % silent; the running experiment keeps 15.0 %." in words.lines


@pytest.mark.parametrize(("share", "said"), [(FIFTH, "Not begun."), (Decimal(0), "Nothing is kept silent.")])
def test_before_an_experiment_the_page_says_why_there_is_nothing(share, said):
    words = template.impact(proof.impact([], None, share, MINT, sees_all=True))

    assert words.verdict.startswith(said)


def test_every_page_is_one_that_slack_takes():
    for answer in (found((2, 4), (1, 2)), found((1500, 3000), (150, 500))):
        shown = blocks.answer(answer, template.impact(answer))

        assert limits.check(shown) == []


# ---------------------------------------------------------------- what followed the plays


def logged(play: str, moved: int, number: int, people: int = 9) -> list[Done]:
    """So many of so many actions that were followed by a move."""
    return [
        Done(
            play=play,
            person_id=f"rep_{n % people}",
            after_14="moved" if n < moved else "nothing",
            after_30="won" if n < moved // 2 else "nothing",
        )
        for n in range(number)
    ]


def test_a_play_has_its_share_with_wilsons_range():
    answer = proof.plays(logged("call_the_buyer", 8, 10), [], MINT, sees_all=True)
    (row,) = answer.rows

    assert (row.after_14.value, row.won.value) == (Decimal("0.8"), Decimal("0.4"))
    assert (float(row.after_14.low), float(row.after_14.high)) == pytest.approx((0.490, 0.943), abs=0.001)


def test_plays_alike_are_noise_and_one_that_differs_is_associated_with_moves():
    alike = proof.plays([*logged("a", 20, 40), *logged("b", 21, 40)], [], MINT, sees_all=True)
    unlike = proof.plays([*logged("a", 5, 40), *logged("b", 35, 40)], [], MINT, sees_all=True)

    assert template.plays(alike).verdict.startswith("Noise.")
    assert template.plays(unlike).verdict.startswith(
        'Signal. "a" is associated with fewer moves: 12.5 % of 40'
    )
    assert unlike.verdict is Verdict.SIGNAL


def test_what_is_gone_or_not_yet_known_is_not_counted():
    gone = [Done(play="a", person_id="r", after_14=after, after_30="") for after in ("gone", "", "moved")]
    (row,) = proof.plays(gone, [], MINT, sees_all=True).rows

    assert (int(row.logged.value), row.after_14.n) == (3, 1)


def test_plays_of_few_people_are_pooled_for_others_and_hidden_where_they_stay_few():
    thin = [*logged("a", 4, 8, people=4), *logged("b", 4, 8, people=8)]
    pooled = proof.plays([*thin, *logged("c", 1, 6, people=6)[5:]], [], MINT, sees_all=False)
    alone = proof.plays(logged("a", 4, 8, people=4), [Unanswered("rep_1", True)] * 9, MINT, sees_all=False)

    assert [(row.play, row.pooled) for row in pooled.rows] == [("b", False), ("", True)]
    assert (alone.rows, alone.figures, alone.nothing_logged.value) == ((), {}, None)
    assert template.plays(alone).verdict.startswith("Too few people.")


# ---------------------------------------------------------------- memory


@pytest.fixture
async def memory(tmp_path: Path) -> AsyncIterator[Memory]:
    """Memory in a folder of its own."""
    async with Memory.open(f"sqlite+aiosqlite:///{tmp_path / 'memory.sqlite'}") as opened:
        yield opened


def numbers(folder: Path, *rows: dict[str, Any], as_of: str = "2026-04-10") -> store.Generation:
    """A published generation of such deals."""
    people = [{"person_id": "rep_1", "name": "Priya", "email": "p@example.com"}]
    loaded = tables(folder, deals=rows, people=people, loaded_on=as_of)
    refresh.refresh(loaded, folder, date.fromisoformat(as_of))
    return store.current(folder)


def alert(deal_id: str, **changed: Any) -> dict[str, Any]:
    """A P1 alert of 2 March, told at once unless it is said otherwise."""
    as_of = changed.pop("decided", DAY)
    finding = experiment.FINDING.dump_json(finding_of(deal_id, as_of)).decode()
    usual = {
        "key": f"main:stalled:{deal_id}:{changed.get('opened_on', DAY)}",
        "workspace": "main",
        "rule": "stalled",
        "version": 0,
        "level": "P1",
        "subject": "deal",
        "subject_id": deal_id,
        "owner_id": "rep_1",
        "state": "told",
        "reason": "",
        "facts": finding,
        "opened_on": DAY,
        "told_on": None if changed.get("silent") else DAY,
        "generation": "g1",
        "silent": 0,
        "acted_by": "",
        "acted": "",
        "outcome": "",
    }
    return usual | changed


def finding_of(deal_id: str, as_of: date):
    """A stalled deal in Demo, with a step."""
    amount = Fact(
        id="amount/deal",
        metric="amount",
        value=Decimal(90_000),
        unit=Unit.MONEY,
        entity=f"deal={deal_id}",
        period="",
        as_of=as_of,
        generation="g1",
    )
    return Finding(
        rule="stalled",
        level="P1",
        subject="deal",
        subject_id=deal_id,
        names={"stage": "Demo", "next_step": "Call"},
        owner_id="rep_1",
        causes=("days_in_stage",),
        figures={"amount": amount},
        as_of=as_of,
        generation="g1",
    )


async def keep(memory: Memory, *rows: dict[str, Any], table: Any = alerts) -> None:
    """Write rows as they are."""
    async with memory.write() as tx:
        for row in rows:
            await tx.execute(table.insert().values(**row))


async def test_the_experiment_is_agreed_on_once_and_a_changed_share_does_not_change_it(memory):
    async with memory.write() as tx:
        first = await experiment.running(tx, config.load(), DAY, NOW)
        later = await experiment.running(tx, config.load(silent_share=FIFTH), date(2026, 5, 1), NOW)

    assert later == first
    assert (first.start, first.share, first.planned) == (DAY, Decimal("0.15"), planned(0.1, 0.15))


async def test_a_share_of_zero_ends_it_and_a_later_one_begins_another(memory):
    off, day = config.load(silent_share=0), date(2026, 5, 1)
    async with memory.write() as tx:
        assert await experiment.running(tx, off, DAY, NOW) is None
        await experiment.running(tx, config.load(), DAY, NOW)
        assert await experiment.running(tx, off, day, NOW) is None
        assert (await experiment.agreed(tx, "main")).ended == day
        again = await experiment.running(tx, config.load(), date(2026, 6, 1), NOW)

    assert (again.start, again.ended) == (date(2026, 6, 1), None)


async def test_only_what_was_told_or_silent_at_once_by_lot_takes_part_and_each_deal_once(memory, now):
    later = DAY + timedelta(days=9)
    await keep(
        memory,
        alert("D00002", moved_on=DAY + timedelta(days=7), outcome="won", resolved_on=later),
        alert("D00002", opened_on=later, told_on=later, decided=later),
        alert("silent", silent=1, state="silent"),
        alert("held and told", told_on=later),
        alert("held and silent", silent=1, decided=later),
        alert("held", state="held", told_on=None),
        alert("reviewed"),
        alert("before", opened_on=DAY - timedelta(days=1), told_on=DAY - timedelta(days=1)),
        alert("medium", level="P2"),
    )
    await keep(memory, reviewed("reviewed"), table=alert_log)
    async with memory.read() as connection:
        some = await experiment.enrolled(connection, "main", TERMS, now)

    assert [(one.deal_id, one.silent, one.since) for one in some] == [
        ("D00002", False, DAY),
        ("silent", True, DAY),
    ]
    assert (some[0].moved_on, some[0].won_on) == (date(2026, 3, 9), date(2026, 3, 9))


def reviewed(deal_id: str) -> dict[str, Any]:
    """A line of the log: a reviewer saw it first."""
    names = ("alert_key", "workspace", "rule", "level", "subject", "subject_id", "owner_id")
    of_alert = alert(deal_id) | {"alert_key": alert(deal_id)["key"]}
    rest = {"what": "review", "reason": "", "person_id": "", "day": DAY, "at": NOW}
    return {name: of_alert[name] for name in names} | rest


async def test_told_and_silent_are_followed_by_the_same_rule(memory, now):
    await keep(memory, *(alert(f"D0000{n}", silent=n % 2) for n in range(1, 6)), alert("D9"))
    async with memory.write() as tx:
        changes = list(followed.of_alerts(await followed.watched(tx, "main", now.as_of), now))
        await followed.write(tx, changes, [])
        rows = (await tx.execute(select(alerts).order_by(alerts.c.key))).all()

    assert [(row.moved_on, row.outcome) for row in rows] == [
        (now.as_of, ""),
        (date(2026, 3, 9), "won"),
        (now.as_of, ""),
        (None, ""),
        (date(2026, 3, 20), "lost"),
        (None, ""),
    ]


async def test_the_first_move_is_kept_when_another_one_follows(memory, now):
    await keep(memory, alert("D00005", moved_on=date(2026, 3, 4)))
    async with memory.write() as tx:
        changes = list(followed.of_alerts(await followed.watched(tx, "main", now.as_of), now))

    assert [values for _, values in changes] == [{"moved_on": date(2026, 3, 4), "outcome": "lost"}]


def action(deal_id: str, done_on: date, **changed: Any) -> dict[str, Any]:
    """A call to the buyer of a deal in Demo."""
    usual = {"workspace": "main", "alert_key": "", "play": "call_the_buyer", "what": "Call", "note": ""}
    rest = {"person_id": "rep_1", "stage": "Demo", "next_step": "", "after_14": "", "after_30": "", "at": NOW}
    return {"key": f"{deal_id}:{done_on}", "deal_id": deal_id, "done_on": done_on, **usual, **rest} | changed


async def test_an_action_is_looked_at_after_fourteen_and_after_thirty_days(memory, now):
    days = [date(2026, 4, 1), date(2026, 3, 20), date(2026, 3, 1)]
    await keep(memory, *(action("D00004", day) for day in days), action("D9", days[1]), table=actions)
    async with memory.write() as tx:
        changes = list(followed.of_actions(await followed.undecided(tx, "main", now.as_of), now))
        await followed.write(tx, [], changes)
        known = await followed.done(tx, "main")

    assert [(one.after_14, one.after_30) for one in known] == [
        ("", ""),
        ("nothing", ""),
        ("nothing", "nothing"),
        ("gone", ""),
    ]


async def test_alerts_on_which_nothing_was_logged_stand_beside_the_plays(memory, now):
    rows = [
        alert("D00001", moved_on=DAY + timedelta(days=3)),
        alert("D00003"),
        alert("D00004"),
        alert("D00005"),
    ]
    rows[2]["acted"] = "exec call"
    await keep(memory, *rows)
    await keep(memory, action("D00005", DAY, alert_key=rows[3]["key"]), table=actions)
    async with memory.read() as connection:
        some = await followed.unanswered(connection, "main", now.as_of)

    assert some == [Unanswered("rep_1", True), Unanswered("rep_1", False)]


async def test_each_generation_is_followed_once_and_written_with_its_slot(memory, now):
    await keep(memory, alert("D00001"))
    work = Work(
        home=now.path.parent.parent,
        memory=memory,
        courier=None,  # type: ignore[arg-type]
        render=None,  # type: ignore[arg-type]
        workspace="main",
        owner="one",
    )
    (key,) = await OUTCOMES.due(work)
    async with memory.write() as tx:
        claimed = await slots.claim(tx, "outcomes", key, owner="one", now=NOW, lease=timedelta(minutes=1))
    await OUTCOMES.do(work, claimed)

    async with memory.write() as tx:
        assert await tx.scalar(select(alerts.c.moved_on)) == now.as_of
        assert (
            await slots.claim(tx, "outcomes", key, owner="two", now=NOW, lease=timedelta(minutes=1)) is None
        )


@pytest.fixture
async def work(tmp_path: Path) -> AsyncIterator[Work]:
    """A process that works on the first of July, in a team that keeps a third of its alerts silent."""
    settings = config.load(home=tmp_path, pilot_days=0, silent_share="0.34", slack_bot_token="xoxb-none")
    now = datetime(2024, 7, 1, 10, tzinfo=UTC)
    async with Memory.open(settings.memory_url, now=lambda: now) as opened:
        yield replace(working.assembled(settings, opened), now=lambda: now)


def load(home: Path, day: str, called: str, **stages: str) -> None:
    """Thirty big deals of as many reps, quiet since a day, in Demo unless told otherwise."""
    ids = [f"D{n}" for n in range(10, 40)]
    tables(
        home,
        deals=[
            {"deal_id": one, "amount": 90_000, "stage": stages.get(one, "Demo"), "rep_id": f"rep_{one}"}
            for one in ids
        ],
        activities=[{"deal_id": one, "date": called, "kind": "call", "rep_id": f"rep_{one}"} for one in ids],
        people=[{"person_id": f"rep_{one}", "email": f"{one}@example.com"} for one in ids],
        loaded_on=day,
        load_id=f"load-{day}",
    )


async def test_from_stalled_deals_to_the_page_that_says_whether_alerts_help(work):
    jobs = [job for job in JOBS if job.name in ("refresh", "rules", "outcomes")]
    load(work.home, "2024-06-30", called="2024-06-15")
    for job in jobs:
        await schedule.tick(work, job)
    load(work.home, "2024-07-14", called="2024-06-15", D10="Proposal", D11="Proposal", D12="Proposal")
    for job in jobs:
        await schedule.tick(work, job)
    async with work.memory.read() as connection:
        now = store.current(work.home)
        known = await experiment.found(connection, work.settings, now, sees_all=True)
        terms = await experiment.agreed(connection, "main")

    silent = [f"D{n}" for n in range(10, 40) if experiment.lot("main", terms)(f"D{n}")]
    told, kept = known.effects[0].told, known.effects[0].silent
    assert (told.n, kept.n) == (30 - len(silent), len(silent))
    assert told.value * told.n + kept.value * kept.n == pytest.approx(3, abs=0.001)  # the three that moved


async def test_both_pages_are_answered_with_nothing_but_a_home(now, tmp_path):
    url = f"sqlite+aiosqlite:///{tmp_path / 'memory.sqlite'}"
    home = now.path.parent.parent
    inquiry = Coach(config.load(home=home, stale_after_days=100_000, database_url=url)).asked_here()
    lines = ("/coach impact", "/coach plays")
    told = [await replies.reply(inquiry.understand_line(line), inquiry) for line in lines]

    assert "Not begun." in told[0].text
    assert "Nothing logged yet." in told[1].text
    assert not any("table" in block["type"] or "bullet" in str(block) for block in told[1].blocks)
    assert [limits.check(reply.blocks) for reply in told] == [[], []]


def test_a_long_simulation_is_the_same_each_time():
    team = bench.Team(deals=5, rate=0.4, effect=0.1, weeks=20)

    assert np.array_equal(
        bench.simulated(team, 9, seed=3).told.moved, bench.simulated(team, 9, seed=3).told.moved
    )
