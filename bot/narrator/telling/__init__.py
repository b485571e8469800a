"""How an answer is told: code renders every sentence, a model chooses among them, and what it adds is refused
unless it is provably free of numbers, names, directions and causes (`lint`)."""

from bot.narrator.telling.cache import Cache
from bot.narrator.telling.lint import lint
from bot.narrator.telling.registry import Mode, Registry, registry
from bot.narrator.telling.teller import Line
from bot.narrator.telling.telling import Outcome, Speaker, Telling

__all__ = ["Cache", "Line", "Mode", "Outcome", "Registry", "Speaker", "Telling", "lint", "registry"]
