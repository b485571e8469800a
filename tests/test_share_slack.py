"""`Share...` in a real (local) Slack: the modal, the message, who may read it, and that it comes once."""

import json
import random
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from analytics import store
from bot import settings as config
from bot.blocks import limits
from bot.coach import Coach
from bot.memory import Memory
from bot.memory.tables import shares
from bot.playground import Person
from bot.playground.faults import Fault, Faults, Kind
from bot.playground.records import BOT_USER, Conversation
from bot.sharing import rooms
from tests.face import one, workspace

LINE = "/winrate region"
ROOM = "C_ROOM"
BOOT = Person("U_ROBOT", "robot", is_bot=True)
STRANGER = Person("U_STRANGER", "stranger", "s@else.where", is_stranger=True)
UNKNOWN = Person("U_UNKNOWN", "unknown", "unknown@example.com")
GUEST = Person("U_GUEST", "guest", "guest@else.where", is_restricted=True)


@pytest.fixture
def people(crm):
    return store.current(crm).people()


@pytest.fixture
def cro(people):
    return one(people, "cro")


@pytest.fixture
def manager(people):
    return one(people, "manager")


@pytest.fixture
def rep(people, manager):
    return next(p for p in people if p.manager_id == manager and p.role == "rep").person_id


@pytest.fixture
def ops(people):
    return one(people, "ops")


@pytest.fixture
async def memory(memory_url):
    async with Memory.open(memory_url) as opened:
        yield opened


@pytest.fixture
async def slack(crm, people, memory):
    settings = config.load(home=crm, stale_after_days=100_000)
    async with workspace(Coach(settings, memory), people, [BOOT, GUEST, STRANGER, UNKNOWN]) as playground:
        yield playground


def room(slack, *members, **kind):
    """A channel with these members and our bot."""
    ids = {slack.workspace.person(each).id for each in members} | {BOT_USER}
    made = Conversation(ROOM, "deal-room", ids - kind.pop("without", set()), **kind)
    slack.workspace.conversations[ROOM] = made
    return made


async def offered(slack, user, line=LINE):
    """The modal that `Share...` opens."""
    reply = await slack.command(line, user=user)
    await slack.click(reply.messages[0], "share", user=user)
    await slack.pulse.until(lambda: slack.modal(user) is not None, 10)


async def shows(slack, user, *words):
    """The modal once it shows these words."""

    def text():
        return json.dumps(slack.modal(user) or {}, ensure_ascii=False)

    await slack.pulse.until(lambda: all(word in text() for word in words), 10)
    assert all(word in text() for word in words), text()
    return slack.modal(user)


async def looked(slack, user, *words):
    """The modal once the room was chosen."""
    await slack.click_modal("share.channel", user=user, value=ROOM)
    return await shows(slack, user, *words)


async def shared(slack, user, *words, line=LINE, note=""):
    """The modal after the answer was sent off to the room."""
    await offered(slack, user, line)
    await slack.submit(user, {"share.channel": ROOM, "share.note": note})
    return await shows(slack, user, *words)


async def kept(memory):
    async with memory.read() as connection:
        return (await connection.execute(select(shares).order_by(shares.c.id))).all()


async def test_an_answer_is_shared_into_a_channel_where_all_may_see_it(slack, memory, cro):
    made = room(slack, cro, "robot")
    await offered(slack, cro)
    view = await looked(slack, cro, "1 of 1 readers may see all", "Apps in that channel")
    assert not limits.check(view["blocks"], "modal")

    await slack.submit(cro, {"share.channel": ROOM, "share.note": "Look at EMEA <!channel>"})
    await shows(slack, cro, "Shared in #deal-room. Readers: 1.")
    [message] = made.messages
    assert limits.check(message.blocks) == []
    assert message.text.startswith("Shared by ")
    assert "<!channel>" not in json.dumps(message.blocks)
    [row] = await kept(memory)
    assert (row.outcome, row.ts, row.line) == ("shared", message.ts, LINE)
    assert json.loads(row.readers) == [slack.workspace.person(cro).id]


async def test_a_narrower_answer_says_so_first_and_never_tells_the_sharers_figures(slack, cro, manager):
    made = room(slack, cro, manager)
    await offered(slack, cro)
    mine = "1,171 closed"
    view = await looked(slack, cro, "may see only a part", mine)
    await slack.submit(cro, {"share.channel": ROOM})
    await shows(slack, cro, "Shared in #deal-room")
    [message] = made.messages
    assert "narrower than what" in message.blocks[0]["text"]["text"]
    assert mine in json.dumps(view)
    assert "1,171" not in json.dumps([message.blocks, message.text])


