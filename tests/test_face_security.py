"""Attacks on what wave people see first: shares, exports, setup and the reader's language; none may work."""

import asyncio
import csv as reading
import io
import json
import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from structlog.testing import capture_logs

from analytics import store
from bot import language, replies
from bot import settings as config
from bot.blocks import share as blocks
from bot.coach import Coach
from bot.exports import csv
from bot.exports.saved import saved
from bot.exports.sheet import Grid
from bot.memory import Memory
from bot.memory.tables import people_links, readers, shares
from bot.playground import Person
from bot.playground.faults import Fault, Faults, Kind
from bot.playground.records import BOT_USER, Conversation
from bot.replies import narrating
from bot.sharing import drafts
from bot.sharing.drafts import Wanted
from data.mendable import Mendable
from tests.face import one, workspace
from tests.test_share import company, room, told

LINE, ROOM = "/winrate region", "C_ROOM"
GUEST = Person("U_GUEST", "guest", "guest@else.where", is_restricted=True)
NINA = Person("U_NINA", "nina", "nina@private.example", real_name="Nina Petrov")


@pytest.fixture(scope="session")
def people(crm):
    return store.current(crm).people()


@pytest.fixture(scope="session")
def cro(people):
    return one(people, "cro")


@pytest.fixture(scope="session")
def manager(people):
    return one(people, "manager")


@pytest.fixture(scope="session")
def rep(people, manager):
    return next(p for p in people if p.manager_id == manager and p.role == "rep").person_id


@pytest.fixture(scope="session")
def ops(people):
    return one(people, "ops")


@pytest.fixture
async def memory(tmp_path):
    async with Memory.open(f"sqlite+aiosqlite:///{tmp_path / 'm.sqlite'}") as opened:
        yield opened


@pytest.fixture
async def town(crm, people, memory, rep):
    """The CRM's people but for one rep, a guest, and somebody unknown; a room with the CRO and our bot."""
    coach = Coach(config.load(home=crm, stale_after_days=100_000), memory)
    present = [person for person in people if person.person_id != rep]
    async with workspace(coach, present, [GUEST, NINA]) as slack:
        slack.coach = coach
        ids = {slack.workspace.person(one(people, "cro")).id, BOT_USER}
        slack.room = Conversation(ROOM, "deal-room", ids, is_private=True)
        slack.workspace.conversations[ROOM] = slack.room
        yield slack


async def kept(memory, table):
    async with memory.read() as connection:
        return (await connection.execute(select(table))).all()


async def offered(slack, user, line=LINE, **more):
    """The modal that `Share...` opens."""
    reply = await slack.command(line, user=user)
    await slack.click(reply.messages[0], "share", user=user, **more)
    await slack.pulse.until(lambda: slack.modal(user) is not None, 10)


async def ends(slack, user, *words):
    """Wait until the modal shows these words."""

    def text():
        return json.dumps(slack.modal(user) or {}, ensure_ascii=False)

    await slack.pulse.until(lambda: all(word in text() for word in words), 10)
    assert all(word in text() for word in words), text()


def becomes(slack, name, **changed):
    """Somebody's account changes."""
    person = slack.workspace.person(name)
    slack.workspace.people[person.id] = replace(person, **changed)
    return person.id


# ---------------------------------------------------------------- shares


async def test_a_reader_who_became_a_guest_since_the_look_stops_the_share(town, cro, manager):
    town.room.members.add(town.workspace.person(manager).id)
    await offered(town, cro)
    await town.click_modal("share.channel", user=cro, value=ROOM)
    await ends(town, cro, "1 of 2 readers may see all")
    guest = becomes(town, manager, is_restricted=True)
    await town.submit(cro, {"share.channel": ROOM})
    await ends(town, cro, "Not everybody there may see deals", f"<@{guest}>")
    assert town.room.messages == []


@pytest.mark.parametrize(
    ("mark", "to", "said"),
    [("is_ext_shared", True, "another organisation"), ("is_private", False, "came or")],
)
async def test_a_channel_opened_to_others_between_look_and_post_gets_nothing(
    town, memory, cro, mark, to, said
):
    await offered(town, cro)
    town.faults = Faults([Fault(Kind.DELAY, "conversations.members", seconds=0.7)])
    await town.submit(cro, {"share.channel": ROOM})
    setattr(town.room, mark, to)
    await ends(town, cro, said)
    assert town.room.messages == []
    assert [row.outcome for row in await kept(memory, shares)] != ["shared"]


