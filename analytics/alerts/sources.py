"""Data rules: the state of the feed in; what ops should look at out: old, failed, narrower, worse, silent."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from analytics.alerts.rules import METRICS, Condition, Rule, Subject
from analytics.answers.mint import Mint
from analytics.facts import Fact, Finding, Unit
from analytics.generation import QualityRow
from analytics.intake import Pause
from analytics.store import Generation

LEVELS = ("ok", "warn", "bad")  #: of a check, from well to worse
UNITS = {"days": Unit.DAYS, "count": Unit.COUNT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What is known of the CRM's feed on a day, beside the numbers made of it."""

    today: date  # local
    loaded_on: date | None = None  # of the last load; None when it cannot be read
    failed_refreshes: int = 0  # of the last load, none of which went well since
    lost: Mapping[str, tuple[str, ...]] | None = None  # by table: columns that hold nothing any more
    before: tuple[QualityRow, ...] = ()  # the scorecard that the last one is compared with
    pauses: tuple[Pause, ...] = ()


@dataclass(frozen=True, slots=True)
class _Look:
    """One thing to judge: its values by metric, and what may be said of it."""

    subject_id: str
    values: Mapping[str, int]
    names: Mapping[str, str]
    more: Callable[[Mint, str], Mapping[str, Fact]] = lambda _mint, _of: {}


def sources(rules: Iterable[Rule], now: Generation, source: Source) -> list[Finding]:
    """What is wrong with the feed, by the rules about the source.

    Returns:
        By rule. `subject_id` and `names` tell which: `load`, `refresh`; a table (`table`, `columns`); a check
        of the scorecard (`check`, `table`, `state`: its level); a feed that stopped (`what` no longer
        comes; `source`: only from this lead source).
    """
    looks = list(_looks(now, source))
    asked = [rule for rule in rules if rule.subject is Subject.SOURCE]
    return [_finding(rule, now, source, one) for rule in asked for one in looks if _holds(rule, one)]


def _looks(now: Generation, source: Source) -> Iterator[_Look]:
    if source.loaded_on is not None:
        yield _load(source, source.loaded_on)
    yield _Look("refresh", {"failed_refreshes": source.failed_refreshes}, {})
    for table, columns in (source.lost or {}).items():
        names = {"table": table, "columns": ", ".join(columns)}
        yield _Look(table, {"lost_columns": len(columns)}, names)
    worse = list(_worse(source.before, now.quality()))
    for then, check in worse:
        yield _check(len(worse), then, check)
    yield from map(_feed, source.pauses)


def _load(source: Source, loaded_on: date) -> _Look:
    def more(mint: Mint, of: str) -> Mapping[str, Fact]:
        return {"loaded_on": mint.day("loaded_on", loaded_on.toordinal(), of)}

    return _Look("load", {"days_since_load": (source.today - loaded_on).days}, {}, more)


def _worse(
    before: Iterable[QualityRow], now: Iterable[QualityRow]
) -> Iterator[tuple[QualityRow, QualityRow]]:
    """The checks whose level got worse, as they were and are."""
    known = {(row.table_name, row.check_name): row for row in before}
    for row in now:
        then = known.get((row.table_name, row.check_name))
        if then and LEVELS.index(row.level) > LEVELS.index(then.level):
            yield then, row


def _check(worse: int, then: QualityRow, check: QualityRow) -> _Look:
    def more(mint: Mint, of: str) -> Mapping[str, Fact]:
        return {
            "failing": mint.count("failing", check.failing, of),
            "total": mint.count("total", check.total, of),
            "failing_before": mint.count("failing_before", then.failing, of),
        }

    names = {"check": check.check_name.replace("_", " "), "table": check.table_name, "state": check.level}
    return _Look(f"{check.table_name}.{check.check_name}", {"quality_falls": worse}, names, more)


def _feed(pause: Pause) -> _Look:
    """A pause counts from its first day on, once it is longer than chance explains."""

    def more(mint: Mint, of: str) -> Mapping[str, Fact]:
        return {
            "allowed_pause": mint.fact("allowed_pause", pause.allowed, Unit.DAYS, of),
            "last_day": mint.day("last_day", pause.last.toordinal(), of),
            "usual_per_day": mint.fact("usual_per_day", pause.usual, Unit.NUMBER, of),
        }

    feed, _, source = pause.feed.partition("=")
    surprise = {"intake_surprise": pause.quiet if pause.quiet > pause.allowed else 0}
    return _Look(pause.feed, surprise, {"what": "deals" if source else feed, "source": source}, more)


def _holds(rule: Rule, look: _Look) -> bool:
    every = all(_meets(one, look.values) for one in rule.every)
    return every and (not rule.any_of or any(_meets(one, look.values) for one in rule.any_of))


def _meets(condition: Condition, values: Mapping[str, int]) -> bool:
    """What is not known of this thing never counts."""
    if condition.metric not in values:
        return False
    at, line = Decimal(values[condition.metric]), condition.threshold
    return {">": at > line, ">=": at >= line, "<": at < line, "<=": at <= line}[condition.comparison]


def _finding(rule: Rule, now: Generation, source: Source, look: _Look) -> Finding:
    mint, of = Mint(source.today, now.id), look.subject_id
    own = {name: mint.fact(name, value, _unit(name), of) for name, value in look.values.items()}
    lines = {
        f"{one.metric}_limit": mint.fact(f"{one.metric}_limit", one.threshold, _unit(one.metric), of)
        for one in rule.conditions
    }
    met = [one.metric for one in rule.any_of or rule.every if _meets(one, look.values)]
    return Finding(
        rule=rule.id,
        level=str(rule.level),
        subject=str(rule.subject),
        subject_id=of,
        title=rule.title,
        names={name: value for name, value in look.names.items() if value},
        causes=tuple(dict.fromkeys(met)),
        figures={**own, **lines, **look.more(mint, of)},
        as_of=now.as_of,
        generation=now.id,
    )


def _unit(metric: str) -> Unit:
    return UNITS[METRICS[metric].unit]
