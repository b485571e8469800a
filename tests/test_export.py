"""Files from answers: every row a reader may see, numbers as numbers, nothing a spreadsheet would run."""

import asyncio
import csv as reading
import io
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from analytics import store
from analytics.facts import Unit
from bot import language
from bot import settings as config
from bot.audience import NotForThisRole
from bot.cli import NotWritten, app
from bot.coach import Coach
from bot.exports import board, csv, sheets
from bot.exports.csv import FORMULAS, safe, shown, written
from bot.exports.saved import NoTable, saved, slug
from bot.exports.sheet import EXACT, Grid, Sheet, grid
from bot.language import Reading
from bot.narrator.claims import label
from bot.pictures import deck
from bot.pictures.deck import Deal, Page, Tile
from bot.replies import reply
from tests.facts_by_hand import fact
from tests.facts_for_model import drivers, model_card, pipeline
from tests.facts_for_why import watch, why

LINES = (
    "/winrate region",
    "/winrate rep",
    "/winrate",
    "/why",
    "/watch region",
    "/watch",
    "/drivers",
    "/pipeline",
    "/funnel",
    "/coach model",
    '/whatif drop region = "APAC"',
)


@pytest.fixture(scope="module")
def people(crm):
    return store.current(crm).people()


def one(people, role):
    return next(person for person in people if person.role == role).person_id


def read(content, delimiter=","):
    """A file's rows, by head."""
    text = content.decode("utf-8-sig")
    return list(reading.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def rate(value="0.456551", **more):
    known = {"low": Decimal("0.44"), "high": Decimal("0.47"), "n": 3906} | more
    return replace(fact("win_rate", value, Unit.FRACTION), **known)


# -- a grid


def test_a_rate_becomes_a_number_with_its_unit_in_the_head_its_range_and_its_deals():
    made = grid(Sheet("rates", ("region", "win_rate"), [("APAC", rate())]))
    heads = ("Region", "Win rate (%)", "Win rate, low end (%)", "Win rate, high end (%)")
    assert tuple(made.head) == (*heads, "Win rate, deals behind it")
    assert made.rows == [["APAC", Decimal("45.6551"), Decimal(44), Decimal(47), Decimal(3906)]]


def test_a_column_of_deals_is_not_written_twice():
    deals = fact("deals", "3906", Unit.COUNT)
    made = grid(Sheet("rates", ("deals", "win_rate"), [(deals, rate())]))
    assert [head for head in made.head if "eals" in head] == ["Deals"]


def test_figures_of_several_units_have_a_column_for_the_unit():
    amount = replace(fact("amount", "1200", Unit.MONEY), currency="EUR")
    made = grid(Sheet("figures", ("figure", "value"), [("Rate", rate(low=None)), ("Amount", amount)]))
    assert [row[:3] for row in made.rows] == [
        ["Rate", Decimal("45.6551"), "%"],
        ["Amount", Decimal(1200), "EUR"],
    ]


def test_a_day_is_iso_and_what_nobody_knows_is_empty():
    day = fact("close_date", str(date(2024, 7, 2).toordinal()), Unit.DATE)
    made = grid(Sheet("days", ("due", "odds"), [(day, replace(rate(), value=None))]))
    assert made.rows[0][:2] == ["2024-07-02", None]


def test_what_every_row_says_of_itself_is_in_columns_at_the_end():
    made = grid(Sheet("rates", ("region",), [("APAC",), ("EMEA",)]), [("Scope", "all deals")])
    assert made.rows == [["APAC", "all deals"], ["EMEA", "all deals"]]


# -- a file


def test_excel_is_told_that_it_is_utf_8_and_gets_its_line_ends():
    content = written(Grid(["Rep"], [["Zoë"], ["東京"]]))
    assert content == b"\xef\xbb\xbfRep\r\nZo\xc3\xab\r\n\xe6\x9d\xb1\xe4\xba\xac\r\n"


def test_where_a_comma_is_the_decimal_sign_a_semicolon_parts_the_cells():
    with language.using(Reading(locale="de_DE")):
        content = written(Grid(["a", "b"], [[Decimal("45.7"), "x,y;z"]]))
    assert read(content, ";") == [{"a": "45,7", "b": "x,y;z"}]


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1 %", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", "\u200b=1", '="x"&A1']
)
def test_a_name_that_a_spreadsheet_would_run_begins_with_an_apostrophe(name):
    assert safe(name).startswith("'")
    assert read(written(Grid(["Name"], [[name]])))[0]["Name"].startswith("'")


def test_a_negative_number_stays_a_number():
    assert [shown(Decimal(n)) for n in ("-2.9", "-0", "0E+5", "1E+6")] == ["-2.9", "0", "0", "1000000"]


