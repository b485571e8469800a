"""A CRM's own columns and values -> ours: profiles in mapping/*.yaml, and which of them fits a header."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from rapidfuzz import fuzz, process

from data import schema
from data.errors import MissingColumns, UnknownProfile
from data.values import CURRENCY

FOLDER = Path(__file__).with_suffix("")
GENERIC = "generic"
SIMILAR = 80  #: rapidfuzz ratio from which an unknown column is worth a suggestion


@lru_cache(maxsize=10_000)
def plain(name: str) -> str:
    """A name without case, spaces, underscores and other signs.

    >>> plain("Close_Date ") == plain("closedate")
    True
    """
    return "".join(c for c in name.casefold() if c.isalnum())


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OutcomeFrom(_Strict):
    """How a deal's outcome is told where no column says it: by yes/no columns, or by its stage."""

    closed: tuple[str, ...] = ()
    won: tuple[str, ...] = ()
    stages: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)


class Pipeline(_Strict):
    """One of a CRM's pipelines: its title and its stages, id -> label, in order."""

    title: str
    stages: Mapping[str, str]


class Layout(_Strict):
    """How one kind of file of a CRM becomes rows of one canonical table.

    `rows`: a row is a row. `states`: a row is a deal's whole state after a change (Salesforce
    OpportunityHistory), so that changes are the differences between rows.
    """

    table: str
    shape: Literal["rows", "states"] = "rows"
    recognised_by: tuple[tuple[str, ...], ...] = ()  # one name of each group stands in the header, as written
    columns: Mapping[str, tuple[str, ...]]  # canonical name -> the names it goes by, the best first
    needs: tuple[str, ...] = ()  # canonical columns without which it is not this kind of file
    ignored: tuple[str, ...] = ()  # known, and not needed
    values: Mapping[str, Mapping[str, tuple[str, ...]]] = Field(default_factory=dict)
    defaults: Mapping[str, str] = Field(default_factory=dict)
    outcome_from: OutcomeFrom = OutcomeFrom()
    skip_when: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)  # rows that are not there any more
    only_when: Mapping[str, tuple[str, ...]] = Field(
        default_factory=dict
    )  # rows of another kind are left out
    long_ids: tuple[str, ...] = ()  # columns of Salesforce ids, 15 characters made 18
    stage_days: tuple[str, ...] = ()  # prefixes of columns holding the day a stage was entered
    event_amounts: Literal["cents", "units"] = "cents"  # how `old` and `new` of an amount event are written

    @field_validator("table")
    @classmethod
    def _is_canonical(cls, table: str) -> str:
        if table not in schema.TABLES:
            raise ValueError(f"no canonical table {table!r}; there are {', '.join(schema.TABLES)}")
        return table

    @property
    def canonical(self) -> schema.Table:
        """The canonical table the rows belong to."""
        return schema.TABLES[self.table]


