"""Small answers of the models, the pipeline and the people pages, with every value in sight."""

from collections.abc import Sequence
from typing import Any

from analytics.facts import (
    Bin,
    Driver,
    Drivers,
    Funnel,
    FunnelStage,
    ModelCard,
    Pair,
    Pipeline,
    PipelineStage,
    Receipt,
    RepPage,
    Risk,
    SegmentScore,
    Tried,
    Unit,
    Verdict,
)
from tests.facts_by_hand import AS_OF, fact

DOLLARS = {"currency": "USD"}
START, END, TESTED = 738521, 739000, 738900


def driver(feature: str, value: str, points: str, **more: Any) -> Driver:
    """A driver, real and stable unless told otherwise."""
    verdict = more.pop("verdict", Verdict.SIGNAL)
    given = {"group": "segment", "stable": True, "flipped": False} | more
    centre = float(points)
    bounds = {"low": f"{centre - 0.03:.2f}", "high": f"{centre + 0.03:.2f}", "n": 420, "verdict": verdict}
    effect = fact("driver_effect", points, Unit.POINTS, f"{feature}={value}", **bounds)
    return Driver(feature=feature, value=value, effect=effect, **given)


DRIVERS = (
    driver("lead_source", "Referral", "0.118"),
    driver("days_since_activity", "over 14 days", "-0.093", group="activity"),
    driver("region", "Europe", "-0.061", flipped=True, stable=False),
    driver("industry", "Retail", "0.004", verdict=Verdict.NOISE),
)


def drivers(found: Sequence[Driver] = DRIVERS, *, speaks: bool = True, **more: Any) -> Drivers:
    """What goes along with winning."""
    given: dict[str, Any] = {"dimensions": (), "pairs": (), "p_value": None, "notes": (), **more}
    return Drivers(
        speaks=speaks,
        base_rate=fact("model_base_rate", "0.27", Unit.FRACTION),
        drivers=tuple(found),
        improvement=fact("log_loss_gain", "0.031", Unit.NUMBER, low="0.02", high="0.04"),
        model="m-1a2b",
        scope="all deals",
        as_of=AS_OF,
        generation="g7",
        **given,
    )


def pair(first: str, second: str, effect: str, verdict: Verdict = Verdict.NOISE) -> Pair:
    """One cell of the heat map."""
    of = f"{first},{second}"
    return Pair(
        values=(first, second),
        win_rate=fact("win_rate", "0.31", Unit.FRACTION, of, n=88, low="0.22", high="0.41"),
        parts=fact("parts_win_rate", "0.27", Unit.FRACTION, of),
        effect=fact("interaction", effect, Unit.POINTS, of, verdict=verdict),
    )


def tried(name: str, log_loss: str, auc: str, *, chosen: bool = False) -> Tried:
    """One row of the out-of-time table."""
    measures = {"log_loss": log_loss, "brier": "0.19", "auc": auc, "ece": "0.03"}
    return Tried(name=name, chosen=chosen, **{m: fact(m, v, Unit.NUMBER, name) for m, v in measures.items()})


def model_card(*, speaks: bool = True, **more: Any) -> ModelCard:
    """The card of a model that speaks, unless told otherwise."""
    given: dict[str, Any] = {
        "reason": "" if speaks else "no_better",
        "chosen": "additive",
        "choice": "within_noise",
        "features": ("stage", "days_in_stage", "lead_source"),
        "left_out": (("amount", "no_history"), ("team", "collinear")),
        "drifted": (),
        "history": (("2024-07-15", "m-1a2b", "first"),),
        "notes": (),
        **more,
    }
    expected = fact("surprise_expected", "0.12", Unit.FRACTION)
    return ModelCard(
        speaks=speaks,
        model="m-1a2b",
        trained_on=fact("training_deals", 3900, Unit.COUNT),
        snapshots=fact("snapshots", 9800, Unit.COUNT),
        window_start=fact("window_start", START, Unit.DATE),
        window_end=fact("window_end", END, Unit.DATE),
        test_deals=fact("test_deals", 1240, Unit.COUNT),
        test_start=fact("test_start", TESTED, Unit.DATE),
        improvement=fact("log_loss_gain", "0.031", Unit.NUMBER, low="0.02", high="0.04"),
        tried=(tried("base_rate", "0.58", "0.5"), tried("additive", "0.51", "0.74", chosen=True)),
        bins=tuple(reliability(*row) for row in (("0.10", "0.09", 300), ("0.40", "0.44", 210))),
        segments=(
            segment_score("Europe", "0.31", "0.18", fits=False),
            segment_score("APAC", "0.30", "0.29", fits=True),
        ),
        surprise=fact("surprise_rate", "0.11", Unit.FRACTION, n=190),
        surprise_expected=expected,
        as_of=AS_OF,
        generation="g7",
        **given,
    )


