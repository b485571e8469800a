"""Rules about owners and two generations -> findings: reps whose deals nobody touched for days."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np

from analytics.alerts import judge
from analytics.alerts.board import Board
from analytics.alerts.deals import UNITS, limit
from analytics.alerts.rules import METRICS, Rule, Subject
from analytics.answers.mint import Mint, mint_of
from analytics.facts import Fact, Finding
from analytics.generation import PersonRow
from analytics.store import BookRow, Generation


class Book(NamedTuple):
    """The open deals of a rep, and the last day on which any of them showed a sign of life."""

    row: BookRow
    last_day: int | None  # None where no deal has an activity feed


def found(rules: Iterable[Rule], before: Generation | None, now: Generation) -> list[Finding]:
    """The reps that rules about owners hold for.

    A rep is quiet when none of their deals had an activity, moved, was created or closed. Days are counted
    up to the last on which the feed told anything of anybody: a feed that stopped is not a quiet rep.

    Returns:
        In the order of the rules, the longest quiet first, then by id.
    """
    about = [rule for rule in rules if rule.subject is Subject.OWNER]
    if not about:
        return []
    books = _books(before, now)
    board = _board(books, now, {one.dimension for rule in about for one in rule.filters})
    people = {person.person_id: person for person in now.people()}
    return [
        _finding(rule, books[place], place, board, people, now)
        for rule in about
        for place in sorted(judge.holding(rule, board).nonzero()[0].tolist(), key=_longest_first(board))
    ]


def _longest_first(board: Board) -> "_Rank":
    return _Rank(board)


@dataclass(frozen=True, slots=True)
class _Rank:
    board: Board

    def __call__(self, place: int) -> tuple[float, int]:
        return -float(self.board.columns["owner_quiet_days"][place]), place


def _books(before: Generation | None, now: Generation) -> list[Book]:
    """The reps who own an open deal, by id."""
    closed = _last_close(before, now)
    return [Book(row, _last_day(row, closed.get(row.rep_id))) for row in now.books()]


def _last_day(row: BookRow, closed: int | None) -> int | None:
    if row.last_activity_day is None:
        return None
    days = (row.last_activity_day, row.stage_since_day, row.created_day, closed)
    return max(day for day in days if day is not None)


def _last_close(before: Generation | None, now: Generation) -> dict[str, int]:
    """By rep, when a deal that was open a week before was closed last."""
    found: dict[str, int] = {}
    if before is None:
        return found
    for deal_id in before.open_ids() - now.open_ids():
        row = now.deal(deal_id)
        if row is not None and row.close_day is not None:
            found[row.rep_id] = max(found.get(row.rep_id, 0), row.close_day)
    return found


def _board(books: list[Book], now: Generation, dimensions: Iterable[str]) -> Board:
    newest = max((book.last_day for book in books if book.last_day is not None), default=None)
    return Board(
        {
            "owner_quiet_days": np.array([_quiet(book, newest, now.as_of) for book in books], dtype=float),
            "owner_open_deals": np.array([book.row.deals for book in books], dtype=float),
        },
        {name: np.array([getattr(book.row, name) for book in books], np.str_) for name in dimensions},
    )


def _quiet(book: Book, newest: int | None, as_of: date) -> float:
    """Working days since the last sign of life, up to the last day that anybody's deals showed one."""
    if book.last_day is None or newest is None:
        return np.nan
    until = min(newest, as_of.toordinal())
    return float(working_days(book.last_day, until))


def working_days(after: int, until: int) -> int:
    """Mondays to Fridays after a day, up to another and with it.

    >>> working_days(date(2024, 6, 28).toordinal(), date(2024, 7, 2).toordinal())  # Friday to Tuesday
    2
    """
    first, last = (np.datetime64(date.fromordinal(day + 1), "D") for day in (after, max(after, until)))
    return int(np.busday_count(first, last))


def _finding(
    rule: Rule, book: Book, place: int, board: Board, people: Mapping[str, PersonRow], now: Generation
) -> Finding:
    owner, mint = people.get(book.row.rep_id), mint_of(now)
    facts = [_figure(metric, column[place], book, mint) for metric, column in board.columns.items()]
    limits = [limit(rule.id, condition, mint, now.currency) for condition in rule.conditions]
    return Finding(
        rule=rule.id,
        level=rule.level,
        subject=rule.subject,
        subject_id=book.row.rep_id,
        title=rule.title,
        names={"owner": (owner.name if owner else None) or book.row.rep_id},
        owner_id=book.row.rep_id,
        manager_id=(owner.manager_id if owner else None) or "",
        causes=tuple(m for m, over in judge.causes(rule, board).items() if over[place]),
        figures={fact.metric: fact for fact in (*facts, *limits)},
        as_of=now.as_of,
        generation=now.id,
    )


def _figure(metric: str, value: float, book: Book, mint: Mint) -> Fact:
    unit, _ = UNITS[METRICS[metric].unit]
    return mint.fact(metric, None if value != value else int(value), unit, f"rep={book.row.rep_id}")
