"""The words of digests: what is open for a reader, the week of all deals, the month's segments."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from analytics.facts import Fact, Finding, Watch
from bot.alerting.digests.facts import Agenda, Item, Monday, MonthReport, Scorecard, TeamMonday
from bot.narrator import watch as watching
from bot.narrator.alert import rule_name
from bot.narrator.claims import Claim, Slot, joined, label, ours, say
from bot.narrator.impact import impact
from bot.narrator.week import team_week
from bot.narrator.words import Words, count, finish
from prompts import files

LINES = 5  #: things told in a list. Source: product.md, part 5
GROUP = 3  #: so many of one rule become one line
NAMED = 3  #: deals named in such a line
NO_CAUSE = ("amount", "age_days", "owner_open_deals")  #: what makes a thing worth telling, but is no news


def agenda(answer: Agenda) -> Words:
    """A reader's list of the day or the week: one line for each thing, what is new first."""
    lines, left = _told(answer)
    counted = {
        "open": count(answer, "open", len(answer.items)),
        "new": count(answer, "new", len(answer.new)),
        "more": count(answer, "more", left),
    }
    verdict = say("digest.first", line=lines[0]) if lines else _clear(answer)
    top = say(f"digest.{_headline(answer)}", **counted)
    return finish(
        answer,
        headline=top,
        verdict=verdict,
        lines=[*lines[1:], *_rest(counted["more"]), *hygiene(answer.hygiene)],
        scope={"scope": answer.name},
        own=tuple(counted.values()),
    )


def team(answer: TeamMonday) -> Words:
    """A team's week, and below it what is open on its deals."""
    words, (lines, left) = team_week(answer.week), _told(answer.agenda)
    more = count(answer, "more", left)
    below = [say("digest.top", line=line) for line in lines]
    said = [*below, *_rest(more), *hygiene(answer.agenda.hygiene)]
    return replace(
        words,
        lines=(*words.lines, *(line.text for line in said)),
        said=(*words.said, *said),
        own=(*words.own, more, *answer.agenda.facts().values()),
    )


def monday(answer: Monday) -> Words:
    """The week of all deals: whether anything changed, what to touch, what to watch, how the coach did."""
    alerted = [item for item in answer.agenda.items if item.finding.subject != "deal"]
    deals = replace(answer.agenda, items=tuple(i for i in answer.agenda.items if i not in alerted))
    top, verdict = say("monday.headline", since=answer.figures["since"]), _verdict(answer, alerted)
    lines, left = _told(deals)
    more = count(answer, "more", left)
    touch = [say("digest.top", line=line) for line in lines] or [say("monday.untouched")]
    return finish(
        answer,
        headline=top,
        verdict=verdict,
        lines=[*touch, *_rest(more), *_watched(answer, alerted), *score(answer.scorecard), *_effect(answer)],
        scope={"scope": ours("all deals")},
        own=(more,),
    )


def month(answer: MonthReport) -> Words:
    """The month's segments: what left its usual range, and of which nothing can be said."""
    top, verdict = say("month.headline", month=ours(answer.month)), _month_verdict(answer)
    told = [one for one in answer.watched if watching.unusual(one)]
    lead = [say("month.lead")] if told else []
    return finish(
        answer,
        headline=top,
        verdict=verdict,
        lines=[*_counts(answer, told), *(_segment(one) for one in answer.watched), *lead],
        scope={"scope": ours("all deals")},
    )


def _effect(answer: Monday) -> list[Claim]:
    """What is known of the effect of the alerts, be it that it is not enough yet."""
    verdict = impact(answer.impact).about
    return [say("coach_score.impact", verdict=verdict)] if verdict else []


def score(answer: Scorecard) -> Iterator[Claim]:
    """How the coach itself did."""
    known = answer.figures
    if not known["told"].value:
        yield say("coach_score.nothing", since=known["since"])
        return
    yield say("coach_score.told", **known)
    silent = known.get("silent")
    if known["suppressed"].value or (silent and silent.value):
        yield say("coach_score.kept_back" if silent else "coach_score.kept_back_of_team", **known)


