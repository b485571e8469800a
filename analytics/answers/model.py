"""What drives winning, and what the model is: the values kept with a generation -> facts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from analytics import verdict
from analytics.answers.errors import AnswerError
from analytics.answers.kinds import Kind, kind
from analytics.answers.lists import available, people
from analytics.answers.mint import Mint, mint_of
from analytics.answers.notes import of_business
from analytics.answers.remember import remembered
from analytics.answers.told import TENTHS, tenths
from analytics.cells import TIME
from analytics.facts import (
    Bin,
    Driver,
    Drivers,
    Fact,
    ModelCard,
    Note,
    Pair,
    SegmentScore,
    Tried,
    Unit,
    Verdict,
)
from analytics.questions import ALL_TIME, EVERYONE, BreakdownQuestion, DriversQuestion, Scope
from analytics.store import CellRow, Generation

if TYPE_CHECKING:
    from analytics.drivers.interactions import Interaction

NO_MODEL = "no_model"  #: the generation was made without one
MEASURES = ("log_loss", "brier", "auc", "ece")

Values = Mapping[str, Any]


#: Nobody is ranked by name: a rep's own page takes luck into account.
PEOPLE = ("rep", "team")


@dataclass(frozen=True, slots=True)
class _Model:
    """What a generation keeps of its model; nothing when it has none."""

    card: Values
    effects: Sequence[Values]
    history: Sequence[Values]


@remembered
def drivers(generation: Generation, question: DriversQuestion, scope: Scope) -> Drivers:
    """What is associated with winning, strongest help first; with two dimensions, what they do together.

    The drivers are of the whole main kind of business, whoever asks: they come from the model, and a note
    says so when the question is narrower. The pairs are counted from the closed deals in scope.

    Raises:
        AnswerError: one dimension alone, or more than two, or one that pairs cannot be made of.
    """
    _check(question)
    mint, kept = mint_of(generation), _kept(generation)
    asked = BreakdownQuestion(question.dimensions, question.filters)
    business = kind(generation, asked)
    found = _interaction(generation, question, business, scope)
    names = people(generation)
    return Drivers(
        speaks=bool(kept.card.get("speaks")),
        base_rate=_base_rate(mint, kept.card),
        drivers=tuple(_driver(mint, one, names) for one in kept.effects if one["feature"] not in PEOPLE),
        dimensions=question.dimensions,
        pairs=tuple(_pairs(mint, question.dimensions, found, names)) if found else (),
        p_value=_p_value(mint, question, found[1].p_value if found else None),
        improvement=_gain(mint, kept.card),
        model=str(kept.card.get("id", "")),
        scope=scope.label if question.dimensions else EVERYONE.label,
        deal_type=business.shown if question.dimensions else "",
        verdict=found[1].verdict if found else Verdict.TOO_FEW,
        notes=tuple(_notes(generation, question, business, scope, kept, mint)),
        as_of=generation.as_of,
        generation=generation.id,
    )


@remembered
def model_card(generation: Generation) -> ModelCard:
    """What the model of a generation is, how good it is on unseen deals, and why it is silent if it is."""
    kept = _kept(generation)
    return card_of(kept.card, kept.history, mint_of(generation), people(generation))


def card_of(card: Values, history: Sequence[Values], mint: Mint, names: Mapping[str, str]) -> ModelCard:
    """The same of any model's card, as `drivers.train` leaves it; `names` are people's by id."""
    surprise = card.get("surprise") or {}
    return ModelCard(
        speaks=bool(card.get("speaks")),
        reason=str(card.get("reason", NO_MODEL)),
        chosen=str(card.get("chosen", "")),
        choice=str(card.get("choice", "only")),
        model=str(card.get("id", "")),
        trained_on=mint.count("training_deals", card.get("trained_on", 0), "all"),
        snapshots=mint.count("snapshots", card.get("snapshots", 0), "all"),
        window_start=mint.day("window_start", card.get("window_start"), "all", NO_MODEL),
        window_end=mint.day("window_end", card.get("window_end"), "all", NO_MODEL),
        test_deals=mint.count("test_deals", card.get("test_deals", 0), "all"),
        test_start=mint.day("test_start", card.get("test_start"), "all", "no_quarters"),
        improvement=_gain(mint, card),
        tried=tuple(_tried(mint, row) for row in card.get("tried", ())),
        bins=tuple(_bin(mint, place, one) for place, one in enumerate(card.get("bins", ()), start=1)),
        segments=tuple(
            _segment(mint, one, names) for one in card.get("segments", ()) if one["dimension"] not in PEOPLE
        ),
        features=tuple(card.get("features", ())),
        left_out=tuple((name, why) for name, why in card.get("left_out", ())),
        surprise=_share(mint, "surprise_rate", surprise.get("rate"), "all", surprise, "too_few"),
        surprise_expected=mint.fact(
            "surprise_expected", surprise.get("expected"), Unit.FRACTION, "all", unknown="too_few"
        ),
        drifted=tuple(card.get("drifted", ())),
        history=tuple((one["day"], one["id"], one["change"]) for one in history),
        notes=(),
        as_of=mint.as_of,
        generation=mint.generation,
    )


def _kept(generation: Generation) -> _Model:
    found = generation.model()
    return _Model(found.get("card") or {}, found.get("effects") or (), found.get("history") or ())


def _check(question: DriversQuestion) -> None:
    if len(question.dimensions) not in (0, 2):
        raise AnswerError(
            "Name two dimensions to see what they do together: `/drivers region by industry`."
        ).called("pairs_of_two")
    if timed := [name for name in question.dimensions if name in (*TIME, "stage")]:
        raise AnswerError(
            f"Pairs cannot be made of {timed[0]!r}: it is not chosen when a deal begins. "
            "Take region, industry, product, lead source, deal type, rep or team."
        ).called("pairs_of", dimension=repr(timed[0]))


def _base_rate(mint: Mint, card: Values) -> Fact:
    base = card.get("base") or {}
    return _share(mint, "model_base_rate", base.get("rate"), "all", base, NO_MODEL)


def _share(mint: Mint, metric: str, value: float | None, entity: str, of: Values, unknown: str) -> Fact:
    """A share with the range and the number of deals that `of` holds."""
    low, high, n = (of.get(name) for name in ("low", "high", "n"))
    return mint.fact(metric, value, Unit.FRACTION, entity, n=n, low=low, high=high, unknown=unknown)


def _gain(mint: Mint, card: Values) -> Fact:
    gain = card.get("improvement") or {}
    value, low, high = (gain.get(name) for name in ("mean", "low", "high"))
    unknown = str(card.get("reason") or NO_MODEL)
    return mint.fact("log_loss_gain", value, Unit.NUMBER, "all", low=low, high=high, unknown=unknown)


def _driver(mint: Mint, one: Values, names: Mapping[str, str]) -> Driver:
    effect = mint.fact(
        "driver_effect",
        one["effect"],
        Unit.POINTS,
        f"{one['feature']}={one['value']}",
        n=one["n"],
        low=one["low"],
        high=one["high"],
        verdict=Verdict(one["verdict"]),
    )
    return Driver(
        feature=one["feature"],
        value=_label(one["feature"], one["value"], names),
        group=one["group"],
        effect=effect,
        stable=one["stable"],
        flipped=one["flipped"],
    )


def _label(dimension: str, value: str, names: Mapping[str, str]) -> str:
    return names.get(value, value) if dimension == "rep" else value


def _interaction(
    generation: Generation, question: DriversQuestion, business: Kind, scope: Scope
) -> "tuple[list[CellRow], Interaction] | None":
    """The cells of the two dimensions and what they show together; None when they show nothing at all."""
    if not question.dimensions:
        return None
    from analytics.drivers.interactions import interaction  # brings the whole room of the model

    kept = (business.filters, ALL_TIME, business.deal_type, scope)
    cells = generation.cells(question.dimensions, *kept)
    first, second = zip(*(row.values for row in cells), strict=True) if cells else ((), ())
    level = verdict.alpha(2, available(generation))
    found = interaction(first, second, [row.won for row in cells], [row.deals for row in cells], level)
    return (cells, found) if found else None


def _pairs(
    mint: Mint,
    dimensions: tuple[str, ...],
    found: "tuple[list[CellRow], Interaction]",
    names: Mapping[str, str],
) -> Iterator[Pair]:
    cells, shown = found
    for place, row in enumerate(cells):
        of = ",".join(f"{d}={v}" for d, v in zip(dimensions, row.values, strict=True))
        first, second = (_label(d, v, names) for d, v in zip(dimensions, row.values, strict=True))
        counted, parts = float(shown.counted[place]), float(shown.usual[place])
        apart = Decimal(tenths(counted) - tenths(parts)) / TENTHS  # adds up as it is read
        low, high = (float(end) for end in verdict.wilson(row.won, row.deals))
        yield Pair(
            values=(first, second),
            win_rate=mint.fact("win_rate", counted, Unit.FRACTION, of, n=row.deals, low=low, high=high),
            parts=mint.fact("parts_win_rate", parts, Unit.FRACTION, of),
            effect=mint.fact(
                "interaction", apart, Unit.POINTS, of, n=row.deals, verdict=shown.verdicts[place]
            ),
        )


def _p_value(mint: Mint, question: DriversQuestion, p: float | None) -> Fact | None:
    if not question.dimensions:
        return None
    return mint.fact("p_value", p, Unit.PROBABILITY, "interaction", unknown="too_few")


def _notes(
    generation: Generation,
    question: DriversQuestion,
    business: Kind,
    scope: Scope,
    kept: _Model,
    mint: Mint,
) -> Iterator[Note]:
    if not kept.card.get("speaks"):
        yield Note(str(kept.card.get("reason", NO_MODEL)))
    if question.dimensions:
        yield from of_business(generation, business, ALL_TIME, scope, mint)
    elif question.filters or not scope.everyone:
        yield Note("drivers_of_everything")
    if question.dimensions and not scope.everyone:
        yield Note("scope", names={"scope": scope.label})


def _tried(mint: Mint, row: Values) -> Tried:
    facts = {
        name: mint.fact(name, row[name], Unit.NUMBER, row["name"], n=row["deals"], unknown="one_outcome")
        for name in MEASURES
    }
    return Tried(name=row["name"], chosen=bool(row["chosen"]), **facts)


def _bin(mint: Mint, place: int, one: Values) -> Bin:
    return Bin(**_reliability(mint, f"bin={place}", one))


def _segment(mint: Mint, one: Values, names: Mapping[str, str]) -> SegmentScore:
    facts = _reliability(mint, f"{one['dimension']}={one['value']}", one)
    value = _label(one["dimension"], one["value"], names)
    return SegmentScore(dimension=one["dimension"], value=value, fits=one["fits"], **facts)


def _reliability(mint: Mint, entity: str, one: Values) -> dict[str, Fact]:
    predicted = mint.fact("predicted", one["predicted"], Unit.FRACTION, entity, n=one["n"])
    return {"predicted": predicted, "observed": _share(mint, "observed", one["observed"], entity, one, "")}
