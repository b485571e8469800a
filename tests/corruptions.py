"""Sentences for the checker that code made false, one way to each class; none uses its code."""

import random
import re
from collections.abc import Sequence

from analytics.facts import Verdict
from bot.figures import Style
from tests import corrupted_figures as wrong
from tests.corrupted_figures import PERIOD, Corrupt, figures_in
from tests.true_sentences import BEFORE, Case, spelled

FAKES = (
    "Nordics",
    "Zentrix",
    "Marcus Feld",
    "Healthcare",
    "Globex",
    "Oceania",
    "Ravi Menon",
    "Initech",
    "Fleetline",
    "Helen Strand",
    "Biotech",
    "Quorex Labs",
)


def _names(case: Case) -> list[str]:
    """Names in the text that facts are about."""
    labels = {
        part.partition("=")[2] for fact in case.known.facts for part in fact.entity.split(",") if "=" in part
    }
    names = case.known.names
    labels |= {name for name, entity in names.items() if entity} if isinstance(names, dict) else set()
    return [
        name
        for name in labels
        if len(name) > 2 and not name[0].isdigit() and re.search(rf"\b{re.escape(name)}\b", case.text)
    ]


def swapped_entity(case: Case, rng: random.Random) -> str | None:
    """Another name of the same dimension, with other figures."""
    if case.source == "product":
        return _rated(case, rng)
    present = _names(case)
    if not present or not figures_in(case):
        return None
    name = rng.choice(present)
    own = next(f.entity for f in case.known.facts if f.entity.endswith(f"={name}"))
    others = {f.entity for f in case.known.facts if f.entity.split("=")[0] == own.split("=")[0]} - {own}
    new = [one.partition("=")[2] for one in others if one.partition("=")[2] not in case.text]
    return re.sub(rf"\b{re.escape(name)}\b", rng.choice(new), case.text) if new else None


def _rated(case: Case, rng: random.Random) -> str | None:
    """A product's line about the rate of one name, told of another."""
    rates = {
        f.entity: f
        for f in case.known.facts
        if f.metric in ("win_rate", "driver_effect") and "=" in f.entity and "," not in f.entity
    }
    for entity, fact in rates.items():
        name = entity.partition("=")[2]
        if name in case.text and any(
            one in case.text for one in (spelled(fact), spelled(fact, Style.COUNT)) if one
        ):
            like = [
                one
                for one in rates
                if one.split("=")[0] == entity.split("=")[0]
                and one != entity
                and spelled(rates[one]) != spelled(fact)
            ]
            new = [one.partition("=")[2] for one in like]
            return case.text.replace(name, rng.choice(new)) if new and spelled(fact) in case.text else None
    return None


def fake(case: Case, rng: random.Random) -> str | None:
    """A rep, segment, deal or company that does not exist."""
    present, fakes = _names(case), [one for one in FAKES if one not in case.known.names]
    if present:
        name = rng.choice(present)
        new = f"D{rng.randrange(10_000, 99_999)}" if re.fullmatch(r"D\d+", name) else rng.choice(fakes)
        return re.sub(rf"\b{re.escape(name)}\b", new, case.text, count=1)
    told = rng.choice(fakes)
    return rng.choice(
        (f"{told}: {case.text}", f"{case.text} {told} shows the same.", f"{case.text} Ask {told} first.")
    )


def period(case: Case, rng: random.Random) -> str | None:
    """Another time."""
    other = rng.choice(("2021-Q3", "Q4 2020", "2022", "March 2021", "next quarter", "FY19"))
    if PERIOD.search(case.text):
        return PERIOD.sub(other, case.text, count=1)
    if not figures_in(case) or not case.text.endswith("."):
        return None
    return f"{case.text[:-1]} in {other}."


def rank(case: Case, rng: random.Random) -> str | None:
    """A place nobody computed, or the wrong one."""
    present = _names(case)
    name = rng.choice(present) if present else "It"
    if "highest" in case.text:
        return case.text.replace("highest", "lowest")
    places = ("ranks 2nd of 9", "is third in the company", "ranks #5", "comes 7th of 12", "is number two")
    return f"{case.text} {name} {rng.choice(places)}."