def line(item: Item, *, of_team: bool) -> Claim:
    """One thing in one line. `of_team`: the reader has others' deals too, so their owner is named."""
    finding = item.finding
    slots = _slots(item)
    if finding.subject == "deal":
        why = say("digest.hopeless", cause=cause(finding)) if item.hopeless else cause(finding)
        return say("digest.deal_of" if of_team else "digest.deal", cause=why, **slots)
    known = finding.subject if finding.subject in ("owner", "segment", "driver") else "source"
    segment = finding.names.get("segment") or finding.names.get("driver") or finding.subject_id
    slots |= _moved(finding)
    return say(f"digest.{known}", what=rule(finding), cause=cause(finding), **{**slots, "segment": segment})


def _moved(finding: Finding) -> dict[str, Slot]:
    """Of a segment: which way its rate went, since when, and the page that shows it."""
    names = finding.names
    if finding.subject != "segment":
        return {}
    alone = names.get("segment", "") if finding.subject_id.count("=") == 1 else ""
    alone = "" if "|" in finding.subject_id else alone
    side = "floor" if names.get("state") == "floor" else names.get("direction") or ""
    return {
        "side": label(f"digest_side.{side}") if side in ("floor", "high", "low") else None,
        "since": ours(names["since"]) if names.get("since") else None,
        "watch": say("digest.watch_one", segment=alone) if alone else say("digest.watch_all"),
    }


def cause(finding: Finding) -> Claim:
    """What happened to it, in a few words: the first of the rule's metrics that is news."""
    metrics = [one for one in finding.causes if one not in NO_CAUSE] or [*finding.causes]
    slots: dict[str, Slot] = {**finding.figures, "stage": finding.names.get("stage") or None}
    return say(f"digest_cause.{metrics[0]}", **slots) if metrics else rule(finding)


def rule(finding: Finding) -> Claim:
    """What a rule is called: by its author, or by us."""
    known = f"digest_rule.{finding.rule}"
    return (
        label(known)
        if known in files.labels()
        else rule_name(finding.rule, finding.title, finding.figures.get("amount_limit"))
    )


def _headline(answer: Agenda) -> str:
    if answer.role == "ops":
        return "headline_ops" if answer.items else "headline_ops_clear"
    if not answer.items:
        return "headline_clear"
    day = "headline_team_day" if answer.role == "manager" else "headline_day"
    return "headline_week" if answer.weekly else day


def _clear(answer: Agenda) -> Claim:
    if answer.role == "ops":
        return say("digest.clear_ops")
    return say("digest.only_hygiene" if answer.hygiene else "digest.clear")


def _told(answer: Agenda) -> tuple[list[Claim], int]:
    """The lines of a list, and how many things they leave out."""
    lines: list[Claim] = []
    told = 0
    for group in _groups(answer):
        if len(lines) == LINES:
            break
        lines.append(_group(group, answer) if len(group) >= GROUP else _single(group[0], answer))
        told += len(group)
    return lines, len(answer.items) - told


def _groups(answer: Agenda) -> Iterator[list[Item]]:
    """Things in order, the new ones first; many less pressing ones of one rule together."""
    ordered = sorted(answer.items, key=lambda item: (item.hopeless, not item.is_new))
    seen: Counter[str] = Counter(_kind(item) for item in ordered)
    told: set[str] = set()
    for item in ordered:
        kind = _kind(item)
        if seen[kind] < GROUP:
            yield [item]
        elif kind not in told:
            told.add(kind)
            yield [one for one in ordered if _kind(one) == kind]


def _kind(item: Item) -> str:
    """What is grouped: deals of level P2 by rule; anything else stands alone."""
    finding = item.finding
    return finding.rule if finding.level == "P2" and finding.subject == "deal" else item.key


