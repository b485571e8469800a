"""Settings come from the environment, and a wrong one is named."""

from pathlib import Path

import pytest

from bot import settings


def test_the_data_folder_and_slacks_tokens_come_by_their_usual_names(monkeypatch, tmp_path):
    monkeypatch.setenv("DEALCOACH_HOME", str(tmp_path))
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1")
    read = settings.load()
    assert read.home == tmp_path
    assert read.socket_mode
    assert read.memory_url.endswith("memory.sqlite")


def test_a_home_with_a_tilde_is_the_users_own(monkeypatch):
    monkeypatch.setenv("DEALCOACH_HOME", "~/deals")
    assert settings.load().home == Path.home() / "deals"


def test_a_wrong_setting_is_named_with_its_value(monkeypatch):
    monkeypatch.setenv("DEALCOACH_ZONE", "Middle Earth")
    with pytest.raises(settings.SettingsError, match=r"DEALCOACH_ZONE is 'Middle Earth'.*Europe/Berlin"):
        settings.load()


def test_emails_are_split_at_commas_and_lowered(monkeypatch):
    monkeypatch.setenv("DEALCOACH_CRO_EMAILS", "Ada@example.com, bob@example.com")
    assert settings.load().cro_emails == ("ada@example.com", "bob@example.com")


def test_a_token_never_shows_when_settings_are_printed(monkeypatch):
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-secret")
    assert "xoxb-secret" not in repr(settings.load())