_OPPOSITES = {
    "above": "below",
    "below": "above",
    "higher": "lower",
    "lower": "higher",
    "ahead of": "behind",
    "behind": "ahead of",
    "more": "less",
    "less": "more",
    "longer": "shorter",
    "shorter": "longer",
}


def comparison(case: Case, rng: random.Random) -> str | None:
    """The other way round."""
    told = (
        r"\b(?:above|below) the overall|\b(?:higher|lower) than that|\bis (?:ahead of|behind)\b"
        r"|days (?:longer|shorter)"
    )
    if re.search(told, case.text):
        return re.sub(
            told,
            lambda found: re.sub("|".join(_OPPOSITES), lambda word: _OPPOSITES[word[0]], found[0]),
            case.text,
            count=1,
        )
    rates = [
        f
        for f in case.known.facts
        if f.metric == "win_rate"
        and f.entity.count("=") == 1
        and f.value
        and not f.entity.startswith(("stage", "quarter", "month"))
        and "," not in f.entity
        and f.period != BEFORE
    ]
    rates = [
        f for f in rates if not f.entity.split("=")[1].islower() and not f.entity.split("=")[1][0].isdigit()
    ]
    if len(rates) < 2:
        return None
    one, two = sorted(rng.sample(rates, 2), key=lambda fact: fact.value or 0)
    if one.value == two.value or one.entity.split("=")[0] != two.entity.split("=")[0]:
        return None
    names = [fact.entity.partition("=")[2] for fact in (one, two)]
    beats = ("wins more often than", "is ahead of", "outperforms", "has a higher win rate than")
    return f"{case.text} {names[0]} {rng.choice(beats)} {names[1]}."


def negation(case: Case, rng: random.Random) -> str | None:
    """What is so, denied."""
    for told, denied in (
        ("wins ", "does not win "),
        (" won ", " did not win "),
        ("were won", "were not won"),
        (" rose by", " did not rise by"),
        (" fell by", " did not fall by"),
        (" dropped by", " did not drop by"),
        (" stands at ", " is not at "),
        (" is ", " isn't "),
        ("has spent", "has not spent"),
        ("makes up", "does not make up"),
        ("went from", "never went from"),
        ("can't show", "can show"),
        (" are the same within", " are not the same within"),
        ("Don't move", "Move"),
    ):
        if told in case.text and figures_in(case) and "may have" not in case.text:
            return case.text.replace(told, denied, 1)
    return None


def causal(case: Case, rng: random.Random) -> str | None:
    """A reason."""
    tail = rng.choice(
        (
            "because discovery was weak",
            "due to late follow-ups",
            "thanks to better demos",
            "driven by the new pricing",
            "as a result of the reorganisation",
            "which is caused by long gaps",
            "owing to slow replies",
            "so that explains the rest",
            "which led to fewer wins",
            "and the cause is pricing",
            "since reps skip discovery",
        )
    )
    if "associated with it, not a cause" in case.text and rng.random() < 0.7:
        return case.text.replace("associated with it, not a cause", "it caused the difference")
    return f"{case.text.rstrip('.')}, {tail}."


