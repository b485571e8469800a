"""The narrator that always works: facts in, `Words` out, from reviewed sentences, without a model."""

from bot.narrator.alert import resolved, stalled
from bot.narrator.breakdown import breakdown
from bot.narrator.deal import deal
from bot.narrator.quality import quality
from bot.narrator.words import Words

__all__ = ["Words", "breakdown", "deal", "quality", "resolved", "stalled"]
