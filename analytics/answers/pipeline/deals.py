"""What was asked about the pipeline -> its stages with their clocks, and the deals with most at risk."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from analytics.answers import believed
from analytics.answers.lists import people
from analytics.answers.pipeline.asked import Asked
from analytics.answers.pipeline.book import Floats
from analytics.facts import PipelineStage, Risk, Unit
from analytics.generation import DealRow
from analytics.questions import NOT_SET

MOST = 5  #: deals named
NEARLY_LOST = 0.05  #: odds below which a deal is called nearly lost. Source: ours, one in twenty

SLOW, STALLED = "slow", "stalled"


def risks(asked: Asked) -> Iterator[Risk]:
    """The open deals with the greatest revenue at risk, greatest first."""
    yield from (_risk(asked, place) for place in _greatest(asked.book.at_risk)[:MOST])


def first(asked: Asked) -> Risk | None:
    """The open deal of which most can still be decided; None where nothing can."""
    undecided = asked.book.undecided
    found = [place for place in _greatest(undecided)[:1] if undecided[place] > 0]
    return _risk(asked, found[0]) if found else None


def _greatest(values: Floats) -> list[int]:
    """The places of the known values, greatest first."""
    known = np.flatnonzero(~np.isnan(values))
    places: list[int] = known[np.argsort(-values[known], kind="stable")].tolist()
    return places


def _risk(asked: Asked, place: int) -> Risk:
    row, score, mint = asked.book.rows[place], asked.book.scores[place], asked.mint
    of, currency = f"deal={row.deal_id}", asked.generation.currency
    speaks = score is not None and score.win_probability is not None
    metric, odds = "win_probability" if speaks else "base_rate", asked.book.believed[place]
    return Risk(
        deal_id=row.deal_id,
        name=row.name or "",
        owner=people(asked.generation).get(row.rep_id, row.rep_id),
        stage=row.stage or NOT_SET,
        risk=(score.risk or "") if score else "",
        amount=mint.fact("amount", float(asked.book.amounts[place]), Unit.MONEY, of, currency=currency),
        odds=mint.fact(metric, odds[0], Unit.FRACTION, of, low=odds[1], high=odds[2]),
        at_risk=mint.fact(
            "revenue_at_risk", float(asked.book.at_risk[place]), Unit.MONEY, of, currency=currency
        ),
        undecided=mint.fact(
            "undecided_amount", float(asked.book.undecided[place]), Unit.MONEY, of, currency=currency
        ),
        nearly_lost=odds[0] is not None and odds[0] < NEARLY_LOST,
    )


def stages(asked: Asked) -> Iterator[PipelineStage]:
    """Every stage that holds open deals, in the CRM's order, then those outside it."""
    held: dict[str, list[int]] = defaultdict(list)
    for place, row in enumerate(asked.book.rows):
        held[row.stage or NOT_SET].append(place)
    in_order = [stage for stage in asked.generation.stages if stage in held]
    for stage in [*in_order, *sorted(set(held) - set(in_order))]:
        yield _stage(asked, stage, held[stage])


def _stage(asked: Asked, stage: str, places: Sequence[int]) -> PipelineStage:
    rows, of, mint = [asked.book.rows[place] for place in places], f"stage={stage}", asked.mint
    amount = float(np.nansum(asked.book.amounts[places]))
    ages = [row.days_in_stage for row in rows if row.days_in_stage is not None]
    median = float(np.median(ages)) if ages else None
    paces = [pace for row in rows if (pace := _pace(asked, row)) is not None]
    no_clock = "too_few_won" if ages else "no_stage_history"
    slow, stalled = (paces.count(kind) if paces else None for kind in (SLOW, STALLED))
    return PipelineStage(
        stage=stage,
        deals=mint.count("open_deals", len(rows), of),
        amount=mint.fact("open_amount", amount, Unit.MONEY, of, currency=asked.generation.currency),
        median_age=mint.fact("days_in_stage", median, Unit.DAYS, of, unknown="no_stage_history"),
        slow=mint.fact("slow_deals", slow, Unit.COUNT, of, unknown=no_clock),
        stalled=mint.fact("stalled_deals", stalled, Unit.COUNT, of, unknown=no_clock),
    )


def _pace(asked: Asked, row: DealRow) -> str | None:
    """Slow, stalled or "" by the clock of won deals of its kind; None without a clock."""
    clock = believed.clock(asked.generation, row.stage, row.deal_type) if row.stage else None
    if clock is None or row.days_in_stage is None:
        return None
    if row.days_in_stage > clock.stalled:
        return STALLED
    return SLOW if row.days_in_stage > clock.slow else ""