def reliability(predicted: str, observed: str, n: int) -> Bin:
    """One point of the reliability curve."""
    seen = {"n": n, "low": "0.05", "high": "0.50"}
    return Bin(
        predicted=fact("predicted", predicted, Unit.FRACTION, predicted, n=n),
        observed=fact("observed", observed, Unit.FRACTION, predicted, **seen),
    )


def segment_score(value: str, predicted: str, observed: str, *, fits: bool | None) -> SegmentScore:
    """How odds fit a region."""
    return SegmentScore(
        dimension="region",
        value=value,
        predicted=fact("predicted", predicted, Unit.FRACTION, value),
        observed=fact("observed", observed, Unit.FRACTION, value, n=130, low="0.1", high="0.4"),
        fits=fits,
    )


def receipt(before: str | None = "0.51", after: str | None = "0.38", **more: Any) -> Receipt:
    """A deal whose odds fell with its age and its amount."""
    given: dict[str, Any] = {
        "parts": tuple(
            (group, fact("odds_part", points, Unit.POINTS, group))
            for group, points in (("pace", "-0.09"), ("amount", "-0.04"), ("stage", "0"))
        ),
        "changes": (("stage", "Demo", "Proposal"),),
        "same_model": True,
        "before_day": fact("as_of", TESTED, Unit.DATE, "before"),
        "score_history": tuple(
            (
                fact("as_of", TESTED + day, Unit.DATE, str(day)),
                fact("win_probability", odds, Unit.FRACTION, str(day)),
            )
            for day, odds in ((0, "0.55"), (7, "0.51"), (14, "0.38"))
        ),
        **more,
    }
    return Receipt(
        deal_id="D03560",
        before=fact("win_probability", before, Unit.FRACTION, "before", unknown="no_model"),
        after=fact("win_probability", after, Unit.FRACTION, "after", unknown="no_model"),
        model_part=fact("odds_part", "0", Unit.POINTS, "model"),
        notes=(),
        as_of=AS_OF,
        generation="g7",
        **given,
    )


FIGURES = (
    fact("open_amount", 2_400_000, Unit.MONEY, **DOLLARS),
    fact("open_deals", 80, Unit.COUNT),
    fact("due_amount", 900_000, Unit.MONEY, **DOLLARS),
    fact("won_amount", 310_000, Unit.MONEY, **DOLLARS),
    fact("expected_amount", 240_000, Unit.MONEY, low="150000", high="340000", **DOLLARS),
    fact("expected_new_amount", 60_000, Unit.MONEY, **DOLLARS),
    fact("forecast_amount", 610_000, Unit.MONEY, low="500000", high="740000", **DOLLARS),
    fact("quota", 800_000, Unit.MONEY, **DOLLARS),
    fact("remaining_quota", 490_000, Unit.MONEY, **DOLLARS),
    fact("pipeline_coverage", "1.84", Unit.NUMBER),
    fact("slippage", "0.24", Unit.FRACTION, n=50),
    fact("backtest_hits", 6, Unit.COUNT),
    fact("backtest_quarters", 7, Unit.COUNT),
    fact("revenue_at_risk", 1_500_000, Unit.MONEY, **DOLLARS),
    fact("sales_velocity", 14_000, Unit.MONEY_PER_DAY, **DOLLARS),
)


