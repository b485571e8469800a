"""The command line: builds everything, prints sentences, and leaves the work to the rooms."""

import asyncio
import contextvars
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager, suppress
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bot import settings as config
from data.mendable import Mendable

if TYPE_CHECKING:
    from bot.intents.free import Back, Polite, Unclear
    from bot.replies import Reply

app = typer.Typer(
    help="True answers about your sales pipeline, in the terminal and in Slack.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
OPERATOR = "terminal"  #: whose budget of tokens a question in the terminal is on

out = Console()
told = Console(stderr=True)


class NotYetKnown(Mendable):
    """A day after the newest load."""


class NoPicture(Mendable):
    """An answer that cannot be drawn."""


class NotWritten(Mendable):
    """A file that cannot be written."""


Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="a day, as 2024-07-20")]


def main() -> None:
    """The script `dealcoach`: an error becomes one sentence and exit code 1."""
    from bot import errors

    reading = contextvars.copy_context()  # a language of its own, which ends with the command
    if said := reading.run(errors.ended, start, " ".join(sys.argv[1:2])):
        told.print(said, style="red", markup=False, highlight=False)
        sys.exit(1)


def start() -> None:
    """Read the settings and do what was typed."""
    from bot import language, logs

    settings = config.load()
    level = settings.log_level
    spoken = sys.argv[1:2] not in (["serve"], ["work"])  # an answer to read, not a service to watch
    logs.configure("WARNING" if spoken and level == "INFO" else level)
    if spoken:
        language.at_terminal(language.reading("", default=settings.language))
    app()


@app.command()
def ask(
    question: Annotated[
        str,
        typer.Argument(help='a command as in Slack, e.g. "/winrate region", or a question'),
    ],
    as_person: Annotated[str, typer.Option("--as", help="see what this person sees: id, email or name")] = "",
    as_of: Day = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="text, facts, blocks, generation, narrator")
    ] = False,
    picture: Annotated[Path | None, typer.Option(help="save the answer's picture in this PNG file")] = None,
    csv: Annotated[Path | None, typer.Option(help="save the answer's tables in this CSV file")] = None,
) -> None:
    """The answer as Slack would show it."""
    from bot import terminal
    from bot.replies import Reply

    line = f"{question} asof {as_of:%Y-%m-%d}" if as_of else question
    reply = asyncio.run(answer(line, as_person))
    if not isinstance(reply, Reply):
        terminal.ask_back(reply, out)
        return
    if as_json:
        print(json.dumps(reply.as_json(), indent=2, ensure_ascii=False))
    else:
        terminal.show(reply.blocks, out)
    if picture:
        save_picture(reply, picture)
    if csv:
        asyncio.run(save_tables(reply.line, as_person, csv))


async def answer(line: str, as_person: str) -> "Reply | Back | Polite | Unclear":
    """The reply, in the model's words where there is one; a question back where the line is not clear."""
    from bot import intents, replies
    from bot.coach import Coach

    async with aclosing(Coach(config.load())) as coach:
        inquiry = coach.asked_here(as_person)
        if coach.model is None:
            meant = inquiry.understand_line(line) if line.startswith("/") else inquiry.understand_words(line)
            return await replies.reply(meant, inquiry) if isinstance(meant, intents.Intent) else meant
        from bot.replies import narrating

        meant = await narrating.meant(line, (), inquiry, OPERATOR)
        if not isinstance(meant, intents.Intent):
            return meant
        return await narrating.narrated(await replies.reply(meant, inquiry), inquiry, OPERATOR)


def save_picture(reply: "Reply", path: Path) -> None:
    """Draw an answer into a file.

    Raises:
        NoPicture: there is nothing to draw in it.
        NotWritten: the file cannot be written.
    """
    from bot import pictures
    from bot.refusals import refusal

    drawn = pictures.of(reply.answer)
    if drawn is None:
        raise NoPicture(refusal("no_picture"))
    write(path, drawn.png)


async def save_tables(line: str, as_person: str, path: Path) -> None:
    """Write the tables of an answer down: the first into this file, the others beside it, named after it.

    Raises:
        NoTable: the answer has none.
        NotWritten: a file cannot be written.
    """
    from bot.coach import Coach
    from bot.exports.saved import saved

    async with aclosing(Coach(config.load())) as coach:
        files = (await saved(line, coach.asked_here(as_person))).files
    for file in files:
        beside = path.with_name(f"{path.stem}-{file.table}{path.suffix}")
        write(path if file is files[0] else beside, file.content)


