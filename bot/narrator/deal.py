"""The words for one deal: its odds and what they rest on, its pace, what nobody knows, what to do."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from analytics.facts import DealCard, Fact, Note
from bot import figures
from bot.narrator import plays, situations
from bot.narrator.claims import Claim, Slot, joined, knows, label, listed, say
from bot.narrator.words import Words, finish, notes

OPEN = "open"
#: An outcome -> the sentence that tells the play: what to do, or what to learn.
ADVICE = {OPEN: "deal.play", "won": "deal.learn", "lost": "deal.learn"}
SEEN = ("base_rate_at_stage", "base_rate_in_stage")  #: base rates of deals seen in the same stage


def deal(card: DealCard, stale: Note | None = None) -> Words:
    """Where a deal stands on its day. `stale` is told first of all."""
    top, verdict, offered = headline(card), _verdict(card), plays.fitting(card)
    return finish(
        card,
        headline=top,
        verdict=verdict,
        lines=[*_lines(card), *plays.advice(offered, ADVICE[card.outcome])],
        text=say("deal.text", headline=top, verdict=verdict),
        scope={},
        stale=stale,
        plays=offered,
    )


def headline(card: DealCard) -> Claim:
    """The deal, its amount and where it stands, in a line."""
    known = card.figures
    return say(
        f"deal.headline_{card.outcome}",
        id=card.deal_id,
        amount=known.get("amount"),
        stage=card.stage,
        age=known.get("deal_age_days"),
        closed=known.get("close_date"),
    )


#: A figure that is there when the base rate is of deals in the same stage -> the sentence that says so.
BASES = {
    "base_rate_at_stage": "deal.odds_base_at_stage",
    "base_rate_in_stage": "deal.odds_base_in_stage",
}


def _verdict(card: DealCard) -> Claim:
    known = card.figures
    if card.outcome != OPEN:
        return say(f"deal.closed_{card.outcome}", cycle=known.get("sales_cycle_days"))
    speaks = _is_known(known.get("win_probability"))
    slots: dict[str, Slot] = {
        "odds": known.get("win_probability"),
        "base": known.get("usual_odds" if speaks else "base_rate"),
        "risk": label(f"risk.{card.risk}") if card.risk else None,
        "stage": card.stage,
        "age": known.get("base_rate_age", known.get("deal_age_days")),
    }
    if _is_known(known.get("win_probability")):
        return say("deal.odds_model", **slots)
    sentence = next((said for figure, said in BASES.items() if figure in known), "deal.odds_base")
    return say(sentence, **slots)


def _is_known(fact: Fact | None) -> bool:
    return fact is not None and fact.value is not None


def _lines(card: DealCard) -> list[Claim]:
    """Bullets: why these odds, what is known, then what is not, then the limits. Few enough to be read."""
    return [*_why(card), *_known(card), *_unknown(card), *notes(card.notes)]


def _why(card: DealCard) -> Iterator[Claim]:
    """What weighs most on the odds, else what speaks most for them; or why there are none."""
    if card.outcome != OPEN:
        return
    if parts := reasons(card):
        group, points = min(parts, key=lambda part: part[1].value or 0)
        side = "against" if (points.value or 0) < 0 else "for"
        group, points = (group, points) if side == "against" else parts[0]
        yield say(f"deal.{side}", group=label(f"group.{group}"), points=points)
    elif card.why_silent:
        yield why_silent(card.why_silent)


def reasons(card: DealCard) -> list[tuple[str, Fact]]:
    """What adds up from the usual odds to the deal's, the largest first; nothing that is zero.

    Groups of features, of which there are six at most.
    """
    told = [(group, points) for group, points in card.told if points.value]
    return sorted(told, key=lambda part: abs(part[1].value or Decimal(0)), reverse=True)


def why_silent(code: str) -> Claim:
    """Why the model does not speak."""
    return say(f"silent.{code}" if knows(f"silent.{code}") else "silent.")


#: A figure of the card -> the sentence that tells it, bullet by bullet in the order they are told.
BULLETS: tuple[Mapping[str, str], ...] = (
    {"expected_remaining_days": "remaining"},
    {"close_date": "due"},
    {"days_in_stage": "in_stage"},
    {"days_since_activity": "activity", "push_count": "pushed"},
)
TOLD = {figure: sentence for line in BULLETS for figure, sentence in line.items()}

#: The scores, which stand in fields beside the words; some need more than their figure.
SCORES: Mapping[str, str] = {
    "pvs": "",
    "momentum_percentile": "momentum",
    "health": "",
    "deal_quality": "",
    "revenue_at_risk": "",
    "rep_win_rate": "rep_rate",
}


def scores(card: DealCard) -> Iterator[tuple[str, str]]:
    """Each known score of an open deal: what it is called, and how it reads."""
    for metric, sentence in SCORES.items():
        fact = card.figures.get(metric)
        if card.outcome == OPEN and fact is not None and fact.value is not None:
            said = say(f"deal.{sentence}", **_slots(card)).text if sentence else figures.text(fact)
            yield label(f"score.{metric}").text, said


def _slots(card: DealCard) -> dict[str, Slot]:
    return {**card.figures, "stage": card.stage, "kind": card.owner_kind}


def _known(card: DealCard) -> Iterator[Claim]:
    if card.outcome != OPEN:
        return
    for line in BULLETS:
        yield from _together(_sentences(card, line))
    if card.next_step:
        yield say("deal.next_step", next_step=card.next_step)


def _sentences(card: DealCard, metrics: Iterable[str]) -> Iterator[Claim]:
    """The sentences of these figures, without those that nobody knows."""
    for metric in metrics:
        if _is_worth_telling(metric, card.figures.get(metric)):
            yield say(f"deal.{_sentence(card, metric)}", **_slots(card))


def _together(said: Iterable[Claim]) -> list[Claim]:
    """Sentences as one line, which is known by the first of them; no line without any."""
    parts = list(said)
    return [replace(joined(parts, " "), id=parts[0].id)] if parts else []


def _sentence(card: DealCard, metric: str) -> str:
    """The sentence of a figure; some say more where another figure is known as well."""
    if metric == "close_date" and _is_known(card.figures.get("win_by")):
        return "win_by"
    if metric == "days_in_stage" and card.stage:
        return situations.pace(card) or TOLD[metric]
    return TOLD[metric]


def _is_worth_telling(metric: str, fact: Fact | None) -> bool:
    """Is it known, and not the zero that everybody expects?"""
    return fact is not None and fact.value is not None and not (metric == "push_count" and fact.value == 0)


def _unknown(card: DealCard) -> Iterator[Claim]:
    """One line for each reason, with all that it hides."""
    if card.outcome != OPEN:
        return
    hidden: dict[str, list[Claim]] = {}
    for metric, fact in card.figures.items():
        if fact.value is None and f"metric.{metric}" in LABELLED:
            hidden.setdefault(fact.unknown, []).append(label(f"metric.{metric}"))
    for reason, what in hidden.items():
        yield say("deal.unknown", what=listed(what), why=why(reason))


def why(reason: str) -> Claim:
    """The sentence for the code that a fact without a value carries."""
    known = f"unknown.{reason}"
    return say(known) if knows(known) else say("unknown.", code=reason)


LABELLED = frozenset(f"metric.{metric}" for metric in (*TOLD, *SCORES, "amount", "base_rate"))
