"""The model's card and what goes along with winning, as messages."""

from collections.abc import Iterator

from analytics.facts import Bin, Driver, Drivers, ModelCard, Pair, SegmentScore, Tried, Verdict
from bot import figures
from bot.blocks import common
from bot.blocks.common import Block, Cell, Row
from bot.figures import Style
from bot.narrator.claims import label
from bot.narrator.drivers import driver_name, is_given
from bot.narrator.model import uses
from bot.narrator.words import Words

TRIED = ("log_loss", "brier", "auc", "ece")


def card(answer: ModelCard, words: Words) -> list[Block]:
    """What was tried, how odds met what happened, and where they do not fit."""
    return common.framed(words, [*_tried(answer), *_bins(answer), *_uses(answer), *_segments(answer)])


def drivers(answer: Drivers, words: Words) -> list[Block]:
    """Help and hurt in points; for two dimensions, what each pair wins beyond its parts."""
    if answer.dimensions:
        return common.framed(words, _pairs(answer))
    return common.framed(words, _drivers(answer) if answer.speaks else ())


def _head(kind: str, *columns: str) -> Row:
    return [common.text_cell(label(f"{kind}.{column}").text) for column in columns]


def _tried(answer: ModelCard) -> list[Block]:
    rows = [_tried_row(one) for one in answer.tried]
    return common.data_table(_caption("tried"), _head("tried", "name", *TRIED), rows)


def _caption(claim: str) -> str:
    return label(f"caption.{claim}").text


def _tried_row(one: Tried) -> Row:
    name = label(f"tried.{one.name}").text
    shown = f"{name} ({label('tried.taken').text})" if one.chosen else name
    measures = (one.log_loss, one.brier, one.auc, one.ece)
    return [common.text_cell(shown), *(common.fact_cell(fact) for fact in measures)]


def _bins(answer: ModelCard) -> list[Block]:
    columns = _head("bin", "predicted", "observed", "range", "deals")
    return common.folded(_caption("bins"), columns, [_bin(one) for one in answer.bins])


def _bin(one: Bin) -> Row:
    ends = common.range_cell(one.observed)
    deals = common.text_cell(figures.text(one.observed, Style.COUNT))
    return [*map(common.fact_cell, (one.predicted, one.observed)), ends, deals]


def _uses(answer: ModelCard) -> list[Block]:
    """What it looks at, folded."""
    return common.unfolding(_caption("features"), common.bullets(uses(answer)))


def _segments(answer: ModelCard) -> list[Block]:
    columns = _head("fit", "segment", "predicted", "observed", "deals", "verdict")
    rows = [_segment(one) for one in answer.segments]
    shown, _ = common.fitting(columns, rows, common.FOLDED_MOST)
    return common.data_table(_caption("fits"), columns, shown)


def _segment(one: SegmentScore) -> Row:
    fits = {True: "yes", False: "no", None: "unknown"}[one.fits]
    return [
        common.name_cell(one.value),
        *map(common.fact_cell, (one.predicted, one.observed)),
        common.text_cell(figures.text(one.observed, Style.COUNT)),
        common.text_cell(label(f"fit.{fits}").text),
    ]


def _drivers(answer: Drivers) -> list[Block]:
    columns = _head("driver", "name", "effect", "range", "deals", "stable")
    found = [one for one in answer.drivers if one.effect.verdict is Verdict.SIGNAL]
    told = sorted(found, key=is_given)
    shown, _ = common.fitting(columns, [_driver(one) for one in told])
    return common.data_table(_caption("drivers"), columns, shown)


def _driver(one: Driver) -> Row:
    stable = "flipped" if one.flipped else "yes" if one.stable else "no"
    return [common.text_cell(driver_name(one).text), *_effect(one), _word(f"driver.{stable}")]


def _effect(one: Driver) -> Iterator[Cell]:
    yield common.fact_cell(one.effect)
    yield common.text_cell(figures.text(one.effect, Style.BARE_RANGE))
    yield common.text_cell(figures.text(one.effect, Style.COUNT))


def _word(label_id: str) -> Cell:
    return common.text_cell(label(label_id).text)


def _pairs(answer: Drivers) -> list[Block]:
    counted = common.head((*answer.dimensions, "win_rate", "deals"))
    columns = [*counted, _word("driver.parts"), _word("driver.beyond")]
    shown, _ = common.fitting(columns, [_pair(one) for one in answer.pairs])
    return common.data_table(_caption("pairs"), columns, shown)


def _pair(one: Pair) -> Row:
    return [
        *map(common.name_cell, one.values),
        common.fact_cell(one.win_rate),
        common.count_cell(one.win_rate),
        *map(common.fact_cell, (one.parts, one.effect)),
    ]
