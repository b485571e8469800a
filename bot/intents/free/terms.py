"""A question what a word means -> its page of the glossary, or a question back."""

import re
from collections.abc import Mapping
from functools import cache

from analytics.glossary import GLOSSARY
from bot.intents.free import asking
from bot.intents.free.asking import Ground
from bot.intents.free.meant import Meant
from bot.intents.vocabulary import nearest
from prompts import files


def meaning(text: str, ground: Ground) -> Meant | None:
    """The glossary's page, if the text asks for a word's meaning; near words when there is none such."""
    for way in _ways("glossary_exact"):
        if (found := way.fullmatch(text)) and (line := _line(found["term"])):
            return ground.intent(line)
    found = next((found for way in _ways("glossary") if (found := way.fullmatch(text))), None)
    if not found:
        return None
    if line := _line(found["term"]):
        return ground.intent(line)
    names = list(_terms())
    near = [_line(names[place]) for place in nearest(found["term"], names)]
    return asking.back("choose", near, ground, unsure=True) if near else None


def bare(text: str) -> str:
    """The glossary's line for "what is X", which may ask for the figure as well; "" when it is neither."""
    found = re.fullmatch(files.free_text()["figure_or_glossary"], text, re.IGNORECASE)
    return _line(found["term"]) if found else ""


def _line(term: str) -> str:
    """The line of a word's entry, "" when it has none."""
    term = term.strip("\"' ,")
    known = _terms().get(term.lower(), "")
    return f"/coach glossary {term if known.lower() == term.lower() else known}" if known else ""


@cache
def _terms() -> Mapping[str, str]:
    """The name or title of each entry by every word for it: name, title, and a score's first letters."""
    titles = [entry.title for entry in GLOSSARY]
    scores = {"".join(word[0] for word in title.split()): title for title in titles if title.istitle()}
    short = {letters.lower(): title for letters, title in scores.items() if len(letters) > 2}
    words = {word.lower(): word for word in (*titles, *(entry.name for entry in GLOSSARY))}
    return short | {word.replace("-", " "): named for word, named in words.items()} | words


@cache
def _ways(listed: str) -> tuple[re.Pattern[str], ...]:
    content = files.free_text()
    return tuple(re.compile(content["glossary_before"] + way, re.IGNORECASE) for way in content[listed])
