"""`dealcoach setup` and `/coach setup`: who is who, what is missing and why, what is left to do."""

import json
from datetime import date

import pytest
from aiohttp import web
from rich.console import Console

from analytics import refresh
from analytics.generation import PersonRow
from bot import doctor, intents, replies
from bot import settings as config
from bot.alerting import preferences
from bot.blocks import limits
from bot.coach import Coach
from bot.manifest import NEEDED, OPTIONAL, SCOPES
from bot.memory import Memory, slots
from bot.memory.tables import outbox
from bot.playground import Person
from bot.setup import matching, slack, terminal
from bot.setup.desk import Choices
from bot.setup.facts import Member
from bot.setup.step import left, stopped
from bot.setup.walk import STEPS, NoSuchStep, check, walk
from bot.web_api import client
from tests.face import workspace
from tests.tables import tables

SETTINGS = config.load()
REP, MANAGER, CRO, OPS = "rep_05", "mgr_01", "cro_01", "ops_01"
PRIYA = PersonRow("rep_1", "Priya", "Priya@Example.com", "rep", "mgr_1", None)
DANA = PersonRow("mgr_1", "Dana", "dana@example.com", "manager", None, None)
GUEST = Person("U_GUEST", "guest", "guest@else.where", is_restricted=True)


@pytest.fixture
async def memory(memory_url):
    async with Memory.open(memory_url) as opened:
        yield opened


@pytest.fixture
async def town(crm, memory, memory_url):
    """The CRM's people in Slack but for one rep, who has another address there; and a guest."""
    coach = Coach(config.load(home=crm, stale_after_days=100_000, database_url=memory_url), memory)
    people = [one for one in coach.asked_here().generation.people() if one.person_id != REP]
    others = [GUEST, Person("U_NINA", "nina", "nina@private.example", real_name="Nina Petrov")]
    async with workspace(coach, people, others, channels=("general", "team")) as slack_here:
        slack_here.coach = coach
        yield slack_here


async def walked(town, *only, **chosen):
    """The steps of `dealcoach setup`, by name."""
    steps = [step async for step in walk(town.coach.settings, Choices(**chosen), only=only)]
    return dict(zip(only or STEPS, steps, strict=True))


def found(step) -> dict:
    """What each check found: (ok, found)."""
    return {one.check: (one.ok, one.found) for one in step.findings}


# ---------------------------------------------------------------- who is who


def matched(people, members, links=None, **given):
    everyone = matching.everybody(people, SETTINGS.model_copy(update=given))
    return matching.match(everyone, members, links or {})


def why(people, members, links=None, **given) -> dict:
    return {one.someone.key: one.why for one in matched(people, members, links, **given).missing}


def test_people_are_found_by_address_whatever_its_case():
    result = matched([PRIYA], [Member("U1", "priya", "priya@example.com")])
    assert [(someone.key, member.id) for someone, member in result.known] == [("rep_1", "U1")]


def test_a_link_goes_before_the_address():
    members = [Member("U1", "priya", "priya@example.com"), Member("U2", "p.shah", "p@private.example")]
    result = matched([PRIYA], members, {"U2": "rep_1"})
    assert result.account("rep_1").id == "U2"
    assert [one.id for one in result.strangers] == ["U1"]


def test_who_cannot_be_found_is_told_apart_by_why():
    twin = PRIYA._replace(person_id="rep_2")
    members = [Member("U1", "priya", "priya@example.com", "guest"), Member("U2", "old", "", "gone")]
    assert why([PRIYA, twin], members) == {"rep_1": "shared", "rep_2": "shared"}
    assert why([PRIYA], members) == {"rep_1": "guest"}
    assert why([PRIYA._replace(email=None)], members) == {"rep_1": "no_email"}
    assert why([DANA], members) == {"mgr_1": "not_in_slack"}
    assert why([DANA], members, {"U2": "mgr_1"}) == {"mgr_1": "gone"}
    assert why([PRIYA], [Member("U1", "p", "priya@example.com")], {"U1": "mgr_1"}) == {"rep_1": "taken"}


def test_guests_bots_and_the_departed_are_no_strangers():
    members = [Member("U1", "a", "", "guest"), Member("U2", "b", "", "bot"), Member("U3", "c", "", "gone")]
    result = matched([], members)
    assert (result.strangers, result.guests, result.bots) == ((), 1, 1)


