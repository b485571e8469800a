"""The words of an answer in, all that a model may refer to out: ids, and the sentence each stands for."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count, product
from string import ascii_uppercase
from typing import Any, Literal

from analytics.facts import Fact, Verdict
from bot.narrator.claims import Claim
from bot.narrator.words import Words
from prompts import files

Mode = Literal["suggest", "select", "off"]

MOST_LINES = 8  #: told by the model; limits come on top. Source: what fits a phone without scrolling twice
LEAST_LINES = 3  #: of claims that limit nothing, where there are so many; the template fills up

#: Sentences that limit an answer: they are told whatever the model chooses.
LIMITS = re.compile(
    r"(note|silent|unknown)\..*|deal\.unknown|breakdown\.(gap|more|check\w*)|funnel\.follows"
    r"|why\.(detectable|found_check|more_found|rivals|wider_\w+|same_days|run_against)"
    r"|watch\.(detectable|false_alarms\w*|no_baseline_for|wobble|moved|more)|whatif\.(assumed_\w+|unused)"
    r"|drivers\.(flipped|unstable|people|associated)|pipeline\.(proven|no_quota)|rep\.(equal|cannot_tell)"
    r"|model\.(left_out|misfits|surprise|drifted|cannot_\w+)|alert\.why_\w+|team_week\..*|week\.(rate|no_\w+|strength_\w+|look_\w+)"
)

#: What matters most in an answer: told whatever the model chooses, good news and bad.
MAIN = re.compile(
    r"deal\.(stalled|slow|due|against)|pipeline\.(stalled|first_look)|receipt\.nothing"
    r"|week\.(won|lost|stalled|odds_fell)"
)

#: Besides deals, verdicts on which a suggestion may be made although they show nothing (`STRENGTHS`).
OPEN_TO_SUGGESTIONS = re.compile(r"(pipeline|funnel)\..*")

#: Where an answer is about people: nothing is suggested, for every word would be about them.
PEOPLE = re.compile(r"(all )?(rep|team|manager)s?\b")

#: How sure a verdict is, in the words the model is told.
STRENGTHS = {
    Verdict.SIGNAL: "strong",
    Verdict.HINT: "weak",
    Verdict.NOISE: "none",
    Verdict.TOO_FEW: "none",
}


@dataclass(frozen=True, slots=True)
class Registry:
    """What one answer may be told with. A name from the CRM is in `names` only; the model sees its handle."""

    mode: Mode
    verdict: Claim | None
    claims: Mapping[str, Claim]  # c1, c2, ... in the template's order
    plays: Mapping[str, Claim]  # by the play's own id, the most fitting first; none without `advice`
    advice: Claim | None  # the template's bullet that tells the first of them
    lead: str  # how it begins: "Do next: ", "For your next talk: "
    handles: Mapping[str, str]  # name -> NameA, NameB, ...
    facts: Mapping[str, Fact]  # those of the answer, by id

    @property
    def names(self) -> tuple[str, ...]:
        """Every name from the CRM that this answer says."""
        return tuple(self.handles)

    @property
    def may_suggest(self) -> bool:
        """Is it an answer that calls for an action, and none about people?"""
        if self.verdict is None:
            return False
        if self.verdict.id.startswith("deal."):
            return True
        of_people = any(PEOPLE.match(fact.entity) for fact in self.facts.values())
        is_shown = self._strength(self.verdict) in ("strong", "weak")
        return not of_people and (is_shown or bool(OPEN_TO_SUGGESTIONS.fullmatch(self.verdict.id)))

    @property
    def required(self) -> tuple[str, ...]:
        """Ids of the claims that are told in any case: what limits the answer, and what matters most."""
        return tuple(known for known, claim in self.claims.items() if is_limit(claim) or is_main(claim))

    @property
    def is_free(self) -> bool:
        """Is there any claim that may be left out?"""
        return not all(map(is_limit, self.claims.values()))

    def advised(self, play: Claim) -> Claim:
        """The line for any play, begun as the template begins its own."""
        return Claim(play.id, self.lead + play.marked, play.fact_ids)

    def request(self) -> dict[str, Any]:
        """What the model is shown, as plain values without a name from the CRM.

        Returns:
            `verdict`, `say`, `claims` and `plays`; a claim has `polarity` (good, bad) and `strength` (strong,
            weak, none) where these follow from its facts, and `limit` where it limits the answer.
        """
        return {
            "verdict": self._shown(self.verdict) if self.verdict else {},
            "say": self.mode == "suggest",
            "claims": [{"id": known, **self._shown(claim)} for known, claim in self.claims.items()],
            "plays": [{"id": known, "text": self._masked(play)} for known, play in self.plays.items()],
        }

    def schema(self) -> dict[str, Any]:
        """The strict JSON schema of an answer; ids outside this registry do not fit it."""
        claim = {"type": "string", "enum": list(self.claims)}
        chosen = {"type": "array", "items": claim, "minItems": 1, "maxItems": 1}
        options = [_closed({"claims": chosen})]
        if self.plays:
            options.append(_closed({"play": {"type": "string", "enum": list(self.plays)}, "for": claim}))
        if self.mode == "suggest":
            options.append(_closed({"say": {"type": "string"}}))
        items = {"type": "array", "items": {"anyOf": options}, "minItems": 1, "maxItems": MOST_LINES}
        return _closed({"blocks": items})

    def _shown(self, claim: Claim) -> dict[str, Any]:
        known = {"polarity": polarity(claim), "strength": self._strength(claim)}
        limit = {"limit": True} if is_limit(claim) else {}
        return {"text": self._masked(claim), **{name: told for name, told in known.items() if told}, **limit}

    def _masked(self, claim: Claim) -> str:
        return claim.masked(self.handles.__getitem__)

    def _strength(self, claim: Claim) -> str:
        """As the id of a verdict's sentence says, else of its least sure fact; "" when neither tells."""
        name = claim.id.partition(".")[2]
        named = [verdict for verdict in Verdict if name.startswith(verdict.name.lower())]
        found = {self.facts[known].verdict for known in claim.fact_ids if known in self.facts}
        told = named or [verdict for verdict in reversed(Verdict) if verdict in found]
        return STRENGTHS[told[0]] if told else ""