def write(path: Path, content: bytes) -> None:
    """Write a file and say so.

    Raises:
        NotWritten: it cannot be written.
    """
    from bot.narrator.claims import Claim, say
    from bot.refusals import refusal

    try:
        path.write_bytes(content)
    except OSError as problem:
        raise NotWritten(refusal("not_written", path=repr(str(path)), why=problem.strerror)) from None
    saved = say("terminal.saved", path=Claim("path", str(path)))
    told.print(saved.text, style="dim", markup=False, highlight=False)


@app.command()
def digest(
    file: Annotated[Path, typer.Option("--out", help="a .pdf or .png file")],
    as_person: Annotated[str, typer.Option("--as", help="as this person, who must see all deals")] = "",
    no_names: Annotated[bool, typer.Option("--no-names", help="without names of deals and people")] = False,
) -> None:
    """The week of all deals on one page, for a board's deck."""
    from bot.coach import Coach
    from bot.exports import board
    from bot.refusals import refusal

    async def made() -> board.Board:
        async with aclosing(Coach(config.load())) as coach:
            return await board.made(coach.asked_here(as_person), named=not no_names)

    if file.suffix.lower() not in board.KINDS:
        raise NotWritten(refusal("no_page_kind", path=repr(str(file))))
    page = next(one for one in asyncio.run(made()).files if one.name.endswith(file.suffix.lower()))
    write(file, page.content)


@app.command()
def load(
    files: Annotated[list[Path], typer.Argument(help="CSV, .csv.gz or Parquet files, or a folder of them")],
    profile: Annotated[
        str | None, typer.Option(help="mapping profile; default: recognised by the header")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="check and report, keep nothing")] = False,
    on: Day = None,
    accept_smaller: Annotated[bool, typer.Option(help="load even if many deals are gone")] = False,
) -> None:
    """Check CRM files and make them the data that answers come from: all of it or nothing."""
    from bot import clock, terminal
    from data import load as loading

    settings = config.load()
    with progress() as step:
        report = loading.load(
            files,
            settings.home,
            loaded_on=on.date() if on else clock.today(settings.zone),
            profile=profile,
            dry_run=dry_run,
            accept_smaller=accept_smaller,
            progress=step,
        )
    terminal.show_load(report, out)


@app.command()
def refresh(
    as_of: Day = None,
    full: Annotated[bool, typer.Option("--full", help="anew, not upon the last numbers")] = False,
) -> None:
    """Compute every number anew, as of the day of the load, and publish it at once."""
    from analytics import refresh as refreshing
    from analytics import store
    from bot import spelling
    from bot.narrator.claims import ours, say
    from bot.refusals import refusal
    from data import tables

    home = config.load().home
    loaded = tables.current(home)
    day = as_of.date() if as_of else loaded.loaded_on
    if day > loaded.loaded_on:
        days = {"day": spelling.day(day), "last": spelling.day(loaded.loaded_on)}
        raise NotYetKnown(refusal("after_load", **days))
    with progress() as step:
        refreshing.refresh(loaded, home, day, full=full, progress=step)
    made = store.current(home)
    deals, day_of = spelling.digits(Decimal(made.meta.deals)), spelling.day(made.as_of)
    published = say("terminal.published", generation=made.id, deals=ours(deals), day=ours(day_of))
    out.print(published.text, markup=False, highlight=False)


@app.command()
def evaluate(
    as_json: Annotated[bool, typer.Option("--json", help="every measure, as plain values")] = False,
) -> None:
    """What a win-probability model would be worth on the loaded deals, tried on quarters it had not seen."""
    from bot import evaluate as evaluating
    from bot import terminal

    with progress() as step:
        reply, card = evaluating.evaluate(config.load().home, step)
    if as_json:
        print(json.dumps(card, indent=2, ensure_ascii=False))
    else:
        terminal.show(reply.blocks, out)


@app.command()
def sample(
    out_dir: Annotated[Path, typer.Option("--out", help="folder for the files")],
    deals: Annotated[int, typer.Option(min=100, max=10_000_000, help="closed deals")] = 5000,
    seed: Annotated[int, typer.Option(help="the same seed gives the same bytes")] = 7,
    as_of: Day = None,
) -> None:
    """Write a made-up CRM with effects planted in it, and the list of what was planted."""
    from bot import clock
    from bot.narrator.claims import Claim, say
    from data import sample as sampling

    day = as_of.date() if as_of else clock.today(config.load().zone)
    with progress() as step:
        sampling.write(out_dir, as_of=day, deals=deals, seed=seed, progress=step)
    wrote = say("terminal.sample", folder=Claim("path", str(out_dir)))
    out.print(wrote.text, markup=False, highlight=False)


