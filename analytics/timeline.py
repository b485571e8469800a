"""The state of every deal on any day, from its events; without events, from its dates, and it says so.

What is known of a deal on a day, in this order: the last change by that day; the old value of the first
change after it; the deal's row, where that cannot have been learned later. From the day of the load on, the
row counts as it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import pyarrow as pa

from analytics.engine import Engine, Runs, statement
from analytics.questions import AMOUNT_BANDS

#: Open deals by stage and age: more than one in a row as well.
PEERS = """
    SELECT stage_number, age_days, 1 AS deals FROM state
    WHERE outcome = 'open' AND stage_number IS NOT NULL"""
CHANGES = ("telling_change", "told", "last_activity")
FEW_VALUES = (
    "outcome",
    "stage",
    "currency",
    "rep_id",
    "team",
    "region",
    "industry",
    "product",
    "lead_source",
    "deal_type",
    "amount_band",
    "history",
)


def build(engine: Runs) -> None:
    """Make table `state`, one row per deal created by the day of the run, and `momentum` of the open ones."""
    survey(engine)
    follow(engine)


def survey(engine: Runs) -> None:
    """Make table `feeds`: what the source tells at all, which takes a look at every deal."""
    engine.make("feeds", statement("feeds"))


def feeds(engine: Runs) -> dict[str, int | None]:
    """The one row of `feeds`, by column."""
    names = (
        "stages",
        "close_dates",
        "activities",
        "currencies",
        "close_dates_day",
        "amounts_day",
        "activities_day",
        "one_in",
    )
    return dict(zip(names, engine.rows(f"SELECT {', '.join(names)} FROM feeds")[0], strict=True))


@contextmanager
def surveyed(engine: Engine, told: Mapping[str, int | None]) -> Iterator[None]:
    """Let an engine that sees a few deals only take for granted what `feeds` tells of all."""
    with engine.given("feeds", known(told)):
        yield


def known(told: Mapping[str, int | None]) -> dict[str, pa.Array]:
    """The one row of `feeds`, as `feeds` tells it, by column."""
    return {name: pa.array([value], pa.int32()) for name, value in told.items()}


def follow(engine: Runs, others: str = "") -> None:
    """Make the tables of the deals the engine sees, which may be a few of those that were surveyed.

    `others` is a statement that counts open deals it does not see by stage number and age in days.
    """
    for step in CHANGES:
        engine.make(step, statement(step))
    engine.make("state", statement("state", amount_bands=band_of("k.amount_then")), coded=FEW_VALUES)
    engine.make("momentum", momentum(others))
    for step in ("telling_change", "told"):
        engine.drop(step)


def momentum(others: str = "") -> str:
    """The statement that ranks the open deals of table `state` among themselves and among `others`."""
    peers = " UNION ALL ".join(filter(None, (PEERS, others)))
    return statement("momentum", ranks=statement("ranks", peers=peers))


def band_of(cents: str, bands: Sequence[tuple[int | None, str]] = AMOUNT_BANDS) -> str:
    """The branches of a CASE that name the band of an amount in cents; a band ends below its upper end.

    >>> band_of("amount_cents", [(10, "under 10"), (None, "10 and more")])
    "WHEN amount_cents < 1000 THEN 'under 10' ELSE '10 and more'"
    """
    return " ".join(
        f"ELSE '{label}'" if end is None else f"WHEN {cents} < {end * 100} THEN '{label}'"
        for end, label in bands
    )