class Profile(_Strict):
    """What one CRM calls things."""

    name: str
    title: str
    currency: str = Field("USD", pattern=f"^{CURRENCY.pattern}$")
    currency_known: bool = False  # else `currency` is only taken when the file does not tell
    date_order: Literal["dmy", "mdy"] | None = None
    stages: tuple[str, ...] = ()  # open stages, in order
    usual_stages: tuple[str, ...] = ()  # the order taken when neither profile nor history tells one
    closed_stages: tuple[str, ...] = ()
    close_from_history: bool = False  # a deal closed when its history first shows a closed stage
    pipelines: Mapping[str, Pipeline] = Field(default_factory=dict)
    layouts: tuple[Layout, ...]

    def is_closed_stage(self, stage: str) -> bool:
        """Is the stage one that a deal ends in?"""
        return plain(stage) in {plain(name) for name in self.closed_stages}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A column nobody uses that looks like one we know. Told, never taken."""

    header: str
    canonical: str


@dataclass(frozen=True, slots=True)
class Match:
    """A layout laid over a header."""

    profile: Profile
    layout: Layout
    columns: Mapping[str, str]  # canonical name -> column of the file
    missing: tuple[str, ...]  # required, and not in the file
    unused: tuple[str, ...]
    suggestions: tuple[Suggestion, ...]
    fit: tuple[bool, bool, int, int]  # the larger, the better

    @property
    def table(self) -> str:
        """The canonical table the file feeds."""
        return self.layout.table


def profiles() -> dict[str, Profile]:
    """The profiles that come with dealcoach, by name."""
    return {path.stem: read(path) for path in sorted(FOLDER.glob("*.yaml"))}


@cache
def read(path: Path) -> Profile:
    """A profile from its YAML file.

    Raises:
        UnknownProfile: no such file, or it is not a profile.
    """
    try:
        return Profile.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise UnknownProfile(f"No profile file {str(path)!r}: {error.strerror}.") from error
    except yaml.YAMLError as error:
        raise UnknownProfile(f"Profile {str(path)!r} is not YAML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UnknownProfile(f"Profile {str(path)!r} is wrong at {where!r}: {first['msg']}.") from error


def named(name: str) -> Profile:
    """The profile of that name, or the one in a YAML file of the user's own.

    Raises:
        UnknownProfile: with the names there are.
    """
    if name.endswith((".yaml", ".yml")):
        return read(Path(name))
    known = profiles()
    if name not in known:
        raise UnknownProfile(
            f"No profile {name!r}. There are {', '.join(known)}; or give the path of your own .yaml file."
        )
    return known[name]


def recognise(header: Sequence[str], file: str, profile: str | None = None) -> Match:
    """The layout that fits a file's header best, of the profile asked for or of all.

    Raises:
        MissingColumns: a required column is in none of them, with the nearest names in the file.
    """
    best = max((overlay(p, each, header, file) for p, each in _candidates(profile)), key=lambda m: m.fit)
    if best.missing:
        raise MissingColumns(_missing_sentence(best, header, file))
    return best


def _candidates(name: str | None) -> Iterator[tuple[Profile, Layout]]:
    """Layouts to try: all, or those of the profile asked for with the generic ones for other tables."""
    if name is None:
        yield from ((profile, layout) for profile in profiles().values() for layout in profile.layouts)
        return
    chosen, generic = named(name), named(GENERIC)
    yield from ((chosen, layout) for layout in chosen.layouts)
    tables = {layout.table for layout in chosen.layouts}
    yield from ((generic, layout) for layout in generic.layouts if layout.table not in tables)


def overlay(profile: Profile, layout: Layout, header: Sequence[str], file: str) -> Match:
    """Lay one layout over a header: what is found, what is missing, what is left over."""
    names = _names(profile, layout)
    columns = _columns_found(names, header)
    used = {*columns.values(), *_side_columns(layout, header)}
    unused = tuple(h for h in header if h and h not in used)
    required = (*layout.canonical.required, *layout.needs)
    missing = tuple(c for c in required if c not in columns and not _told(layout, c, header, columns))
    recognised = bool(layout.recognised_by) and all(
        set(group) & set(header) for group in layout.recognised_by
    )
    fit = (not missing, recognised, len(used) - 3 * len(missing), int(plain(layout.table) in plain(file)))
    return Match(profile, layout, columns, missing, unused, _suggestions(names, columns, unused), fit)


def known_names() -> frozenset[str]:
    """Every name any profile knows a column by, made plain: tells a header from a title row."""
    return frozenset(
        plain(name)
        for profile in profiles().values()
        for layout in profile.layouts
        for names in _names(profile, layout).values()
        for name in names
    )


def stage_labels(profile: Profile) -> dict[str, str]:
    """Stage id -> label over all pipelines; a label two pipelines share gets its pipeline's title.

    >>> p = Profile(name="x", title="X", layouts=(), pipelines={
    ...     "1": Pipeline(title="New", stages={"a": "Demo"}),
    ...     "2": Pipeline(title="Renewal", stages={"b": "Demo", "c": "Signed"})})
    >>> stage_labels(p)
    {'a': 'Demo (New)', 'b': 'Demo (Renewal)', 'c': 'Signed'}
    """
    labels = [label for pipeline in profile.pipelines.values() for label in pipeline.stages.values()]
    return {
        stage: f"{label} ({pipeline.title})" if labels.count(label) > 1 else label
        for pipeline in profile.pipelines.values()
        for stage, label in pipeline.stages.items()
    }


def _names(profile: Profile, layout: Layout) -> dict[str, tuple[str, ...]]:
    """Canonical column -> names, the profile's own before the generic ones."""
    names = dict(layout.columns)
    for generic in named(GENERIC).layouts if layout.shape == "rows" and profile.name != GENERIC else ():
        if generic.table == layout.table:
            for column, also in generic.columns.items():
                names[column] = (*names.get(column, ()), *also)
    return names


