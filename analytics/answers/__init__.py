"""Questions about one generation -> the facts of their answers, for the deals in a scope.

    AnswerError            a sentence for the reader
    |-- DealNotFound       no such deal among those in scope; names the nearest ids
    |-- NoComparison       two periods that cannot be compared
    |-- NoForecast         the period is over, or cannot be forecast; says what to ask instead
    |-- NotYourDeal        the deal is someone else's; says nothing of it but the id
    |-- NotYourPage        a colleague's page; says nothing but the name
    `-- RepNotFound        nobody of this id

Answers are remembered per generation, so asking again costs a dictionary look-up.
"""

from analytics.answers.card import deal
from analytics.answers.cut import breakdown
from analytics.answers.errors import (
    AnswerError,
    DealNotFound,
    NoForecast,
    NotYourDeal,
    NotYourPage,
    RepNotFound,
)
from analytics.answers.funnel import funnel
from analytics.answers.lists import Vocabulary, quality, vocabulary
from analytics.answers.model import drivers, model_card
from analytics.answers.pipeline import pipeline
from analytics.answers.receipt import receipt
from analytics.answers.rep import rep
from analytics.answers.watch import watch
from analytics.answers.week import team_week, week
from analytics.answers.whatif import whatif
from analytics.answers.why import NoComparison, why

__all__ = [
    "AnswerError",
    "DealNotFound",
    "NoComparison",
    "NoForecast",
    "NotYourDeal",
    "NotYourPage",
    "RepNotFound",
    "Vocabulary",
    "breakdown",
    "deal",
    "drivers",
    "funnel",
    "model_card",
    "pipeline",
    "quality",
    "receipt",
    "rep",
    "team_week",
    "vocabulary",
    "watch",
    "week",
    "whatif",
    "why",
]
