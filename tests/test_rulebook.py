"""The rules in memory: which count, who changed them, and what their readers think of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import insert

from analytics import store
from analytics.alerts.deals import limit
from analytics.alerts.rules import BadRule, Condition, Level, Rule, Subject, as_json
from analytics.answers.mint import Mint
from analytics.facts import Finding
from bot import settings as config
from bot.alerting import log, nudges, rulebook
from bot.alerting.log import What
from bot.alerting.rulebook import ChangedMeanwhile, NoSuchRule
from bot.memory import Memory
from bot.memory.tables import alerts, rules
from bot.narrator import rulebook as narrator

NOW = datetime(2024, 7, 22, 9, tzinfo=UTC)
OLD = Rule("very_old", Level.P2, Subject.DEAL, (Condition("age_days", ">", Decimal(200)),), title="Very old")
LOUD = replace(OLD, id="loud", level=Level.P1, title="Loud")


@pytest.fixture
async def memory(tmp_path):
    async with Memory.open(f"sqlite+aiosqlite:///{tmp_path / 'memory.sqlite'}") as opened:
        yield opened


@pytest.fixture
def settings():
    return config.load()


@pytest.fixture
def keep(memory, settings):
    async def kept(rule, state="on", *, days=0, note="Tried", author="ops_01"):
        at = NOW + timedelta(days=days)
        async with memory.write() as tx:
            given = {"state": state, "author": author, "note": note, "now": at, "settings": settings}
            return await rulebook.keep(tx, "main", rule, **given)

    return kept


async def on(memory, settings):
    async with memory.read() as connection:
        return [rule.id for rule in await rulebook.rules(connection, "main", settings)]


async def one(memory, settings, rule_id):
    async with memory.read() as connection:
        return await rulebook.one(connection, "main", settings, rule_id)


async def test_without_anything_kept_our_rules_are_on(memory, settings):
    assert await on(memory, settings) == [rule.id for rule in rulebook.shipped_rules(settings)]


async def test_the_most_pressing_level_comes_first_and_ours_before_the_teams(memory, settings, keep):
    await keep(OLD)
    await keep(LOUD)
    found = await on(memory, settings)
    assert found[:3] == ["stalled", "odds_fell", "loud"]
    assert found[found.index("very_old") - 1] == "quiet_owner"


async def test_a_draft_changes_nothing_until_it_is_switched_on(memory, settings, keep):
    first = await keep(OLD)
    await keep(replace(first, every=(Condition("age_days", ">", Decimal(300)),)), "draft")
    kept = await one(memory, settings, "very_old")
    assert kept.newest.rule.every[0].threshold == 300
    assert kept.in_force.rule.every[0].threshold == 200

    async with memory.write() as tx:
        await rulebook.switch(tx, "main", "VERY_OLD", "on", author="cro", now=NOW, settings=settings)
    kept = await one(memory, settings, "very_old")
    assert (kept.in_force.rule.every[0].threshold, kept.in_force.rule.version) == (300, 3)
    assert [version.state for version in kept.versions] == ["on", "draft", "on"]


async def test_a_rule_switched_off_is_off_and_a_second_click_changes_nothing(memory, settings):
    for _ in range(2):
        async with memory.write() as tx:
            await rulebook.switch(tx, "main", "old", "off", author="cro", now=NOW, settings=settings)
    assert "old" not in await on(memory, settings)
    assert len((await one(memory, settings, "old")).versions) == 2  # ours, and the click


async def test_ours_switched_off_and_on_again_still_follows_the_settings(memory, settings):
    for state in ("off", "on"):
        async with memory.write() as tx:
            await rulebook.switch(tx, "main", "stalled", state, author="cro", now=NOW, settings=settings)
    richer = config.load(p1_amount=Decimal(90_000))
    assert (await one(memory, richer, "stalled")).in_force.rule.every[0].threshold == 90_000


async def test_a_version_knows_its_author_day_and_reason(memory, settings, keep):
    await keep(OLD, note="They rot", author="cro_01", days=1)
    newest = (await one(memory, settings, "very_old")).newest
    assert (newest.author, newest.note, newest.at) == ("cro_01", "They rot", NOW + timedelta(days=1))


async def test_two_editors_of_one_version_never_overwrite_each_other(memory, keep):
    first = await keep(OLD)
    await keep(replace(first, title="Ancient"))
    with pytest.raises(ChangedMeanwhile, match="Somebody changed very_old"):
        await keep(replace(first, title="Oldest"))


async def test_a_rule_that_means_nothing_is_not_kept(memory, settings, keep):
    with pytest.raises(BadRule):
        await keep(replace(OLD, every=()))
    assert "very_old" not in await on(memory, settings)


async def test_what_cannot_be_read_any_more_is_left_out(memory, settings, keep):
    await keep(OLD)
    async with memory.write() as tx:
        await tx.execute(
            insert(rules).values(
                workspace="main",
                rule_id="very_old",
                version=2,
                state="on",
                definition='{"every": 1}',
                author="",
                note="",
                at=NOW,
            )
        )
    assert (await one(memory, settings, "very_old")).in_force.rule.version == 1


async def test_an_unknown_rule_names_those_there_are(memory, settings):
    with pytest.raises(NoSuchRule, match="There is: stalled, odds_fell, stalled_medium"):
        await one(memory, settings, "x")


@pytest.mark.parametrize("said", ["Odds fell", "ODDS_FELL", "odds_fell "])
async def test_a_rule_is_found_by_its_id_or_as_it_is_called(memory, settings, said):
    assert (await one(memory, settings, said)).id == "odds_fell"


@pytest.mark.parametrize(
    ("said", "near"), [("stall", "stalled"), ("odds fel", "odds_fell"), ("pushd", "pushed")]
)
async def test_the_nearest_rules_are_offered_for_one_there_is_not(memory, settings, said, near):
    with pytest.raises(NoSuchRule, match=f"The nearest: `/coach rules {near}`"):
        await one(memory, settings, said)


async def test_another_workspace_sees_nothing_of_it(memory, settings, keep):
    await keep(OLD)
    async with memory.read() as connection:
        there = await rulebook.rules(connection, "other", settings)
    assert "very_old" not in [rule.id for rule in there]


# ------------------------------------------------------------------ not useful


def finding(rule, number, days):
    """An alert of a rule about a deal so many days old."""
    mint = Mint(NOW.date(), "g")
    shown = replace(limit("x", rule.every[0], mint, ""), value=Decimal(days))
    return Finding(
        rule=rule.id,
        level=rule.level,
        subject="deal",
        subject_id=f"D{number}",
        names={},
        causes=("age_days",),
        figures={"age_days": shown},
        as_of=NOW.date(),
        generation="g",
    )


async def called(memory, rule, *days, at=NOW, what=What.NOT_USEFUL):
    """Alerts of deals so many days old, each called not useful."""
    async with memory.write() as tx:
        for number, age in enumerate(days):
            one, key = finding(rule, number, age), f"{rule.id}:{number}:{at}"
            await tx.execute(insert(alerts).values(_row(key, one)))
            await log.write(tx, "main", key, one, what, at=at, person_id="rep_1")


def _row(key, one):
    empty = {
        column.name: ""
        for column in alerts.c
        if not column.nullable and str(column.type) in ("VARCHAR", "TEXT")
    }
    told = rulebook.FINDING.dump_json(one).decode()
    named = {"key": key, "workspace": "main", "rule": one.rule, "level": one.level, "facts": told}
    about = {"subject": one.subject, "subject_id": key, "opened_on": NOW.date(), "state": "told", "silent": 0}
    return empty | named | about


async def asked(memory, settings):
    async with memory.read() as connection:
        return await rulebook.nudges(connection, "main", settings)


async def test_three_alerts_called_not_useful_ask_for_a_higher_line(memory, settings, keep):
    rule = await keep(OLD)
    await called(memory, rule, 210, 250)
    assert await asked(memory, settings) == []
    await called(memory, rule, 230, at=NOW + timedelta(hours=1))
    [found] = await asked(memory, settings)
    assert (found.not_useful, found.version.author) == (3, "ops_01")
    assert [(c.metric, c.threshold) for c in found.instead] == [("age_days", 250)]


async def test_a_new_version_starts_afresh(memory, settings, keep):
    rule = await keep(OLD)
    await called(memory, rule, 210, 220, 230)
    await keep(replace(rule, every=(Condition("age_days", ">", Decimal(230)),)), days=1)
    assert await asked(memory, settings) == []


async def test_a_rule_that_is_off_asks_nothing(memory, settings, keep):
    rule = await keep(OLD)
    await called(memory, rule, 210, 220, 230)
    await keep(rule, "off")
    assert await asked(memory, settings) == []


async def test_what_was_useful_does_not_count(memory, settings, keep):
    rule = await keep(OLD)
    await called(memory, rule, 210, 220, 230, what=What.USEFUL)
    assert await asked(memory, settings) == []


def test_a_rule_survives_memory_unchanged(settings):
    assert all(as_json(rule)["version"] == 0 for rule in rulebook.shipped_rules(settings))


def test_the_page_asks_whether_to_raise_the_line_and_names_it(crm):
    version = rulebook.Version(rule=OLD, state="on", author="ops_01")
    higher = (replace(OLD.every[0], threshold=Decimal(250)),)
    nudge = nudges.facts(rulebook.Unhelpful(version, 3, higher), store.current(crm))
    said = [claim.text for claim in narrator.nudge(nudge)]
    assert said == [
        "Very old: 3 of its alerts were called not useful. "
        "Left out by: created more than 250 days ago instead of 200 days.",
        "Change it: /coach rules very_old",
    ]
    assert [narrator.asking(nudge).headline, narrator.asking(nudge).verdict] == [
        "Raise the threshold of Very old?",
        said[0],
    ]
