"""A question in the reader's own words -> an intent, a question back or a polite word, without a key.

The grammar reads every value, dimension and day; here it is only found out which command is meant. Every
word counts: one that may not be dropped, and that no rule or grammar knows, keeps the question unanswered.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from bot import intents
from bot.intents.free import alerts, asking, choosing, deals, doubting, followups, hearing, terms
from bot.intents.free.asking import Ground
from bot.intents.free.deals import DealNames
from bot.intents.free.hearing import Heard
from bot.intents.free.meant import ANYBODY, Back, Meant, Option, Polite, Reader, Unclear
from bot.intents.free.pieces import MATERIAL, SILENT, Piece
from bot.intents.intent import AlertLog, Changes, Deal, Intent
from bot.intents.lines import describe
from bot.intents.misunderstood import NotUnderstood
from bot.intents.vocabulary import Vocabulary, known
from bot.intents.words import clean, quoted
from prompts import files

__all__ = ["Back", "Meant", "Option", "Polite", "Reader", "Unclear", "understand"]

_COMMANDS = frozenset(command.topic for command in intents.COMMANDS)
_REFERRING = frozenset({"pronoun", "and_then"})
_MANNERS = ("thanks", "hello")
_MY_PAGE = frozenset({"page", "week", "numbers", "prep", "doing"})


def understand(
    text: str,
    vocabulary: Vocabulary,
    today: date,
    last: str = "",
    deal_names: Callable[[], DealNames] = dict,
    reader: Reader = ANYBODY,
) -> Meant:
    """What somebody means.

    Args:
        vocabulary: by dimension, the values that the asker may name, each with its label.
        today: the day the numbers are of.
        last: the line of the thread's last answer, "" when there is none.
        deal_names: the deals that the asker may see, as `deals.by_name` gives them; only asked for in need.
        reader: who asks.
    """
    ground = Ground(vocabulary, today, reader)
    said = hearing.plain(text[: 4 * intents.LIMIT])
    if clean(text[:9]).startswith("/"):
        found = asking.meant([clean(text)], ground)
        return replace(found, unsure=False) if isinstance(found, Back) else found
    if len(said) > intents.LIMIT or len(text) > 4 * intents.LIMIT:
        return asking.unclear((), ground)
    found = _understood(said, ground, last)
    if isinstance(found, Back | Unclear):
        return _of_a_deal(deals.with_ids(said, deal_names()), ground, last) or found
    return found


def _understood(said: str, ground: Ground, last: str) -> Meant:
    if found := alerts.meaning(said, ground):
        return found
    heard = _of_myself(hearing.hear(said, known(ground.vocabulary)), ground)
    found = _social(heard, ground) or _asked(said, heard, ground, last)
    if alerts.are_meant(said) and (found is None or asking.is_unsure(found)):
        return alerts.offer(heard, ground)
    if isinstance(found, Intent):
        return doubting.doubt(heard, found, ground, last) or found
    return found or asking.unclear(heard.each("unknown"), ground)


def _of_myself(heard: Heard, ground: Ground) -> Heard:
    """`how am I doing`, `my week`, of a rep: with that rep's name."""
    me, is_page = ground.reader.rep_id, bool(heard.kinds & _MY_PAGE) and "pipeline" not in heard.kinds
    named = Piece(quoted(me), "person") if me and is_page else None
    kinds = ("myself", "mine") if named else ("myself",)
    pieces = (named or one._replace(kind="filler") if one.kind in kinds else one for one in heard.pieces)
    return Heard(tuple(pieces))


def _of_a_deal(said: Sequence[str], ground: Ground, last: str) -> Meant | None:
    """What is asked about a deal by its name; which one, if several have it; None for any other question."""
    found = (_understood(one, ground, last) for one in said)
    lines = [describe(one) for one in found if isinstance(one, Deal | Changes | AlertLog)]
    return asking.meant(lines, ground, "which_deal") if lines else None


def _social(heard: Heard, ground: Ground) -> Polite | None:
    """A limit, or nothing but manners."""
    if code := choosing.limit(heard):
        return asking.polite(code, ground, heard.each("person"))
    if choosing.is_help(heard):
        return asking.polite("hello", ground)
    manners = next((kind for kind in _MANNERS if kind in heard.kinds), "")
    return asking.polite(manners, ground) if manners and not heard.about else None


def _asked(said: str, heard: Heard, ground: Ground, last: str) -> Meant | None:
    """The first reading there is, from the surest on."""
    return (
        (last and followups.followed(heard, last, ground))
        or terms.meaning(said, ground)
        or _command(said, heard, ground)
        or _chosen(said, heard, ground, last)
        or followups.orphan(heard, ground)
        or choosing.nearest(heard, ground)
        or None
    )


def _command(said: str, heard: Heard, ground: Ground) -> Intent | None:
    """A line without its slash, if no word after the command is about something else."""
    name, _, rest = said.partition(" ")
    others = {piece.kind for piece in heard.pieces[1:]} - SILENT - MATERIAL
    if name.lower() not in _COMMANDS or others - {"deal", "change"}:
        return None
    try:
        return ground.intent(f"/{name} {rest}") if rest or name.lower() != "deal" else None
    except NotUnderstood:
        return None


def _chosen(said: str, heard: Heard, ground: Ground, last: str) -> Meant | None:
    """What the rules make of it; "what is X" may ask for the word or for the figure."""
    deals = heard.each("deal")
    if len(deals) > 1:
        return asking.back("which_deal", [f"/deal {deal_id}" for deal_id in deals], ground)
    found, term = choosing.chosen(heard, ground), terms.bare(said)
    is_figure = bool(heard.kinds & set(files.free_text()["figures"].split()))
    if term and is_figure and found and not isinstance(found, Back | Polite | Unclear):
        return asking.back("word_or_figure", [term, describe(found)], ground)
    return ground.intent(term) if term else _of_the_same(found, heard, ground, last)


def _of_the_same(found: Meant | None, heard: Heard, ground: Ground, last: str) -> Meant | None:
    """`is it normal?`, `and the pipeline?`: of the last answer's deals, or of all? Never guessed."""
    if not last or isinstance(found, Back | Polite | Unclear | None) or not heard.kinds & _REFERRING:
        return found
    carried = followups.carried(found, last, ground)
    return asking.back("same_deals", [carried, describe(found)], ground) if carried else found
