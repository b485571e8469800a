"""The narrator that always works: facts in, `Words` out, from reviewed sentences, without a model."""

from bot.narrator.alert import alert
from bot.narrator.backtest import backtest
from bot.narrator.breakdown import breakdown
from bot.narrator.deal import deal
from bot.narrator.drivers import drivers
from bot.narrator.funnel import funnel
from bot.narrator.impact import impact, plays
from bot.narrator.model import model
from bot.narrator.pilot import pilot, reminder
from bot.narrator.pipeline import pipeline
from bot.narrator.quality import quality
from bot.narrator.receipt import receipt
from bot.narrator.rep import rep
from bot.narrator.watch import watch
from bot.narrator.week import team_week, week
from bot.narrator.whatif import whatif
from bot.narrator.why import why
from bot.narrator.words import Words

__all__ = [
    "Words",
    "alert",
    "backtest",
    "breakdown",
    "deal",
    "drivers",
    "funnel",
    "impact",
    "model",
    "pilot",
    "pipeline",
    "plays",
    "quality",
    "receipt",
    "reminder",
    "rep",
    "team_week",
    "watch",
    "week",
    "whatif",
    "why",
]
