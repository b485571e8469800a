"""An edited rule, a deal's card and a rep's week never disagree on when a deal is stalled."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from analytics.refresh import refresh
from analytics.stall import Thresholds
from bot import replies
from bot import settings as config
from bot.alerting import rulebook
from bot.coach import Coach
from bot.memory import Memory
from tests.tables import tables

NOW = datetime(2024, 6, 30, 9, tzinfo=UTC)
OURS, EDITED = Thresholds(Decimal(50_000), 14), Thresholds(Decimal(80_000), 20)


@pytest.fixture
def home(tmp_path):
    """One deal of Priya's, which nobody has touched for seventeen days."""
    deal = {"deal_id": "D1", "amount": 90_000, "stage": "Demo", "rep_id": "priya"}
    call = {"deal_id": "D1", "date": "2024-06-13", "kind": "call", "rep_id": "priya"}
    people = [{"person_id": "priya", "name": "Priya Shah", "email": "priya@example.com"}]
    refresh(tables(tmp_path, deals=[deal], activities=[call], people=people), tmp_path, NOW.date())
    return tmp_path


async def edited(home):
    """Ops raise the lines of the rule: 80,000 and 20 days."""
    settings = config.load(home=home)
    async with Memory.open(settings.memory_url) as memory, memory.write() as tx:
        rule = rulebook.shipped_rules(settings)[0]
        lines = {"amount": Decimal(80_000), "days_since_activity": Decimal(20)}
        every, any_of = (
            tuple(replace(one, threshold=lines.get(one.metric, one.threshold)) for one in part)
            for part in (rule.every, rule.any_of)
        )
        how = {"state": "on", "author": "ops", "note": "Our deals wait", "now": NOW, "settings": settings}
        await rulebook.keep(tx, "main", replace(rule, every=every, any_of=any_of), **how)


async def asked(coach, line):
    """All text of an answer."""
    inquiry = coach.asked_here()
    return str((await replies.reply(inquiry.understand_line(line), inquiry)).blocks)


async def test_without_an_edited_rule_the_settings_draw_the_lines(home):
    assert await Coach(config.load(home=home)).stalled_from() == OURS
    async with Memory.open(config.load(home=home).memory_url) as memory:
        assert await Coach(config.load(home=home, p1_inactive_days=9), memory).stalled_from() == replace(
            OURS, inactive_days=9
        )


async def test_cards_and_weeks_follow_the_edited_rule_in_slack_and_at_the_terminal(home):
    before = Coach(config.load(home=home))
    assert (await before.asked_here().deal("D1", None)).figures["inactivity_limit"].value == 14
    await edited(home)
    async with Memory.open(config.load(home=home).memory_url) as memory:
        for coach in (Coach(config.load(home=home), memory), Coach(config.load(home=home))):
            assert await coach.stalled_from() == EDITED
            card = await coach.asked_here().deal("D1", None)
            limits = [card.figures[name].value for name in ("amount_limit", "inactivity_limit")]
            assert limits == [80_000, 20]


async def test_the_week_calls_stalled_what_the_rule_does(home):
    assert "Newly stalled: D1" in await asked(Coach(config.load(home=home)), "/coach week priya")
    await edited(home)
    assert "stalled" not in await asked(Coach(config.load(home=home)), "/coach week priya")


async def test_the_lines_are_read_once_a_minute(home):
    coach = Coach(config.load(home=home))
    assert await coach.stalled_from() == OURS
    await edited(home)
    assert await coach.stalled_from() == OURS
    coach._lines.expire(coach._lines.timer() + 61)
    assert await coach.stalled_from() == EDITED


@pytest.mark.parametrize("url", ["sqlite+aiosqlite:///{}", "postgresql+psycopg://x@127.0.0.1:9/x", ""])
async def test_while_memory_fails_the_settings_draw_the_lines(home, url):
    (home / "memory.sqlite").write_text("this is no database")
    assert await Coach(config.load(home=home, database_url=url.format(home))).stalled_from() == OURS


def test_a_card_at_the_terminal_needs_no_database(home):
    program = (
        "import sys; from typer.testing import CliRunner; from bot import cli;"
        "told = CliRunner().invoke(cli.app, ['ask', '/deal D1']);"
        "print(told.output); sys.exit(told.exit_code or 'sqlalchemy' in sys.modules)"
    )
    found = subprocess.run(
        [sys.executable, "-c", program],
        env={"DEALCOACH_HOME": str(home), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "D1" in found.stdout
    assert found.returncode == 0, found.stderr
