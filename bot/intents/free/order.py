"""The pieces of a text -> the same pieces, where their order changes what one of them is about."""

from collections.abc import Callable, Iterable, Sequence

from bot.intents.free import lexicon
from bot.intents.free.pieces import SILENT, Piece

_COMPARING = frozenset({"compare", "outdo"})
_SIDES = frozenset({"and", "with", "to", "or", "&", "against"})
_NAMES = frozenset({"value", "person", "deal"})
_MOVING = frozenset({"drop", "down", "up", "change"})
_OF_SOME = (" of", " of our", " of my", " of the", " deals", "deals won")
_BE = frozenset({"are", "is", "were", "was", "come", "came", "comes", "belong"})
_GET = frozenset({"be", "been", "get", "got"})
_HELPING = _BE | _GET | {"do", "does", "did", "have", "has", "had", "can", "could", "will"}
_PASSIVE = _GET | {"is", "are", "was", "were"}
_US = frozenset({"we", "i", "you"})
_DID = frozenset({"did", "was", "were", "had"})
_HAVE = frozenset({"have", "has"})
_MAY = frozenset({"can", "could"})

Pieces = tuple[Piece, ...]


def in_order(pieces: Pieces) -> Pieces:
    """The pieces, each with what it is about among the others."""
    for step in _STEPS:
        pieces = step(pieces)
    return pieces


def _compared(pieces: Pieces) -> Pieces:
    """`compare EMEA and APAC`: the word between two values, or between the only two periods, is `vs`."""
    said = [piece for piece in pieces if piece.kind != lexicon.FILLER or piece.word in _SIDES]
    kinds = [piece.kind for piece in said]
    between = "value" if "value" in kinds else "period"
    compares = _COMPARING & set(kinds) or ("differ" in kinds and between == "value")
    if not compares or (between == "period" and kinds.count("period") > 2):
        return pieces
    around = zip(("", *kinds), said, (*kinds[1:], ""), strict=False)
    return tuple(
        Piece("vs", "versus") if before == after == between and piece.word in _SIDES else piece
        for before, piece, after in around
        if not (piece.word == "between" and after == "value")
    )


def _praised(pieces: Pieces) -> Pieces:
    """Praise is manners before and after a question; within it, `great deals`, it says which."""

    def is_within(place: int) -> bool:
        before, after = _kinds(pieces[:place]) - SILENT, _kinds(pieces[place + 1 :])
        return bool(before and after - {"praise", "thanks"})

    return _told(pieces, "praise", is_within, "unknown")


def _shared(pieces: Pieces) -> Pieces:
    """`what share of wins are from EMEA`: parts of the wins, which are no win rate."""

    def is_of_wins(place: int) -> bool:
        if not pieces[place].word.endswith(_OF_SOME):
            return False
        kinds = [piece.kind for piece in pieces]
        is_rate = kinds[place] == "rate"
        win = place if is_rate else kinds.index("win", place) if "win" in kinds[place:] else None
        if win is None:
            return False
        between = _words(pieces[place + 1 : win])
        is_noun = not is_rate and not between & _HELPING and not _kinds(pieces[place:win]) & _NAMES
        return is_noun or bool(_words(pieces[win + 1 :]) & _BE)

    return _told(_told(pieces, "share", is_of_wins, "mix"), "rate", is_of_wins, "mix")


def _alike(pieces: Pieces) -> Pieces:
    """`deals like D00123` are other deals."""

    def is_before_name(place: int) -> bool:
        return pieces[place].word == "like" and _after(pieces, place).kind in _NAMES

    return _told(pieces, "doing", is_before_name, "unknown")


def _timed(pieces: Pieces) -> Pieces:
    """`did we hit`, `have we hit`: over, so no matter of what will be; `could it drop`: a maybe."""

    def is_over(place: int) -> bool:
        word, following = pieces[place].word, [piece.kind for piece in pieces[place + 1 : place + 3]]
        asks = word in _HAVE and (_after(pieces, place).word in _US or following[:1] == ["person"])
        return word in _DID or (asks and following[1:] == ["reach"])

    def is_maybe(place: int) -> bool:
        return pieces[place].word in _MAY and _after(pieces, place).word not in _US

    return _told(_told(pieces, lexicon.FILLER, is_over, "did"), lexicon.FILLER, is_maybe, "modal")


def _measured(pieces: Pieces) -> Pieces:
    """`why did deal size drop`, `what is driving the drop in deal size`: what moved is no win rate."""

    def is_moving(place: int) -> bool:
        before = (Piece("", ""), Piece("", ""), *pieces[:place])[-2:]
        is_of = before[0].kind in _MOVING and before[1].word in ("in", "of")
        return is_of or (before[1].kind != "joint" and _meant(pieces[place + 1 :]).kind in _MOVING)

    asked = {"why", "noise", "drive"} & _kinds(pieces) and "rate" not in _kinds(pieces)
    return _told(pieces, "dimension", is_moving, "measure") if asked else pieces


def _fell(pieces: Pieces) -> Pieces:
    """`if EMEA dropped` is a fall; `why did we drop EMEA` is a thing that was done."""

    def is_fall(place: int) -> bool:
        before, after = pieces[:place], pieces[place + 1 :]
        last = _words(before[-1:])
        is_done = bool(last & (_PASSIVE | _US)) or "pronoun" in _kinds(after)
        return bool(_kinds(before) & _NAMES) and not _kinds(after) & _NAMES and not is_done

    def is_deed(place: int) -> bool:
        return _after(pieces, place).kind in _NAMES and bool(_words(pieces[:place]) & _US)

    kinds = _kinds(pieces)
    if "whatif" in kinds:
        return _told(_told(pieces, "drop", is_fall, "falls"), "stop", is_fall, "falls")
    return _told(pieces, "drop", is_deed, "stop") if "why" in kinds and "rate" not in kinds else pieces


def _told(pieces: Pieces, kind: str, holds: Callable[[int], bool], new: str) -> Pieces:
    """The pieces, with those of a kind for whose place something holds being of a new one."""
    return tuple(
        piece._replace(kind=new) if piece.kind == kind and holds(place) else piece
        for place, piece in enumerate(pieces)
    )


def _after(pieces: Sequence[Piece], place: int) -> Piece:
    """The piece after a place."""
    return pieces[place + 1] if place + 1 < len(pieces) else Piece("", "")


def _meant(pieces: Sequence[Piece]) -> Piece:
    """The first piece that changes what is asked."""
    return next((piece for piece in pieces if piece.kind not in SILENT), Piece("", ""))


def _kinds(pieces: Iterable[Piece]) -> set[str]:
    return {piece.kind for piece in pieces}


def _words(pieces: Iterable[Piece]) -> set[str]:
    return {piece.word for piece in pieces}


_STEPS = (_compared, _praised, _shared, _alike, _timed, _measured, _fell)
