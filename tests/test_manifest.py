"""The manifest pasted into Slack: every scope and event is one that we use, and says why."""

from pathlib import Path

import pytest
from slack_bolt.async_app import AsyncApp

from bot import listeners
from bot.manifest import EVENTS, LONG, NEEDED, OPTIONAL, SCOPES, TOGETHER, manifest, written

AGENT_DESCRIPTION_MOST = 300
PROMPTS_MOST = 4
LONG_LEAST, LONG_MOST = 174, 4000  #: characters of the long description. Source: Slack's manifest schema
COMMAND_MOST, COMMANDS_MOST = 2000, 50
ROOT = Path(__file__).parents[1]
SOURCE = "".join(file.read_text() for file in (ROOT / "bot").rglob("*.py") if "playground" not in file.parts)

#: What in our code would fail without a scope.
USES = {
    "commands": "app.command(",
    "app_mentions:read": 'app.event("app_mention")',
    "chat:write": ".chat_postMessage(",
    "im:write": ".conversations_open(",
    "im:history": ".conversations_history(",
    "users:read": ".users_info(",
    "users:read.email": ".users_lookupByEmail(",
    "files:write": ".files_upload_v2(",
    "channels:read": ".conversations_members(",
    "groups:read": ".conversations_members(",
    "channels:history": ".conversations_history(",
    "groups:history": ".conversations_history(",
}


def test_the_agents_tab_fits_slacks_limits():
    agent = manifest()["features"]["agent_view"]
    assert len(agent["agent_description"]) <= AGENT_DESCRIPTION_MOST
    assert 0 < len(agent["suggested_prompts"]) <= PROMPTS_MOST
    assert all(set(one) == {"title", "message"} for one in agent["suggested_prompts"])


def test_every_event_and_scope_says_why():
    assert all(EVENTS.values())
    assert all(SCOPES.values())
    assert manifest()["settings"]["event_subscriptions"]["bot_events"] == list(EVENTS)


def test_over_http_events_go_where_clicks_go():
    told = manifest(socket_mode=False, request_url="https://coach.example/slack/events")["settings"]
    assert told["event_subscriptions"]["request_url"] == told["interactivity"]["request_url"]
    assert "request_url" not in manifest()["settings"]["event_subscriptions"]


def test_every_event_has_a_listener():
    heard = []

    class Noting(AsyncApp):
        def event(self, name, *others, **more):
            heard.append(name)
            return super().event(name, *others, **more)

    listeners.register(Noting(token="xoxb-1", signing_secret="s"))
    assert {name.partition(".")[0] for name in EVENTS} <= set(heard)


def test_the_file_that_slacks_command_line_reads_is_the_manifest():
    assert (ROOT / "manifest.json").read_text() == written(manifest()), "Write it anew: see CONTRIBUTING.md"


@pytest.mark.parametrize("scope", SCOPES)
def test_every_scope_is_used(scope):
    assert USES[scope] in SOURCE


def test_what_may_be_left_out_at_install_is_asked_for_too():
    asked = manifest()["oauth_config"]["scopes"]
    assert set(asked["bot_optional"]) == set(OPTIONAL) < set(asked["bot"])
    assert {*TOGETHER, *TOGETHER.values()} <= set(OPTIONAL)
    assert set(NEEDED).isdisjoint(OPTIONAL)


def test_commands_and_descriptions_fit_slacks_limits():
    made = manifest()
    commands = made["features"]["slash_commands"]
    assert LONG_LEAST <= len(LONG) <= LONG_MOST
    assert len(commands) <= COMMANDS_MOST
    assert all(len(one["description"]) <= COMMAND_MOST for one in commands)


def test_no_address_of_ours_stands_in_the_manifest():
    assert "url" not in str(manifest()["features"]["slash_commands"])
