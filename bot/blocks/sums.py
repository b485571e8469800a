"""How an answer was counted, as a page that is a message or a modal: formulas, figures, statements."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from analytics.evidence import Group, lost_of, won_of
from analytics.facts import Fact
from bot import figures
from bot.blocks import common, forms
from bot.blocks.common import Block, Cell, Row
from bot.figures import Style
from bot.narrator import evidence as narrator
from bot.narrator.claims import Claim, label, say
from bot.narrator.evidence import Evidence
from bot.narrator.words import count, notes

BLOCKS_MOST = 48  #: of a page, so that it fits into a message
TABLE_ROWS_MOST = 25
STATEMENTS_MOST = 12
CHARACTERS_MOST = 9_500  #: of all tables together; Slack refuses more than 10,000


def page(evidence: Evidence) -> list[Block]:
    """Every figure under its formula, then the model, then what was read. Fits into a message and a modal."""
    warning = narrator.moved(evidence)
    top = [
        common.header(narrator.headline(evidence).text),
        *([common.paragraph(warning.text)] if warning else []),
        common.paragraph(narrator.lead(evidence).text, lead=True),
        *_limits(evidence),
    ]
    bottom = [*_model(evidence), *_read_from(evidence), common.context(evidence.words.context)]
    room = BLOCKS_MOST - len(top) - len(bottom) - 1
    return [*top, *_groups(evidence, room), *bottom]


def _limits(evidence: Evidence) -> list[Block]:
    """What a verdict stands for, what limits the answer, and what is not the reader's to see."""
    limits = notes(getattr(evidence.answer, "notes", ()))
    hidden = narrator.left(evidence, "hidden", evidence.hidden)
    said = (*narrator.verdicts(evidence), *limits, *([hidden] if hidden else []))
    return common.bullets(claim.text for claim in said)


def _groups(evidence: Evidence, room: int) -> list[Block]:
    """The formulas with their figures, as many as there is room for."""
    tables = sum(len(group.facts) > 1 for group in evidence.groups)
    left = CHARACTERS_MOST - _characters(_read_from(evidence))
    share = left // max(tables, 1)
    blocks: list[Block] = []
    for place, group in enumerate(evidence.groups):
        drawn = _group(evidence, group, share)
        left -= _characters(drawn)
        if len(blocks) + len(drawn) > room or left < 0:
            return [*blocks, *_said(narrator.left(evidence, "left_out", len(evidence.groups) - place))]
        blocks += drawn
    return blocks


def _characters(blocks: Iterable[Block]) -> int:
    """Those in the cells of tables."""
    return sum(_size(row) for block in blocks for row in block.get("rows", ()))


def _group(evidence: Evidence, group: Group, characters: int) -> list[Block]:
    """One formula, and its figures: in a line, or in a table of so many characters."""
    title, formula = narrator.explained(group.metric)
    if len(group.facts) == 1:
        line = narrator.value(group.facts[0], evidence.people)
        return [common.entry(title, f"{formula}\n{line.text}")]
    columns, rows = _table(evidence, group.facts)
    fit, left = _fitting(columns, rows, characters)
    more = narrator.left(evidence, "more", left)
    return [common.entry(title, formula), *common.data_table(title, columns, fit), *_said(more)]


def _table(evidence: Evidence, facts: Sequence[Fact]) -> tuple[Row, list[Row]]:
    """The columns that any of these facts fills, and a row for each."""
    cells = [_cells(fact, evidence.people) for fact in facts]
    periods = {fact.period for fact in facts}
    used = [name for name in cells[0] if any(row[name]["text"] for row in cells)]
    names = [name for name in used if name != "period" or len(periods) > 1]
    head = common.head(names, "sums_column")
    return head, [[_filled(row[name]) for name in names] for row in cells]


def _cells(fact: Fact, people: Mapping[str, str]) -> dict[str, Cell]:
    """Every column of a fact; the text of those that say nothing is empty."""
    won, lost = won_of(fact), lost_of(fact)
    return {
        "what": common.name_cell(narrator.entity(fact, people)),
        "period": common.text_cell(fact.period),
        "value": common.fact_cell(fact),
        "range": common.text_cell(figures.text(fact, Style.RANGE) if fact.low is not None else ""),
        "deals": common.text_cell("") if fact.n is None else common.count_cell(fact),
        "won": common.fact_cell(won) if won else common.text_cell(""),
        "lost": common.fact_cell(lost) if lost else common.text_cell(""),
        "verdict": common.text_cell(_verdict(fact)),
    }


def _verdict(fact: Fact) -> str:
    return label(f"sums_verdict.{fact.verdict.name.lower()}").text if fact.verdict else ""


def _filled(cell: Cell) -> Cell:
    """Slack refuses an empty cell."""
    return cell if cell["text"] else common.name_cell("")


def _fitting(columns: Row, rows: Sequence[Row], characters: int) -> tuple[Sequence[Row], int]:
    """The rows that so many characters carry, at least one, and how many are left."""
    used, fit = _size(columns), 0
    for row in rows[:TABLE_ROWS_MOST]:
        used += _size(row)
        if used > characters and fit:
            break
        fit += 1
    return rows[:fit], len(rows) - fit


def _size(row: Row) -> int:
    return sum(len(cell["text"]) for cell in row)


def _model(evidence: Evidence) -> list[Block]:
    if evidence.card is None:
        return []
    said = " ".join(claim.text for claim in narrator.of_model(evidence.card))
    return [common.entry(say("sums.model").text, said)]


def _read_from(evidence: Evidence) -> list[Block]:
    """The statements with what they gave; plain cells, for a statement is full of what looks like markup."""
    shown = _shown_statements(evidence)
    head = common.head(("statement", "times", "rows"), "sums_column")
    rows = [_statement(evidence, *one) for one in shown]
    more = narrator.left(evidence, "more_statements", len(evidence.statements) - len(shown))
    return [*common.data_table(label("sums_caption.read").text, head, rows), *_said(more)]


def _shown_statements(evidence: Evidence) -> Sequence[narrator.Statement]:
    return evidence.statements[:STATEMENTS_MOST]


def _statement(evidence: Evidence, text: str, times: int, rows: int) -> Row:
    counts = (count(evidence.answer, name, n) for name, n in (("times", times), ("rows", rows)))
    return [common.text_cell(text), *map(common.fact_cell, counts)]


def _said(claim: Claim | None) -> Iterator[Block]:
    """A small line; none for None."""
    if claim:
        yield common.context(claim.text)


def counting(line: str) -> Block:
    """The modal while the sums are being counted."""
    return modal(line, [common.paragraph(say("sums.counting").text)])


def modal(line: str, blocks: Sequence[Block]) -> Block:
    """The page as a modal that knows which answer it is about."""
    known = {"callback_id": "sums", "private_metadata": line[: forms.PRIVATE_MOST]}
    return forms.page("sums_view.title", blocks) | known


def told(line: str, text: str) -> Block:
    """A modal that says one thing: why there are no sums."""
    return modal(line, [common.paragraph(text)])
