"""What became of every alert that was considered, in words: counts in, verdict and bullets out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from analytics.facts import Fact
from bot.alerting.log import Entry, What, Why
from bot.narrator.claims import Claim, label, say
from bot.narrator.words import Words, count, finish

#: What counts as an answer of somebody.
ACTED_ON = (What.ACKNOWLEDGED, What.ACTED, What.SNOOZED, What.DISMISSED, What.NOT_USEFUL, What.USEFUL)
UPDATED = (What.RESOLVED, What.EXPIRED, What.WOKEN)
TOLD = (What.TOLD, What.ESCALATED)


@dataclass(frozen=True, slots=True)
class Logged:
    """The log as one reader may see it.

    Args:
        counts: how often what happened, for which reason (a code, or "").
        entries: the newest first; not all that were counted.
        names: of people, by id.
        about: a deal, rep or rule; "" for all.
    """

    counts: Mapping[tuple[What, str], int]
    entries: Sequence[Entry]
    names: Mapping[str, str]
    about: str
    since: date
    as_of: date
    generation: str

    def facts(self) -> dict[str, Fact]:
        """None beside the counts, which the words make."""
        return {}


def log(found: Logged) -> Words:
    """How many were told, held back, updated and acted on; and why they were held back."""
    told, held = _number(found, "alerts_told", TOLD), _number(found, "alerts_held", (What.SUPPRESSED,))
    digest, acted = _number(found, "alerts_listed", (What.DIGEST,)), _number(found, "answers", ACTED_ON)
    updated = _number(found, "alerts_updated", UPDATED)
    reasons = list(_reasons(found))
    top = say("alert_log.headline", about=found.about or None)
    verdict = say("alert_log.verdict" if found.counts else "alert_log.nothing", told=told, held=held)
    more = [say("alert_log.rest", digest=digest, acted=acted, updated=updated)] if found.counts else []
    return finish(
        found,
        headline=top,
        verdict=verdict,
        lines=[*more, *(claim for claim, _ in reasons)],
        text=say("alert_log.text", headline=top, verdict=verdict),
        scope={"scope": say("alert_log.scope")},
        own=(told, held, digest, acted, updated, *(fact for _, fact in reasons)),
    )


def _reasons(found: Logged) -> Iterator[tuple[Claim, Fact]]:
    """Why alerts were not told, the most frequent reason first."""
    held = {why: n for (what, why), n in found.counts.items() if what is What.SUPPRESSED and why}
    for why, number in sorted(held.items(), key=lambda one: (-one[1], one[0])):
        fact = count(found, f"held_{why}", number)
        yield say("alert_log.reason", why=label(f"alert_why.{why}"), number=fact), fact
    if silent := sum(n for (what, _), n in found.counts.items() if what is What.SILENT):
        fact = count(found, "held_silent", silent)
        yield say("alert_log.reason", why=label(f"alert_why.{Why.SILENT}"), number=fact), fact


def _number(found: Logged, metric: str, what: Sequence[What]) -> Fact:
    return count(found, metric, sum(n for (one, _), n in found.counts.items() if one in what))


def what(entry: Entry) -> Claim:
    """What happened, in a word or two."""
    return label(f"alert_what.{entry.what}")


def why(entry: Entry) -> str:
    """Why, in words: of ours for a code, else their own; "" for what needs no reason."""
    if entry.reason in frozenset(Why):
        return label(f"alert_why.{entry.reason}").text
    own = (What.ACTED, What.DISMISSED, What.NOT_USEFUL, What.USEFUL, What.WITHHELD)
    if entry.what is What.RESOLVED:
        return label(f"alert_end.{entry.reason}").text
    return entry.reason if entry.what in own else ""
