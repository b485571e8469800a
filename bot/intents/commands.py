"""The commands: what help, the manifest and the README show of each, and examples that fit the data."""

from dataclasses import dataclass

from bot.intents.intent import spoken
from bot.intents.vocabulary import Known
from bot.intents.words import quoted


@dataclass(frozen=True, slots=True)
class Command:
    """One slash command."""

    name: str
    usage: str  # what may follow the name
    help: str  # one line
    examples: tuple[str, ...]

    @property
    def topic(self) -> str:
        """The name without its slash, as in `/coach help winrate`."""
        return self.name.removeprefix("/")


COMMANDS = (
    Command(
        "/winrate",
        "[dimensions] [filters] [period] [asof DAY]",
        "Win rate by one or two dimensions, and whether the differences are real",
        ("/winrate region", "/winrate lead source by quarter", "/winrate rep last quarter"),
    ),
    Command(
        "/deal",
        "ID [asof DAY]",
        "Where a deal stands, and what to do next; on any past day too",
        ("/deal D00123", "/deal D00123 asof 2024-01-15"),
    ),
    Command(
        "/coach",
        "help | glossary [term] | quality | status | map @user PERSON",
        "What I can do, what the words mean, how good the data is",
        ("/coach help", "/coach glossary win rate", "/coach quality", "/coach status"),
    ),
)


def examples(command: Command | None, known: Known) -> list[str]:
    """Lines to try after a misunderstanding, those that name something in the data first."""
    if command is None:
        return [c.examples[0] for c in COMMANDS]
    if command.name != "/winrate":
        return list(command.examples)
    dimensions = list(dict.fromkeys(m.dimension for m in known.meanings))
    splits = [f"/winrate {spoken(dimension)}" for dimension in dimensions[:2]]
    narrowed = [
        f"/winrate {spoken(m.dimension)} = {quoted(m.value)} last quarter" for m in known.meanings[:1]
    ]
    return [*splits, *narrowed, "/winrate quarter", "/winrate last quarter", "/winrate help"]