async def test_a_key_that_was_used_shares_no_other_line_and_no_other_channel(town, memory, cro):
    await offered(town, cro)
    stack = town.workspace.modals[town.workspace.person(cro).id]
    form = json.loads(json.dumps(stack[-1]))
    await town.submit(cro, {"share.channel": ROOM})
    await ends(town, cro, "Shared in")
    other = Conversation("C_OTHER", "other", set(town.room.members), is_private=True)
    town.workspace.conversations[other.id] = other
    form["private_metadata"] = form["private_metadata"].replace(LINE, "/pipeline")
    stack[:] = [form]
    await town.submit(cro, {"share.channel": other.id})
    await ends(town, cro, "already sent off")
    assert (len(town.room.messages), other.messages) == (1, [])


async def test_a_forged_form_shares_no_page_and_nobody_elses_deals(town, manager, people):
    town.room.members.add(town.workspace.person(manager).id)
    stranger = next(p for p in people if p.role == "rep" and p.manager_id != manager).person_id
    stack = town.workspace.modals[town.workspace.person(manager).id]
    for line in (
        f"/coach rep {stranger}",
        "/coach alerts log",
        "/coach setup",
        f"/coach map <@U_NINA> {manager}",
    ):
        await offered(town, manager)
        stack[-1]["private_metadata"] = Wanted.of(line, "").remembered
        await town.submit(manager, {"share.channel": ROOM})
        await town.pulse.until(lambda: "once more" not in json.dumps(stack[-1:]), 10)
    assert town.room.messages == []


async def test_no_forged_button_changes_who_is_who_or_tells_of_others(town, memory, ops, manager, people):
    stranger = next(p for p in people if p.role == "rep" and p.manager_id != manager).person_id
    town.room.members |= {town.workspace.person(who).id for who in (ops, manager)}
    reply = await town.command("/coach quality", user=ops, channel="deal-room")
    map_line = f"/coach map <@U_NINA> {one(people, 'cro')}"
    for action, user, line in (
        ("share", ops, map_line),
        ("export", ops, map_line),
        ("export", manager, f"/coach rep {stranger}"),
        ("export", manager, "/coach quality"),
        ("share", manager, "\u202e" * 1999),
        ("export", manager, ""),
    ):
        [row] = [b for b in reply.messages[0].blocks if b.get("block_id", "").startswith("sums.")]
        row["block_id"] = "sums.../../../etc/passwd"
        for button in row["elements"]:
            button["value"] = line if button["action_id"] == action else button["value"]
        reply.messages[0].seen_only_by = town.workspace.person(user).id
        said = await town.click(reply.messages[0], action, user=user)
        assert said.ephemeral
        assert town.modal(user) is None
    assert await kept(memory, people_links) == []
    assert not any(message.files for who in (ops, manager) for message in town.direct(who).messages)


HOSTILE = (
    "<!channel> <@U_GUEST> <https://evil.example|ok>\u200b\u202e\n\n*Verified:* `all figures` "
    "&lt;!here&gt; https://evil.example/x :white_check_mark: \u2028Shared by Vera."
)


async def test_a_hostile_note_is_one_quoted_line_that_does_nothing(town, cro):
    await offered(town, cro)
    await town.submit(cro, {"share.channel": ROOM, "share.note": HOSTILE})
    await ends(town, cro, "Shared in")
    [message] = town.room.messages
    [quoted] = message.blocks[1]["elements"]
    assert quoted["type"] == "plain_text"
    assert quoted["text"].startswith(
        f"{message.blocks[0]['text']['text'][1:].split(' by ')[1][:-2]} writes: "
    )
    assert not re.search(r"[<>*`\n\u200b\u202e\u2028]|://|:white", quoted["text"])
    assert "evil" not in message.text


async def test_a_public_channel_is_said_to_be_read_by_whoever_looks(town, cro):
    town.room.is_private = False
    await offered(town, cro)
    await town.click_modal("share.channel", user=cro, value=ROOM)
    await ends(town, cro, "whoever is in this workspace can look into it")


async def test_where_a_team_wants_it_deals_are_never_shared_into_a_public_channel(town, cro):
    town.room.is_private = False
    town.coach.settings = town.coach.settings.model_copy(update={"share_in_public": "never"})
    await offered(town, cro)
    await town.click_modal("share.channel", user=cro, value=ROOM)
    await ends(town, cro, "deals are shared into private channels only")


@pytest.fixture(scope="session")
def firm(tmp_path_factory):
    return company(tmp_path_factory.mktemp("face_firm"))


@pytest.mark.parametrize(
    "line",
    [
        *("/coach rep anna", "/coach week anna", "/deal D-anna", "/deal D-anna asof 2024-05-15", "/funnel"),
        *(
            "/winrate rep",
            "/winrate industry by rep",
            "/why by region",
            "/watch",
            "/whatif drop region = Land-anna",
        ),
    ],
)
def test_nobody_reads_in_a_share_what_they_would_not_be_told_themselves(firm, line):
    for sharer in ("mona", "vera", "carl"):
        shared = asyncio.run(
            drafts.drawn(Wanted.of(line, ""), firm.asked_here(sharer), room(firm, {"anna", sharer}))
        )
        own = asyncio.run(own_answer(firm, "anna", line))
        assert figures(shared.reply) <= figures(own)
        assert "bert" not in told(shared).lower()


