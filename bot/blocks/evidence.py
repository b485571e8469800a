"""The buttons under an answer: the way to its sums, and whether it was of use."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, ClassVar, Protocol

from pydantic import ConfigDict, StringConstraints, TypeAdapter, ValidationError

from bot.blocks import common
from bot.blocks.common import Block
from bot.narrator.claims import label
from bot.refusals import refusal
from data.mendable import Mendable

#: The actions that every answer offers, whatever it is about.
BEHIND = ("sums", "export", "share")


class NotOurButton(Mendable):
    """A value that no button of ours carries."""

    def __init__(self) -> None:
        super().__init__(refusal("not_our_button"))


class Told(Protocol):
    """An answer that was given: a `Reply`."""

    @property
    def line(self) -> str: ...
    @property
    def generation(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Source:
    """An answer by the line that asks for it, and the generation it is from."""

    line: str
    generation: str


class Outcome(Protocol):
    """Who told its words; the model and the prompt are "" for the template."""

    @property
    def model(self) -> str: ...
    @property
    def prompt(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Judged:
    """What a feedback button carries: the answer it is about, and what the click says of it."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(strict=True, extra="forbid")

    line: Annotated[str, StringConstraints(min_length=1, max_length=common.VALUE_MOST)]
    generation: Annotated[str, StringConstraints(pattern=r"^(g\d{6,9}|asof)-\d{4}-\d\d-\d\d(-[\w-]{1,80})?$")]
    prompt: Annotated[str, StringConstraints(pattern=r"^([a-z]+-[\w.]{1,20}-[0-9a-f]{8})?$")]
    model: Annotated[str, StringConstraints(pattern=r"^[\w.:/@+-]{0,100}$")]
    useful: bool

    @classmethod
    def of(cls, value: str) -> "Judged":
        """What a button's value says; anybody may have written it.

        Raises:
            NotOurButton: no button of ours says that.
        """
        try:
            return _JUDGED.validate_json(value)
        except ValidationError as error:
            raise NotOurButton from error

    @property
    def value(self) -> str:
        """The same as a button's value."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))


_JUDGED = TypeAdapter(Judged)


def actions(told: Told, outcome: Outcome | None = None) -> list[Block]:
    """The blocks under an answer in words: the way to its sums, and whether it was of use."""
    return [*_row(behind(told), told), *feedback(told, outcome)]


def under(blocks: Sequence[Block], told: Told, outcome: Outcome | None = None) -> list[Block]:
    """A card with the way to its sums among its own buttons, and below it all whether it was of use.

    Asked again for another outcome, the new judgement takes the place of the old.
    """
    card = bare(blocks)
    place = next((i for i, block in enumerate(card) if block["type"] == "actions"), None)
    if place is None:
        *above, last = card
        return [*above, *_row(behind(told), told), last, *feedback(told, outcome)]
    row = _row([*card[place]["elements"], *behind(told)], told)
    return [*card[:place], *row, *card[place + 1 :], *feedback(told, outcome)]


def bare(blocks: Sequence[Block]) -> list[Block]:
    """A card without the way to its sums and without the judgement, for when these stand elsewhere."""
    return [one for block in blocks if block["type"] != "context_actions" for one in _without_sums(block)]


def behind(told: Told) -> list[Block]:
    """What can be done with any answer: show its sums, keep its table, share it."""
    return [sums_button(told), _button("export", told.line), _button("share", told.line)]


def sums_button(told: Told) -> Block:
    """Show the sums of this answer."""
    return _button("sums", f"/coach sums {told.line}")


def _button(action: str, value: str) -> Block:
    text = {"type": "plain_text", "text": label(f"sums_button.{action}").text, "emoji": False}
    return {"type": "button", "action_id": action, "text": text, "value": value}


def feedback(told: Told, outcome: Outcome | None = None) -> list[Block]:
    """Was it of use? None for an answer whose line no button can carry."""
    chosen = {"positive_button": ("useful", True), "negative_button": ("not_useful", False)}
    element: Block = {"type": "feedback_buttons", "action_id": "feedback"}
    for name, (word, useful) in chosen.items():
        prompt, model = (outcome.prompt, outcome.model) if outcome else ("", "")
        value = Judged(told.line, told.generation, prompt, model, useful).value
        if len(value) > common.VALUE_MOST:
            return []
        text = {"type": "plain_text", "text": label(f"sums_button.{word}").text, "emoji": False}
        element[name] = {"text": text, "value": value}
    return [{"type": "context_actions", "elements": [element]}]


def generation_of(block_id: str) -> str:
    """The generation that the answer above a row of buttons was given from; "" when it does not say."""
    return block_id.removeprefix("sums.") if block_id.startswith("sums.") else ""


def _row(elements: Sequence[Block], told: Told) -> list[Block]:
    fitting = [one for one in elements if len(one.get("value", "")) <= common.VALUE_MOST]
    row = {"type": "actions", "block_id": f"sums.{told.generation}", "elements": fitting}
    return [row] if fitting else []


def _without_sums(block: Block) -> list[Block]:
    """The block itself; a row of buttons without ours, and not at all when it held nothing else."""
    if block["type"] != "actions":
        return [block]
    others = [one for one in block["elements"] if one["action_id"] not in BEHIND]
    return [{**block, "elements": others}] if others else []
