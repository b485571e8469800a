"""The Slack app's manifest, made from the list of commands: scopes, commands, events, the agent's tab."""

import json
from dataclasses import asdict
from typing import Any

from bot.intents import COMMANDS
from prompts import files

#: Every scope nothing works without, and why we ask for it.
NEEDED = {
    "commands": "the slash commands",
    "app_mentions:read": "to hear a question in a channel, and to answer it in direct messages",
    "chat:write": "to answer, to send an alert and to edit it when the deal moves",
    "im:write": "to open the direct message an answer or an alert goes to",
    "im:history": "to hear direct messages; to see, after a crash, whether an alert had already arrived",
    "users:read": "to know who asks, and to refuse guests",
    "users:read.email": "to find that person in the CRM",
}

#: Every scope that a workspace may leave out at install, and what it gets for it.
OPTIONAL = {
    "files:write": "to hand a picture or a file to who asked for it, in their direct messages",
    "channels:read": "to see, before a share or an alert goes to a channel, that everybody there may read it",
    "groups:read": "the same in private channels",
    "channels:history": "to see, after a crash, whether an alert had already arrived in a channel",
    "groups:history": "the same in private channels",
}

#: A scope that is of use only with another one: who may post to a channel has to find its posts again.
TOGETHER = {"channels:read": "channels:history", "groups:read": "groups:history"}

SCOPES = NEEDED | OPTIONAL

#: Every event we hear and why.
EVENTS = {
    "agent_session_stopped": "the Stop button on an answer that is being written",
    "app_home_opened": "to show the Home tab, and to suggest questions when the Messages tab is opened",
    "app_mention": "a question in a channel",
    "message.im": "a question in direct messages",
}


#: What a person reads before they install it; Slack wants at least 174 characters.
LONG = (
    "Ask about win rates, the pipeline or a deal, in commands or in your own words. Every figure is counted "
    "from your CRM, and each answer says what may be chance. You are told when a deal of yours needs you. "
    "Answers are private to who asks: reps see their own deals, managers their team's. With a language "
    "model it chooses and orders sentences; it never writes a figure, and may still choose badly."
)


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
            "long_description": LONG,
            "background_color": "#1f3a5f",
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
        "oauth_config": {"scopes": {"bot": list(SCOPES), "bot_optional": list(OPTIONAL)}},
        "settings": {
            "event_subscriptions": {"bot_events": list(EVENTS)} | ours,
            "interactivity": interactivity,
            "org_deploy_enabled": False,
            "socket_mode_enabled": socket_mode,
            "token_rotation_enabled": False,
        },
    }


def written(made: dict[str, Any]) -> str:
    """The manifest as the file `manifest.json`, which Slack's own command line reads."""
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"
