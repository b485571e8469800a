"""Modals: what can be chosen or written, the page around it, and what was sent off. Labels in, JSON out.

What a person reads here is named by its label (prompts/claims).
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from bot import names
from bot.blocks.common import Block
from bot.narrator.claims import label
from prompts import files

TITLE_MOST = 24  #: characters of a title, and of a button below it
OPTION_MOST = 75
OPTIONS_MOST = 100
LABEL_MOST = 2000
PRIVATE_MOST = 3000  #: characters that a modal remembers
WORDS_MOST = 300  #: characters of own words that are kept


def plain(text: str, most: int = LABEL_MOST) -> Block:
    """A text that Slack reads as nothing but text."""
    shown = text if len(text) <= most else f"{text[: most - 1]}…"
    return {"type": "plain_text", "text": shown, "emoji": False}


def option(text: str, value: str, help: str = "") -> Block:
    """One thing to choose, and what it means; its value may have 150 characters."""
    more = {"description": plain(help, OPTION_MOST)} if help else {}
    return {"text": plain(text, OPTION_MOST), "value": value, **more}


def select(
    name: str, options: Iterable[tuple[str, str]], *, chosen: str = "", placeholder: str = ""
) -> Block:
    """One of several things, each (value, text); `chosen` is chosen already, if it is among them."""
    shown = [option(text, value) for value, text in options][:OPTIONS_MOST]
    first = [one for one in shown if one["value"] == chosen]
    more = {"placeholder": plain(label(placeholder).text)} if placeholder else {}
    filled = {"initial_option": first[0]} if first else {}
    return {"type": "static_select", "action_id": name, "options": shown, **more, **filled}


def radio(name: str, options: Iterable[tuple[str, str]]) -> Block:
    """One of a few things, each (value, text), all in sight; the first is chosen already."""
    shown = [option(text, value) for value, text in options]
    return {"type": "radio_buttons", "action_id": name, "options": shown, "initial_option": shown[0]}


def boxes(name: str, options: Iterable[tuple[str, str, str]], ticked: Iterable[str]) -> Block:
    """Things to tick, each (value, text, what it means)."""
    shown = [option(text, value, help) for value, text, help in options]
    first = [one for one in shown if one["value"] in {*ticked}]
    filled = {"initial_options": first} if first else {}
    return {"type": "checkboxes", "action_id": name, "options": shown, **filled}


def text(name: str, filled: str = "", *, most: int = WORDS_MOST, multiline: bool = False) -> Block:
    """A line or more of one's own words; `filled` stands there already."""
    more = {"initial_value": filled} if filled else {}
    kind = {"type": "plain_text_input", "multiline": multiline, "max_length": most}
    return {"action_id": name, **kind, **more}


def day(name: str, first: date) -> Block:
    """A day; `first` is chosen already."""
    return {"type": "datepicker", "action_id": name, "initial_date": first.isoformat()}


def asked(title: str, element: Block, *, optional: bool = False) -> Block:
    """An input: its title is a label, and so is its hint, where there is one called `<title>_hint`."""
    hint = f"{title}_hint"
    more = {"hint": plain(label(hint).text)} if hint in files.labels() else {}
    known = {"block_id": element["action_id"], "label": plain(label(title).text), "element": element}
    return {"type": "input", **known, "optional": optional, **more}


def modal(
    callback: str, title: str, blocks: Iterable[Block], *, private: str = "", send: str = "form.send"
) -> Block:
    """A modal to send off; Slack gives `private` back with it."""
    return {
        **_around(title, "form.close", blocks),
        "callback_id": callback,
        "submit": plain(label(send).text, TITLE_MOST),
        "private_metadata": private,
    }


def page(title: str, blocks: Iterable[Block]) -> Block:
    """A modal to look at."""
    return _around(title, "form.done", blocks)


def values(view: Mapping[str, Any]) -> dict[str, str]:
    """What was chosen and written in a modal that was sent off, by name; "" for nothing."""
    return {name: _value(field) for name, field in _fields(view).items()}


def ticked(view: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """What was ticked in a modal that was sent off, by name."""
    return {
        name: tuple(str(one["value"]) for one in field.get("selected_options") or ())
        for name, field in _fields(view).items()
    }


def words(text: str) -> str:
    """Own words as one line that may be shown and kept."""
    return names.clean(text, WORDS_MOST) if text.strip() else ""


def _around(title: str, close: str, blocks: Iterable[Block]) -> Block:
    named = {"title": title, "close": close}
    shown = {part: plain(label(known).text, TITLE_MOST) for part, known in named.items()}
    return {"type": "modal", **shown, "blocks": [*blocks]}


def _fields(view: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    state = view.get("state", {}).get("values", {})
    return {name: field for block in state.values() for name, field in block.items()}


def _value(field: Mapping[str, Any]) -> str:
    option_chosen = field.get("selected_option") or {}
    known = (field.get(name) for name in ("value", "selected_date", "selected_conversation"))
    return str(next((one for one in known if one), "") or option_chosen.get("value") or "")
