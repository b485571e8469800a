"""A rule whose alerts were not useful: its author is asked once, in Slack, and led to the modal."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from analytics import store
from analytics.alerts.rules import Condition, Level, Rule, Subject
from bot import app as face
from bot import settings as config
from bot.alerting import lifecycle, nudges, rulebook
from bot.alerting.desk import Desk
from bot.audience import viewer
from bot.blocks import limits
from bot.coach import Coach
from bot.demo import members
from bot.memory import Memory
from bot.playground import Playground
from bot.work import render
from tests.alerting import MONDAY, Clock, courier
from tests.face import one
from tests.open_alerts import of_deal, opened
from tests.playground_apps import over_socket

VERY_OLD = Rule(
    "very_old", Level.P2, Subject.DEAL, (Condition("age_days", ">", Decimal(200)),), title="Very old"
)


class Team:
    """A company in Slack, its memory, and somebody in ops who wrote a rule."""

    def __init__(self, home, memory, slack):
        self.now = store.current(home)
        self.people = {person.person_id: person for person in self.now.people()}
        self.deals = iter([deal for deal in self.now.open_deals() if deal.rep_id in self.people])
        self.author = one(self.now.people(), "ops")
        self.settings = config.load(home=home)
        self.memory, self.slack, self.clock = memory, slack, Clock(MONDAY)

    async def keep(self, rule, author):
        """A version of a rule."""
        given = {"state": "on", "author": author, "note": "Try", "now": self.clock.now()}
        async with self.memory.write() as tx:
            return await rulebook.keep(tx, "main", rule, **given, settings=self.settings)

    async def at_desk(self, doing):
        """Something done at this moment."""
        known = {"settings": self.settings, "people": self.people, "render": render}
        async with self.memory.write() as tx:
            return await doing(tx, await Desk.of(tx, **known, now=self.clock.now()))

    async def not_useful(self, rule, *ages):
        """Alerts of a rule about deals so many days old, each called not useful by its owner."""
        called = {"rule": rule.id, "level": rule.level, "title": rule.title}
        for days in ages:
            deal = next(self.deals)
            key = await opened(self.memory, replace(of_deal(self.now, deal.deal_id, "old", days), **called))
            owner = viewer(self.people[deal.rep_id], list(self.people.values()))
            said = {"key": key, "viewer": owner, "is_useful": False}
            await self.at_desk(lambda tx, at, said=said: lifecycle.useful(tx, desk=at, **said))

    async def asked(self):
        """How many people are asked now."""
        return await self.at_desk(lambda tx, at: nudges.ask(tx, self.now, at))

    async def reads(self, person):
        """What somebody reads of it once all is delivered."""
        sender = courier(self.memory, self.slack, self.clock)
        while await sender.turn():
            self.clock.turn(seconds=2)
        return [message for message in self.slack.sees(person) if "Raise the threshold" in message.text]


@pytest.fixture
async def team(crm, tmp_path):
    people = members(store.current(crm).people())
    async with (
        Memory.open(f"sqlite+aiosqlite:///{tmp_path / 'memory.sqlite'}") as memory,
        Playground(people=people, deadline=30) as slack,
    ):
        settings = config.load(
            home=crm,
            slack_bot_token=slack.bot_token,
            slack_app_token=slack.app_token,
            slack_signing_secret=slack.signing_secret,
            slack_api_url=slack.api_url,
            stale_after_days=100_000,
        )
        async with over_socket(slack, face.build(Coach(settings, memory))):
            yield Team(crm, memory, slack)


async def test_after_three_times_not_useful_the_author_is_asked_with_the_line_that_leaves_them_out(team):
    rule = await team.keep(VERY_OLD, team.author)
    await team.not_useful(rule, 210, 250)
    assert await team.asked() == 0
    await team.not_useful(rule, 230)
    assert await team.asked() == 1
    [message] = await team.reads(team.author)
    assert message.text == "Raise the threshold of Very old?"
    said = json.dumps(message.blocks)
    assert "3 of its alerts were called not useful" in said
    assert "created more than 250 days ago instead of 200 days" in said
    assert limits.check(message.blocks) == []


async def test_from_the_question_the_author_comes_to_the_modal_of_the_rule(team):
    rule = await team.keep(VERY_OLD, team.author)
    await team.not_useful(rule, 210, 250, 230)
    await team.asked()
    [message] = await team.reads(team.author)
    await team.slack.click(message, "rule.edit", user=team.author)
    assert await team.slack.pulse.until(lambda: team.slack.modal(team.author), 30)
    modal = team.slack.modal(team.author)
    assert modal["callback_id"] == "rule.form"
    assert '"Very old"' in json.dumps(modal)
    assert '"200"' in json.dumps(modal)


async def test_from_the_question_the_author_can_switch_the_rule_off(team):
    rule = await team.keep(VERY_OLD, team.author)
    await team.not_useful(rule, 210, 250, 230)
    await team.asked()
    [message] = await team.reads(team.author)
    await team.slack.click(message, "rule.off", user=team.author)
    async with team.memory.read() as connection:
        kept = await rulebook.one(connection, "main", team.settings, "very_old")
    assert kept.in_force.state == "off"


async def test_it_is_asked_once_and_again_only_of_a_new_version(team):
    rule = await team.keep(VERY_OLD, team.author)
    await team.not_useful(rule, 210, 250, 230)
    assert [await team.asked() for _ in range(2)] == [1, 0]
    await team.not_useful(rule, 240)
    assert await team.asked() == 0
    team.clock.turn(days=1)
    stricter = replace(rule, every=(Condition("age_days", ">", Decimal(250)),))
    newer = await team.keep(stricter, team.author)
    assert await team.asked() == 0
    await team.not_useful(newer, 260, 270, 280)
    assert await team.asked() == 1


async def test_at_night_the_question_waits_for_the_morning(team):
    team.clock.turn(hours=12)
    rule = await team.keep(VERY_OLD, team.author)
    await team.not_useful(rule, 210, 250, 230)
    assert await team.asked() == 1
    assert await team.reads(team.author) == []
    team.clock.time = MONDAY + timedelta(days=1)
    assert len(await team.reads(team.author)) == 1


@pytest.mark.parametrize("author", ["", "who_left"])
async def test_of_our_rules_and_of_those_whose_author_left_ops_are_asked(team, author):
    rule = await team.keep(VERY_OLD, author)
    await team.not_useful(rule, 210, 250, 230)
    ops = [person for person in team.people.values() if person.role == "ops"]
    assert await team.asked() == len(ops)
    assert len(await team.reads(ops[0].person_id)) == 1
