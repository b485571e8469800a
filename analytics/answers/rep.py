"""A rep and a period -> the rep's page: their rate with luck taken out, their quarters, their open book."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from analytics import luck, metrics, verdict
from analytics.answers import believed, notes
from analytics.answers.closed import closed
from analytics.answers.errors import NotYourPage, RepNotFound
from analytics.answers.habits import FEWEST_PEOPLE
from analytics.answers.kinds import Kind, kind
from analytics.answers.lists import people
from analytics.answers.mint import Mint, mint_of, money
from analytics.answers.remember import remembered
from analytics.breakdown import Calendar
from analytics.facts import Fact, Note, RepPage, Unit, Verdict
from analytics.questions import EVERYONE, BreakdownQuestion, Filter, Period, Scope, quarter
from analytics.store import CellRow, Generation
from analytics.verdict import Judgement

CLEARLY = 0.05  #: points below the team's rate from which a rate is called low


@dataclass(frozen=True, slots=True)
class Asked:
    """A rep's page as it was asked for, and where its facts come from."""

    generation: Generation
    rep_id: str
    period: Period
    business: Kind
    mint: Mint

    @property
    def of(self) -> str:
        """What the facts are of."""
        return f"rep={self.rep_id}"

    @property
    def own(self) -> tuple[Filter, ...]:
        """The filters that leave the rep's deals."""
        return (*self.business.filters, Filter("rep", (self.rep_id,)))


@dataclass(frozen=True, slots=True)
class Team:
    """The closed deals of every rep, and what the tests say of them; `place` is the rep's."""

    rows: tuple[CellRow, ...]
    place: int
    judged: Judgement

    @property
    def won(self) -> list[int]:
        """Won deals of each."""
        return [row.won for row in self.rows]

    @property
    def deals(self) -> list[int]:
        """Closed deals of each."""
        return [row.deals for row in self.rows]

    @property
    def rate(self) -> float | None:
        """Everybody's win rate, the rep's own deals included."""
        return metrics.win_rate(sum(self.won), sum(self.deals))


@remembered
def rep(generation: Generation, rep_id: str, period: Period, scope: Scope) -> RepPage:
    """How a rep is doing over the deals of a period, beside all reps, luck taken into account.

    Only the rep, their manager and who sees all deals may ask. What is said of the others is one rate and one
    spread of all of them together.

    Raises:
        NotYourPage: the rep is out of scope.
        RepNotFound: nobody of this id has a deal or is known to the CRM.
    """
    names = people(generation)
    if not scope.allows(rep_id):
        raise NotYourPage(names.get(rep_id, rep_id))
    business = kind(generation, BreakdownQuestion(("rep",), (), period))
    asked = Asked(generation, rep_id, period, business, mint_of(generation, period.label))
    team = _team(asked)
    if (
        rep_id not in names
        and not team.deals[team.place]
        and rep_id not in generation.values("rep", EVERYONE)
    ):
        raise RepNotFound(rep_id)
    quarters = _quarters(asked)
    told = dict((*_rates(asked, team), *_spread(asked, team), *_pace(asked, quarters), *_book(asked)))
    few = not scope.everyone and len(team.rows) < FEWEST_PEOPLE
    return RepPage(
        rep_id=rep_id,
        name=names.get(rep_id, rep_id),
        team="all reps",
        figures=_alone(told) if few else told,
        verdict=Verdict.TOO_FEW if few else team.judged.cells[team.place] or Verdict.TOO_FEW,
        equal_reps=None if few or team.judged.omnibus is None else team.judged.omnibus > verdict.ALPHA,
        quarters=tuple(_quarter(asked, row) for row in quarters),
        period=period.label,
        notes=tuple(_notes(asked, scope)),
        as_of=generation.as_of,
        generation=generation.id,
    )


#: Figures that are worked out from the others' deals as well.
SHARED = (
    "luck_adjusted_win_rate",
    "team_win_rate",
    "below_by_five",
    "spread",
    "spread_by_chance",
    "spread_p",
)


def _alone(figures: Mapping[str, Fact]) -> dict[str, Fact]:
    """The figures without what would tell of a few colleagues: who takes the own deals off knows theirs."""
    hidden = {
        name: replace(
            figures[name], value=None, low=None, high=None, n=None, verdict=None, unknown="too_few_people"
        )
        for name in SHARED
    }
    own = replace(figures["win_rate"], verdict=None)
    return {**figures, **hidden, "win_rate": own}


def _team(asked: Asked) -> Team:
    business = asked.business
    found = asked.generation.cells(("rep",), business.filters, asked.period, business.deal_type, EVERYONE)
    own = next((row for row in found if row.values[0] == asked.rep_id), CellRow((asked.rep_id,), 0, 0, 0, 0))
    rows = tuple(found) if own in found else (*found, own)
    every = [True] * len(rows)
    judged = verdict.judge([r.won for r in rows], [r.deals for r in rows], complete=every, single=every)
    return Team(rows, rows.index(own), judged)


Figures = Iterator[tuple[str, Fact]]


