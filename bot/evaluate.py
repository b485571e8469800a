"""`dealcoach evaluate`: whatever has been loaded -> what a win-probability model would be worth on it."""

from pathlib import Path

from analytics import evaluation
from analytics.answers.mint import Mint
from analytics.answers.model import card_of
from bot.blocks import model as blocks
from bot.narrator import template
from bot.replies.reply import Reply, worded
from data import tables


def evaluate(home: Path, progress: evaluation.Progress) -> tuple[Reply, evaluation.Card]:
    """The model card as an answer, and as plain values; nothing is kept or published.

    Raises:
        NoTables: nothing was loaded, or it cannot be read.
        TooFewDeals: no quarter has enough closed deals before and in it.
    """
    loaded = tables.current(home)
    card = evaluation.evaluate(loaded, loaded.loaded_on, progress)
    facts = card_of(card, (), Mint(loaded.loaded_on, loaded.manifest["load_id"]), evaluation.names(loaded))
    words = template.model(facts)
    return worded(words, lambda words: blocks.card(facts, words), facts, "/coach model"), card
