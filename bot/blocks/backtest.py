"""What rules would have told last quarter, as a message: week by week, and how it ended or rule by rule."""

from collections.abc import Iterator

from analytics.facts import BacktestAnswer, Trial, Worth
from bot import figures, intents
from bot.blocks import chart, common
from bot.blocks.common import Block, Button, Row
from bot.narrator.backtest import called, main
from bot.narrator.claims import label
from bot.narrator.words import Words

COLUMN = "backtest_column"  #: section of the labels above tables
RULES = (
    "rule",
    "level",
    "worth",
    "crossings",
    "per_manager_week",
    "lost",
    "alike",
    "difference",
    "range",
)


def answer(facts: BacktestAnswer, words: Words) -> list[Block]:
    """The whole message, for those who may switch rules on and off."""
    middle = [*_weeks(facts), *(_endings(facts) if facts.asked else _rules(facts))]
    return common.framed(words, middle, common.buttons(_next(facts)))


def _weeks(facts: BacktestAnswer) -> list[Block]:
    """Alerts week by week; nothing for a rule that could not be tried or told nothing."""
    known = {each: [figures.number(getattr(one, each)) for one in facts.weeks] for each in ("told", "digest")}
    shown = {label(f"backtest_chart.{each}").text: of for each, of in known.items() if any(of)}
    places = [figures.text(week.start) for week in facts.weeks]
    return chart.lines(label("backtest_caption.weeks").text, places, shown) if shown else []


def _endings(facts: BacktestAnswer) -> list[Block]:
    """How the alerts of the rule ended within a fortnight."""
    rows = [
        [common.text_cell(label(f"backtest_ending.{how}").text), common.fact_cell(count)]
        for how, count in main(facts).endings
    ]
    return common.data_table(
        label("backtest_caption.endings").text, common.head(("ending", "count"), COLUMN), rows
    )


def _rules(facts: BacktestAnswer) -> list[Block]:
    """A row for each rule that the past can try."""
    tried = [trial for trial in facts.trials if trial.worth is not Worth.UNTRIED]
    columns = common.head(RULES, COLUMN)
    rows, _ = common.fitting(columns, [_row(trial) for trial in tried])
    return common.data_table(label("backtest_caption.rules").text, columns, rows)


def _row(trial: Trial) -> Row:
    known = trial.figures
    return [
        common.text_cell(called(trial).text),
        common.text_cell(trial.level),
        common.text_cell(label(f"backtest_worth.{trial.worth}").text),
        *(common.known_cell(known.get(metric)) for metric in RULES[3:-1]),
        common.range_cell(known["difference"]) if "difference" in known else common.name_cell(""),
    ]


def _next(facts: BacktestAnswer) -> Iterator[Button]:
    """Switch it on or off, look at it, or at all rules."""
    if facts.asked:
        if facts.asked.worth in (Worth.NOISE, Worth.LESS):
            yield "rule.edit", label("rule_button.edit").text, facts.about
        turn = "off" if facts.is_on else "on"
        yield f"rule.{turn}", label(f"rule_button.{turn}").text, facts.about
        rule = intents.describe(intents.RulesPage(facts.about))
        yield "ask.rule", label("backtest_button.rule").text, rule
        yield "ask.backtest", label("backtest_button.all").text, intents.describe(intents.Backtest("all"))
    else:
        yield "ask.rules", label("backtest_button.rules").text, intents.describe(intents.RulesPage())
