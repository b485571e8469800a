"""The files of this folder, read once: sentences by id, what to do when, instructions to the model."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template
from typing import Any

import yaml

#: The safe loader in C where there is one: ten times as fast.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Play:
    """One thing to do: `text` may use slots; it fits where every situation of `when` holds."""

    id: str
    when: tuple[str, ...]
    text: Template
    stage: tuple[str, ...] = ()  # early, middle, late: only there; () for anywhere


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question to begin with: the words on its button, and what the person says by pressing it."""

    title: str
    message: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """Instructions to the model for one task: `text` may use slots, `version` is told by its first line."""

    name: str
    version: str
    text: Template
    digest: str  # of the whole file, so that a change without a new version shows

    @property
    def id(self) -> str:
        """What logs, cache keys and feedback call it: `narrate-1-3f2a9c01`."""
        return f"{self.name}-{self.version}-{self.digest[:8]}"


@cache
def prompt(name: str) -> Prompt:
    """The instructions in `name.md`, whose first line is `version: N`."""
    content = files("prompts").joinpath(f"{name}.md").read_text(encoding="utf-8")
    first, _, text = content.partition("\n")
    version = first.removeprefix("version: ").strip()
    return Prompt(name, version, Template(text.strip()), hashlib.sha256(content.encode()).hexdigest())


def _read(name: str) -> dict[str, Any]:
    text = files("prompts").joinpath(name).read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.load(text, Loader=_LOADER)
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
def suggestions() -> Mapping[str, tuple[Suggestion, ...]]:
    """Questions to begin with, by role, and `any`."""
    roles = _read("suggestions.yaml")["suggestions"]
    return {role: tuple(Suggestion(**one) for one in those) for role, those in roles.items()}


@cache
def free_text() -> Mapping[str, Any]:
    """What questions in people's own words are made of: phrases, filler, rules, and what is asked back."""
    return _read("free_text.yaml")


@cache
def plays() -> tuple[Play, ...]:
    """Every play, the most pressing situation first."""
    return tuple(_play(written) for written in _read("plays.yaml")["plays"])


def _play(written: Mapping[str, Any]) -> Play:
    stage = tuple(written.get("stage", ()))
    return Play(written["id"], tuple(written["when"]), Template(written["text"]), stage)


@cache
def vocabulary() -> Mapping[str, frozenset[str]]:
    """The lists of vocabulary.yaml: the words a model may use in a suggestion, and those it may not."""
    lists = _read("vocabulary.yaml").items()
    return {name: frozenset(said.split() if isinstance(said, str) else said) for name, said in lists}
