"""The words for "is it unusual?": what left its usual range, and what so few deals could never show."""

from collections.abc import Iterator
from decimal import Decimal

from analytics.facts import Fact, Month, Note, Verdict, Watch, Watched
from bot.narrator import plays
from bot.narrator.claims import Claim, Slot, joined, label, listed, ours, say
from bot.narrator.words import Words, count, finish, notes

NAMED = 3  #: things told in bullets; the table has the rest
HELD = 6  #: things told to keep above a floor
SIGNALS = ("shock", "drift", "floor")  #: states that are told
ODD = "odd"  #: the mark of a month that is unusual, and may be so by chance
WIDE = Decimal("0.3")  #: from here on a usual range says nothing; told is what could be noticed. Source: ours
WOBBLY = Decimal("1.1")  #: from here on the wobble beyond chance widens the limits visibly


def watch(answer: Watch, stale: Note | None = None) -> Words:
    """What left its usual range, or that nothing did. `stale` is told first of all."""
    told = unusual(answer)
    others = count(answer, "others", max(0, len(told) - NAMED))
    said = verdict(answer)
    offered = plays.fitting(answer, said)
    return finish(
        answer,
        headline=headline(answer),
        verdict=said,
        lines=[*_lines(answer, told, others), *notes(answer.notes), *plays.advice(offered)],
        text=say("watch.text", verdict=said),
        scope={"scope": answer.scope, "type": answer.deal_type},
        stale=stale,
        own=(others,),
        plays=offered,
    )


def headline(answer: Watch) -> Claim:
    """What was asked, in a line."""
    values = [value for _, chosen in answer.filters for value in chosen]
    return say(
        "watch.headline",
        dimension=label(f"dimension.{answer.dimension}") if answer.dimension else None,
        filters=say("watch.filters", values=listed(values)) if values else None,
    )


def unusual(answer: Watch) -> list[Watched]:
    """The things watched that carry a signal: below a floor first, then segments, as these were asked for."""
    told = [one for one in answer.watched if one.state in SIGNALS]
    return sorted(told, key=lambda one: (one.state != "floor", not one.where))


def shown_first(answer: Watch) -> list[Watched]:
    """The one thing told month by month: the first signal, else the first thing watched; none of nothing."""
    return [*unusual(answer), *(one for one in answer.watched if odd(one)), *answer.watched][:1]


def odd(one: Watched) -> list[Month]:
    """The months out of the usual range that chance may explain, in order of time."""
    return [month for month in one.months if month.signal == ODD]


def verdict(answer: Watch) -> Claim:
    """What left its usual range first of all, or that nothing did."""
    told = unusual(answer)
    if told:
        return _signal(told[0])
    if all(one.state == "no_baseline" for one in answer.watched):
        return say("watch.no_baseline")
    if lately := _odd_lately(answer):
        return say("watch.stable_but_odd", odd=_odd_months(lately[:NAMED]))
    if len(answer.watched) == 1:
        only = answer.watched[0]
        sentence = "stable_wide" if _is_wide(only) else "stable_rate"
        return say(f"watch.{sentence}", baseline=only.baseline, detectable=answer.detectable)
    return say("watch.stable")


def _is_wide(one: Watched) -> bool:
    """Is the usual range of its last month so wide that it says nothing?"""
    ranges = [(month.low.value, month.high.value) for month in one.months if month.low and month.high]
    low, high = ranges[-1] if ranges else (None, None)
    return low is not None and high is not None and high > low + WIDE


def _odd_lately(answer: Watch) -> list[tuple[Watched, Month]]:
    """Everything watched with its last odd month, the latest first."""
    found = [(one, odd(one)[-1]) for one in answer.watched if odd(one)]
    return sorted(found, key=lambda pair: pair[1].label, reverse=True)


def _odd_months(found: list[tuple[Watched, Month]]) -> Claim:
    return joined(
        say("watch.odd_month", name=name(one), month=ours(month.label), rate=month.win_rate)
        for one, month in found
    )


def name(one: Watched) -> Claim:
    """What a thing watched is called: its values, parted by a slash; everything has a word of ours."""
    return listed(one.labels, " / ") if one.labels else say("watch.everything")