def noise_as_trend(case: Case, rng: random.Random) -> str | None:
    """Chance, told as a trend."""
    if "can't show that it" in case.text:
        return re.sub(
            r"I can't show that it (\w+)\.",
            lambda f: rng.choice(
                (f"It really {f[1]}.", f"It clearly {f[1]}.", f"It {f[1]}, and that is a trend.")
            ),
            case.text,
        )
    if " may have " in case.text:
        return re.sub(
            r" may have (\w+)(.*), but chance could do this",
            lambda f: f" has clearly {f[1]}{f[2]}",
            case.text,
        )
    noise = [
        f
        for f in case.known.facts
        if f.verdict is Verdict.NOISE
        and f.entity.count("=") == 1
        and f.metric == "change"
        and f.entity.split("=")[1] in case.text
    ]
    real = {f.entity for f in case.known.facts if f.verdict is Verdict.SIGNAL}
    if not noise or noise[0].entity in real:
        return None
    name = noise[0].entity.partition("=")[2]
    way = ("rose", "upward", "climbing") if (noise[0].value or 0) > 0 else ("fell", "downward", "sliding")
    claims = (
        f"really {way[0]}",
        f"shows a clear {way[1]} trend",
        f"keeps {way[2]}",
        f"{way[0]} significantly",
    )
    return f"{case.text} {name} {rng.choice(claims)}."


def quantifier(case: Case, rng: random.Random) -> str | None:
    """Most, all or none, which nobody counted."""
    tail = rng.choice(
        (
            "Most reps are below that.",
            "All regions fell.",
            "None of the others won more.",
            "Every deal slipped.",
            "Half of the reps lost.",
            "Nobody closed faster.",
            "The majority of deals stalled.",
            "Nearly all deals were lost.",
            "Everyone improved.",
            "Both teams fell.",
        )
    )
    return f"{case.text} {tail}"


def unbacked_direction(case: Case, rng: random.Random) -> str | None:
    """A way that no signed fact says."""
    tail = rng.choice(
        (
            "Demand is rising.",
            "Deal sizes keep growing.",
            "Discounts increased.",
            "Activity has declined.",
            "The backlog is shrinking.",
            "Prices went up.",
            "Churn improved.",
            "Lead quality deteriorated.",
            "The funnel is getting slower.",
        )
    )
    return f"{case.text} {tail}"


def charset(case: Case, rng: random.Random) -> str | None:
    """Anything that hides, marks up or links."""
    at = rng.randrange(1, len(case.text))
    hidden = rng.choice(("\u200b", "\u202e", "\u2066", "\ufeff", "\U000e0041", "\u00ad", "\x07"))
    shown = rng.choice(
        (
            "<!channel> ",
            "<@U012AB> ",
            "<https://evil.example|here> ",
            "[pay](https://evil.example) ",
            "@channel ",
            "```x``` ",
            "🔟 ",
            "３ ",
            "Ⅷ ",
            "www.evil.com ",
        )
    )
    letters = case.text.replace("a", "а", 1) if "a" in case.text and not _names(case) else None
    return rng.choice(
        [
            case.text[:at] + hidden + case.text[at:],
            shown + case.text,
            f"{case.text} {shown}",
            letters or shown + case.text,
        ]
    )


CLASSES: dict[str, Corrupt] = {
    "wrong number": wrong.wrong_number,
    "x10": wrong.times_ten,
    "K/M scale": wrong.scale,
    "unit": wrong.unit,
    "% vs points": wrong.percent_points,
    "sign": wrong.sign,
    "other fact": wrong.other_fact,
    "swapped entity": swapped_entity,
    "fake name": fake,
    "period": period,
    "denominator": wrong.denominator,
    "rank": rank,
    "derived": wrong.derived,
    "invented": wrong.invented,
    "number words": wrong.number_words,
    "range": wrong.range_,
    "approx": wrong.approx,
    "comparison": comparison,
    "negation": negation,
    "causal": causal,
    "noise as trend": noise_as_trend,
    "quantifier": quantifier,
    "unbacked direction": unbacked_direction,
    "charset": charset,
}


def corrupted(cases: Sequence[Case], seed: int, each: int) -> list[Case]:
    """So many false sentences of every class, from true ones."""
    rng = random.Random(seed)
    made: list[Case] = []
    for kind, corrupt in CLASSES.items():
        found: dict[str, Case] = {}
        for _ in range(each * 60):
            if len(found) == each:
                break
            case = rng.choice(cases)
            text = corrupt(case, rng)
            if text and text != case.text:
                found[text] = Case(text, case.known, kind, case.source)
        made += found.values()
    return made
