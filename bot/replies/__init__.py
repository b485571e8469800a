"""An intent and an inquiry -> what is sent back: facts, words from the template, blocks.

Slack's listeners and `dealcoach ask` both come through here, so they cannot differ.
"""

from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any

from bot import intents
from bot.coach import Inquiry
from bot.replies import evidence, pages, questions, recheck
from bot.replies.reply import Reply

__all__ = ["REPLIES", "Reply", "reply"]


def remembering(module: str, name: str) -> Callable[[Any, Inquiry], Awaitable[Reply]]:
    """A page that brings the database with it, which takes half a second that no other question need wait."""

    async def page(intent: intents.Intent, inquiry: Inquiry) -> Reply:
        made: Reply = await getattr(import_module(f"bot.replies.{module}"), name)(intent, inquiry)
        return made

    return page


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
    intents.AlertsPage: remembering("alerts", "alerts"),
    intents.AlertLog: remembering("alert_log", "log"),
    intents.RulesPage: remembering("rules", "rules"),
    intents.Backtest: remembering("backtest", "backtest"),
    intents.Impact: remembering("impact", "impact"),
    intents.Pilot: remembering("pilot", "pilot"),
    intents.PlaysPage: remembering("plays", "plays"),
    intents.SetupPage: remembering("setup", "setup"),
    intents.SharesPage: remembering("shares", "shares"),
    intents.MapPerson: pages.map_person,
}


async def reply(intent: intents.Intent, inquiry: Inquiry) -> Reply:
    """The reply to any intent."""
    return await REPLIES[type(intent)](intent, inquiry)
