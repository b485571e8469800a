"""Is everything in place? One line per check: what was looked at, what was found, what to do."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from analytics import store
from analytics.alerts.reviewing import Course
from analytics.generation import PersonRow
from analytics.store import StoreError
from bot import clock, web_api
from bot.alerting import heartbeat, outbox, pilot, reviews
from bot.alerting.heartbeat import Pulse
from bot.manifest import SCOPES
from bot.memory import Memory, MemoryUnavailable, feedback, usage
from bot.model import profiles
from bot.model.ledger import midnight
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
    """The checks that need no Slack: for `/coach status` too."""
    yield folder(settings)
    yield load(settings)
    yield numbers(settings)
    yield await memory(settings)
    async for finding in alerting(settings):
        yield finding
    yield await judged(settings)
    if settings.openai_api_key.get_secret_value():
        yield await model_calls(settings)


def folder(settings: Settings) -> Finding:
    """Is there a data folder with room in it?"""
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(settings.home).free
    except OSError as error:
        return Finding(
            "data folder", False, f"{error.strerror}", "Set DEALCOACH_HOME to a folder you can write."
        )
    found = f"{free // 1_000_000_000} GB free"
    return Finding("data folder", free > ROOM, found, "Free some disk space." if free <= ROOM else "")


def load(settings: Settings) -> Finding:
    """Has a CRM file been loaded?"""
    try:
        manifest = tables.current(settings.home).manifest
    except NoTables as error:
        return Finding("CRM data", False, "none", str(error))
    return Finding("CRM data", True, f"{manifest['counts']['deals']} deals, loaded {manifest['loaded_on']}")


def numbers(settings: Settings) -> Finding:
    """Is there a generation, of these days and this load?"""
    try:
        generation = store.current(settings.home)
    except StoreError as error:
        return Finding("numbers", False, "none", str(error))
    age = (clock.today(settings.zone) - generation.as_of).days
    fresh = age <= settings.stale_after_days
    found = f"{generation.id}, as of {generation.as_of}, {age} days old"
    return Finding("numbers", fresh, found, "" if fresh else "Load a new export, then `dealcoach refresh`.")


async def memory(settings: Settings) -> Finding:
    """Can memory be opened and written, and do alerts get through?"""
    try:
        async with Memory.open(settings.memory_url) as opened, opened.read() as connection:
            mail = await outbox.status(connection, settings.workspace)
    except MemoryUnavailable as error:
        return Finding("memory", False, "cannot be used", str(error))
    told = ", ".join(f"{count} {state}" for state, count in mail.counts.items()) or "none yet"
    if mail.letters:
        return Finding("memory", False, f"alerts: {told}", f"Not delivered: {mail.letters[0]}")
    return Finding("memory", True, f"alerts: {told}")


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
        yield Finding("told", not pulse.found, " ".join(pulse.found) or "all that should be")


def _people(settings: Settings) -> dict[str, PersonRow]:
    try:
        return {person.person_id: person for person in store.current(settings.home).people()}
    except StoreError:
        return {}


def reviewed(settings: Settings, course: Course, reviewers: int) -> Finding:
    """How does the pilot stand? Without a reviewer there is none: alerts go out at once."""
    if course.state == "nobody" or (course.state == "not_begun" and not reviewers):
        remedy = "Set DEALCOACH_REVIEWER_EMAILS, or make somebody ops or CRO."
        needed = bool(settings.slack_bot_token.get_secret_value())
        return Finding("pilot", False if needed else None, "off: nobody to review", remedy)
    told = {
        "not_begun": f"begins with the first alerts, reviewers: {reviewers}",
        "on": f"on until {course.until}, reviewers: {reviewers}",
        "over": f"over since {course.until}",
        "live": f"live since {course.until}",
    }
    return Finding("pilot", True, told.get(course.state, "off"))


def at_work(settings: Settings, pulse: Pulse) -> Finding:
    """Does a process give signs of life?"""
    if pulse.last is None:
        return Finding("work", None, "no sign of life yet", "Needed for alerts: `dealcoach work`.")
    last = f"last sign {pulse.last.astimezone(ZoneInfo(settings.zone)):%Y-%m-%d %H:%M}"
    if not pulse.alive:
        return Finding("work", False, last, "Alerts wait. Start `dealcoach work` again.")
    return Finding("work", True, f"{pulse.alive} alive, {last}")


async def model_calls(settings: Settings) -> Finding:
    """What the language model was asked today, and how often its words did not come, or not whole."""
    since = midnight(clock.now(), settings.zone)
    try:
        async with Memory.open(settings.memory_url) as opened, opened.read() as connection:
            today = await usage.summary(connection, settings.workspace, since)
    except MemoryUnavailable as error:
        return Finding("model calls today", False, "unknown", str(error))
    untold = ", ".join(f"{outcome} {count}" for outcome, count in sorted(today.untold.items()))
    found = (
        f"{today.calls}, {today.tokens} tokens{' (partly estimated)' if today.estimated else ''}, "
        f"cost {'unknown' if today.cost is None else format(today.cost, '.4f')}, "
        f"{sum(today.untold.values())} not told to the end{f' ({untold})' if untold else ''}"
    )
    return Finding("model calls today", True, found)


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
        return Finding("feedback", None, "cannot be read")
    told = (f"{name} {one.useful} useful, {one.not_useful} not" for name, one in counts.items())
    return Finding("feedback", True, "; ".join(told) or "none yet")


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
        yield Finding("Slack bot token", False, str(error.response.get("error")), remedy)
        return
    except (aiohttp.ClientError, TimeoutError) as error:
        yield Finding(
            "Slack", False, f"no answer ({type(error).__name__})", "Check the network and SLACK_API_URL."
        )
        return
    yield Finding("Slack bot token", True, f"{answer['user']} in {answer['team']}")
    yield scopes(answer.headers.get("x-oauth-scopes", ""))
    yield await entrance(settings)


def scopes(granted: str) -> Finding:
    """Does the token carry every scope of the manifest?"""
    missing = sorted(set(SCOPES) - {scope.strip() for scope in granted.split(",")})
    remedy = (
        f"Add {', '.join(missing)} under OAuth & Permissions and install the app again." if missing else ""
    )
    return Finding("Slack scopes", not missing, "complete" if not missing else "incomplete", remedy)


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
        return Finding("Slack entrance", False, str(error.response.get("error")), remedy)
    return Finding("Slack entrance", True, "Socket Mode")
