"""What a reader takes in at a glance: bullets of twelve words, a figure in the notification, a last line."""

import re
from collections.abc import Iterator

import pytest

from bot.narrator.claims import Claim
from bot.narrator.deal import reasons
from tests.everything_sent import LINES, Store

MOST_WORDS = 12  #: of a bullet. Source: product.md, part 7
MOST_LINES = 13  #: bullets of an answer


@pytest.fixture(scope="module")
def known(crm) -> Store:
    return Store.of(crm)


def words(claim: Claim) -> list[str]:
    """The words of a sentence; a name from the CRM is one, however long."""
    return [word for word in claim.masked(lambda _: "X").split() if re.search(r"\w", word)]


def named(known: Store, kind: str) -> Iterator[dict]:
    """The blocks of one kind of a deal's card."""
    return (block for block in known.reply("/deal D01501").blocks if block["type"] == kind)


@pytest.mark.parametrize("line", LINES)
def test_a_bullet_has_at_most_twelve_words(known, line):
    told = known.reply(line).words
    assert told is not None
    assert [claim.text for claim in told.said if len(words(claim)) > MOST_WORDS] == []
    assert len(told.lines) <= MOST_LINES


@pytest.mark.parametrize("line", [line for line in LINES if line != "/drivers region by lead source"])
def test_the_notification_says_a_figure(known, line):
    assert re.search(r"\d", known.reply(line).text)


def test_the_scores_of_a_deal_stand_in_fields_and_its_reasons_add_up_in_a_table(known):
    _, scores = (block["fields"] for block in named(known, "section") if "fields" in block)
    called = [field["text"].partition("\n")[0].strip("*") for field in scores]
    assert called[:4] == ["Velocity (PVS)", "Momentum (SMI)", "Health", "Quality"]

    (table,) = named(known, "data_table")
    usual, *parts, odds = [row[1]["value"] for row in table["rows"][1:]]
    assert len(parts) == len(reasons(known.reply("/deal D01501").answer)) <= 6
    assert round(usual + sum(parts), 1) == odds


def test_the_last_line_of_the_pipeline_names_the_model_behind_its_odds(known):
    reply = known.reply("/pipeline")
    assert f" · model {reply.answer.model} · " in reply.words.context
