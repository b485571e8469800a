"""Rules as people meet them in Slack: the page, the modal with its preview, the switches, and who may."""

import json

import pytest

from analytics import store
from bot import past
from bot import settings as config
from bot.alerting import rulebook
from bot.blocks import limits
from bot.coach import Coach
from bot.memory import Memory
from tests.face import one, workspace

NOBODY = {f"metric.{place}": "-" for place in range(5)}
BIG_AND_OLD = NOBODY | {
    "title": "Big and old",
    "level": "P2",
    "metric.0": "amount",
    "compare.0": ">=",
    "threshold.0": "50k",
    "metric.1": "age_days",
    "compare.1": ">",
    "threshold.1": "90",
}


@pytest.fixture
def people(crm):
    past.week_before(crm, store.current(crm))  # a preview compares with it; built once
    return store.current(crm).people()


@pytest.fixture
def ops(people):
    return one(people, "ops")


@pytest.fixture
async def memory(tmp_path):
    async with Memory.open(f"sqlite+aiosqlite:///{tmp_path / 'memory.sqlite'}") as opened:
        yield opened


@pytest.fixture
async def slack(crm, people, memory):
    settings = config.load(home=crm, stale_after_days=100_000)
    async with workspace(Coach(settings, memory), people) as playground:
        yield playground


def shown(slack, user):
    """What the modal on top says."""
    return json.dumps(slack.modal(user) or {})


async def modal_with(slack, user, words):
    """The modal once it shows these words."""
    assert await slack.pulse.until(lambda: words in shown(slack, user), 30), shown(slack, user)
    return slack.modal(user)


async def previewed(slack, user, values):
    """What the modal shows of these choices once they are counted."""
    await slack.submit(user, values)
    return await modal_with(slack, user, "Now it matches")


async def opened(slack, user, line="/coach rules"):
    """The form of the rule that a page is about; of a new one for the page of all."""
    reply = await slack.command(line, user=user)
    await slack.click(reply.messages[0], "rule.edit", user=user)
    return await modal_with(slack, user, "How loud")


async def kept(memory, rule_id):
    async with memory.read() as connection:
        return await rulebook.one(connection, "main", config.load(), rule_id)


async def test_the_page_lists_every_rule_and_how_many_are_on(slack, ops):
    reply = await slack.command("/coach rules", user=ops)
    assert "19 of 19 rules are on." in json.dumps(reply.blocks)
    assert "amount at least $50,000, and either no activity for more than 14 days" in json.dumps(reply.blocks)
    assert "stalled, from $10,000" in json.dumps(reply.blocks)
    assert limits.check(reply.blocks) == []


async def test_a_rule_is_found_as_it_is_called_and_tells_no_name_of_a_file(slack, ops):
    reply = await slack.command("/coach rules stalled, middle-sized", user=ops)
    assert "Rule: stalled, from $10,000" in json.dumps(reply.blocks)
    assert "product.md" not in json.dumps((await slack.command("/coach rules old", user=ops)).blocks)


async def test_one_rule_shows_where_its_lines_come_from_and_what_it_matches(slack, ops):
    reply = await slack.command("/coach rules STALLED", user=ops)
    text = json.dumps(reply.blocks)
    assert "two working weeks" in text
    assert "Now it matches" in text
    assert {"rule.edit", "rule.off"} <= {
        e.get("action_id") for b in reply.blocks for e in b.get("elements", ())
    }


async def test_who_may_not_change_rules_sees_them_without_buttons_and_counts(slack, people):
    reply = await slack.command("/coach rules stalled", user=one(people, "rep"))
    text = json.dumps(reply.blocks)
    assert "two working weeks" in text
    assert "rule.edit" not in text
    assert "Now it matches" not in text


async def test_an_unknown_rule_is_answered_with_the_nearest_or_with_those_there_are(slack, ops):
    reply = await slack.command("/coach rules stale", user=ops)
    assert reply.text.startswith("No rule 'stale'. The nearest: `/coach rules stalled`")
    reply = await slack.command("/coach rules xyzzy", user=ops)
    assert reply.text.startswith("No rule 'xyzzy'. There is: stalled, odds_fell,")


async def test_a_new_rule_is_previewed_then_kept_as_a_draft_then_switched_on(slack, ops, memory):
    form = await opened(slack, ops)
    assert limits.check(form["blocks"], "modal") == []
    preview = await previewed(slack, ops, BIG_AND_OLD)
    assert limits.check(preview["blocks"], "modal") == []
    assert "amount at least $50,000 and created more than 90 days ago" in json.dumps(preview)

    await slack.submit(ops, {"decide": "draft", "note": "They wait too long"})
    assert "Kept as a draft, version 1" in shown(slack, ops)
    rule = await kept(memory, "big_and_old")
    assert (rule.newest.state, rule.in_force, rule.newest.author, rule.newest.note) == (
        "draft",
        None,
        ops,
        "They wait too long",
    )

    page = await slack.command("/coach rules big_and_old", user=ops)
    said = await slack.click(page.messages[0], "rule.on", user=ops)
    assert "Big and old is on." in said.text
    assert (await kept(memory, "big_and_old")).in_force.state == "on"