def _columns_found(names: Mapping[str, Iterable[str]], header: Sequence[str]) -> dict[str, str]:
    """Canonical column -> column of the file; no column serves two, and exact names go first."""
    by_plain: dict[str, str] = {}
    for column in header:
        by_plain.setdefault(plain(column), column)
    found: dict[str, str] = {}
    for canonical, known in names.items():
        taken = (by_plain.get(plain(name)) for name in known)
        free = [c for c in taken if c is not None and c not in found.values()]
        if free:
            found[canonical] = free[0]
    return found


def _side_columns(layout: Layout, header: Sequence[str]) -> Iterator[str]:
    """Columns that are used without being a canonical column themselves, or known and not needed."""
    told = (*layout.outcome_from.closed, *layout.outcome_from.won, *layout.skip_when, *layout.only_when)
    wanted = {plain(name) for name in (*told, *layout.ignored)}
    return (
        h for h in header if plain(h) in wanted or (layout.stage_days and h.startswith(layout.stage_days))
    )


def _told(layout: Layout, column: str, header: Sequence[str], columns: Mapping[str, str]) -> bool:
    """Can a required column without one of its own be told from something else?"""
    if column in layout.defaults:
        return True
    source = layout.outcome_from
    flagged = present((*source.won, *source.closed), header) is not None
    return column == "outcome" and (flagged or (bool(source.stages) and "stage" in columns))


def present(names: Iterable[str], header: Iterable[str]) -> str | None:
    """The column of the file that goes by one of the names, the first name first."""
    by_plain = {plain(column): column for column in header}
    return next((by_plain[plain(name)] for name in names if plain(name) in by_plain), None)


def _suggestions(
    names: Mapping[str, Sequence[str]], columns: Mapping[str, str], unused: Iterable[str]
) -> tuple[Suggestion, ...]:
    free = {
        plain(name): canonical
        for canonical, also in names.items()
        if canonical not in columns
        for name in also
    }
    found = []
    for header in unused:
        near = process.extractOne(plain(header), list(free), scorer=fuzz.ratio, score_cutoff=SIMILAR)
        if near:
            found.append(Suggestion(header, free[near[0]]))
    return tuple(found)


def _missing_sentence(match: Match, header: Sequence[str], file: str) -> str:
    if not match.columns:
        seen = ", ".join(repr(h) for h in header[:8] if h)
        return f"{file!r} is no CRM export we know: none of its columns ({seen}) is one of ours."
    parts = [f"{column!r}{_nearest(column, match, header)}" for column in match.missing]
    return (
        f"{file!r} looks like {match.table} ({match.profile.title}) but has no column for "
        f"{'; '.join(parts)}. Rename the column, or name it in a profile of your own (--profile FILE.yaml)."
    )


def _nearest(column: str, match: Match, header: Sequence[str]) -> str:
    names = [plain(name) for name in _names(match.profile, match.layout).get(column, (column,))]
    scored = [(max(fuzz.ratio(plain(h), name) for name in names), h) for h in header if h]
    near = [h for score, h in sorted(scored, key=lambda pair: -pair[0])[:3] if score >= 40]
    return f" (nearest in the file: {', '.join(repr(h) for h in near)})" if near else ""
