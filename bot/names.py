"""A name from the CRM in, the same name out, without anything that Slack or a terminal would obey.

Names are written by strangers. `clean` is what may be shown anywhere as plain text; `escape` makes the form
for the places that Slack reads as markup (a message's `text`, a `mrkdwn` object).
"""

import html
import re
import unicodedata
from functools import lru_cache

LONGEST = 60  #: characters of a name that are shown
NAMELESS = "—"  #: shown for a name of which nothing is left: Slack refuses an empty text

_ACTIVE = re.compile(
    r"[\\`*~|@\[\]]|(?<=:)/(?=/)|(?<![^\W_])_|_(?![^\W_])|^[#+-]|(?<=^\d)[.)]|(?<=^\d\d)[.)]"
)
_ADDRESS_DOT = re.compile(r"(?<=\w)\.(?=[^\W\d_])")
_MARKUP = dict.fromkeys(map(ord, "<>[]`*~|\\"))
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2800") | frozenset(
    chr(code) for start, end in ((0x180B, 0x180F), (0xFE00, 0xFE0F)) for code in range(start, end + 1)
)
_SPACES = ("Cc", "Zs", "Zl", "Zp")  # controls too: a newline parts two words
_DROPPED = ("Cf", "Cs", "Co", "Cn")  # bidi marks, zero widths, tags, lone surrogates, private use


@lru_cache(maxsize=4096)  # an answer says the same few names many times
def clean(name: str, longest: int = LONGEST) -> str:
    """The name as one short line of plain text.

    Cleaning a cleaned name changes nothing, which is how it is sure that no step re-armed what an earlier
    one took away: the steps are repeated until they agree.

    >>> clean("Acme <!channel>\\n*URGENT* https://evil.example")
    'Acme !channel URGENT https //evil.example'
    >>> clean("&lt;@U1&gt; & Sons"), clean("rep_22"), clean("")
    ('at U1 & Sons', 'rep_22', '—')
    """
    shown = _cleaned_once(name, longest)
    while (again := _cleaned_once(shown, longest)) != shown:
        shown = again
    return shown


def escape(text: str) -> str:
    """Plain text for a place that Slack reads as markup.

    >>> escape("AT&T < 5")
    'AT&amp;T &lt; 5'
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def markdown(text: str) -> str:
    """Plain text for a place that Slack reads as Markdown: no link, mention, emphasis or heading in it.

    A dot that could be part of an address becomes one that only looks the same, since nothing else keeps
    Slack from making a link of a bare domain.

    >>> markdown("# AT&T <b> won *3.5 %* of evil.com, rep_22")
    '\\\\# AT&amp;T &lt;b&gt; won \\\\*3.5 %\\\\* of evil․com, rep_22'
    """
    return _ADDRESS_DOT.sub("\u2024", _ACTIVE.sub(r"\\\g<0>", escape(text)))


def _cleaned_once(name: str, longest: int) -> str:
    shown = unicodedata.normalize("NFC", html.unescape(name[: 20 * longest]))
    shown = "".join(map(_visible, shown)).translate(_MARKUP).replace("@", " at ")
    shown = re.sub(r"(?<![^\W_])_+|_+(?![^\W_])|__+", "", shown)  # rep_22 stays, _so_ does not
    shown = re.sub(r":(?! )", " ", shown)  # neither an address nor an emoji code
    return _cut(" ".join(shown.split()), longest) or NAMELESS


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category in _SPACES:
        return " "
    return "" if category in _DROPPED or character in _INVISIBLE else character


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"
