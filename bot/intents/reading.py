"""The tree of a question -> what was said in it, part by part; what its command cannot use is refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from lark import Token, Tree

from analytics.questions import EVERY_TYPE, Filter, Period
from bot.intents import periods
from bot.intents.days import asof
from bot.intents.grammar import Parsed, place, tokens
from bot.intents.misunderstood import TooMuch, UnknownWord
from bot.intents.naming import Naming
from bot.intents.vocabulary import Known, Meaning
from bot.refusals import refusal

Part = Token | Parsed

_JOINTS = ("SEPARATOR", "AND", "OR", "VERSUS")
_ARROWS = ("to", "into", "onto", "towards")

#: Words that only some commands use: what to say where they mean nothing.
_MISPLACED = {
    "BY_AMOUNT": "by_amount_there",
    "CREATED": "created_there",
    "CHALLENGE": "challenge_there",
    "FLOOR": "floor_there",
    "MINE": "whose_there",
    "SHIFT": "shift_there",
    "DROP": "drop_there",
}


@dataclass(frozen=True, slots=True)
class Said:
    """What was said in a question, in whatever order."""

    dimensions: tuple[str, ...]
    filters: tuple[Filter, ...]
    to: tuple[Filter, ...]  # what came after an arrow: `to Referral`
    period: Period | None  # where the command takes one
    periods: tuple[Parsed, ...]  # where it takes two, unread
    words: Mapping[str, Token]  # words of one command: BY_AMOUNT, CREATED, FLOOR, ...
    naming: Naming
    today: date  # the day that the question is seen from
    as_of: date | None  # the past day it is about


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What a command can be told, besides filters and a past day."""

    words: frozenset[str] = frozenset()
    periods: int = 1  # 0, 1, or 2 to compare
    ahead: bool = False  # the period may lie in the future
    arrow: bool = False  # `A to B`
    no_period: str = ""  # the refusal of a period where there is none
    about: str = ""  # the dimension that a bare value is looked for in first


def read(tree: Parsed, text: str, known: Known, today: date, form: Form) -> Said:
    """All that was said.

    Raises:
        NotUnderstood: a part has no meaning, or more than one, or none in this command.
    """
    as_of = asof(tree, today)
    return _Reading(Naming(text, known), as_of or today, form).read(tree.children, as_of)


