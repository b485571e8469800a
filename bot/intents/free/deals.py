"""Deals by what people call them: a text that names an account or a deal -> the text with an id instead."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from bot.intents.words import fold

MOST = 3  #: deals of one name that are offered, open ones first
_WORDS = 8  #: of the longest name that is looked for
_SHORT = 2  #: so many first words of an account are enough: `Honeydew Foods` of `Honeydew Foods Group`

DealNames = Mapping[str, tuple[str, ...]]  #: ids by name, as `by_name` makes it


def by_name(rows: Iterable[tuple[str, str, str]]) -> DealNames:
    """The ids by every name and account, from rows of id, name and account; each in the order of the rows."""
    found: dict[str, list[str]] = defaultdict(list)
    for deal_id, name, account in rows:
        for key in {_key(name), _key(account), _shortened(account)} - {""}:
            found[key].append(deal_id)
    return {key: tuple(ids) for key, ids in found.items()}


def with_ids(text: str, names: DealNames) -> list[str]:
    """The text with the longest name in it replaced by an id: for each deal of that name, three at most."""
    words = text.split()
    for length in range(min(_WORDS, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            if ids := names.get(_key(" ".join(words[start : start + length]))):
                around = words[:start], words[start + length :]
                return [" ".join([*around[0], deal_id, *around[1]]) for deal_id in ids[:MOST]]
    return []


def _key(name: str) -> str:
    return fold(name).strip(" ,.\"'")


def _shortened(account: str) -> str:
    words = _key(account).split()
    return " ".join(words[:_SHORT]) if len(words) > _SHORT else ""