def test_who_is_named_in_the_settings_alone_is_looked_for_too():
    given = {"ops_emails": ("it@example.com",), "reviewer_emails": ("dana@example.com",)}
    assert why([DANA], [Member("U1", "dana", "dana@example.com")], **given) == {
        "it@example.com": "not_in_slack"
    }


def test_slackbot_is_no_person():
    assert matching.member({"id": "USLACKBOT", "name": "slackbot"}).kind == "bot"
    assert matching.member({"id": "U1", "deleted": True}).kind == "gone"


async def test_members_are_listed_over_all_pages_with_one_call_each():
    """Slack's own protocol: a cursor until there is none."""
    asked = []

    async def users(request: web.Request) -> web.Response:
        cursor = {**request.query, **await request.post()}.get("cursor", "")
        asked.append(cursor)
        following = {"": "two", "two": ""}[cursor]
        member = {"id": f"U{len(asked)}", "name": "x", "profile": {}}
        page = {"ok": True, "members": [member], "response_metadata": {"next_cursor": following}}
        return web.json_response(page)

    app = web.Application()
    app.router.add_route("*", "/api/users.list", users)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
    members = await slack.members(client(config.load(slack_api_url=url, slack_bot_token="xoxb-1")))
    await runner.cleanup()
    assert (asked, [one.id for one in members]) == (["", "two"], ["U1", "U2"])


# ---------------------------------------------------------------- the terminal


async def test_every_step_is_walked_and_says_what_is_left(town):
    steps = await walked(town)
    assert {name: step.failed for name, step in steps.items()} == {
        "slack": False,
        "data": False,
        "people": True,
        "roles": False,
        "channels": False,
        "test": False,
        "greet": False,
    }
    assert [line.partition(":")[0] for line in left(steps.values())] == [
        "in Slack",
        "test message",
        "first messages",
    ]


async def test_who_is_nobody_in_slack_is_listed_with_what_to_do(town):
    people = (await walked(town, "people"))["people"]
    [row] = people.rows
    assert row[1:4] == (REP, "rep", "not in Slack")
    assert row[4] == f"invite them; known by another address: /coach map @user {REP}"
    assert found(people)["not in the CRM"] == (None, "accounts: 1, shown no deals until somebody links them")
    assert found(people)["left out"] == (True, "guests: 1, bots: 1")


async def test_everybody_is_looked_up_with_one_call(town):
    before = len(town.calls)
    await walked(town, "people", "test", test=CRO)
    methods = [call.method for call in town.calls[before:]]
    assert methods.count("users.list") == 1
    assert "users.info" not in methods


async def test_without_a_token_the_first_step_says_how_to_get_one(crm):
    settings = config.load(home=crm, stale_after_days=100_000)
    steps = [step async for step in walk(settings, Choices())]
    assert [step.title for step in steps] == ["Slack: tokens and scopes", "Data and numbers", "Roles"]
    assert left(steps)[0].startswith("Slack bot token: Create the app from manifest.json")


async def test_a_token_that_was_revoked_ends_what_needs_slack(town):
    town.credentials.revoked = True
    steps = [step async for step in walk(town.coach.settings, Choices())]
    assert found(steps[0]) == {"Slack bot token": (False, "token_revoked")}
    assert len(steps) == 3


async def test_before_any_load_each_step_says_that_numbers_are_missing(town, tmp_path):
    town.coach.settings = town.coach.settings.model_copy(update={"home": tmp_path / "empty"})
    steps = await walked(town)
    assert found(steps["people"]) == {"people": (False, "cannot be looked at")}
    assert "dealcoach load FILE" in steps["data"].findings[1].remedy


async def test_a_scope_that_is_missing_is_named_with_what_it_is_for(town):
    town.credentials.scopes = frozenset(SCOPES) - {"users:read"}
    steps = await walked(town)
    assert "users:read (to know who asks, and to refuse guests)" in left(steps.values())[0]
    assert found(steps["people"]) == {"people": (False, "Slack says missing_scope: users:read")}


async def test_without_the_optional_scopes_it_works_and_says_what_is_lost(town):
    town.credentials.scopes = frozenset(NEEDED)
    slack_step = (await walked(town, "slack"))["slack"]
    assert not slack_step.failed
    assert "files:write (to hand a picture or a file" in found(slack_step)["Slack scopes"][1]