@given(st.text())
def test_no_text_ever_begins_a_formula_or_a_second_line(name):
    shown_name = safe(name)
    assert not shown_name.startswith(FORMULAS)
    assert len(shown_name.splitlines()) <= 1
    assert len(shown_name) <= csv.CELL_MOST


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12))
def test_a_number_is_always_read_back_as_it_was(number):
    assert Decimal(shown(number)) == number


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_a_row_always_keeps_its_cells(names):
    heads = [str(place) for place in range(len(names))]
    (row,) = read(written(Grid([*heads, "end"], [[*names, "."]])))
    assert list(row.values())[-1] == "."


@given(st.text())
def test_a_files_name_never_leaves_its_folder(line):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug(line))


# -- the tables of an answer


@pytest.mark.parametrize("answer", [why(), watch(), drivers(), model_card(), pipeline()], ids=type)
def test_every_column_of_every_table_has_a_head(answer):
    for sheet in sheets.sheets(answer):
        assert all(len(row) == len(sheet.columns) for row in sheet.rows)
        assert all(label(f"export_column.{name}").text for name in sheet.columns)


@pytest.mark.parametrize("line", LINES)
async def test_a_file_has_at_least_the_rows_of_each_table_that_the_message_shows(coach, line):
    inquiry = coach.asked_here()
    said = await reply(inquiry.understand_line(line), inquiry)
    tables_shown = [len(block["rows"]) - 1 for block in said.blocks if block["type"] == "data_table"]
    found = await saved(line, inquiry)
    most = max(file.rows for file in found.files)
    assert most >= max(tables_shown, default=1)
    assert found.kind == type(said.answer).__name__.lower()


async def test_the_figures_are_those_of_the_message_and_exact(coach):
    inquiry = coach.asked_here()
    said = await reply(inquiry.understand_line("/winrate region"), inquiry)
    rows = {row["Region"]: row for row in read((await saved("/winrate region", inquiry)).files[0].content)}
    for cell in said.answer.cells:
        row = rows[cell.labels[0]]
        assert Decimal(row["Win rate (%)"]) == cell.win_rate.value * 100
        assert (int(row["Deals"]), row["Question"]) == (cell.win_rate.n, "/winrate region")
        assert (row["Scope"], row["As of"]) == ("all deals", "2024-06-28")


async def test_the_period_before_stands_beside_it_and_the_reps_in_a_file_of_their_own(coach):
    inquiry, line = coach.asked_here(), "/winrate industry last quarter by rep"
    said = (await reply(inquiry.understand_line(line), inquiry)).answer
    industries, reps = (read(file.content) for file in (await saved(line, inquiry)).files)
    then = {cell.labels[0]: cell.win_rate.value for cell in said.before.cells}
    assert {row["Industry"] for row in industries} <= then.keys()
    for row in industries:
        assert Decimal(row["Win rate, period before (%)"]) == EXACT.plus(then[row["Industry"]] * 100)
    assert [row["Rep"] for row in reps[:-1]] == [cell.labels[0] for cell in said.people.cells[:-1]]


def test_a_figure_is_called_as_its_reader_calls_it():
    with language.using(language.reading("de-DE")):
        assert sheets.called("win_rate", rate()) == "Abschlussquote"


async def test_a_page_about_ourselves_has_no_table(coach):
    with pytest.raises(NoTable, match="no table to save"):
        await saved("/coach help", coach.asked_here())


async def test_numbers_that_are_gone_are_replaced_by_todays_which_is_said(coach):
    found = await saved("/winrate region", coach.asked_here(), "g000000-2020-01-01")
    assert found.moved
    assert "g000000-2020-01-01" in found.about.text


# -- rights, counted from the tables by hand


def owned(crm, reps):
    """The deals of these people, read from the CRM's own export."""
    with (crm / "files" / "deals.csv").open(newline="") as file:
        return [row for row in reading.DictReader(file) if row["rep_id"] in reps]


@pytest.mark.parametrize("role", ["rep", "manager"])
async def test_a_file_holds_no_more_deals_than_its_reader_may_see(crm, coach, people, role):
    person = one(people, role)
    reps = {p.person_id for p in people if person in (p.person_id, p.manager_id)}
    mine = owned(crm, reps)
    closed = [row for row in mine if row["outcome"] != "open"]
    rows = read((await saved("/winrate region all types", coach.asked_here(person))).files[0].content)
    assert sum(int(row["Deals"]) for row in rows) <= len(closed)
    assert sum(int(row["Won"]) for row in rows) <= sum(row["outcome"] == "won" for row in closed)


@pytest.mark.parametrize("line", ["/pipeline", "/watch region", "/winrate rep", "/why"])
async def test_no_file_names_a_deal_or_colleague_outside_its_readers_scope(crm, coach, people, line):
    person = one(people, "rep")
    others = [p for p in people if p.person_id != person and p.role == "rep"]
    theirs = {row["deal_id"] for row in owned(crm, {p.person_id for p in others})}
    for file in (await saved(line, coach.asked_here(person))).files:
        cells = {cell for row in read(file.content) for cell in row.values()}
        assert not cells & (theirs | {p.name for p in others} | {p.person_id for p in others})


