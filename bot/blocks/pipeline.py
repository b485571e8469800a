"""The pipeline as a message: money in fields, the stages, the deals with most at risk."""

from collections.abc import Iterator

from analytics.facts import Pipeline, PipelineStage, Risk
from bot import figures, intents
from bot.blocks import common
from bot.blocks.common import Block, Row
from bot.figures import Style
from bot.narrator.claims import label
from bot.narrator.words import Words

FIELDS = (
    *("open_amount", "due_amount", "won_amount", "expected_amount", "quota", "remaining_quota"),
    *("pipeline_coverage", "revenue_at_risk", "sales_velocity"),
)


def answer(facts: Pipeline, words: Words, asked: intents.Pipeline) -> list[Block]:
    """The whole message. `asked` gives the button its day."""
    middle = [*common.fields(_fields(facts)), *_risks(facts), *_stages(facts)]
    return common.framed(words, middle, common.buttons(_next(facts, asked)))


def _fields(facts: Pipeline) -> Iterator[tuple[str, str]]:
    for metric in FIELDS:
        fact = facts.figures.get(metric)
        if fact is not None and fact.value is not None:
            yield label(f"book.{metric}").text, figures.text(fact, Style.SHORT)


def _head(*columns: str) -> Row:
    return common.head(columns, "pipe")


def _risks(facts: Pipeline) -> list[Block]:
    columns = _head("deal", "stage", "owner", "amount", "odds", "at_risk", "risk")
    return common.data_table(label("caption.risks").text, columns, [_risk(one) for one in facts.risks])


def _risk(one: Risk) -> Row:
    return [
        *map(common.name_cell, (one.deal_id, one.stage, one.owner)),
        *(common.fact_cell(fact, Style.SHORT) for fact in (one.amount, one.odds, one.at_risk)),
        common.text_cell(_standing(one)),
    ]


def _standing(one: Risk) -> str:
    """How great the risk is; of a deal that is nearly lost, that."""
    if one.nearly_lost:
        return label("risk.nearly_lost").text
    return label(f"risk.{one.risk}").text if one.risk else figures.unknown()


def _stages(facts: Pipeline) -> list[Block]:
    columns = _head("stage", "deals", "amount", "median_age", "slow", "stalled")
    return common.folded(label("caption.stages").text, columns, [_stage(one) for one in facts.stages])


def _stage(one: PipelineStage) -> Row:
    counted = (one.deals, one.amount, one.median_age, one.slow, one.stalled)
    return [common.name_cell(one.stage), *(common.fact_cell(fact, Style.SHORT) for fact in counted)]


def _next(facts: Pipeline, asked: intents.Pipeline) -> Iterator[tuple[str, str, str]]:
    """The deal to look at first."""
    if first := facts.first:
        line = intents.describe(intents.Deal(first.deal_id, asked.as_of))
        yield "ask.deal", label("button.deal").text, line
