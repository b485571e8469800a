"""The published generation: opened read-only, asked one query per question, answering with plain rows.

    StoreError
    |-- NoStore              nothing was ever refreshed
    |-- NoSuchDimension      a dimension that deals do not have
    |-- NoSuchCut            a filter by something that a table was not kept by
    |-- CorruptGeneration    the file is damaged, incomplete or from another version
    |-- EngineError          the loaded tables cannot be worked on (analytics.engine)
    `-- StoreNotWritable     the disk is full or read-only

A reader sees one whole generation for as long as it holds the `Generation`, even when newer ones are
published meanwhile or its file is cleared away.
"""

import json
import re
import sqlite3
import threading
import weakref
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from analytics import cells
from analytics.cells import Cut, Query
from analytics.generation import (
    SCHEMA_VERSION,
    SEGMENTS,
    AgeRow,
    ClockRow,
    DealRow,
    DueRow,
    FateRow,
    Meta,
    MoveRow,
    PersonRow,
    QualityRow,
    QuotaRow,
    ScoreRow,
)
from analytics.questions import ALL_TIME, EVERYONE, Filter, Period, Scope
from data.mendable import Mendable

POINTER = "CURRENT"


class StoreError(Mendable):
    """The analytics store cannot answer."""


class NoStore(StoreError):
    """Nothing was ever refreshed into this folder."""


class NoSuchDimension(StoreError):
    """A dimension that deals do not have."""


class NoSuchCut(StoreError):
    """A filter by something that a table was not kept by."""


class CorruptGeneration(StoreError):
    """The file is damaged, incomplete or from another version."""


class StoreNotWritable(StoreError):
    """The disk is full or read-only."""


class CellRow(NamedTuple):
    """Closed deals of one combination of values."""

    values: tuple[str, ...]
    deals: int
    won: int
    amount_cents: int  # main currency only
    won_amount_cents: int


class HistogramRow(NamedTuple):
    """Closed deals of a value that took `days` from created to closed."""

    value: str
    days: int
    won: int
    lost: int


class StandingRow(NamedTuple):
    """An open deal as it stands."""

    deal_id: str
    amount_cents: int | None
    in_main_currency: int
    win_probability: float | None


class BookRow(NamedTuple):
    """The open deals of one owner: how many, and the last days on which any of them showed a sign of life."""

    rep_id: str
    team: str
    deals: int
    last_activity_day: int | None
    stage_since_day: int | None
    created_day: int


class Effort(NamedTuple):
    """Sums over deals open on a day of a period: their days in it, what was won, and the squares."""

    deals: float
    closed: float  # in the period, like `won` and `amount`
    won: float
    days: float
    days_squared: float
    amount: float  # whole units of the main currency
    amount_squared: float
    amount_days: float  # amount x days


def folder(home: Path) -> Path:
    """Where generations lie."""
    return home / "generations"


def current(home: Path) -> "Generation":
    """The generation published last.

    Raises:
        NoStore: nothing was refreshed yet.
        CorruptGeneration: the pointer leads nowhere, or to a file that is no generation.
    """
    pointer = folder(home) / POINTER
    try:
        name = pointer.read_text(errors="replace").strip()
    except FileNotFoundError:
        raise NoStore(f"No numbers in {str(home)!r} yet. Make them: `dealcoach refresh`.") from None
    if not re.fullmatch(r"[\w-]{1,99}", name):
        raise CorruptGeneration(f"{str(pointer)!r} names no generation. Make a new one: `dealcoach refresh`.")
    return opened(folder(home) / f"{name}.sqlite")


def kept(home: Path) -> "list[Generation]":
    """The numbered generations still on the shelf, oldest first; those that cannot be read are left out."""
    found: list[Generation] = []
    for path in sorted(folder(home).glob("g*.sqlite"), key=_number):
        with suppress(CorruptGeneration):  # cleared away meanwhile, or written by another version
            found.append(opened(path))
    return found


