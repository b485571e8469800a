"""The Slack app's manifest, made from the list of commands: scopes, commands, interactivity."""

from typing import Any

from bot.intents import COMMANDS

#: Every scope and why we ask for it.
SCOPES = {
    "commands": "the slash commands",
    "chat:write": "to send an alert and to edit it when the deal moves",
    "files:write": "to show a picture below an answer, to its asker alone",
    "im:write": "to open the direct message an alert goes to",
    "im:history": "to see, after a crash, whether an alert had already arrived",
    "users:read": "to know who asks",
    "users:read.email": "to find that person in the CRM",
}


def manifest(
    socket_mode: bool = True, request_url: str = "https://example.com/slack/events"
) -> dict[str, Any]:
    """The manifest to paste into Slack's "create an app from a manifest".

    >>> manifest()["settings"]["socket_mode_enabled"]
    True
    """
    where = {} if socket_mode else {"url": request_url}
    interactivity = {"is_enabled": True} | ({} if socket_mode else {"request_url": request_url})
    return {
        "display_information": {
            "name": "dealcoach",
            "description": "True answers about your pipeline",
        },
        "features": {
            "bot_user": {"display_name": "dealcoach", "always_online": True},
            "slash_commands": [
                {
                    "command": command.name,
                    "description": command.help,
                    "usage_hint": command.usage,
                    "should_escape": True,
                }
                | where
                for command in COMMANDS
            ],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "interactivity": interactivity,
            "org_deploy_enabled": False,
            "socket_mode_enabled": socket_mode,
            "token_rotation_enabled": False,
        },
    }
