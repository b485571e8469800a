"""The deals of an experiment, told of or silent by lot -> whether telling moves them, and what is missing."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from analytics.answers.mint import Mint
from analytics.facts import Effect, Fact, Impact, Note, Unit
from analytics.impact import arms
from analytics.impact.arms import Arm, Gap
from analytics.verdict import FEWEST

MOVED, WON = "moved", "won"
WON_WITHIN = 90  #: days from an alert in which a win counts. Source: ours, a quarter
PACE_WEEKS = 8  #: weeks from which the pace of new deals is taken
POINTS_MOST = 20  #: weeks of the course that are kept, as many as a chart of Slack's holds
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What was agreed on before the first alert of the experiment, and holds to its end."""

    start: date
    share: Decimal  # of the deals, kept silent
    seed: str  # of the lot
    effect: Decimal  # fraction: the difference that is looked for
    planned: int  # deals of both arms that show it in 80 of 100 experiments
    horizon_days: int  # within which a move counts
    outcome: str = MOVED
    ended: date | None = None  # the setting was put to zero; later alerts take no part


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """A deal of the experiment, from its first alert on."""

    deal_id: str
    owner_id: str
    silent: bool
    since: date  # day of its first alert, told or not
    moved_on: date | None = None  # first move to another stage, decision or new next step from then on
    won_on: date | None = None


def impact(
    enrolled: Sequence[Enrolled], terms: Terms | None, share_set: Decimal, mint: Mint, *, sees_all: bool
) -> Impact:
    """What is known of the effect of the alerts on the day of the mint.

    A deal counts once its horizon has passed, whether it moved on the first day or never: else those that
    moved would come in before the others.

    Args:
        terms: None before there is an experiment.
        share_set: what the setting says today.
        sees_all: the reader may see every deal; others see no figure about fewer than five owners.
    """
    if terms is None:
        return _nothing("not_begun" if share_set else "nothing_silent", {}, mint)
    known = _agreed(terms, mint)
    if not sees_all and 0 < len({one.owner_id for one in enrolled}) < FEWEST:
        return _nothing("too_few_people", known, mint)
    effects = (_effect(MOVED, enrolled, terms, mint), _effect(WON, enrolled, terms, mint))
    return Impact(
        state=effects[0].state,
        effects=effects,
        course=tuple(_course(enrolled, terms, mint)),
        figures=known | _progress(enrolled, terms, mint),
        notes=tuple(_notes(terms, share_set, mint)),
        as_of=mint.as_of,
        generation=mint.generation,
    )


def _nothing(state: str, figures: dict[str, Fact], mint: Mint) -> Impact:
    return Impact(
        state=state,
        effects=(),
        course=(),
        figures=figures,
        notes=(),
        as_of=mint.as_of,
        generation=mint.generation,
    )


def _agreed(terms: Terms, mint: Mint) -> dict[str, Fact]:
    """The terms as facts."""
    return {
        "start": mint.day("experiment_start", terms.start.toordinal(), "experiment"),
        "share": mint.fact("silent_share", terms.share, Unit.FRACTION, "experiment"),
        "planned_effect": mint.fact("planned_effect", terms.effect, Unit.POINTS, "experiment"),
        "planned": mint.count("planned_deals", terms.planned, "experiment"),
        "horizon": mint.fact("horizon", terms.horizon_days, Unit.DAYS, "experiment"),
    }


def _progress(enrolled: Sequence[Enrolled], terms: Terms, mint: Mint) -> dict[str, Fact]:
    """How far it has come: counted, waiting, needed, deals a week of late, and weeks at that pace or None."""
    counted = len(_ripe(enrolled, terms.horizon_days, mint.as_of))
    waiting = len(enrolled) - counted
    needed = max(terms.planned - counted, 0)
    pace = _pace(enrolled, terms, mint.as_of)
    weeks = _weeks(needed - waiting, terms, pace) if needed else 0
    return {
        "counted": mint.count("counted_deals", counted, "experiment"),
        "waiting": mint.count("waiting_deals", waiting, "experiment"),
        "needed": mint.count("needed_deals", needed, "experiment"),
        "pace": mint.count("deals_a_week", math.ceil(pace), "experiment"),
        "weeks": mint.fact("needed_weeks", weeks, Unit.COUNT, "experiment", unknown="no_pace"),
    }


def _weeks(missing: int, terms: Terms, pace: float) -> int | None:
    """Weeks until so many more deals have had their alert and their horizon."""
    ripening = math.ceil(terms.horizon_days / WEEK.days)
    if missing <= 0:
        return ripening
    return math.ceil(missing / pace) + ripening if pace else None