def replays(home: Path) -> "list[Generation]":
    """The past days that were replayed and can be read."""
    found: list[Generation] = []
    for path in sorted((folder(home) / "asof").glob("asof-*.sqlite")):
        with suppress(CorruptGeneration):
            found.append(opened(path))
    return found


def _number(path: Path) -> int:
    return int(re.sub(r"^g(\d+).*", r"\1", path.stem))


def asof(home: Path, day: date, load_id: str | None = None) -> "Generation | None":
    """The generation that replays a past day of a load (default: the current one's), if it was built."""
    path = asof_path(home, day, load_id or current(home).load_id)
    return opened(path) if path.exists() else None


def asof_path(home: Path, day: date, load_id: str) -> Path:
    """Where the replay of a day lies, built or not."""
    return folder(home) / "asof" / f"{replay_name(day, load_id)}.sqlite"


def replay_name(day: date, load_id: str) -> str:
    """What the replay of a day of a load is called."""
    return f"asof-{day.isoformat()}-{load_id}"


def opened(path: Path) -> "Generation":
    """The generation in a file; the same object as long as the file is the same."""
    try:
        found = path.stat()
    except FileNotFoundError:
        raise CorruptGeneration(
            f"The generation {path.name!r} is missing. Make a new one: `dealcoach refresh`."
        ) from None
    return _generation(path, (found.st_ino, found.st_mtime_ns))


@lru_cache(maxsize=16)
def _generation(path: Path, _version: tuple[int, int]) -> "Generation":
    return Generation(path)


