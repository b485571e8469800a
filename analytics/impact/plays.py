"""Logged actions with what followed each -> for each play the share followed by a move, with its range.

People choose what they do, and for which deal: a play that is often followed by a move may have been chosen
for deals that move anyway. So nothing here is an effect.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from analytics import verdict
from analytics.answers.mint import Mint
from analytics.facts import Fact, Followed, Note, Plays, Unit, Verdict
from analytics.verdict import FEWEST

#: What may have followed an action; "gone": the deal is no longer in the CRM, and nothing is known.
MOVES = frozenset({"won", "lost", "moved", "stepped"})
KNOWN = MOVES | {"nothing"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One logged action."""

    play: str  # "" own words
    person_id: str
    after_14: str  # "" not yet; see `MOVES`
    after_30: str


@dataclass(frozen=True, slots=True)
class Unanswered:
    """One alert that was told, at least 14 days ago, and on which nobody logged anything."""

    owner_id: str
    moved: bool  # within 14 days


def plays(done: Sequence[Done], unanswered: Sequence[Unanswered], mint: Mint, *, sees_all: bool) -> Plays:
    """What followed each play, and whether the plays differ beyond chance.

    Args:
        sees_all: the reader may see every deal. For others plays that fewer than five people logged are
            pooled, and left out where even together they are too few people.

    Returns:
        One row per play, the most logged first, own words among them; the pooled ones last.
    """
    groups = _groups(done, sees_all)
    rows = tuple(_row(name, some, mint) for name, some in groups)
    judged, overall = _judged([row.after_14 for row in rows if not row.pooled])
    return Plays(
        rows=tuple(_with_verdict(row, judged) for row in rows),
        nothing_logged=_share("followed_up", _shown(unanswered, sees_all), "nothing_logged", mint),
        verdict=overall,
        figures=_counts(done, mint) if sees_all or not done or _people(done) >= FEWEST else {},
        notes=(Note("plays_pooled"),) if any(row.pooled for row in rows) else (),
        as_of=mint.as_of,
        generation=mint.generation,
    )


def _shown(unanswered: Sequence[Unanswered], sees_all: bool) -> list[bool]:
    """Whether each was followed by a move; none where so few own them that it would tell of single ones."""
    enough = sees_all or len({one.owner_id for one in unanswered}) >= FEWEST
    return [one.moved for one in unanswered if enough]


def _counts(done: Sequence[Done], mint: Mint) -> dict[str, Fact]:
    return {
        "logged": mint.count("actions", len(done), "all"),
        "waiting": mint.count("waiting_actions", sum(not one.after_14 for one in done), "all"),
    }


@dataclass(frozen=True, slots=True)
class _Group:
    play: str
    pooled: bool = False


def _groups(done: Iterable[Done], sees_all: bool) -> list[tuple[_Group, list[Done]]]:
    """The actions by play; thin ones together."""
    by_play: defaultdict[str, list[Done]] = defaultdict(list)
    for one in done:
        by_play[one.play].append(one)
    shown = {play: some for play, some in by_play.items() if sees_all or _people(some) >= FEWEST}
    thin = [one for play, some in by_play.items() if play not in shown for one in some]
    ordered = sorted(shown.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    pooled = [(_Group("", pooled=True), thin)] if thin and _people(thin) >= FEWEST else []
    return [*((_Group(play), some) for play, some in ordered), *pooled]


def _people(done: Iterable[Done]) -> int:
    return len({one.person_id for one in done})


def _row(group: _Group, done: Sequence[Done], mint: Mint) -> Followed:
    entity = "plays=pooled" if group.pooled else f"play={group.play}"
    after_14 = [one.after_14 in MOVES for one in done if one.after_14 in KNOWN]
    after_30 = [one.after_30 in MOVES for one in done if one.after_30 in KNOWN]
    won = [one.after_30 == "won" for one in done if one.after_30 in KNOWN]
    return Followed(
        play=group.play,
        logged=mint.count("actions", len(done), entity),
        after_14=_share("followed_up", after_14, f"{entity},days=14", mint),
        after_30=_share("followed_up", after_30, f"{entity},days=30", mint),
        won=_share("won_after", won, f"{entity},days=30", mint),
        pooled=group.pooled,
    )


def _share(metric: str, held: Sequence[bool], entity: str, mint: Mint) -> Fact:
    """How often it held, with Wilson's range; unknown below five."""
    if len(held) < FEWEST:
        return mint.fact(metric, None, Unit.FRACTION, entity, n=len(held), unknown="too_few_actions")
    low, high = verdict.wilson([sum(held)], [len(held)])
    share = sum(held) / len(held)
    return mint.fact(
        metric, share, Unit.FRACTION, entity, n=len(held), low=float(low[0]), high=float(high[0])
    )


def _judged(shares: Sequence[Fact]) -> tuple[Mapping[str, Verdict | None], Verdict]:
    """The verdict on each share that is known, by its id, and on all of them together."""
    known = [(share.id, share.value, share.n) for share in shares]
    told = [(name, round(value * n), n) for name, value, n in known if value is not None and n]
    counts = [n for _, _, n in told]
    single = [True] * len(told)
    found = verdict.judge([moved for _, moved, _ in told], counts, complete=single, single=single)
    return dict(zip((name for name, _, _ in told), found.cells, strict=True)), found.verdict


def _with_verdict(row: Followed, judged: Mapping[str, Verdict | None]) -> Followed:
    return replace(row, after_14=replace(row.after_14, verdict=judged.get(row.after_14.id)))
