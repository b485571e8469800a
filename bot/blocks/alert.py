"""The one message of an alert: its words, and the buttons that its state leaves to the reader."""

from collections.abc import Iterator, Mapping

from analytics.facts import Finding
from analytics.questions import DriversQuestion, Filter, WatchQuestion
from bot import intents
from bot.alerting.standing import Standing, State
from bot.blocks import forms
from bot.blocks.common import Block, Button, buttons, framed
from bot.narrator.claims import label
from bot.narrator.words import Words

DAYS = ("1", "7", "30")  #: a snooze may last so many days. Source: product.md, part 5

TOLD = ("ack", "log", "snooze", "not_useful")
BUTTONS: Mapping[State, tuple[str, ...]] = {
    State.TOLD: TOLD,
    State.ACKNOWLEDGED: ("log", "snooze", "not_useful", "dismiss"),
    State.ACTED: ("log", "useful", "not_useful"),
    State.DISMISSED: ("log",),
    State.RESOLVED: ("useful", "not_useful"),
    State.EXPIRED: ("useful", "not_useful"),
}
REVIEW = ("pass", "hold")  #: of the pilot's reviewer

SNOOZES = "alert:"  #: begins the block id of the row with the snooze; the alert's key follows
ID_MOST = 255  #: characters of a block's id


def card(
    finding: Finding, words: Words, standing: Standing, role: str = "owner", *, opens: bool = True
) -> list[Block]:
    """Why now, why you, one ask; what this reader can do with it, and a way to the whole of it.

    Args:
        opens: may the reader open what it is about? Else no button leads there.
    """
    return framed(words, after=_row(finding, standing, role, opens))


def key_of(block_id: str) -> str:
    """The key of the alert in whose row something was chosen; "" when it is no such row."""
    return block_id.removeprefix(SNOOZES) if block_id.startswith(SNOOZES) else ""


def show(finding: Finding) -> Button:
    """The button to what an alert is about: its action, its words, and the line that asks."""
    named, asked = _shown(finding)
    return f"ask.{named}", label(f"alert_button.{named}" if named != "deal" else "button.deal").text, asked


def _row(finding: Finding, standing: Standing, role: str, opens: bool) -> list[Block]:
    ways = list(_button(*show(finding))) if opens else []
    elements = [*_elements(finding, standing, role), *ways]
    row: Block = {"type": "actions", "elements": elements}
    if any(one["action_id"] == "alert.snooze" for one in elements):
        row["block_id"] = f"{SNOOZES}{standing.key}"
    return [row] if elements else []


def _elements(finding: Finding, standing: Standing, role: str) -> Iterator[Block]:
    if role == "reviewer" and standing.state is State.REVIEW:
        for name in REVIEW:
            yield from _button(f"review.{name}", label(f"alert_button.{name}").text, standing.key)
    for name in BUTTONS.get(standing.state, ()) if role != "reviewer" else ():
        if name == "snooze":
            yield from _snooze(standing)
        elif name != "log" or finding.subject == "deal":
            yield from _button(f"alert.{name}", label(f"alert_button.{name}").text, standing.key)


def _button(action: str, text: str, value: str) -> Iterator[Block]:
    for row in buttons([(action, text, value)]):
        yield from row["elements"]


def _snooze(standing: Standing) -> Iterator[Block]:
    """A choice has no value to carry the key; its row does."""
    if len(SNOOZES) + len(standing.key) <= ID_MOST:
        options = ((days, label(f"snooze.{days}").text) for days in DAYS)
        yield forms.select("alert.snooze", options, placeholder="alert_button.snooze")


def _shown(finding: Finding) -> tuple[str, str]:
    """What to look at next, and the line that asks for it."""
    match finding.subject:
        case "deal":
            return "deal", intents.describe(intents.Deal(finding.subject_id))
        case "owner":
            return "week", intents.describe(intents.WeekPage(finding.subject_id))
        case "segment":
            question = WatchQuestion(None, tuple(_filters(finding.subject_id)))
            return "watch", intents.describe(intents.Watch(question))
        case "driver":
            return "drivers", intents.describe(intents.Drivers(DriversQuestion()))
    is_about_checks = "quality_falls" in finding.causes
    page = intents.QualityPage() if is_about_checks else intents.Status()
    return ("quality" if is_about_checks else "status"), intents.describe(page)


def _filters(subject_id: str) -> Iterator[Filter]:
    """`region=APAC,industry=SaaS|FinTech` as filters; none of `all`."""
    for part in subject_id.split(","):
        dimension, _, values = part.partition("=")
        if values:
            yield Filter(dimension, tuple(values.split("|")))
