"""The Home tab as blocks: do these 3, open deals, how one is told, what was logged, who sees what."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot import intents
from bot.alerting.digests.tab import OpenDeal, Tab
from bot.alerting.interventions import Action
from bot.audience import Role
from bot.blocks import alert, common, deal
from bot.blocks.common import Block, Cell, Row
from bot.figures import Style
from bot.narrator import home as narrator
from bot.narrator.claims import Claim, label, say
from bot.narrator.words import Words, day

COLUMNS = ("deal", "account", "owner", "stage", "amount", "odds", "in_stage", "activity", "due")
LOGGED = ("day", "deal", "what", "after_14", "after_30")
LOGGED_MOST = 20  #: things logged that Home shows
LINES_MOST = 9  #: lines of a folded part
HIDDEN = ("actions", "context_actions")  #: parts of an answer that do nothing in a modal


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one person's Home tab is made of. Empty parts are left out."""

    name: str
    role: Role
    tab: Tab
    advice: Sequence[str]  # a play for each of the three, "" where none fits
    settings: Sequence[str]  # how they are told
    logged: Sequence[Action]
    notes: Sequence[str] = ()  # that numbers are old; that a rep is new
    figures: Sequence[tuple[str, str]] = ()  # the week of all deals, for the CRO
    lines: Sequence[str] = ()  # about the coach, the data or the rates, by role
    against: str = ""  # the person against the team, luck taken out
    pooled: str = ""  # the same of a new rep: everybody's rate
    plays: Sequence[tuple[str, str]] = ()  # each with the team's own document, or ""
    model: Sequence[str] = ()  # the model card in plain words


def page(of: Page) -> list[Block]:
    """The whole tab."""
    return [
        common.header(narrator.hello(of.tab, of.name).text),
        *(common.paragraph(note) for note in of.notes),
        *_three(of),
        *common.fields(of.figures),
        *common.bullets(of.lines),
        *_deals(of),
        *_against(of),
        *_plays(of),
        *_settings(of),
        *_logged(of),
        *folded(say("home.who_sees"), [line.text for line in narrator.sees(of.role)]),
        *folded(say("home.model"), of.model),
        common.context(_last(of.tab)),
    ]


def stranger(why: str) -> list[Block]:
    """The tab of somebody the CRM does not know."""
    return [
        common.header(say("home.stranger").text),
        common.paragraph(why),
        common.paragraph(say("home.stranger_next").text),
    ]


def empty() -> list[Block]:
    """The tab before there are any numbers."""
    lines = (say("home.no_numbers"), say("home.no_numbers_next"))
    return [common.header(lines[0].text), common.paragraph(lines[1].text)]


def alerts(waiting: Tab, words: Words, settings: Sequence[str]) -> list[Block]:
    """`/coach alerts`: what is open, then how one is told."""
    open_deals = [one.finding for one in waiting.agenda.items if one.finding.subject == "deal"]
    log = ("ask.log", label("home_button.alert_log").text, intents.describe(intents.AlertLog()))
    rates = [one.finding for one in waiting.agenda.items if one.finding.subject == "segment"]
    watch = [alert.show(one) for one in rates[:1]]
    told = [common.entry(say("home.settings").text, "\n".join(settings)), *_change()]
    return common.framed(
        words, after=[*common.buttons([*deal.ways(open_deals[: narrator.DO]), *watch, log]), *told]
    )


def shown(blocks: Sequence[Block]) -> list[Block]:
    """An answer in a modal, where its buttons would do nothing."""
    return [block for block in blocks if block["type"] not in HIDDEN]


def folded(title: Claim, lines: Iterable[str]) -> list[Block]:
    """Lines that the reader unfolds. None without lines."""
    return common.unfolding(title.text, common.bullets([*lines][:LINES_MOST]))


def _three(of: Page) -> Iterator[Block]:
    three = narrator.three(of.tab.agenda)
    if not three:
        yield common.paragraph(narrator.nothing(of.role).text, lead=True)
        return
    yield common.header(narrator.todo(of.tab.agenda, len(three)).text)
    for place, (item, line) in enumerate(three):
        advice = of.advice[place] if place < len(of.advice) else ""
        yield common.entry(line.text, advice) if advice else common.paragraph(line.text)
        if item.finding.subject == "deal":
            yield _do(item.finding.subject_id, place)
        elif item.finding.subject == "segment":
            _, text, asked = alert.show(item.finding)
            yield from common.buttons([(f"home.show.{place}", text, asked)])
    yield from (common.context(line.text) for line in narrator.more(of.tab.agenda))


def _do(deal_id: str, place: int) -> Block:
    """Look at the deal, or log what was done."""
    line = intents.describe(intents.Deal(deal_id))
    asked = [
        (f"home.show.{place}", label("home_button.show").text, line),
        ("deal.log", label("home_button.log").text, deal_id),
    ]
    return common.buttons(asked)[0]


def _deals(of: Page) -> Iterator[Block]:
    if of.role is Role.OPS:
        return
    first, *rest = narrator.deals(of.tab)
    yield common.header(first.text)
    names_owner = of.role is not Role.REP
    columns = [name for name in COLUMNS if name != "owner" or names_owner]
    head = common.head(columns, "home_column")
    rows = [[cell for name, cell in _row(one) if name in columns] for one in of.tab.deals]
    fit, _ = common.fitting(head, rows)
    yield from common.data_table(label("home_caption.deals").text, head, fit)
    yield from (common.context(line.text) for line in rest)


def _row(one: OpenDeal) -> Iterator[tuple[str, Cell]]:
    for name in ("deal_id", "account", "owner", "stage"):
        yield name.removesuffix("_id"), common.name_cell(getattr(one, name))
    yield "amount", common.known_cell(one.amount, Style.SHORT)
    for name in ("odds", "in_stage", "activity", "due"):
        yield name, common.known_cell(getattr(one, name))


def _against(of: Page) -> list[Block]:
    told = (("home.against", of.against), ("home.pooled", of.pooled))
    return [common.entry(say(title).text, text) for title, text in told if text]


def _plays(of: Page) -> list[Block]:
    """Playbooks, folded; who can link them, where none is."""
    linked = any(link for _, link in of.plays)
    hint = [] if linked or not of.plays else [common.context(say("home.plays_unlinked").text)]
    return common.unfolding(say("home.plays").text, [*common.plays(of.plays), *hint])


def _settings(of: Page) -> list[Block]:
    return common.unfolding(say("home.settings").text, [*common.bullets(of.settings), *_change()])


def _change() -> list[Block]:
    """The button to the modal."""
    return common.buttons([("home.settings", label("home_button.settings").text, "settings")])


def _logged(of: Page) -> list[Block]:
    if of.role is Role.OPS:
        return []
    if not of.logged:
        return [common.entry(say("home.logged").text, say("home.nothing_logged").text)]
    head: Row = common.head(LOGGED, "logged_column")
    rows = [_action(one) for one in of.logged[:LOGGED_MOST]]
    table = common.folded(say("home.logged").text, head, rows)
    return [*table, common.context(say("home.followed").text)]


def _action(one: Action) -> Row:
    outcomes = (label(f"followed.{code}").text for code in (one.after_14, one.after_30))
    return [
        common.text_cell(one.done_on.isoformat()),
        *map(common.name_cell, (one.deal_id, one.what or one.play)),
        *map(common.text_cell, outcomes),
    ]


def _last(tab: Tab) -> str:
    return say("home.last", day=day(tab), generation=tab.generation).text