async def test_ours_is_changed_with_its_history_kept(slack, ops, memory):
    await opened(slack, ops, "/coach rules no_update")
    changed = NOBODY | {"metric.0": "days_since_update", "compare.0": ">", "threshold.0": "45"}
    await previewed(slack, ops, changed | {"level": "P3", "only": "region = APAC"})
    await slack.submit(ops, {"decide": "on", "note": "A month is short here"})
    assert "Kept and on, as version 1" in shown(slack, ops)

    rule = (await kept(memory, "no_update")).in_force.rule
    assert [(c.metric, c.threshold) for c in rule.every] == [("days_since_update", 45)]
    assert [(f.dimension, f.values) for f in rule.filters] == [("region", ("APAC",))]
    page = json.dumps((await slack.command("/coach rules no_update", user=ops)).blocks)
    assert "A month is short here" in page
    assert "unchanged in the CRM for more than 30 days" in page


async def test_a_floor_for_a_segment_is_a_rule_like_any_other(slack, ops, memory):
    await opened(slack, ops)
    floor = NOBODY | {"metric.0": "win_rate", "compare.0": "<", "threshold.0": "35 %", "title": "APAC floor"}
    await slack.submit(ops, floor | {"only": "region = APAC"})
    await modal_with(slack, ops, "Keep it as a draft")
    await slack.submit(ops, {"decide": "on", "note": "Agreed in June"})
    rule = (await kept(memory, "apac_floor")).in_force.rule
    assert (rule.level, rule.subject) == ("rate", "segment")


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({"title": "x"}, "threshold.0", "Choose at least one thing to look at."),
        ({"title": "", "metric.0": "amount", "threshold.0": "1"}, "title", "Give it a name."),
        ({"title": "x", "metric.0": "amount"}, "threshold.0", "Say where the line is."),
        (
            {"title": "x", "metric.0": "amount", "threshold.0": "much"},
            "threshold.0",
            "This is no number: much.",
        ),
        (
            {"title": "x", "metric.0": "amount", "threshold.0": "1", "only": "quarter"},
            "only",
            "Name values only",
        ),
        (
            {"title": "x", "metric.0": "amount", "threshold.0": "1", "only": "rep = rep_01"},
            "threshold.0",
            "not by rep",
        ),
    ],
)
async def test_what_means_nothing_is_said_in_the_modal_which_stays_open(slack, ops, values, field, sentence):
    await opened(slack, ops)
    answer = await slack.submit(ops, NOBODY | values)
    assert sentence in answer.payload["errors"][field]
    assert slack.modal(ops)["callback_id"] == "rule.form"


async def test_nothing_is_kept_without_a_reason_and_changing_again_goes_back(slack, ops, memory):
    await opened(slack, ops)
    await previewed(slack, ops, BIG_AND_OLD)
    answer = await slack.submit(ops, {"decide": "on", "note": " "})
    assert "history" in answer.payload["errors"]["note"]
    await slack.submit(ops, {"decide": "again", "note": ""})
    assert slack.modal(ops)["callback_id"] == "rule.form"
    assert "Big and old" in shown(slack, ops)


async def test_a_version_saved_meanwhile_is_never_overwritten(slack, ops, memory):
    await opened(slack, ops, "/coach rules old")
    values = {"metric.0": "age_days", "compare.0": ">", "threshold.0": "120", "level": "P3"}
    await previewed(slack, ops, NOBODY | values)
    settings = config.load()
    async with memory.write() as tx:
        await rulebook.switch(tx, "main", "old", "off", author="cro", now=memory.now(), settings=settings)
    answer = await slack.submit(ops, {"decide": "on", "note": "Older"})
    assert "Somebody changed old since you opened it" in answer.payload["errors"]["note"]


async def test_a_rep_cannot_switch_a_rule_off(slack, ops, people, memory):
    page = await slack.command("/coach rules old", user=ops, channel="general")
    rep = slack.workspace.person(one(people, "rep"))
    page.messages[0].seen_only_by = rep.id  # a button that was meant for ops
    said = await slack.click(page.messages[0], "rule.off", user=rep.name)
    assert "Only ops and the CRO change rules." in said.text
    assert (await kept(memory, "old")).in_force.state == "on"