def usual(month: Month) -> Claim | None:
    """The range a month's rate usually lies in; None where it has no limits."""
    if month.low is None or month.high is None:
        return None
    return say("watch.usual", low=month.low, high=month.high)


def first_month(one: Watched) -> Month | None:
    """The month a signal began with."""
    return next((month for month in one.months if month.label == one.since), None)


def _signal(one: Watched) -> Claim:
    month = first_month(one)
    slots: dict[str, Slot] = {
        "name": name(one),
        "month": ours(one.since) if one.since else None,
        "rate": month.win_rate if month else None,
        "usual": usual(month) if month else None,
        "change": one.change,
        "lately": one.trailing,
    }
    known = f"drift_{_way(one, month)}" if one.state == "drift" else one.state
    return say(f"watch.{known}", **slots)


def _signal_too(one: Watched) -> Claim:
    """The same as one of several, in a line."""
    if one.state != "floor":
        return _signal(one)
    is_known = one.trailing is not None and one.trailing.value is not None
    said = say("watch.floor_rate", name=name(one), lately=one.trailing) if is_known else name(one)
    return say("watch.floor_also", name=said)


def brief(one: Watched) -> Claim:
    """What a thing watched still does, as a part of a line."""
    state = f"drift_{_way(one, first_month(one))}" if one.state == "drift" else one.state
    month = ours(one.since) if one.since else None
    return say(f"watch.brief_{state}", name=name(one), month=month, change=one.change)


def _way(one: Watched, month: Month | None) -> str:
    """Which way it drifts: as its month is marked, else as its change says."""
    if month and month.signal in ("drift_low", "drift_high"):
        return month.signal.removeprefix("drift_")
    value = one.change.value if one.change else None
    return "high" if value is not None and value > 0 else "low"


def _lines(answer: Watch, told: list[Watched], others: Fact) -> Iterator[Claim]:
    yield from _told(told, others)
    yield from _held(answer)
    if told and (lately := _odd_lately(answer)):
        yield say("watch.odd", odd=_odd_months(lately[:NAMED]))
    quiet = [one for one in answer.watched if one.state == "stable"]
    if told and quiet and len(told) + len(quiet) == len(answer.watched):
        yield say("watch.others_stable")
    yield from _unsure(answer)
    yield say("watch.detectable", detectable=answer.detectable)
    if answer.false_alarms.value is not None:
        known = "watch.false_alarms_each" if len(answer.watched) > 1 else "watch.false_alarms"
        yield say(known, false_alarms=answer.false_alarms)


def _told(told: list[Watched], others: Fact) -> Iterator[Claim]:
    """The other signals, how far the first one moved, and what none of them says."""
    first = told[0] if told else None
    if first and first.state != "drift" and first.change and first.change.value is not None:
        yield say("watch.since_then", name=name(first), month=ours(first.since), change=first.change)
    yield from map(_signal_too, told[1:NAMED])
    if others.value:
        yield say("watch.more", others=others)
    if told:
        yield say("watch.moved")


def _held(answer: Watch) -> Iterator[Claim]:
    """The last half year against the floor, of all that is not told to lie below it."""
    asked = [(one, one.trailing) for one in answer.watched if one.trailing and one.state != "floor"]
    for sentence, is_clear in (("floor_kept", True), ("floor_unsure", False)):
        held = [(one, rate) for one, rate in asked if (rate.verdict is Verdict.SIGNAL) is is_clear]
        if held:
            said = (say("watch.floor_rate", name=name(one), lately=rate) for one, rate in held[:HELD])
            yield say(f"watch.{sentence}", names=joined(said))


def _unsure(answer: Watch) -> Iterator[Claim]:
    """What has no baseline yet, and whose months wobble by themselves."""
    without = [one for one in answer.watched if one.state == "no_baseline"]
    if without and len(without) < len(answer.watched):
        yield say("watch.no_baseline_for", names=joined(map(name, without[:NAMED])))
    everything = answer.watched[0] if answer.watched else None
    if everything and everything.wobble.value is not None and everything.wobble.value > WOBBLY:
        yield say("watch.wobble", name=name(everything))
