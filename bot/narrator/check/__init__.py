"""The second look at finished text: what the facts of its answer do not back."""

from bot.narrator.check.checking import check
from bot.narrator.check.known import Known, Problem
from bot.narrator.check.naming import names_of
from bot.narrator.check.numerals import given, strays

__all__ = ["Known", "Problem", "check", "given", "names_of", "strays"]
