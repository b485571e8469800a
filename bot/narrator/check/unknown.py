"""A sentence in; characters, names, periods and days that the answer does not know out."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from bot.narrator.check.known import Known, Problem
from bot.narrator.check.periods import ALL_TIME
from bot.narrator.check.sentences import Mention, Sentence
from prompts import files
from prompts.files import ENGLISH

_PLAIN = re.compile(r"[A-Za-z0-9\s.,;:?!'\"()/%$€£¥₹+\-–—−→·…&=×x°<>≤≥#~▲▼’‘“”¤]*")

_MARKUP = re.compile(
    r"<(?!\s?\d)|>(?!\s?\d)|\]\(|```|\*\S|https?:|www\.|\w@|@\w|\b[\w-]+\.(?:com|io|net|org|example)\b"
    r"|:[a-z_]+:"
)

_INVISIBLE = ("Cf", "Cc", "Co", "Cs", "Cn")

#: Words that may open a sentence, or have a capital, and are no names.
_USUAL = re.findall(
    r"\S+",
    """
    i we you they he she it its their our your this that these those there here the a an and or but
    so yet if when while on in at by for from with without of to as than then since until after
    before during across among between over under per versus vs what which who how where not no
    never still just now today yesterday tomorrow overall also however meanwhile despite compared
    against about around roughly nearly almost only even both each every some any monday tuesday
    wednesday thursday friday saturday sunday january february march april may june july august
    september october november december jan feb mar apr jun jul aug sep sept oct nov dec crm ceo cro
    vp ae sdr arr acv mrr smb p q k m b pp usd eur gbp kpi roi slack hint signal noise ok fyi n/a
    auc ece brier dqs pvs smi health score watch consider try keep ask check look call agree note
    remember review plan talk focus start stop make take give deals deal reps rep win wins won lost
    loss losses rate rates revenue pipeline forecast quota coverage amount stage team teams region
    regions industry industries quarter quarters month months year years day days week weeks
    """,
)


def charset(text: str, bare: str) -> Iterator[Problem]:
    """Anything invisible, markup, links, mentions, letters of another alphabet outside of known names."""
    hidden = [one for one in text if unicodedata.category(one) in _INVISIBLE and one not in "\n\t"]
    if hidden:
        yield Problem("charset", f"U+{ord(hidden[0]):04X}")
    elif not _PLAIN.fullmatch(bare):
        yield Problem("charset", next(one for one in bare if not _PLAIN.fullmatch(one)))
    elif found := _MARKUP.search(bare):
        yield Problem("charset", found[0])


def named(sentence: Sentence, known: Known) -> Iterator[Problem]:
    """Names, ids, periods and days that the answer does not know."""
    for one in sentence.mentions:
        if one.is_id:
            yield Problem("name", sentence.said(one.start, one.end))
        if one.span and not _is_span(one, known):
            yield Problem("period", sentence.said(one.start, one.end))
        if one.day and one.day not in known.days:
            yield Problem("date", sentence.said(one.start, one.end))
    for word in _CAPITAL.finditer(sentence.bare):
        if any(one.start <= word.start() < one.end for one in sentence.quantities):
            continue
        if not _is_usual(word, sentence, known):
            yield Problem("name", word[0])


_CAPITAL = re.compile(r"(?<![\w¤])[A-Z][\w&'’-]*[\w](?:\s(?:&\s)?[A-Z][\w-]*\w)*")


def _is_span(one: Mention, known: Known) -> bool:
    return one.span in known.spans or one.span == ALL_TIME


def _is_usual(word: re.Match[str], sentence: Sentence, known: Known) -> bool:
    """Is a word with a capital one of ours, or only the first of its sentence?"""
    first, *others = re.findall(r"[\w'’]+", word[0].casefold())
    if any(other not in ours() and other not in known.vocabulary for other in others):
        return False
    if first in ours() or first.partition("'")[0] in ours():
        return True
    before = sentence.bare[: word.start()].rstrip()
    if before and before[-1] not in ":.!?•-–—(":
        return False
    return not others and not _CLAIMS.match(sentence.bare[word.end() :])


_CLAIMS = re.compile(
    r"(?:'s|’s)?\s*(?::|/|,|\(|w[io]ns?\b|has\b|had\b|is\b|was\b|are\b|were\b|leads?\b|trails?\b|deals?\b"
    r"|rose\b|fell\b|dropped\b"
    r"|grew\b|closed\b|stands?\b|sits?\b|made\b|did\b|does\b|lost\b|at\b|beats?\b|outperform|gained\b"
    r"|improved\b|wins?\b|rate\b"
    r"|climbed\b|slipped\b|declined\b|differs?\b|drifted\b|left\b|moved\b|converts?\b|owns?\b|and\b"
    r"|shows?\b|owner|region|team)",
    re.IGNORECASE,
)


@cache
def ours() -> frozenset[str]:
    """Every word of our own sentences, folded."""
    texts = [variant.template for variants in files.claims(ENGLISH).values() for variant in variants]
    texts += [*files.labels(ENGLISH).values(), *(play.text.template for play in files.plays(ENGLISH))]
    words = (word for text in texts for word in re.findall(r"(?<![$\w])[a-z]+(?:'[a-z]+)?", text.casefold()))
    return frozenset({*words, *_USUAL})
