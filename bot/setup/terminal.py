"""`dealcoach setup` at the terminal: the steps as they are done, then what is left to do."""

import sys
from collections.abc import Collection

from rich.console import Console
from rich.prompt import Prompt
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from bot import terminal
from bot.settings import Settings
from bot.setup.desk import Ask, Choices
from bot.setup.step import Step, left
from bot.setup.walk import check, nobody, walk


async def setup(
    settings: Settings, choices: Choices, out: Console, *, only: Collection[str] = (), asks: bool = True
) -> bool:
    """Walk through the steps; True when nothing failed.

    Args:
        asks: may somebody be asked? Nobody is where no person sits at the keyboard.

    Raises:
        NoSuchStep: `only` names one that there is not.
    """
    check(only)
    done = []
    async for step in walk(settings, choices, asking(out) if asks and sys.stdin.isatty() else nobody, only):
        show(step, out)
        done.append(step)
    ending([*left(done)], out)
    return not any(step.failed for step in done)


def asking(out: Console) -> Ask:
    """Questions to who sits there; Enter is no."""

    def ask(question: str) -> str:
        return Prompt.ask(
            Text(f"{question}, Enter for none"), console=out, default="", show_default=False
        ).strip()

    return ask


def show(step: Step, out: Console) -> None:
    """One step."""
    out.print(Rule(Text(step.title), style="cyan", align="left"))
    if step.rows:
        out.print(table(step))
    terminal.show_findings(step.findings, out)


def table(step: Step) -> Table:
    """The rows of a step."""
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for name in step.head:
        drawn.add_column(Text(name), overflow="fold")
    for row in step.rows:
        drawn.add_row(*map(Text, row))
    return drawn


def ending(todo: list[str], out: Console) -> None:
    """What is left to do, or how to begin."""
    out.print(Rule(Text("Left to do" if todo else "Nothing is left to do"), style="cyan", align="left"))
    for number, line in enumerate(todo, start=1):
        out.print(Text(f"{number}. {line}"))
    out.print(Text(f"{'Then' if todo else 'Now'} start dealcoach serve, and dealcoach work beside it."))
