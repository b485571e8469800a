"""The words for the rules: when each tells, who changed it and why, what it matches, what it might learn."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from analytics.facts import Line, Nudge, Preview, Rulebook, RuleTold
from bot.narrator.alert import rule_name
from bot.narrator.claims import Claim, joined, listed, ours, say
from bot.narrator.words import Words, count, day, finish

#: Conditions that ask yes or no, which no number makes plainer: metric, comparison and threshold.
SWITCHES = {
    ("next_steps", "<", Decimal(1)),
    ("outside_limits", ">=", Decimal(1)),
    ("sign_flips", ">=", Decimal(1)),
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
        text=say("rulebook.text", headline=top, verdict=verdict),
        scope={},
        own=(on, every),
    )


def rule(book: Rulebook) -> Words:
    """One rule: when it tells, where each line comes from, and what it matches now."""
    told = book.rules[0]
    top = say("rulebook.one", rule=rule_name(told.id, told.title))
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
        text=say("rulebook.text", headline=top, verdict=verdict),
        scope={},
    )


def when(told: RuleTold) -> Claim:
    """All conditions of a rule in one clause."""
    every = joined(map(line, told.every)) if told.every else None
    some = joined(map(line, told.any_of), " or ") if told.any_of else None
    if every and some:
        return say("when.every_and_any", every=every, any=some)
    return every or some or ours("")


def line(one: Line) -> Claim:
    """One condition, as `amount at least $50,000`."""
    if (one.metric, one.comparison, one.threshold.value) in SWITCHES:
        return say(f"switch.{one.metric}")
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
    called = rule_name(asked.rule.id, asked.rule.title)
    was = {(one.metric, one.comparison): one.threshold for one in asked.rule.lines}
    lines = joined(
        say("rule_nudge.one", line=line(one), was=was[one.metric, one.comparison]) for one in asked.instead
    )
    said = "rule_nudge.raise" if asked.instead else "rule_nudge.no_line"
    ask = say("rule_nudge.ask", id=ours(asked.rule.id))
    return [say(said, rule=called, not_useful=asked.not_useful, lines=lines), ask]
