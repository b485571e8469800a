"""Small answers to `/why`, `/watch` and `/whatif` with every value in sight."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from analytics.facts import (
    Fact,
    Month,
    Part,
    Run,
    Segment,
    Span,
    Unit,
    Verdict,
    Watch,
    Watched,
    WhatIf,
    Why,
    Wider,
)
from analytics.questions import Period
from tests.facts_by_hand import AS_OF, fact


def rate(value: str | None, n: int, of: str, low: str = "0.40", high: str = "0.50", **more: Any) -> Fact:
    """A win rate with its interval and deals."""
    return fact("win_rate", value, Unit.FRACTION, of, n=n, low=low, high=high, **more)


def points(
    value: str | None, of: str, low: str | None = "-0.02", high: str | None = "0.02", **more: Any
) -> Fact:
    """A difference of rates with its interval."""
    bounds = {name: bound for name, bound in (("low", low), ("high", high)) if bound is not None}
    return fact("difference", value, Unit.POINTS, of, **bounds, **more)


Q1 = Span(label="2024-Q1", win_rate=rate("0.4667", 990, "before", "0.4358", "0.4978"))
Q2 = Span(label="2024-Q2", win_rate=rate("0.4380", 637, "after", "0.3999", "0.4768"))


def segment(
    *where: tuple[str, str],
    before: str,
    after: str,
    n: int,
    change: str,
    mix: str,
    rate_part: str,
    excess: tuple[str, str, str] | None = None,
    **more: Any,
) -> Segment:
    """One segment in both periods."""
    of = "/".join(value for _, value in where)
    return Segment(
        where=where,
        labels=tuple(value for _, value in where),
        before=rate(before, n, f"{of}/before"),
        after=rate(after, n, f"{of}/after"),
        change=points(change, of, **more),
        mix=points(mix, f"{of}/mix", None, None),
        rate=points(rate_part, f"{of}/rate", None, None),
        excess=points(excess[0], f"{of}/excess", *excess[1:]) if excess else None,
    )


INBOUND = segment(
    ("lead_source", "Inbound"),
    before="0.488",
    after="0.405",
    n=168,
    change="-0.083",
    mix="-0.002",
    rate_part="-0.021",
    low="-0.180",
    high="0.014",
)
EUROPE = segment(
    ("region", "Europe"),
    ("product", "Enterprise"),
    before="0.470",
    after="0.300",
    n=420,
    change="-0.170",
    mix="0.001",
    rate_part="-0.038",
    low="-0.235",
    high="-0.105",
    excess=("-0.152", "-0.220", "-0.084"),
)
PARTS = (
    Part(kind="overall", effect=points("-0.0224", "overall", "-0.071", "0.026")),
    Part(kind="mix", dimension="lead_source", effect=points("-0.0041", "mix=lead_source", "-0.011", "0.003")),
    Part(kind="mix", dimension="region", effect=points("0.0009", "mix=region", "-0.004", "0.006")),
    Part(kind="interaction", effect=points("-0.0006", "interaction", "-0.005", "0.004")),
    Part(kind="rest", effect=points("-0.0025", "rest", "-0.012", "0.007")),
)
EARLIER = [
    Span(label=label, win_rate=rate(value, n, label, low, high))
    for label, value, n, low, high in (
        ("2023-Q1", "0.4421", 760, "0.407", "0.478"),
        ("2023-Q2", "0.4633", 872, "0.430", "0.496"),
        ("2023-Q3", "0.4509", 905, "0.419", "0.484"),
        ("2023-Q4", "0.4538", 836, "0.420", "0.488"),
    )
]
TREND = (*EARLIER, Q1, Q2)


def why(
    verdict: Verdict = Verdict.NOISE,
    change: str | None = "-0.0287",
    low: str | None = "-0.078",
    high: str | None = "0.021",
    p: str | None = "0.2591",
    **more: Any,
) -> Why:
    """The last two quarters of the reference file, unless told otherwise."""
    given: dict[str, Any] = {
        "before": Q1,
        "after": Q2,
        "by": "",
        "parts": PARTS,
        "rows": (),
        "found": (),
        "rivals": (),
        "lead": INBOUND,
        "trend": TREND,
        "runs": (),
        "scope": "all deals",
        "deal_type": "",
        "filters": (),
        "notes": (),
        **more,
    }
    return Why(
        change=points(change, "change", low, high, verdict=verdict),
        verdict=verdict,
        p_value=fact("p_value", p, Unit.PROBABILITY),
        detectable=fact("detectable_gap", "0.0712", Unit.POINTS),
        as_of=AS_OF,
        generation="g7",
        **given,
    )


def real_drop(**more: Any) -> Why:
    """A drop that is real, with one segment behind it and one rival."""
    parts = (
        Part(
            kind="segment",
            where=EUROPE.where,
            labels=EUROPE.labels,
            effect=points("-0.0361", "segment=Europe/Enterprise", "-0.051", "-0.022"),
        ),
        *PARTS[1:],
    )
    after = Span(label="2024-Q2", win_rate=rate("0.4243", 1590, "after", "0.4002", "0.4487"))
    given = {
        "after": after,
        "found": (EUROPE,),
        "rivals": (INBOUND,),
        "lead": None,
        "parts": parts,
        "trend": (*TREND[:-1], after),
        **more,
    }
    return why(Verdict.SIGNAL, "-0.0424", "-0.067", "-0.018", "0.0007", **given)


def wider(
    kind: str = "quarters", change: str = "-0.055", verdict: Verdict = Verdict.SIGNAL, p: str = "0.012"
) -> Wider:
    """Half a year against the one before."""
    labels = ("2023-Q3 to 2023-Q4", "2024-Q1 to 2024-Q2")
    before, after = (
        Span(label=label, win_rate=rate(value, n, label))
        for label, value, n in zip(labels, ("0.5100", "0.4550"), (1741, 1627), strict=True)
    )
    return Wider(
        kind=kind,
        periods=(
            Period(date(2023, 7, 1), date(2023, 12, 31), labels[0]),
            Period(date(2024, 1, 1), date(2024, 6, 30), labels[1]),
        ),
        before=before,
        after=after,
        change=points(change, f"wider {kind}", "-0.093", "-0.018", verdict=verdict),
        verdict=verdict,
        p_value=fact("p_value", p, Unit.PROBABILITY, f"wider {kind}"),
    )


def run(
    check: str,
    holds: bool | None,
    change: str | None = "-0.031",
    names: tuple[str, ...] = (),
    against: bool = False,
) -> Run:
    """The question asked another way."""
    return Run(
        against=against,
        check=check,
        before="2023-Q4",
        after="2024-Q2",
        names=names,
        change=points(change, f"run={check}", "-0.081", "0.019"),
        holds=holds,
    )


def month(
    label: str,
    value: str | None,
    n: int = 96,
    limits: tuple[str, str] | None = ("0.31", "0.59"),
    of: str = "all",
    **more: Any,
) -> Month:
    """One month and its limits."""
    low, high = limits or (None, None)
    return Month(
        label=label,
        win_rate=fact("win_rate", value, Unit.FRACTION, f"{of}/{label}", n=n),
        low=fact("limit_low", low, Unit.FRACTION, f"{of}/{label}") if low else None,
        high=fact("limit_high", high, Unit.FRACTION, f"{of}/{label}") if high else None,
        **more,
    )


RATES = ("44", "47", "52", "41", "45", "53", "43", "48", "51", "42", "44", "55", "46", "43", "50", "40")


def year_and_more(of: str = "all", last: Sequence[Month] = ()) -> tuple[Month, ...]:
    """Sixteen quiet months with a season of the quarter, then `last`."""
    labels = [f"202{3 + n // 12}-{n % 12 + 1:02d}" for n in range(len(RATES))]
    seasons = (("0.29", "0.57"), ("0.31", "0.59"), ("0.37", "0.65"))
    quiet = [
        month(label, f"0.{value}", 90 + n, seasons[n % 3], of)
        for n, (label, value) in enumerate(zip(labels, RATES, strict=True))
    ]
    return (*quiet, *last)


def watched(
    state: str = "stable", *where: tuple[str, str], last: Sequence[Month] = (), **more: Any
) -> Watched:
    """Everything, or a segment, over a year and more."""
    of = "/".join(value for _, value in where) or "all"
    given: dict[str, Any] = {"since": "", "months": year_and_more(of, last), "wobble": "1.00", **more}
    wobble = given.pop("wobble")
    return Watched(
        where=where,
        labels=tuple(value for _, value in where),
        baseline=fact("win_rate", "0.462", Unit.FRACTION, f"{of}/baseline"),
        wobble=fact("wobble", wobble, Unit.NUMBER, of),
        state=state,
        **given,
    )


def shocked() -> Watched:
    """Europe, which left its usual range in the last complete month; the running one is hollow."""
    fell = month("2024-05", "0.12", 88, ("0.24", "0.53"), "Europe", signal="shock_low")
    running = month("2024-06", "0.5", 20, None, "Europe", incomplete="running")
    return watched(
        "shock",
        ("region", "Europe"),
        last=(fell, running),
        since="2024-05",
        change=points("-0.33", "Europe/since", "-0.41", "-0.25"),
    )


def drifting() -> Watched:
    """APAC, which drifts down since three months."""
    last = [
        month(f"2024-0{n}", value, 70, ("0.28", "0.60"), "APAC", signal="drift_low")
        for n, value in ((5, "0.36"), (6, "0.34"), (7, "0.35"))
    ]
    return watched(
        "drift",
        ("region", "APAC"),
        last=last,
        since="2024-05",
        change=points("-0.11", "APAC/since", "-0.18", "-0.04"),
    )


def watch(*things: Watched, detectable: str | None = "0.083", **more: Any) -> Watch:
    """What is watched: everything and it is stable, unless told otherwise."""
    given = {"scope": "all deals", "deal_type": "", "filters": (), "notes": (), **more}
    shown = things or (watched(),)
    reason = "" if detectable else "too_few_deals"
    return Watch(
        dimension=shown[-1].where[0][0] if shown[-1].where else "",
        watched=shown,
        false_alarms=fact("false_alarms", "0.081", Unit.FRACTION),
        detectable=fact("detectable_drop", detectable, Unit.POINTS, unknown=reason),
        as_of=AS_OF,
        generation="g7",
        **given,
    )


def whatif(
    verdict: bool | None = True, action: str = "drop", figures: Sequence[Fact] | None = None, **more: Any
) -> WhatIf:
    """Stopping EdTech, or working FinTech instead."""
    usd = {"currency": "USD"}
    known = (
        figures
        if figures is not None
        else (
            fact("deals", 412, Unit.COUNT, "segment"),
            fact("open_deals", 37, Unit.COUNT, "segment"),
            fact("capacity", 21_344, Unit.NUMBER, "segment", low="19800", high="22900"),
            fact("capacity_share", "0.187", Unit.FRACTION, "segment"),
            fact("won_amount", 1_812_400, Unit.MONEY, "segment", **usd),
            fact("change_amount", -412_000, Unit.MONEY, "segment", low="-690000", high="-121000", **usd),
            fact("change_win_rate", "0.011", Unit.POINTS, "segment", low="0.002", high="0.020"),
            fact("per_day_segment", 85, Unit.MONEY_PER_DAY, "segment", **usd),
            fact("per_day_rest", 104, Unit.MONEY_PER_DAY, "rest", **usd),
        )
    )
    given = {
        "where": (("industry", "EdTech"),),
        "labels": ("EdTech",),
        "to_labels": ("FinTech",) if action == "shift" else (),
        "period": "last 4 quarters",
        "scope": "all deals",
        "deal_type": "",
        "filters": (),
        "notes": (),
        **more,
    }
    return WhatIf(
        action=action,
        figures={one.metric: one for one in known},
        verdict_change=verdict,
        as_of=AS_OF,
        generation="g7",
        **given,
    )
