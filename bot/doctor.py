"""Is everything in place? One line per check: what was looked at, what was found, what to do."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from analytics import store
from analytics.store import StoreError
from bot import clock, web_api
from bot.alerting import outbox
from bot.manifest import SCOPES
from bot.memory import Memory, MemoryUnavailable
from bot.settings import Settings
from data import tables
from data.tables import NoTables

ROOM = 500_000_000  # bytes free below which a refresh may fail


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
    async for finding in slack(settings):
        yield finding


async def health(settings: Settings) -> AsyncIterator[Finding]:
    """The checks that need no Slack: for `/coach status` too."""
    yield folder(settings)
    yield load(settings)
    yield numbers(settings)
    yield await memory(settings)


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
