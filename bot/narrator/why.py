"""The words for "why did it change?": first whether it did, then where to look."""

from collections.abc import Iterator
from decimal import Decimal

from analytics.facts import Fact, Note, Part, Segment, Span, Verdict, Why, Wider
from bot.narrator import plays
from bot.narrator.claims import Claim, Slot, joined, label, listed, ours, say
from bot.narrator.deal import why as reason
from bot.narrator.doubts import doubted, opposite, tally, way
from bot.narrator.words import Words, count, finish, notes

NAMED = 3  #: segments told in bullets; the table has the rest


def why(answer: Why, stale: Note | None = None) -> Words:
    """Whether the win rate changed, and what the change is associated with. `stale` is told first of all."""
    checks = tally(answer)
    others = count(answer, "others", max(0, len(answer.found) - NAMED))
    said = verdict(answer)
    if answer.found and answer.verdict is not Verdict.SIGNAL and answer.change.value is not None:
        said = _but(answer, said)
    if wide := shown_wider(answer)[:1]:
        said = _but_wider(said, wide[0])
    if answer.runs:
        said = doubted(answer, said, *checks)
    offered = plays.fitting(answer, said)
    return finish(
        answer,
        headline=headline(answer),
        verdict=said,
        lines=[*_lines(answer, others), *notes(answer.notes), *plays.advice(offered)],
        text=say("why.text", verdict=said),
        scope={"scope": answer.scope, "type": answer.deal_type, "deals": _closed(answer)},
        stale=stale,
        own=(*checks, others),
        plays=offered,
    )


def headline(answer: Why) -> Claim:
    """What was asked, in a line."""
    values = [value for _, chosen in answer.filters for value in chosen]
    return say(
        "why.headline",
        before=ours(answer.before.label),
        after=ours(answer.after.label),
        dimension=label(f"dimension.{answer.by}") if answer.by else None,
        filters=say("why.filters", values=listed(values)) if values else None,
    )


def verdict(answer: Why) -> Claim:
    """Whether the change is real, with its size and range."""
    if answer.change.value is None:
        return _incomparable(answer)
    slots: dict[str, Slot] = {"move": _move(answer), "p": answer.p_value}
    if answer.verdict is Verdict.SIGNAL:
        return say("why.signal", moved=_moved(answer, "moved"), **slots)
    if answer.verdict is Verdict.HINT:
        for span in (answer.after, answer.before):
            if span.incomplete:  # what holds a clear difference down to a Hint
                slots |= {"period": ours(span.label), "why": label(f"why_period.{span.incomplete}")}
                return say("why.hint_incomplete", moved=_moved(answer, "risen"), **slots)
        return say("why.hint", moved=_moved(answer, "risen"), **slots)
    known = "too_few" if answer.verdict is Verdict.TOO_FEW else "noise"
    return say(f"why.{known}", moved=_moved(answer, "unshown"), **slots)


def _but(answer: Why, said: Claim) -> Claim:
    """The verdict of a change that is not shown, and the segments that moved all the same."""
    names = joined(map(segment_name, answer.found[:NAMED]))
    return say("why.but_found" if len(answer.found) == 1 else "why.but_some", verdict=said, names=names)


def shown_wider(answer: Why) -> list[Wider]:
    """The wider pairs of periods between which it did change, the surest first."""
    return [one for one in answer.wider if one.verdict is Verdict.SIGNAL]


def _but_wider(said: Claim, wide: Wider) -> Claim:
    """The verdict of a change that is not shown, and that it is over wider periods."""
    did = label(f"did.{way(wide.change)}")
    return say(f"why.but_wider_{wide.kind}", verdict=said, did=did, change=wide.change)


def segment_name(segment: Segment | Part) -> Claim:
    """What a segment is called: its values, parted by a slash."""
    return listed(segment.labels or [value for _, value in segment.where], " / ")


def part_name(part: Part) -> Claim:
    """What a part of the change is called."""
    if part.kind == "mix":
        return say("why.part_mix", dimension=label(f"dimension.{part.dimension}"))
    return segment_name(part) if part.kind == "segment" else label(f"why_part.{part.kind}")


def _incomparable(answer: Why) -> Claim:
    spans = (answer.after, answer.before)
    for span in spans:
        if span.incomplete == "running":
            return say("why.running", period=ours(span.label))
    for span in spans:
        if span.incomplete:
            return say("why.incomplete", period=ours(span.label), why=label(f"why_period.{span.incomplete}"))
    for span in spans:
        if span.win_rate.value is None:
            return say("why.empty", period=ours(span.label))
    known = {"before": ours(answer.before.label), "after": ours(answer.after.label)}
    return say("why.unknown", why=reason(answer.change.unknown), **known)


