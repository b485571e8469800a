"""The tree of a `/winrate` question -> a BreakdownQuestion, part by part."""

from collections.abc import Sequence
from datetime import date
from itertools import combinations

from lark import Token, Tree

from analytics.questions import ALL_TIME, EVERY_TYPE, BreakdownQuestion, Filter, Period
from bot.intents import periods
from bot.intents.grammar import Parsed, tokens
from bot.intents.intent import WinRate, spoken
from bot.intents.misunderstood import TooMuch, UnknownWord
from bot.intents.naming import Naming, listed
from bot.intents.vocabulary import Known, Meaning

MOST_DIMENSIONS = 2
_JOINTS = ("SEPARATOR", "AND", "OR", "VERSUS")

Part = Token | Parsed


def question(tree: Parsed, text: str, known: Known, today: date) -> WinRate:
    """What the tree of a text asks for.

    Raises:
        NotUnderstood: a part has no meaning, or more than one.
    """
    as_of = periods.asof(tree, today)
    return WinRate(_Reading(Naming(text, known), as_of or today).read(tree.children), as_of)


class _Reading:
    """Owns what has been understood so far, while the parts are read from left to right."""

    def __init__(self, naming: Naming, today: date) -> None:
        self.naming, self.today = naming, today
        self.dimensions: list[str] = []
        self.filters: dict[str, list[str]] = {}
        self.period: Period | None = None
        self.by_amount = False
        self.before = ""  # kind of the part before
        self.opened = ""  # the dimension just named without "by": `region EMEA` is a filter
        self.listing = ""  # the dimension whose values are being listed
        self.choice = ""  # OR or VERSUS, until the value after it has come

    def read(self, parts: Sequence[Part]) -> BreakdownQuestion:
        """The whole question."""
        for number, part in enumerate(parts):
            words = [part] if isinstance(part, Token) else list(tokens(part))
            if len(words) == 1 and words[0].type not in ("WORD", "QUOTED"):
                self.naming.refuse_namesake(words[0])
            kind = part.type if isinstance(part, Token) else str(part.data)
            if kind != "FILLER":
                self._take(part, parts[number:])
                self._remember(kind)
        self._refuse_choice()
        filters = tuple(Filter(dimension, tuple(values)) for dimension, values in self.filters.items())
        return BreakdownQuestion(tuple(self.dimensions), filters, self.period or ALL_TIME, self.by_amount)

    def _take(self, part: Part, rest: Sequence[Part]) -> None:
        """One part; `rest` begins with it."""
        match part:
            case Tree("filter", [Token() as name, Token() as value]):
                dimension = _dimension_of(name)
                self._keep(self.naming.meaning([value], dimension, dimension))
            case Tree("value", [Token() as value]):
                self._value(value, rest)
            case Token("NOT" | "COMPARED"):
                raise UnknownWord("I can't leave values out or compare amounts; name the values you want.")
            case _:
                self._refuse_choice()
                self._take_other(part)

    def _take_other(self, part: Part) -> None:
        """A part that is no value."""
        match part:
            case Tree("dimension", [Token() as name]):
                self._dimension(_dimension_of(name))
            case Token("OR" | "VERSUS" as kind):
                self.choice = kind
            case Token("BY_AMOUNT"):
                self.by_amount = True
            case Token("EVERY_TYPE"):
                self._narrow("deal_type", EVERY_TYPE)
            case Token("AMOUNT"):
                readings = ["bands of amount", "the rate by amount"]
                raise self.naming.doubt([part], readings, ["amount band", "by amount"])
            case Tree("span" | "range" | "since" | "after" | "until" | "before" | "rolling" | "to_date"):
                self._period(part)

    def _remember(self, kind: str) -> None:
        """What the next part's place depends on."""
        self.opened = self.opened if kind == "dimension" else ""
        self.listing = self.listing if kind in ("filter", "value", *_JOINTS) else ""
        self.before = kind

    def _dimension(self, name: str) -> None:
        """Split by one more thing."""
        if name not in self.dimensions:
            self.dimensions.append(name)
            self.opened = "" if self.before == "BY" else name
        if len(self.dimensions) > MOST_DIMENSIONS:
            spelt = [spoken(dimension) for dimension in self.dimensions]
            pairs = [f"/winrate {', '.join(pair)}" for pair in combinations(spelt, MOST_DIMENSIONS)]
            raise TooMuch(f"I can split by two things at most, and you named {listed(spelt, 'and')}.", pairs)

    def _value(self, value: Token, rest: Sequence[Part]) -> None:
        """A value without its dimension: the one just named, or being listed, goes first."""
        hint = self.opened or (self.listing if self.before in _JOINTS else "")
        narrowed = hint if hint and self.naming.named(value, hint) else None
        words = [value] if value.type == "QUOTED" else self._unknown_run(rest)
        meaning = self.naming.meaning(words, narrowed, hint)
        if meaning.dimension == self.opened:
            self.dimensions.remove(self.opened)
        self._keep(meaning)

    def _unknown_run(self, rest: Sequence[Part]) -> list[Token]:
        """The first word and those after it that are no known value."""
        run: list[Token] = []
        for part in rest:
            match part:
                case Tree("value", [Token() as word]) if not run or not self.naming.named(word):
                    run.append(word)
                case _:
                    break
        return run

    def _keep(self, meaning: Meaning) -> None:
        """One more filter, alone or as the other side of "or" and "versus"."""
        if meaning.dimension != self.listing:
            self._refuse_choice()
        if self.choice == "VERSUS":
            self._dimension(meaning.dimension)
        self._narrow(meaning.dimension, meaning.value)
        self.listing, self.choice = meaning.dimension, ""

    def _narrow(self, dimension: str, value: str) -> None:
        values = self.filters.setdefault(dimension, [])
        if dimension == "deal_type" and EVERY_TYPE in (value, *values):
            values[:] = [EVERY_TYPE]
        elif value not in values:
            values.append(value)

    def _period(self, part: Parsed) -> None:
        """The question's one period."""
        found = periods.period(part, self.today)
        words = list(tokens(part))
        if self.before == "FROM" and part.data == "span":
            found = periods.since(found)
        elif part.data == "span" and words[-1].type == "DAY":
            readings = ["what was known that day", "everything since then"]
            raise self.naming.doubt(words, readings, [f"asof {found.start}", f"since {found.start}"])
        if self.period not in (None, found):
            raise TooMuch("I can show one period at a time; to compare, split by `quarter` or `month`.")
        self.period = found

    def _refuse_choice(self) -> None:
        if self.choice:
            raise TooMuch(
                "I can only take one or the other among values of one dimension, like two regions; "
                "other filters all hold together."
            )


def _dimension_of(name: Token) -> str:
    """The dimension that a terminal is called after; an amount can only be filtered by its band."""
    return "amount_band" if name.type == "AMOUNT" else name.type.lower()
