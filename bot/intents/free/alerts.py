"""A question about alerts, rules or the pilot -> its page, or a question back; it never changes a thing."""

import re
from dataclasses import dataclass
from functools import cache

from bot.intents.free import asking
from bot.intents.free.asking import Ground
from bot.intents.free.hearing import Heard
from bot.intents.free.meant import Meant
from prompts import files

_PEOPLE = frozenset({"person", "people", "who", "judge"})


@dataclass(frozen=True, slots=True)
class Way:
    """A way to ask, the lines that it means, and the sentence before them where they are only offered."""

    asks: re.Pattern[str]
    lines: tuple[str, ...]
    ask: str  # "" for a question that its page answers


def meaning(text: str, ground: Ground) -> Meant | None:
    """The page of a question about alerts, or the lines it may mean; None for any other question."""
    for way in _ways():
        if found := way.asks.fullmatch(text):
            named = {key.removesuffix("_2"): said for key, said in found.groupdict().items() if said}
            lines = [line.format_map(named) for line in way.lines]
            return asking.back(way.ask, lines, ground) if way.ask else asking.meant(lines, ground)
    return None


def are_meant(text: str) -> bool:
    """Does a question name alerts at all?"""
    return bool(re.search(files.free_text()["alert_words"], text, re.IGNORECASE))


def offer(heard: Heard, ground: Ground) -> Meant:
    """What there is about alerts; about what people do with theirs, a polite word."""
    if heard.kinds & _PEOPLE:
        return asking.polite("people", ground, heard.each("person"))
    return asking.back("alerts", files.free_text()["alert_examples"], ground)


@cache
def _ways() -> tuple[Way, ...]:
    content = files.free_text()
    before, after = content["glossary_before"], content["alert_after"]
    return tuple(
        Way(
            re.compile(before + one["asks"] + after, re.IGNORECASE),
            tuple(one.get("lines", ())) or (one["line"],),
            one.get("ask", ""),
        )
        for one in content["alerting"]
    )
