"""What became of every alert that was considered, in words: counts in, verdict and bullets out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from analytics.facts import Fact
from bot import spelling
from bot.alerting.log import ANSWERS, Entry, What, Why
from bot.narrator import reasons
from bot.narrator.claims import Claim, label, say
from bot.narrator.words import Words, count, finish

UPDATED = (What.RESOLVED, What.EXPIRED, What.WOKEN)
TOLD = (What.TOLD, What.ESCALATED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """The log as one reader may see it.

    Args:
        counts: how often what happened, for which reason (a code, or "").
        entries: told and answered first, then the newest; not all that were counted.
        total: how many entries there are with those not read.
        hygiene: how many more are counted, and not listed.
        counts_only: the reader sees counts, and no deals.
        names: of people, by id.
        about: a deal, rep or rule; "" for all.
    """

    counts: Mapping[tuple[What, str], int]
    entries: Sequence[Entry]
    total: int
    hygiene: int
    names: Mapping[str, str]
    about: str
    counts_only: bool
    since: date
    as_of: date
    generation: str

    def facts(self) -> dict[str, Fact]:
        """None beside the counts, which the words make."""
        return {}


def log(found: Logged) -> Words:
    """How many were told, held back, updated and acted on; and why they were held back."""
    told, held = _number(found, "alerts_told", TOLD), _number(found, "alerts_held", (What.SUPPRESSED,))
    digest, acted = _number(found, "alerts_listed", (What.DIGEST,)), _number(found, "answers", ANSWERS)
    updated, silent = _number(found, "alerts_updated", UPDATED), _number(found, "silent", (What.SILENT,))
    unsent = count(
        found, "alerts_unsent", sum(n for (_, why), n in found.counts.items() if why == Why.UNSENT)
    )
    hygiene = count(found, "hygiene", found.hygiene)
    reasons = list(_reasons(found))
    top = say("alert_log.headline", about=found.about or None)
    first = {"told": told, "silent": silent if silent.value else None, "acted": acted}
    verdict = say("alert_log.verdict", **first) if found.counts or found.entries else _nothing(found)
    more = [say("alert_log.rest", digest=digest, held=held, updated=updated)] if found.counts else []
    more += [say("alert_log.unsent", unsent=unsent)] if unsent.value else []
    more += [say("alert_log.hygiene", hygiene=hygiene)] if hygiene.value and not found.counts_only else []
    more += [say("alert_log.counts_only")] if found.counts_only else []
    return finish(
        found,
        headline=top,
        verdict=verdict,
        lines=[*more, *(claim for claim, _ in reasons)],
        scope={"scope": say("alert_log.scope")},
        own=(told, held, digest, acted, updated, silent, unsent, hygiene, *(fact for _, fact in reasons)),
    )


def _nothing(found: Logged) -> Claim:
    """That there is nothing to read; of a deal the same, whether it is unknown or somebody else's."""
    return say("alert_log.nothing_about", about=found.about) if found.about else say("alert_log.nothing")


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
    return count(
        found, metric, sum(n for (one, why), n in found.counts.items() if one in what and why != Why.UNSENT)
    )


def what(entry: Entry) -> Claim:
    """What happened, in a word or two."""
    return label(f"alert_what.{'unsent' if entry.due else entry.what}")


def why(entry: Entry) -> str:
    """Why, in words: of ours for a code, else their own; "" for what needs no reason."""
    if entry.due:
        return f"{label('alert_why.unsent').text} {spelling.moment(entry.due)}"
    if entry.reason in frozenset(Why):
        return label(f"alert_why.{entry.reason}").text
    own = (What.ACTED, What.DISMISSED, What.NOT_USEFUL, What.USEFUL, What.WITHHELD)
    if entry.what is What.RESOLVED:
        return label(f"alert_end.{entry.reason}").text
    return reasons.said(entry.reason) if entry.what in own else ""
