"""The checks of a challenged change in; in the words of the verdict, how many of them show it too, out."""

from collections.abc import Iterator, Sequence

from analytics.facts import Fact, Run, Verdict, Why
from bot.narrator.claims import Claim, Slot, knows, label, listed, ours, say
from bot.narrator.words import count

MOST_NAMED = 2  #: checks that show the opposite, told by name; the table has the rest


def way(change: Fact) -> str:
    """Where a change went: "up", "down" or "flat"."""
    if not change.value:
        return "flat"
    return "up" if change.value > 0 else "down"


def run_name(run: Run) -> Claim:
    """What was asked differently."""
    known = f"why.check_{run.check}"
    slots: dict[str, Slot] = {
        "before": ours(run.before) if run.before else None,
        "after": ours(run.after) if run.after else None,
        "names": listed(name.replace("_", " ") for name in run.names) if run.names else None,
    }
    return say(known if knows(known) else "why.check_other", **slots)


def tally(answer: Why) -> tuple[Fact, Fact, Fact]:
    """How many checks show the change too, how many could, and how many show the opposite."""
    told = [run.holds for run in answer.runs if run.holds is not None]
    numbers = {"held": sum(told), "tried": len(told), "against": len(_against(answer.runs))}
    held, tried, against = (count(answer, name, number) for name, number in numbers.items())
    return held, tried, against


def doubted(answer: Why, said: Claim, held: Fact, tried: Fact, against: Fact) -> Claim:
    """The verdict with how many checks show the change too: doubt of a real one, or of its absence."""
    if not tried.value:
        return say("why.challenged_untested", verdict=said)
    known = f"why.challenged_{_grade(answer, held, tried)}"
    one = f"{known}_one" if held.value == 1 and knows(f"{known}_one") else known
    fell: dict[str, Slot] = {"fell": label(f"a_move.{way(answer.change)}")}
    told = say(one, verdict=said, held=held, tried=tried, **fell)
    return _opposed(answer, told, against) if against.value else told


def _grade(answer: Why, held: Fact, tried: Fact) -> str:
    """How far the checks agree: all, most (two in three), about half, few (one in three) or none."""
    showing, asked = held.value or 0, tried.value or 0
    if answer.verdict is Verdict.SIGNAL:
        if showing == asked:
            return "real_all"
        grade = "most" if showing * 3 >= asked * 2 else "half" if showing * 3 > asked else "few"
        return f"real_{grade}" if showing else "real_none"
    if not showing:
        return "unsure_none"
    return "unsure_most" if showing * 2 > asked else "unsure_some"


def _opposed(answer: Why, said: Claim, against: Fact) -> Claim:
    """With the checks that show the opposite of what was doubted."""
    runs = listed(map(run_name, _against(answer.runs)[:MOST_NAMED]), "; ")
    known = "why.challenged_against_one" if against.value == 1 else "why.challenged_against"
    is_known = any(one.verdict is Verdict.SIGNAL for one in answer.wider)
    chance = None if is_known else say("why.challenged_chance")
    return say(known, verdict=said, against=against, runs=runs, chance=chance)


def opposite(answer: Why) -> Iterator[Claim]:
    """The figures of the checks that show the opposite, but for what the wider periods tell already."""
    told = {one.change.value for one in answer.wider if one.verdict is Verdict.SIGNAL}
    for run in _against(answer.runs)[:MOST_NAMED]:
        if run.change.value not in told:
            yield say("why.run_against", name=run_name(run), change=run.change)


def _against(runs: Sequence[Run]) -> list[Run]:
    return [run for run in runs if run.against]
