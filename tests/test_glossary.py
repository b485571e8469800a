"""The glossary: one entry for each thing that readers meet, each with its trap."""

import pytest

from analytics.alerts.rules import METRICS, Subject
from analytics.glossary import BY_NAME, GLOSSARY

TIMES_AND_FALLS = [
    name
    for name, metric in METRICS.items()
    if metric.subject in (Subject.DEAL, Subject.OWNER) and metric.unit in ("days", "points", "percent")
]


@pytest.mark.parametrize("name", [*TIMES_AND_FALLS, "alert_effect", "followed_up", "silent_share"])
def test_what_rules_and_the_proof_measure_has_its_entry(name):
    assert name in BY_NAME


def test_every_name_and_every_title_stands_once():
    assert len(BY_NAME) == len(GLOSSARY)
    assert len({entry.title.casefold() for entry in GLOSSARY}) == len(GLOSSARY)


def test_every_entry_says_what_it_means_and_where_it_misleads():
    assert all(entry.meaning.endswith((".", "?")) and entry.trap.endswith(".") for entry in GLOSSARY)
