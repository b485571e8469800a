"""What one step of `dealcoach setup` found, and what is to be done where Slack or the data refuse."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from slack_sdk.errors import SlackApiError

from bot.alerting import outcomes
from bot.doctor import Finding
from data.mendable import Mendable

#: What Slack may say -> what to do.
TROUBLE = {
    "missing_scope": "Add the missing scope under OAuth & Permissions (see the first step), install again.",
    "invalid_auth": "Copy the bot token again from your app's Install page into SLACK_BOT_TOKEN.",
    "not_authed": "Set SLACK_BOT_TOKEN.",
    "token_revoked": "The app was removed: install it again and set its new token.",
    "account_inactive": "The app was removed: install it again and set its new token.",
    "messages_tab_disabled": "Switch on the Messages tab under App Home.",
    "cannot_dm_bot": "Choose a person, not a bot.",
    "user_disabled": "This account is switched off: choose somebody else.",
    "ratelimited": "Slack asks for a pause: try again in a minute.",
    "unknown_method": "This is no Slack that can do so: check SLACK_API_URL.",
}
NETWORK = "Check the network and SLACK_API_URL."
ELSE = "Look it up in Slack's documentation of the method, or try again in a minute."


@dataclass(frozen=True, slots=True)
class Step:
    """What one step found: a line for each thing looked at, and perhaps a table."""

    title: str
    findings: Sequence[Finding]
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()

    @property
    def failed(self) -> bool:
        """Is there something that has to be mended?"""
        return any(finding.ok is False for finding in self.findings)


def left(steps: Iterable[Step]) -> list[str]:
    """What is left to do, each once: first what fails, then what is merely not there."""
    looked = [finding for step in steps for finding in step.findings]
    found = [finding for ok in (False, None) for finding in looked if finding.ok is ok]
    return [*dict.fromkeys(f"{one.check}: {one.remedy}" for one in found if one.remedy)]


def stopped(check: str, error: Exception) -> Finding:
    """A step that ended early: what was said, and what to do.

    >>> stopped("people", TimeoutError()).found
    'no answer (TimeoutError)'
    """
    if isinstance(error, Mendable):
        return Finding(check, False, "cannot be looked at", str(error))
    if not isinstance(error, SlackApiError):
        return Finding(check, False, f"no answer ({type(error).__name__})", NETWORK)
    code = outcomes.code(error) or f"HTTP {outcomes.http_status(error)}"
    needed = outcomes.answered(error).get("needed")
    said = f"Slack says {code}: {needed}" if needed else f"Slack says {code}"
    return Finding(check, False, said, TROUBLE.get(code, ELSE))
