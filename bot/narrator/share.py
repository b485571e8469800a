"""The words about sharing: a shared message's first line, who may see what, and who shared what before."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from analytics.facts import Fact
from bot import names
from bot.narrator.claims import Claim, label, say
from bot.narrator.words import count, day
from bot.sharing.ledger import Outcome, Share
from bot.sharing.reach import Sees

if TYPE_CHECKING:
    from bot.sharing.drafts import Draft

NOTE_MOST = 300  #: characters of a note
LINE_MOST = 300  #: characters of a line that are shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """What was shared, as one reader may know it.

    Args:
        newest: not all of the `total`.
        names: of people, by id.
        is_own: only the reader's own.
    """

    newest: Sequence[Share]
    total: int
    names: dict[str, str]
    is_own: bool
    as_of: date
    generation: str

    def facts(self) -> dict[str, Fact]:
        """None beside the counts, which the words make."""
        return {}


def first(draft: "Draft") -> Claim:
    """The first line of a shared message: by whom, and what the answer does not hold."""
    if draft.is_narrower:
        return say("share.first_narrower", who=draft.who)
    return say("share.first", who=draft.who)


def notification(draft: "Draft") -> str:
    """The text of the message, with the key number; escaped, for Slack reads it as markup."""
    return f"{names.escape(first(draft).text)} {draft.reply.text}"


def note(draft: "Draft", words: str) -> Claim:
    """The sharer's own words, said to be theirs."""
    return say("share.note", who=draft.who, note=_theirs(words, NOTE_MOST))


def sight(draft: "Draft") -> Iterator[Claim]:
    """How many there may see all of the sharer's own answer, and how many apps there are."""
    seers, readers = len(draft.sight[Sees.ALL]), len(draft.room.readers)
    counted = {"seers": count(draft, "seers", seers), "readers": count(draft, "readers", readers)}
    yield say("share.sight", channel=draft.room.name, **counted)
    if draft.room.apps:
        yield say("share.apps", apps=count(draft, "apps", draft.room.apps))


def compared(draft: "Draft") -> Iterator[Claim]:
    """What is left out, what both answers rest on, and who else will read it."""
    yield from (say(reason) for reason in draft.left_out)
    for name, reply in (("theirs", draft.reply), ("yours", draft.own)):
        if reply.words and (draft.is_narrower or name == "theirs"):
            yield say(f"share.{name}", context=Claim("context", reply.words.context))
    yield say("share.public" if draft.room.is_public else "share.later")


def done(draft: "Draft") -> Claim:
    """Where it was shared, and how many read there."""
    readers = count(draft, "readers", len(draft.room.readers))
    return say("share.done", channel=draft.room.name, readers=readers)


def cut_off(share: Share) -> Claim:
    """A share of which nobody knows whether it arrived."""
    return say("share.cut_off", line=_theirs(share.line, LINE_MOST))


def headline(shares: Shares) -> Claim:
    """What the page of shares is called."""
    return say("shares.headline_own" if shares.is_own else "shares.headline")


def verdict(shares: Shares) -> Claim:
    """How many there are."""
    if not shares.total:
        return say("shares.nothing")
    return say("shares.verdict", shares=count(shares, "shares", shares.total))


def row(share: Share, shares: Shares) -> tuple[Claim, Claim, Claim]:
    """One share: when, by whom and what; what became of it; how many could read it."""
    told = day(shares, "shared_on", share.at.date() if share.at else None)
    who = shares.names.get(share.person_id, share.person_id)
    line = _theirs(share.line, LINE_MOST)
    readers = count(shares, "readers", len(share.readers))
    return (
        say("shares.row", day=told, who=who, line=line),
        outcome(share),
        say("shares.readers", readers=readers),
    )


def outcome(share: Share) -> Claim:
    """What became of it, in a few words."""
    known = share.outcome in frozenset(Outcome)
    return label(f"share_outcome.{share.outcome if known else 'refused'}")


def left(shares: Shares) -> Claim | None:
    """That there are more than are shown; None when all are."""
    if shares.total <= len(shares.newest):
        return None
    return say("shares.left", shown=count(shares, "shown", len(shares.newest)))


def _theirs(words: str, most: int) -> Claim:
    """Words that somebody wrote, as one harmless line."""
    return Claim("theirs", names.clean(words, most))