async def test_the_channel_in_which_it_was_asked_is_looked_at_at_once(slack, cro):
    room(slack, cro)
    reply = await slack.command(LINE, user=cro, channel="deal-room")
    await slack.click(reply.messages[0], "share", user=cro)
    view = await shows(slack, cro, "In #deal-room")
    assert view["blocks"][0]["element"]["initial_conversation"] == ROOM


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ({"is_ext_shared": True}, "another organisation"),
        ({"is_pending_ext_shared": True}, "another organisation"),
        ({"is_archived": True}, "archived"),
        ({"without": {BOT_USER}}, "/invite @dealcoach"),
        ({"without": {BOT_USER}, "is_private": True}, "/invite @dealcoach"),
    ],
)
async def test_a_channel_that_is_not_for_answers_is_refused_with_what_to_do(slack, memory, cro, kind, said):
    made = room(slack, cro, **kind)
    await shared(slack, cro, said)
    assert made.messages == []
    assert [row.outcome for row in await kept(memory)] != ["shared"]


async def test_a_channel_the_sharer_is_not_in_tells_nothing_of_its_members(slack, cro, manager):
    room(slack, cro, "guest", is_private=True)
    said = json.dumps(await shared(slack, manager, "You are not in that channel"))
    assert "guest" not in said.lower()


async def test_a_guest_who_reads_along_stops_it(slack, memory, cro):
    made = room(slack, cro, "guest")
    await shared(slack, cro, "Not everybody there may see deals", "<@U_GUEST>")
    assert made.messages == []
    assert [row.outcome for row in await kept(memory)] == ["stranger"]


async def test_after_a_refusal_another_channel_can_be_tried_and_the_note_is_still_there(slack, cro):
    made = room(slack, cro, "guest")
    await shared(slack, cro, "Not everybody there", note="mind the gap")
    made.members.discard("U_GUEST")
    await slack.submit(cro, {"share.channel": ROOM})
    await shows(slack, cro, "Shared in #deal-room")
    [message] = made.messages
    assert "mind the gap" in json.dumps(message.blocks)


async def test_a_guest_on_a_later_page_of_members_stops_it_too(slack, cro, monkeypatch):
    made = room(slack, cro, "guest", "robot")
    monkeypatch.setattr(rooms, "PAGE", 1)
    await shared(slack, cro, "Not everybody there may see deals")
    assert made.messages == []


async def test_a_channel_too_big_to_look_at_each_is_refused(slack, cro, monkeypatch):
    room(slack, cro, "guest", "robot")
    monkeypatch.setattr(rooms, "READERS_MOST", 3)
    await shared(slack, cro, "Too many people read that channel")


async def test_over_channels_at_random_nobody_reads_of_a_rep_whose_deals_they_may_not_see(slack, people):
    """As the code under test sees nobody's rights: by who reports to whom, from the CRM's own rows."""
    dice = random.Random(7)
    reps = {one.person_id: one for one in people if one.role == "rep"}
    managers = [one.person_id for one in people if one.role == "manager"]
    others = ["guest", "stranger", "unknown", "robot", "ops_01", *reps]
    seen = 0
    for turn in range(18):
        sharer = dice.choice(["cro_01", *managers, *managers])
        company = {sharer, "cro_01", *dice.sample(managers, turn % 2), *dice.sample(others, turn % 3 == 2)}
        made = room(slack, *company)
        await offered(slack, sharer, "/winrate rep")
        await slack.submit(sharer, {"share.channel": ROOM})
        await slack.pulse.until(lambda who=sharer: "once more" not in json.dumps(slack.modal(who)), 10)
        said = json.dumps([message.blocks for message in made.messages])
        named = {rep for rep, row in reps.items() if f'"{row.name}"' in said or rep in said}
        for reader in company - {"robot"}:
            assert named <= {rep for rep, row in reps.items() if may_see(reader, row)}
        seen += bool(named)
    assert seen > 4


def may_see(reader, rep):
    return reader in ("cro_01", rep.manager_id, rep.person_id)


async def test_who_joins_between_the_look_and_the_post_stops_it(slack, memory, cro):
    made = room(slack, cro)
    await offered(slack, cro)
    slack.faults = Faults([Fault(Kind.DELAY, "conversations.members", seconds=1)])
    await slack.submit(cro, {"share.channel": ROOM})  # answered with those of this moment, a second later
    made.members.add("U_GUEST")
    await shows(slack, cro, "Somebody came or went")
    assert made.messages == []
    assert [row.outcome for row in await kept(memory)] == ["moved"]


