"""The jobs of `dealcoach work`, one module per kind; each is a name, when it is due, and how it is done."""

from bot.jobs.audit import auditing
from bot.jobs.base import Job, Periods, Work
from bot.jobs.digests import DIGESTS
from bot.jobs.escalation import ESCALATION
from bot.jobs.numbers import REFRESH
from bot.jobs.outcomes import OUTCOMES
from bot.jobs.review import REVIEW
from bot.jobs.rules import RULES
from bot.jobs.source import SOURCE
from bot.jobs.tidy import TIDY

__all__ = ["AUDIT", "JOBS", "Job", "Periods", "Work"]

AUDITED = (REFRESH, RULES, OUTCOMES, SOURCE, ESCALATION, REVIEW, DIGESTS, TIDY)
AUDIT = auditing(AUDITED)
JOBS = (*AUDITED, AUDIT)
