"""Rules about the feed: what stopped, got old, failed, lost columns or got worse; told to ops once."""

from datetime import date, timedelta
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import intake, store
from analytics.alerts.rules import DEFAULTS
from analytics.alerts.sources import Source, sources
from analytics.generation import QualityRow
from analytics.intake import Pause, paused, pauses
from analytics.refresh import refresh
from bot.alerting.source import looked_at, lost
from tests.tables import tables

FRIDAY = date(2024, 6, 28)


def deals(last=FRIDAY, weeks=30, a_day=2, **more):
    """So many deals opened on each working day up to one, from two lead sources in turn."""
    days = [last - timedelta(days=d) for d in range(7 * weeks)]
    opened = [day for day in days if day.weekday() < 5 for _ in range(a_day)]
    turns = ("Inbound", "Outbound")
    return [
        {"deal_id": f"D{n}", "created_date": day, "lead_source": turns[n % 2]} | more
        for n, day in enumerate(opened)
    ]


def loaded(folder, rows, on=FRIDAY, load_id="load-1", **more):
    return tables(folder, deals=rows, loaded_on=on, load_id=load_id, **more)


@pytest.fixture(scope="module")
def now(tmp_path_factory):
    """A generation of the last Friday in June, with one deal."""
    home = tmp_path_factory.mktemp("now")
    refresh(loaded(home, [{"region": "APAC"}]), home, FRIDAY)
    return store.current(home)


def found(now, **known):
    return [(one.rule, one.subject_id) for one in told(now, **known)]


def told(now, **known):
    return sources(DEFAULTS, now, Source(**({"today": FRIDAY, "loaded_on": FRIDAY} | known)))


# ------------------------------------------------------------------ intake


def test_no_new_deals_since_tuesday(tmp_path):
    tuesday = FRIDAY - timedelta(days=3)  # nothing on Wednesday and Thursday; Friday may not be over
    [pause] = pauses(loaded(tmp_path, deals(tuesday, a_day=6)))

    assert (pause.feed, pause.quiet, pause.allowed, pause.last) == ("deals", 2, 1, tuesday)
    assert pause.usual == pytest.approx(6, abs=0.1)


def test_one_lead_source_that_stopped_is_seen_while_others_come_in(tmp_path):
    rows = [d for d in deals() if d["lead_source"] == "Outbound" or d["created_date"] < date(2024, 6, 24)]
    [pause] = pauses(loaded(tmp_path, rows))

    assert (pause.feed, pause.quiet, pause.last) == ("lead_source=Inbound", 4, date(2024, 6, 21))


def test_a_weekend_is_no_pause(tmp_path):
    assert pauses(loaded(tmp_path, deals(), on=FRIDAY + timedelta(days=2))) == ()


def test_a_deal_opened_on_saturday_ends_the_pause_of_friday(tmp_path):
    saturday = {"deal_id": "S", "created_date": FRIDAY + timedelta(days=1), "lead_source": "Inbound"}
    rows = [*deals(FRIDAY - timedelta(days=1)), saturday]
    seen = pauses(loaded(tmp_path, rows, on=FRIDAY + timedelta(days=2)))

    assert [pause.feed for pause in seen] == ["lead_source=Outbound"]


def test_activities_that_stop_are_seen_too(tmp_path):
    days = [d["created_date"] for d in deals(FRIDAY - timedelta(days=7))]
    done = [{"deal_id": "D1", "date": day, "kind": "call"} for day in days]
    [pause] = pauses(loaded(tmp_path, deals(), activities=done))

    assert (pause.feed, pause.quiet) == ("activities", 4)


def test_a_young_feed_has_no_usual_pace(tmp_path):
    assert pauses(loaded(tmp_path, deals(FRIDAY - timedelta(days=7), weeks=8))) == ()


def test_a_pause_as_long_as_one_before_is_allowed():
    counts = np.array([4, 5] * 60 + [0, 0, 0] + [4, 5] * 20 + [0, 0, 0])

    assert paused(counts, 1.0)[:2] == (3, 3)


def test_the_rarer_things_come_the_longer_they_may_pause():
    rng = np.random.default_rng(1)
    allowed = []
    for pace in (8, 2, 1, 0.5):
        counts = rng.poisson(pace, 260)
        counts[-1] = 1
        allowed.append(paused(np.append(counts, [0]), 1.0)[1])

    assert allowed == sorted(allowed)
    assert allowed[0] == 0 < allowed[-1]


