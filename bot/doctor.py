"""Is everything in place? One line per check: what was looked at, what was found, what to do."""

import shutil
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from analytics import store
from analytics.alerts.reviewing import Course
from analytics.facts import Fact, Unit
from analytics.generation import PersonRow
from analytics.store import StoreError
from bot import clock, spelling, web_api
from bot.alerting import heartbeat, outbox, outcomes, pilot, reviews
from bot.alerting.heartbeat import Pulse
from bot.manifest import NEEDED, OPTIONAL, SCOPES, TOGETHER
from bot.memory import Memory, MemoryUnavailable, feedback, usage
from bot.memory.feedback import Tally
from bot.model import profiles
from bot.model.ledger import midnight
from bot.narrator.claims import Claim, Slot, joined, label, say
from bot.settings import Settings
from data import tables
from data.tables import NoTables

ROOM = 500_000_000  # bytes free below which a refresh may fail
MODEL_SECONDS = 5.0  # for the language model's server to answer


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: `ok` None means not needed here."""

    check: str
    ok: bool | None
    found: str
    remedy: str = ""


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Every check in the order in which a new user would meet its failure."""
    async for finding in health(settings):
        yield finding
    yield await language_model(settings)
    async for finding in slack(settings):
        yield finding


async def health(settings: Settings) -> AsyncIterator[Finding]:
    """The checks that need no Slack, in the words of whoever reads: for `/coach status` too."""
    yield folder(settings)
    yield load(settings)
    yield numbers(settings)
    yield await memory(settings)
    async for finding in alerting(settings):
        yield finding
    yield await judged(settings)
    if settings.openai_api_key.get_secret_value():
        yield await model_calls(settings)


def _finding(check: str, ok: bool | None, found: Claim, remedy: Claim | str = "") -> Finding:
    told = remedy.text if isinstance(remedy, Claim) else remedy
    return Finding(label(f"doctor_check.{check}").text, ok, found.text, told)


def _as_it_is(text: str) -> Claim:
    """Words that were chosen elsewhere: a moment, a reason of Slack's."""
    return Claim("doctor", text)


def _fact(value: int, unit: Unit = Unit.COUNT) -> Fact:
    return Fact(
        id="doctor",
        metric="doctor",
        value=Decimal(value),
        unit=unit,
        entity="all",
        period="",
        as_of=date.min,
        generation="",
    )


def _day(value: date | None) -> Fact | None:
    return _fact(value.toordinal(), Unit.DATE) if value else None


