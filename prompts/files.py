"""The files of this folder, read once: sentences by id, what to do when, instructions to the model."""

import hashlib
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from string import Template
from typing import Any

import yaml

ENGLISH = "en"  #: the language every sentence has; another one falls back to it, sentence by sentence

#: The language that is read where none is asked for; `bot.language` sets it together with the locale.
speaking: ContextVar[str] = ContextVar("speaking", default=ENGLISH)

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
    return _yaml(files("prompts").joinpath(name))


def _yaml(file: Traversable) -> dict[str, Any]:
    content: dict[str, Any] = yaml.load(file.read_text(encoding="utf-8"), Loader=_LOADER)
    return content


_elsewhere: dict[str, Traversable] = {}


def add_language(language: str, folder: Traversable) -> None:
    """From now on there is a language whose files lie in a folder of its own, laid out as `prompts/de`."""
    _elsewhere[language] = folder
    for kept in (languages, _sentences, _claims, _labels, _plays, _suggestions, _glossary):
        kept.cache_clear()


@cache
def languages() -> frozenset[str]:
    """Every language that has words here: a folder of two letters with claims."""
    found = (one.name for one in files("prompts").iterdir() if len(one.name) == 2 and one.is_dir())
    return frozenset({ENGLISH, *found, *_elsewhere})


def _folder(language: str) -> Traversable:
    here = files("prompts")
    return _elsewhere.get(language) or (here if language == ENGLISH else here.joinpath(language))


@cache
def _sentences(language: str) -> tuple[Mapping[str, Any], ...]:
    """The content of every file of `claims` in a language, one file per answer; () for no such language."""
    folder = _folder(language).joinpath("claims")
    found = sorted(file.name for file in folder.iterdir()) if folder.is_dir() else []
    return tuple(_yaml(folder.joinpath(name)) for name in found if name.endswith(".yaml"))


def claims(language: str = "") -> Mapping[str, tuple[Template, ...]]:
    """Sentences by id, each with its variants from the richest to the plainest.

    Args:
        language: "" is the one of whoever reads now; what it does not say is said in English.
    """
    return _claims(language or speaking.get())


@cache
def _claims(language: str) -> Mapping[str, tuple[Template, ...]]:
    english = {} if language == ENGLISH else _claims(ENGLISH)
    return {**english, **written_claims(language)}


def written_claims(language: str) -> Mapping[str, tuple[Template, ...]]:
    """The sentences that are written in a language, without those it borrows from English."""
    return {
        f"{section}.{name}": tuple(map(Template, [said] if isinstance(said, str) else said))
        for file in _sentences(language)
        for section, sentences in file.get("claims", {}).items()
        for name, said in sentences.items()
    }


def labels(language: str = "") -> Mapping[str, str]:
    """Short words without slots: column heads, field names, buttons, names of dimensions.

    Args:
        language: as for `claims`.
    """
    return _labels(language or speaking.get())


@cache
def _labels(language: str) -> Mapping[str, str]:
    english = {} if language == ENGLISH else _labels(ENGLISH)
    return {**english, **written_labels(language)}


def written_labels(language: str) -> Mapping[str, str]:
    """The short words that are written in a language, without those it borrows from English."""
    return {
        f"{section}.{name}": word
        for file in _sentences(language)
        for section, words in file.get("labels", {}).items()
        for name, word in words.items()
    }


def suggestions(language: str = "") -> Mapping[str, tuple[Suggestion, ...]]:
    """Questions to begin with, by role, and `any`; another language names the buttons, and asks the same."""
    return _suggestions(language or speaking.get())


@cache
def _suggestions(language: str) -> Mapping[str, tuple[Suggestion, ...]]:
    titles = _translated(language, "suggestions.yaml")
    roles = _read("suggestions.yaml")["suggestions"]
    return {
        role: tuple(Suggestion(titles.get(one["title"], one["title"]), one["message"]) for one in those)
        for role, those in roles.items()
    }


def _translated(language: str, name: str) -> Mapping[str, Any]:
    """What a language says instead, by what English says or by id; {} for English and a missing file."""
    file = _folder(language).joinpath(name)
    return _yaml(file) if language != ENGLISH and file.is_file() else {}


def glossary(language: str = "") -> Mapping[str, Mapping[str, str]]:
    """What a language says of a metric, by its name: title, formula, meaning, trap; {} for English."""
    return _glossary(language or speaking.get())


@cache
def _glossary(language: str) -> Mapping[str, Mapping[str, str]]:
    return _translated(language, "glossary.yaml")


@cache
def free_text() -> Mapping[str, Any]:
    """What questions in people's own words are made of: phrases, filler, rules, and what is asked back."""
    return _read("free_text.yaml")


def plays(language: str = "") -> tuple[Play, ...]:
    """Every play, the most pressing situation first.

    Args:
        language: as for `claims`.
    """
    return _plays(language or speaking.get())


@cache
def _plays(language: str) -> tuple[Play, ...]:
    texts = _translated(language, "plays.yaml")
    plays = (_play(written) for written in _read("plays.yaml")["plays"])
    return tuple(replace(one, text=Template(texts.get(one.id, one.text.template))) for one in plays)


def _play(written: Mapping[str, Any]) -> Play:
    stage = tuple(written.get("stage", ()))
    return Play(written["id"], tuple(written["when"]), Template(written["text"]), stage)


@cache
def vocabulary() -> Mapping[str, frozenset[str]]:
    """The lists of vocabulary.yaml: the words a model may use in a suggestion, and those it may not."""
    lists = _read("vocabulary.yaml").items()
    return {name: frozenset(said.split() if isinstance(said, str) else said) for name, said in lists}
