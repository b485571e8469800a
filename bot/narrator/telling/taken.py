"""A viewer's scope in, the everyday words out that are somebody's name there: no suggestion may use them."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from analytics import answers
from analytics.answers.remember import remembered
from analytics.questions import Scope
from bot.narrator.telling.lint import parts
from prompts import files

if TYPE_CHECKING:
    from analytics.store import Generation


@remembered
def taken(generation: "Generation", scope: Scope) -> frozenset[str]:
    """Words of the closed vocabulary that name a person, a value of a dimension or an account.

    Every part of a person's name, and every value of one word ("New"), whatever else it means. Of longer
    values and of accounts what people shorten them to, the first word, but for words that no suggestion can
    do without: "open" of Open Systems reads as a name with its capital only, which has no place in one.
    """
    known = files.vocabulary()
    needed = known["openers"] | known["askers"] | known["leads"] | known["before_nouns"] | known["verbs"]
    people = [person.name or "" for person in generation.people()]
    values = [text for named in answers.vocabulary(generation, scope).values() for _, text in named]
    accounts = [account for _, _, account in generation.deal_names(scope)]
    single = [value for value in values if len(value.split()) == 1]
    shortened = _first_words([*values, *accounts])
    return frozenset((parts([*people, *single]) | (shortened - needed)) & known["words"])


def _first_words(names: Iterable[str]) -> set[str]:
    """How people shorten names, but for the small words."""
    return parts({found[0] for name in names if (found := re.match(r"[^\W\d_]+", name.strip()))})
