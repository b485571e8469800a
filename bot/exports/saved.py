"""A line in, the tables of its answer out as files for who asks: their rights, that generation if kept."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from analytics import store
from analytics.evidence import hidden_ids
from analytics.facts import Fact
from analytics.questions import EVERYONE
from bot.coach import Inquiry
from bot.exports import csv, sheets
from bot.exports.sheet import Cell, Sheet, grid
from bot.narrator.claims import Claim, label, ours, say
from bot.narrator.words import Answer, count, day
from bot.replies import Reply, evidence
from data.mendable import Mendable

SLUG_MOST = 60  #: characters of a file's name before its day


class NoTable(Mendable):
    """An answer that has no rows to save."""

    def __init__(self) -> None:
        super().__init__(say("export.no_table").text)


@dataclass(frozen=True, slots=True)
class File:
    """One file, ready to be kept or sent."""

    name: str
    title: str
    content: bytes
    rows: int = 0  # below its head
    table: str = ""  # which of the answer's
    alt: str = ""  # of a picture, for who cannot see it


@dataclass(frozen=True, slots=True)
class Saved:
    """The files of one answer, and the sentence that goes with them."""

    files: Sequence[File]
    about: Claim
    kind: str  # of the answer, for the log
    moved: bool  # of a newer generation than the answer was


async def saved(line: str, inquiry: Inquiry, before: str = "") -> Saved:
    """The tables of the answer to a line, counted for who asks.

    Args:
        before: the generation that the answer was given from; "" for any.

    Raises:
        NoTable: the answer has no rows.
        NotUnderstood: as for any line.
    """
    if not line:
        raise NoTable  # a page about ourselves
    reply = await _answered(line, inquiry, before)
    if reply.answer is None or not (found := sheets.sheets(reply.answer)):
        raise NoTable
    allowed = [_allowed(sheet, inquiry) for sheet in found]
    files = [_file(sheet, reply, inquiry, alone=len(found) == 1) for sheet in allowed]
    moved = before not in ("", reply.generation)
    return Saved(files, _about(reply, files, inquiry, before if moved else ""), kind(reply.answer), moved)


async def _answered(line: str, inquiry: Inquiry, before: str) -> Reply:
    """The reply, from the generation of the answer where that is still kept."""
    kept = store.kept(inquiry.coach.home) if before not in ("", inquiry.generation.id) else []
    seen = next((one for one in kept if one.id == before), inquiry.generation)
    return await evidence.said_again(inquiry.understand_click(line), replace(inquiry, generation=seen))


def _allowed(sheet: Sheet, inquiry: Inquiry) -> Sheet:
    """The same without figures about colleagues that are not the reader's to see."""
    hidden = hidden_ids(inquiry.generation)
    reps = len(inquiry.generation.values("rep", EVERYONE))

    def seen(cell: Cell) -> Cell:
        is_theirs = not isinstance(cell, Fact) or evidence.may_see(cell, inquiry.viewer.scope, hidden, reps)
        return cell if is_theirs else None

    return replace(sheet, rows=[[seen(cell) for cell in row] for row in sheet.rows])


def _file(sheet: Sheet, reply: Reply, inquiry: Inquiry, *, alone: bool) -> File:
    assert reply.answer is not None
    headline = reply.words.headline if reply.words else reply.text
    on = reply.answer.as_of.isoformat()
    parts = [slug(reply.line), *([] if alone else [sheet.name]), on]
    name = f"{'-'.join(parts)}.csv"
    content = csv.written(grid(sheet, _constants(reply, inquiry)))
    return File(name, headline, content, len(sheet.rows), sheet.name)


def _constants(reply: Reply, inquiry: Inquiry) -> list[tuple[str, str]]:
    """What every row says of itself, so that files can be put together."""
    answer = reply.answer
    told = {
        "period": ours(period).text if (period := str(getattr(answer, "period", ""))) else "",
        "scope": ours(scope(answer, inquiry)).text,
        "as_of": answer.as_of.isoformat() if answer else "",
        "generation": reply.generation,
        "question": reply.line,
    }
    return [(label(f"export_about.{key}").text, text) for key, text in told.items() if text]


def scope(answer: Answer | None, inquiry: Inquiry) -> str:
    """Whose deals an answer is of."""
    return str(getattr(answer, "scope", "") or inquiry.viewer.counted.label)


def _about(reply: Reply, files: Sequence[File], inquiry: Inquiry, before: str) -> Claim:
    """What was saved, and of which day; that it is newer than the answer, when it is."""
    answer, words = reply.answer, reply.words
    assert answer is not None
    whose = ours(scope(answer, inquiry)).text
    said = say(
        "export.saved",
        headline=ours(words.headline if words else ""),
        rows=count(answer, "rows", sum(file.rows for file in files)),
        files=count(answer, "files", len(files)) if len(files) > 1 else None,
        scope=ours(whose[:1].upper() + whose[1:]),
        day=day(answer),
        generation=answer.generation,
    )
    return say("export.moved", saved=said, before=before) if before else said


def kind(answer: Answer) -> str:
    """What sort of answer it is, in a word without names."""
    return type(answer).__name__.lower()


def slug(text: str) -> str:
    """A text as part of a file's name.

    >>> slug("/winrate region last quarter"), slug("/coach rep Zoë ../etc/passwd"), slug("東京")
    ('winrate-region-last-quarter', 'coach-rep-zoe-etc-passwd', 'answer')
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:SLUG_MOST].strip("-") or "answer"
