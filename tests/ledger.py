"""A played quarter -> what people got, by Slack's own ledger and the log; and every promise it breaks."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import Row, select

from analytics import alerts, store
from analytics.store import Generation
from bot.alerting import outbox as boxes
from bot.alerting import rulebook
from bot.alerting.book import FINDING
from bot.alerting.desk import Desk
from bot.alerting.standing import State
from bot.jobs.rules import LEVELS
from bot.memory.tables import alert_log, outbox
from bot.memory.tables import alerts as table
from tests.quarter import Play

WEEK = timedelta(days=7)
SOON = 7  #: days within which a second alert of the same thing is flapping
FAST = 2  #: days of grace: an alert that lasts longer than this must be open in memory


@dataclass(frozen=True, slots=True)
class Got:
    """One message in somebody's direct messages, as Slack has it, with the row of ours it came from."""

    person: str
    at: datetime
    kind: str  # alert, escalation, digest, notice, nudge, review, help, reply
    alerts: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Memory:
    """All that memory knows at the end."""

    alerts: Sequence[Row[Any]]
    log: Sequence[Row[Any]]
    outbox: Sequence[Row[Any]]
    desk: Desk


async def remembered(play: Play) -> Memory:
    """Read it."""
    people = {one.person_id: one for one in store.current(play.work.home).people()}
    async with play.memory.read() as connection:
        desk = await Desk.of(
            connection,
            settings=play.work.settings,
            people=people,
            render=play.work.render,
            now=play.work.now(),
        )
        found = [
            (await connection.execute(select(one))).all()
            for one in (table, alert_log.select().order_by(alert_log.c.id).subquery(), outbox)
        ]
    return Memory(*found, desk)


def received(play: Play, memory: Memory) -> list[Got]:
    """Every message of ours that people have, by person and time."""
    marks = {
        boxes.mark(row.dedup_key if row.kind == "reply" else row.chain): row
        for row in memory.outbox
        if row.kind != "update"
    }
    of_group = defaultdict(set)
    for row in memory.log:
        of_group[row.reason].add(row.alert_key)
    found = []
    for person in play.slack.workspace.people.values():
        for one in play.slack.direct(person.name).messages if person.name != "dealcoach" else ():
            if one.by_bot and one.metadata:
                row = marks[one.metadata["event_payload"]["key"]]
                keys = (row.alert_key,) if row.alert_key else tuple(of_group.get(row.dedup_key, ()))
                found.append(Got(person.name, _moment(one.ts), _kind(row), keys, row.text))
    return sorted(found, key=lambda got: (got.person, got.at))


def _moment(ts: str) -> datetime:
    return datetime.fromtimestamp(float(ts), UTC)


def _kind(row: Row[Any]) -> str:
    if row.kind == "reply":
        return "reply"
    key = row.dedup_key
    for word in ("digest", "notice", "review", "help"):
        if key.startswith(f"{word}:"):
            return word
    for word in ("escalation", "nudge"):
        if f":{word}:" in key:
            return word
    return "alert"


# ------------------------------------------------------------------ figures


def figures(play: Play, memory: Memory, got: Sequence[Got]) -> dict[str, Any]:
    """The table of the report."""
    known = {row.key: row for row in memory.alerts}
    roles = {one.person_id: one.role for one in memory.desk.people.values()}
    posts = [one for one in got if one.kind != "reply"]
    weeks = {(one.at.isocalendar().year, one.at.isocalendar().week) for one in got}
    managers = sorted(p for p, role in roles.items() if role == "manager")
    reps = sorted(p for p, role in roles.items() if role == "rep")
    loud = [one for one in posts if one.kind in ("alert", "escalation") and one.alerts]
    p1_own = _weekly(one for one in loud if any(_owns(known[k], one.person) for k in one.alerts))
    p1_other = _weekly(
        (one for one in loud if one.person in managers and not _owns(known[one.alerts[0]], one.person)),
        count=lambda one: len(one.alerts),
    )
    return {
        "weeks": len(weeks),
        "messages by kind": Counter(one.kind for one in got),
        "alerts to managers, a week": _mean_max(p1_other, managers, weeks),
        "P1 to reps, a week": _mean_max({k: v for k, v in p1_own.items() if k[0] in reps}, reps, weeks),
        "fullest 7 days, manager": max(_rolling(loud, managers, known, owns=False), default=0),
        "fullest 7 days, rep": max(_rolling(loud, reps, known, owns=True), default=0),
        "digests, person and day (max)": _most_in_a_day(o for o in posts if o.kind == "digest"),
        "posts, rep and day (mean, max)": _per_day(posts, reps, weeks),
        "posts, manager and day (mean, max)": _per_day(posts, managers, weeks),
        "posts and replies, rep and day (max)": _per_day(got, reps, weeks)[1],
        "posts and replies, manager and day (max)": _per_day(got, managers, weeks)[1],
        "posts, manager and week (mean, max)": _mean_max(_weekly(posts), managers, weeks),
        "posts, rep and week (mean, max)": _mean_max(_weekly(posts), reps, weeks),
        "posts to the CRO a week": _mean_max(_weekly(posts), _of_role(roles, "cro"), weeks),
        "posts to ops a week": _mean_max(_weekly(posts), _of_role(roles, "ops"), weeks),
        "first day": Counter(one.kind for one in got if one.at.date() <= play.recorded.days[0]),
        "alerts": Counter(f"{row.level} {row.rule}" for row in memory.alerts),
        "states": Counter(f"{row.level} {row.state}" for row in memory.alerts),
        "log": Counter(
            f"{row.what} {row.reason if len(row.reason) < 16 else ''}".strip() for row in memory.log
        ),
        "endings": Counter(f"{r.level} {r.reason}" for r in memory.alerts if r.state == State.RESOLVED),
        "refires within a week": refires(memory.alerts),
        "told again within a week": told_again(memory.alerts),
        "answers": Counter(what.partition(": ")[2] for _, what in play.seen),
        "outbox": Counter(f"{row.kind} {row.status}" for row in memory.outbox),
        "cancelled": Counter(row.last_error for row in memory.outbox if row.status == "cancelled"),
    }


