"""Which plays fit an answer: those whose situations all hold, the most pressing first."""

from bot.narrator import situations
from bot.narrator.claims import Claim, play, say
from prompts import files

MOST = 4  #: plays that a language model may choose among


def fitting(answer: object, verdict: Claim | None = None) -> tuple[Claim, ...]:
    """What could be done about an answer with this verdict, the most fitting first; at most `MOST`."""
    holding, stage = situations.of(answer, verdict), situations.stage_of(answer)
    fit = (one for one in files.plays() if holding.issuperset(one.when) and stage in (one.stage or (stage,)))
    return tuple(play(one.text, one.id) for one in fit)[:MOST]


def advice(offered: tuple[Claim, ...], sentence: str = "play.next") -> list[Claim]:
    """The line that tells the most fitting play; none where nothing can be done."""
    return [say(sentence, play=offered[0])] if offered else []