@dataclass(slots=True)
class _Reading:
    """Owns what has been understood so far, while the parts are read from left to right."""

    naming: Naming
    today: date
    form: Form
    dimensions: list[str] = field(default_factory=list)
    filters: dict[str, list[str]] = field(default_factory=dict)
    segment: dict[str, list[str]] | None = None  # the filters before an arrow
    period: Period | None = None
    periods: list[Parsed] = field(default_factory=list)
    words: dict[str, Token] = field(default_factory=dict)
    before: str = ""  # kind of the part before
    opened: str = ""  # the dimension just named without "by": `region EMEA` is a filter
    listing: str = ""  # the dimension whose values are being listed
    choice: str = ""  # OR or VERSUS, until the value after it has come

    def read(self, parts: Sequence[Part], as_of: date | None) -> Said:
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
        segment = self.filters if self.segment is None else self.segment
        return Said(
            dimensions=tuple(self.dimensions),
            filters=_frozen(segment),
            to=() if self.segment is None else _frozen(self.filters),
            period=self.period,
            periods=tuple(self.periods),
            words=self.words,
            naming=self.naming,
            today=self.today,
            as_of=as_of,
        )

    def _take(self, part: Part, rest: Sequence[Part]) -> None:
        """One part; `rest` begins with it."""
        match part:
            case Tree("filter", [Token() as name, Token() as value]):
                dimension = _dimension_of(name)
                self._keep(self.naming.meaning([value], dimension, dimension))
            case Tree("value", [Token("WORD", word)]) if self.form.arrow and word in _ARROWS:
                self._arrow()
            case Tree("value", [Token() as value]):
                self._value(value, rest)
            case Token("NOT" | "COMPARED"):
                raise UnknownWord(refusal("no_leaving_out"))
            case Token("ALL"):
                self._all(part)
            case Tree():
                self._take_group(part)
            case _:
                self._refuse_choice()
                self._take_word(part)

    def _take_group(self, part: Parsed) -> None:
        """A dimension or a period."""
        if part.data == "dimension":
            self._refuse_choice()
            self._dimension(_dimension_of(next(tokens(part))))
        elif part.data != "asof":
            self._period(part)

    def _take_word(self, word: Token) -> None:
        """A small word, or one that only some commands use."""
        match word.type:
            case "OR" | "VERSUS":
                self.choice = word.type
            case "EVERY_TYPE":
                self._narrow("deal_type", EVERY_TYPE)
            case "AMOUNT":
                readings = ["bands of amount", "the rate by amount"]
                raise self.naming.doubt([word], readings, ["amount band", "by amount"])
            case kind if kind in self.form.words:
                self.words[kind] = word
            case kind if kind in _MISPLACED:
                raise UnknownWord(refusal(_MISPLACED[kind], example="35 %"), [""], place([word]))

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

    def _value(self, value: Token, rest: Sequence[Part]) -> None:
        """A value without its dimension: the one just named, or being listed, goes first."""
        hint = self._hint()
        narrowed = hint if hint and self.naming.named(value, hint) else None
        words = [value] if value.type == "QUOTED" else self._unknown_run(rest)
        meaning = self.naming.meaning(words, narrowed, hint)
        if meaning.dimension == self.opened:
            self.dimensions.remove(self.opened)
        self._keep(meaning)

    def _hint(self) -> str:
        """The dimension that a bare value would be of, by its place."""
        beside = self.before in _JOINTS or (self.segment is not None and not self.filters)
        return self.opened or (self.listing if beside else "") or self.form.about

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

    def _all(self, word: Token) -> None:
        """`deal type all`, or all deals: what everybody gets who does not narrow."""
        if self._hint() == "deal_type":
            self.dimensions = [name for name in self.dimensions if name != self.opened]
            self._keep(Meaning("deal_type", EVERY_TYPE, EVERY_TYPE))
        elif "ALL" in self.form.words:
            self.words["ALL"] = word

    def _arrow(self) -> None:
        """What follows is where the work goes."""
        if self.segment is not None:
            raise TooMuch(refusal("one_shift"))
        self.segment, self.filters = self.filters, {}

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
        """One more period, as far as the command takes any."""
        words = list(tokens(part))
        if not self.form.periods:
            raise TooMuch(refusal(self.form.no_period), [""], place(words))
        found = periods.period(part, self.today, ahead=self.form.ahead)
        if self.before == "FROM" and part.data == "span":
            found = periods.since(found)
        elif part.data == "span" and words[-1].type == "DAY":
            readings = [refusal("known_that_day"), refusal("since_that_day")]
            raise self.naming.doubt(words, readings, [f"asof {found.start}", f"since {found.start}"])
        if self.form.periods == 2:
            self.periods.append(part)
            self.choice = ""
        else:
            self._only(found)

    def _only(self, found: Period) -> None:
        """The question's one period."""
        if self.period not in (None, found):
            pair = [f"/why {one.label} vs {found.label}" for one in (self.period,) if one]
            raise TooMuch(refusal("one_period"), pair)
        self._refuse_choice()
        self.period = found

    def _refuse_choice(self) -> None:
        if self.choice == "VERSUS" and self.form.periods == 2:
            raise UnknownWord(refusal("versus_what"))
        if self.choice:
            raise TooMuch(refusal("one_choice"))


def _frozen(filters: Mapping[str, Sequence[str]]) -> tuple[Filter, ...]:
    return tuple(Filter(dimension, tuple(values)) for dimension, values in filters.items())


def _dimension_of(name: Token) -> str:
    """The dimension that a terminal is called after; an amount can only be filtered by its band."""
    return "amount_band" if name.type == "AMOUNT" else name.type.lower()