def _of_role(roles: Mapping[str, str], role: str) -> list[str]:
    return sorted(one for one, its in roles.items() if its == role)


def _owns(row: Row[Any], person: str) -> bool:
    return bool(row.owner_id == person)


def _weekly(posts: Iterable[Got], count=lambda _: 1) -> Counter[tuple[str, int]]:
    found: Counter[tuple[str, int]] = Counter()
    for one in posts:
        found[one.person, one.at.isocalendar().week] += count(one)
    return found


def _mean_max(
    found: Mapping[tuple[str, int], int], people: Sequence[str], weeks: set[tuple[int, int]]
) -> tuple[float, int]:
    mine = [number for (person, _), number in found.items() if person in people]
    return round(sum(mine) / max(len(people) * len(weeks), 1), 2), max(mine, default=0)


def _rolling(
    loud: Sequence[Got], people: Sequence[str], known: Mapping[str, Row[Any]], *, owns: bool
) -> Iterator[int]:
    """Alerts in any seven days up to each message."""
    for person in people:
        mine = [
            (one.at, sum(known[k].level == "P1" and _owns(known[k], person) == owns for k in one.alerts))
            for one in loud
            if one.person == person
        ]
        for at, _ in mine:
            yield sum(number for then, number in mine if at - WEEK < then <= at)


def _most_in_a_day(posts: Iterable[Got]) -> int:
    return max(Counter((one.person, one.at.date()) for one in posts).values(), default=0)


def _per_day(posts: Sequence[Got], people: Sequence[str], weeks: set[tuple[int, int]]) -> tuple[float, int]:
    found = Counter((one.person, one.at.date()) for one in posts if one.person in people)
    days = 5 * len(weeks)
    return round(sum(found.values()) / max(len(people) * days, 1), 2), max(found.values(), default=0)


def _chains(rows: Sequence[Row[Any]]) -> Iterator[tuple[Row[Any], Row[Any]]]:
    """Two alerts of one rule and subject, one after the other."""
    mine = defaultdict(list)
    for row in rows:
        mine[row.rule, row.subject_id].append(row)
    for several in mine.values():
        ordered = sorted(several, key=lambda row: (row.opened_on, row.key))
        yield from pairwise(ordered)


def refires(rows: Sequence[Row[Any]]) -> Counter[str]:
    """Alerts that ended and began again within a week, by level, rule and why the first ended."""
    return Counter(
        f"{b.level} {b.rule} after {a.reason or a.state}"
        for a, b in _chains(rows)
        if a.resolved_on and (b.opened_on - a.resolved_on).days <= SOON
    )


def told_again(rows: Sequence[Row[Any]]) -> Counter[str]:
    """The same, where somebody had a message of both."""
    return Counter(
        f"{b.rule} after {a.reason or a.state}"
        for a, b in _chains(rows)
        if a.resolved_on and a.told_on and b.told_on and (b.told_on - a.resolved_on).days <= SOON
    )


# ------------------------------------------------------------------ what must hold


async def broken(play: Play, memory: Memory, got: Sequence[Got]) -> list[str]:
    """Every promise that was not kept, as a sentence; [] when all were."""
    settings = play.work.settings
    known = {row.key: row for row in memory.alerts}
    people = memory.desk.people
    loud = [one for one in got if one.kind in ("alert", "escalation") and one.alerts]
    reps = [p for p, one in people.items() if one.role == "rep"]
    managers = [p for p, one in people.items() if one.role == "manager"]
    reviewed = {row.alert_key for row in memory.log if row.what == "review"}
    own = [one for one in loud if not set(one.alerts) & reviewed]
    found = []
    if max(_rolling(own, reps, known, owns=True), default=0) > settings.p1_per_week:
        found.append("a rep got more P1 than the budget in seven days")
    if max(_rolling(own, managers, known, owns=False), default=0) > settings.manager_per_week:
        found.append("a manager got more alerts than the budget in seven days")
    found += _twice(got, memory)
    found += [f"{one.person} was told {one.kind} at {one.at}" for one in got if not _is_open(one, memory)]
    found += _silent_told(memory, got)
    found += _edits(play, memory)
    found += _unlogged(memory)
    found += _endless(memory, store.current(play.work.home).as_of, settings.expire_days)
    found += await _unconsidered(play, memory)
    found += [
        f"{row.kind} {row.dedup_key} is {row.status}: {row.last_error}"
        for row in memory.outbox
        if row.status in ("dead", "parked", "sending")
    ]
    return found


