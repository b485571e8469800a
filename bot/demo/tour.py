"""The guided tour of the demo's page: five steps with the demo's own people, deal and alert."""

from collections.abc import Mapping
from typing import Any

from analytics.generation import PersonRow
from bot.narrator.claims import label, say
from bot.playground.records import Json


def steps(cast: Mapping[str, PersonRow], ids: Mapping[str, str], deal: str) -> list[Json]:
    """What to press, as whom, and what to see then.

    Args:
        cast: a person by role.
        ids: of each person in Slack, by id in the CRM.
        deal: one of the rep's.
    """
    cro, rep, manager = (ids[cast[role].person_id] for role in ("cro", "rep", "manager"))
    direct = {"channel": "direct"}
    return [
        _step("signal", cro, {"kind": "command", "text": "/winrate lead source", **direct}),
        _step("why", cro, {"kind": "say", "text": "why did win rate drop?", **direct}),
        _step("deal", rep, {"kind": "command", "text": f"/deal {deal}", **direct}),
        _step("alert", rep, {"kind": "press", "label": label("alert_button.ack").text, **direct}),
        _step("home", manager, {"kind": "home"}),
    ]


def _step(name: str, who: str, do: Mapping[str, Any]) -> Json:
    told = {"title": say(f"tour.{name}").text, "text": say(f"tour.{name}_seen").text}
    return {**told, "as": who, "do": {**do}}
