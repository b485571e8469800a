"""Open deals with amounts and chances in; what a period will bring, with a range that held in the past, out.

`study` (refresh: scikit-learn, pandas) learns from the past what `expect` (answers: numpy alone) needs.
"""

from analytics.forecast.draws import Outlook, expect
from analytics.forecast.newcomers import NOBODY, Newcomers, arrivals, newcomers
from analytics.forecast.study import end_of, past_days, study

__all__ = [
    "NOBODY",
    "Newcomers",
    "Outlook",
    "arrivals",
    "end_of",
    "expect",
    "newcomers",
    "past_days",
    "study",
]
