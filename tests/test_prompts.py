"""Instructions to the model: each has a version; changed words have a new one and a changelog line."""

from pathlib import Path
from string import Template

import pytest

from prompts import files

ROOT = Path(__file__).parents[1]

#: Name -> version and digest of the file. Changed words need a new version here and in CHANGELOG.md.
PUBLISHED = {
    "narrate": ("2", "bbdc8889"),
    "route": ("1", "7832ff7f"),
}


def test_every_prompt_is_published():
    assert {file.stem for file in (ROOT / "prompts").glob("*.md")} == set(PUBLISHED)


@pytest.mark.parametrize("name", PUBLISHED)
def test_changed_words_have_a_new_version(name):
    prompt = files.prompt(name)
    assert (prompt.version, prompt.digest[:8]) == PUBLISHED[name]


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_version_has_a_line_in_the_changelog(name):
    assert f"prompt {name} {PUBLISHED[name][0]}" in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("name", PUBLISHED)
def test_slots_are_well_formed_and_no_number_is_typed(name):
    text = files.prompt(name).text
    assert text.is_valid()
    assert not [character for character in Template(text.template).safe_substitute() if character.isdigit()]