def pipeline(figures: Sequence[Any] = FIGURES, **more: Any) -> Pipeline:
    """A quarter that will miss its quota."""
    riskiest = risk("D03560")
    told = {"stages": (stage("Demo"),), "risks": (riskiest,), "first": riskiest, "notes": ()}
    given: dict[str, Any] = {**told, **more}
    return Pipeline(
        period="2024-Q3",
        scope="all deals",
        whose="all",
        speaks=True,
        figures={f.metric: f for f in figures},
        filters=(),
        deal_type="new",
        as_of=AS_OF,
        generation="g7",
        **given,
    )


def stage(name: str) -> PipelineStage:
    """The open deals of a stage."""
    return PipelineStage(
        stage=name,
        deals=fact("open_deals", 30, Unit.COUNT, name),
        amount=fact("open_amount", 700_000, Unit.MONEY, name, **DOLLARS),
        median_age=fact("days_in_stage", 12, Unit.DAYS, name),
        slow=fact("slow_deals", 4, Unit.COUNT, name),
        stalled=fact("stalled_deals", 3, Unit.COUNT, name),
    )


def risk(deal_id: str) -> Risk:
    """A deal with much at risk."""
    return Risk(
        deal_id=deal_id,
        name="Acme renewal",
        owner="Priya Rao",
        stage="Negotiation",
        risk="High",
        amount=fact("amount", 92_439, Unit.MONEY, deal_id, **DOLLARS),
        odds=fact("win_probability", "0.18", Unit.FRACTION, deal_id),
        at_risk=fact("revenue_at_risk", 75_800, Unit.MONEY, deal_id, **DOLLARS),
        undecided=fact("undecided_amount", 13_644, Unit.MONEY, deal_id, **DOLLARS),
    )


def rep_page(verdict: Verdict = Verdict.NOISE, **more: Any) -> RepPage:
    """A rep who is within chance of the team."""
    figures = (
        fact("deals", 96, Unit.COUNT),
        fact("win_rate", "0.21", Unit.FRACTION, "rep", low="0.14", high="0.30", n=96),
        fact("luck_adjusted_win_rate", "0.25", Unit.FRACTION, low="0.2", high="0.3"),
        fact("team_win_rate", "0.26", Unit.FRACTION),
        fact("below_by_five", "0.2", Unit.FRACTION),
        fact("spread", "0.025", Unit.POINTS),
        fact("spread_by_chance", "0.035", Unit.POINTS),
        fact("spread_p", "0.81", Unit.PROBABILITY),
        fact("rep_consistency", None, Unit.NUMBER, unknown="cannot_tell"),
        fact("open_deals", 11, Unit.COUNT),
        fact("open_amount", 240_000, Unit.MONEY, **DOLLARS),
        fact("stalled_deals", 2, Unit.COUNT),
    )
    rates = [(f"2024-Q{n}", fact("win_rate", f"0.2{n}", Unit.FRACTION, f"2024-Q{n}", n=20)) for n in (1, 2)]
    given: dict[str, Any] = {"equal_reps": True, "figures": {f.metric: f for f in figures}, **more}
    return RepPage(
        rep_id="rep_22",
        name="Priya Rao",
        team="North",
        verdict=verdict,
        quarters=tuple(rates),
        period="all time",
        notes=(),
        as_of=AS_OF,
        generation="g7",
        **given,
    )


def funnel(*stages: FunnelStage) -> Funnel:
    """The funnel of all deals."""
    return Funnel(
        stages=stages,
        figures={"median_cycle": fact("median_cycle", 70, Unit.DAYS)},
        period="last 4 quarters",
        scope="all deals",
        deal_type="new",
        filters=(),
        notes=(),
        as_of=AS_OF,
        generation="g7",
    )


def funnel_stage(name: str, lost: int, leakage: int | None) -> FunnelStage:
    """What became of deals in a stage."""
    return FunnelStage(
        stage=name,
        entered=fact("entered", 400, Unit.COUNT, name),
        conversion=fact("stage_conversion", "0.55", Unit.FRACTION, name, low="0.5", high="0.6", n=400),
        leakage=fact("leakage", leakage, Unit.MONEY, name, unknown="no_amount", **DOLLARS),
        lost=fact("lost", lost, Unit.COUNT, name),
        median_days=fact("days_in_stage", 14, Unit.DAYS, name),
    )
