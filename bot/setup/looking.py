"""The steps of `dealcoach setup` that only look: tokens, data, people, roles."""

from analytics.store import StoreError
from bot import doctor, names
from bot.alerting.outcomes import SLACK_TROUBLE
from bot.audience import Role
from bot.doctor import Finding
from bot.setup import state
from bot.setup.desk import Desk
from bot.setup.facts import Matched, Missing
from bot.setup.step import Step, stopped

HEAD = ("who", "id", "role", "why", "what to do")

#: Why somebody is nobody in Slack, and what to do about it.
WHY = {
    "no_email": ("no address in the CRM", "add one in the CRM, or type in Slack: /coach map @user {key}"),
    "shared": ("two people with one address", "give each their own in the CRM, or: /coach map @user {key}"),
    "not_in_slack": ("not in Slack", "invite them; known by another address: /coach map @user {key}"),
    "guest": ("a guest in Slack", "make them a full member: guests are told nothing"),
    "gone": ("the linked account is gone", "link another one: /coach map @user {key}"),
    "taken": ("their account is linked to somebody else", "link the right one: /coach map @user {key}"),
}
UNLINKED = "correct the address in the settings, or invite them"  #: who is not in the CRM cannot be linked

NEEDED = {
    Role.CRO: "Set DEALCOACH_CRO_EMAILS, or give somebody the role cro in the CRM.",
    Role.OPS: "Set DEALCOACH_OPS_EMAILS: nobody else links people, or hears of bad data.",
}
REVIEWER = "Set DEALCOACH_REVIEWER_EMAILS: else alerts go out without a review."


async def slack(desk: Desk) -> Step:
    """Tokens, scopes, and the way in."""
    title, settings = "Slack: tokens and scopes", desk.coach.settings
    if not settings.slack_bot_token.get_secret_value():
        remedy = "Create the app from manifest.json, install it, set SLACK_BOT_TOKEN, and begin again."
        return Step(title, [Finding("Slack bot token", False, "not set", remedy)])
    return Step(title, [finding async for finding in doctor.slack(settings)])


async def data(desk: Desk) -> Step:
    """Folder, load, numbers and memory."""
    settings = desk.coach.settings
    looked = [doctor.folder(settings), doctor.load(settings), doctor.numbers(settings)]
    return Step("Data and numbers", [*looked, await doctor.memory(settings)])


async def people(desk: Desk) -> Step:
    """Who is who in Slack, and what to do for everybody who is nobody there."""
    title = "People: who is who in Slack"
    try:
        found = await desk.matched()
    except (StoreError, *SLACK_TROUBLE) as error:
        return Step(title, [stopped("people", error)])
    return Step(title, counted(found), HEAD, [missing(one) for one in found.missing])


def counted(found: Matched) -> list[Finding]:
    """How many were found, and who else is in Slack."""
    known, lacking = len(found.known), len(found.missing)
    remedy = "Invite or link those listed above: until then they are told nothing." if lacking else ""
    others = f"accounts: {len(found.strangers)}, shown no deals until somebody links them"
    return [
        Finding("in Slack", not lacking, f"{known} of {known + lacking} people", remedy),
        Finding("not in the CRM", None if found.strangers else True, others if found.strangers else "nobody"),
        Finding("left out", True, f"guests: {found.guests}, bots: {found.bots}"),
    ]


def missing(one: Missing) -> tuple[str, ...]:
    """Somebody who is nobody in Slack, as a row."""
    why, remedy = WHY[one.why]
    someone = one.someone
    todo = remedy.format(key=someone.key) if someone.in_crm or one.why == "guest" else UNLINKED
    return names.clean(someone.name), names.clean(someone.key), someone.role, why, todo


async def roles(desk: Desk) -> Step:
    """Is anybody CRO, ops and, in the pilot, reviewer?"""
    try:
        found = state.holders(desk.inquiry)
    except StoreError as error:
        return Step("Roles", [stopped("roles", error)])
    reviews = {"reviewer": REVIEWER} if desk.coach.settings.pilot_days else {}
    findings = []
    for role, remedy in (NEEDED | reviews).items():
        held = ", ".join(names.clean(one.name) for one in found if one.role == role)
        findings.append(Finding(role, bool(held), held or "nobody", "" if held else remedy))
    return Step("Roles", findings)
