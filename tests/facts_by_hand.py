"""Small answers with every value in sight, for tests of words and blocks."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from analytics.facts import (
    Breakdown,
    Cell,
    DealCard,
    Fact,
    Finding,
    Note,
    Quality,
    QualityLine,
    Unit,
    Verdict,
)

AS_OF = date(2024, 7, 20)


def fact(metric: str, value: Any, unit: Unit, entity: str = "all", **more: Any) -> Fact:
    """A fact; `value` None is unknown."""
    return Fact(
        id=f"{metric}/{entity}",
        metric=metric,
        value=None if value is None else Decimal(str(value)),
        unit=unit,
        entity=entity,
        period="",
        as_of=AS_OF,
        generation="g7",
        **{name: Decimal(bound) if name in ("low", "high") else bound for name, bound in more.items()},
    )


def cell(
    *labels: str,
    rate: str | None,
    deals: int,
    low: str = "0.4",
    high: str = "0.5",
    p: str | None = "0.96",
    difference: str = "0.004",
    verdict: Verdict | None = None,
    **more: Any,
) -> Cell:
    """One row; won deals and shares do not matter to words."""
    of = "/".join(labels)
    return Cell(
        values=labels,
        labels=labels,
        deals=fact("deals", deals, Unit.COUNT, of),
        won=fact("won", 1, Unit.COUNT, of),
        win_rate=fact("win_rate", rate, Unit.FRACTION, of, n=deals, low=low, high=high, verdict=verdict),
        shrunken=fact("shrunken_win_rate", rate, Unit.FRACTION, of),
        by_amount=fact("win_rate_by_amount", rate, Unit.FRACTION, of),
        share=fact("share", "0.25", Unit.FRACTION, of),
        impact=fact("segment_impact", "0.001", Unit.POINTS, of),
        p_adjusted=fact("p_adjusted", p, Unit.PROBABILITY, of),
        difference=fact("difference", difference, Unit.POINTS, of),
        **more,
    )


FOUR_REGIONS = (
    cell("India", rate="0.4571", deals=1260, low="0.430", high="0.485"),
    cell("Europe", rate="0.4562", deals=1243, low="0.429", high="0.484"),
    cell("APAC", rate="0.4486", deals=1253, low="0.421", high="0.476"),
    cell("North America", rate="0.4478", deals=1244, low="0.420", high="0.476"),
)


def breakdown(
    cells: Sequence[Cell] = FOUR_REGIONS,
    verdict: Verdict = Verdict.NOISE,
    *,
    dimensions: tuple[str, ...] = ("region",),
    notes: tuple[Note, ...] = (),
    overall: str | None = "0.4526",
    p: str | None = "0.9583",
    **more: Any,
) -> Breakdown:
    """Win rate by region of the reference file, unless told otherwise."""
    given: dict[str, Any] = {
        "filters": (),
        "period": "all time",
        "by_amount": False,
        "scope": "all deals",
        "deal_type": "",
        **more,
    }
    return Breakdown(
        dimensions=dimensions,
        cells=tuple(cells),
        overall=cell("all", rate=overall, deals=5000, low="0.4389", high="0.4664"),
        verdict=verdict,
        p_value=fact("p_value", p, Unit.PROBABILITY),
        widest_gap=fact("widest_gap", "0.0093", Unit.POINTS),
        detectable_gap=fact("detectable_gap", "0.0558", Unit.POINTS),
        cell_count=fact("cells", len(cells), Unit.COUNT),
        notes=notes,
        as_of=AS_OF,
        as_of_fact=fact("as_of", AS_OF.toordinal(), Unit.DATE),
        generation="g7",
        **given,
    )


def deal_card(figures: Sequence[Fact], **more: Any) -> DealCard:
    """An open deal in Negotiation."""
    given: dict[str, Any] = {
        "name": "Acme renewal",
        "account": "Acme",
        "outcome": "open",
        "stage": "Negotiation",
        "owner_id": "rep_22",
        "owner": "Priya Rao",
        "labels": {"region": "APAC", "industry": "FinTech"},
        "next_step": "",
        "history": "events",
        "notes": (),
        **more,
    }
    known = {one.metric: one for one in figures}
    return DealCard(deal_id="D03560", figures=known, as_of=AS_OF, generation="g7", **given)


def finding(figures: Sequence[Fact], causes: tuple[str, ...], **more: Any) -> Finding:
    """A big deal of Priya's over the line of `stalled`, unless told otherwise; `names` are added."""
    given: dict[str, Any] = {
        "rule": "stalled",
        "level": "P1",
        "subject": "deal",
        "subject_id": "D03560",
        "owner_id": "rep_22",
        "manager_id": "m_1",
        **more,
    }
    hers = {"deal": "Acme renewal", "account": "Acme", "stage": "Negotiation", "owner": "Priya Rao"}
    given["names"] = {**hers, **more.get("names", {})}
    known = {one.metric: one for one in figures}
    return Finding(causes=causes, figures=known, as_of=AS_OF, generation="g7", **given)


def quality(*lines: tuple[str, str, str, int, int]) -> Quality:
    """A scorecard from (check, table, level, failing, total)."""
    return Quality(
        lines=tuple(
            QualityLine(
                check=check,
                table=table,
                level=level,
                failing=fact("quality_check", failing, Unit.COUNT, f"{check}/failing"),
                total=fact("quality_check", total, Unit.COUNT, f"{check}/total"),
            )
            for check, table, level, failing, total in lines
        ),
        as_of=AS_OF,
        generation="g7",
    )