@app.command()
def serve() -> None:
    """Answer in Slack, over Socket Mode or HTTP."""
    from bot import serve as serving

    asyncio.run(serving.serve(config.load()))


@app.command()
def work() -> None:
    """Refresh on schedule, watch the deals and deliver alerts."""
    from bot import work as working

    asyncio.run(working.work(config.load()))


@app.command()
def demo(
    deals: Annotated[int, typer.Option(min=500, help="closed deals in the sample CRM")] = 5000,
    seed: Annotated[int, typer.Option(help="another seed, another company")] = 7,
    port: Annotated[int, typer.Option(min=0, max=65535, help="of the page; 0: any free one")] = 0,
    browser: Annotated[bool, typer.Option(help="open the page, or only print its address")] = True,
    terminal: Annotated[
        bool, typer.Option("--terminal", help="answers, an alert and a prompt here; the way of a pipe")
    ] = False,
) -> None:
    """A sample CRM and a Slack of its own on this machine, in the browser, with a guided tour."""
    import time

    from bot import language
    from bot.demo import page, prompt
    from bot.demo import services as running
    from bot.narrator.claims import say

    began = time.monotonic()
    settings = config.load()
    settings = settings.model_copy(update={"home": settings.home / "demo"})
    piped = browser and not port and not sys.stdin.isatty()  # nobody is there to press Ctrl-C
    with running.alone(settings.home), suppress(KeyboardInterrupt):
        with progress() as step:
            (running.prepare if terminal or piped else running.fill)(settings, deals, seed, step)
        if terminal or piped:
            asyncio.run(prompt.show(settings, out))
        else:
            with language.using(language.HOUSE):  # the tour presses buttons of people who read English
                asyncio.run(page.show(settings, out, port, browser, began))
    out.print(f"\n{say('terminal.demo_ended').text}", style="dim")


@app.command()
def doctor() -> None:
    """Check folder, data, numbers, memory and Slack, and say what to do."""
    from bot import doctor as examining
    from bot import terminal

    async def examine() -> bool:
        findings = [finding async for finding in examining.examine(config.load())]
        terminal.show_findings(findings, out)
        return all(finding.ok is not False for finding in findings)

    if not asyncio.run(examine()):
        raise typer.Exit(1)


@app.command()
def setup(
    test: Annotated[str, typer.Option(help="send a test message to this person: id, email or name")] = "",
    greet: Annotated[bool, typer.Option("--greet", help="write everybody's first message now")] = False,
    channel: Annotated[str, typer.Option(help="alerts of the CRO, or of --for, go to this channel")] = "",
    whose: Annotated[str, typer.Option("--for", help="whose alerts go to the channel")] = "",
    only: Annotated[
        list[str] | None, typer.Option(help="slack, data, people, roles, channels, test or greet; repeatable")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="ask nothing: do what the options say")] = False,
) -> None:
    """Check tokens, data, people, roles and channels, one after the other, and say what is left to do."""
    from bot.setup import terminal as walking
    from bot.setup.desk import Choices

    choices = Choices(test=test, greet=greet, channel=channel, whose=whose)
    done = walking.setup(config.load(), choices, out, only=only or (), asks=not yes)
    if not asyncio.run(done):
        raise typer.Exit(1)


@app.command()
def manifest(
    request_url: Annotated[str, typer.Option(help="for HTTP mode: where Slack reaches us")] = "",
) -> None:
    """Print the Slack app's manifest, to create the app from."""
    from bot.manifest import manifest as made

    print(json.dumps(made(socket_mode=not request_url, request_url=request_url), indent=2))


@contextmanager
def progress() -> Iterator[Callable[[str, int, int | None], None]]:
    """A progress bar on standard error for long work, as the callback `(step, done, total)`."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=told, transient=True) as bar:
        steps: dict[str, int] = {}

        def step(text: str, done: int, total: int | None) -> None:
            if text not in steps:
                steps[text] = bar.add_task(text, total=total)
            bar.update(steps[text], completed=done, total=total)  # type: ignore[arg-type]

        yield step


if __name__ == "__main__":
    main()