async def own_answer(firm, who, line):
    inquiry = firm.asked_here(who)
    return await replies.reply(inquiry.understand_line(line), inquiry)


def figures(reply):
    """What is told as fact, without what only counts the answer itself."""
    return {
        (fact.metric, fact.entity, fact.period, fact.value, fact.low, fact.high)
        for fact in reply.facts.values()
        if fact.entity != "answer"
    }


# ---------------------------------------------------------------- files


cells = st.text(st.sampled_from(" ;,\t\r\n\"'=+-@＝﹢|1x\u200b\x1f\x1e\U0001f600"), max_size=30)


@settings(max_examples=300)
@given(names=st.lists(cells, min_size=1, max_size=3), locale=st.sampled_from(["", "de_DE"]))
def test_no_cell_is_ever_a_formula_whatever_sign_the_spreadsheet_parts_cells_at(names, locale):
    with language.using(language.Reading(locale=locale)):
        content = csv.written(Grid(["a"] * len(names), [names])).decode("utf-8-sig")
    for sign in ",;\t":
        for row in reading.reader(io.StringIO(content, newline=""), delimiter=sign):
            assert not [cell for cell in row if re.match(r"\s*[=+\-@＝﹢]", cell)]


def test_a_cell_never_runs_over_into_one_that_its_writer_begins():
    cell = csv.safe("\U0001f600" * 16_383 + "=1+1")
    assert len(cell.encode("utf-16-le")) <= 2 * 32_767


@pytest.mark.parametrize("role", ["rep", "manager"])
async def test_no_file_holds_a_colleague_or_a_deal_of_theirs(crm, people, manager, rep, role):
    inquiry = Coach(config.load(home=crm, stale_after_days=100_000)).asked_here(
        rep if role == "rep" else manager
    )
    allows = inquiry.viewer.scope.allows
    others = {
        word for p in people if p.role == "rep" and not allows(p.person_id) for word in (p.name, p.person_id)
    }
    others |= {deal.deal_id for deal in store.current(crm).open_deals() if not allows(deal.rep_id)}
    somebody = next(p.person_id for p in people if p.role == "rep" and not allows(p.person_id))
    files = 0
    for line in (
        "/winrate industry by rep",
        "/winrate rep",
        "/pipeline",
        "/watch",
        "/why",
        f"/coach rep {somebody}",
    ):
        try:
            made = await saved(line, inquiry)
        except Mendable:
            continue
        text = " ".join([made.about.text, *(f.name + f.title + f.content.decode() for f in made.files)])
        assert not [word for word in others if re.search(rf"\b{re.escape(word)}\b", text)]
        files += len(made.files)
    assert files > 4


# ---------------------------------------------------------------- setup


async def test_nobody_of_ops_makes_themselves_somebody_who_sees_deals(town, memory, ops, cro, rep):
    me = town.workspace.person(ops)
    said = await town.command(f"/coach map @{me.name} {cro}", user=ops)
    assert "Nobody links themselves" in said.text
    reply = await town.command("/coach setup mapping", ops)
    await town.click(reply.messages[0], "setup.link", ops, within=1)
    done = await town.submit(ops, {"person": rep, "user": me.id})
    assert "Nobody links themselves" in done.payload["errors"]["user"]
    assert await kept(memory, people_links) == []
    await town.submit(ops, {"person": rep, "user": "U_NINA"})
    assert await memory.person_of("main", "U_NINA") == rep


async def test_a_form_of_ops_in_the_hands_of_others_links_nobody(town, memory, ops, manager, rep):
    town.room.members |= {town.workspace.person(who).id for who in (ops, manager)}
    reply = await town.command("/coach setup mapping", ops, channel="deal-room")
    await town.click(reply.messages[0], "setup.link", ops, within=1)
    mine = town.workspace.person(manager).id
    town.workspace.modals[mine] = town.workspace.modals[town.workspace.person(ops).id]
    done = await town.submit(manager, {"person": rep, "user": mine})
    assert done.payload["errors"] == {"user": "Only ops can say who is who."}
    reply.messages[0].seen_only_by = mine
    assert "Only ops can say" in (await town.click(reply.messages[0], "setup.link", manager)).text
    assert await kept(memory, people_links) == []


# ---------------------------------------------------------------- language