def _rates(asked: Asked, team: Team) -> Figures:
    """The rate as counted, as believed, and the team's."""
    row, mint, of = team.rows[team.place], asked.mint, asked.of
    yield "deals", mint.count("deals", row.deals, of)
    rate = metrics.win_rate(row.won, row.deals)
    low, high = (float(end) if row.deals else None for end in verdict.wilson(row.won, row.deals))
    none = "no_closed_deals"
    judged = team.judged.cells[team.place]
    yield (
        "win_rate",
        mint.fact(
            "win_rate", rate, Unit.FRACTION, of, n=row.deals, low=low, high=high, verdict=judged, unknown=none
        ),
    )
    believed_of = luck.belief(team.won, team.deals, team.place)
    shrunken = float(verdict.prior(team.won, team.deals).shrink(row.won, row.deals)) if believed_of else None
    ends = believed_of.interval() if believed_of else (None, None)
    yield (
        "luck_adjusted_win_rate",
        mint.fact(
            "luck_adjusted_win_rate",
            shrunken,
            Unit.FRACTION,
            of,
            n=row.deals,
            low=ends[0],
            high=ends[1],
            unknown="one_outcome" if sum(team.deals) else none,
        ),
    )
    everyone = mint.fact(
        "team_win_rate", team.rate, Unit.FRACTION, "all reps", n=sum(team.deals), unknown=none
    )
    yield "team_win_rate", everyone
    below = believed_of.below((team.rate or 0.0) - CLEARLY) if believed_of else None
    yield "below_by_five", mint.fact("below_by_five", below, Unit.FRACTION, of, unknown=none)


def _spread(asked: Asked, team: Team) -> Figures:
    """Would equal reps spread this much?"""
    seen, mint = team.judged.spread, asked.mint
    values = {
        "spread": (seen.observed if seen else None, Unit.POINTS),
        "spread_by_chance": (seen.expected if seen else None, Unit.POINTS),
        "spread_p": (team.judged.omnibus, Unit.PROBABILITY),
    }
    for name, (value, unit) in values.items():
        yield name, mint.fact(name, value, unit, "all reps", unknown="no_test")


def _quarters(asked: Asked) -> list[CellRow]:
    """The rep's complete quarters, in order of time."""
    of, business = asked.generation, asked.business
    days = Calendar(of.as_of, of.first_close_day, of.last_created_day, asked.period)
    rows = of.cells(("quarter",), asked.own, asked.period, business.deal_type, EVERYONE)
    return [row for row in rows if not days.incomplete(_period(row.values[0]))]


def _period(label: str) -> Period:
    year, number = label.split("-Q")
    return quarter(int(year), int(number))


def _quarter(asked: Asked, row: CellRow) -> tuple[str, Fact]:
    label = row.values[0]
    low, high = verdict.wilson(row.won, row.deals)
    fact = asked.mint.fact(
        "win_rate",
        row.won / row.deals,
        Unit.FRACTION,
        f"{asked.of},quarter={label}",
        n=row.deals,
        low=float(low),
        high=float(high),
    )
    return label, fact


def _pace(asked: Asked, quarters: list[CellRow]) -> Figures:
    """How steady, and how much per day."""
    mint, of = asked.mint, asked.of
    steady = metrics.rep_consistency([(row.won, row.deals) for row in quarters])
    reason = "cannot_tell" if len(quarters) >= metrics.FEWEST_QUARTERS else "too_few_quarters"
    yield "rep_consistency", mint.fact("rep_consistency", steady, Unit.NUMBER, of, unknown=reason)
    found = closed(asked.generation, asked.own, asked.period, asked.business.deal_type, EVERYONE)
    yield from found.pace(mint, of).items()


def _book(asked: Asked) -> Figures:
    """The rep's open deals of the same kinds of business."""
    generation, mint, of = asked.generation, asked.mint, asked.of
    everything = generation.open_deals(Scope(rep_ids=frozenset({asked.rep_id})))
    book = [row for row in everything if asked.business.deal_type in (None, row.deal_type)]
    amounts = [row.amount_cents for row in book if row.in_main_currency and row.amount_cents is not None]
    amount = money(sum(amounts)) if amounts or not book else None
    yield "open_deals", mint.fact("open_deals", len(book), Unit.COUNT, of, n=len(book))
    yield (
        "open_amount",
        mint.fact("open_amount", amount, Unit.MONEY, of, currency=generation.currency, unknown="no_amount"),
    )
    clocks = ((row, believed.clock(generation, row.stage or "", row.deal_type)) for row in book)
    paced = [row.days_in_stage > c.stalled for row, c in clocks if c and row.days_in_stage is not None]
    stalled = sum(paced) if paced or (generation.has_events and not book) else None
    yield (
        "stalled_deals",
        mint.fact("stalled_deals", stalled, Unit.COUNT, of, unknown="no_stage_history"),
    )


def _notes(asked: Asked, scope: Scope) -> Iterator[Note]:
    generation, business, mint = asked.generation, asked.business, asked.mint
    yield from notes.of_business(generation, business, asked.period, scope, mint)
    yield from notes.of_period(generation, asked.period, mint)
