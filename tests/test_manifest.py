"""The manifest pasted into Slack: every scope and event is one that we use, and says why."""

from slack_bolt.async_app import AsyncApp

from bot import listeners
from bot.manifest import EVENTS, SCOPES, manifest

AGENT_DESCRIPTION_MOST = 300
PROMPTS_MOST = 4


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
