"""`python -m tests.bench.first_contact`: the checker on frozen sentences not written by its author (E2).

Rates are reported and never aimed at: nothing may be tuned on tests/checker_first_contact.yaml.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from analytics.facts import Fact, Unit, Verdict
from bot.narrator.check import Known, check

FILE = Path(__file__).parents[1] / "checker_first_contact.yaml"
AS_OF = date(2024, 7, 20)
DECIMALS = ("value", "low", "high")


def fact(plain: dict[str, Any]) -> Fact:
    """A fact as the file has it."""
    numbers = {name: Decimal(plain[name]) for name in DECIMALS if name in plain}
    verdict = {"verdict": Verdict(plain["verdict"])} if "verdict" in plain else {}
    typed = numbers | verdict | {"unit": Unit(plain["unit"])}
    return Fact(**{**plain, **typed}, as_of=AS_OF, generation="g000001")


def known(registry: dict[str, Any]) -> Known:
    """What an answer with these facts knows, each name by the entity its facts are about."""
    facts = [fact(plain) for plain in registry["facts"]]
    entities = {one.entity.partition("=")[2]: one.entity for one in facts}
    return Known(facts, {name: entities.get(name, "") for name in registry["names"]})


def judged() -> Iterator[tuple[str, bool, str]]:
    """Class ("" for a true sentence), whether a problem was found, and the sentence."""
    for registry in yaml.safe_load(FILE.read_text(encoding="utf-8")):
        facts = known(registry)
        for sentence in registry["clean"]:
            yield "", bool(check(sentence, facts)), sentence
        for kind, sentences in registry["wrong"].items():
            yield from ((kind, bool(check(sentence, facts)), sentence) for sentence in sentences)


def main() -> None:
    """Print the rates, in all and by class."""
    found, total = Counter[str](), Counter[str]()
    for kind, problem, _ in judged():
        total[kind] += 1
        found[kind] += problem
    wrong = {kind: number for kind, number in total.items() if kind}
    print(f"detection {sum(found[kind] for kind in wrong)} of {sum(wrong.values())}")
    print(f"false alarms {found['']} of {total['']}")
    for kind in sorted(wrong):
        print(f"  {kind:12} {found[kind]} of {total[kind]}")


if __name__ == "__main__":
    main()
