"""Several alerts that nobody answered, as one message: findings and the line of each in, words out."""

from collections.abc import Sequence

from analytics.facts import Finding
from bot.narrator.claims import Claim, say
from bot.narrator.words import Words, count, finish


def several(findings: Sequence[Finding], lines: Sequence[str]) -> Words:
    """How many wait for an answer, and how each stands now.

    Args:
        lines: the text of each alert's own message.
    """
    first, *_ = findings
    alerts = count(first, "alerts", len(findings))
    top = say("escalation.several", alerts=alerts)
    return finish(
        first,
        headline=top,
        verdict=say("escalation.ask"),
        lines=[Claim("escalation.line", line) for line in lines],
        text=top,
        scope={"scope": say("escalation.scope")},
        own=tuple({f.id: f for found in findings for f in found.figures.values()}.values()),
    )
