"""The page's own files: what is named is there, what ships is licensed, and nothing comes from elsewhere."""

import re
from pathlib import Path

import pytest

from bot.playground.front import PAGE

INDEX = (PAGE / "index.html").read_text("utf-8")
OURS = sorted(
    file
    for folder in ("shell", "blocks", "style")
    for file in (PAGE / folder).iterdir()
    if file.suffix != ".json"
)
IMPORTED = re.compile(r'(?:from|import\()\s*"(\.{1,2}/[^"]+|/page/[^"]+)"')


def at(file: Path, name: str) -> Path:
    """The file that a module or the document names."""
    return PAGE / name.removeprefix("/page/") if name.startswith("/page/") else file.parent / name


@pytest.mark.parametrize("name", sorted(set(re.findall(r'"(/page/[^"]+)"', INDEX))))
def test_what_the_document_names_is_there(name):
    assert at(PAGE, name).is_file()


@pytest.mark.parametrize("file", [file for file in OURS if file.suffix == ".js"], ids=lambda file: file.name)
def test_what_a_module_imports_is_there(file):
    assert [name for name in IMPORTED.findall(file.read_text("utf-8")) if not at(file, name).is_file()] == []


@pytest.mark.parametrize("file", OURS, ids=lambda file: file.name)
def test_nothing_is_loaded_from_elsewhere(file):
    known = ("http://www.w3.org/2000/svg",)  # the name of a namespace, never fetched
    found = re.findall(r'["\'(](https?://[^"\')\s]+)', file.read_text("utf-8"))
    assert [name for name in found if name not in known] == []


def test_every_library_that_ships_is_listed_with_its_licence():
    listed = (PAGE / "vendor" / "LICENSES.md").read_text("utf-8")
    folders = [folder for folder in (PAGE / "vendor").iterdir() if folder.is_dir()]
    assert [folder.name for folder in folders if f"`{folder.name}/" not in listed] == []
    assert [folder.name for folder in folders if not [*folder.glob("*LICEN*")]] == []
