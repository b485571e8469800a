"""The Home tab and `/coach alerts`, through the whole app in the playground: who sees what of it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from analytics import store
from bot import settings as config
from bot.alerting import interventions, preferences
from bot.alerting.interventions import Action
from bot.alerting.standing import State
from bot.audience import Role, own
from bot.blocks import limits
from bot.blocks.preferences import LEVELS
from bot.coach import Coach
from bot.memory import Memory
from bot.narrator import home as narrator
from bot.playground import Person
from bot.replies import home
from tests.conftest import AS_OF
from tests.face import workspace
from tests.open_alerts import of_deal, opened

NOW = datetime(2024, 7, 1, 9, tzinfo=UTC)
REP, OTHER, MANAGER, CRO, OPS = "rep_05", "rep_01", "mgr_01", "cro_01", "ops_01"


@pytest.fixture
async def memory(tmp_path):
    async with Memory.open(f"sqlite+aiosqlite:///{tmp_path}/m.sqlite", now=lambda: NOW) as opened_here:
        yield opened_here


@pytest.fixture
async def town(crm, memory):
    coach = Coach(config.load(home=crm, stale_after_days=100_000), memory)
    people = coach.asked_here().generation.people()
    async with workspace(coach, people, [Person("U_NEW", "new", "new@else.where")]) as slack:
        yield slack


@pytest.fixture
def deals(crm):
    """The open deals of a rep, biggest first."""
    found = [one for one in store.current(crm).open_deals() if one.rep_id == REP]
    return [one.deal_id for one in sorted(found, key=lambda one: -(one.amount_cents or 0))]


def shown(view) -> str:
    """Everything that a view says."""
    return str(view["blocks"])


def headers(view) -> list[str]:
    return [block["text"]["text"] for block in view["blocks"] if block["type"] == "header"]


def table(view):
    return next(block for block in view["blocks"] if block["type"] == "data_table")


async def test_a_rep_sees_what_to_do_and_their_own_deals(town, crm, memory, deals):
    for deal in deals[:2]:
        await opened(memory, of_deal(store.current(crm), deal), State.TOLD)
    view = await town.open_home(REP)
    assert headers(view)[1:] == ["Do these 2", headers(view)[2]]
    assert headers(view)[2].startswith(f"Open deals: {len(deals)}, worth ")
    assert [row[0]["text"] for row in table(view)["rows"][1:]] == deals
    assert limits.check(view["blocks"], "home") == []


async def test_a_rep_sees_nothing_of_a_colleagues_alerts(town, crm, memory, deals):
    await opened(memory, of_deal(store.current(crm), deals[0]), State.TOLD)
    view = await town.open_home(OTHER)
    assert deals[0] not in shown(view)
    assert "Nothing waits for you" in shown(view)


async def test_a_managers_page_names_the_owner_and_the_cros_has_the_week(town, crm, memory, deals):
    await opened(memory, of_deal(store.current(crm), deals[0]), State.TOLD)
    generation = store.current(crm)
    boss = next(one.manager_id for one in generation.people() if one.person_id == REP)
    view = await town.open_home(boss)
    assert "Owner" in str(table(view)["rows"][0])
    owner = next(one.name for one in generation.people() if one.person_id == REP)
    assert f"Ask {owner} " in shown(view)
    cro = await town.open_home(CRO)
    assert "*Won this week*" in shown(cro)
    assert deals[0] in shown(cro)


async def test_ops_see_the_data_and_no_deal(town, crm, memory, deals):
    await opened(memory, of_deal(store.current(crm), deals[0]), State.TOLD)
    view = await town.open_home(OPS)
    assert "checks" in shown(view)
    assert not any(block["type"] == "data_table" for block in view["blocks"])
    assert deals[0] not in shown(view)


async def test_somebody_unknown_sees_how_to_become_known(town):
    view = await town.open_home("new")
    assert headers(view) == ["I don't know you yet"]
    assert "/coach map" in shown(view)


async def test_a_deal_opens_in_a_modal_without_buttons_that_do_nothing(town, crm, memory, deals):
    await opened(memory, of_deal(store.current(crm), deals[0]), State.TOLD)
    await town.open_home(REP)
    await town.click_home("home.show.0", REP)
    modal = town.modal(REP)
    assert deals[0] in shown(modal)
    assert not {"actions", "context_actions"} & {block["type"] for block in modal["blocks"]}


async def test_what_is_chosen_in_the_modal_is_kept_and_shown(town, memory):
    await town.open_home(REP)
    await town.click_home("home.settings", REP)
    await town.submit(REP, {"digest": "weekly", "digest_at": "09:00", "min_amount": "25000"})
    async with memory.read() as connection:
        kept = await preferences.of(connection, "main", REP)
    assert (kept.digest, f"{kept.digest_at:%H:%M}", kept.min_amount) == ("weekly", "09:00", 25_000)
    assert await town.pulse.until(lambda: "A list each" in shown(town.home(REP)), 5)
    said = shown(town.home(REP))
    assert "A list each Monday at 09:00." in said
    assert "Deals of $25,000 and more." in said


def told_how(role: Role, **changed) -> str:
    """How a person of a role is told, as lines."""
    chosen = preferences.Preferences(**changed)
    said = narrator.settings(chosen, config.load(), role, LEVELS[role], None)
    return " ".join(line.text for line in said)


def test_each_role_is_promised_what_it_is_told_and_no_more():
    assert "Told of: urgent deals, deals to look at, hygiene." in told_how(Role.REP)
    assert "Told of: urgent deals, deals to look at." in told_how(Role.MANAGER)
    assert "Told of: urgent deals that you own or lead, win rates that moved" in told_how(Role.CRO)
    assert "Told of: trouble with the data, hygiene." in told_how(Role.OPS)


def test_quiet_hours_are_said_only_where_there_are_some():
    assert "Quiet from 18:00 until 08:00" in told_how(Role.REP)
    none = told_how(Role.REP, quiet_until="00:00", quiet_from="23:59")
    assert "Quiet from" not in none
    assert "No quiet hours" in none
    assert "You work Monday, Tuesday" in none


async def test_a_rep_is_spoken_to_and_the_deals_are_ten_at_most(town, crm):
    view = await town.open_home(REP)
    name = next(one.name for one in store.current(crm).people() if one.person_id == REP)
    assert name not in " ".join(str(block) for block in view["blocks"][1:])
    assert len(table(view)["rows"]) <= 1 + 10


async def test_a_channel_that_others_read_is_refused_in_the_modal(town, memory):
    town.invite("general")
    await town.open_home(REP)
    await town.click_home("home.settings", REP)
    channel = town.workspace.conversation("general").id
    reply = await town.submit(REP, {"place": channel})
    assert list(reply.payload["errors"]) == ["place"]
    async with memory.read() as connection:
        assert await preferences.everyone(connection, "main") == {}


async def test_what_was_logged_and_what_followed_stands_on_ones_own_page(town, memory, deals):
    action = Action(
        key="a1", deal_id=deals[0], what="exec call", done_on=AS_OF, person_id=REP, after_14="moved"
    )
    async with memory.write() as tx:
        await interventions.keep(tx, "main", action, NOW)
    assert "exec call" in shown(await town.open_home(REP))
    assert "moved on" in shown(await town.open_home(REP))
    assert "exec call" not in shown(await town.open_home(OTHER))


async def test_alerts_page_tells_what_is_open_and_how_one_is_told(town, crm, memory, deals):
    await opened(memory, of_deal(store.current(crm), deals[0]), State.TOLD)
    await opened(memory, of_deal(store.current(crm), deals[1]), State.ACTED)
    reply = await town.command("/coach alerts", REP)
    assert reply.text.startswith("What I tell you, and what is open: 1.")
    assert f"In hand: {deals[1]}" in str(reply.blocks)
    assert "Alerts come as direct messages." in str(reply.blocks)
    assert limits.check(reply.blocks) == []


async def test_the_settings_open_from_the_alerts_page_too(town):
    reply = await town.command("/coach alerts", REP)
    await town.click(reply.messages[0], "home.settings", REP, within=0.2)
    assert town.modal(REP)["callback_id"] == "home.settings"


def folds(view) -> dict[str, list]:
    """What is folded on a page, by its title."""
    boxes = [block for block in view["blocks"] if block["type"] == "container"]
    return {box["title"]["text"]: box["child_blocks"] for box in boxes}


async def test_playbooks_are_folded_and_the_teams_own_document_is_a_click_away(crm, memory):
    link = "https://docs.example.com/calls"
    settings = config.load(home=crm, stale_after_days=100_000, play_links=f"call_the_buyer={link}")
    coach = Coach(settings, memory)
    async with workspace(coach, coach.asked_here().generation.people()) as slack:
        first, *others = folds(await slack.open_home(REP))["Playbooks"]
        assert "Playbooks" not in folds(await slack.open_home(OPS))
    assert first["text"]["text"] == "Call the buyer today and agree a dated next step."
    assert first["accessory"]["url"] == link
    assert len(others[0]["text"]["text"].splitlines()) == 8


async def test_a_new_rep_sees_everybodys_rate_marked_as_not_theirs_yet(crm, memory):
    coach = Coach(config.load(home=crm, stale_after_days=100_000), memory)
    inquiry = coach.asked_here()
    new = replace(inquiry, viewer=replace(inquiry.viewer, person_id=OPS, role=Role.REP, scope=own(OPS)))
    blocks = await home.home(new)
    told = next(block["text"]["text"] for block in blocks if "The team so far" in str(block))
    assert told.splitlines()[0] == "*The team so far, not yours yet*"
    assert told.splitlines()[1].startswith("All reps: 27.7 % of ")
    assert told.endswith("Not yours yet: none of your deals has closed.")
    assert "You against the team" not in str(blocks)
