"""Alerts and actions with what followed each -> whether the alerts help, and what follows each play.

`moves` says what followed, `arms` and `effects` judge the alerts (drawn by lot, so it can be shown), `plays`
the actions (chosen by people, so it is only associated).
"""

from analytics.impact.effects import Enrolled, Terms, impact
from analytics.impact.moves import Then, after, moves
from analytics.impact.plays import Done, Unanswered, plays

__all__ = ["Done", "Enrolled", "Terms", "Then", "Unanswered", "after", "impact", "moves", "plays"]
