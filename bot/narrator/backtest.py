"""The words for "what would this rule have told?": worth switching on, or noise; how many, and to whom."""

from collections.abc import Iterable, Iterator

from analytics.facts import BacktestAnswer, Note, Trial, Worth
from bot.narrator.alert import rule_name
from bot.narrator.claims import Claim, joined, label, listed, say
from bot.narrator.words import Words, finish, notes


def backtest(answer: BacktestAnswer, stale: Note | None = None) -> Words:
    """What rules would have told, and what it is worth. `stale` is told first of all."""
    told = main(answer)
    headline = say("backtest.headline", rule=title(answer), since=answer.since, until=answer.until)
    verdict = _verdict(answer, told)
    return finish(
        answer,
        headline=headline,
        verdict=verdict,
        lines=[*_lines(answer, told), *notes(answer.notes)],
        scope={"scope": say("backtest.scope")},
        stale=stale,
    )


def main(answer: BacktestAnswer) -> Trial:
    """The trial that the words are about: of the rule asked for, else of all P1 rules, else the first one."""
    return answer.asked or answer.together or answer.trials[0]


def called(told: Trial) -> Claim:
    """The rule of a trial as people call it."""
    return rule_name(told.id, told.title, told.figures.get("least"))


def title(answer: BacktestAnswer) -> Claim:
    """What was tried."""
    if answer.asked:
        return called(answer.asked)
    names = [called(one) for one in pooled(answer)]
    return say("backtest.both", rules=joined(names, " and ")) if len(names) > 1 else say("backtest.all")


def pooled(answer: BacktestAnswer) -> list[Trial]:
    """The rules that "all" puts together; none where one is asked about."""
    if answer.asked or not answer.together:
        return []
    told = (one for one in answer.trials if one.worth not in (Worth.SILENT, Worth.UNTRIED))
    return [one for one in told if one.level == answer.together.level]


def _verdict(answer: BacktestAnswer, told: Trial) -> Claim:
    known = told.figures
    match told.worth:
        case Worth.WORTH if alone := pooled(answer):
            shown = any(one.worth is Worth.WORTH for one in alone)
            return say(f"backtest.{'all_keep_on' if shown else 'together_only'}", **known)
        case Worth.WORTH:
            return say(f"backtest.{'keep_on' if answer.is_on else 'switch_on'}", **known)
        case Worth.UNTRIED:
            return say("backtest.untried", what=_metrics(told.untold))
        case _:
            return say(f"backtest.{told.worth}", **known)


def _metrics(metrics: Iterable[str]) -> Claim:
    return listed(dict.fromkeys(label(f"backtest_what.{metric}") for metric in metrics))


def _alone(answer: BacktestAnswer) -> Iterator[Claim]:
    """What each of the rules that are put together shows by itself."""
    if len(alone := pooled(answer)) > 1:
        each = (say("backtest.one_alone", rule=called(one), worth=worth(one)) for one in alone)
        yield say("backtest.each_alone", each=joined(each, "; "))


def worth(told: Trial) -> Claim:
    """The verdict on one rule in two words."""
    return label(f"backtest_worth.{told.worth}")


def _lines(answer: BacktestAnswer, told: Trial) -> Iterator[Claim]:
    yield from _alone(answer)
    if told.worth is not Worth.UNTRIED:
        yield from _alerts(answer, told)
        yield from _endings(told)
        yield from _compared(told)
        for known, metrics in (("untold", told.untold), ("partly", told.partly)):
            if metrics:
                yield say(f"backtest.{known}", what=_metrics(metrics))
    if not answer.asked:
        yield say("backtest.p1_only")
        yield from _not_tried(answer)
    if answer.together and answer.together is not told:
        yield say("backtest.budget", **answer.together.figures)
        yield say("backtest.managers", **answer.together.figures)


def _not_tried(answer: BacktestAnswer) -> Iterator[Claim]:
    """The rules of which no history tells."""
    blind = [called(one) for one in answer.trials if one.worth is Worth.UNTRIED]
    if blind:
        yield say("backtest.not_tried", rules=joined(blind))


def _alerts(answer: BacktestAnswer, told: Trial) -> Iterator[Claim]:
    """How many, and to whom."""
    known = told.figures
    yield say("backtest.alerts", **known, weeks=answer.week_count)
    if not known["crossings"].value:
        return
    if "told" in known:
        yield say("backtest.told", **known)
        yield say("backtest.reached", **known)
    else:
        yield say("backtest.digest", **known)
    for metric in ("held", "unsaid", "inhibited", "already"):
        if metric in known and known[metric].value:
            yield say(f"backtest.{metric}", **known)


def _endings(told: Trial) -> Iterator[Claim]:
    if "by_itself" in told.figures:
        yield say("backtest.itself", **told.figures)


def _compared(told: Trial) -> Iterator[Claim]:
    """How its deals ended beside deals like them, how sure that is, and who is not decided."""
    known = told.figures
    if "difference" not in known:
        return
    if told.worth is Worth.NOISE:
        yield say("backtest.range", **known)
        yield say("backtest.detectable", **known)
    else:
        yield say("backtest.difference", **known)
        yield from [say("backtest.lift", **known)] if "lift" in known else []
        yield say("backtest.sign")
    yield say("backtest.like")
    yield say("backtest.still_open", **known)
    yield say("backtest.bounds", **known)
    if known["alone"].value:
        yield say("backtest.alone", **known)
    if told.level == "P3":
        yield say("backtest.hygiene")
