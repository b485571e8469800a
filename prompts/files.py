"""The files of this folder, read once: sentences by id, and what to do when."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class Play:
    """One thing to do: `text` may use slots, `when` is the situation it answers."""

    id: str
    when: str
    text: Template


def _read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(files("prompts").joinpath(name).read_text(encoding="utf-8"))
    return content


@cache
def _sentences() -> tuple[Mapping[str, Any], ...]:
    """The content of every file of `claims`, one file per answer."""
    found = sorted(file.name for file in files("prompts").joinpath("claims").iterdir())
    return tuple(_read(f"claims/{name}") for name in found if name.endswith(".yaml"))


@cache
def claims() -> Mapping[str, tuple[Template, ...]]:
    """Sentences by id, each with its variants from the richest to the plainest."""
    return {
        f"{section}.{name}": tuple(map(Template, [said] if isinstance(said, str) else said))
        for file in _sentences()
        for section, sentences in file.get("claims", {}).items()
        for name, said in sentences.items()
    }


@cache
def labels() -> Mapping[str, str]:
    """Short words without slots: column heads, field names, buttons, names of dimensions."""
    return {
        f"{section}.{name}": word
        for file in _sentences()
        for section, words in file.get("labels", {}).items()
        for name, word in words.items()
    }


@cache
def plays() -> tuple[Play, ...]:
    """Every play, the most pressing situation first."""
    return tuple(Play(p["id"], p["when"], Template(p["text"])) for p in _read("plays.yaml")["plays"])
