"""The auditor finds what should have been told and was not; outside hears of us while all is well."""

from datetime import date, timedelta

import pytest
from aiohttp import web
from sqlalchemy import insert, select

from bot import schedule
from bot.alerting import auditor, heartbeat
from bot.jobs import AUDIT, Job, Work
from bot.jobs.audit import auditing
from bot.jobs.tidy import TIDY
from bot.memory import slots
from bot.memory.tables import alerts, beats
from bot.memory.tables import slots as slot_rows
from bot.playground import Fault
from bot.playground import Kind as Trouble
from bot.settings import load
from tests.alerting import PRIYA, office, plain, post

DAY = date(2024, 7, 20)


@pytest.fixture
async def desk(tmp_path):
    async with office(tmp_path) as opened:
        yield opened


def work(desk, folder, **changed):
    usual = {"home": folder, "memory": desk.memory, "courier": desk.courier, "render": plain}
    given = {"workspace": "main", "owner": "one", "now": desk.clock.now}
    chosen = {"ops_emails": ("dana@example.com",), "pilot_days": 0, **changed}
    return Work(**usual, **given, settings=load(home=folder, **chosen))


async def found(desk, **due):
    """What the auditor finds now: what is wrong, and with what."""
    async with desk.memory.write() as tx:
        faults = await auditor.audit(tx, "main", due, desk.clock.now())
    return {fault.what: fault.keys for fault in faults}


async def alert(desk, **changed):
    usual = {column.name: "" for column in alerts.columns if not column.nullable}
    usual |= {"key": "k1", "workspace": "main", "state": "told", "version": 0, "silent": 0}
    async with desk.memory.write() as tx:
        await tx.execute(insert(alerts).values(usual | {"opened_on": DAY, "told_on": DAY} | changed))


# ------------------------------------------------------------------ what it finds


async def test_while_all_is_well_it_finds_nothing(desk):
    await desk.write(post())
    await desk.turns()
    assert await found(desk) == {}


async def test_an_alert_that_counts_as_told_without_a_message_is_found(desk):
    await alert(desk)
    assert await found(desk) == {"unwritten": ("k1",)}
    await desk.write(post(alert_key="k1"))
    assert await found(desk) == {}


@pytest.mark.parametrize("how", [{"state": "digest"}, {"state": "silent"}, {"resolved_on": DAY}])
async def test_an_alert_that_needs_no_message_is_not_found(desk, how):
    await alert(desk, **how)
    assert await found(desk) == {}


async def test_a_message_that_is_overdue_is_found_and_one_that_waits_for_its_hour_is_not(desk):
    later = desk.clock.now() + timedelta(days=1)
    await desk.write(post("now"), post("later", due=later), post("its-end", kind="update", chain="later"))
    desk.clock.turn(minutes=11)
    assert await found(desk) == {"waiting": ("now",)}


async def test_a_sender_that_vanished_is_found_when_nobody_looks(desk):
    await desk.write(post())
    await desk.courier.take_due()
    desk.clock.turn(minutes=12)
    assert await found(desk) == {"waiting": ("a1",)}


async def test_parked_messages_are_found_at_once(desk):
    desk.slack.faults.script.append(Fault(Trouble.REFUSE, "chat.postMessage", error="token_revoked"))
    await desk.write(post())
    await desk.turns()
    assert await found(desk) == {"parked": ("a1",)}


async def test_an_escalation_that_nobody_made_is_found(desk):
    await alert(desk, escalate_at=desk.clock.now())
    await desk.write(post(alert_key="k1"))
    await desk.turns()
    assert await found(desk) == {}
    desk.clock.turn(minutes=11)
    assert await found(desk) == {"sweep": ("main",)}


async def test_a_digest_that_nobody_began_is_found_after_a_while(desk):
    due = {"digests": ["day:priya:2024-07-20"]}
    assert await found(desk, **due) == {}
    desk.clock.turn(minutes=11)
    assert await found(desk, **due) == {"undone": ("digests day:priya:2024-07-20",)}


async def test_work_that_keeps_failing_is_found(desk):
    for _ in range(3):
        async with desk.memory.write() as tx:
            now, lease = desk.clock.now(), timedelta(seconds=60)
            claimed = await slots.claim(tx, "rules", "g1", owner="one", now=now, lease=lease)
            await slots.fail(tx, claimed, "ValueError", now)
        desk.clock.turn(hours=1)
    assert await found(desk, rules=["g1"]) == {"failing": ("rules g1",)}