def _pace(enrolled: Sequence[Enrolled], terms: Terms, as_of: date) -> float:
    """New deals of the experiment per week of late; a running week counts as a whole one."""
    ran = math.ceil((as_of - terms.start + timedelta(days=1)) / WEEK)
    weeks = min(max(ran, 1), PACE_WEEKS)
    return sum(as_of - weeks * WEEK < one.since <= as_of for one in enrolled) / weeks


def _ripe(enrolled: Sequence[Enrolled], days: int, as_of: date) -> list[Enrolled]:
    return [one for one in enrolled if one.since + timedelta(days=days) <= as_of]


def _days(outcome: str, terms: Terms) -> int:
    return terms.horizon_days if outcome == MOVED else WON_WITHIN


def _arms(outcome: str, enrolled: Sequence[Enrolled], terms: Terms, as_of: date) -> tuple[Arm, Arm]:
    """The told and the silent arm, of the deals whose horizon has passed on a day."""
    days = _days(outcome, terms)
    ripe = _ripe(enrolled, days, as_of)
    told, silent = ([one for one in ripe if one.silent is is_silent] for is_silent in (False, True))
    return _arm(outcome, told, days), _arm(outcome, silent, days)


def _arm(outcome: str, deals: Sequence[Enrolled], days: int) -> Arm:
    ends = [
        (one.since + timedelta(days=days), one.moved_on if outcome == MOVED else one.won_on) for one in deals
    ]
    return Arm(sum(day is not None and day <= last for last, day in ends), len(deals))


def _effect(outcome: str, enrolled: Sequence[Enrolled], terms: Terms, mint: Mint) -> Effect:
    told, silent = _arms(outcome, enrolled, terms, mint.as_of)
    found = _gap(told, silent, terms)
    return Effect(
        outcome=outcome,
        told=_share(told, f"told,outcome={outcome}", mint),
        silent=_share(silent, f"silent,outcome={outcome}", mint),
        difference=_difference(found, told.n + silent.n, f"outcome={outcome}", mint),
        horizon=mint.fact("horizon", _days(outcome, terms), Unit.DAYS, f"outcome={outcome}"),
        state=_state(found, told.n + silent.n, terms),
    )


def _gap(told: Arm, silent: Arm, terms: Terms) -> Gap | None:
    return arms.gap(told, silent, arms.always(float(terms.effect))) if arms.can_tell(told, silent) else None


def _state(found: Gap | None, counted: int, terms: Terms) -> str:
    if found is None:
        return "too_few"
    if found.low > 0 or found.high < 0:
        return "helps" if found.low > 0 else "hurts"
    if found.high < terms.effect:
        return "smaller"
    return "not_enough" if counted < terms.planned else "not_shown"


def _share(arm: Arm, entity: str, mint: Mint) -> Fact:
    share = arm.moved / arm.n if arm.n >= FEWEST else None
    return mint.fact("followed_up", share, Unit.FRACTION, entity, n=arm.n, unknown="too_few_alerts")


def _difference(found: Gap | None, n: int, entity: str, mint: Mint) -> Fact:
    if found is None:
        return mint.fact("alert_effect", None, Unit.POINTS, entity, n=n, unknown="too_few_alerts")
    return mint.fact("alert_effect", found.value, Unit.POINTS, entity, n=n, low=found.low, high=found.high)


def _course(enrolled: Sequence[Enrolled], terms: Terms, mint: Mint) -> Iterator[tuple[Fact, Fact]]:
    """The primary difference at the end of each of the last weeks in which one could be told."""
    weeks = (mint.as_of - terms.start) // WEEK
    for back in range(min(weeks, POINTS_MOST - 1), -1, -1):
        day = mint.as_of - back * WEEK
        told, silent = _arms(MOVED, enrolled, terms, day)
        if found := _gap(told, silent, terms):
            name = f"outcome={MOVED},on={day}"
            yield (
                mint.day("as_of", day.toordinal(), name),
                _difference(found, told.n + silent.n, name, mint),
            )


def _notes(terms: Terms, share_set: Decimal, mint: Mint) -> Iterator[Note]:
    if terms.ended:
        ended = mint.day("experiment_end", terms.ended.toordinal(), "experiment")
        yield Note("experiment_ended", {"ended": ended})
    elif share_set != terms.share:
        facts = {
            "share_set": mint.fact("silent_share", share_set, Unit.FRACTION, "setting"),
            "share": mint.fact("silent_share", terms.share, Unit.FRACTION, "experiment"),
        }
        yield Note("silent_share_kept", facts)
