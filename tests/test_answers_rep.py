"""A rep's page: their own deals, and of the others no more than one rate and one spread."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from scipy.stats import beta

from analytics import answers, luck, refresh, store
from analytics.answers import NotYourPage, RepNotFound
from analytics.facts import Verdict
from analytics.questions import ALL_TIME, EVERYONE, BreakdownQuestion, Scope, quarter
from tests.tables import tables

AS_OF = date(2024, 6, 30)
PRIYA = Scope(rep_ids=frozenset({"priya"}), label="your deals")
PEOPLE = [{"person_id": who, "name": who.title()} for who in ("priya", "luis", "ana", "tom", "newcomer")]


def closed(rep, won, lost, *, on="2024-02-15", took=30, **columns):
    """So many closed deals of a rep."""
    day = date.fromisoformat(on)
    row = {"rep_id": rep, "created_date": day - timedelta(took), "close_date": day} | columns
    return [row | {"outcome": "won"}] * won + [row | {"outcome": "lost"}] * lost


def generation(folder, deals, **given):
    return store.opened(refresh.refresh(tables(folder, deals=deals, people=PEOPLE, **given), folder, AS_OF))


@pytest.fixture(scope="module")
def equal(tmp_path_factory):
    """Four reps at 40 of 100, give or take chance; Priya has two open deals, one of them in euros."""
    counts = {"priya": 36, "luis": 40, "ana": 42, "tom": 42}
    deals = [row for rep, won in counts.items() for row in closed(rep, won, 100 - won)]
    book = [{"rep_id": "priya", "amount": 5_000}, {"rep_id": "priya", "amount": 900, "currency": "EUR"}]
    return generation(tmp_path_factory.mktemp("equal"), deals + book)


@pytest.fixture(scope="module")
def unequal(tmp_path_factory):
    """Priya wins 15 of 100, the others 40; her quarters: 0 of 25, 15 of 25, 0 of 25, 0 of 25."""
    quarters = [("2023-08-15", 0, 25), ("2023-11-15", 15, 10), ("2024-02-15", 0, 25), ("2024-05-15", 0, 25)]
    deals = [row for on, won, lost in quarters for row in closed("priya", won, lost, on=on)]
    first = closed("luis", 0, 1, on="2023-06-20")
    others = [row for rep in ("luis", "ana", "tom") for row in closed(rep, 40, 60)]
    return generation(tmp_path_factory.mktemp("unequal"), [*first, *deals, *others])


def test_among_equal_reps_the_page_says_that_chance_spreads_as_much(equal):
    page = answers.rep(equal, "priya", ALL_TIME, EVERYONE)
    assert (page.name, page.verdict, page.equal_reps) == ("Priya", Verdict.NOISE, True)
    figures = page.figures
    assert (figures["win_rate"].value, figures["win_rate"].n) == (Decimal("0.36"), 100)
    assert figures["luck_adjusted_win_rate"].value == figures["team_win_rate"].value == Decimal("0.4")
    assert figures["spread"].value < figures["spread_by_chance"].value
    assert figures["below_by_five"].value < 0.3


def test_a_rep_who_truly_wins_less_is_told_apart(unequal):
    page = answers.rep(unequal, "priya", ALL_TIME, EVERYONE)
    assert (page.verdict, page.equal_reps) == (Verdict.SIGNAL, False)
    figures = page.figures
    assert 0.15 < figures["luck_adjusted_win_rate"].value < figures["team_win_rate"].value
    assert figures["luck_adjusted_win_rate"].low < figures["luck_adjusted_win_rate"].value
    assert figures["below_by_five"].value > 0.95


def test_quarters_are_the_complete_ones_and_tell_how_steady_a_rep_is(unequal, equal):
    page = answers.rep(unequal, "priya", ALL_TIME, EVERYONE)
    assert [(label, rate.value) for label, rate in page.quarters] == [
        ("2023-Q3", 0),
        ("2023-Q4", Decimal("0.6")),
        ("2024-Q1", 0),
        ("2024-Q2", 0),
    ]
    assert page.figures["rep_consistency"].value < 0
    short = answers.rep(equal, "priya", ALL_TIME, EVERYONE)
    assert short.figures["rep_consistency"].unknown == "too_few_quarters"


def test_a_colleague_may_not_see_the_page(equal):
    with pytest.raises(NotYourPage, match="Only Luis and their manager can see the page of Luis"):
        answers.rep(equal, "luis", ALL_TIME, PRIYA)


def test_a_rep_nobody_knows_has_no_page(equal):
    with pytest.raises(RepNotFound, match="'nobody'"):
        answers.rep(equal, "nobody", ALL_TIME, EVERYONE)


def test_a_rep_without_a_closed_deal_gets_the_rate_of_the_team_with_a_wide_range(unequal):
    page = answers.rep(unequal, "newcomer", ALL_TIME, EVERYONE)
    assert (page.verdict, page.figures["win_rate"].unknown) == (Verdict.TOO_FEW, "no_closed_deals")
    believed = page.figures["luck_adjusted_win_rate"]
    assert believed.value == page.figures["team_win_rate"].value
    assert believed.high - believed.low > 0.3


def test_the_open_book_counts_money_of_the_main_currency(equal):
    figures = answers.rep(equal, "priya", ALL_TIME, PRIYA).figures
    assert (figures["open_deals"].value, figures["open_amount"].value) == (2, 5_000)
    assert figures["stalled_deals"].unknown == "no_stage_history"


def test_a_period_without_closed_deals_is_unknown_and_not_zero(equal):
    page = answers.rep(equal, "priya", quarter(2023, 1), EVERYONE)
    unknown = {name for name, fact in page.figures.items() if fact.value is None}
    assert {"win_rate", "luck_adjusted_win_rate", "team_win_rate", "below_by_five"} <= unknown
    assert page.equal_reps is None


def test_a_page_never_tells_of_another_rep(unequal):
    told = answers.rep(unequal, "priya", ALL_TIME, PRIYA).facts()
    assert not {fact.entity for fact in told.values()} & {"rep=luis", "rep=ana", "rep=tom"}


@pytest.fixture(scope="module")
def six(tmp_path_factory):
    """Priya wins 15 of 100, five colleagues 40."""
    others = [row for n in range(5) for row in closed(f"rep{n}", 40, 60)]
    return generation(tmp_path_factory.mktemp("six"), [*closed("priya", 15, 85), *others])


@pytest.mark.parametrize(
    "scope", [EVERYONE, PRIYA, Scope(rep_ids=frozenset({"priya", "rep1"}), label="team")]
)
def test_a_rate_with_luck_taken_out_is_the_same_on_every_screen_and_whoever_asks(six, scope):
    page = answers.rep(six, "priya", ALL_TIME, scope).figures["luck_adjusted_win_rate"].value
    table = answers.breakdown(six, BreakdownQuestion(("rep",)), scope)
    assert {cell.shrunken.value for cell in table.cells if cell.values == ("priya",)} == {page}


def test_below_five_people_a_rep_s_table_takes_no_luck_out_with_the_others(unequal):
    (own,) = answers.breakdown(unequal, BreakdownQuestion(("rep",)), PRIYA).cells
    assert (own.shrunken.value, own.shrunken.unknown) == (None, "too_few_people")


def test_below_five_people_a_page_tells_only_what_is_the_reps_own(unequal):
    page = answers.rep(unequal, "priya", ALL_TIME, PRIYA)
    of_all = [fact for fact in page.facts().values() if fact.entity == "all reps"]
    assert of_all
    assert {(fact.value, fact.n) for fact in of_all} == {(None, None)}
    assert page.figures["win_rate"].value is not None


def test_with_a_known_spread_a_belief_is_the_beta_of_the_textbook():
    found = luck.Belief(np.array([1.0]), np.array([12.0]), np.array([28.0]))
    assert found.interval() == pytest.approx(beta(12, 28).interval(0.95), abs=1e-3)
    assert found.below(0.3) == pytest.approx(beta(12, 28).cdf(0.3))
    assert (found.below(0.0), found.below(1.0)) == (0.0, 1.0)


def test_ranges_of_true_rates_hold_what_they_promise():
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(60):
        true = rng.beta(20, 30, 12)
        won = rng.binomial(60, true)
        low, high = luck.belief(won, np.full(12, 60), 0).interval()
        held += low <= true[0] <= high
    assert held >= 52  # of 60 at 95 %: 57 expected