def _single(item: Item, answer: Agenda) -> Claim:
    return line(item, of_team=answer.role != "rep")


def _group(group: list[Item], answer: Agenda) -> Claim:
    known = "digest.in_group" if answer.role == "rep" else "digest.in_group_of"
    deals = joined(say(known, **_slots(item)) for item in group[:NAMED])
    if len(group) == NAMED:
        return say("digest.group", what=rule(group[0].finding), deals=deals)
    others = count(answer, f"others,{group[0].finding.rule}", len(group) - NAMED)
    return say("digest.group_more", what=rule(group[0].finding), deals=deals, others=others)


def _slots(item: Item) -> dict[str, Slot]:
    finding = item.finding
    names = finding.names
    deal = names.get("account") or names.get("deal")
    return {
        **finding.figures,
        "amount": item.amount,
        "id": finding.subject_id,
        "deal": None if deal == finding.subject_id else deal,
        "owner": names.get("owner") or None,
    }


def _rest(more: Fact) -> list[Claim]:
    return [say("digest.more", more=more)] if more.value else []


def hygiene(counted: Mapping[str, Fact]) -> list[Claim]:
    """One line for all of it: nobody is sent ten lines about fields."""
    known = files.labels()
    parts = [
        say("digest.part", number=fact, what=label(f"digest_rule.{name}"))
        for name, fact in counted.items()
        if f"digest_rule.{name}" in known
    ]
    return [say("digest.hygiene", parts=joined(parts))] if parts else []


def _verdict(answer: Monday, alerted: list[Item]) -> Claim:
    """What changed: as rules found it, else as the watch of this week does; else that it was quiet."""
    closed = "" if answer.figures["closed"].value else "_nothing"
    if alerted:
        said = line(alerted[0], of_team=True)
        return say(f"monday.alerted{closed}", line=said, **answer.figures)
    if news := [one for one in answer.watched if _since(one) >= answer.fresh]:
        return say(f"monday.changed{closed}", change=watching.verdict(news[0]), **answer.figures)
    return say(f"monday.quiet{closed}", **answer.figures)


def _since(one: Watch) -> str:
    """The month in which what is told of it began; "" where nothing is."""
    return next((each.since for each in watching.unusual(one)), "")


def _watched(answer: Monday, alerted: list[Item]) -> Iterator[Claim]:
    """Rates and effects that rules found, and signals that still last; else that there is nothing."""
    lines = [say("digest.watch", line=line(item, of_team=True)) for item in alerted[1:LINES]]
    lines += lasting(one for one in answer.watched if _since(one) < answer.fresh)
    yield from lines or [say("digest.watch_nothing")]


def lasting(watched: Iterable[Watch]) -> list[Claim]:
    """The signals of what is watched, each in a line."""
    told = [one for one in watched if watching.unusual(one)]
    return [say("digest.still", line=watching.brief(watching.unusual(one)[0])) for one in told[:NAMED]]


def _month_verdict(answer: MonthReport) -> Claim:
    for one in answer.watched:
        if watching.unusual(one):
            return say("month.changed", change=watching.verdict(one))
    closed = bool(answer.figures["closed"].value)
    return say("month.quiet" if closed else "month.quiet_nothing", **answer.figures)


def _counts(answer: MonthReport, told: list[Watch]) -> Iterator[Claim]:
    if told and answer.figures["closed"].value:
        yield say("month.counts", month=ours(answer.month), **answer.figures)


def _segment(one: Watch) -> Claim:
    """What is to be said of one dimension."""
    dimension = label(f"dimension.{one.dimension}")
    if watching.unusual(one):
        return say("digest.watch", line=watching.verdict(one))
    states = {each.state for each in one.watched}
    return say("month.silent" if states == {"no_baseline"} else "month.none", dimension=dimension)
