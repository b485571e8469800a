"""A model's own sentence in, the code of the first thing wrong with it out: "" when it may be read.

This is the guarantee; everything here is exact, and refuses what it does not know. What a suggestion is:

length      at most `MOST_CHARACTERS`, looked at first; at most `MOST_SENTENCES` of at most `MOST_WORDS`.
numeral     no character with a numeric value in Unicode, no token of the list `numerals`, no Roman numeral,
            "I" among them.
charset     ASCII letters, space and `,.?'` only; between two words stands a space, or a comma and a space;
            a sentence ends in one stop or question mark: no digit, `$`, `%`, markup, link, mention, bracket,
            quotation, dash or colon.
direction, cause, strength, ranking, time
            no token of these lists, no phrase of `causal_phrases`. `phrases` holds what only looks like one
            (follow up, write it down).
name        no token equals a part of a name, whatever its case, but for the small words of `COMMON`. A text
            of more than `LONGEST_NAME` words is a note: its words are everybody's.
vocabulary  every token is one of `words`: names nobody listed, numbers of other languages, judgements and
            harm have no way in. A capital stands only where a sentence begins or in a listed acronym.
form        every sentence begins with a verb of suggestion, one of `openers`, which one of `leads` may
            precede; or it ends in "?" and begins with one of `askers`: such questions are open. A clause
            after a comma begins so too; after "and" or "or" it may also be a thing of at most `THING` words.
            What a statement needs (`verbs`) stands only after one of `askers` or "whether" in its clause, or
            after "to"; an opener within a clause follows "to" or a word of `before_nouns`, as a noun does.
            No word is said twice in a row, no clause twice.

A token is a run of letters with its apostrophes. The lists are in prompts/vocabulary.yaml, and `words` has
none of the refused words (tests). So whatever passes holds no numeral (G1), no name (G2), no direction and no
cause (G3), and states nothing. What it may still do is presuppose ("Ask what the buyer prefers"): the
vocabulary keeps that harmless, no list ends it.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from itertools import pairwise

from prompts import files

MOST_CHARACTERS = 300  #: two sentences of the most words are some 250
MOST_SENTENCES = 2  #: a bullet, not a paragraph
MOST_WORDS = 25  #: in a sentence. Source: plain language guides, at most 20 to 25
LONGEST_NAME = 4  #: words of a name; "Send the contract to Bob" is a note
THING = 4  #: words of what follows "and" without a verb: "the decision process"
COMMON = frozenset(
    ["a", "the", "of", "and", "to", "for", "in", "on", "with", "at", "by", "or"]
)  #: they name nobody by themselves

_CHARSET = re.compile(r"[A-Za-z ,.?']*")
_UNSPACED = re.compile(r"[,.?](?! |$)|,$|(?:^|[ ,.?])[ ,.?](?<!, )(?<![.?] )")  # `buyer.it` is a link
_TOKEN = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)*")
_WORD_OR_COMMA = re.compile(rf"{_TOKEN.pattern}|,")
_SENTENCE = re.compile(r"[^.?]*[.?]?")
_ROMAN = re.compile(r"(?=[ivxlcdm])m{0,3}(cm|cd|d?c{0,3})(xc|xl|l?x{0,3})(ix|iv|v?i{0,3})")
_STRAIGHT = str.maketrans("‘’\u00a0", "'' ")


def straightened(say: str) -> str:
    """The same text with plain apostrophes and spaces, as a keyboard has them.

    >>> straightened(" Ask about the buyer’s process. ")
    "Ask about the buyer's process."
    """
    return say.translate(_STRAIGHT).strip()


def lint(say: str, names: Collection[str]) -> str:
    """What is wrong first, as a code of the module's list; "" for a suggestion that may be read.

    Args:
        say: one bullet of a model's own words.
        names: what it must not touch, as names or single words of them.

    >>> lint("Ask the buyer who signs.", []), lint("Win rate rose, call them.", []), lint("Two calls!", [])
    ('', 'direction', 'charset')
    """
    if len(say) > MOST_CHARACTERS:
        return "length"
    if _has_numeric(say):
        return "numeral"
    if not _CHARSET.fullmatch(say) or _UNSPACED.search(say):
        return "charset"
    tokens = _tokens(say)
    return _refused(tokens) or _unknown(say, tokens, names) or _misshapen(say)


def _has_numeric(text: str) -> bool:
    return any(unicodedata.numeric(character, None) is not None for character in text)


def _tokens(text: str) -> list[str]:
    return [token.lower() for token in _TOKEN.findall(text)]


def _refused(tokens: list[str]) -> str:
    """The first list that has one of the words, as they stand without harmless phrases."""
    joined = f" {' '.join(tokens)} "
    if _phrases("causal_phrases").search(joined):
        return "cause"
    left = {token.removesuffix("'s") for token in _without_phrases(tokens)}
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


def _without_phrases(tokens: list[str]) -> list[str]:
    return _phrases("phrases").sub(" ", f" {' '.join(tokens)} ").split()


def _unknown(say: str, tokens: list[str], names: Collection[str]) -> str:
    if not parts(names).isdisjoint({*tokens, *(token.removesuffix("'s") for token in tokens)}):
        return "name"
    strange = not files.vocabulary()["words"].issuperset(_without_phrases(tokens))
    return "vocabulary" if strange or any(_odd_capitals(say)) else ""


def parts(names: Collection[str]) -> set[str]:
    """The words of all names but notes, in lower case."""
    words = (re.findall(r"[^\W\d_]+", name.casefold()) for name in names)
    return {part for found in words if len(found) <= LONGEST_NAME for part in found} - COMMON


def _odd_capitals(say: str) -> Iterator[bool]:
    """Of every word with a capital: does it stand where none belongs?"""
    for found in _TOKEN.finditer(say):
        if found[0].islower() or found[0] in files.vocabulary()["acronyms"]:
            continue
        begins = say[: found.start()].rstrip().endswith((".", "?")) or not found.start()
        yield not (begins and found[0][1:].islower())


def _misshapen(say: str) -> str:
    sentences = [sentence for sentence in _SENTENCE.findall(say) if sentence]
    if not sentences or not all(map(_suggests, sentences)):
        return "form"
    wordy = any(len(_TOKEN.findall(sentence)) > MOST_WORDS for sentence in sentences)
    return "length" if wordy or len(sentences) > MOST_SENTENCES else ""


def _suggests(sentence: str) -> bool:
    """Does every clause of it suggest or ask, and none state?"""
    words = [word.lower() for word in _WORD_OR_COMMA.findall(sentence)]
    if any(one == other for one, other in pairwise(words)):
        return False
    clauses = list(_clauses(words))
    (_, first), *others = clauses
    asks = sentence.endswith("?") and _asks(first)
    is_new = len({tuple(clause) for _, clause in clauses}) == len(clauses) and len(first) > 1
    return (
        (asks or _urges(first))
        and is_new
        and all(
            _urges(clause)
            or (joint != "," and _asks(clause))
            or (joint in ("and", "or") and _is_thing(clause))
            for joint, clause in others
        )
    )


def _clauses(words: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """What stands between commas, "and" and "or", each after the words that join it."""
    joint, clause = "", list[str]()
    for word in words:
        if word in (",", "and", "or"):
            if clause:
                yield joint, clause
                joint, clause = "", []
            joint += word
        else:
            clause.append(word)
    yield joint, clause


def _urges(clause: Sequence[str]) -> bool:
    """Does it begin with a verb of suggestion, and state nothing before it asks?"""
    known = files.vocabulary()
    left = [word for at, word in enumerate(clause) if word not in known["leads"] or at > 1]
    return bool(left) and left[0] in known["openers"] and not _states(left)


def _asks(clause: Sequence[str]) -> bool:
    return bool(clause) and clause[0] in files.vocabulary()["askers"]


def _is_thing(clause: Sequence[str]) -> bool:
    """Is it one more thing or person, without a verb?"""
    return 0 < len(clause) <= THING and "to" not in clause and not _states(["the", *clause])


def _states(clause: Sequence[str]) -> bool:
    """Is there a verb, after the first word and before a question?"""
    known = files.vocabulary()
    for before, word in pairwise(clause):
        if word in known["askers"] or word == "whether":
            return False
        if word in known["verbs"] and before != "to":
            return True
        if word in known["openers"] and before != "to" and before not in known["before_nouns"]:
            return True
    return False
