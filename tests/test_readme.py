"""The README tells the truth: its commands run, and it names every command, scope and setting."""

import re
import shlex
from pathlib import Path

import pytest
import typer.main

from bot import cli
from bot.intents import COMMANDS
from bot.manifest import SCOPES, manifest
from bot.replies import REPLIES
from bot.settings import Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
TYPED = re.findall(r"^dealcoach .*?(?=\s+#|$)", "\n".join(re.findall(r"```sh\n(.*?)```", README, re.S)), re.M)
SUBCOMMANDS = typer.main.get_command(cli.app).commands


@pytest.mark.parametrize("line", TYPED)
def test_every_command_line_in_the_readme_is_one_the_program_takes(line):
    _, name, *arguments = shlex.split(line)
    SUBCOMMANDS[name].make_context(name, arguments, resilient_parsing=False).close()


def test_every_subcommand_is_in_the_readme():
    assert [name for name in SUBCOMMANDS if f"dealcoach {name}" not in README] == []


def test_every_slash_command_is_in_the_readme_and_in_the_manifest():
    told = [entry["command"] for entry in manifest()["features"]["slash_commands"]]
    assert told == [command.name for command in COMMANDS]
    assert [command.name for command in COMMANDS if f"`{command.name}" not in README] == []


def test_every_intent_has_a_reply():
    from bot.intents import Intent

    assert set(REPLIES) == set(Intent.__args__)


def test_every_scope_is_justified_in_the_readme():
    assert [scope for scope in SCOPES if f"`{scope}`" not in README] == []
    assert manifest()["oauth_config"]["scopes"]["bot"] == list(SCOPES)


def test_every_setting_is_in_the_readme_with_its_help():
    for name, field in Settings.model_fields.items():
        variable = field.alias or f"DEALCOACH_{name.upper()}"
        assert f"`{variable}`" in README, variable
        assert str(field.description) in README, variable


def test_every_make_target_in_the_readme_exists():
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M)
    assert set(re.findall(r"`?make ([a-z-]+)", README)) - {"the"} <= set(targets)
