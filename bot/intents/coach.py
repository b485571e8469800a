"""The tree of a `/coach` text -> the page it asks for."""

from collections.abc import Sequence
from datetime import date
from typing import NoReturn

from bot.intents.grammar import Parsed, said, tokens
from bot.intents.intent import (
    AlertLog,
    AlertsPage,
    Backtest,
    Glossary,
    Help,
    Impact,
    MapPerson,
    ModelPage,
    Page,
    Pilot,
    PlaysPage,
    QualityPage,
    Recheck,
    RulesPage,
    SetupPage,
    SharesPage,
    Status,
    Sums,
)
from bot.intents.misunderstood import UnknownWord
from bot.intents.vocabulary import nearest
from bot.intents.words import echo
from bot.refusals import refusal

PAGES = (
    "help",
    "glossary",
    "model",
    "quality",
    "rep",
    "status",
    "week",
    "sums",
    "check",
    "alerts",
    "rules",
    "backtest",
    "impact",
    "pilot",
    "plays",
    "setup",
    "shares",
)
SETUP = ("sources", "mapping", "thresholds", "roles")


def page(tree: Parsed, text: str, topics: Sequence[str], as_of: date | None) -> Page:
    """The page asked for.

    Args:
        topics: what help can be about.
        as_of: the past day that the text names.

    Raises:
        UnknownWord: no such page or topic, or `map` without both people.
    """
    words = {token.type: said([token], text) for token in tokens(tree) if token.type != "DAY"}
    rest = words.pop("REST", "")
    match list(words):
        case ["GLOSSARY"]:
            return Glossary(rest.rstrip(" ?!."))
        case ["QUALITY"]:
            return QualityPage(as_of)
        case ["MODEL"]:
            return ModelPage(as_of)
        case ["STATUS"]:
            return Status()
        case ["SUMS"]:
            return Sums(_line("sums", rest))
        case ["CHECK"]:
            return Recheck(_line("check", rest))
        case ["ALERTS", "ALERT_LOG"]:
            return AlertLog(rest)
        case ["ALERTS"]:
            return AlertsPage() if not rest else _no(rest, ["log"], "/coach alerts")
        case ["RULES"]:
            return RulesPage(rest)
        case ["BACKTEST"]:
            return Backtest(rest) if rest else _which_rule()
        case ["IMPACT"]:
            return Impact()
        case ["PILOT"]:
            return Pilot()
        case ["PLAYS"]:
            return PlaysPage()
        case ["SETUP"]:
            return SetupPage(rest) if rest in ("", *SETUP) else _no(rest, SETUP, "/coach setup")
        case ["SHARES"]:
            return SharesPage()
        case ["MAP", *mention]:
            return _map(words["MENTION"] if mention else "", rest)
        case ["HELP"]:
            return _help(rest, topics)
    return _elsewhere(rest) if rest else Help()


def _elsewhere(text: str) -> NoReturn:
    """Refuse a page; a misspelt one is offered with what follows it."""
    first, _, after = text.partition(" ")
    near = nearest(first, PAGES) if after and not nearest(text, PAGES) else []
    if not near:
        _no(text, PAGES, "/coach")
    raise UnknownWord(
        refusal("no_page", word=echo(first), choices=", ".join(PAGES)), [f"/coach {PAGES[near[0]]} {after}"]
    )


def _which_rule() -> NoReturn:
    raise UnknownWord(refusal("which_rule"), ["/coach backtest stalled", "/coach backtest all"])


def _help(rest: str, topics: Sequence[str]) -> Help:
    topic = rest.lower().removeprefix("/")
    return Help(topic) if topic in ("", *topics) else _no(rest, topics, "/coach help")


def _line(page: str, line: str) -> str:
    if not line:
        raise UnknownWord(refusal("which_answer", page=page), [f"/coach {page} /winrate region"])
    return line


def _map(mention: str, person: str) -> MapPerson:
    if not mention or not person:
        raise UnknownWord(refusal("who_is_who"))
    return MapPerson(mention.strip("<@>").partition("|")[0].upper(), person)


def _no(word: str, choices: Sequence[str], command: str) -> NoReturn:
    """Refuse a word and offer the nearest choices."""
    near = [f"{command} {choices[place]}" for place in nearest(word, choices)]
    raise UnknownWord(refusal("no_page", word=echo(word), choices=", ".join(choices)), near)