def test_who_may_post_to_channels_must_find_its_posts_again():
    finding = doctor.scopes(",".join({*SCOPES} - {"channels:history"}))
    assert (finding.ok, "channels:history" in finding.remedy) == (False, True)
    assert doctor.scopes(",".join({*SCOPES} - {"channels:history", "channels:read"})).ok


async def test_a_test_message_reaches_the_person_chosen_and_only_them(town):
    name = next(one.name for one in town.coach.asked_here().generation.people() if one.person_id == CRO)
    step = (await walked(town, "test", test=name))["test"]
    assert found(step) == {"test message": (True, f"sent to {name}")}
    assert [message.text for message in town.sees(CRO)] == [
        "This is a test by dealcoach setup: messages reach you."
    ]
    assert town.sees(MANAGER) == []


async def test_a_test_message_to_nobody_says_what_to_give_instead(town):
    assert found((await walked(town, "test", test="Zaphod"))["test"]) == {
        "test message": (False, "nobody is called 'Zaphod'")
    }
    unmapped = (await walked(town, "test", test=REP))["test"]
    assert unmapped.findings[0].remedy == "They are nobody in Slack: see what to do under People."


async def test_everybody_is_greeted_once_however_often_setup_runs(town, memory):
    first = (await walked(town, "greet", greet=True))["greet"]
    second = (await walked(town, "greet", greet=True))["greet"]
    assert found(first)["first messages"][1].startswith("30 written, 0 had theirs")
    assert found(second)["first messages"] == (True, "0 written, 30 had theirs")
    async with memory.read() as connection:
        assert len((await connection.execute(outbox.select())).all()) == 30


async def test_a_channel_is_offered_only_to_whose_deals_all_its_readers_may_see(town):
    town.invite("general")
    room = town.invite("team")
    room.members &= {*(town.workspace.person(who).id for who in (CRO, MANAGER)), "U_DEALCOACH"}
    rows = dict((await walked(town, "channels"))["channels"].rows)
    assert rows["#team"] == town.coach.asked_here(MANAGER).viewer.name
    assert rows["#general"].startswith("nobody: ")


async def test_a_channel_that_is_chosen_is_kept_if_everybody_there_may_read(town, memory):
    room = town.invite("team")
    room.members &= {town.workspace.person(CRO).id, "U_DEALCOACH"}
    step = (await walked(town, "channels", channel="#team"))["channels"]
    assert not step.failed
    async with memory.read() as connection:
        assert (await preferences.of(connection, "main", CRO)).place == room.id


async def test_a_channel_that_others_read_is_refused(town, memory):
    town.invite("general")
    step = (await walked(town, "channels", channel="general"))["channels"]
    assert found(step)["channel chosen"] == (False, "not #general")
    async with memory.read() as connection:
        assert await preferences.everyone(connection, "main") == {}


async def test_a_channel_we_are_not_in_says_how_to_get_in(town):
    step = (await walked(town, "channels", channel="nowhere"))["channels"]
    assert step.findings[-1].remedy == "Invite the app there first, or write its name as listed."


async def test_roles_that_nobody_holds_are_named_with_what_to_set(tmp_path):
    people = [{"person_id": "rep_1", "name": "Priya", "email": "priya@example.com"}]
    day = date(2024, 6, 30)
    refresh.refresh(tables(tmp_path, deals=[{}], people=people), tmp_path, day)
    [step] = [step async for step in walk(config.load(home=tmp_path), Choices(), only=("roles",))]
    assert {name: ok for name, (ok, _) in found(step).items()} == dict.fromkeys(
        ("cro", "ops", "reviewer"), False
    )
    assert "DEALCOACH_REVIEWER_EMAILS" in left([step])[2]


async def test_the_terminal_ends_with_what_is_left(town):
    out = Console(record=True, width=200)
    assert not await terminal.setup(town.coach.settings, Choices(), out, asks=False)
    said = out.export_text()
    assert said.index("Left to do") < said.index("1. in Slack: Invite or link those")
    assert "xoxb" not in said


def test_a_step_there_is_not_is_named_with_those_there_are():
    with pytest.raises(NoSuchStep, match=r"No step 'tokens'. There is: slack, data, people"):
        check(["tokens"])


