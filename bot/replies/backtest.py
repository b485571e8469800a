"""The reply about what a rule would have told last quarter."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from analytics.alerts.ration import Economy
from analytics.alerts.rules import Rule
from analytics.answers.remember import remembered
from analytics.facts import BacktestAnswer
from analytics.store import Generation
from bot import intents
from bot.blocks import backtest as blocks
from bot.coach import Inquiry
from bot.narrator import template
from bot.replies.reply import Reply, as_told, late
from bot.settings import WEEKDAYS, Settings

if TYPE_CHECKING:
    from bot.alerting.rulebook import Kept

ALL = "all"  #: in place of a rule: every one that is on


async def backtest(intent: intents.Backtest, inquiry: Inquiry) -> Reply:
    """`/coach backtest stalled`: what a rule would have told last quarter; `all`: what those do that are on.

    Raises:
        NotForThisRole: reps and managers; it is told to those who may switch rules on.
        NoSuchRule: names those there are.
    """
    from analytics.alerts import backtest as trial  # brings pandas and DuckDB, which few answers need

    inquiry.for_ops()
    rules, about, is_on = await _rules(inquiry, intent.rule_id)
    generation, settings = inquiry.generation, inquiry.coach.settings
    await inquiry.coach.replay(trial.limits_of(generation.as_of))  # once, whoever else asks at the same time
    given = rules, economy(settings), settings.home, about
    facts = replace(await asyncio.to_thread(tried, generation, *given), is_on=is_on)
    words = template.backtest(facts, late(inquiry))
    return as_told(words, blocks.answer(facts, words), facts, intents.describe(intent))


async def _rules(inquiry: Inquiry, rule_id: str) -> tuple[tuple[Rule, ...], str, bool]:
    """The rules to try, which of them is asked about ("" for all), and whether it is on."""
    from bot.alerting import rulebook  # brings the database, which most answers do not need

    settings = inquiry.coach.settings
    async with inquiry.coach.remembering() as memory, memory.read() as connection:
        on = await rulebook.rules(connection, settings.workspace, settings)
        if rule_id.strip().lower() == ALL:
            return on, "", True
        asked = await rulebook.one(connection, settings.workspace, settings, rule_id)
    return _with(on, asked), asked.id, asked.newest.rule in on


def _with(on: Sequence[Rule], asked: "Kept") -> tuple[Rule, ...]:
    """The rules that are on, the newest version of the one asked about in its own place, else last."""
    newest = asked.newest.rule
    if any(rule.id == asked.id for rule in on):
        return tuple(newest if rule.id == asked.id else rule for rule in on)
    return (*on, newest)


def economy(settings: Settings) -> Economy:
    """How much people are told, by the settings."""
    days = frozenset(WEEKDAYS.index(day) for day in settings.working_days)
    return Economy(
        settings.p1_per_week, settings.manager_per_week, settings.escalate_after_hours, working_days=days
    )


@remembered
def tried(
    generation: Generation, rules: tuple[Rule, ...], given: Economy, home: Path, about: str
) -> BacktestAnswer:
    """What the rules would have told; counted once for each generation."""
    from analytics.alerts import backtest as trial
    from data import tables

    return trial.backtest(tables.current(home), rules, generation.as_of, given, home, about=about)