def _move(answer: Why | Wider) -> Claim:
    return say(
        "why.move",
        before=ours(answer.before.label),
        after=ours(answer.after.label),
        rate_before=answer.before.win_rate,
        rate_after=answer.after.win_rate,
        change=answer.change,
    )


def _moved(answer: Why, tense: str) -> Claim:
    return label(f"{tense}.{way(answer.change)}")


def _closed(answer: Why) -> Claim | None:
    rates = (answer.before.win_rate, answer.after.win_rate)
    if any(rate.n is None for rate in rates):
        return None
    return say("why.closed", before=rates[0], after=rates[1])


def _lines(answer: Why, others: Fact) -> Iterator[Claim]:
    if answer.change.value is None:
        yield _instead(answer)
        return
    yield from _wider(answer)
    yield from opposite(answer)
    if answer.verdict is Verdict.SIGNAL or answer.found:
        yield from _explained(answer, others)
    elif answer.lead and not shown_wider(answer):  # what moved least would be led away from what did
        yield _lead(answer.lead)
    if answer.verdict is Verdict.SIGNAL:
        return
    yield say("why.detectable", detectable=answer.detectable)
    if answer.verdict is not Verdict.NOISE:
        yield say("why.wait")


def _instead(answer: Why) -> Claim:
    """What to ask where nothing can be compared yet: the same days of both periods, else later."""
    if answer.same_days is None:
        return say("why.wait")
    before, after = answer.same_days
    return say("why.same_days", before=ours(before.label), after=ours(after.label))


def _wider(answer: Why) -> Iterator[Claim]:
    """What wider periods show, each with its figures; or in one line that they show no change either."""
    shown = shown_wider(answer)
    for one in shown:
        yield say(f"why.wider_{one.kind}", move=_move(one), p=one.p_value)
    if answer.wider and not shown:
        kinds = {one.kind for one in answer.wider}
        yield say(f"why.wider_none_{'both' if len(kinds) > 1 else kinds.pop()}")


def _explained(answer: Why, others: Fact) -> Iterator[Claim]:
    """The segments that moved beyond chance, what would say the same, and what to check."""
    if not answer.found:
        yield say("why.none_found")
        yield from [_lead(answer.lead)] if answer.lead else []
        return
    yield from (say("why.found", **_of_segment(segment)) for segment in answer.found[:NAMED])
    if others.value:
        yield say("why.more_found", others=others)
    if answer.rivals:
        yield say("why.rivals", names=joined(map(segment_name, answer.rivals[:NAMED])))
    yield say("why.found_check", name=segment_name(answer.found[0]))


def _of_segment(segment: Segment) -> dict[str, Slot]:
    return {
        "name": segment_name(segment),
        "before": segment.before,
        "after": segment.after,
        "change": segment.change,
        "excess": segment.excess,
    }


def _lead(segment: Segment) -> Claim:
    """Where to look, hedged: what differs there may be chance."""
    what = _mostly(segment.mix, segment.rate)
    if what is None:
        return say("why.lead", **_of_segment(segment))
    return say("why.lead_mostly", what=what, **_of_segment(segment))


def _mostly(mix: Fact | None, rate: Fact | None) -> Claim | None:
    """Which of the two effects is the larger; None when either is unknown."""
    if mix is None or rate is None or mix.value is None or rate.value is None:
        return None
    return label("why_what.mix" if abs(mix.value) > abs(rate.value) else "why_what.rate")


def worth_a_look(answer: Why, most: int = 2) -> list[str]:
    """Dimensions to cut the change by next: of the segments named, of the largest mixes, then usual ones."""
    named = [*answer.found, *([answer.lead] if answer.lead else []), *answer.rivals]
    of_segments = [dimension for segment in named for dimension, _ in segment.where]
    of_mixes = [part.dimension for part in sorted(answer.parts, key=_size, reverse=True) if part.dimension]
    taken = {answer.by, *(dimension for dimension, _ in answer.filters), ""}
    wanted = dict.fromkeys((*of_segments, *of_mixes, *USUAL))
    return [dimension for dimension in wanted if dimension not in taken][:most]


USUAL = ("lead_source", "region", "industry", "product")


def _size(part: Part) -> Decimal:
    return abs(part.effect.value or Decimal(0))


def course(answer: Why) -> list[Span]:
    """The periods with a rate that may be compared, and the two that are."""
    asked = {answer.before.label, answer.after.label}
    spans = (span for span in answer.trend if not span.incomplete or span.label in asked)
    return [span for span in spans if span.win_rate.value is not None]
