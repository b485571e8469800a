"""How a person wants to be told: what the modal refuses and keeps; and who reads a channel."""

from decimal import Decimal

import pytest

from analytics.questions import EVERYONE, NOBODY, Scope
from bot import audience, web_api
from bot import settings as config
from bot.alerting import places
from bot.alerting.preferences import Preferences
from bot.audience import Role, Viewer
from bot.blocks import limits
from bot.blocks import preferences as form
from bot.coach import Coach
from bot.playground import Person, Playground
from bot.playground.elements import state_of
from bot.playground.records import BOT_USER, Conversation
from tests.face import workspace

SETTINGS = config.load()
REP_SCOPE = Scope(rep_ids=frozenset({"rep_01"}), label="your deals")


def modal(role=Role.REP, **chosen):
    return form.Form(Preferences(**chosen), SETTINGS, role, "Europe/Berlin").modal()


def sent(view, role=Role.REP, **values):
    """What the modal says when it is sent off with these values changed."""
    return form.read({**view, "state": {"values": state_of(view, values)}}, role)


@pytest.mark.parametrize("role", Role)
def test_every_role_has_a_modal_that_slack_takes(role):
    assert limits.check(modal(role)["blocks"], "modal") == []


def test_a_modal_sent_off_untouched_keeps_the_teams_ways_in_the_readers_zone():
    chosen, wrong = sent(modal())
    assert wrong == {}
    assert (chosen.levels, chosen.min_amount, chosen.place, chosen.digest) == (None, None, "", "daily")
    assert chosen.hours(SETTINGS).zone == "Europe/Berlin"
    assert chosen.hours(SETTINGS).days == SETTINGS.hours.days


def test_what_was_chosen_is_what_the_modal_shows_next_time():
    chosen, _ = sent(modal(), levels=["P1"], min_amount="25000", digest_at="09:30", days=["mon", "tue"])
    assert chosen.levels == ("P1",)
    assert chosen.min_amount == Decimal(25000)
    again, _ = sent(form.Form(chosen, SETTINGS, Role.REP).modal())
    assert again == chosen


def test_a_time_off_the_half_hour_stays_as_it_was():
    chosen, _ = sent(modal(digest_at="08:10"))
    assert f"{chosen.digest_at:%H:%M}" == "08:10"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"zone": "../etc"}, "zone"),
        ({"min_amount": "-5"}, "min_amount"),
        ({"min_amount": "many"}, "min_amount"),
        ({"days": []}, "days"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(values, field):
    _, wrong = sent(modal(), **values)
    assert list(wrong) == [field]


def test_quiet_all_day_is_refused():
    chosen, _ = sent(modal(), quiet_from="07:00", quiet_until="08:00")
    assert list(form.late(chosen)) == ["quiet_from"]


def test_only_a_manager_is_asked_about_reports():
    assert [role for role in Role if "at_once" in str(modal(role))] == [Role.MANAGER]


def test_nothing_ticked_is_nothing_told():
    chosen, _ = sent(modal(), levels=[])
    assert not chosen.wants("P1", None)


def viewer(scope, role=Role.REP):
    return Viewer("p", "Pat", role, scope)


@pytest.mark.parametrize(
    ("other", "mine", "may"),
    [
        (EVERYONE, EVERYONE, True),
        (EVERYONE, REP_SCOPE, True),
        (REP_SCOPE, REP_SCOPE, True),
        (REP_SCOPE, EVERYONE, False),
        (Scope(rep_ids=frozenset({"rep_02"})), REP_SCOPE, False),
        (NOBODY, REP_SCOPE, False),
    ],
)
def test_who_reads_along_must_see_as_much(other, mine, may):
    assert places.sees_as_much(viewer(other), viewer(mine)) is may


@pytest.fixture
async def town(coach: Coach):
    people = coach.asked_here().generation.people()
    guest = Person("U_GUEST", "guest", "guest@else.where", is_restricted=True)
    async with workspace(coach, people, [guest]) as slack:
        yield slack


async def refused(slack: Playground, coach: Coach, *members: str, **kind):
    """Why a rep's alerts may not go to a channel of these people; "" when they may."""
    ids = {slack.workspace.person(one).id for one in members}
    made = Conversation("C_DEALS", "deals", {*ids, BOT_USER} - kind.pop("without", set()), **kind)
    slack.workspace.conversations[made.id] = made
    people = coach.asked_here().generation.people()
    rep = next(each for each in people if each.person_id == "rep_05")
    return await places.may_read(web_api.client(coach.settings), coach, made.id, audience.viewer(rep, people))


async def test_a_channel_of_the_reps_own_line_may_read_along(town, coach):
    assert await refused(town, coach, "rep_05", "mgr_01", "cro_01") == ""


async def test_a_colleague_a_guest_or_another_organisation_may_not(town, coach):
    assert "may not see all your deals" in await refused(town, coach, "rep_05", "rep_01")
    assert "nobody in the CRM" in await refused(town, coach, "rep_05", "U_GUEST")
    assert "Other organisations" in await refused(town, coach, "rep_05", is_ext_shared=True)


async def test_a_channel_we_are_not_in_is_refused(town, coach):
    assert "Invite me" in await refused(town, coach, "rep_05", without={BOT_USER})
    assert "Invite me" in await refused(town, coach, "rep_05", without={BOT_USER}, is_private=True)
    assert "Invite me" in await refused(town, coach, "rep_05", is_archived=True)


async def test_a_channel_of_hundreds_is_not_looked_through(town, coach):
    for number in range(places.READERS_MOST + 1):
        town.workspace.people[f"U{number}"] = Person(f"U{number}", f"u{number}")
    everybody = [f"U{number}" for number in range(places.READERS_MOST + 1)]
    assert "Too many people" in await refused(town, coach, *everybody)
