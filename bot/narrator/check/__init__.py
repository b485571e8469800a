"""The second look at finished text: what the facts of its answer do not back.

`check` takes a text in four steps. `sentences` reads it: names and `periods` are masked, then `quantities`
finds the numbers in digits and `number_words` those in words. `backing` looks for the facts behind each
number, and drops those that fail a test: value, sign and kind (`matching`), metric (`meaning`), whom and
when (`subjects`). `unknown` asks whether every name and character may stand there, `overclaims` and
`directions` whether the words between the numbers say more than the facts. `known` holds the facts ready for
all of them; `lexicon` and `metrics` hold the words. A filter, not a guarantee: that no model types a number,
name, direction or cause is the work of `telling.lint`. `strays` is the plain question beside it: whose
numeral is this?
"""

from bot.narrator.check.checking import check
from bot.narrator.check.known import Known, Problem
from bot.narrator.check.naming import given, names_of
from bot.narrator.check.numerals import strays

__all__ = ["Known", "Problem", "check", "given", "names_of", "strays"]
