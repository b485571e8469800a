"""The looks of `/coach setup`: four sections with their buttons, and the modal that says who is who."""

from collections.abc import Iterable, Mapping, Sequence

from analytics.facts import RuleTold
from bot import intents
from bot.blocks import common, forms
from bot.blocks.common import Block, Button, Row
from bot.narrator import setup as narrator
from bot.narrator.claims import label
from bot.narrator.words import Words
from bot.setup.facts import File, Holder, Missing, Setup

CALLBACK = "setup.link"
VALUE_MOST = 150  #: characters of an option's value
FILES = ("file", "holds", "kept", "rejected")
MISSING = ("person", "person_id", "role", "why")
HOLDERS = ("held", "name", "source")

#: What can be looked at next, by section: the label of the button, and the line it asks.
NEXT: dict[str, tuple[tuple[str, str], ...]] = {
    "sources": (("quality", "/coach quality"), ("status", "/coach status")),
    "mapping": (),
    "thresholds": (("rules", "/coach rules"),),
    "roles": (("pilot", "/coach pilot"),),
}


def overview(parts: Mapping[str, Setup], words: Words) -> list[Block]:
    """How every section stands, each with a button to it."""
    return common.framed(words, [_standing(name, part) for name, part in parts.items()])


def _standing(name: str, of: Setup) -> Block:
    button = common.buttons(_to((name,)))[0]["elements"][0]
    said = common.entry(label(f"setup_section.{name}").text, narrator.standing(name, of))
    return {**said, "accessory": button}


def section(name: str, of: Setup, words: Words, *, links: bool) -> list[Block]:
    """One section.

    Args:
        links: may the reader say who is who?
    """
    middle = {"sources": files, "mapping": people, "thresholds": rules, "roles": holders}[name](of)
    link: list[Button] = [(CALLBACK, label("setup_button.link").text, "link")] if links and of.missing else []
    asked = [(f"ask.{key}", label(f"setup_button.{key}").text, line) for key, line in NEXT[name]]
    return common.framed(words, middle, common.buttons([*link, *asked, *_to(("",))]))


def _to(sections: Iterable[str]) -> list[Button]:
    """Buttons to sections; "" is the overview."""
    return [
        (
            f"ask.setup.{name or 'all'}",
            label(f"setup_button.{name or 'all'}").text,
            intents.describe(intents.SetupPage(name)).rstrip(),
        )
        for name in sections
    ]


def files(of: Setup) -> list[Block]:
    """The files of the load, each in a row."""
    return _table("files", FILES, [_file(one) for one in of.files])


def _file(one: File) -> Row:
    holds = label(f"setup_holds.{one.holds}").text if one.holds in HOLDS else one.holds
    return [
        common.name_cell(one.name),
        common.name_cell(holds),
        common.fact_cell(one.kept),
        common.fact_cell(one.rejected),
    ]


HOLDS = ("deals", "deal_events", "activities", "people", "quotas")


def people(of: Setup) -> list[Block]:
    """Who is nobody in Slack, each in a row."""
    return _table("missing", MISSING, [_missing(one) for one in of.missing[: narrator.LISTED]])


def _missing(one: Missing) -> Row:
    return [
        common.name_cell(one.someone.name),
        common.name_cell(one.someone.key),
        common.text_cell(label(f"setup_role.{one.someone.role}").text),
        common.text_cell(narrator.why(one.why).text),
    ]


def rules(of: Setup) -> list[Block]:
    """Every rule with its lines, and a button to change it."""
    return [_rule(one) for one in of.rules[: narrator.LISTED]]


def _rule(one: RuleTold) -> Block:
    button = common.buttons([("rule.edit", label("setup_button.change").text, one.id)])[0]["elements"][0]
    return {**common.paragraph(narrator.rule(one).text), "accessory": button}


def holders(of: Setup) -> list[Block]:
    """Who holds which role, each in a row."""
    return _table("holders", HOLDERS, [_holder(one) for one in of.holders])


def _holder(one: Holder) -> Row:
    return [
        common.text_cell(label(f"setup_role.{one.role}").text),
        common.name_cell(one.name),
        common.text_cell(label(f"setup_says.{one.source}").text),
    ]


def _table(caption: str, columns: Sequence[str], rows: Sequence[Row]) -> list[Block]:
    head = common.head(columns, "setup_column")
    shown, _ = common.fitting(head, rows)
    return common.data_table(label(f"setup_caption.{caption}").text, head, shown)


def form(missing: Sequence[Missing]) -> Block:
    """The modal in which ops say which Slack user is which person.

    Args:
        missing: at least one of them in the CRM.
    """
    options = [
        (one.someone.key, f"{one.someone.name} ({one.someone.key})")
        for one in missing
        if one.someone.in_crm and len(one.someone.key) <= VALUE_MOST
    ]
    user = {"type": "users_select", "action_id": "user"}
    blocks = [
        forms.asked("setup_link.person", forms.select("person", options)),
        forms.asked("setup_link.user", user),
    ]
    return forms.modal(CALLBACK, "setup_link.title", blocks, send="setup_link.save")


def says(text: str) -> Block:
    """The modal once it is done."""
    return forms.page("setup_link.title", [common.paragraph(text)])
