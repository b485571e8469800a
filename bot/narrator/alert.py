"""A finding, its reader and how it stands in; why now, why you, one ask, and what came of it out."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from analytics.facts import Ending, Fact, Finding
from bot import names
from bot.alerting.standing import Standing, State
from bot.narrator import plays, reasons
from bot.narrator.claims import Claim, Slot, knows, label, listed, ours, say
from bot.narrator.words import Words, count, day, finish
from prompts import files

ENDED = frozenset({State.RESOLVED, State.EXPIRED})
HANDLED = frozenset({State.ACTED, State.DISMISSED, State.WITHHELD}) | ENDED  #: nobody has to do anything

#: A state -> the sentence of the first line; the others begin with what was found.
HEADERS: Mapping[State, str] = {
    State.ACKNOWLEDGED: "acknowledged",
    State.ACTED: "acted",
    State.DISMISSED: "dismissed",
    State.WITHHELD: "withheld",
}

#: Told after all others, for they say how big it is and not what is the matter.
SIZES = ("age_days", "owner_open_deals", "amount")

#: A condition that looks for little and not for much.
DOWNWARD = ("next_steps", "win_rate")

#: Sides of a rate -> what is the matter with it.
SIDES = {"floor": "rate_floor", "high": "rate_high", "low": "rate_low"}


def alert(finding: Finding, role: str, standing: Standing) -> Words:
    """The one message of an alert, as it stands.

    Args:
        role: of the reader: owner, manager, cro, ops or reviewer.
    """
    if standing.state in HANDLED:
        return _handled(finding, standing)
    slots = _slots(finding)
    first, *others = causes(finding)
    offered = plays.fitting(finding)
    released = role == "reviewer" and standing.state is State.TOLD
    top = say("alert_header.released", headline=headline(finding)) if released else _header(finding, standing)
    words = finish(
        finding,
        headline=top,
        verdict=first,
        lines=[*others, *_around(finding, role, standing), *_ask(offered, role, finding)],
        scope={"scope": say("alert.rule", **slots, **_room(finding, standing))},
        own=_own(finding, standing),
    )
    return replace(words, plays=offered)


def headline(finding: Finding) -> Claim:
    """How loud, how much, what is the matter, with what: `P1 - $92,439 stalled - D03560`."""
    known = f"alert_headline.{finding.rule}"
    said = known if knows(known) and not finding.title else _shape(finding)
    return say(said, level=label(f"alert_level.{finding.level}"), **_slots(finding))


def _shape(finding: Finding) -> str:
    """The sentence for what a finding is about; a title that the team gave is no predicate of it."""
    titled = f"alert_headline.{finding.subject}_titled"
    return titled if finding.title and knows(titled) else f"alert_headline.{finding.subject}"


def problem(finding: Finding) -> Claim:
    """What is the matter in a few words; the title of a rule that the team wrote."""
    if finding.title:
        return listed([finding.title])
    return say(_problem(finding), **_plain(finding))


def causes(finding: Finding) -> list[Claim]:
    """Why it was found, a line for each condition, the most telling first; never empty."""
    told = sorted(finding.causes, key=lambda metric: SIZES.index(metric) if metric in SIZES else -1)
    telling = [metric for metric in told if metric != "amount"] or told
    return [_cause(finding, metric) for metric in telling] or [problem(finding)]


def rule_name(rule: str, title: str = "", least: Fact | None = None) -> Claim:
    """A rule as people call it: in our words, or by the title that the team gave it.

    Args:
        least: the amount from which it looks, where that is known: two of ours are called by it.
    """
    if least and least.value is not None and not title and knows(f"rule_from.{rule}"):
        return say(f"rule_from.{rule}", least=least)
    known = f"rule_name.{rule}"
    return listed([title or rule]) if title or known not in files.labels() else label(known)


def metric_name(metric: str) -> Claim:
    """What a rule looks at as people call it."""
    known = f"rule_metric.{metric}"
    return label(known) if known in files.labels() else ours(metric.replace("_", " "))


def history(event: str, finding: Finding, by: str = "", detail: str = "") -> str:
    """What happened, as a line in the thread of the message; escaped, for Slack reads it as markup.

    Args:
        event: told, acknowledged, acted, snoozed, dismissed, useful, not_useful, escalated, released,
            withheld, resolved or expired.
        by: name of who did it, or who was told.
        detail: what was logged, the reason, or the day; in words.
    """
    known = f"alert_history.{event}"
    slots: dict[str, Slot] = {**_slots(finding), "by": by, "detail": reasons.said(detail)}
    return names.escape(say(known if knows(known) else "alert_history.other", **slots).text)


def _handled(finding: Finding, standing: Standing) -> Words:
    """The message once nobody has to act: what came of it, and what it was about."""
    answer = standing.ending or finding
    top, was = _header(finding, standing), say("alert.was", headline=headline(finding), **_slots(finding))
    done = standing.state in ENDED and standing.acted
    lines = [say("alert.handled", by=standing.by, acted=standing.acted)] if done else []
    told = tuple(finding.figures.values())
    return finish(
        answer,
        headline=top,
        verdict=was,
        lines=lines,
        scope={"scope": say("alert.rule", **_slots(finding))},
        own=told if standing.ending else (),
    )


def _header(finding: Finding, standing: Standing) -> Claim:
    if standing.state in ENDED:
        return _end(standing)
    known = HEADERS.get(standing.state)
    if known is None:
        return headline(finding)
    reason = reasons.said(standing.reason)
    said: dict[str, Slot] = {"by": standing.by, "acted": standing.acted, "reason": reason}
    return say(f"alert_header.{known}", **_slots(finding), **said)


def _end(standing: Standing) -> Claim:
    """How it came to an end."""
    ending = standing.ending
    if ending is None:
        return say(f"ending.{'expired' if standing.state is State.EXPIRED else 'other'}")
    known = f"ending.{ending.reason}"
    return say(known if knows(known) else "ending.other", **_ended(ending))


def _ended(ending: Ending) -> dict[str, Slot]:
    return {**ending.figures, "stage": ending.names.get("stage"), "owner": ending.names.get("owner")}


def _problem(finding: Finding) -> str:
    """The sentence that says what is the matter; a rate is told by the side on which it left its range."""
    if finding.subject == "segment":
        state = finding.names.get("state", "")
        return f"alert_problem.{SIDES.get(state) or SIDES.get(finding.names.get('direction', ''), 'other')}"
    known = f"alert_problem.{finding.rule}"
    return known if knows(known) else "alert_problem.other"


def _cause(finding: Finding, metric: str) -> Claim:
    """Our own sentence where the rule looks the usual way; else the bare value beside its line."""
    slots, known = _slots(finding), f"alert_cause.{metric}"
    if knows(known) and _looks_as_usual(finding, metric):
        return say(known, **slots)
    value, limit = (finding.figures.get(name) for name in (metric, f"{metric}_limit"))
    return say("alert_cause.other", metric=metric_name(metric), value=value, limit=limit)


def _looks_as_usual(finding: Finding, metric: str) -> bool:
    """Is the value on the side of its line that our sentence speaks of? Rules can be turned round."""
    value, limit = (_value(finding, name) for name in (metric, f"{metric}_limit"))
    if value is None or limit is None or value == limit:
        return True
    return (value < limit) == (metric in DOWNWARD) or metric == "age_days"


def _around(finding: Finding, role: str, standing: Standing) -> Iterator[Claim]:
    """Why this reader, who else knows, and until when it is quiet."""
    unanswered = role == "manager" and standing.escalated and standing.state is State.TOLD
    for known in (f"alert.why_{finding.subject}_{'escalated' if unanswered else role}", "alert.why_other"):
        if knows(known):
            yield say(known, **_slots(finding))
            break
    if role == "owner" and standing.escalated:
        yield say("alert.told_manager")
    yield from _snoozed(finding, standing)


def _snoozed(finding: Finding, standing: Standing) -> list[Claim]:
    return [say("alert.snoozed", until=one) for one in _until(finding, standing)]


def _ask(offered: tuple[Claim, ...], role: str, finding: Finding) -> list[Claim]:
    """One thing to do; a manager helps the owner with it."""
    helps = role == "manager" and finding.subject == "deal"
    return [
        say("alert.ask_manager" if helps else "alert.ask", play=play, **_plain(finding))
        for play in offered[:1]
    ]


def _room(finding: Finding, standing: Standing) -> dict[str, Slot]:
    """How many the rule matches, and how many of its level the reader may get."""
    facts = {fact.metric: fact for fact in _counts(finding, standing)}
    of_deals: dict[str, Slot] = {"deals": facts.get("matches")} if finding.subject == "deal" else {}
    return {name: facts.get(name) for name in ("matches", "told", "budget")} | of_deals


def _counts(finding: Finding, standing: Standing) -> Iterator[Fact]:
    if standing.matches:
        yield count(finding, "matches", standing.matches)
    if standing.budget:
        yield count(finding, "told", standing.told)
        yield count(finding, "budget", standing.budget)


def _own(finding: Finding, standing: Standing) -> tuple[Fact, ...]:
    return (*_counts(finding, standing), *_until(finding, standing))


def _until(finding: Finding, standing: Standing) -> tuple[Fact, ...]:
    """The day on which a snooze ends."""
    return (day(finding, "until", standing.until.date()),) if standing.until else ()


def _plain(finding: Finding) -> dict[str, Slot]:
    """What sentences may say of a finding: its figures, and names as the CRM has them."""
    return {**finding.figures, **finding.names, "id": finding.subject_id}


def _slots(finding: Finding) -> dict[str, Slot]:
    """The same with what is the matter, the rule's name, and the amount from which our rules look."""
    deal = finding.names.get("deal") or finding.names.get("account") or finding.subject_id
    more: dict[str, Slot] = {
        "deal": deal,
        "problem": problem(finding),
        "rule": rule_name(finding.rule, finding.title, finding.figures.get("amount_limit")),
    }
    return {**_plain(finding), **more, "least": _least(finding)}


def _least(finding: Finding) -> Fact | None:
    """The line of the amount, where the rule looks at big ones."""
    amount, limit = _value(finding, "amount"), _value(finding, "amount_limit")
    looks_at_big = amount is not None and limit is not None and amount >= limit
    return finding.figures["amount_limit"] if looks_at_big else None


def _value(finding: Finding, name: str) -> Decimal | None:
    return finding.figures[name].value if name in finding.figures else None
