"""What was heard -> the rule that fits all of it, and the lines it makes; or none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from bot.intents.free import asking
from bot.intents.free.asking import Ground
from bot.intents.free.hearing import Heard
from bot.intents.free.meant import Back, Meant
from bot.intents.free.pieces import MATERIAL
from bot.intents.words import quoted
from prompts import files

_NEAREST = 3
_QUESTION = MATERIAL | {"unknown", "arrow"}
_SURE = (MATERIAL | {"deal"}) - {"mine", "today"}


@dataclass(frozen=True, slots=True)
class Rule:
    """Which concepts make which line. Several lines are a choice that the asker has to make."""

    lines: tuple[str, ...]
    needs: tuple[frozenset[str], ...]  # one of these, whole
    allows: frozenset[str]  # these may be said too, and go without saying in the line
    takes: frozenset[str]  # these go into the line
    without: frozenset[str]
    ask: str  # the sentence before a choice
    always: bool  # asked even if there is only one line
    sole: bool  # the one line that works is meant, the period of the others being impossible

    def fit(self, heard: Heard) -> int:
        """How much of what was said the rule is about; 0 unless it accounts for all of it."""
        about = heard.about
        if heard.kinds & self.without:
            return 0
        kinds = heard.kinds
        fitting = [need for need in self.needs if need <= kinds and about <= need | self.allows | self.takes]
        return max(map(len, fitting), default=0)

    def part(self, heard: Heard) -> int:
        """How much of what was said the rule is about, whatever else was said."""
        return max((len(need & heard.about) for need in self.needs if need <= heard.kinds), default=0)

    def written(self, heard: Heard, takes: frozenset[str], me: str = "") -> list[str]:
        """The lines with the words that go into them; `me` is the rep who asks."""
        kinds = [piece.kind for piece in heard.pieces]
        middle = kinds.index("instead") if "instead" in kinds else 0
        slots = {
            "me": quoted(me) if me else "",
            "rest": heard.said(takes),
            "before": Heard(heard.pieces[:middle]).said(takes),
            "after": Heard(heard.pieces[middle:]).said(takes),
        }
        return [" ".join(line.format_map(slots).split()) for line in self.lines]


@cache
def rules() -> tuple[Rule, ...]:
    """All of prompts/free_text.yaml."""
    return tuple(map(_rule, files.free_text()["rules"]))


def limit(heard: Heard) -> str:
    """The code of the limit that was met, or ""."""
    limits: Mapping[str, str] = files.free_text()["limits"]
    about = heard.about - ({"superlative"} if "rest" in heard.kinds else set())
    met = (code for code, needs in limits.items() if any(need <= about for need in _needs(needs)))
    return next(met, "")


def is_help(heard: Heard) -> bool:
    """Is it asked what can be asked, and nothing else?"""
    return bool(heard.about) and heard.about <= {"help", "askable"}


def chosen(heard: Heard, ground: Ground) -> Meant | None:
    """The intent of the rule that fits best, a question back when two do, or None."""
    about = heard.about
    fits = [(rule.fit(heard), rule) for rule in rules()]
    most = max(fit for fit, _ in fits)
    if not most:
        return None
    best, me = [rule for fit, rule in fits if fit == most], ground.reader.rep_id
    lines = [line for rule in best for line in rule.written(heard, rule.takes - rule.allows, me)]
    likely = [line for rule in best for line in rule.written(heard, (rule.takes & _SURE) - rule.allows, me)]
    if "unknown" in about and isinstance(refused := asking.meant(lines[:1], ground, likely=likely), Back):
        return refused
    ask = best[0].ask if len(best) == 1 else "choose"
    if "mine" in about and (whose := _whose(lines, likely, ground)):
        return whose
    if all(rule.sole for rule in best) and len(works := asking.offered(lines, ground)) == 1:
        return ground.intent(works[0][1])
    if any(rule.always for rule in best):
        return asking.back(ask, lines, ground)
    return asking.meant(lines, ground, ask)


def _whose(lines: Sequence[str], everybodys: Sequence[str], ground: Ground) -> Meant | None:
    """`my win rate`: of a rep the same as any; of anybody else not what only `/pipeline` can say."""
    if all(line.startswith(("/pipeline", "/deal", "/coach")) for line in lines):
        return None
    if ground.reader.rep_id:
        return asking.meant(everybodys, ground)
    return asking.back("whose", [*everybodys, "/pipeline mine"], ground)


def nearest(heard: Heard, ground: Ground) -> Back | None:
    """A question back from rules that are about a part of it; None when there are none."""
    about = heard.about
    parts = sorted(((rule.part(heard), rule) for rule in rules()), key=lambda one: -one[0])
    near = [rule for part, rule in parts if part][:_NEAREST]
    lines = [line for rule in near for line in rule.written(heard, rule.takes & _SURE, ground.reader.rep_id)]
    sentence, unknown = "no_leaving_out" if "not" in about else "choose", heard.each("unknown")
    unsure = "not" not in about
    return asking.back(sentence, lines, ground, unknown, unsure=unsure) if near else None


def _rule(written: Mapping[str, Any]) -> Rule:
    lines = tuple(written.get("lines", ())) or (written["line"],)
    takes = frozenset(written["takes"].split()) if "takes" in written else _QUESTION
    return Rule(
        lines=lines,
        needs=_needs(written["needs"]),
        allows=frozenset(written.get("allows", "").split()),
        takes=takes,
        without=frozenset(written.get("without", "").split()),
        ask=written.get("ask", "choose"),
        always=written.get("always", False),
        sole=written.get("sole", False),
    )


@cache
def _needs(written: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(need.split()) for need in written.split("|"))
