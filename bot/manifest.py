"""The Slack app's manifest, made from the list of commands: scopes, commands, events, the agent's tab."""

from dataclasses import asdict
from typing import Any

from bot.intents import COMMANDS
from prompts import files

#: Every scope and why we ask for it.
SCOPES = {
    "commands": "the slash commands",
    "app_mentions:read": "to hear a question in a channel, and to answer it in direct messages",
    "chat:write": "to answer, to send an alert and to edit it when the deal moves",
    "files:write": "to show a picture below an answer, to its asker alone",
    "channels:read": "to see, before an alert goes to a channel, that everybody there may read it",
    "groups:read": "the same in private channels",
    "channels:history": "to see, after a crash, whether an alert had already arrived in a channel",
    "groups:history": "the same in private channels",
    "im:write": "to open the direct message an answer or an alert goes to",
    "im:history": "to hear direct messages; to see, after a crash, whether an alert had already arrived",
    "users:read": "to know who asks, and to refuse guests",
    "users:read.email": "to find that person in the CRM",
}

#: Every event we hear and why.
EVENTS = {
    "agent_session_stopped": "the Stop button on an answer that is being written",
    "app_home_opened": "to show the Home tab, and to suggest questions when the Messages tab is opened",
    "app_mention": "a question in a channel",
    "message.im": "a question in direct messages",
}


def manifest(
    socket_mode: bool = True, request_url: str = "https://example.com/slack/events"
) -> dict[str, Any]:
    """The manifest to paste into Slack's "create an app from a manifest".

    >>> manifest()["settings"]["socket_mode_enabled"]
    True
    """
    where = {} if socket_mode else {"url": request_url}
    ours = {} if socket_mode else {"request_url": request_url}
    interactivity = {"is_enabled": True} | ours
    return {
        "display_information": {
            "name": "dealcoach",
            "description": "True answers about your pipeline",
        },
        "features": {
            "agent_view": {
                "agent_description": "Answers questions about your pipeline, and says what may be chance",
                "suggested_prompts": [asdict(one) for one in files.suggestions()["any"]],
            },
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
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
            "event_subscriptions": {"bot_events": list(EVENTS)} | ours,
            "interactivity": interactivity,
            "org_deploy_enabled": False,
            "socket_mode_enabled": socket_mode,
            "token_rotation_enabled": False,
        },
    }
