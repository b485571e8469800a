"""Who sells and to whom: people, their quotas, and the accounts with their region and industry."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice, product

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.sample import days, draws, market
from data.sample.days import Floats, Ints
from data.sample.names import ACCOUNT_FIRST, ACCOUNT_SECOND, ACCOUNT_THIRD, FIRST_NAMES, LAST_NAMES, TEAMS

_WON_PER_DEAL = 0.33  #: about; for quotas only, which must not know who really won


@dataclass(frozen=True, slots=True)
class Person:
    """One row of the people table."""

    person_id: str
    name: str
    email: str
    role: str
    manager_id: str | None
    team: str | None


@dataclass(frozen=True, slots=True)
class Company:
    """Everything that is decided before the first deal is drawn.

    `rep_ids`, `rep_team` and `rep_shares` are aligned; `account_region` and `account_industry` hold codes.
    """

    people: tuple[Person, ...]
    rep_ids: tuple[str, ...]
    rep_team: Ints
    rep_shares: Floats
    star: int
    account_region: Ints
    account_industry: Ints

    @property
    def teams(self) -> int:
        """How many teams there are."""
        return int(self.rep_team.max()) + 1


def found(deals: int, seed: int) -> Company:
    """The company for a CRM of so many deals. The people are the same for every seed."""
    rng = draws.stream(seed, 0)
    reps, teams, accounts = max(25, deals // 2000), max(4, deals // 16_000), max(60, deals // 3)
    star = int(rng.random() * reps)
    loads = 0.8 + 0.4 * rng.random(reps)
    loads[star] = market.BETTER_REP_LOAD
    return Company(
        people=_people(reps, teams),
        rep_ids=_rep_ids(reps),
        rep_team=np.arange(reps) % teams,
        rep_shares=loads / np.cumsum(loads)[-1],
        star=star,
        account_region=draws.pick(rng.random(accounts), list(market.REGIONS.values())),
        account_industry=draws.pick(rng.random(accounts), list(market.INDUSTRIES.values())),
    )


def _people(reps: int, teams: int) -> tuple[Person, ...]:
    """The CRO, the ops person, the managers and their reps, who are dealt to the teams in turn."""
    names = _full_names(reps + teams + 2)
    managers = [f"mgr_{number:02d}" for number in range(1, teams + 1)]
    labels = [_team_name(number) for number in range(teams)]
    leaders = zip(managers, names[reps:-2], labels, strict=True)
    return (
        _person("cro_01", names[-2], "cro", None, None),
        _person("ops_01", names[-1], "ops", "cro_01", None),
        *(_person(manager, name, "manager", "cro_01", label) for manager, name, label in leaders),
        *(
            _person(rep, names[index], "rep", managers[index % teams], labels[index % teams])
            for index, rep in enumerate(_rep_ids(reps))
        ),
    )


def _person(person_id: str, name: str, role: str, manager_id: str | None, team: str | None) -> Person:
    email = f"{name.lower().replace(' ', '.')}@example.com"
    return Person(person_id, name, email, role, manager_id, team)


def _rep_ids(reps: int) -> tuple[str, ...]:
    return tuple(f"rep_{number:02d}" for number in range(1, reps + 1))


def _full_names(count: int) -> list[str]:
    """So many different names, first names in turn: Priya Quillon, Dana Marbury, ..."""
    pairs = product(range(len(LAST_NAMES)), range(len(FIRST_NAMES)))
    chosen = islice(pairs, count)
    return [f"{FIRST_NAMES[first]} {LAST_NAMES[(first + turn) % len(LAST_NAMES)]}" for turn, first in chosen]


def _team_name(number: int) -> str:
    turn, index = divmod(number, len(TEAMS))
    return TEAMS[index] if turn == 0 else f"{TEAMS[index]} {turn + 1}"


def account_names(accounts: Ints, industry: Ints) -> pa.Array:
    """The accounts' names, whose second word fits the industry: Northwind Foods, Mossbank Clinics North."""
    kinds = len(ACCOUNT_SECOND["Retail"])
    rest, first = np.divmod(accounts, len(ACCOUNT_FIRST))
    rest, second = np.divmod(rest, kinds)
    series, third = np.divmod(rest, len(ACCOUNT_THIRD) + 1)
    seconds = [word for label in market.INDUSTRIES for word in ACCOUNT_SECOND[label]]
    numbers = [str(number) for number in range(2, int(series.max(initial=0)) + 2)]
    return pc.binary_join_element_wise(
        _words(ACCOUNT_FIRST, first),
        _words(seconds, industry * kinds + second),
        _words(ACCOUNT_THIRD, third - 1),
        _words(numbers, series - 1),
        " ",
        null_handling="skip",
    )


def _words(words: Sequence[str], codes: Ints) -> pa.Array:
    """One word per code; none for a negative one."""
    return pa.array(words, pa.string()).take(pa.array(codes, mask=codes < 0))


def quotas(company: Company, deals: int, as_of: date, seed: int) -> list[tuple[str, str, int]]:
    """One (rep, quarter, whole dollars) for each quarter of the history, the running one and the next."""
    rng = draws.stream(seed, 1)
    quarters = [days.quarter_label(days.quarter_start(as_of, back)) for back in range(9, -2, -1)]
    won_per_quarter = deals * _WON_PER_DEAL * market.MEAN_AMOUNT * 91 / market.HISTORY_DAYS
    stretch = 0.9 + 0.4 * rng.random((len(company.rep_ids), len(quarters)))
    usual = np.floor(company.rep_shares[:, None] * won_per_quarter * stretch / 5_000) * 5_000
    return [
        (rep, quarter, max(5_000, int(usual[row, column])))
        for row, rep in enumerate(company.rep_ids)
        for column, quarter in enumerate(quarters)
    ]
