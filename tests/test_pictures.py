"""Pictures: a phone's width, the same bytes again, every word inside the paper and none made up."""

import struct
from dataclasses import replace
from decimal import Decimal
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, given, settings

from analytics.facts import Unit, Verdict
from bot import pictures
from bot.narrator import template
from bot.narrator.check import given as names_given
from bot.narrator.check import strays
from bot.pictures import canvas, control, heatmap, reliability, waterfall
from bot.pictures.canvas import MARGIN, PIXELS, WIDTH, cut, width, wrapped
from bot.pictures.scale import Scale
from prompts import files
from tests import whys_at_random as random
from tests.facts_by_hand import breakdown, fact
from tests.facts_for_model import FIGURES, drivers, model_card, pair, pipeline
from tests.facts_for_model import reliability as bin_of
from tests.facts_for_why import PARTS, drifting, points, real_drop, shocked, watch, watched, whatif, why

HEAT = drivers(
    dimensions=("region", "product"),
    verdict=Verdict.SIGNAL,
    pairs=(
        pair("EMEA", "Core", "0.01"),
        pair("EMEA", "Pro", "0.07", Verdict.SIGNAL),
        pair("APAC", "Core", "-0.08", Verdict.SIGNAL),
        pair("APAC", "Pro", "0.02"),
    ),
    p_value=fact("p_value", "0.003", Unit.PROBABILITY),
)
DRAWN = {
    "a change within noise": why(),
    "a real drop": real_drop(),
    "one thing watched": watch(),
    "several watched": watch(watched(), shocked(), drifting(), watched("no_baseline", ("region", "India"))),
    "a model": model_card(),
    "pairs": HEAT,
    "a pipeline": pipeline(),
}
answers = pytest.mark.parametrize("answer", DRAWN.values(), ids=DRAWN)
FITTING = settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


class Paper(canvas.Canvas):
    """A canvas that remembers what was written, and how far each word reaches."""

    drawn: ClassVar[list["Paper"]] = []

    def __init__(self, height: float) -> None:
        super().__init__(height)
        self.words: list[str] = []
        Paper.drawn.append(self)

    def write(self, x, y, text, *args, **look):
        super().write(x, y, text, *args, **look)
        self.words.append(text)

    def overflowing(self) -> list[str]:
        """The texts that are not wholly on the paper."""
        paper = self.figure.bbox
        boxes = [(text.get_text(), text.get_window_extent()) for text in self.figure.texts]
        return [
            said for said, box in boxes if box.x0 < 0 or box.y0 < 0 or box.x1 > paper.x1 or box.y1 > paper.y1
        ]


@pytest.fixture
def paper(monkeypatch):
    monkeypatch.setattr(canvas, "Canvas", Paper)
    monkeypatch.setattr(Paper, "drawn", [])
    return Paper.drawn


