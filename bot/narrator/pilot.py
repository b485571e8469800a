"""The words of the pilot: the reminder of what waits for a review, and the report on going live."""

from collections.abc import Iterator

from analytics.facts import PilotReport, Reviewed, ToReview
from bot.narrator import alert
from bot.narrator.claims import Claim, label, say
from bot.narrator.words import Words, finish

DECIDING = ("on", "over", "live")  #: states in which there is something to advise on
#: A state of the pilot -> the sentence that says so.
STATES = {
    "off": "no_pilot",
    "not_begun": "not_begun",
    "nobody": "nobody",
    "on": "is_on",
    "over": "over",
    "live": "gone_live",
}


def reminder(waiting: ToReview) -> Words:
    """That alerts wait for a review, and until when."""
    top = say("review.remind_headline")
    verdict = say("review.remind", waiting=waiting.waiting)
    more = [say("review.more", more=waiting.more)] if waiting.more.value else []
    return finish(
        waiting,
        headline=top,
        verdict=verdict,
        lines=[*more, say("review.remind_late", patience=waiting.patience)],
        scope={"scope": say("pilot.scope")},
    )


def pilot(report: PilotReport) -> Words:
    """Whether to go live, how the pilot stands, and what was held."""
    top = say("pilot.headline")
    advice = report.advice if report.state in DECIDING else STATES[report.state]
    verdict = say(f"pilot.{advice}", passed=report.passed)
    return finish(
        report,
        headline=top,
        verdict=verdict,
        lines=_lines(report) if report.state in DECIDING else (),
        text=say("pilot.text", headline=top, verdict=verdict),
        scope={"scope": say("pilot.scope")},
    )


def _lines(report: PilotReport) -> Iterator[Claim]:
    yield say(f"pilot.{STATES[report.state]}", began=report.began, until=report.until)
    if report.state == "on" and report.reviewers:
        yield say("pilot.reviewers", names=", ".join(report.reviewers))
        yield say("review.remind_late", patience=report.patience)
    if report.waiting.value:
        yield say("pilot.waiting", waiting=report.waiting)
    if report.lapsed.value:
        yield say("pilot.lapsed", lapsed=report.lapsed)
    for one in report.rules:
        yield from _of_rule(one)
    yield say("pilot.bar", good_enough=report.good_enough, least=report.least)


def _of_rule(one: Reviewed) -> Iterator[Claim]:
    rule = alert.rule_name(one.rule, one.title)
    if why := mostly(one):
        yield say("pilot.reason", rule=rule, reason=why, count=one.reasons[next(iter(one.reasons))])
    if one.lesson:
        slots = {"threshold": one.lesson.threshold, "held_out": one.lesson.held_out}
        metric = alert.metric_name(one.lesson.metric)
        yield say("pilot.lesson", rule=rule, metric=metric, passed_out=one.lesson.passed_out, **slots)


def mostly(one: Reviewed) -> Claim | None:
    """Why alerts of a rule were mostly held; None when none was."""
    first = next(iter(one.reasons), "")
    return label(f"hold.{first}") if first else None
