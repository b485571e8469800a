"""`how is she doing?` after an answer about one person -> the same question with that person's name."""

from bot.intents.free import choosing
from bot.intents.free.asking import Ground
from bot.intents.free.hearing import Heard, Piece
from bot.intents.free.meant import Meant
from bot.intents.intent import Drivers, Intent, Pipeline, RepPage, Watch, WeekPage, Why, WinRate
from bot.intents.words import quoted

_THEY = ("they", "them", "their", "theirs")


def of_someone(heard: Heard, last: Intent, ground: Ground) -> Meant | None:
    """What is asked about the person of the last answer; None where it was about no one person."""
    person = _person(last)
    if not person or not any(map(_is_someone, heard.pieces)):
        return None
    named = Piece(quoted(person), "person")
    pieces = tuple(named if _is_someone(piece) else piece for piece in heard.pieces)
    return choosing.chosen(Heard(pieces), ground)


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
