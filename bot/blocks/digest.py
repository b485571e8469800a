"""Digests as messages: the words, a button for each deal named, the week's figures, the month's course."""

from collections.abc import Iterable, Iterator, Mapping

from analytics.facts import Fact, Pipeline
from analytics.questions import WatchQuestion
from bot import figures, intents
from bot.alerting.digests.facts import Agenda, Monday, MonthReport, TeamMonday
from bot.blocks import chart, common, deal, week
from bot.blocks.common import Block, Button, buttons, framed
from bot.figures import Style
from bot.narrator.claims import label, say
from bot.narrator.words import Words

BOARD, BOARD_UNNAMED = "digest.board", "digest.board_unnamed"  #: the week as a page, with names or without
BUTTONS = 4  #: deals with a button, beside the one for everything. Source: what fits on a telephone


def agenda(answer: Agenda, words: Words) -> list[Block]:
    """A list of the day or the week."""
    return framed(words, after=buttons(_ways(answer)))


def team(answer: TeamMonday, words: Words) -> list[Block]:
    """A team's week with its buttons, then those of the deals."""
    *shown, last = week.note(answer.week, words)
    return [*shown, *buttons(_deals(answer.agenda)), last]


def monday(answer: Monday, words: Words) -> list[Block]:
    """The week of all deals, its four figures first."""
    return framed(
        words,
        common.fields(week_fields(answer.figures, answer.pipeline)),
        [*buttons([*_deals(answer.agenda), *_watch()]), *buttons(_board(answer))],
    )


def month(answer: MonthReport, words: Words) -> list[Block]:
    """The month's segments, with the win rate month by month."""
    everything = next((one.watched[0] for one in answer.watched if one.watched), None)
    months = [m for m in everything.months if not m.incomplete] if everything else []
    known = [(m.label, m.win_rate) for m in months if m.win_rate.value is not None]
    course = chart.course(label("measure.win_rate").text, known)
    return framed(words, course, buttons(_watch()))


def _ways(answer: Agenda) -> Iterator[Button]:
    yield from _deals(answer)
    if answer.items:
        yield "ask.alerts", label("digest_button.alerts").text, intents.describe(intents.AlertsPage())


def _deals(answer: Agenda) -> Iterator[Button]:
    """The deals to look at first, what is new before the rest."""
    ordered = sorted(answer.items, key=lambda item: not item.is_new)
    deals = [item.finding for item in ordered if item.finding.subject == "deal"]
    return deal.ways(deals[:BUTTONS])


def _watch() -> Iterable[Button]:
    line = intents.describe(intents.Watch(WatchQuestion("region")))
    return [("ask.watch", label("digest_button.watch").text, line)]


def _board(answer: Monday) -> Iterator[Button]:
    """The week on one page, for who shows it on: as it is, or without the names of deals and people."""
    yield BOARD, label("board_button.named").text, answer.generation
    yield BOARD_UNNAMED, label("board_button.unnamed").text, answer.generation


def week_fields(known: Mapping[str, Fact], pipeline: Pipeline | None) -> Iterator[tuple[str, str]]:
    """Four figures: what was won, of how much, what is open, what the quarter will bring."""
    yield label("monday_field.won").text, say("monday.won_of", **known).text
    yield label("monday_field.won_amount").text, figures.text(known["won_amount"], Style.SHORT)
    if pipeline:
        book = pipeline.figures
        yield label("monday_field.open_amount").text, figures.text(book["open_amount"], Style.SHORT)
        forecast, quota = book.get("forecast_amount"), book.get("quota")
        if forecast is not None and forecast.value is not None:
            said = say("monday.forecast", forecast=forecast, quota=quota)
            yield label("monday_field.forecast").text, said.text
