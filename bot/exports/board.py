"""The CRO's Monday as one page for a board, as PDF and PNG: computed for who asks, and only who sees all."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analytics import store
from analytics.facts import Fact, Month, Pipeline, Watch
from analytics.questions import EVERYONE
from analytics.store import Generation
from bot import clock, figures, names
from bot.alerting.digests import compose, readers
from bot.alerting.digests.compose import Desk
from bot.alerting.digests.facts import Monday
from bot.alerting.digests.tab import OpenDeal, Tab, tab
from bot.alerting.preferences import Preferences
from bot.audience import NotForThisRole, Role, Viewer
from bot.coach import Inquiry
from bot.exports.saved import File
from bot.figures import Style
from bot.narrator import digest as narrator
from bot.narrator import watch as watching
from bot.narrator.claims import Claim, label, ours, say
from bot.narrator.words import count, day
from bot.pictures.deck import Deal, Page, Tile

KINDS = (".pdf", ".png")
DEALS = 5  #: rows of the page. Source: product.md, part 7: top five
MONTHS = 18  #: of the course
WATCHED = 2  #: lasting signals that are told
COMMAND = re.compile(r" \(/[a-z]+[^()]*\)")  #: where to ask on, which a board does not
SHORT = 2  #: words of a sentence that does not stand alone: "Quiet week."


@dataclass(frozen=True, slots=True)
class Board:
    """The page as files, and the sentence that goes with them."""

    files: Sequence[File]
    about: Claim
    moved: bool  # of a newer generation than the message was


async def made(inquiry: Inquiry, *, before: str = "", named: bool = True) -> Board:
    """The page of the week, from the generation of the message where that is still kept.

    Args:
        named: with the names of deals and people.

    Raises:
        NotForThisRole: of somebody who does not see all deals.
    """
    if not inquiry.viewer.scope.everyone:
        raise NotForThisRole(say("board.not_yours").text)
    now = _generation(inquiry, before)
    week, open_deals = await _week(inquiry, now)
    said = page(week, open_deals, now, named=named)
    title, pdf, png = await asyncio.to_thread(_drawn, said)
    stem = f"board-{now.as_of.isoformat()}{'' if named else '-no-names'}"
    alt = " ".join((said.verdict, *said.below))
    files = [File(f"{stem}.pdf", title, pdf), File(f"{stem}.png", title, png, alt=alt)]
    moved = before not in ("", now.id)
    return Board(files, _about(week, title, before if moved else ""), moved)


def _generation(inquiry: Inquiry, before: str) -> Generation:
    kept = store.kept(inquiry.coach.home) if before not in ("", inquiry.generation.id) else []
    return next((one for one in kept if one.id == before), inquiry.generation)


async def _week(inquiry: Inquiry, now: Generation) -> tuple[Monday, Tab]:
    """The week of all deals as its Monday would tell it, and the deals that are open."""
    settings = inquiry.coach.settings
    async with inquiry.coach.remembering() as memory:
        desk = Desk(home=settings.home, memory=memory, generation=now, settings=settings, now=clock.now())
        reader = _reader(inquiry.viewer, desk)
        agenda = await compose.opened(desk, reader, weekly=True)
        return await compose.week_of_all(desk, agenda), tab(now, agenda, inquiry.viewer.scope, DEALS)


def _reader(viewer: Viewer, desk: Desk) -> readers.Reader:
    """Who asks, as somebody who is told at an hour."""
    return readers.reader(viewer.key, viewer.name, "", Role.CRO, settings=desk.settings, chosen=Preferences())


def _drawn(said: Page) -> tuple[str, bytes, bytes]:
    from bot.pictures import deck  # the drawing library takes 0.4 s to import

    canvas = deck.draw(said)
    return said.title, canvas.pdf(said.title), canvas.png()


def _about(week: Monday, title: str, before: str) -> Claim:
    said = say("board.saved", headline=ours(title), day=day(week), generation=week.generation)
    return say("export.moved", saved=said, before=before) if before else said


def page(week: Monday, open_deals: Tab, now: Generation, *, named: bool) -> Page:
    """What the page says; without `named` no deal, account or person is on it."""
    words = narrator.monday(week)

    def veil(claim: Claim) -> str:
        said = claim.text if named else claim.masked(lambda name: _veiled(name, now))
        return COMMAND.sub("", said)

    verdict, rest = _split(veil(words.about or ours(words.verdict)))
    heads = ("deal", "amount", "odds", "due")
    return Page(
        title=say("board.headline", since=week.figures.get("since"), day=day(week)).text,
        verdict=verdict,
        below=[*([rest] if rest else []), *(veil(line) for line in _watched(week))],
        tiles=[*_tiles(week)],
        course=_everything(week),
        columns=[label(f"board_column.{name}").text for name in heads],
        deals=[_deal(deal, place, week, named=named) for place, deal in enumerate(open_deals.deals, start=1)],
        footer=_footer(week, open_deals).text,
    )


def _split(verdict: str) -> tuple[str, str]:
    """The verdict's first sentence, with the next one after a single word such as Quiet; and the rest.

    >>> _split("Quiet week. 35 of 75 won. Look again.")
    ('Quiet week. 35 of 75 won.', 'Look again.')
    """
    first, _, rest = verdict.partition(". ")
    if rest and len(first.split()) <= SHORT:
        second, _, rest = rest.partition(". ")
        first = f"{first}. {second}"
    return f"{first.rstrip('.')}.", rest


def _everything(week: Monday) -> Sequence[Month]:
    """The win rate of all deals, month by month."""
    months = next((one.watched[0].months for one in week.watched if one.watched), ())
    return months[-MONTHS:]


def _watched(week: Monday) -> list[Claim]:
    """The signals that still last: of a week without news the board should know them none the less."""
    told = narrator.lasting(one for one in week.watched if _since(one) < week.fresh)
    return list({line.text: line for line in told}.values())[:WATCHED] or [say("digest.watch_nothing")]


def _since(one: Watch) -> str:
    return next((each.since for each in watching.unusual(one)), "")


def _tiles(week: Monday) -> Iterator[Tile]:
    """What was won, of how much, what is open, what the quarter will bring; without what nobody knows."""
    known = week.figures
    rate = known.get("win_rate")
    note = say("board.of", win_rate=rate).text if rate is not None and rate.value is not None else ""
    yield Tile(label("board_field.won").text, say("monday.won_of", **known).text, note)
    so_far = _of_book(week.pipeline, "so_far") if week.pipeline else ""
    yield Tile(label("board_field.won_amount").text, figures.text(known["won_amount"], Style.SHORT), so_far)
    if week.pipeline:
        yield from _ahead(week.pipeline)


def _ahead(book: Pipeline) -> Iterator[Tile]:
    open_amount = figures.text(book.figures["open_amount"], Style.SHORT)
    yield Tile(label("board_field.open_amount").text, open_amount, _of_book(book, "open"))
    middle = book.figures.get("forecast_median") or book.figures.get("forecast_amount")
    if middle is not None and middle.value is not None:
        name = say("board.quarter", period=ours(book.period)).text
        yield Tile(name, figures.text(middle, Style.SHORT), _of_book(book, "forecast"))


def _of_book(book: Pipeline, sentence: str) -> str:
    known = book.figures
    return say(f"board.{sentence}", period=ours(book.period), **known).text


def _deal(deal: OpenDeal, place: int, week: Monday, *, named: bool) -> Deal:
    """A deal as the page shows it: by its account, or by a number."""
    hidden = say("board.hidden", number=count(week, f"place,{place}", place)).text
    about = (deal.owner, deal.stage) if named else (deal.stage,)
    shown = ((deal.amount, Style.SHORT), (deal.odds, Style.ROUGH), (deal.due, Style.PLAIN))
    return Deal(
        names.clean(deal.account or deal.deal_id) if named else hidden,
        " · ".join(names.clean(each) for each in about if each),
        [figures.text(fact, style) if fact.value is not None else names.NAMELESS for fact, style in shown],
    )


def _footer(week: Monday, open_deals: Tab) -> Claim:
    """Of what, of how many deals, as of when, and how many figures of the page are facts."""
    months = _everything(week)
    closed = count(week, "closed", sum(month.win_rate.n or 0 for month in months))
    book = week.pipeline.figures.values() if week.pipeline else ()
    told: list[Fact] = [*week.figures.values(), *book]
    told += [fact for month in months for fact in month.facts()]
    told += [fact for deal in open_deals.deals for fact in deal.facts()]
    shown = count(week, "figures", len({fact.id for fact in told}))
    return say("board.footer", closed=closed, day=day(week), generation=ours(week.generation), figures=shown)


def _veiled(name: str, now: Generation) -> str:
    """A name that a page without names may hold: of a segment it stays, of a person or a deal it goes."""
    whose = {
        names.clean(each) for one in now.people() for each in (one.name, one.person_id, one.email) if each
    }
    if name in whose:
        return label("board_word.person").text
    known = now.deal_names(EVERYONE)
    deals = {names.clean(str(each)) for one in known for each in one if each}
    return label("board_word.deal").text if name in deals else name
