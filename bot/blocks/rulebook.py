"""The rules as blocks: all in a table, one with its history, and the modal in which one is changed."""

from collections.abc import Iterable, Sequence
from itertools import zip_longest

from analytics.alerts.rules import COMPARISONS, LEVELS, METRICS, Condition, Rule, Subject
from analytics.facts import Preview, Rulebook, RuleTold
from bot import intents
from bot.blocks import common, forms
from bot.blocks.common import Block, Button, Row
from bot.narrator import ours
from bot.narrator import rulebook as narrator
from bot.narrator.claims import label, say
from bot.narrator.words import Words

CONDITIONS = 5
NOTHING = "-"  #: chosen to leave a condition out
TITLE_MOST = 60

#: Subjects that a new rule may be about; drivers and the source have ours.
NEW = (Subject.DEAL, Subject.OWNER, Subject.SEGMENT)


def page(book: Rulebook, words: Words, *, edits: bool) -> list[Block]:
    """Every rule in a row."""
    columns = common.head(("rule", "rule_id", "loud", "state", "when"))
    shown, _ = common.fitting(columns, [_row(rule) for rule in book.rules])
    table = common.data_table(label("caption.rules").text, columns, shown)
    new = [("rule.edit", label("rule_button.new").text, "")] if edits else []
    return common.framed(words, table, common.buttons(new))


def one(book: Rulebook, words: Words, *, edits: bool) -> list[Block]:
    """One rule, its history, and what can be done with it."""
    columns = common.head(("version", "state", "when", "changed_by", "changed_on", "note"))
    history = common.folded(label("caption.rule_history").text, columns, [_version(v) for v in book.history])
    return common.framed(words, after=[*history, *common.buttons(_ways(book.rules[0], edits=edits))])


def _ways(rule: RuleTold, *, edits: bool) -> Iterable[Button]:
    """The buttons below a rule; who may not change it can look at the others."""
    turn = "off" if rule.state == "on" else "on"
    if edits:
        yield "rule.edit", label("rule_button.edit").text, rule.id
        yield "ask.backtest", label("rule_button.try").text, intents.describe(intents.Backtest(rule.id))
        yield f"rule.{turn}", label(f"rule_button.{turn}").text, rule.id
    yield "ask.rules", label("rule_button.all").text, intents.describe(intents.RulesPage())


def _row(rule: RuleTold) -> Row:
    return [
        common.text_cell(narrator.called(rule).text),
        common.text_cell(rule.id),
        common.name_cell(rule.level),
        common.text_cell(label(f"rule_state.{rule.state}").text),
        common.text_cell(narrator.when(rule).text),
    ]


def _version(rule: RuleTold) -> Row:
    return [
        common.text_cell(str(rule.version)),
        common.text_cell(label(f"rule_state.{rule.state}").text),
        common.text_cell(narrator.when(rule).text),
        common.name_cell(rule.author or label("rule_who.us").text),
        common.name_cell(rule.on.isoformat() if rule.on else ""),
        common.name_cell(rule.note),
    ]


def asking(rule_id: str, words: Words) -> list[Block]:
    """What people said of a rule's alerts, and a way to change it."""
    ways = [(f"rule.{way}", label(f"rule_button.{way}").text, rule_id) for way in ("edit", "off")]
    return common.framed(words, after=common.buttons(ways))


# ---------------------------------------------------------------- the modal


def form(rule: Rule | None, only: str, private: str) -> Block:
    """What a rule looks at, to be changed; None for a new one.

    Args:
        only: the rule's filters in the words of `/winrate`.
    """
    subject = rule.subject if rule else Subject.DEAL
    among = (subject,) if rule else NEW
    titled = rule is None or rule.title
    blocks = [
        *(_asked("name", forms.text("title", rule.title if rule else "", most=TITLE_MOST)) if titled else []),
        *_level(rule, subject),
        *(block for number, one in enumerate(_held(rule)) for block in _condition(number, one, among)),
        *_narrowed(subject, only),
    ]
    return forms.modal("rule.form", "rule_form.title", blocks, private=private, send="rule_form.preview")


def preview(told: RuleTold, seen: Preview | None, private: str) -> Block:
    """What the rule would tell, and whether to keep it."""
    said = [say("rulebook.asks", when=narrator.when(told)), *narrator.narrowed(told), *narrator.preview(seen)]
    choices = [(name, _label(f"decide_{name}")) for name in ("draft", "on", "again")]
    blocks = [
        common.header(narrator.called(told).text),
        *common.bullets(claim.text for claim in said),
        *_asked("decide", forms.radio("decide", choices)),
        *_asked("note", forms.text("note")),
    ]
    return forms.modal("rule.preview", "rule_form.title", blocks, private=private, send="rule_form.save")


def says(text: str) -> Block:
    """A modal that says one thing."""
    return forms.page("rule_form.title", [common.paragraph(text)])


def _held(rule: Rule | None) -> Sequence[tuple[str, Condition | None]]:
    """As many conditions as the modal has room for, each with how it counts."""
    found = [("every", one) for one in rule.every] + [("any_of", one) for one in rule.any_of] if rule else []
    return [one or ("every", None) for one, _ in zip_longest(found, range(max(CONDITIONS, len(found))))]


def _condition(
    number: int, held: tuple[str, Condition | None], among: tuple[Subject, ...]
) -> Iterable[Block]:
    """One condition: what, how, whether it must hold or is one of several; and its line."""
    counts, condition = held
    metrics = [(NOTHING, _label("nothing"))]
    metrics += [
        (name, ours.said(metric.meaning)) for name, metric in METRICS.items() if metric.subject in among
    ]
    compared = [(sign, say(f"how.{sign}").text) for sign in COMPARISONS]
    ways = [(name, _label(name)) for name in ("every", "any_of")]
    metric, sign = (condition.metric, condition.comparison) if condition else (NOTHING, COMPARISONS[0])
    elements = [
        forms.select(f"metric.{number}", metrics, chosen=metric),
        forms.select(f"compare.{number}", compared, chosen=sign),
        forms.select(f"counts.{number}", ways, chosen=counts),
    ]
    threshold = f"{condition.threshold:f}" if condition else ""
    yield {"type": "actions", "block_id": f"condition.{number}", "elements": elements}
    yield from _asked("threshold", forms.text(f"threshold.{number}", threshold, most=20), optional=True)


def _level(rule: Rule | None, subject: Subject) -> list[Block]:
    """How loud it is, where there is a choice."""
    levels = LEVELS[subject]
    if len(levels) == 1:
        return []
    options = [(level, label(f"rule_level.{level}").text) for level in levels]
    return _asked("level", forms.select("level", options, chosen=rule.level if rule else levels[-1]))


def _narrowed(subject: Subject, only: str) -> list[Block]:
    if subject in (Subject.DRIVER, Subject.SOURCE):
        return []
    return _asked("only", forms.text("only", only), optional=True)


def _asked(title: str, element: Block, *, optional: bool = False) -> list[Block]:
    return [forms.asked(f"rule_form.{title}", element, optional=optional)]


def _label(name: str) -> str:
    return label(f"rule_form.{name}").text
