"""The terminal: every bad input gets one clear sentence, and what was good before is still good."""

import json
import sys

import pytest
import structlog
import time_machine

from bot import cli
from data import tables

DEALS = """deal_id,created_date,close_date,outcome,rep_id,amount,region
D101,2024-01-02,2024-02-01,won,rep_1,1000,North
D102,2024-01-03,2024-02-02,lost,rep_1,2000,South
D103,2024-01-04,,open,rep_2,3000,North
"""


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Type a command line; gives exit code, output and errors."""
    monkeypatch.setenv("DEALCOACH_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    def type_in(*words):
        monkeypatch.setattr(sys, "argv", ["dealcoach", *map(str, words)])
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = end.code or 0
        shown = capsys.readouterr()
        return code, " ".join(shown.out.split()), " ".join(shown.err.split())

    yield type_in
    structlog.reset_defaults()  # the log goes to a stream that ends with the test


@pytest.fixture
def loaded(run, tmp_path):
    (tmp_path / "deals.csv").write_text(DEALS)
    with time_machine.travel("2024-03-01", tick=False):
        assert run("load", "deals.csv")[0] == 0
        assert run("refresh")[0] == 0
    return run


def test_before_any_load_every_command_says_what_to_do(run):
    assert "dealcoach refresh" in run("ask", "/winrate region")[2]
    assert "dealcoach load FILE" in run("refresh")[2]


def test_a_load_a_refresh_and_an_answer(loaded):
    code, out, _ = loaded("ask", "/winrate region")
    assert code == 0
    assert "Win rate by region - all time" in out


def test_json_holds_text_facts_blocks_generation_and_narrator(loaded):
    code, out, _ = loaded("ask", "/winrate", "--json")
    answer = json.loads(out)
    assert code == 0
    assert set(answer) == {"text", "facts", "blocks", "generation", "narrator"}
    assert answer["facts"]["win_rate/all"]["value"].startswith("0.5")
    assert answer["narrator"] == "template"


def test_an_unknown_deal_offers_the_nearest(loaded):
    code, _, err = loaded("ask", "/deal D104")
    assert code == 1
    assert err == "No deal `D104`. Did you mean D101, D102 or D103?"


def test_a_day_to_come_is_refused_with_the_last_day_there_is(loaded):
    code, _, err = loaded("ask", "/winrate", "--as-of", "2031-01-01")
    assert code == 1
    assert "2024-03-01" in err


def test_somebody_elses_deal_is_not_told(loaded):
    code, out, err = loaded("ask", "/deal D101", "--as", "rep_2")
    assert code == 1
    assert err == "Only its owner and their manager can see D101."
    assert "1,000" not in out + err


def test_a_person_nobody_knows_is_named(loaded):
    assert "'nobody'" in loaded("ask", "/winrate", "--as", "nobody")[2]


def test_a_wrong_setting_is_one_sentence(run, monkeypatch):
    monkeypatch.setenv("DEALCOACH_PORT", "many")
    code, _, err = run("doctor")
    assert code == 1
    assert "DEALCOACH_PORT is 'many'" in err


def test_serving_without_a_token_says_which_and_what_else(run):
    code, _, err = run("serve")
    assert code == 1
    assert "SLACK_BOT_TOKEN" in err
    assert "dealcoach demo" in err


def test_a_folder_that_is_a_file_is_one_sentence(run, tmp_path):
    (tmp_path / "home").write_text("not a folder")
    (tmp_path / "deals.csv").write_text(DEALS)
    code, _, err = run("load", "deals.csv")
    assert code == 1
    assert "Traceback" not in err


@pytest.mark.parametrize("damage", ["not a database", ""])
def test_a_damaged_store_is_one_sentence_and_a_refresh_mends_it(loaded, tmp_path, damage):
    for path in (tmp_path / "home" / "generations").glob("*.sqlite"):
        path.chmod(0o644)
        path.write_text(damage)
    code, _, err = loaded("ask", "/winrate region")
    assert code == 1
    assert "dealcoach refresh" in err
    assert loaded("refresh", "--as-of", "2024-03-01")[0] == 0
    assert loaded("ask", "/winrate region")[0] == 0


def test_a_refused_file_leaves_the_last_good_load(loaded, tmp_path):
    before = tables.current(tmp_path / "home").manifest
    (tmp_path / "bad.csv").write_text("deal,what\n1,2\n")
    code, _, err = loaded("load", "bad.csv")
    assert code == 1
    assert "bad.csv" in err
    assert tables.current(tmp_path / "home").manifest == before


def test_old_numbers_say_their_age_first(loaded):
    with time_machine.travel("2024-03-11", tick=False):
        _, out, _ = loaded("ask", "/winrate region")
    assert "Showing the numbers of 2024-03-01, 10 days old." in out
    with time_machine.travel("2024-03-02", tick=False):
        assert "Showing" not in loaded("ask", "/winrate region")[1]


def test_a_picture_is_saved_beside_the_answer(run, crm, monkeypatch, tmp_path):
    monkeypatch.setenv("DEALCOACH_HOME", str(crm))
    code, out, err = run("ask", "/why 2023-H1 vs 2023-H2", "--picture", "why.png")
    assert code == 0
    assert "Why did the win rate change?" in out
    assert "Saved why.png" in err
    assert (tmp_path / "why.png").read_bytes().startswith(b"\x89PNG")


def test_an_answer_without_a_picture_says_which_have_one(loaded, tmp_path):
    code, _, err = loaded("ask", "/winrate region", "--picture", "rates.png")
    assert code == 1
    assert "This answer has no picture" in err
    assert "/why" in err
    assert not (tmp_path / "rates.png").exists()


def test_a_picture_that_cannot_be_saved_is_one_sentence(run, crm, monkeypatch):
    monkeypatch.setenv("DEALCOACH_HOME", str(crm))
    code, _, err = run("ask", "/why 2023-H1 vs 2023-H2", "--picture", "nowhere/why.png")
    assert code == 1
    assert "'nowhere/why.png' cannot be written" in err


def test_too_few_deals_to_evaluate_a_model_is_one_sentence(loaded):
    code, _, err = loaded("evaluate")
    assert code == 1
    assert "too few to learn from" in err
    assert "Traceback" not in err


def test_nothing_loaded_is_nothing_to_evaluate(run):
    code, _, err = run("evaluate")
    assert code == 1
    assert "dealcoach load FILE" in err


def test_a_full_refresh_gives_the_same_answer(loaded):
    before = loaded("ask", "/winrate region", "--json")[1]
    assert loaded("refresh", "--full", "--as-of", "2024-03-01")[0] == 0
    after = loaded("ask", "/winrate region", "--json")[1]
    assert after.replace("g000002", "g000001") == before


@pytest.mark.parametrize(
    ("term", "said"),
    [
        ("banana", "No entry mentions banana. All of them: /coach glossary."),
        ("win raet", "No entry mentions win raet."),
        ("", "Win rate: The share of closed deals"),
    ],
)
def test_the_glossary_never_drowns_who_asks_for_one_word(loaded, term, said):
    assert said in loaded("ask", f"/coach glossary {term}")[1]


def test_the_doctor_finds_what_is_missing_and_says_what_to_do(run):
    code, out, _ = run("doctor")
    assert code == 1
    assert "dealcoach load FILE" in out


def test_the_doctor_is_content_with_a_loaded_and_refreshed_folder(loaded):
    with time_machine.travel("2024-03-01", tick=False):
        assert loaded("doctor")[0] == 0


def test_a_dry_run_keeps_nothing(run, tmp_path):
    (tmp_path / "deals.csv").write_text(DEALS)
    with time_machine.travel("2024-03-01", tick=False):
        assert run("load", "deals.csv", "--dry-run")[0] == 0
    assert not (tmp_path / "home" / "tables" / "CURRENT").exists()
