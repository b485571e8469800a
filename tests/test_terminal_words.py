"""`dealcoach ask` with a language model: the same numbers, in the model's words."""

import json

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from bot.cli import app

CHOICE = json.dumps({"blocks": [{"claims": ["c2"]}]})


@pytest.fixture
def terminal(crm, llmock, monkeypatch):
    """The command line on the sample CRM, as `dealcoach ask` with these arguments."""
    monkeypatch.setenv("DEALCOACH_HOME", str(crm))
    monkeypatch.setenv("DEALCOACH_MODEL", "fake")
    monkeypatch.setenv("DEALCOACH_STALE_AFTER_DAYS", "100000")

    def ask(question, key=True):
        monkeypatch.setenv("OPENAI_API_KEY", "any" if key else "")
        with capture_logs():
            return CliRunner().invoke(app, ["ask", question, "--json"]).stdout

    return ask


def test_the_words_differ_and_the_numbers_do_not(terminal, llmock):
    llmock.reply(CHOICE, times=None)
    plain, told = (json.loads(terminal("/winrate region", key)) for key in (False, True))
    assert (plain["narrator"], told["narrator"]) == ("template", "model")
    assert plain["facts"] == told["facts"]
    assert plain["blocks"] != told["blocks"]
    assert "words by fake" in str(told["blocks"])


def test_a_model_that_is_down_leaves_the_plain_words(terminal, llmock):
    llmock.outage()
    told = json.loads(terminal("/winrate region"))
    assert told["narrator"] == "template"
    assert "plain mode" in str(told["blocks"])


def test_a_question_that_only_the_model_understands_is_answered(terminal, llmock):
    llmock.call_tool("win_rate", {"by": ["region"]})
    llmock.reply(CHOICE)
    assert "Win rate by region" in terminal("be so kind, the geographic one")
