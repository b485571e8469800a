"""The commands: what help, the manifest and the README show of each, and examples that fit the data."""

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

from analytics.questions import NOT_SET
from bot.intents.intent import spoken
from bot.intents.vocabulary import Known, Meaning
from bot.intents.words import quoted
from prompts import files


@dataclass(frozen=True, slots=True)
class Command:
    """One slash command."""

    name: str
    usage: str  # what may follow the name
    patterns: tuple[str, ...]  # examples; a name in braces is filled in from the data

    @property
    def help(self) -> str:
        """What it is for, in one line."""
        return files.labels()[f"command.{self.topic}"]

    @property
    def topic(self) -> str:
        """The name without its slash, as in `/coach help winrate`."""
        return self.name.removeprefix("/")


COMMANDS = (
    Command(
        "/winrate",
        "[dimensions] [filters] [period] [asof DAY]",
        (
            "/winrate {dimension}",
            "/winrate {second}",
            "/winrate {value} last quarter",
            "/winrate quarter",
            "/winrate last quarter",
            "/winrate help",
        ),
    ),
    Command(
        "/why",
        "[PERIOD vs PERIOD] [by DIMENSION] [filters] [created] [challenge] [asof DAY]",
        ("/why last quarter", "/why by {dimension}", "/why challenge", "/why ytd", "/why"),
    ),
    Command(
        "/watch",
        "[dimension] [filters] [below 35 %] [asof DAY]",
        ("/watch {dimension}", "/watch {value}", "/watch below 35 %", "/watch"),
    ),
    Command(
        "/drivers",
        "[DIMENSION by DIMENSION] [filters] [asof DAY]",
        ("/drivers", "/drivers {dimension} by {second}", "/drivers {value}", "/drivers help"),
    ),
    Command(
        "/pipeline",
        "[mine|team|all] [PERIOD] [filters] [asof DAY]",
        ("/pipeline", "/pipeline mine", "/pipeline {value} next quarter", "/pipeline team this quarter"),
    ),
    Command(
        "/whatif",
        "drop VALUE | shift VALUE to VALUE [PERIOD] [asof DAY]",
        ("/whatif drop {value}", "/whatif shift {value} to {other}", "/whatif help"),
    ),
    Command(
        "/funnel",
        "[PERIOD] [filters] [asof DAY]",
        ("/funnel", "/funnel last quarter", "/funnel {value}"),
    ),
    Command(
        "/deal",
        "ID [changes] [asof DAY]",
        ("/deal D00123", "/deal D00123 changes", "/deal D00123 asof 2024-01-15"),
    ),
    Command(
        "/coach",
        "help | glossary [term] | rep NAME | week NAME | model | quality | status"
        " | sums LINE | check LINE | alerts [log] | rules [ID] | backtest ID|all | impact | pilot | plays"
        " | setup [TOPIC] | shares | map @user PERSON",
        (
            "/coach help",
            "/coach glossary win rate",
            "/coach rep {rep}",
            "/coach week {rep}",
            "/coach model",
            "/coach quality",
            "/coach status",
            "/coach sums /winrate {dimension}",
            "/coach check /winrate {dimension}",
            "/coach alerts",
            "/coach alerts log",
            "/coach rules",
            "/coach backtest stalled",
            "/coach backtest all",
            "/coach impact",
            "/coach pilot",
            "/coach plays",
            "/coach setup",
            "/coach shares",
        ),
    ),
)


def examples(command: Command | None, known: Known) -> list[str]:
    """Lines to try, those that name something in the data first filled in; the first of each for None."""
    words = _words(known)
    if command is None:
        return [lines[0] for lines in (_filled(one, words) for one in COMMANDS)]
    return _filled(command, words)


def _filled(command: Command, words: Mapping[str, str]) -> list[str]:
    """The patterns for which the data has all the words."""
    names = {pattern: {name for _, name, _, _ in Formatter().parse(pattern)} for pattern in command.patterns}
    return [p.format_map(words) for p, wanted in names.items() if wanted - {None} <= set(words)]


def _words(known: Known) -> Mapping[str, str]:
    """What the braces in patterns stand for, as far as the data has it."""
    dimensions = map(spoken, dict.fromkeys(m.dimension for m in known.meanings))
    values = [m for m in known.meanings if m.value != NOT_SET]
    alike = [_filter(m) for m in values if m.dimension == values[0].dimension]
    reps = [known.written(m) for m in values if m.dimension == "rep"]
    default = {"dimension": "region", "second": "lead source"}
    return default | dict(
        [
            *zip(("dimension", "second"), dimensions, strict=False),
            *zip(("value", "other"), alike, strict=False),
            *zip(("rep",), reps, strict=False),
        ]
    )


def _filter(meaning: Meaning) -> str:
    return f"{spoken(meaning.dimension)} = {quoted(meaning.value)}"
