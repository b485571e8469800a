"""The words of `/coach setup`: how each section stands, and what is left to do in it."""

from collections.abc import Iterator, Mapping

from analytics.facts import RuleTold
from bot.narrator import rulebook
from bot.narrator.claims import Claim, joined, label, listed, ours, say
from bot.narrator.words import Words, count, day, finish
from bot.setup.facts import Setup
from prompts import files

SECTIONS = ("sources", "mapping", "thresholds", "roles")
LISTED = 30  #: people or rules told on a page; a message holds 50 blocks


def overview(parts: Mapping[str, Setup]) -> Words:
    """How much is left to do; the sections themselves are drawn with `standing`."""
    first = next(iter(parts.values()))
    todo = [said for name, part in parts.items() for said in left(name, part)]
    number = count(first, "left", len(todo))
    verdict = {0: say("setup.done"), 1: say("setup.left_one")}.get(len(todo), say("setup.left", left=number))
    return finish(
        first,
        headline=say("setup.headline", day=day(first)),
        verdict=verdict,
        lines=(),
        scope={},
        own=(number, *(fact for part in parts.values() for fact in part.facts().values())),
    )


def standing(name: str, of: Setup) -> str:
    """How a section stands and what is left to do in it, in a line or two."""
    return joined(dict.fromkeys([verdict(name, of), *left(name, of)]), " ").text


def section(name: str, of: Setup, *, links: bool) -> Words:
    """One section: how it stands, what is left to do, and what else is to be known.

    Args:
        links: may the reader say who is who?
    """
    first = verdict(name, of)
    more = [*left(name, of), *_known(name, of, links=links)]
    return finish(
        of,
        headline=say(f"setup.{name}_headline", day=day(of)),
        verdict=first,
        lines=[line for line in more if line != first],
        scope={},
    )


def verdict(name: str, of: Setup) -> Claim:
    """How a section stands, in a sentence."""
    match name:
        case "sources":
            return _loaded(of)
        case "mapping":
            return _mapped(of)
        case "thresholds":
            return say("setup_thresholds.lines", **of.figures)
    return next(iter(left(name, of)), say("setup_roles.fine"))


def _loaded(of: Setup) -> Claim:
    if "loaded_on" not in of.figures:
        return say("setup_sources.nothing")
    how = "loaded" if of.figures["age"].value else "loaded_today"
    return say(f"setup_sources.{how}", **of.figures)


def _mapped(of: Setup) -> Claim:
    if of.slack != "asked":
        return say(f"setup_mapping.{of.slack}")
    how = {0: "known", 1: "one"}.get(len(of.missing), "some")
    return say(f"setup_mapping.{how}", **of.figures)


def left(name: str, of: Setup) -> list[Claim]:
    """What is left to do in a section."""
    if name == "sources":
        return [*_left_in_sources(of)]
    if name == "mapping":
        return [_mapped(of)] if of.missing else []
    return [*_unheld(of)] if name == "roles" else []


def _left_in_sources(of: Setup) -> Iterator[Claim]:
    if "loaded_on" not in of.figures:
        yield say("setup_sources.nothing")
    if of.is_old:
        yield say("setup_sources.old")
    if of.is_behind:
        yield say("setup_sources.behind")
    if failing := of.figures["failing"].value:
        yield say("setup_sources.failing_one" if failing == 1 else "setup_sources.failing", **of.figures)
    if of.lost:
        yield say("setup_sources.lost", columns=listed(of.lost))
    for one in of.failed:
        yield say("setup_sources.failed", job=_job(one.job), attempts=one.attempts)
    if not of.figures["alive"].value:
        yield say("setup_sources.silent")


def _job(name: str) -> Claim:
    known = f"setup_job.{name}"
    return label(known if known in files.labels() else "setup_job.other")


def _unheld(of: Setup) -> Iterator[Claim]:
    held = {one.role for one in of.holders}
    for role in ("cro", "ops"):
        if role not in held:
            yield say(f"setup_roles.nobody_{role}")
    if of.reviews and "reviewer" not in held:
        yield say("setup_roles.nobody_reviewer")


def _known(name: str, of: Setup, *, links: bool) -> Iterator[Claim]:
    """What else is to be known of a section."""
    match name:
        case "sources":
            yield from _known_of_sources(of)
        case "mapping" if of.slack == "asked":
            yield from _known_of_people(of, links=links)
        case "thresholds":
            yield from (
                say(f"setup_thresholds.{one}", **of.figures) for one in ("budget", "escalate", "silent")
            )
            if more := len(of.rules) - LISTED if len(of.rules) > LISTED else 0:
                yield say("setup_thresholds.more", more=count(of, "more", more))
        case "roles":
            if not of.reviews:
                yield say("setup_roles.no_pilot")
            yield say("setup_roles.change")


def _known_of_sources(of: Setup) -> Iterator[Claim]:
    if of.figures["checks"].value and not of.figures["failing"].value:
        yield say("setup_sources.checks_ok", **of.figures)
    if not of.failed:
        yield say("setup_sources.no_failed")
    if of.figures["alive"].value:
        yield say("setup_sources.alive", **of.figures)
    yield from (say(f"setup_sources.no_{feed}") for feed in of.feeds)


def _known_of_people(of: Setup, *, links: bool) -> Iterator[Claim]:
    yield from (
        say(f"setup_mapping.{one}", **of.figures) for one in ("strangers", "guests") if of.figures[one].value
    )
    if len(of.missing) > LISTED:
        yield say("setup_mapping.more", more=count(of, "more", len(of.missing) - LISTED))
    if of.missing:
        yield say("setup_mapping.how" if links else "setup_mapping.how_cro")


def rule(one: RuleTold) -> Claim:
    """A rule with its lines, and where each line comes from."""
    lines = [
        say("setup_thresholds.line", line=rulebook.line(line), source=ours(line.source)) for line in one.lines
    ]
    return say(
        "setup_thresholds.rule",
        rule=rulebook.called(one),
        level=ours(one.level),
        state=label(f"rule_state.{one.state}"),
        lines=joined(lines, "; "),
    )


def why(code: str) -> Claim:
    """Why somebody is nobody in Slack."""
    return say(f"setup_missing.{code}")


def linked(member: str, person: str) -> Claim:
    """That a Slack user is somebody from now on."""
    return say("setup.linked", name=member, person=person)