@pytest.mark.parametrize("role", ["rep", "manager", "ops"])
async def test_only_who_sees_all_deals_has_a_board_page(coach, people, role):
    with pytest.raises(NotForThisRole, match="all deals"):
        await board.made(coach.asked_here(one(people, role)))


# -- the page for a board


@pytest.fixture(scope="module")
def drawn(tmp_path_factory, crm):
    """The page as the CRO gets it."""
    url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('board') / 'memory.sqlite'}"
    coach = Coach(config.load(home=crm, database_url=url, stale_after_days=100_000))
    return asyncio.run(board.made(coach.asked_here()))


def test_a_board_page_is_a_vector_page_of_a_slides_size_with_its_typeface_and_a_picture(drawn):
    pdf, png = drawn.files
    assert (pdf.name, png.name) == ("board-2024-06-28.pdf", "board-2024-06-28.png")
    assert b"/MediaBox [ 0 0 960 540 ]" in pdf.content
    assert b"/FontFile2" in pdf.content
    assert b"/Subtype /Image" not in pdf.content
    assert png.content[16:24] == (1920).to_bytes(4, "big") + (1080).to_bytes(4, "big")


async def page_of(coach, folder, *, named=True):
    url = f"sqlite+aiosqlite:///{folder / 'm.sqlite'}"
    coach.settings = coach.settings.model_copy(update={"database_url": url})
    inquiry = coach.asked_here()
    week, open_deals = await board._week(inquiry, inquiry.generation)
    return board.page(week, open_deals, inquiry.generation, named=named)


async def test_a_page_without_names_holds_no_deal_account_or_person(crm, coach, people, tmp_path):
    page = str(await page_of(coach, tmp_path, named=False))
    known = {each for deal in store.current(crm).deal_names(store.EVERYONE) for each in deal if each}
    assert not [name for name in known | {p.name for p in people} if name in page]
    assert "Deal 1" in page


async def test_a_page_says_the_verdict_first_its_figures_and_what_they_are_made_of(coach, tmp_path):
    page = await page_of(coach, tmp_path)
    assert page.title == "Sales week 2024-06-22 to 2024-06-28"
    assert re.search(r"\d+ of \d+ won, \$", page.verdict)
    assert [tile.name for tile in page.tiles][:3] == ["Won in the week", "Amount won", "Open pipeline"]
    assert len(page.deals) == board.DEALS
    assert re.search(r"as of 2024-06-28 · generation g\d{6}-2024-06-28 · verified \d+ figures", page.footer)


def full_page(name="Acme"):
    tile = Tile(name, "$999,999,999,999", name)
    deals = [Deal(name, name, ("$999.99B", "100 %", "2024-12-31"))] * 5
    return Page(
        name, name, [name, name], [tile] * 4, watch().watched[0].months, ["Deal", "a", "b", "c"], deals, name
    )


@settings(max_examples=20)
@given(st.text(min_size=1, max_size=300))
def test_every_word_of_a_page_always_lies_on_the_paper(name):
    canvas = deck.draw(full_page(name))
    for text in canvas.figure.texts:
        box = text.get_window_extent(canvas._canvas.get_renderer())
        assert min(box.x0, box.y0) >= -1
        assert (box.x1 <= 1921, box.y1 <= 1081) == (True, True)


def test_a_page_without_months_or_deals_says_so_and_the_same_page_gives_the_same_bytes():
    bare = Page("Week", "Quiet week.", [], [], [], ["Deal", "a", "b", "c"], [], "All deals")
    first, second = (deck.draw(bare) for _ in range(2))
    said = [text.get_text() for text in first.figure.texts]
    assert {"Win rate by month: too few months yet", "No open deals."} <= {*said}
    assert (first.pdf("Week"), first.png()) == (second.pdf("Week"), second.png())


# -- at the terminal


def test_ask_saves_the_first_table_where_it_is_told_and_the_others_beside_it(crm, tmp_path, monkeypatch):
    monkeypatch.setenv("DEALCOACH_HOME", str(crm))
    done = CliRunner().invoke(app, ["ask", "/watch region", "--csv", str(tmp_path / "w.csv")])
    assert done.exit_code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["w-months.csv", "w.csv"]


def test_digest_writes_a_pdf_or_a_png_and_nothing_else(crm, tmp_path, monkeypatch):
    monkeypatch.setenv("DEALCOACH_HOME", str(crm))
    monkeypatch.setenv("DEALCOACH_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path / 'm.sqlite'}")
    done = CliRunner().invoke(app, ["digest", "--out", str(tmp_path / "b.pdf"), "--no-names"])
    assert done.exit_code == 0
    assert (tmp_path / "b.pdf").read_bytes().startswith(b"%PDF")
    refused = CliRunner().invoke(app, ["digest", "--out", str(tmp_path / "b.docx")])
    assert isinstance(refused.exception, NotWritten)