def test_what_it_found_is_a_sentence_with_a_few_examples():
    fault = auditor.Fault("waiting", ("a1", "a2", "a3", "a4"))
    assert fault.sentence(DAY).text == "Messages that are overdue: 4 (a1, a2, a3)."


# ------------------------------------------------------------------ the job


async def test_each_process_shows_a_sign_of_life_once_a_minute(desk, tmp_path):
    job = work(desk, tmp_path)
    assert await schedule.tick(job, AUDIT)
    assert not await schedule.tick(job, AUDIT)
    desk.clock.turn(minutes=1)
    assert await schedule.tick(job, AUDIT)
    async with desk.memory.read() as connection:
        assert await heartbeat.pulse(connection, "main", desk.clock.now()) == heartbeat.Pulse(
            1, desk.clock.now(), ()
        )


async def test_a_process_that_fell_silent_is_not_counted(desk, tmp_path):
    await schedule.tick(work(desk, tmp_path), AUDIT)
    desk.clock.turn(minutes=6)
    async with desk.memory.read() as connection:
        assert (await heartbeat.pulse(connection, "main", desk.clock.now())).alive == 0


async def test_ops_are_told_of_a_dead_letter_once_in_their_working_time(desk, tmp_path):
    await desk.write(post(to=type(PRIYA)("rep_9", "Ghost", "ghost@example.com")))
    await desk.turns()
    await schedule.tick(work(desk, tmp_path), TIDY)  # or that would be found too
    for _ in range(3):
        await schedule.tick(work(desk, tmp_path), AUDIT)
        await desk.turns(2, hours=1)
    assert desk.read_by("dana") == []  # it is Saturday
    desk.clock.turn(days=2)
    await desk.turns(3)
    [told] = desk.read_by("dana")
    assert told.startswith("Messages that nobody will get: 1. The last one is for rep_9: no Slack user for")


async def test_a_notice_that_nobody_gets_is_no_reason_for_another(desk, tmp_path):
    nobody = work(desk, tmp_path, ops_emails=("nobody@example.com",))
    await desk.write(post(to=type(PRIYA)("rep_9", "Ghost", "ghost@example.com")))
    await desk.turns()
    for _ in range(4):
        await schedule.tick(nobody, AUDIT)
        await desk.turns(2, days=1)
    letters = [key for key in await desk.statuses() if key.startswith("notice:main:letters")]
    assert len(letters) == 1


async def test_its_own_slots_do_not_pile_up(desk, tmp_path):
    job = work(desk, tmp_path)
    for _ in range(4):
        await schedule.tick(job, AUDIT)
        desk.clock.turn(hours=1)
    async with desk.memory.read() as connection:
        kept = await connection.scalars(select(slot_rows.c.slot_key).where(slot_rows.c.job == "audit"))
        assert len(kept.all()) <= 2


async def test_a_process_long_gone_is_forgotten(desk, tmp_path):
    await schedule.tick(work(desk, tmp_path), AUDIT)
    desk.clock.turn(days=2)
    async with desk.memory.write() as tx:
        await heartbeat.beat(tx, "main", "two", [], desk.clock.now())
        assert (await tx.scalars(select(beats.c.process))).all() == ["two"]


# ------------------------------------------------------------------ the address outside


@pytest.fixture
async def outside():
    """An address that counts how often it is asked."""
    heard = []

    async def hear(request):
        heard.append(request.path)
        return web.Response(status=500 if request.path == "/ill" else 200)

    app = web.Application()
    app.router.add_get("/{any}", hear)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}", heard
    await runner.cleanup()


async def test_the_address_outside_hears_of_us_only_while_all_is_well(desk, tmp_path, outside):
    url, heard = outside
    job = work(desk, tmp_path, heartbeat_url=f"{url}/beat")
    await schedule.tick(job, AUDIT)
    await desk.write(post())
    desk.clock.turn(minutes=11)
    await schedule.tick(job, AUDIT)
    assert heard == ["/beat"]


@pytest.mark.parametrize("address", ["/ill", "nowhere"])
async def test_an_address_that_does_not_answer_harms_nothing(outside, address):
    url = f"{outside[0]}{address}" if address == "/ill" else "http://127.0.0.1:1/beat"
    assert not await heartbeat.tell(url)


async def test_a_job_that_cannot_say_what_is_due_keeps_the_heart_from_beating(desk, tmp_path):
    async def unknown(work):
        raise ZeroDivisionError

    broken = auditing([Job("broken", unknown, unknown)])
    assert not await schedule.tick(work(desk, tmp_path), broken)
    async with desk.memory.read() as connection:
        assert (await heartbeat.pulse(connection, "main", desk.clock.now())).last is None
