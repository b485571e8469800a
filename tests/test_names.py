"""Names from the CRM: shown, and never obeyed."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.names import LONGEST, clean, escape

LIVE = re.compile(r"https?://|<[@!#]|\]\(|[`*~]")
INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")

#: narration.md, attack corpus (a) and (b).
HOSTILE = (
    "<!channel>",
    "<!here>",
    "<!everyone>",
    "<!subteam^S1>",
    "<@U012AB>",
    "<#C1>",
    "<#C1|general>",
    "<https://evil.example|slack.com>",
    "<mailto:a@evil.example|mail>",
    "[pay](https://evil.example)",
    "![x](https://evil.example/a.png?d=1)",
    "[x]\u200b(https://evil.example)",
    "https:/\u200b/evil.example",
    "ht\u202etps://evil.example",
    "https<>://evil.example",
    "@channel",
    "`code`",
    "*URGENT*",
    "_so_ ~not~",
    "> quote",
    "&lt;!channel&gt;",
    "&amp;lt;!channel&amp;gt;",
    "&l<>t;!here&gt;",
    "a" * 5000,
    "two\nlines",
    "tab\there",
    "nul\x00byte",
    "\u202eright to left",
    "ze\u200bro\ufeff",
    "Мaya",
    "\uff1c!channel\uff1e",
    "tag\U000e0041\U000e007f",
    "1\ufe0f\u20e3",
    ":rotating_light:",
    "\ud800",
    "\u3164",
    "",
)
TEXTS = st.one_of(
    st.text(max_size=300),
    st.text(alphabet="<>@!#[]()&;:/*_`~|\\ \n\u200b\u202ehtpslgam", max_size=300),
    st.sampled_from(HOSTILE),
    st.lists(st.sampled_from(HOSTILE), max_size=4).map("".join),
)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Priya Rao", "Priya Rao"),
        ("rep_22", "rep_22"),
        ("AT&T", "AT&T"),
        ("Müller & Söhne (Köln)", "Müller & Söhne (Köln)"),
        ("Acme: renewal 2024", "Acme: renewal 2024"),
        ("<!channel> Acme", "!channel Acme"),
        ("two\nlines", "two lines"),
        ("*URGENT* _now_", "URGENT now"),
        ("&amp;lt;@U1&amp;gt;", "at U1"),
        ("", "—"),
        ("\u200b\u202e", "—"),
    ],
)
def test_a_name_stays_readable(name, shown):
    assert clean(name) == shown


@given(TEXTS)
@example("&amp;" * 60)
@example("a:" + "b" * 57 + ": c")
def test_a_cleaned_name_never_carries_live_markup(name):
    shown = clean(name)

    assert not LIVE.search(shown)
    assert not LIVE.search(escape(shown))
    assert not any(unicodedata.category(character) in INVISIBLE for character in shown)


@given(TEXTS)
def test_cleaning_twice_always_changes_nothing(name):
    assert clean(clean(name)) == clean(name)


@given(TEXTS)
def test_a_cleaned_name_is_always_one_short_line(name):
    shown = clean(name)

    assert 1 <= len(shown) <= LONGEST
    assert shown == " ".join(shown.split())


@given(TEXTS)
def test_escaped_text_never_opens_a_tag(name):
    assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", escape(name))


def test_a_long_name_says_that_it_was_cut():
    assert clean("a" * 61) == "a" * 59 + "…"
