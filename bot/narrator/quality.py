"""The words for the data scorecard."""

from analytics.facts import Quality, QualityLine
from bot.narrator.claims import Claim, knows, say
from bot.narrator.words import Words, count, day, finish

FINE = "ok"


def quality(scorecard: Quality) -> Words:
    """How many checks need a look, and each of those."""
    wrong = [line for line in scorecard.lines if line.level != FINE]
    failing, total = count(scorecard, "failing", len(wrong)), count(scorecard, "checks", len(scorecard.lines))
    top = say("quality.headline", day=day(scorecard))
    verdict = say(_verdict(scorecard, wrong), failing=failing, total=total)
    return finish(
        scorecard,
        headline=top,
        verdict=verdict,
        lines=map(_line, sorted(wrong, key=lambda line: line.level)),  # "bad" before "warn"
        scope={},
        own=(failing, total),
    )


def check_name(line: QualityLine) -> Claim:
    """What a check is called."""
    known = f"check.{line.check}"
    return say(known) if knows(known) else say("check.", name=line.check.replace("_", " "))


def _line(line: QualityLine) -> Claim:
    return say("quality.line", check=check_name(line), table=line.table, rows=line.failing, of=line.total)


def _verdict(scorecard: Quality, wrong: list[QualityLine]) -> str:
    if not scorecard.lines:
        return "quality.nothing"
    return "quality.some" if wrong else "quality.all_ok"
