"""A grid in, a CSV file out that a spreadsheet opens as it is, and that nothing in it can take over.

CRLF and a byte order mark, which is what tells Excel that it is UTF-8. Comma and point, or where a comma is
the decimal sign, semicolon and comma: Excel there takes no others. Source: RFC 4180; Excel's own export.
"""

import csv
import io
import re
import unicodedata
from decimal import Decimal

from babel.numbers import get_decimal_symbol

from bot import language
from bot.exports.sheet import Grid, Value
from bot.names import NAMELESS

#: A cell that begins so may be taken for a formula. Source: OWASP, CSV injection.
FORMULAS = ("=", "+", "-", "@", "\t", "\r")

#: UTF-16 units of a cell; what is longer goes on in a cell of its own. Source: Excel's limits.
CELL_MOST = 32_767

#: What a spreadsheet that parts cells at another sign than ours would take for the beginning of a formula:
#: ours is written for the reader's locale, and opened where the system has its own. Source: OWASP, as above.
_AFTER_ANOTHER_SIGN = re.compile("""([,;]["'\\s]*)(?=[=+@＝＋－＠﹢﹣﹦﹫⁺⁼₊₌-])""")

_SPACES = ("Cc", "Zl", "Zp")
_DROPPED = ("Cf", "Cs", "Co", "Cn")  # bidi marks, zero widths, lone surrogates: nobody sees them


def written(grid: Grid) -> bytes:
    """The file, as its reader's spreadsheet expects it: the heads, then a line for each row."""
    out, point = io.StringIO(), decimal_sign(language.current().locale)
    writer = csv.writer(out, lineterminator="\r\n", delimiter=";" if point == "," else ",")
    writer.writerow([safe(head) for head in grid.head])
    writer.writerows([shown(value, point) for value in row] for row in grid.rows)
    return out.getvalue().encode("utf-8-sig")


def decimal_sign(locale: str) -> str:
    """A comma or a point.

    >>> decimal_sign("de_DE"), decimal_sign("en_US"), decimal_sign("")
    (',', '.', '.')
    """
    return "," if locale and get_decimal_symbol(locale) == "," else "."


def shown(value: Value, point: str = ".") -> str:
    """A number in full and without an exponent, a text without what would make it a formula; "" for None.

    >>> shown(Decimal("-2.950")), shown(Decimal("1E+3")), shown("-2.95 off"), shown(None)
    ('-2.95', '1000', "'-2.95 off", '')
    """
    if isinstance(value, Decimal):
        return "0" if value.is_zero() else f"{value.normalize():f}".replace(".", point)
    return safe(value or "")


def safe(text: str) -> str:
    """A text on one line that no spreadsheet computes; an apostrophe goes before one that it might.

    >>> safe("=1+1"), safe("  ＝cmd"), safe("Acme"), safe("—"), safe("Acme;=1+1")
    ("'=1+1", "'＝cmd", 'Acme', '', "Acme;'=1+1")
    """
    plain = " ".join("".join(map(_visible, text)).split())
    plain = _cut(_AFTER_ANOTHER_SIGN.sub(r"\1'", plain))
    if plain == NAMELESS:
        return ""
    return f"'{plain}" if unicodedata.normalize("NFKC", plain[:1]).startswith(FORMULAS) else plain


def _cut(text: str) -> str:
    """What fits into a cell beside an apostrophe; a character beyond the basic plane takes two units."""
    units = text.encode("utf-16-le")[: 2 * (CELL_MOST - 1)]
    return units.decode("utf-16-le", errors="ignore")


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category in _SPACES:
        return " "
    return "" if category in _DROPPED else character
