"""A model's own sentence in, the code of the first thing wrong with it out: "" when it may be read.

This is the guarantee; everything here is exact, and refuses what it does not know. What a suggestion is:

charset     ASCII letters, space and `,.;:?!'"()-–—` only; a mark is followed by a space, a closing mark or
            the end: no digit, `$`, `%`, markup, link, domain, mention, `:emoji:`, zero width or bidi mark.
numeral     no character with a numeric value in Unicode, no token of the list `numerals`, no Roman numeral
            of two letters or more.
direction, cause, strength, ranking, time
            no token of these lists, no phrase of `causal_phrases`. `phrases` holds what only looks like one
            (follow up, write it down).
name        no token equals a part of a name of this answer, whatever its case, but for the small words of
            `COMMON`. A text of more than `LONGEST_NAME` words is a note: its words are everybody's.
vocabulary  every token is one of `words`: names nobody listed and numbers of other languages have no way in.
            A capital stands only where a sentence or a quotation begins, in "I" or in a listed acronym.
form        every sentence, and what follows a semicolon, is a question that ends in "?" and begins with one
            of `askers`; or it begins with a verb of suggestion, one of `openers`. "First", "then" and the
            like (`leads`) may precede the verb.
length      at most `MOST_SENTENCES`, each of at most `MOST_WORDS` words.

A token is a run of letters with its apostrophes; a hyphen parts two tokens; `'s` at the end does not count.
The lists are in prompts/vocabulary.yaml, and `words` has none of the refused words (tests).
So whatever passes holds no numeral (G1), no name (G2), no direction and no cause (G3). What it may still do
is presuppose ("Review what the buyer feared"): no list ends that.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from functools import cache

from prompts import files

MOST_SENTENCES = 2  #: a bullet, not a paragraph
MOST_WORDS = 25  #: in a sentence. Source: plain language guides, at most 20 to 25
LONGEST_NAME = 4  #: words of a name; "Send the contract to Bob" is a note
COMMON = frozenset(
    ["a", "the", "of", "and", "to", "for", "in", "on", "with", "at", "by", "or"]
)  #: they name nobody by themselves

_CHARSET = re.compile(r"""[A-Za-z ,.;:?!'"()–—-]*""")
_UNSPACED = re.compile(r"""[,.;:?!](?![ )"']|$)""")  # `buyer.it` is a link, `:smile:` a picture
_TOKEN = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)*")
_CLAUSE = re.compile(r"""(?<=[.?!])[")']*\s+|;""")
_BEGINS = re.compile(r"""(?:^|[.?!][")']* |(?:^| )["'(])["'(]*$""")  # before a word that may be capital
_ROMAN = re.compile(r"(?=[ivxlcdm]{2})m{0,3}(cm|cd|d?c{0,3})(xc|xl|l?x{0,3})(ix|iv|v?i{0,3})")
_STRAIGHT = str.maketrans("‘’“”‑\u00a0", "''\"\"- ")


def straightened(say: str) -> str:
    """The same text with plain quotes and hyphens, as a keyboard has them.

    >>> straightened(" Ask “what’s missing”? ")
    'Ask "what\\'s missing"?'
    """
    return say.translate(_STRAIGHT).strip()


def lint(say: str, names: Collection[str]) -> str:
    """What is wrong first, as a code of the module's list; "" for a suggestion that may be read.

    Args:
        say: one bullet of a model's own words.
        names: the names of this answer, which it must not touch.

    >>> lint("Ask the buyer who signs.", []), lint("Win rate rose, call them.", []), lint("Two calls!", [])
    ('', 'direction', 'numeral')
    """
    if _has_numeric(say):
        return "numeral"
    if not _CHARSET.fullmatch(say) or _UNSPACED.search(say):
        return "charset"
    tokens = [_bare(token) for token in _TOKEN.findall(say)]
    return _refused(tokens) or _unknown(say, tokens, names) or _misshapen(say)


def _has_numeric(text: str) -> bool:
    return any(unicodedata.numeric(character, None) is not None for character in text)


def _bare(token: str) -> str:
    return token.lower().removesuffix("'s")


def _refused(tokens: list[str]) -> str:
    """The first list that has one of the words, as they stand without harmless phrases."""
    joined = f" {' '.join(tokens)} "
    if _phrases("causal_phrases").search(joined):
        return "cause"
    left = set(_phrases("phrases").sub(" ", joined).split())
    found = (code for code, listed in REFUSED.items() if left & files.vocabulary()[listed])
    return "numeral" if any(map(_ROMAN.fullmatch, left)) else next(found, "")


#: The code of a refusal -> its list in prompts/vocabulary.yaml.
REFUSED = {
    "numeral": "numerals",
    "direction": "directions",
    "cause": "causes",
    "strength": "strengths",
    "ranking": "rankings",
    "time": "times",
}


@cache
def _phrases(listed: str) -> re.Pattern[str]:
    longest_first = sorted(files.vocabulary()[listed], key=len, reverse=True)
    return re.compile(f"(?<= )(?:{'|'.join(longest_first)})(?= )")


def _unknown(say: str, tokens: list[str], names: Collection[str]) -> str:
    left = _phrases("phrases").sub(" ", f" {' '.join(tokens)} ").split()
    if not _parts(names).isdisjoint(tokens):
        return "name"
    strange = not files.vocabulary()["words"].issuperset(left)
    return "vocabulary" if strange or any(_odd_capitals(say)) else ""


def _parts(names: Collection[str]) -> set[str]:
    """The words of all names but notes, in lower case."""
    words = (re.findall(r"[^\W\d_]+", name.casefold()) for name in names)
    return {part for parts in words if len(parts) <= LONGEST_NAME for part in parts} - COMMON


def _odd_capitals(say: str) -> Iterator[bool]:
    """Of every word with a capital: does it stand where none belongs?"""
    for found in _TOKEN.finditer(say):
        word = found[0].removesuffix("'s")
        if word.islower() or word.split("'")[0] == "I" or word in files.vocabulary()["acronyms"]:
            continue
        yield not (_BEGINS.search(say[: found.start()]) and word[1:].islower())


def _misshapen(say: str) -> str:
    clauses = [clause for clause in _CLAUSE.split(say) if clause and _TOKEN.search(clause)]
    if not clauses or not all(map(_suggests, clauses)):
        return "form"
    sentences = [sentence for sentence in re.split("[.?!]", say) if _TOKEN.search(sentence)]
    wordy = any(len(_TOKEN.findall(sentence)) > MOST_WORDS for sentence in sentences)
    return "length" if wordy or len(sentences) > MOST_SENTENCES else ""


def _suggests(clause: str) -> bool:
    """Is it a question, or does it begin with a verb of suggestion?"""
    known = files.vocabulary()
    words = [_bare(token) for token in _TOKEN.findall(clause)]
    is_question = clause.rstrip("\"') ").endswith("?")
    first = next((word for word in words if word not in known["leads"]), "")
    return first in known["openers"] or (is_question and words[0] in known["askers"])