def size(png: bytes) -> tuple[int, int]:
    """Width and height, from the header of a PNG."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", png[16:24])


@answers
def test_a_picture_is_a_png_three_times_as_wide_as_a_phone(answer):
    wide, high = size(pictures.of(answer).png)

    assert wide == WIDTH * PIXELS == 1080
    assert 600 < high < 3000


@answers
def test_the_same_facts_give_the_same_bytes(answer):
    assert pictures.of(answer).png == pictures.of(answer).png


@answers
def test_a_picture_begins_with_the_verdict_and_ends_with_the_last_line(answer, paper):
    picture = pictures.of(answer)
    said = " ".join(paper[0].words)

    assert picture.alt in said
    assert paper[0].words[0] in picture.alt
    assert "generation g7" in said


@answers
def test_no_text_leaves_the_paper(answer, paper):
    pictures.of(answer)

    assert paper[0].overflowing() == []


@answers
def test_every_numeral_on_a_picture_comes_from_a_fact_or_a_name(answer, paper):
    pictures.of(answer)
    words = pictures.WORDS[type(answer)](answer)
    ticks = [fact("win_rate", at, Unit.FRACTION) for at in reliability.TICKS]
    left_out = [fact("others", n, Unit.COUNT) for n in range(9)]
    known = [*answer.facts().values(), *words.own, *ticks, *left_out]

    assert strays(" ".join(paper[0].words), known, names_given(answer)) == []


@FITTING
@given(random.whys() | random.watches())
def test_whatever_the_names_are_all_text_always_stays_on_the_paper(answer):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(canvas, "Canvas", Paper)
        patch.setattr(Paper, "drawn", [])
        patch.setattr(Paper, "png", lambda _: b"")  # only where the words stand matters here
        picture = pictures.of(answer)
        assert picture is None or Paper.drawn[0].overflowing() == []


@pytest.mark.parametrize("answer", [breakdown(), whatif(), why(change=None), drivers(), pipeline(())])
def test_an_answer_with_nothing_to_draw_has_no_picture(answer):
    assert pictures.of(answer) is None


@pytest.mark.parametrize(
    ("answer", "sent"),
    [(why(), True), (watch(), True), (model_card(), True), (HEAT, True), (pipeline(), False)],
)
def test_slack_gets_unasked_what_it_cannot_draw_itself(answer, sent):
    assert pictures.has_picture(answer)
    assert pictures.is_sent_along(answer) is sent


def test_the_title_of_a_change_says_whether_it_is_real():
    assert pictures.of(why()).alt.startswith("I can't show that it dropped.")
    assert pictures.of(real_drop()).alt.startswith("The win rate really dropped.")


@pytest.mark.parametrize(
    ("low", "high", "clear"),
    [("-0.05", "-0.01", True), ("0.01", "0.04", True), ("-0.01", "0.04", False), (None, None, False)],
)
def test_a_part_whose_range_holds_zero_is_drawn_as_noise(low, high, clear):
    assert waterfall.is_clear(points("0.02", "x", low, high)) is clear


def test_things_with_a_signal_are_drawn_first_and_at_most_six():
    many = [watched("stable", ("region", str(n))) for n in range(8)]
    shown = control.chosen([*many, drifting()])

    assert [one.state for one in shown] == ["drift"] + ["stable"] * 5


def test_signals_differ_in_shape_and_not_only_in_colour():
    marks = files.labels()
    shapes = {signal: marker for signal, (marker, _) in control.MARKERS.items()}

    assert {f"watch_mark.{signal}" for signal in shapes} <= set(marks)
    assert shapes["shock_low"] != shapes["shock_high"] != shapes["floor"]


def test_only_pairs_beyond_noise_have_an_arrow():
    assert [heatmap.looks(one)[0] for one in HEAT.pairs] == ["", "▲", "▼", ""]
    assert heatmap.looks(HEAT.pairs[0]) == heatmap.looks(HEAT.pairs[3])


def test_odds_beyond_the_range_of_what_happened_do_not_hold():
    inside = bin_of("0.40", "0.44", 210)  # the range of each is 5 to 50 %
    outside = replace(inside, predicted=replace(inside.predicted, value=Decimal("0.6")))

    assert (reliability.holds(inside), reliability.holds(outside)) == (True, False)


def test_more_pairs_than_a_phone_shows_are_counted(paper):
    pairs = tuple(pair(f"r{row}", f"c{column}", "0.0") for row in range(13) for column in range(6))
    pictures.of(replace(HEAT, pairs=pairs))

    assert "Not drawn: 18 more; see the table." in paper[0].words  # 78 pairs, 12 x 5 drawn


def test_a_pipeline_without_a_quota_has_no_line_for_it(paper):
    pictures.of(pipeline([one for one in FIGURES if one.metric != "quota"]))

    assert "Quota" not in paper[0].words


def test_parts_of_a_change_reach_from_the_rate_before_to_the_rate_after():
    levels = [*waterfall._levels(why())]

    assert levels[0] == pytest.approx(0.4667)
    assert levels[-1] + float(PARTS[-1].effect.value) == pytest.approx(0.4380)


def test_text_is_cut_and_wrapped_to_the_room_there_is():
    assert cut("Acme", 12, False, 100) == "Acme"
    assert cut("W" * 50, 12, False, 60).endswith("…")
    assert width(cut("W" * 50, 12, False, 60), 12) <= 60
    lines = wrapped("one two three four five six seven", 12, most=2, within=60)
    assert len(lines) == 2
    assert lines[-1].endswith("…")


def test_a_character_the_typeface_lacks_is_a_box():
    assert canvas.drawable("A\U0001f680$") == "A□$"


def test_a_scale_puts_values_between_its_ends():
    scale = Scale(0.0, 2.0, 10.0, 30.0)

    assert [scale.at(value) for value in (-1, 0, 1, 2, 9)] == [10, 10, 20, 30, 30]
    assert Scale.over([], MARGIN, WIDTH).at(0.0) == pytest.approx((MARGIN + WIDTH) / 2)


def test_every_answer_with_a_picture_has_its_words():
    assert {template.why, template.watch, template.model} <= set(pictures.WORDS.values())
