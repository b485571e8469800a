"""The glossary as whoever reads now reads it: analytics' entries in the words of `glossary.yaml`."""

from collections.abc import Sequence
from dataclasses import replace

from analytics.glossary import BY_NAME, GLOSSARY, Entry
from prompts import files


def entries() -> Sequence[Entry]:
    """Every metric."""
    return [_said(one) for one in GLOSSARY]


def entry(name: str) -> Entry | None:
    """One metric; None where there is none of this name."""
    return _said(BY_NAME[name]) if name in BY_NAME else None


def _said(one: Entry) -> Entry:
    return replace(one, **files.glossary().get(one.name, {}))