async def test_the_same_submission_delivered_twice_is_posted_once(slack, memory, cro):
    made = room(slack, cro)
    await offered(slack, cro)
    stack = slack.workspace.modals[slack.workspace.person(cro).id]
    form = dict(stack[-1])
    await slack.submit(cro, {"share.channel": ROOM})
    await shows(slack, cro, "Shared in")
    stack[:] = [form]
    await slack.submit(cro, {"share.channel": ROOM})
    await shows(slack, cro, "already sent off")
    assert len(made.messages) == 1
    assert len(await kept(memory)) == 1


async def test_a_share_that_was_cut_off_is_told_at_the_next_one_once(slack, memory, cro):
    room(slack, cro)
    await shared(slack, cro, "Shared in")
    async with memory.write() as tx:
        await tx.execute(update(shares).values(outcome="sending", at=memory.now() - timedelta(minutes=5)))
    await offered(slack, cro)
    await shows(slack, cro, "I was stopped while sharing")
    await offered(slack, cro)
    await shows(slack, cro, "Choose a channel")
    assert "I was stopped" not in json.dumps(slack.modal(cro))


@pytest.mark.parametrize("kind", [Kind.DROP, Kind.STORE_THEN_DROP])
async def test_no_answer_from_slack_is_neither_repeated_nor_called_shared(slack, memory, cro, kind):
    made = room(slack, cro)
    await offered(slack, cro)
    slack.faults = Faults([Fault(kind, "chat.postMessage")])
    await slack.submit(cro, {"share.channel": ROOM})
    await shows(slack, cro, "Slack did not answer")
    assert len(made.messages) <= 1
    assert [row.outcome for row in await kept(memory)] == ["unsure"]


async def test_blocks_that_slack_refuses_are_shared_in_plain_ones(slack, cro):
    made = room(slack, cro)
    slack.refuse = frozenset({"data_table", "data_visualization"})
    await shared(slack, cro, "Shared in")
    assert len(made.messages) == 1


async def test_a_button_below_a_shared_answer_answers_whoever_clicks_within_their_own_rights(
    slack, cro, manager, rep
):
    made = room(slack, cro, manager)
    await shared(slack, cro, "Shared in")
    [message] = made.messages
    button = next(
        one["action_id"]
        for block in message.blocks
        if block["type"] == "actions"
        for one in block["elements"]
        if one["action_id"].startswith("ask.")
    )
    reply = await slack.click(message, button, user=manager)
    assert reply.ephemeral
    assert "your team's deals" in json.dumps(reply.blocks)
    assert len([one for one in made.messages if not one.ephemeral]) == 1

    judged = await slack.click(message, "feedback", user=manager, value=thumb(message))
    assert judged.ephemeral
    await slack.click(message, "share", user=manager)
    await shows(slack, manager, "2 of 2 readers may see all")


def thumb(message):
    return next(b for b in message.blocks if b["type"] == "context_actions")["elements"][0][
        "positive_button"
    ]["value"]


async def test_whoever_joins_later_and_may_see_nothing_gets_nothing_by_clicking(slack, cro):
    made = room(slack, cro)
    await shared(slack, cro, "Shared in")
    made.members.add("U_GUEST")
    reply = await slack.click(made.messages[0], "ask.quarter", user="guest")
    assert reply.ephemeral
    assert "no guests" in reply.text


async def test_ops_and_the_cro_see_who_shared_what_the_others_their_own(slack, cro, manager, ops):
    room(slack, cro, manager)
    await shared(slack, cro, "Shared in")
    await shared(slack, manager, "Shared in", line="/pipeline")
    told = {
        who: json.dumps((await slack.command("/coach shares", user=who)).blocks) for who in (ops, manager)
    }
    assert "/winrate region" in told[ops]
    assert "/pipeline" in told[ops]
    assert "/pipeline" in told[manager]
    assert "/winrate region" not in told[manager]
    assert f"<#{ROOM}>" in told[ops]
    assert f"<@{slack.workspace.person(cro).id}>" in told[ops]
    assert " %" not in told[ops]  # no figures


async def test_without_a_record_nothing_is_shared(crm, people, cro):
    coach = Coach(config.load(home=crm, stale_after_days=100_000))
    async with workspace(coach, people) as slack:
        reply = await slack.command(LINE, user=cro)
        said = await slack.click(reply.messages[0], "share", user=cro)
        assert "I share nothing" in said.text


async def test_a_modal_closed_meanwhile_ends_in_direct_messages(slack, cro):
    made = room(slack, cro)
    await offered(slack, cro)
    slack.faults = Faults([Fault(Kind.DELAY, "conversations.members", seconds=0.5)])
    await slack.submit(cro, {"share.channel": ROOM})
    slack.workspace.modals[slack.workspace.person(cro).id].clear()
    await slack.pulse.until(lambda: bool(slack.direct(cro).messages), 10)
    assert made.messages
    assert slack.direct(cro).messages[-1].text == "Shared in #deal-room. Readers: 1."