class Generation:
    """One immutable generation file, open for reading; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        """Open the file and read what it says about itself."""
        self.path = path
        self._turn = threading.Lock()
        self._connection = _connect(path)
        weakref.finalize(self, self._connection.close)
        self._remembered = lru_cache(maxsize=512)(self._fetch)
        self.meta = self._read_meta()
        self.id = self.meta.generation
        self.as_of = self.meta.as_of
        self.load_id = self.meta.load_id
        self.currency = self.meta.currency
        self.stages = self.meta.stages
        self.main_deal_type = self.meta.main_deal_type
        self.deal_types = self.meta.deal_types
        self.first_close_day = self.meta.first_close_day
        self.last_created_day = self.meta.last_created_day
        self.has_events = self.meta.has_events
        self.has_activities = self.meta.has_activities

    def cells(
        self,
        dimensions: tuple[str, ...],
        filters: tuple[Filter, ...],
        period: Period,
        deal_type: str | None,
        scope: Scope,
    ) -> list[CellRow]:
        """Closed deals in scope by up to any number of dimensions; `deal_type` None pools every kind.

        Returns:
            One row per combination of values that has a closed deal, in order of the values (months and
            quarters in order of time). No dimension: one row, or none when no deal closed.
        """
        cut = Cut(dimensions, filters, period, deal_type, scope)
        _check(*dimensions, *(f.dimension for f in filters))
        cube = self.first_close_day and cells.from_cube(cut, self.first_close_day, self.as_of)
        return self._cells(cut, cube or cells.from_deals(cut))

    def effort(
        self, filters: tuple[Filter, ...], period: Period, deal_type: str | None, scope: Scope
    ) -> Effort:
        """Work and winnings of the deals in scope that were open on a day of the period."""
        _check(*(f.dimension for f in filters))
        return Effort(*self._remembered(cells.effort(Cut((), filters, period, deal_type, scope)))[0])

    def cohort(
        self,
        dimensions: tuple[str, ...],
        filters: tuple[Filter, ...],
        period: Period,
        deal_type: str | None,
        scope: Scope,
        age: int,
    ) -> list[CellRow]:
        """Deals created in a period and closed within `age` days, by the same rules as `cells`."""
        cut = Cut(dimensions, filters, ALL_TIME, deal_type, scope)
        _check(*dimensions, *(f.dimension for f in filters))
        return self._cells(cut, cells.from_deals(cut, *cells.of_cohort(period, age)))

    def in_other_currencies(
        self, filters: tuple[Filter, ...], period: Period, deal_type: str | None, scope: Scope
    ) -> int:
        """Closed deals in scope whose amount is in no sum of money: it is in another currency."""
        everything = Cut((), (), ALL_TIME, None, EVERYONE)
        if not self._cells(everything, cells.uncounted(everything)):
            return 0
        asked = Cut((), filters, period, deal_type, scope)
        return sum(row.deals for row in self._cells(asked, cells.uncounted(asked)))

    def histogram(self, dimension: str, deal_type: str | None, scope: Scope) -> list[HistogramRow]:
        """Sales cycles of closed, not backdated deals in scope for each value of a segment dimension.

        Returns:
            One row per value and number of days, in that order; dimension "" gives all deals as value "".
        """
        if dimension:
            _check(dimension)
        query = _cycles(dimension, deal_type) if scope.everyone else _cycles_of(dimension, deal_type, scope)
        return [HistogramRow(*row) for row in self._remembered(query)]

    def cycle_days(
        self, filters: tuple[Filter, ...], period: Period, deal_type: str | None, scope: Scope
    ) -> list[tuple[int, int]]:
        """How many closed, not backdated deals in scope took so many days, in rising order of days."""
        _check(*(f.dimension for f in filters))
        query = cells.by_cycle(Cut((), filters, period, deal_type, scope))
        return [(days, deals) for days, deals, *_ in self._remembered(query)]

    def average_open(
        self, filters: tuple[Filter, ...], period: Period, deal_type: str | None, scope: Scope
    ) -> float | None:
        """How many deals in scope were open on a day of the period so far; None when it has no day yet.

        All time begins with the first close.
        """
        _check(*(f.dimension for f in filters))
        first = period.start or self.first_close_day
        last = min(period.end or self.as_of, self.as_of)
        if first is None or last < first:
            return None
        start, end = first.toordinal(), last.toordinal() + 1
        query = cells.days_open(Cut((), filters, ALL_TIME, deal_type, scope), start, end)
        ((days,),) = self._remembered(query)
        return (days or 0) / (end - start)

    def ages(self, deal_type: str | None) -> list[AgeRow]:
        """How old deals of a kind of business (None: each) were when they closed, and open ones are."""
        kind = "" if deal_type is None else " WHERE deal_type = ?"
        given = () if deal_type is None else (deal_type,)
        query = Query(f"SELECT * FROM ages{kind} ORDER BY deal_type, days", given)
        return [AgeRow(*row) for row in self._remembered(query)]

    def stage_clock(self) -> list[ClockRow]:
        """How long won deals stayed in each stage, visit by visit; empty without stage events."""
        return [ClockRow(*row) for row in self._remembered(Query("SELECT * FROM stage_clock"))]

    def fates(self, deal_type: str, stage: str, age_band: int | None = None) -> list[FateRow]:
        """How deals seen in a stage, at any age or in one of `AGE_BANDS`, ended after so many days."""
        condition, given = ("", ()) if age_band is None else (" AND age_band = ?", (age_band,))
        text = f"SELECT * FROM landmarks WHERE deal_type = ? AND stage = ?{condition} ORDER BY age_band, days"
        return [FateRow(*row) for row in self._remembered(Query(text, (deal_type, stage, *given)))]

    def stage_moves(
        self, deal_type: str | None, period: Period, filters: tuple[Filter, ...], scope: Scope
    ) -> list[MoveRow]:
        """What became of deals that entered a stage, in the quarters that a period touches.

        Kept by stage, owner and kind of business only: a row per visit would be larger than the deals.

        Raises:
            NoSuchCut: a filter by anything else.
        """
        query = _kept_by("stage_moves", deal_type, period, filters, scope)
        return [MoveRow(*row) for row in self._remembered(query)]

    def due(
        self, deal_type: str | None, period: Period, filters: tuple[Filter, ...], scope: Scope
    ) -> list[DueRow]:
        """Deals due in the quarters that a period touches, and how many slipped; kept as `stage_moves` is.

        Empty without a history of close dates.
        """
        query = _kept_by("due", deal_type, period, filters, scope)
        return [DueRow(*row) for row in self._remembered(query)]

    def quotas(self, scope: Scope = EVERYONE) -> list[QuotaRow]:
        """Quotas of the people in scope, by person and quarter; empty when the CRM tells none."""
        within, given = _within(scope, column="person_id")
        query = Query(f"SELECT * FROM quotas{within} ORDER BY person_id, period", given)
        return [QuotaRow(*row) for row in self._remembered(query)]

    def deal(self, deal_id: str) -> DealRow | None:
        """The deal as it was known, whoever owns it: the caller checks the scope of the reader."""
        found = self._fetch(Query("SELECT * FROM deals WHERE deal_id = ?", (deal_id,)))
        return DealRow(*found[0]) if found else None

    def deal_ids(self, scope: Scope) -> list[str]:
        """Ids of the deals in scope, in order."""
        within, given = _within(scope)
        return [row[0] for row in self._fetch(Query(f"SELECT deal_id FROM deals{within} ORDER BY 1", given))]

    def deal_names(self, scope: Scope) -> list[tuple[str, str, str]]:
        """Id, name and account of the deals in scope, open ones first; "" for what the CRM leaves empty."""
        within, given = _within(scope)
        columns = "deal_id, coalesce(name, ''), coalesce(account, '')"
        query = Query(f"SELECT {columns} FROM deals{within} ORDER BY outcome <> 'open', deal_id", given)
        return [(deal_id, name, account) for deal_id, name, account in self._fetch(query)]

    def open_deals(self, scope: Scope = EVERYONE) -> list[DealRow]:
        """Open deals in scope, by id."""
        within, given = _within(scope, "outcome = 'open'")
        query = Query(f"SELECT * FROM deals{within} ORDER BY deal_id", given)
        return list(map(DealRow._make, self._fetch(query)))

    def standing(self) -> list[StandingRow]:
        """What the open deals are worth and how likely they are won, by id; a fraction of `open_deals`."""
        text = (
            "SELECT deal_id, amount_cents, in_main_currency, win_probability"
            " FROM deals LEFT JOIN scores USING (deal_id) WHERE outcome = 'open' ORDER BY deal_id"
        )
        return list(map(StandingRow._make, self._fetch(Query(text))))

    def open_ids(self) -> set[str]:
        """Ids of the open deals."""
        return {row[0] for row in self._fetch(Query("SELECT deal_id FROM deals WHERE outcome = 'open'"))}

    def books(self) -> list[BookRow]:
        """What the owners of open deals own, by owner."""
        text = (
            "SELECT rep_id, MAX(team), COUNT(*), MAX(last_activity_day), MAX(stage_since_day),"
            " MAX(created_day) FROM deals WHERE outcome = 'open' GROUP BY rep_id ORDER BY rep_id"
        )
        return list(map(BookRow._make, self._fetch(Query(text))))

    def peers(self) -> list[tuple[int, int, int]]:
        """How many open deals there are of each stage number and age in days."""
        text = (
            "SELECT stage_number, age_days, COUNT(*) FROM deals"
            " WHERE outcome = 'open' AND stage_number IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2"
        )
        return [(number, days, deals) for number, days, deals in self._remembered(Query(text))]

    def tells_next_steps(self) -> bool:
        """Is there an open deal with a next step?"""
        text = "SELECT EXISTS (SELECT 1 FROM deals WHERE outcome = 'open' AND next_step > '')"
        return bool(self._remembered(Query(text))[0][0])

    def score(self, deal_id: str) -> ScoreRow | None:
        """What the models say of a deal, whoever owns it; None for a closed one."""
        found = self._fetch(Query("SELECT * FROM scores WHERE deal_id = ?", (deal_id,)))
        return ScoreRow(*found[0]) if found else None

    def scores(self, scope: Scope = EVERYONE) -> list[ScoreRow]:
        """What the models say of the open deals in scope, by id."""
        within, given = _within(scope)
        query = Query(f"SELECT * FROM scores{within} ORDER BY deal_id", given)
        return list(map(ScoreRow._make, self._fetch(query)))

    def model(self) -> dict[str, Any]:
        """What is known of the models: `id`, `card`, `forecast` and more; empty without any."""
        found = self._remembered(Query("SELECT key, value FROM model WHERE key <> 'fitted'"))
        return {key: json.loads(value) for key, value in found}

    def models(self) -> dict[str, str]:
        """The same as it was kept, each value as JSON, with the win-probability model itself, `fitted`."""
        return dict(self._fetch(Query("SELECT key, value FROM model WHERE key <> 'history' ORDER BY key")))

    def values(self, dimension: str, scope: Scope) -> list[str]:
        """Values that a dimension takes among the deals in scope, in order."""
        _check(dimension)
        if dimension in cells.TIME:
            rows = self.cells((dimension,), (), Period(None, None, ""), None, scope)
            return [row.values[0] for row in rows]
        return [row[0] for row in self._remembered(_values(dimension, scope))]

    def people(self) -> list[PersonRow]:
        """Everyone the CRM knows, by id."""
        query = Query("SELECT * FROM people ORDER BY person_id")
        return [PersonRow(*row) for row in self._remembered(query)]

    def quality(self) -> list[QualityRow]:
        """The data scorecard, in its order."""
        return [QualityRow(*row) for row in self._remembered(Query("SELECT * FROM quality ORDER BY rowid"))]

    def _cells(self, cut: Cut, query: Query) -> list[CellRow]:
        wide = len(cut.dimensions)
        rows = (row for row in self._remembered(query) if row[wide])
        return [CellRow(tuple(map(cells.label, cut.dimensions, row[:wide])), *row[wide:]) for row in rows]

    def _fetch(self, query: Query) -> list[Any]:
        with self._turn:
            try:
                return self._connection.execute(query.sql, query.parameters).fetchall()
            except sqlite3.DatabaseError as problem:
                raise _corrupt(self.path, problem) from problem

    def _read_meta(self) -> Meta:
        found = dict(self._fetch(Query("SELECT key, value FROM meta")))
        if found.get("schema_version") != str(SCHEMA_VERSION):
            raise _corrupt(self.path, f"schema version {found.get('schema_version')!r}")
        try:
            return read_meta(found)
        except (KeyError, ValueError) as problem:
            raise _corrupt(self.path, problem) from problem


def read_meta(found: Mapping[str, str]) -> Meta:
    """The rows of the `meta` table as typed values."""
    return Meta(
        generation=found["generation"],
        as_of=date.fromisoformat(found["as_of"]),
        load_id=found["load_id"],
        schema_version=int(found["schema_version"]),
        currency=found["currency"],
        stages=tuple(json.loads(found["stages"])),
        main_deal_type=found["main_deal_type"],
        deal_types=json.loads(found["deal_types"]),
        first_close_day=_day(found["first_close_day"]),
        last_created_day=_day(found["last_created_day"]),
        has_events=found["has_events"] == "1",
        has_activities=found["has_activities"] == "1",
        feeds=json.loads(found["feeds"]),
        code=found["code"],
        deals=int(found["deals"]),
        closed=int(found["closed"]),
        won=int(found["won"]),
        open=int(found["open"]),
        checksum=found["checksum"],
    )


def _connect(path: Path) -> sqlite3.Connection:
    address = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
    try:
        return sqlite3.connect(address, uri=True, check_same_thread=False)
    except sqlite3.OperationalError as problem:
        raise _corrupt(path, problem) from problem


def _corrupt(path: Path, problem: object) -> CorruptGeneration:
    return CorruptGeneration(
        f"The generation {path.name!r} cannot be read ({problem}). Make a new one: `dealcoach refresh`."
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _check(*dimensions: str) -> None:
    for dimension in dimensions:
        if dimension not in SEGMENTS and dimension not in cells.TIME:
            known = ", ".join((*SEGMENTS, *cells.TIME))
            raise NoSuchDimension(f"Deals have no dimension {dimension!r}. They have {known}.")


def _within(scope: Scope, *conditions: str, column: str = "rep_id") -> tuple[str, tuple[str, ...]]:
    """The WHERE clause that keeps to a scope and to further conditions, and its parameters."""
    kept, given = list(conditions), []
    if not scope.everyone:
        condition, parameter = cells.one_of(column, sorted(scope.rep_ids))
        kept.append(condition)
        given.append(parameter)
    return (f" WHERE {' AND '.join(kept)}" if kept else ""), tuple(given)


#: What filters may name of a table that counts deals by quarter, and its column.
KEPT_BY = {
    "stage_moves": {"rep": "rep_id", "deal_type": "deal_type", "stage": "stage"},
    "due": {"rep": "rep_id", "deal_type": "deal_type"},
}


def _kept_by(
    table: str, deal_type: str | None, period: Period, filters: tuple[Filter, ...], scope: Scope
) -> Query:
    """The rows of a table by quarter, of the quarters that a period touches."""
    conditions: list[str] = []
    given: list[str] = []
    for name, values in ((f.dimension, f.values) for f in filters):
        if name not in KEPT_BY[table]:
            known = ", ".join(sorted(KEPT_BY[table]))
            raise NoSuchCut(
                f"Moves between stages and due dates are not kept by {name}. They are by {known}."
            ).called("not_kept_by", dimension=name, known=known)
        condition, parameter = cells.one_of(KEPT_BY[table][name], values)
        conditions.append(condition)
        given.append(parameter)
    first, last = (cells.quarter_of(day) if day else None for day in (period.start, period.end))
    for quarter, sign in ((first, ">="), (last, "<=")):
        if quarter is not None:
            conditions.append(f"quarter {sign} {quarter}")
    if deal_type is not None:
        conditions.append("deal_type = ?")
        given.append(deal_type)
    within, scoped = _within(scope, *conditions)
    return Query(f"SELECT * FROM {table}{within}", (*given, *scoped))


def _cycles(dimension: str, deal_type: str | None) -> Query:
    kind, given = ("", ()) if deal_type is None else (" AND deal_type = ?", (deal_type,))
    return Query(
        f"SELECT value, days, SUM(won), SUM(lost) FROM cycles WHERE dimension = ?{kind}"
        " GROUP BY value, days ORDER BY value, days",
        (dimension, *given),
    )


def _cycles_of(dimension: str, deal_type: str | None, scope: Scope) -> Query:
    conditions = ["outcome <> 'open'", "backdated = 0"]
    within, given = _within(scope, *conditions, *([] if deal_type is None else ["deal_type = ?"]))
    value = cells.of_deal(dimension) if dimension else "''"
    return Query(
        f"SELECT {value} AS value, cycle_days, SUM(outcome = 'won'), SUM(outcome = 'lost') FROM deals{within}"
        " GROUP BY 1, 2 ORDER BY 1, 2",
        (*(() if deal_type is None else (deal_type,)), *given),
    )


def _values(dimension: str, scope: Scope) -> Query:
    value = cells.of_deal(dimension)
    if not scope.everyone:
        within, given = _within(scope)
        return Query(f"SELECT DISTINCT {value} FROM deals{within} ORDER BY 1", given)
    return Query(
        "SELECT DISTINCT value_1 FROM cube WHERE dimension_1 = ? AND dimension_2 = ''"
        f" UNION SELECT {value} FROM deals WHERE outcome = 'open' ORDER BY 1",
        (dimension,),
    )
