"""How a person wants to be told: as lines, as a modal to change it, and what a modal says that was sent."""

from collections.abc import Iterator, Mapping
from datetime import time
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.alerting.preferences import Preferences
from bot.audience import Role
from bot.blocks import forms
from bot.blocks.common import Block
from bot.narrator.claims import label, say
from bot.settings import WEEKDAYS, Settings

CALLBACK = "home.settings"
DIGESTS = ("daily", "weekly", "off")
OPTIONAL = ("levels", "min_amount", "place", "at_once")
YES = "yes"  #: of a box that stands alone
TIMES = tuple(time(half // 2, 30 * (half % 2)) for half in range(48))

#: What each role can be told of.
LEVELS: Mapping[Role, tuple[str, ...]] = {
    Role.REP: ("P1", "P2", "P3"),
    Role.MANAGER: ("P1", "P2"),
    Role.CRO: ("P1", "rate", "driver"),
    Role.OPS: ("data", "P3"),
}


class Form:
    """The modal for one person: what they chose, or else the team's defaults, is filled in."""

    def __init__(self, chosen: Preferences, settings: Settings, role: Role, zone: str = "") -> None:
        """`zone` is what Slack thinks of a person who chose none."""
        self.chosen, self.settings, self.role = chosen, settings, role
        self.hours = chosen.hours(settings)
        self.zone = chosen.zone or zone or self.hours.zone

    def modal(self) -> Block:
        """The whole of it."""
        return forms.modal(CALLBACK, "choose.title", self._blocks(), send="choose.save")

    def _blocks(self) -> Iterator[Block]:
        yield _asked(forms.boxes("levels", self._levels(), self.chosen.levels or LEVELS[self.role]))
        if self.role is not Role.OPS:
            yield _asked(self._amount())
            yield _asked(self._place())
        if self.role is Role.MANAGER:
            yield _asked(self._at_once())
        digests = [(kind, label(f"choose.digest_{kind}").text) for kind in DIGESTS]
        yield _asked(forms.select("digest", digests, chosen=self.chosen.digest))
        at = self.chosen.digest_at or self.settings.digest_at
        for name, when in (
            ("digest_at", at),
            ("quiet_from", self.hours.end),
            ("quiet_until", self.hours.start),
        ):
            yield _asked(forms.select(name, _times(when), chosen=f"{when:%H:%M}"))
        yield _asked(forms.text("zone", self.zone))
        yield _asked(self._days())

    def _levels(self) -> Iterator[tuple[str, str, str]]:
        for level in LEVELS[self.role]:
            yield level, label(f"level_told.{level}").text, label(f"level_help.{level}").text

    def _amount(self) -> Block:
        amount = self.chosen.min_amount
        initial = {} if amount is None else {"initial_value": f"{amount:f}"}
        kind = {"type": "number_input", "is_decimal_allowed": False, "min_value": "0"}
        return {"action_id": "min_amount", **kind, **initial}

    def _place(self) -> Block:
        initial = {"initial_conversation": self.chosen.place} if self.chosen.place else {}
        return {
            "type": "conversations_select",
            "action_id": "place",
            "placeholder": forms.plain(label("choose.place_placeholder").text),
            "filter": {"include": ["public", "private"], "exclude_external_shared_channels": True},
            **initial,
        }

    def _at_once(self) -> Block:
        option = (YES, label("choose.at_once_option").text, "")
        return forms.boxes("at_once", [option], [YES] if self.chosen.at_once else [])

    def _days(self) -> Block:
        days = [day for place, day in enumerate(WEEKDAYS) if place in self.hours.days]
        return forms.boxes("days", [(day, label(f"weekday.{day}").text, "") for day in WEEKDAYS], days)


def read(view: Mapping[str, Any], role: Role) -> tuple[Preferences, dict[str, str]]:
    """What a modal that was sent off says, and what is wrong with it, by field.

    A field that the modal does not have keeps its default.
    """
    said, ticked = forms.values(view), forms.ticked(view)
    wrong = {name: why for name in CHECKS if (why := CHECKS[name](said.get(name, "")))}
    days, levels = ticked.get("days", ()), ticked.get("levels", ())
    if not days:
        wrong["days"] = say("choose.no_day").text
    if wrong:
        return Preferences(), wrong
    return Preferences.model_validate(
        {
            "levels": None if set(levels) == set(LEVELS[role]) else levels,
            "min_amount": said.get("min_amount") or None,
            "place": said.get("place", ""),
            "at_once": YES in ticked.get("at_once", ()),
            "digest": said.get("digest") or "daily",
            "digest_at": said.get("digest_at") or None,
            "zone": said["zone"],
            "working_days": days,
            "quiet_from": said.get("quiet_from") or None,
            "quiet_until": said.get("quiet_until") or None,
        }
    ), {}


def _wrong_amount(said: str) -> str:
    try:
        amount = Decimal(said or 0)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        return say("choose.no_number").text
    return say("choose.below_zero").text if amount < 0 else ""


def _wrong_zone(said: str) -> str:
    try:
        ZoneInfo(said)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return say("choose.no_zone", zone=said).text
    return ""


CHECKS = {"min_amount": _wrong_amount, "zone": _wrong_zone}


def late(chosen: Preferences) -> dict[str, str]:
    """Why these quiet hours leave no time to tell anything, by field."""
    if chosen.quiet_from and chosen.quiet_until and chosen.quiet_from <= chosen.quiet_until:
        return {"quiet_from": say("choose.no_time").text}
    return {}


def _asked(element: Block) -> Block:
    name = element["action_id"]
    return forms.asked(f"choose.{name}", element, optional=name in OPTIONAL)


def _times(also: time) -> list[tuple[str, str]]:
    """Every half hour, and the time that was chosen before."""
    return [(f"{at:%H:%M}", f"{at:%H:%M}") for at in sorted({*TIMES, also.replace(second=0, microsecond=0)})]
