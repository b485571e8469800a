"""A language made of the English one: the same sentences in Armenian letters, so that what is left in Latin
ones did not come from prompts/."""

import re
from collections.abc import Iterator
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from analytics.glossary import GLOSSARY, Entry
from prompts import files as prompts

CODE = "hy"  #: babel knows how its figures and days are written
LOCALE = "hy-AM"

_KEPT = re.compile(r"\$\w+|\$\{\w+\}|`[^`]*`|(?<!\w)/[a-z]\w*(?: (?:check|sums|log|map|week|rep|help)\b)?")
_LETTERS = {ord("a") + n: 0x561 + n for n in range(26)} | {ord("A") + n: 0x531 + n for n in range(26)}


def marked(text: str) -> str:
    """The text in other letters, but for its slots and commands.

    >>> marked("Won: $rate, see `/why`.")
    'Շկծ: $rate, ճեե `/why`.'
    """
    kept = [*_KEPT.finditer(text)]
    begins = [0, *(one.end() for one in kept)]
    ends = [*(one.start() for one in kept), len(text)]
    parts = [text[start:end].translate(_LETTERS) for start, end in zip(begins, ends, strict=True)]
    return "".join(part + one for part, one in zip(parts, [*(one[0] for one in kept), ""], strict=True))


def write(folder: Path) -> None:
    """All of prompts/ in this language, as a translator would write it."""
    (folder / "claims").mkdir(parents=True)
    for file in files("prompts").joinpath("claims").iterdir():
        if file.name.endswith(".yaml"):
            content = yaml.safe_load(file.read_text(encoding="utf-8"))
            _keep(folder / "claims" / file.name, _translated(content))
    _keep(folder / "plays.yaml", {one.id: marked(one.text.template) for one in prompts.plays("en")})
    _keep(folder / "glossary.yaml", {one.name: _entry(one) for one in GLOSSARY})
    titles = {one.title for those in prompts.suggestions("en").values() for one in those}
    _keep(folder / "suggestions.yaml", {title: marked(title) for title in titles})


def _entry(one: Entry) -> dict[str, str]:
    return {name: marked(text) for name, text in asdict(one).items() if name != "name"}


def _translated(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _translated(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_translated(part) for part in value]
    return marked(value)


def _keep(path: Path, content: Any) -> None:
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


UNSEEN = frozenset(
    (
        *("type", "action_id", "block_id", "callback_id", "value", "initial_value", "private_metadata"),
        *("style", "url", "level", "width", "filter", "include"),
    )
)


def seen(value: Any) -> Iterator[str]:
    """Every string in blocks or a view that a reader sees or hears."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for key, part in value.items() if key not in UNSEEN for text in seen(part))
    elif isinstance(value, list | tuple):
        yield from (text for part in value for text in seen(part))