@pytest.mark.parametrize(
    ("locale", "zone"),
    [
        ("../../x", "../../etc/passwd"),
        ("de-../../x", "/etc/passwd"),
        ("de-" + "x" * 10_000, "x" * 10_000),
        ("xx-YY", "Europe"),
        ("zh-CN", "\x00"),
        ("de\x00DE", "UTC\n"),
        ("de@currency=XXX", "Mars/Phobos"),
    ],
)
def test_a_hostile_locale_or_zone_reads_as_the_house_does_and_is_not_kept(locale, zone):
    read = language.reading(language.named(locale), language.named(zone))
    assert read == language.HOUSE
    assert len(language.named(locale)) < 65


async def test_whatever_slack_says_of_a_locale_the_person_gets_the_answer_and_nothing_odd_is_kept(
    town, memory, cro
):
    user = becomes(town, cro, locale="de-../../\x00" + "x" * 10_000, tz="../../etc/passwd\x00")
    reply = await town.command(LINE, user=cro)
    assert reply.messages[0].blocks[0]["text"]["text"].startswith("Win rate by region")
    [row] = [row for row in await kept(memory, readers) if row.slack_user == user]
    assert (row.locale, row.zone) == ("", "")


async def test_a_german_and_an_english_reader_at_once_each_read_their_own_language(town, cro, manager):
    becomes(town, cro, locale="de-DE", tz="Europe/Berlin")
    lines = ("/winrate region", "/pipeline", "/winrate rep", "/funnel")

    async def asked(user):
        return [(await town.command(line, user=user)).messages[0] for line in lines]

    german, english = await asyncio.gather(asked(cro), asked(manager))
    for theirs, comma in ((german, True), (english, False)):
        said = json.dumps([message.blocks for message in theirs], ensure_ascii=False)
        assert bool(re.search(r"\d,\d\s?%", said)) is comma
        assert bool(re.search(r"\d\.\d\s?%", said)) is not comma
        assert ("Abschlussquote" in said) is comma


@pytest.mark.parametrize("role", ["rep", "manager", "cro", "ops"])
async def test_the_lines_on_buttons_are_the_same_in_every_language_and_are_understood(
    crm, people, role, tmp_path
):
    url = f"sqlite+aiosqlite:///{tmp_path / 'm.sqlite'}"
    coach = Coach(config.load(home=crm, stale_after_days=100_000, database_url=url))
    inquiry = coach.asked_here(one(people, role))
    for line in (
        "/winrate region last quarter",
        "/why",
        "/pipeline",
        "/coach quality",
        "/coach alerts",
        "/coach setup",
    ):
        english, german = [await carried(line, inquiry, locale) for locale in ("", "de-DE")]
        assert english == german
        for value in english:
            inquiry.understand_click(value)


async def carried(line, inquiry, locale):
    """The lines on the buttons of an answer; none where there is no answer."""
    with language.using(language.reading(locale, "Europe/Berlin" if locale else "")):
        try:
            reply = await replies.reply(inquiry.understand_line(line), inquiry)
        except Mendable:
            return []
        drawn = json.dumps(narrating.card(reply))
    return [value for value in re.findall(r'"value": "(/(?:[^"\\]|\\.)*)"', drawn) if "\\" not in value]


# ---------------------------------------------------------------- the log


async def test_no_id_of_a_person_a_deal_or_a_channel_is_in_the_log_of_any_of_this(
    town, cro, manager, ops, rep
):
    with capture_logs() as logs:
        await offered(town, cro)
        await town.submit(cro, {"share.channel": ROOM})
        await ends(town, cro, "Shared in")
        town.room.members.add("U_GUEST")
        await offered(town, cro)
        await town.submit(cro, {"share.channel": ROOM})
        await ends(town, cro, "Not everybody")
        reply = await town.command("/pipeline", user=manager)
        await town.click(reply.messages[0], "export", user=manager)
        setup = await town.command("/coach setup mapping", ops)
        await town.click(setup.messages[0], "setup.link", ops, within=1)
        await town.submit(ops, {"person": rep, "user": "U_NINA"})
        await town.open_home("nina")
        await town.idle(0.2)
    said = json.dumps(logs, default=str)
    assert "exported" in said
    assert not re.search(r"\bU\d{6}|U_GUEST|U_NINA|C_ROOM|\b(?:rep|mgr|cro|ops)_\d\d|\bD\d{5}|@", said)


def test_a_day_that_a_share_is_about_never_brings_back_rights_of_then(firm):
    """Asked as of a day in the past, what everybody may see is still what they may see today."""
    for day in (date(2024, 3, 15), date(2024, 5, 15)):
        draft = asyncio.run(
            drafts.drawn(
                Wanted.of(f"{LINE} asof {day}", ""), firm.asked_here("vera"), room(firm, {"mona", "vera"})
            )
        )
        assert "Land-dina" not in json.dumps(blocks.message(draft, ""))
