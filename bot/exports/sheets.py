"""An answer in, its tables out: all rows, the figures as facts, the names as the CRM has them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from analytics.facts import (
    Breakdown,
    DealCard,
    Drivers,
    Fact,
    Funnel,
    ModelCard,
    Month,
    Part,
    Pipeline,
    Quality,
    Receipt,
    RepPage,
    Rulebook,
    Segment,
    Span,
    Verdict,
    Watch,
    Watched,
    Week,
    WhatIf,
    Why,
)
from analytics.facts import Cell as BreakdownCell
from bot import glossary
from bot.blocks.model import TRIED
from bot.blocks.whatif import SHOWN
from bot.exports.sheet import Cell, Sheet
from bot.narrator import alert, alert_log, drivers, quality, rulebook, whatif
from bot.narrator.alert_log import Logged
from bot.narrator.breakdown import shown_labels
from bot.narrator.claims import label
from bot.narrator.doubts import run_name
from bot.narrator.ours import said
from bot.narrator.why import part_name, segment_name
from bot.narrator.words import Answer
from prompts import files

MONTHS = ("name", "month", "win_rate", "usual_low", "usual_high", "mark")
WATCHED = ("name", "state", "since", "latest", "usual_low", "usual_high", "change", "lately")


def sheets(answer: Answer) -> list[Sheet]:
    """Every table of an answer that has a row, the main one first; none for an answer without."""
    make = SHEETS.get(type(answer))
    return [sheet for sheet in make(answer) if sheet.rows] if make else []


def _breakdown(facts: Breakdown) -> list[Sheet]:
    columns = (*facts.dimensions, "deals", "won", "win_rate", "by_amount", "shrunken", "share", "impact")
    if not facts.dimensions:
        return [Sheet("win-rate", columns, [_counted(facts.overall)])]
    before = {cell.values: cell.win_rate for cell in facts.before.cells} if facts.before else None
    rows = [
        (
            *(*shown_labels(cell), *_counted(cell), cell.p_adjusted, _mark(cell)),
            *([] if before is None else [before.get(cell.values)]),
        )
        for cell in facts.cells
    ]
    columns = (*columns, "p_adjusted", "mark", *([] if before is None else ["win_rate_before"]))
    people = [replace(sheet, name="people") for sheet in _breakdown(facts.people)] if facts.people else []
    return [Sheet("win-rate", columns, rows), *people]


def _counted(cell: BreakdownCell) -> Sequence[Cell]:
    rates = (cell.win_rate, cell.by_amount, cell.shrunken)
    return cell.deals, cell.won, *rates, cell.share, cell.impact


def _mark(one: BreakdownCell | Span | Month) -> str | None:
    """Why it must not be compared."""
    return label(f"mark.{one.incomplete}").text if one.incomplete else None


def _why(facts: Why) -> list[Sheet]:
    runs = [(run_name(run).text, run.before, run.after, run.change, _holds(run)) for run in facts.runs]
    course = [(span.label, span.win_rate, _mark(span)) for span in facts.trend]
    found = [(segment_name(one).text, one.before, one.after, one.excess) for one in _told(facts)]
    return [
        Sheet("parts", ("part", "effect"), [_part(part) for part in facts.parts]),
        Sheet("segments", ("segment", "before", "after", "change", "mix", "rate"), _rows(facts.rows)),
        Sheet("found", ("segment", "before", "after", "excess"), found),
        Sheet("course", ("what", "win_rate", "mark"), course),
        Sheet("checks", ("check", "before", "after", "change", "holds"), runs),
    ]


def _told(facts: Why) -> Sequence[Segment]:
    return (*facts.found, *facts.rivals)


def _part(part: Part) -> Sequence[Cell]:
    return part_name(part).text, part.effect


def _rows(segments: Iterable[Segment]) -> list[Sequence[Cell]]:
    return [(segment_name(s).text, s.before, s.after, s.change, s.mix, s.rate) for s in segments]


def _holds(run: Any) -> str:
    held = {True: "yes", False: "no", None: "unknown"}[run.holds]
    return label(f"why_holds.{'against' if run.against else held}").text


def _watch(facts: Watch) -> list[Sheet]:
    months = [row for one in facts.watched for row in _months(one)]
    by_month = Sheet("months", MONTHS, months)
    if len(facts.watched) < 2:
        return [by_month]
    return [Sheet("watched", WATCHED, [_watched(one) for one in facts.watched]), by_month]


def _named(one: Watched) -> str:
    return " / ".join(map(said, one.labels)) or label("watch_row.everything").text


def _watched(one: Watched) -> Sequence[Cell]:
    latest = next((month for month in reversed(one.months) if not month.incomplete), None)
    now = (latest.win_rate, latest.low, latest.high) if latest else (None, None, None)
    state = label(f"watch_state.{one.state}").text
    return _named(one), state, one.since or None, *now, one.change, one.trailing


def _months(one: Watched) -> Iterable[Sequence[Cell]]:
    for month in one.months:
        mark = label(f"watch_mark.{month.signal}").text if month.signal else None
        yield _named(one), month.label, month.win_rate, month.low, month.high, _mark(month) or mark


def _drivers(facts: Drivers) -> list[Sheet]:
    columns = (*facts.dimensions, "win_rate", "parts", "beyond")
    pairs = [(*pair.values, pair.win_rate, pair.parts, pair.effect) for pair in facts.pairs]
    told = [one for one in facts.drivers if one.effect.verdict is Verdict.SIGNAL] if facts.speaks else []
    found = [(drivers.driver_name(one).text, one.effect, _stable(one)) for one in told]
    if facts.dimensions:
        return [Sheet("pairs", columns, pairs)]
    return [Sheet("drivers", ("driver", "effect", "stable"), found)]


def _stable(one: Any) -> str:
    return label(f"driver.{'flipped' if one.flipped else 'yes' if one.stable else 'no'}").text


def _pipeline(facts: Pipeline) -> list[Sheet]:
    columns = ("deal", "name", "owner", "stage", "amount", "odds", "at_risk", "undecided", "risk")
    risks = [
        (r.deal_id, r.name, r.owner, r.stage, r.amount, r.odds, r.at_risk, r.undecided, _standing(r))
        for r in facts.risks
    ]
    stages = [(s.stage, s.deals, s.amount, s.median_age, s.slow, s.stalled) for s in facts.stages]
    return [
        Sheet("deals", columns, risks),
        Sheet("stages", ("stage", "deals", "amount", "median_age", "slow", "stalled"), stages),
        _figures(facts.figures, "book"),
    ]


def _standing(one: Any) -> str | None:
    known = "nearly_lost" if one.nearly_lost else one.risk
    return label(f"risk.{known}").text if known else None


def _figures(known: Mapping[str, Fact], section: str = "") -> Sheet:
    """Figures of any kind, one a row, each with its unit; `section` is that of their labels."""
    rows = [(called(name, fact, section), fact) for name, fact in known.items() if fact.value is not None]
    return Sheet("figures", ("figure", "value"), rows)


def called(name: str, fact: Fact, section: str = "") -> str:
    """What a figure is called: as in the message that shows it, else as in the glossary."""
    if f"{section}.{name}" in files.labels():
        return label(f"{section}.{name}").text
    entry = glossary.entry(name) or glossary.entry(fact.metric)
    return entry.title if entry else name.replace("_", " ")


def _whatif(facts: WhatIf) -> list[Sheet]:
    return [
        _figures({metric: fact for metric in SHOWN if (fact := whatif.known(facts, metric))}, "whatif_row")
    ]


def _funnel(facts: Funnel) -> list[Sheet]:
    columns = ("stage", "entered", "conversion", "lost", "leakage", "median_days")
    rows = [(s.stage, s.entered, s.conversion, s.lost, s.leakage, s.median_days) for s in facts.stages]
    return [Sheet("stages", columns, rows)]


def _rep(facts: RepPage) -> list[Sheet]:
    return [Sheet("quarters", ("quarter", "win_rate"), facts.quarters), _figures(facts.figures)]


def _deal(facts: DealCard) -> list[Sheet]:
    reasons = [(label(f"group.{group}").text, points) for group, points in facts.reasons]
    return [_figures(facts.figures), Sheet("reasons", ("group", "effect"), reasons)]


def _receipt(facts: Receipt) -> list[Sheet]:
    parts = [(label(f"group.{group}").text, points) for group, points in facts.parts]
    return [
        Sheet("parts", ("group", "effect"), parts),
        Sheet("course", ("day", "odds"), [(day, odds) for day, odds in facts.score_history]),
    ]


def _week(facts: Week) -> list[Sheet]:
    columns = ("deal", "what", "stage", "amount", "before", "after", "due")
    figures = ("amount", "before", "after", "due")
    rows: list[Sequence[Cell]] = []
    for change in facts.changes:
        what = label(f"team_week.{change.kind}").text
        rows.append((change.deal_id, what, change.stage or None, *map(change.figures.get, figures)))
    return [Sheet("changes", columns, rows)]


def _model(facts: ModelCard) -> list[Sheet]:
    tried: list[Sequence[Cell]] = []
    for one in facts.tried:
        tried.append((label(f"tried.{one.name}").text, *(getattr(one, name) for name in TRIED)))
    bins = [(one.predicted, one.observed) for one in facts.bins]
    fits = {True: "yes", False: "no", None: "unknown"}
    segments = [
        (one.value, one.predicted, one.observed, label(f"fit.{fits[one.fits]}").text)
        for one in facts.segments
    ]
    return [
        Sheet("tried", ("model", *TRIED), tried),
        Sheet("odds", ("predicted", "observed"), bins),
        Sheet("segments", ("segment", "predicted", "observed", "fits"), segments),
    ]


def _quality(facts: Quality) -> list[Sheet]:
    rows = [
        (quality.check_name(one).text, one.table, label(f"level.{one.level}").text, one.failing, one.total)
        for one in facts.lines
    ]
    return [Sheet("checks", ("check", "table", "level", "failing", "total"), rows)]


def _logged(found: Logged) -> list[Sheet]:
    rows: list[Sequence[Cell]] = [
        (
            *(one.day.isoformat(), one.subject_id, alert.rule_name(one.rule).text),
            *(alert_log.what(one).text, alert_log.why(one) or None),
            found.names.get(one.person_id or one.owner_id, one.person_id or one.owner_id),
        )
        for one in found.entries
    ]
    return [Sheet("alerts", ("day", "subject", "rule", "what", "why", "who"), rows)]


def _rules(book: Rulebook) -> list[Sheet]:
    rows = [
        (
            *(rulebook.called(one).text, one.id, one.level),
            *(label(f"rule_state.{one.state}").text, rulebook.when(one).text),
        )
        for one in book.rules
    ]
    return [Sheet("rules", ("rule", "rule_id", "level", "state", "when"), rows)]


SHEETS: Mapping[type[Any], Callable[[Any], list[Sheet]]] = {
    Breakdown: _breakdown,
    Why: _why,
    Watch: _watch,
    Drivers: _drivers,
    Pipeline: _pipeline,
    WhatIf: _whatif,
    Funnel: _funnel,
    RepPage: _rep,
    DealCard: _deal,
    Receipt: _receipt,
    Week: _week,
    ModelCard: _model,
    Quality: _quality,
    Logged: _logged,
    Rulebook: _rules,
}
