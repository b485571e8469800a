"""An intent and an inquiry -> what is sent back: facts, words from the template, blocks.

Slack's listeners and `dealcoach ask` both come through here, so they cannot differ.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from bot import intents
from bot.coach import Inquiry
from bot.replies import (
    alert_log,
    alerts,
    backtest,
    evidence,
    impact,
    pages,
    pilot,
    plays,
    questions,
    recheck,
    rules,
)
from bot.replies.reply import Reply

__all__ = ["REPLIES", "Reply", "reply"]

REPLIES: dict[type[intents.Intent], Callable[[Any, Inquiry], Awaitable[Reply]]] = {
    intents.WinRate: questions.quick,
    intents.Why: questions.question,
    intents.Watch: questions.question,
    intents.Drivers: questions.question,
    intents.Pipeline: questions.forecast,
    intents.WhatIf: questions.question,
    intents.Funnel: questions.question,
    intents.Deal: pages.deal,
    intents.Changes: pages.changes,
    intents.RepPage: pages.rep,
    intents.WeekPage: pages.week,
    intents.ModelPage: pages.model,
    intents.QualityPage: pages.quality,
    intents.Help: pages.help,
    intents.Glossary: pages.glossary,
    intents.Status: pages.status,
    intents.Sums: evidence.sums,
    intents.Recheck: recheck.recheck,
    intents.AlertsPage: alerts.alerts,
    intents.AlertLog: alert_log.log,
    intents.RulesPage: rules.rules,
    intents.Backtest: backtest.backtest,
    intents.Impact: impact.impact,
    intents.Pilot: pilot.pilot,
    intents.PlaysPage: plays.plays,
    intents.MapPerson: pages.map_person,
}


async def reply(intent: intents.Intent, inquiry: Inquiry) -> Reply:
    """The reply to any intent."""
    return await REPLIES[type(intent)](intent, inquiry)
