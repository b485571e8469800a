"""Everything that a command or a job can send to Slack, over random facts, held against our table of limits.

`python -m tests.payloads 1000` plays each kind a thousand times for each reader and prints what is refused.
"""

import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from bot import language
from bot.blocks import fallback, limits
from tests.shaken import Shaker


@dataclass(frozen=True, slots=True)
class Sent:
    """One message, modal or Home tab on its way to Slack."""

    blocks: Sequence[dict[str, Any]]
    text: str | None = None  # of a message; None for a modal or a Home tab
    view: Mapping[str, Any] | None = None
    surface: limits.Surface = "message"


def message(text: str, blocks: Sequence[dict[str, Any]]) -> Sent:
    """A message."""
    return Sent(blocks, text)


def modal(view: Mapping[str, Any]) -> Sent:
    """A modal."""
    return Sent(view["blocks"], view=view, surface="modal")


READERS = ("", "de-DE")  #: the house, and who reads in another language


# ---------------------------------------------------------------- what is wrong with one

NUMBER = re.compile(r"\d[\d,.]*")
UNSEEN = ("type", "action_id", "block_id", "value", "private_metadata", "initial_value", "style", "url")


def faults(sent: Sent) -> list[str]:
    """Why Slack would refuse it, or its reader miss something; and the same of its plain version."""
    plain = fallback.plain(sent.blocks, surface=sent.surface)
    found = [*limits.check(list(sent.blocks), sent.surface)]
    found += [f"plain: {fault}" for fault in limits.check(plain, sent.surface)]
    if lost := figures(sent.blocks) - figures(plain):
        found.append(f"plain: without the figures {sorted(lost)[:5]}")
    found += _text(sent) if sent.text is not None else []
    found += _view(sent.view) if sent.view is not None else []
    return [*found, *_buttons(sent.blocks), *_buttons(plain)]


def _text(sent: Sent) -> Iterator[str]:
    text = sent.text or ""
    if not text.strip():
        yield "text: none"
    if len(text) > limits.TEXT_ADVISED:
        yield f"text: {len(text)} characters"
    if re.search(r"<[^ ]|>", text):
        yield "text: live markup"


def _view(view: Mapping[str, Any]) -> Iterator[str]:
    for name in ("title", "submit", "close"):
        if len((view.get(name) or {}).get("text", "")) > 24:
            yield f"view: {name} too long"
    if len(view.get("private_metadata", "")) > 3000:
        yield "view: private_metadata too long"
    if len(view.get("callback_id", "")) > 255:
        yield "view: callback_id too long"


def _buttons(blocks: Sequence[dict[str, Any]]) -> Iterator[str]:
    for one in elements(blocks):
        is_empty = one["type"] == "button" and not one.get("value") and not one.get("url")
        if is_empty and one["action_id"] != "rule.edit":  # a new rule
            yield f"button {one['action_id']}: carries nothing"
        if any(len(option["value"]) > 150 for option in one.get("options", ())):
            yield f"{one['action_id']}: the value of an option is too long"


def elements(blocks: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Everything in these blocks that can be pressed or chosen."""
    for block in blocks:
        yield from elements(block.get("child_blocks", ()))
        yield from (one for one in block.get("elements", ()) if "action_id" in one)
        yield from (one for one in (block.get("element"), block.get("accessory")) if one)


def figures(blocks: Sequence[dict[str, Any]]) -> set[str]:
    """Every figure that a reader sees; a chart shows nothing that is not said elsewhere."""
    return set(NUMBER.findall(" ".join(_shown([b for b in blocks if b["type"] != "data_visualization"]))))


def _shown(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, part in value.items():
            if key not in UNSEEN:
                yield from _shown(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _shown(part)


def main(times: int) -> int:
    """Play everything so many times; how many kinds of fault were found."""
    from tests.everything_sent import Store, plays

    with tempfile.TemporaryDirectory() as folder:
        found: Counter[str] = Counter()
        first: dict[str, str] = {}
        for name, play in plays(Store.made(Path(folder))).items():
            for reader, seed in product(READERS, range(times)):
                for fault in faults_of(name, play, seed, reader):
                    found[fault] += 1
                    first.setdefault(fault, f"seed {seed} {reader}")
    for fault, number in found.most_common():
        print(f"{number:6}  {fault}  ({first[fault]})")
    print(f"{len(found)} kinds of fault in {times} plays of everything.")
    return len(found)


def played(play: Any, chance: random.Random, reader: str = "") -> list[Sent]:
    """What is sent to somebody who reads so."""
    with language.using(language.reading(reader)):
        return list(play(Shaker(chance)))


def faults_of(name: str, play: Any, seed: int, reader: str = "") -> Iterator[str]:
    """What is wrong with one play, without the places that differ from play to play."""
    try:
        for sent in played(play, random.Random(f"{name} {seed}"), reader):
            for fault in faults(sent):
                yield f"{name}: {re.sub(r'[0-9]+', '0', fault)}"
    except (LookupError, ValueError, ArithmeticError) as error:
        yield f"{name}: {type(error).__name__} {re.sub(r'[0-9]+', '0', str(error))[:300]}"


if __name__ == "__main__":
    sys.exit(bool(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)))
