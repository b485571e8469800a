"""Text as typed -> text the grammar can read, and words of it that may be shown back."""

import re
import unicodedata

from bot import names

_SPACES = ("Cc", "Zs", "Zl", "Zp")
_DROPPED = ("Cf", "Cs", "Co", "Cn")  # right-to-left marks, zero widths, lone surrogates, private use
_ALIKE = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "`": " ", "≠": "!="}
)
_ESCAPED = re.compile(r"&(?:amp;)*(?:(lt;)|(gt;))|&(?:amp;)+")  # how Slack writes < > & in a command
_QUOTED = re.compile(r"""("(?:\\.|[^"\\])*")|(?<![^ =,(:])'([^'"]*)'(?![^ ,)])""")


def clean(text: str) -> str:
    """One line without invisible characters, with plain quotes and single spaces.

    >>> clean("region\\u202e =  ‘North\\u200b America’\\n")
    'region = "North America"'
    """
    text = text.translate(_ALIKE)
    if not text.isascii() or not text.isprintable():
        text = "".join(map(_visible, unicodedata.normalize("NFKC", text))).translate(_ALIKE)
    text = _ESCAPED.sub(lambda found: "<" if found[1] else ">" if found[2] else "&", text)
    return _QUOTED.sub(lambda found: found[1] or f'"{found[2]}"', " ".join(text.split()))


def fold(text: str) -> str:
    """The text without case and accents, and exactly as long, so that places in the two agree.

    >>> fold("Düsseldorf EMEA")
    'dusseldorf emea'
    """
    return text.lower() if text.isascii() else "".join(map(_folded, text))


def echo(text: str) -> str:
    """Words of the reader in quotes, harmless and short enough to be part of our sentence.

    >>> echo("<!channel> drop")
    "'!channel drop'"
    """
    return repr(names.clean(text.replace("&", " "), 40))


def quoted(text: str) -> str:
    """The text cleaned and in double quotes, as the grammar reads it.

    >>> quoted('12" pipe')
    '"12\\\\" pipe"'
    """
    return '"' + clean(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def unquoted(text: str) -> str:
    """A word as it is; text in double quotes without them.

    >>> unquoted(quoted('a\\\\"b')), unquoted("EMEA")
    ('a\\\\"b', 'EMEA')
    """
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith('"') else text


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    return " " if category in _SPACES else "" if category in _DROPPED else character


def _folded(character: str) -> str:
    base = [c for c in unicodedata.normalize("NFD", character) if unicodedata.category(c) != "Mn"]
    lowered = base[0].lower() if len(base) == 1 else character
    return lowered if len(lowered) == 1 else character