def folder(settings: Settings) -> Finding:
    """Is there a data folder with room in it?"""
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(settings.home).free
    except OSError as error:
        return _finding("folder", False, _as_it_is(f"{error.strerror}"), say("remedy.home"))
    found = say("doctor.free", room=_fact(free // 1_000_000_000))
    return _finding("folder", free > ROOM, found, "" if free > ROOM else say("remedy.room"))


def load(settings: Settings) -> Finding:
    """Has a CRM file been loaded?"""
    try:
        manifest = tables.current(settings.home).manifest
    except NoTables as error:
        return _finding("load", False, say("doctor.none"), str(error))
    on, deals = date.fromisoformat(manifest["loaded_on"]), _fact(manifest["counts"]["deals"])
    return _finding("load", True, say("doctor.loaded", deals=deals, on=_day(on)))


def numbers(settings: Settings) -> Finding:
    """Is there a generation, of these days and this load?"""
    try:
        generation = store.current(settings.home)
    except StoreError as error:
        return _finding("numbers", False, say("doctor.none"), str(error))
    age = (clock.today(settings.zone) - generation.as_of).days
    fresh = age <= settings.stale_after_days
    known: dict[str, Slot] = {"day": _day(generation.as_of), "age": _fact(age, Unit.DAYS)}
    found = say("doctor.numbers", generation=_as_it_is(generation.id), **known)
    return _finding("numbers", fresh, found, "" if fresh else say("remedy.refresh"))


async def memory(settings: Settings) -> Finding:
    """Can memory be opened and written, and do alerts get through?"""
    try:
        async with Memory.open(settings.memory_url) as opened, opened.read() as connection:
            mail = await outbox.status(connection, settings.workspace)
    except MemoryUnavailable as error:
        return _finding("memory", False, say("doctor.unusable"), str(error))
    told = [
        say("doctor.some", count=_fact(number), what=label(f"doctor_mail.{state}"))
        for state, number in mail.counts.items()
    ]
    found = say("doctor.mail", told=joined(told) if told else say("doctor.none_yet"))
    if mail.letters:
        return _finding("memory", False, found, say("remedy.letter", said=_as_it_is(mail.letters[0])))
    return _finding("memory", True, found)


async def alerting(settings: Settings) -> AsyncIterator[Finding]:
    """Does anybody review in the pilot, does a process work, and was all told that should have been?"""
    who, now = pilot.reviewers(settings, _people(settings)), clock.now()
    try:
        async with Memory.open(settings.memory_url) as opened, opened.read() as connection:
            course = await reviews.course(connection, settings, now, who)
            pulse = await heartbeat.pulse(connection, settings.workspace, now)
    except MemoryUnavailable:
        return  # said already
    yield reviewed(settings, course, len(who))
    yield at_work(settings, pulse)
    if pulse.alive:
        found = _as_it_is(" ".join(pulse.found)) if pulse.found else say("doctor.told")
        yield _finding("told", not pulse.found, found)


def _people(settings: Settings) -> dict[str, PersonRow]:
    try:
        return {person.person_id: person for person in store.current(settings.home).people()}
    except StoreError:
        return {}


def reviewed(settings: Settings, course: Course, reviewers: int) -> Finding:
    """How does the pilot stand? Without a reviewer there is none: alerts go out at once."""
    if course.state == "nobody" or (course.state == "not_begun" and not reviewers):
        needed = bool(settings.slack_bot_token.get_secret_value())
        ok = False if needed else None
        return _finding("pilot", ok, say("doctor_pilot.nobody"), say("remedy.reviewers"))
    found = say(f"doctor_pilot.{course.state}", until=_day(course.until), reviewers=_fact(reviewers))
    return _finding("pilot", True, found)


def at_work(settings: Settings, pulse: Pulse) -> Finding:
    """Does a process give signs of life?"""
    if pulse.last is None:
        return _finding("work", None, say("doctor.no_sign"), say("remedy.work"))
    last = _as_it_is(spelling.moment(pulse.last, settings.zone))
    if not pulse.alive:
        return _finding("work", False, say("doctor.sign", last=last), say("remedy.work_again"))
    return _finding("work", True, say("doctor.alive", alive=_fact(pulse.alive), last=last))


async def model_calls(settings: Settings) -> Finding:
    """What the language model was asked today, and how often its words did not come, or not whole."""
    since = midnight(clock.now(), settings.zone)
    try:
        async with Memory.open(settings.memory_url) as opened, opened.read() as connection:
            today = await usage.summary(connection, settings.workspace, since)
    except MemoryUnavailable as error:
        return _finding("calls", False, say("doctor.unknown"), str(error))
    cost = None if today.cost is None else _as_it_is(spelling.digits(round(today.cost, 4)))
    known: dict[str, Slot] = {
        "calls": _fact(today.calls),
        "tokens": _fact(today.tokens),
        "cost": cost or say("doctor.unknown"),
        "untold": _fact(sum(today.untold.values())),
        "outcomes": _outcomes(today.untold),
    }
    return _finding("calls", True, say(f"doctor.calls{'_estimated' if today.estimated else ''}", **known))


def _outcomes(untold: Mapping[str, int]) -> Claim | None:
    """How the calls ended that were not told to the end; None where there are none."""
    some = [
        say("doctor.some", count=_as_it_is(outcome), what=_fact(number))
        for outcome, number in sorted(untold.items())
    ]
    return joined(some) if some else None


async def language_model(settings: Settings) -> Finding:
    """Does the language model's server answer, and take our key?"""
    if not settings.openai_api_key.get_secret_value():
        return Finding(
            "language model", None, "no OPENAI_API_KEY", "Not needed: same numbers, plainer words."
        )
    host = urlsplit(settings.openai_base_url).netloc.rpartition("@")[2]
    found = f"{settings.model} at {host}, profile {profiles.profile(settings)}"
    try:
        status = await _models_status(settings)
    except (aiohttp.ClientError, TimeoutError) as error:
        remedy = "Check the network and OPENAI_BASE_URL; answers go out in plain words meanwhile."
        return Finding("language model", False, f"{found}: no answer ({type(error).__name__})", remedy)
    if status in (401, 403):
        remedy = "Its server refuses the key: copy it again into OPENAI_API_KEY."
        return Finding("language model", False, f"{found}: {status}", remedy)
    if status >= 500:
        remedy = "Its server is in trouble: try again later; answers go out in plain words meanwhile."
        return Finding("language model", False, f"{found}: {status}", remedy)
    return Finding("language model", True, found)


async def _models_status(settings: Settings) -> int:
    """How the server answers the cheapest question there is: which models it has."""
    headers = {"Authorization": f"Bearer {settings.openai_api_key.get_secret_value()}"}
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=MODEL_SECONDS), headers=headers) as session,
        session.get(settings.openai_base_url.rstrip("/") + "/models", allow_redirects=False) as answer,
    ):
        return answer.status


