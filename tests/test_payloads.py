"""Whatever is sent passes Slack's limits, over random facts; and a plainer version says the same figures."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.blocks import fallback, limits
from tests.conftest import AS_OF
from tests.everything_sent import LINES, Store, plays
from tests.payloads import NUMBER, READERS, faults, figures, played
from tests.shaken import Shaker

TIMES = 2  #: each kind is played for each reader; `python -m tests.payloads 1000` plays more


@pytest.fixture(scope="module")
def known(crm):
    assert Store.of(crm).generation.as_of == AS_OF
    return Store.of(crm)


@pytest.fixture(scope="module")
def everything(known):
    return plays(known)


@pytest.mark.parametrize("reader", READERS)
def test_everything_that_is_sent_always_fits_and_so_does_its_plain_version(everything, reader):
    for name, play in everything.items():
        for seed in range(TIMES):
            for sent in played(play, random.Random(f"{name} {seed}"), reader):
                assert (name, seed, faults(sent)) == (name, seed, [])


@settings(max_examples=50)
@given(st.randoms(use_true_random=False), st.sampled_from(READERS), st.data())
def test_anything_that_is_sent_always_fits(everything, chance, reader, data):
    name = data.draw(st.sampled_from(sorted(everything)))
    for sent in played(everything[name], chance, reader):
        assert (name, faults(sent)) == (name, [])


@settings(max_examples=50)
@given(st.randoms(use_true_random=False), st.sets(st.sampled_from(sorted(fallback.NEW))), st.data())
def test_without_the_refused_kinds_a_message_always_fits_and_has_none_of_them(
    everything, chance, refused, data
):
    for sent in everything[data.draw(st.sampled_from(sorted(everything)))](Shaker(chance)):
        plain = fallback.plain(sent.blocks, refused, sent.surface)
        assert not limits.types(plain) & refused
        assert limits.check(plain, sent.surface) == []


@pytest.mark.parametrize("line", [line for line in LINES if "changes" not in line])
def test_the_notification_says_a_figure_of_the_verdict(known, line):
    reply = known.reply(line)
    assert reply.words is not None
    told = {*NUMBER.findall(reply.words.verdict), *NUMBER.findall(reply.words.headline)}
    assert not told or told & {*NUMBER.findall(reply.text)}


@pytest.mark.parametrize("line", LINES)
def test_no_button_of_an_answer_has_a_figure_on_it(known, line):
    for block in known.reply(line).blocks:
        for one in block.get("elements", ()):
            if block["type"] == "actions":
                assert not any(letter.isdigit() for letter in one["text"]["text"])


def test_only_what_is_refused_is_told_otherwise(known):
    blocks = known.reply("/winrate region").blocks
    kinds = [block["type"] for block in fallback.plain(blocks, {"data_visualization"})]

    assert kinds == [block["type"] for block in blocks if block["type"] != "data_visualization"]
    assert figures(blocks) == figures(fallback.plain(blocks, {"data_visualization"}))


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        (
            ["[ERROR] unsupported type: data_visualization [json-pointer:/blocks/1/type]"],
            {"data_visualization"},
        ),
        (["[ERROR] invalid additional property: rows [json-pointer:/view/blocks/0/rows/1]"], {"data_table"}),
        ([], {"data_table", "data_visualization"}),
        (
            ["[ERROR] must be more than 0 characters [json-pointer:/blocks/2/text]"],
            {"data_table", "data_visualization"},
        ),
    ],
)
def test_what_slack_refuses_is_read_from_its_answer_else_it_is_all_that_is_new(said, refused):
    blocks = [{"type": "data_table"}, {"type": "data_visualization"}, {"type": "section"}]

    assert fallback.refused(blocks, said) == refused
