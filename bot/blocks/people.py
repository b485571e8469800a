"""One rep against the team, and the funnel, as messages."""

from analytics.facts import Fact, Funnel, FunnelStage, RepPage
from bot import figures
from bot.blocks import chart, common
from bot.blocks.common import Block, Row
from bot.figures import Style
from bot.narrator.claims import label
from bot.narrator.words import Words


def rep(page: RepPage, words: Words) -> list[Block]:
    """A rep's page, with the quarters as a line and in a folded table."""
    known = [(quarter, rate) for quarter, rate in page.quarters if rate.value is not None]
    columns = common.head(("quarter", "win_rate", "deals"), "quarters")
    rows = [[common.name_cell(quarter), common.fact_cell(rate), _behind(rate)] for quarter, rate in known]
    line = chart.course(label("caption.quarters").text, known, label("quarters.win_rate").text)
    return common.framed(words, [*line, *common.folded(label("caption.quarter_rows").text, columns, rows)])


def _behind(rate: Fact) -> common.Cell:
    return common.text_cell(figures.text(rate, Style.COUNT))


def funnel(facts: Funnel, words: Words) -> list[Block]:
    """The stages in order, with what moved on and what was lost there."""
    names = ("stage", "entered", "decided", "conversion", "range", "lost", "leakage", "median_days")
    columns = common.head(names, "funnel")
    rows = [_stage(stage) for stage in facts.stages]
    return common.framed(words, common.data_table(label("caption.funnel").text, columns, rows))


def _stage(one: FunnelStage) -> Row:
    return [
        common.name_cell(one.stage),
        common.fact_cell(one.entered),
        common.count_cell(one.conversion),
        common.fact_cell(one.conversion),
        common.range_cell(one.conversion),
        *(common.fact_cell(fact, Style.SHORT) for fact in (one.lost, one.leakage, one.median_days)),
    ]
