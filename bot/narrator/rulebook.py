"""The words for the rules: when each tells, who changed it and why, what it matches, what it might learn."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from analytics.facts import Line, Nudge, Preview, Rulebook, RuleTold
from bot.narrator.alert import rule_name
from bot.narrator.claims import Claim, Slot, joined, listed, ours, say
from bot.narrator.words import Words, count, day, finish

#: Conditions that ask yes or no, which no number makes plainer: metric, comparison and threshold.
SWITCHES = {
    ("next_steps", "<", Decimal(1)),
    ("outside_limits", ">=", Decimal(1)),
    ("sign_flips", ">=", Decimal(1)),
    ("days_overdue", ">", Decimal(0)),
    ("failed_refreshes", ">=", Decimal(1)),
    ("lost_columns", ">=", Decimal(1)),
    ("quality_falls", ">=", Decimal(1)),
}


def rulebook(book: Rulebook) -> Words:
    """All rules: how many are on, and what readers think of them."""
    on = count(book, "on", sum(rule.state == "on" for rule in book.rules))
    every = count(book, "rules", len(book.rules))
    top = say("rulebook.headline", day=day(book))
    verdict = say("rulebook.verdict", on=on, all=every)
    return finish(
        book,
        headline=top,
        verdict=verdict,
        lines=[line for nudged in book.nudges for line in nudge(nudged)],
        scope={},
        own=(on, every),
    )


def rule(book: Rulebook) -> Words:
    """One rule: when it tells, where each line comes from, and what it matches now."""
    told = book.rules[0]
    top = say("rulebook.one", rule=called(told))
    verdict = say(f"rulebook.{told.state}", level=ours(told.level), when=when(told))
    return finish(
        book,
        headline=top,
        verdict=verdict,
        lines=(
            *narrowed(told),
            *preview(book.preview),
            *(say("rulebook.line", line=line(one), source=ours(one.source)) for one in told.lines),
            *(said for nudged in book.nudges for said in nudge(nudged)),
        ),
        scope={},
    )


def called(told: RuleTold) -> Claim:
    """A rule as people call it."""
    least = next((one.threshold for one in told.lines if one.metric == "amount"), None)
    return rule_name(told.id, told.title, least)


def when(told: RuleTold) -> Claim:
    """All conditions of a rule in one clause."""
    every, some = _all(told.every), joined(map(line, told.any_of), " or ")
    if told.every and len(told.any_of) > 1:
        return say("when.every_and_any", every=every, any=some)
    return _all((*told.every, *told.any_of)) if told.every else some


def _all(lines: Sequence[Line]) -> Claim:
    """Conditions that must all hold: `a`, `a and b`, `a, b and c`."""
    said = [line(one) for one in lines]
    first = joined(said[:-1])
    return joined([first, *said[-1:]], " and ") if len(said) > 1 else joined(said)


def line(one: Line) -> Claim:
    """One condition, as `amount at least $50,000`."""
    if (one.metric, one.comparison, one.threshold.value) in SWITCHES:
        return say(f"switch.{one.metric}")
    if (one.metric, one.comparison) == ("stage_percentile", ">"):
        return say("when.stage_percentile_more", line=one.threshold)
    return say(f"when.{one.metric}", how=say(f"how.{one.comparison}"), line=one.threshold)


def narrowed(told: RuleTold) -> Sequence[Claim]:
    """Which deals alone a rule is about."""
    return [say("rulebook.narrowed", only=listed(only(told)))] if told.filters else []


def only(told: RuleTold) -> list[str]:
    """The values that a rule is narrowed to."""
    return [value for _, values in told.filters for value in values]


def preview(seen: Preview | None) -> Iterable[Claim]:
    """What a rule matches now; nothing where only the source itself can tell."""
    if seen is None:
        return []
    if not seen.figures:
        return [say("rule_preview.few")]
    owners = [say("rule_preview.owners", owners=seen.figures["owners"])] if "owners" in seen.figures else []
    return [say("rule_preview.matches", **seen.figures), *owners]


def nudge(asked: Nudge) -> Sequence[Claim]:
    """That readers found a rule's alerts not useful, and the lines that would have left those out."""
    return [_unhelpful(asked), say("rule_nudge.ask", id=ours(asked.rule.id))]


def asking(asked: Nudge) -> Words:
    """The same as a message to who can change the rule."""
    name = called(asked.rule)
    top = say("rule_nudge.headline", rule=name)
    scope: Mapping[str, Slot] = {"scope": name}
    return finish(asked, headline=top, verdict=_unhelpful(asked), lines=(), text=top, scope=scope)


def _unhelpful(asked: Nudge) -> Claim:
    was = {(one.metric, one.comparison): one.threshold for one in asked.rule.lines}
    instead = [
        say("rule_nudge.one", line=line(one), was=was[one.metric, one.comparison]) for one in asked.instead
    ]
    said = "rule_nudge.raise" if instead else "rule_nudge.no_line"
    return say(said, rule=called(asked.rule), not_useful=asked.not_useful, lines=joined(instead))