def _twice(got: Sequence[Got], memory: Memory) -> Iterator[str]:
    days: Counter[tuple[str, date]] = Counter()
    for one in got:
        if one.kind == "digest":
            days[one.person, memory.desk.hours(one.person).local_day(one.at)] += 1
    yield from (
        f"{person} got {number} digests on {day}" for (person, day), number in days.items() if number > 1
    )
    told = Counter(
        (one.person, key) for one in got if one.kind in ("alert", "escalation") for key in one.alerts
    )
    yield from (f"{person} was told {n} times of {key}" for (person, key), n in told.items() if n > 1)


def _is_open(one: Got, memory: Memory) -> bool:
    return bool(memory.desk.hours(one.person).next_open(one.at) == one.at)


def _silent_told(memory: Memory, got: Sequence[Got]) -> Iterator[str]:
    silent = {row.key for row in memory.alerts if row.silent}
    yield from (
        f"silent {key} was told to {one.person}" for one in got for key in one.alerts if key in silent
    )
    listed = {(r.alert_key, r.person_id) for r in memory.log if r.what == "digest" and r.person_id}
    yield from (f"silent {key} was in a digest of {who}" for key, who in listed if key in silent)


def mentioned(memory: Memory) -> Counter[str]:
    """Deals kept silent that a message named while they were, by the kind of message."""
    silent = [row for row in memory.alerts if row.silent]
    return Counter(
        f"{_kind(row)} of a {memory.desk.people[row.recipient_id].role}"
        for row in memory.outbox
        if row.kind == "post" and row.status == "sent" and row.recipient_id in memory.desk.people
        for one in silent
        if one.opened_on <= row.created_at.date() <= (one.resolved_on or date.max)
        and one.subject_id in (row.blocks or "") + row.text
        and row.alert_key != one.key
    )


def _edits(play: Play, memory: Memory) -> Iterator[str]:
    """Every message shows what was said of it last."""
    shown = {
        one.metadata["event_payload"]["key"]: one.text
        for person in play.slack.workspace.people.values()
        if person.name != "dealcoach"
        for one in play.slack.direct(person.name).messages
        if one.by_bot and one.metadata and not one.thread_ts
    }
    last: dict[str, Row[Any]] = {}
    for row in memory.outbox:
        if row.kind in ("post", "update") and row.status not in ("cancelled", "dead"):
            last[row.chain] = row
    for chain, row in last.items():
        if row.status == "sent" and shown.get(boxes.mark(chain)) != row.text:
            yield f"{chain} does not show its last edit"


def _unlogged(memory: Memory) -> Iterator[str]:
    logged = {row.alert_key for row in memory.log}
    yield from (f"{row.key} is not in the log" for row in memory.alerts if row.key not in logged)
    ended = {row.alert_key for row in memory.log if row.what in ("resolved", "expired")}
    over = [row for row in memory.alerts if row.resolved_on]
    yield from (f"the end of {row.key} is not in the log" for row in over if row.key not in ended)


def _endless(memory: Memory, today: date, expire_days: int) -> Iterator[str]:
    """Alerts nobody acts on end: nothing told or listed is older than that, a snooze apart."""
    asleep = {(one.subject_id) for one in memory.desk.silences}
    for row in memory.alerts:
        waits = row.state in ("told", "acknowledged", "digest", "held", "silent", "review")
        age = (today - (row.told_on or row.opened_on)).days
        if waits and age > expire_days + FAST and row.subject_id not in asleep:
            yield f"{row.key} is {row.state} for {age} days"


async def _unconsidered(play: Play, memory: Memory) -> list[str]:
    """What holds now is an alert in memory, and what is open holds now."""
    from bot import past

    now = store.current(play.work.home)
    async with play.memory.read() as connection:
        rules = await rulebook.rules(connection, play.work.workspace, play.work.settings)
    chosen = [rule for rule in rules if rule.level in LEVELS]
    findings = alerts.findings(chosen, past.week_before(play.work.home, now), now)
    holding = {(one.rule, one.subject_id) for one in findings}
    rows = [row for row in memory.alerts if row.level in LEVELS]
    live = {(row.rule, row.subject_id): row for row in rows if row.resolved_on is None}
    spent = {(row.rule, row.subject_id) for row in rows if row.state == State.EXPIRED}
    over = [row.key for id, row in live.items() if id not in holding and not _lasts(row, now)]
    missing = [f"{one} holds and is no alert" for one in sorted(holding - live.keys() - spent)]
    return missing + [f"{key} is open and holds no more" for key in over]


def _lasts(row: Row[Any], now: Generation) -> bool:
    return alerts.lasts(FINDING.validate_json(row.facts), now)
