"""The words for one rep against the team: luck taken into account, and no ranking by luck."""

from collections.abc import Iterator

from analytics.facts import Fact, Note, RepPage, Verdict
from bot.narrator import plays
from bot.narrator.claims import Claim, ours, say
from bot.narrator.words import Words, finish, notes

CLEARLY_BELOW = 0.5  #: from this chance on, that a rate lies well below the team's is worth a line


def rep(page: RepPage, stale: Note | None = None) -> Words:
    """How a rep is doing, luck taken into account. `stale` is told first of all."""
    top = say("rep.headline", name=page.name, period=ours(page.period))
    verdict = _verdict(page)
    offered = plays.fitting(page, verdict)
    return finish(
        page,
        headline=top,
        verdict=verdict,
        lines=[*_lines(page), *notes(page.notes), *plays.advice(offered)],
        scope={"scope": page.name, "deals": page.figures.get("deals")},
        stale=stale,
        plays=offered,
    )


def to_you(page: RepPage) -> Claim:
    """The same verdict, said to the rep."""
    return _verdict(page, "rep_you")


def pooled(page: RepPage) -> Claim:
    """Everybody's rate, said to a rep who has closed nothing yet."""
    return say("rep_you.new", team=page.figures.get("team_win_rate"))


def _verdict(page: RepPage, said: str = "rep") -> Claim:
    known = page.figures
    rate, team = known.get("luck_adjusted_win_rate"), known.get("team_win_rate")
    if team is not None and team.unknown == "too_few_people":
        return say(f"{said}.too_few_people", name=page.name)
    if not _is_known(rate) or not _is_known(team):
        return say(f"{said}.too_few", name=page.name)
    return say(f"{said}.{_way(page)}", name=page.name, rate=rate, team=team)


def _way(page: RepPage) -> str:
    if page.verdict is Verdict.TOO_FEW:
        return "too_few"
    if page.verdict is not Verdict.SIGNAL:
        return "hint" if page.verdict is Verdict.HINT else "alike"
    rate, team = page.figures["win_rate"].value, page.figures["team_win_rate"].value
    return "above" if rate is not None and team is not None and rate > team else "below"


def _lines(page: RepPage) -> Iterator[Claim]:
    known = page.figures
    if _is_known(known.get("win_rate")):
        yield say("rep.raw", rate=known["win_rate"])
    yield from _spread(page)
    below = known.get("below_by_five")
    if below is not None and (below.value or 0) >= CLEARLY_BELOW:
        yield say("rep.below_by_five", below_by_five=below)
    yield from _consistency(known.get("rep_consistency"))
    if _is_known(known.get("open_deals")):
        yield say("rep.book", **known)
    for sentence, metric in (("velocity", "sales_velocity"), ("cycle", "median_cycle")):
        if _is_known(known.get(metric)):
            yield say(f"rep.{sentence}", **known)
    if page.verdict is Verdict.SIGNAL:
        yield say("rep.talk")


def _is_known(fact: Fact | None) -> bool:
    return fact is not None and fact.value is not None


def _spread(page: RepPage) -> Iterator[Claim]:
    """Would equal reps spread this much?"""
    known = page.figures
    if page.equal_reps is not None and _is_known(known.get("spread")):
        sentence = "equal" if page.equal_reps else "unequal"
        chance, p = known.get("spread_by_chance"), known.get("spread_p")
        yield say(f"rep.{sentence}", spread=known["spread"], chance=chance, p=p)


def _consistency(fact: Fact | None) -> Iterator[Claim]:
    if fact is None:
        return
    if fact.value is not None:
        yield say("rep.consistency", rep_consistency=fact)
    elif fact.unknown == "cannot_tell":
        yield say("rep.cannot_tell")
