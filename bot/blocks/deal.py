"""A deal's card: who, what and where it stands, then the words; and what changed its odds."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from analytics.facts import DealCard, Finding, Receipt
from analytics.questions import NOT_SET
from bot import intents, names
from bot.blocks import chart
from bot.blocks.common import (
    Block,
    Button,
    buttons,
    data_table,
    fact_cell,
    fields,
    framed,
    head,
    playbook,
    text_cell,
)
from bot.narrator import deal as narrator
from bot.narrator.claims import label
from bot.narrator.words import Words

#: Fields of the card after owner, deal and account, in this order.
LABELS = ("region", "industry", "product", "lead_source", "deal_type")

#: Buttons of an open deal that do something; each carries the deal's id.
DOING = ("log", "snooze", "ask_manager")


def card(
    answer: DealCard, words: Words, asked: intents.Deal, links: Mapping[str, str] = MappingProxyType({})
) -> list[Block]:
    """The card as a message. `asked` gives the button its day; `links` are the team's documents by play."""
    middle = [*fields(_fields(answer)), *fields(narrator.scores(answer)), *_reasons(answer)]
    return framed(words, middle, [*buttons(_next(answer, asked)), *playbook(words, links)])


def ways(found: Iterable[Finding]) -> Iterator[Button]:
    """A button to each deal that was found, called by its id."""
    for place, one in enumerate(found):
        line = intents.describe(intents.Deal(one.subject_id))
        yield f"ask.deal.{place}", names.clean(one.subject_id), line


def changes(answer: Receipt, words: Words) -> list[Block]:
    """What changed a deal's odds, and how they went."""
    days = [(shown, odds) for shown, odds in answer.score_history if odds.value is not None]
    return framed(words, chart.course(label("column.odds").text, days))


def _fields(answer: DealCard) -> Iterator[tuple[str, str]]:
    who = (("owner", answer.owner or answer.owner_id), ("name", answer.name), ("account", answer.account))
    for field, value in (*who, *((name, answer.labels.get(name, "")) for name in LABELS)):
        if value != NOT_SET:
            yield label(f"field.{field}").text, value


def _reasons(answer: DealCard) -> list[Block]:
    """From the usual odds to the deal's, part by part."""
    known, parts = answer.figures, narrator.reasons(answer)
    if not parts or "usual_odds" not in known or "win_probability" not in known:
        return []
    rows = [
        [text_cell(label("reason.usual").text), fact_cell(known["usual_odds"])],
        *([text_cell(label(f"group.{group}").text), fact_cell(points)] for group, points in parts),
        [text_cell(label("reason.this").text), fact_cell(known["win_probability"])],
    ]
    return data_table(label("caption.reasons").text, head(("part", "points"), "reason"), rows)


def _next(answer: DealCard, asked: intents.Deal) -> Iterator[Button]:
    """What can be done about an open deal as it is today, and asked of one whose odds are known."""
    if answer.outcome == "open" and asked.as_of is None:
        for name in DOING:
            yield f"deal.{name}", label(f"deal_button.{name}").text, names.clean(answer.deal_id)
    if answer.reasons:
        line = intents.describe(intents.Changes(answer.deal_id, asked.as_of))
        yield "ask.changes", label("button.changes").text, line
