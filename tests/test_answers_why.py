"""/why: whether the win rate changed, by how much, and where to look."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from analytics import answers, refresh, store
from analytics.answers import NoComparison
from analytics.facts import Verdict, Why
from analytics.questions import EVERYONE, Filter, Period, Scope, WhyQuestion, month, quarter
from analytics.store import Generation
from tests.tables import tables

AS_OF = date(2024, 7, 10)
Q1, Q2, Q3 = quarter(2024, 1), quarter(2024, 2), quarter(2024, 3)
CLOSES = [(2023, q) for q in (3, 4)] + [(2024, q) for q in (1, 2)]


def deals() -> Iterator[dict[str, Any]]:
    """Four quarters of 200 deals in each of two regions: half are won, but 30 % in Europe in 2024-Q2."""
    for year, number in CLOSES:
        start = quarter(year, number).start
        assert start
        for region in ("APAC", "Europe"):
            won = 60 if (year, number, region) == (2024, 2, "Europe") else 100
            for place in range(200):
                closed = start + timedelta(days=place * 89 // 199)
                yield {
                    "outcome": "won" if place * won % 200 < won else "lost",
                    "region": region,
                    "lead_source": ("Inbound", "Outbound", "Partner")[place % 3],
                    "created_date": closed - timedelta(days=20 + place % 40),
                    "close_date": closed,
                    "rep_id": f"rep_{place % 4 + 1}",
                    "deal_type": "new",
                }
    yield from ({"created_date": "2024-07-05", "outcome": "open", "deal_type": "new"} for _ in range(3))
    for day in range(1, 9):
        yield {
            "close_date": f"2024-07-0{day}",
            "created_date": "2024-06-01",
            "outcome": "won",
            "deal_type": "new",
        }
    for day in range(10, 20):
        yield {
            "close_date": f"2024-05-{day}",
            "created_date": "2024-04-01",
            "outcome": "won",
            "deal_type": "renewal",
        }


PEOPLE = [
    {"person_id": f"rep_{k}", "name": name} for k, name in enumerate(("Ada", "Bo", "Cy", "Di"), start=1)
]


@pytest.fixture(scope="module")
def crm_that_fell(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    home = tmp_path_factory.mktemp("why")
    loaded = tables(home, deals=list(deals()), people=PEOPLE, loaded_on=AS_OF)
    refresh.refresh(loaded, home, AS_OF)
    return store.current(home)


def asked(generation: Generation, scope: Scope = EVERYONE, **question: Any) -> Why:
    return answers.why(generation, WhyQuestion(**question), scope)


def codes(answer: Why) -> list[str]:
    return [note.code for note in answer.notes]


def test_the_last_two_complete_quarters_are_compared_and_the_drop_is_real(crm_that_fell: Generation) -> None:
    answer = asked(crm_that_fell)
    assert (answer.before.label, answer.after.label) == ("2024-Q1", "2024-Q2")
    assert (answer.before.win_rate.value, answer.after.win_rate.value) == (Decimal("0.5"), Decimal("0.4"))
    assert answer.change.value == Decimal("-0.1")
    assert answer.change.low is not None
    assert answer.change.high is not None
    assert answer.change.low < Decimal("-0.1") < answer.change.high < 0
    assert answer.verdict is Verdict.SIGNAL


def test_the_region_that_fell_is_found_and_its_own_change_told(crm_that_fell: Generation) -> None:
    (found,) = asked(crm_that_fell).found
    assert found.where == (("region", "Europe"),)
    assert found.change.value == Decimal("-0.2")
    assert found.change.verdict is Verdict.SIGNAL
    assert found.excess
    assert found.excess.value == pytest.approx(Decimal("-0.2"), abs=Decimal("0.01"))
    assert found.rate
    assert found.rate.value == Decimal("-0.1")
    assert found.mix
    assert found.mix.value == 0


def test_the_parts_add_up_to_the_change_to_the_last_digit(crm_that_fell: Generation) -> None:
    answer = asked(crm_that_fell)
    assert sum(part.effect.value or 0 for part in answer.parts) == answer.change.value
    assert answer.parts[0].where == (("region", "Europe"),)


def test_a_rate_that_stayed_is_noise_and_nothing_is_found(crm_that_fell: Generation) -> None:
    answer = asked(crm_that_fell, before=quarter(2023, 4), after=Q1)
    assert answer.change.value == 0
    assert answer.verdict is Verdict.NOISE
    assert answer.found == ()
    assert answer.lead is None


def test_where_chance_explains_it_one_lead_is_given_and_no_finding(crm_that_fell: Generation) -> None:
    answer = asked(crm_that_fell, before=month(2023, 11), after=month(2023, 12))
    assert answer.verdict is Verdict.NOISE
    assert answer.found == answer.rivals == ()
    assert answer.lead
    assert answer.lead.where == (("lead_source", "Outbound"),)
    assert answer.lead.change.verdict is None


def test_every_value_of_the_dimension_asked_for_is_told_and_adds_up(crm_that_fell: Generation) -> None:
    answer = asked(crm_that_fell, by="region")
    assert [row.where[0][1] for row in answer.rows] == ["Europe", "APAC"]
    assert [row.change.verdict for row in answer.rows] == [Verdict.SIGNAL, Verdict.NOISE]
    effects = [effect.value or 0 for row in answer.rows for effect in (row.mix, row.rate) if effect]
    assert sum(effects) == answer.change.value


def test_people_are_told_by_name_only_when_asked_for(crm_that_fell: Generation) -> None:
    by_rep = asked(crm_that_fell, by="rep")
    assert {row.labels[0] for row in by_rep.rows} == {"Ada", "Bo", "Cy", "Di"}
    told = asked(crm_that_fell, challenge=True)
    named = [*told.found, *told.rivals, *([told.lead] if told.lead else [])]
    assert all(dimension != "rep" for segment in named for dimension, _ in segment.where)
    assert not {"rep_1", "rep_2", "Ada", "Bo"} & {name for run in told.runs for name in run.names}


def test_a_running_quarter_is_not_compared(crm_that_fell: Generation) -> None:
    answer = asked(crm_that_fell, before=Q2, after=Q3)
    assert answer.after.incomplete == "running"
    assert "period_running" in codes(answer)
    assert (answer.verdict, answer.change.value, answer.parts) == (Verdict.TOO_FEW, None, ())


def test_too_few_deals_are_said_to_be_too_few(crm_that_fell: Generation) -> None:
    days = [Period(date(2024, 1, d), date(2024, 1, d + 1), f"January {d}") for d in (1, 5)]
    answer = asked(crm_that_fell, before=days[0], after=days[1])
    assert answer.verdict is Verdict.TOO_FEW
    assert answer.parts == answer.found == answer.rows == ()


def test_a_period_without_deals_leaves_the_change_unknown(crm_that_fell: Generation) -> None:
    answer = asked(crm_that_fell, before=quarter(2020, 1), after=Q1)
    assert answer.change.value is None
    assert answer.change.unknown == "no_closed_deals"
    assert answer.facts()


def test_one_period_named_is_compared_with_the_one_beside_it(crm_that_fell: Generation) -> None:
    assert asked(crm_that_fell, after=Q1).before.label == "2023-Q4"
    assert asked(crm_that_fell, before=Q1).after.label == "2024-Q2"
    assert asked(crm_that_fell, before=Q2, after=Q1).after.label == "2024-Q2"


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ({"before": Q1, "after": month(2024, 3)}, "2024-Q1 and 2024-03 share days"),
        ({"by": "month"}, "cannot be split by month"),
        ({"created": True, "before": Q2, "after": Q3}, "still being created in 2024-Q3"),
        ({"after": Period(date(2024, 1, 1), None, "since 2024-01-01")}, "no first or no last day"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_a_sentence(
    crm_that_fell: Generation, question: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(NoComparison, match=sentence):
        asked(crm_that_fell, **question)


def test_cohorts_are_compared_at_the_age_that_the_younger_has_reached(crm_that_fell: Generation) -> None:
    answer = asked(crm_that_fell, created=True, before=quarter(2023, 4), after=Q1)
    (age,) = [note.facts["age"].value for note in answer.notes if note.code == "equal_age"]
    assert age == (AS_OF - date(2024, 3, 31)).days
    young = asked(crm_that_fell, created=True, before=Q1, after=Q2)
    assert young.before.win_rate.n is not None
    rows = crm_that_fell.cohort((), (), Q1, "new", EVERYONE, 10)
    assert young.before.win_rate.n < 400
    assert rows == []  # no deal closes within 10 days


def test_challenged_the_drop_holds_in_other_periods_and_without_the_biggest(
    crm_that_fell: Generation,
) -> None:
    runs = {(run.check, run.names): run.holds for run in asked(crm_that_fell, challenge=True).runs}
    assert runs["fixed_mix", ("lead_source",)] is True
    assert runs["longer", ()] is True
    assert runs["without_rep", ()] is True
    assert {check for check, _ in runs} >= {"earlier_start", "equal_age"}


def test_only_the_main_kind_of_deal_is_compared_unless_asked(crm_that_fell: Generation) -> None:
    answer = asked(crm_that_fell)
    assert answer.deal_type == "new"
    assert "main_type_only" in codes(answer)
    pooled = asked(crm_that_fell, filters=(Filter("deal_type", ("all",)),))
    assert "every_type" in codes(pooled)
    assert pooled.after.win_rate.n == 410


def test_a_rep_sees_the_change_of_the_own_deals(crm_that_fell: Generation) -> None:
    answer = asked(crm_that_fell, Scope(rep_ids=frozenset({"rep_1"}), label="your deals"))
    assert answer.before.win_rate.n == 100
    assert "scope" in codes(answer)


def test_the_trend_leads_up_to_the_later_period(crm_that_fell: Generation) -> None:
    assert [span.label for span in asked(crm_that_fell).trend] == ["2023-Q3", "2023-Q4", "2024-Q1", "2024-Q2"]


def test_every_fact_of_an_answer_has_an_id_of_its_own(crm_that_fell: Generation) -> None:
    answer = asked(crm_that_fell, by="region", challenge=True)
    told = [
        answer.change,
        answer.p_value,
        answer.detectable,
        *(part.effect for part in answer.parts),
        *(fact for row in (*answer.rows, *answer.found, *answer.rivals) for fact in row.facts()),
        *(run.change for run in answer.runs),
        *(span.win_rate for span in answer.trend),
    ]
    assert all(answer.facts()[fact.id] == fact for fact in told)


def test_without_two_complete_quarters_the_reader_is_asked_for_periods(tmp_path: Path) -> None:
    loaded = tables(tmp_path, deals=[{"outcome": "won", "close_date": "2024-06-01"}], loaded_on=AS_OF)
    refresh.refresh(loaded, tmp_path, AS_OF)
    with pytest.raises(NoComparison, match="no two complete quarters"):
        answers.why(store.current(tmp_path), WhyQuestion(), EVERYONE)


# ---------------------------------------------------------------- wider periods, checks that disagree, leads

QUARTERS = [(2023, q) for q in (1, 2, 3, 4)] + [(2024, q) for q in (1, 2)]


def slow_drop(won: Sequence[int], europe: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Six quarters of 300 deals in two regions each, with so many won in APAC and in Europe."""
    drawn = Random(2)
    yield {"outcome": "lost", "region": "APAC", "created_date": "2022-11-01", "close_date": "2023-01-01"}
    for (year, number), *wins in zip(QUARTERS, won, europe, strict=True):
        start = quarter(year, number).start
        assert start
        for region, most in zip(("APAC", "Europe"), wins, strict=True):
            chosen = set(drawn.sample(range(300), most))
            for place in range(300):
                closed = start + timedelta(days=place * 89 // 299)
                yield {
                    "outcome": "won" if place in chosen else "lost",
                    "region": region,
                    "lead_source": ("Inbound", "Outbound", "Partner")[place % 3],
                    "created_date": closed - timedelta(days=20 + place % 40),
                    "close_date": closed,
                    "rep_id": f"rep_{place % 4 + 1}",
                }
    yield from ({"created_date": "2024-07-05", "outcome": "open"} for _ in range(3))


@pytest.fixture(scope="module")
def crm_that_fell_slowly(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    """Half are won until 2023-Q4, but for some in Europe in 2023-Q2; from 2024-Q1 on Europe wins less."""
    home = tmp_path_factory.mktemp("slowly")
    deals = list(slow_drop((150,) * 6, (150, 127, 150, 150, 100, 110)))
    refresh.refresh(tables(home, deals=deals, people=PEOPLE, loaded_on=AS_OF), home, AS_OF)
    return store.current(home)


def test_a_drop_that_the_last_two_quarters_hide_is_seen_over_twice_as_long(
    crm_that_fell_slowly: Generation,
) -> None:
    answer = asked(crm_that_fell_slowly)
    assert (answer.verdict, answer.change.value) == (Verdict.NOISE, Decimal("0.016667"))
    year, quarters = sorted(answer.wider, key=lambda one: one.kind, reverse=True)
    assert (quarters.before.label, quarters.after.label) == ("2023-Q3 to 2023-Q4", "2024-Q1 to 2024-Q2")
    assert (year.before.label, year.after.label) == ("2023-Q2", "2024-Q2")
    assert (quarters.verdict, quarters.change.value) == (Verdict.SIGNAL, Decimal("-0.075000"))
    assert all(answer.facts()[one.change.id] == one.change for one in answer.wider)


def test_wider_periods_pay_for_the_three_looks(crm_that_fell_slowly: Generation) -> None:
    answer = asked(crm_that_fell_slowly)
    for one in answer.wider:
        alone = asked(crm_that_fell_slowly, before=one.periods[0], after=one.periods[1])
        assert alone.p_value.value is not None
        assert one.p_value.value == pytest.approx(min(3 * alone.p_value.value, 1), rel=Decimal("0.01"))
        assert one.change.value == alone.change.value


@pytest.mark.parametrize("named", [{"before": Q1, "after": Q2}, {"after": Q2}, {"before": Q1}])
def test_periods_that_were_named_are_the_only_ones_looked_at(
    crm_that_fell_slowly: Generation, named: dict[str, Any]
) -> None:
    assert asked(crm_that_fell_slowly, **named).wider == ()


def test_a_change_that_is_real_needs_no_wider_look(crm_that_fell: Generation) -> None:
    assert asked(crm_that_fell).wider == ()


def test_where_nothing_changed_wider_periods_show_nothing_either(crm_that_fell: Generation) -> None:
    answer = asked(crm_that_fell, filters=(Filter("region", ("APAC",)),))
    assert [(one.kind, one.verdict) for one in answer.wider] == [("quarters", Verdict.NOISE)]


def test_a_check_that_shows_the_opposite_is_marked(crm_that_fell_slowly: Generation) -> None:
    runs = {run.check: run for run in asked(crm_that_fell_slowly, challenge=True).runs}
    assert (runs["longer"].holds, runs["longer"].against) == (False, True)
    whole = asked(crm_that_fell_slowly, before=quarter(2023, 4), after=Q1, challenge=True)
    assert not any(run.against for run in whole.runs)


def test_the_lead_is_the_value_with_most_evidence_against_the_rest(crm_that_fell_slowly: Generation) -> None:
    answer = asked(crm_that_fell_slowly, before=quarter(2023, 1), after=quarter(2023, 2))
    assert answer.found == ()
    assert answer.lead
    assert answer.lead.where == (("region", "Europe"),)
    assert answer.lead.change.verdict is None


def test_the_lead_goes_the_way_the_whole_went(crm_that_fell_slowly: Generation) -> None:
    rose = asked(crm_that_fell_slowly, before=quarter(2023, 2), after=quarter(2023, 3))
    assert rose.change.value is not None
    assert rose.change.value > 0
    assert rose.lead
    assert rose.lead.change.value is not None
    assert rose.lead.change.value > 0


def test_a_running_year_offers_the_same_days_of_the_one_before(crm_that_fell_slowly: Generation) -> None:
    years = [Period(date(y, 1, 1), date(y, 12, 31), str(y)) for y in (2023, 2024)]
    answer = asked(crm_that_fell_slowly, before=years[0], after=years[1])
    assert answer.change.value is None
    assert answer.same_days
    assert [day.label for day in answer.same_days] == ["2023-01-01 to 2023-07-10", "2024-01-01 to 2024-07-10"]
    assert (
        asked(crm_that_fell_slowly, before=answer.same_days[0], after=answer.same_days[1]).change.value
        is not None
    )
