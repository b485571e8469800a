"""What a person can use in blocks, and what an app hears of it: a press, a choice, the state of a modal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from bot.playground.records import Json

#: Elements whose choice is free, by the name under which the app gets it; any other entered text is `value`.
CHOSEN: Final = {
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "users_select": "selected_user",
    "channels_select": "selected_channel",
    "conversations_select": "selected_conversation",
    "multi_users_select": "selected_users",
    "multi_channels_select": "selected_channels",
    "multi_conversations_select": "selected_conversations",
}
ENTERED: Final = ("plain_text_input", "number_input", "email_text_input", "url_text_input")
MANY: Final = ("checkboxes", "multi_static_select")  # of its options


class NoSuchElement(LookupError):
    """Nothing with that action_id, or no choice with that value, in what the user looks at."""


def elements(blocks: Sequence[Json]) -> Iterator[tuple[str, Json]]:
    """Everything in these blocks that a person can use, with the id of its block."""
    for block in blocks:
        yield from elements(block.get("child_blocks", ()))
        inside = [block.get("accessory"), block.get("element"), *block.get("elements", ())]
        for element in (*inside, *block.get("actions", ())):
            if isinstance(element, dict) and element.get("type") == "card":
                yield from elements([element])
            elif isinstance(element, dict) and element.get("action_id"):
                yield str(block.get("block_id", "")), element


def action(blocks: Sequence[Json], action_id: str, value: Any, ts: str) -> Json:
    """The use of one element: a press, or the choice of `value`.

    Raises:
        NoSuchElement: says which there are.
    """
    found = [(block, element) for block, element in elements(blocks) if element["action_id"] == action_id]
    if not found:
        known = ", ".join(sorted({str(element["action_id"]) for _, element in elements(blocks)})) or "nothing"
        raise NoSuchElement(f"No element {action_id!r} here. There is: {known}.")
    for block, element in found:
        for sent in _uses(element, value):
            used = {"type": element["type"], "block_id": block, "action_id": action_id, "action_ts": ts}
            return {**used, **sent}
    known = ", ".join(repr(shown) for _, element in found for shown, _ in _choices(element))
    raise NoSuchElement(f"Element {action_id!r} has no value {value!r}, only {known}.")


def chosen(used: Json) -> Json:
    """What the state of a view keeps of an element's use."""
    names = ("selected_option", "selected_options", "value", *CHOSEN.values())
    return {name: used[name] for name in names if name in used and used["type"] != "button"}


def _uses(element: Json, value: Any) -> Iterator[Json]:
    """What an app hears where `value` is chosen here: nothing if that cannot be; None is any choice."""
    if element["type"] in (*CHOSEN, *ENTERED, *MANY):
        yield _entered(element, value) if value is not None else _at_first(element)
        return
    for shown, sent in _choices(element):
        if value is None or value == shown:
            yield sent


def _choices(element: Json) -> Iterator[tuple[str | None, Json]]:
    """Every value that names a choice, with what is sent of it."""
    if element["type"] == "feedback_buttons":
        for name in ("positive_button", "negative_button"):
            button = element[name]
            yield button["value"], {"text": button["text"], "value": button["value"]}
    elif "options" in element or "option_groups" in element:
        for option in _options(element):
            yield option["value"], {"selected_option": option}
    else:
        sent: Json = {name: element[name] for name in ("text", "value", "style") if name in element}
        yield element.get("value"), sent


def _options(element: Json) -> Iterator[Json]:
    for group in (element, *element.get("option_groups", ())):
        yield from group.get("options", ())


def state_of(view: Json, values: Mapping[str, Any]) -> Json:
    """A modal's state from plain values by action_id: text, or the value of an option, or a list of such.

    What is not among the values is as it was entered before, or as the modal shows it at first.

    Raises:
        NoSuchElement: an action_id the modal does not have.
    """
    here = {element["action_id"]: (block, element) for block, element in elements(view["blocks"])}
    for name in values:
        if name not in here:
            raise NoSuchElement(f"No input {name!r} here. There is: {', '.join(sorted(here)) or 'none'}.")
    before = view.get("state", {}).get("values", {})
    state: Json = {}
    for name, (block, element) in here.items():
        if element["type"] in ("button", "overflow"):
            continue
        kept = before.get(block, {}).get(name) or _at_first(element)
        sent = _entered(element, values[name]) if name in values else kept
        state.setdefault(block, {})[name] = {"type": element["type"], **sent}
    return state


def _entered(element: Json, value: Any) -> Json:
    """What the app gets of a value that a person entered or chose."""
    options = [*_options(element)]
    if element["type"] in MANY:
        return {"selected_options": [one for one in options if one["value"] in (value or ())]}
    if options:
        return {"selected_option": next((one for one in options if one["value"] == value), None)}
    return {CHOSEN.get(element["type"], "value"): value}


def _at_first(element: Json) -> Json:
    """What the app gets of an input that nobody touched."""
    if element["type"] in MANY:
        return {"selected_options": element.get("initial_options", [])}
    if "options" in element or "option_groups" in element:
        return {"selected_option": element.get("initial_option")}
    known = CHOSEN.get(element["type"], "value")
    nothing: Any = [] if known.endswith("s") else None
    first = known.replace("selected", "initial") if known != "value" else "initial_value"
    return {known: element.get(first, nothing)}
