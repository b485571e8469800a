"""Questions about one generation -> the facts of their answers, for the deals in a scope.

    AnswerError            a sentence for the reader
    |-- DealNotFound       no such deal among those in scope; names the nearest ids
    `-- NotYourDeal        the deal is someone else's; says nothing of it but the id

Answers are remembered per generation, so asking again costs a dictionary look-up.
"""

from analytics.answers.card import deal
from analytics.answers.cut import breakdown
from analytics.answers.errors import AnswerError, DealNotFound, NotYourDeal
from analytics.answers.lists import Vocabulary, quality, vocabulary

__all__ = [
    "AnswerError",
    "DealNotFound",
    "NotYourDeal",
    "Vocabulary",
    "breakdown",
    "deal",
    "quality",
    "vocabulary",
]