def test_a_stable_feed_gives_a_false_alarm_less_than_once_a_year():
    """Overdispersed feeds of 0.3 to 10 things a day, judged every day of a year after a year of history."""
    rng, alarms, years = np.random.default_rng(7), 0, 60
    for year in range(years):
        mean = (0.3, 1, 3, 10)[year % 4]
        counts = rng.negative_binomial(1.5, 1.5 / (1.5 + mean), 2 * intake.YEAR)
        fired = False
        for day in range(intake.YEAR, len(counts)):
            if counts[day]:
                fired = False
            elif not fired and (seen := paused(counts[: day + 1], 1.0)):
                fired = seen[0] > seen[1] and seen[0] >= 2
                alarms += fired
    assert alarms / years < 1


@given(st.lists(st.integers(0, 9), max_size=300), st.sampled_from([0.1, 1.0]))
@settings(max_examples=50)
def test_a_pause_never_lasts_longer_than_the_empty_days_at_the_end(counts, budget):
    seen = paused(np.array(counts, int), budget)

    assert seen is None or (not any(counts[-seen[0] :]) and counts[-seen[0] - 1])


def test_a_pause_that_chance_explains_is_not_told(now):
    short, long = (Pause("deals", quiet, 3, date(2024, 6, 25), 1.5) for quiet in (3, 4))

    assert found(now, pauses=(short,)) == []
    [one] = told(now, pauses=(long,))
    assert (one.rule, one.names["what"], one.figures["intake_surprise"].value) == (
        "intake_stopped",
        "deals",
        4,
    )
    assert date.fromordinal(int(one.figures["last_day"].value)) == date(2024, 6, 25)


# ------------------------------------------------------------------ loads, columns, checks


def test_a_source_is_old_after_more_than_two_days(now):
    assert found(now, today=FRIDAY + timedelta(days=2)) == []
    assert found(now, today=FRIDAY + timedelta(days=3)) == [("source_old", "load")]


def test_a_refresh_that_failed_is_told(now):
    [one] = told(now, failed_refreshes=2)

    assert (one.rule, one.level, one.figures["failed_refreshes"].value) == ("refresh_failed", "data", 2)


def test_a_column_that_holds_nothing_any_more_is_lost(tmp_path, now):
    loaded(tmp_path, [{"region": "APAC", "industry": "SaaS"}], load_id="load-1")
    second = loaded(tmp_path, [{"industry": "SaaS"}], load_id="load-2")
    told_ = second.manifest | {"previous": "load-1"}

    missing = lost(tmp_path, type(second)(second.folder, told_))
    assert missing == {"deals": ("region",)}
    [one] = told(now, lost=missing)
    assert (one.rule, one.subject_id, one.names["columns"]) == ("columns_lost", "deals", "region")


def test_a_check_that_got_worse_is_told_and_one_that_stays_bad_is_not(now):
    region = next(row for row in now.quality() if row.check_name == "missing_industry")
    [one] = told(now, before=(region._replace(level="ok", failing=0),))

    assert region.level == "bad"
    assert (one.rule, one.subject_id, one.names["check"]) == (
        "quality_fell",
        "deals.missing_industry",
        "missing industry",
    )
    assert (one.figures["failing_before"].value, one.figures["failing"].value) == (0, 1)
    assert found(now, before=tuple(now.quality())) == []


def test_no_scorecard_before_tells_nothing(now):
    assert found(now, before=()) == []
    assert found(now, before=(QualityRow("unheard_of", "deals", "ok", 0, 1),)) == []


# ------------------------------------------------------------------ the state of the folder


class Failed(tuple):
    """A row of the slots that failed."""

    job, slot_key, attempts = (property(lambda self, place=place: self[place]) for place in range(3))


def test_only_failures_of_this_load_count_and_none_once_its_numbers_are_there(tmp_path, now):
    loaded(tmp_path, [{}], load_id="load-2")
    failures = [
        Failed(("refresh", "load-2:now", 3)),
        Failed(("refresh", "load-0", 9)),
        Failed(("rules", "load-2", 5)),
    ]
    look = partial(looked_at, tmp_path, now, FRIDAY, range(5))

    assert look(failures).failed_refreshes == 3
    loaded(tmp_path, [{}], load_id="load-1")  # the load that `now` was made of
    assert look([Failed(("refresh", "load-1", 2))]).failed_refreshes == 0


def test_a_load_that_cannot_be_read_is_a_failure(tmp_path, now):
    folder = loaded(tmp_path, [{}]).folder
    (folder / "deals.parquet").write_bytes(b"torn")
    seen = looked_at(tmp_path, now, FRIDAY, range(5), [])

    assert (seen.failed_refreshes, seen.loaded_on) == (1, None)
    assert found(now, failed_refreshes=1, loaded_on=None) == [("refresh_failed", "refresh")]


def test_before_any_load_nothing_is_known(tmp_path, now):
    assert looked_at(tmp_path, now, FRIDAY, range(5), []) == Source(today=FRIDAY)
