"""`how is she doing?` after an answer about one person -> the same question with that person's name."""

from dataclasses import replace

from bot.intents.free import asking, choosing
from bot.intents.free.asking import Ground
from bot.intents.free.hearing import Heard
from bot.intents.free.meant import Meant
from bot.intents.free.pieces import MATERIAL, Piece
from bot.intents.intent import (
    Changes,
    Deal,
    Drivers,
    Intent,
    Pipeline,
    RepPage,
    Watch,
    WeekPage,
    Why,
    WinRate,
)
from bot.intents.lines import describe
from bot.intents.words import quoted

_IT = ("it", "its", "this", "that")
_THEY = ("they", "them", "their", "theirs")


def of_someone(heard: Heard, last: Intent, ground: Ground) -> Meant | None:
    """What is asked about the person of the last answer; None where it was about no one person."""
    person = _person(last)
    if not person or not any(map(_is_someone, heard.pieces)):
        return None
    named = Piece(quoted(person), "person")
    pieces = tuple(named if _is_someone(piece) else piece for piece in heard.pieces)
    return choosing.chosen(Heard(pieces), ground)


def of_deal(heard: Heard, last: Deal | Changes, ground: Ground) -> Meant | None:
    """What is asked about the deal of the last answer: never all deals' numbers for `will it close?`."""
    if "deal" in heard.kinds or not heard.about:
        return None
    is_it = any(map(_is_it, heard.pieces))
    page = choosing.chosen(Heard((*heard.pieces, Piece(last.deal_id, "deal"))), ground)
    card = replace(page, as_of=page.as_of or last.as_of) if isinstance(page, Deal | Changes) else None
    if card and (is_it or "odds" in heard.about):
        return card
    if not is_it and (not card or heard.kinds & (MATERIAL | {"deals", "which", "count"})):
        return None
    wider = choosing.chosen(heard, ground)
    if isinstance(wider, Intent):
        return asking.back("same_deals", [describe(card or last), describe(wider)], ground)
    return card


def _is_it(piece: Piece) -> bool:
    return piece.kind == "pronoun" and piece.word in _IT


def _is_someone(piece: Piece) -> bool:
    return piece.kind == "someone" or (piece.kind == "pronoun" and piece.text.lower() in _THEY)


def _person(last: Intent) -> str:
    """The id of the one person that an answer of today is about, or ""."""
    match last:
        case RepPage(rep_id, _, None) | WeekPage(rep_id, None):
            return rep_id
        case WinRate() | Why() | Watch() | Drivers() | Pipeline() if last.as_of is None:
            reps = [value for one in last.question.filters if one.dimension == "rep" for value in one.values]
            return reps[0] if len(reps) == 1 else ""
        case _:
            return ""