def is_limit(claim: Claim) -> bool:
    """Does it limit the answer?"""
    return bool(LIMITS.fullmatch(claim.id))


def is_main(claim: Claim) -> bool:
    """May it not be left out?"""
    return bool(MAIN.fullmatch(claim.id))


def polarity(claim: Claim) -> str:
    """Is it "good" or "bad" news; "" for neither."""
    return files.labels().get(f"polarity.{claim.id}", "")


def registry(words: Words, mode: Mode, facts: Mapping[str, Fact] | None = None) -> Registry:
    """All that may be told of an answer.

    Args:
        mode: "suggest" is "select" where nothing is shown, or the answer is about people.
        facts: the answer's facts; without them no strength is known but the verdict's own.
    """
    advice = next((claim for claim in words.said if _tells_play(claim, words)), None)
    claims = [claim for claim in words.said if claim is not advice]
    plays = words.plays if advice else ()
    about = [words.about] if words.about else []
    names = dict.fromkeys(name for claim in (*about, *claims, *plays) for name in claim.names)
    made = Registry(
        mode=mode,
        verdict=words.about,
        claims={f"c{number}": claim for number, claim in enumerate(claims, 1)},
        plays={play.id: play for play in plays},
        advice=advice,
        lead=advice.marked.removesuffix(plays[0].marked) if advice else "",
        handles=dict(zip(names, _handles(), strict=False)),
        facts=dict(facts or {}) | {fact.id: fact for fact in words.own},
    )
    return replace(made, mode="select") if mode == "suggest" and not made.may_suggest else made


def _tells_play(claim: Claim, words: Words) -> bool:
    return bool(words.plays) and claim.marked.endswith(words.plays[0].marked)


def _handles() -> Iterator[str]:
    """NameA to NameZ, then NameAA: letters only, so that no handle holds a numeral."""
    for length in count(1):
        yield from (f"Name{''.join(letters)}" for letters in product(ascii_uppercase, repeat=length))


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    """An object with exactly these fields, as strict schemas want it."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