def test_every_trouble_has_a_remedy():
    assert stopped("people", TimeoutError()).remedy == "Check the network and SLACK_API_URL."
    assert set(OPTIONAL).isdisjoint(NEEDED)


# ---------------------------------------------------------------- in Slack


def buttons(blocks) -> list:
    elements = [one for block in blocks for one in (*block.get("elements", ()), block.get("accessory") or {})]
    return [one["action_id"] for one in elements if one.get("type") == "button"]


async def test_ops_see_all_sections_with_a_button_to_each(town):
    reply = await town.command("/coach setup", OPS)
    assert buttons(reply.blocks) == [
        f"ask.setup.{name}" for name in ("sources", "mapping", "thresholds", "roles")
    ]
    assert limits.check(reply.blocks) == []


@pytest.mark.parametrize("about", ["", "sources", "mapping", "thresholds", "roles"])
async def test_every_section_fits_slack_and_shows_no_secret(town, about):
    for who in (OPS, CRO):
        reply = await town.command(f"/coach setup {about}", who)
        assert reply.ephemeral
        assert limits.check(reply.blocks) == []
        assert not any(
            secret in str(reply.blocks) for secret in ("xoxb", "xapp", "sqlite", str(town.coach.home))
        )


async def test_reps_and_managers_see_none_of_it(town):
    for who in ("rep_01", MANAGER):
        reply = await town.command("/coach setup roles", who)
        assert reply.text.startswith("Only ops and the CRO see this page.")


async def test_the_mapping_says_who_is_missing_and_why(town):
    reply = await town.command("/coach setup mapping", OPS)
    said = json.dumps(reply.blocks)
    assert "One of 31 people is nobody in Slack" in said
    assert "nobody in Slack has the address" in said
    assert "setup.link" in buttons(reply.blocks)
    assert "setup.link" not in buttons((await town.command("/coach setup mapping", CRO)).blocks)


async def test_ops_link_somebody_who_then_sees_their_own_deals(town, memory):
    reply = await town.command("/coach setup mapping", OPS)
    await town.click(reply.messages[0], "setup.link", OPS, within=1)
    done = await town.submit(OPS, {"person": REP, "user": "U_NINA"})
    assert "Nina Petrov is now " in str(done.payload["view"])
    assert await memory.person_of("main", "U_NINA") == REP
    assert (await town.command("/pipeline mine", "nina")).blocks


async def test_a_guest_is_not_linked(town, memory):
    reply = await town.command("/coach setup mapping", OPS)
    await town.click(reply.messages[0], "setup.link", OPS, within=1)
    refused = await town.submit(OPS, {"person": REP, "user": "U_GUEST"})
    assert refused.payload["errors"] == {"user": "Choose a full member: guests are told nothing."}
    assert await memory.person_of("main", "U_GUEST") is None


async def test_rights_are_checked_again_when_the_modal_is_sent_off(town, memory):
    reply = await town.command("/coach setup mapping", OPS)
    await town.click(reply.messages[0], "setup.link", OPS, within=1)
    user = town.workspace.person(OPS).id
    await memory.link_person("main", user, CRO)
    town.coach._known.clear()
    refused = await town.submit(OPS, {"person": REP, "user": "U_NINA"})
    assert refused.payload["errors"] == {"user": "Only ops can say who is who."}
    assert await memory.person_of("main", "U_NINA") is None


async def test_a_threshold_opens_the_rule_editor(town):
    reply = await town.command("/coach setup thresholds", CRO)
    message = reply.messages[0]
    await town.click(message, "rule.edit", CRO, within=1)
    assert town.modal(CRO)["callback_id"] == "rule.form"


async def test_what_slack_does_not_tell_is_said(town):
    town.credentials.scopes = frozenset(SCOPES) - {"users:read.email", "users:read"}
    reply = await replies.reply(intents.SetupPage("mapping"), town.coach.asked_here(OPS))
    assert "Slack did not tell me who is there." in reply.text


async def test_a_failed_job_is_named_and_its_error_is_not_shown(town, memory):
    now = memory.now()
    async with memory.write() as tx:
        claimed = await slots.claim(tx, "refresh", "x", owner="me", now=now, lease=now - now)
        await slots.fail(tx, claimed, "OSError: /secret/place", now)
    said = str((await town.command("/coach setup sources", OPS)).blocks)
    assert "Failed at the last try: refresh (1 tries)." in said
    assert "/secret/place" not in said