async def judged(settings: Settings) -> Finding:
    """What do readers think of the answers, by command?"""
    try:
        async with Memory.open(settings.memory_url) as opened, opened.read() as connection:
            counts = await feedback.tally(connection, settings.workspace)
    except MemoryUnavailable:
        return _finding("feedback", None, say("doctor.unread"))
    told = [_judged(name, one) for name, one in counts.items()]
    return _finding("feedback", True, joined(told, "; ") if told else say("doctor.none_yet"))


def _judged(command: str, of: Tally) -> Claim:
    known = {"useful": _fact(of.useful), "not_useful": _fact(of.not_useful)}
    return say("doctor.judged", command=_as_it_is(command), **known)


async def slack(settings: Settings) -> AsyncIterator[Finding]:
    """Do the tokens work, with the scopes the manifest asks for?"""
    if not settings.slack_bot_token.get_secret_value():
        yield Finding(
            "Slack", None, "no SLACK_BOT_TOKEN", "Not needed for `dealcoach ask` or `dealcoach demo`."
        )
        return
    try:
        answer = await web_api.client(settings).auth_test()
    except SlackApiError as error:
        remedy = "Copy the bot token again from your app's Install page into SLACK_BOT_TOKEN."
        yield Finding("Slack bot token", False, said(error), remedy)
        return
    except (SlackClientError, aiohttp.ClientError, TimeoutError) as error:
        yield Finding(
            "Slack", False, f"no answer ({type(error).__name__})", "Check the network and SLACK_API_URL."
        )
        return
    yield Finding("Slack bot token", True, f"{answer['user']} in {answer['team']}")
    yield scopes(answer.headers.get("x-oauth-scopes"))
    yield await entrance(settings)


def said(error: SlackApiError) -> str:
    """How Slack refused; the status where the answer was not Slack's own."""
    return outcomes.code(error) or f"HTTP {outcomes.http_status(error)}, not an answer of Slack's"


def scopes(granted: str | None) -> Finding:
    """Does the token carry every scope that nothing works without, and what is lost with the others?

    Args:
        granted: as Slack lists them; None where the server does not say, as those that only resemble it.
    """
    if granted is None:
        return Finding("Slack scopes", None, "not told by this server")
    have = {scope.strip() for scope in granted.split(",")}
    missing = [scope for scope in NEEDED if scope not in have]
    missing += [other for scope, other in TOGETHER.items() if scope in have and other not in have]
    if missing:
        remedy = f"Add {_why(missing)} under OAuth & Permissions and install the app again."
        return Finding("Slack scopes", False, "incomplete", remedy)
    without = [scope for scope in OPTIONAL if scope not in have]
    return Finding("Slack scopes", True, f"complete, without {_why(without)}" if without else "complete")


def _why(some: Iterable[str]) -> str:
    """Scopes, each with what it is for."""
    return "; ".join(f"{scope} ({SCOPES[scope]})" for scope in some)


async def entrance(settings: Settings) -> Finding:
    """Can Slack reach us?"""
    if not settings.socket_mode:
        signed = bool(settings.slack_signing_secret.get_secret_value())
        remedy = "" if signed else "Set SLACK_SIGNING_SECRET, or SLACK_APP_TOKEN for Socket Mode."
        return Finding("Slack entrance", signed, "signed HTTP" if signed else "neither mode is set", remedy)
    token = settings.slack_app_token.get_secret_value()
    try:
        await AsyncWebClient(base_url=settings.slack_api_url).apps_connections_open(app_token=token)
    except SlackApiError as error:
        remedy = "Make an app-level token with connections:write and set SLACK_APP_TOKEN."
        return Finding("Slack entrance", False, said(error), remedy)
    except (SlackClientError, aiohttp.ClientError, TimeoutError) as error:
        remedy = "Check the network and SLACK_API_URL."
        return Finding("Slack entrance", False, f"no answer ({type(error).__name__})", remedy)
    return Finding("Slack entrance", True, "Socket Mode")
