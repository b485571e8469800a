"""Every kind of thing that a command or a job sends: its facts as a sample gives them, shaken, then drawn."""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from analytics import answers, refresh, store
from analytics import impact as proof
from analytics.alerts import told
from analytics.alerts.reviewing import Course, Review, report, to_review
from analytics.alerts.rules import DEFAULTS, METRICS, Rule, as_json
from analytics.answers.mint import mint_of
from analytics.facts import (
    BacktestAnswer,
    DealCard,
    Ending,
    Fact,
    Finding,
    ModelCard,
    Nudge,
    Preview,
    Quality,
    Receipt,
    RepPage,
    Rulebook,
    Unit,
    Week,
)
from analytics.impact import Done, Enrolled, Terms, Unanswered
from analytics.questions import EVERYONE
from analytics.store import Generation
from bot import intents
from bot import settings as config
from bot.alerting import face
from bot.alerting.digests import company
from bot.alerting.digests.facts import Agenda, Item, Monday, MonthReport, Scorecard, TeamMonday
from bot.alerting.digests.tab import tab
from bot.alerting.interventions import Action
from bot.alerting.log import Entry, What, Why
from bot.alerting.outbox import Recipient
from bot.alerting.preferences import Preferences
from bot.alerting.standing import Standing, State
from bot.audience import Role
from bot.blocks import (
    actions,
    alert_log,
    backtest,
    digest,
    escalation,
    evidence,
    home,
    impact,
    model,
    pages,
    people,
    pilot,
    preferences,
    rulebook,
    sums,
    week,
)
from bot.blocks import deal as deals
from bot.coach import Coach, Inquiry
from bot.jobs.review import MOST as REMINDED
from bot.listeners import conversation
from bot.narrator import actions as acting
from bot.narrator import alert_log as logs
from bot.narrator import digest as digests
from bot.narrator import home as homes
from bot.narrator import rulebook as rules
from bot.narrator import template
from bot.narrator.alert_log import Logged
from bot.replies import backtest as trials
from bot.replies import evidence as behind
from bot.replies import narrating, reply
from bot.replies.questions import KINDS
from bot.replies.recheck import recheck as doubted
from bot.replies.reply import Reply, page, stale, worded
from data import load, sample, tables
from tests.payloads import Sent, message, modal
from tests.shaken import Shaker

Play = Callable[[Shaker], Iterator[Sent]]

AS_OF = date(2024, 6, 28)
NOON = datetime(2024, 6, 28, 12, tzinfo=UTC)
ROLES = ("owner", "manager", "cro", "ops", "reviewer")

LINES = (
    "/winrate",
    "/winrate region",
    "/winrate industry last quarter by rep",
    "/winrate lead source by amount",
    "/winrate rep",
    "/winrate quarter",
    "/winrate region by product",
    "/why",
    "/why challenge",
    "/why lead source 2023-Q1 vs 2023-Q2",
    "/watch",
    "/watch lead source below 35 %",
    "/drivers",
    "/drivers region by lead source",
    "/pipeline",
    "/funnel",
    "/coach quality",
    "/coach model",
    '/whatif drop region = "APAC"',
    '/whatif shift region = "APAC" to region = "Europe"',
    *(f"/deal D{number:05d}" for number in (7, 1501, 1540, 1600)),
    *(f"/deal D{number:05d} changes" for number in (1501, 1550)),
    "/coach rep rep_03",
    "/coach week rep_03",
)
PAGES = (
    *("/coach help", "/coach glossary", "/coach status", "/coach rules", "/coach alerts"),
    *("/coach impact", "/coach plays"),
)


@dataclass(frozen=True)
class Store:
    """A loaded and counted sample, and the CRO's answers from it."""

    generation: Generation
    coach: Coach

    @classmethod
    def made(cls, home: Path, deals: int = 1500) -> "Store":
        """A new one in a folder."""
        sample.write(home / "files", as_of=AS_OF, deals=deals, seed=7)
        load.load(sorted((home / "files").glob("*.csv")), home, loaded_on=AS_OF)
        refresh.refresh(tables.current(home), home, AS_OF)
        return cls.of(home)

    @classmethod
    def of(cls, home: Path) -> "Store":
        """One that is there."""
        return cls(store.current(home), Coach(config.load(home=home, stale_after_days=100_000)))

    @property
    def inquiry(self) -> Inquiry:
        """The CRO asks."""
        return self.coach.asked_here()

    def reply(self, line: str) -> Reply:
        """The reply to a line."""
        return asyncio.run(reply(self.inquiry.understand_line(line), self.inquiry))


def plays(known: Store) -> Mapping[str, Play]:
    """Everything that is sent, by name, in the language of whoever reads when it is played."""
    from tests import sent_beside_answers as beside  # draws answers with what is here

    kinds = {line: partial(_answer, known, line, known.reply(line)) for line in LINES}
    told = {**kinds, **_looks(known), **_alerts(known), **_lists(known), **_forms(known)}
    return {**told, **_ourselves(known), **beside.plays(known)}


# ---------------------------------------------------------------- answers to a line


def _answer(known: Store, line: str, reply: Reply, chance: Shaker) -> Iterator[Sent]:
    """An answer as it is sent at once, and in the two parts in which a model tells it."""
    assert reply.answer is not None
    shown = _drawn(known, line, chance.answer(reply.answer), chance)
    assert shown.words is not None
    yield message(shown.text, narrating.card(shown))
    yield message(shown.text, narrating.numbers(shown))
    yield message(shown.words.text, evidence.actions(shown))
    yield Sent(home.shown(shown.blocks), surface="modal")


def _drawn(known: Store, line: str, facts: Any, chance: Shaker) -> Reply:
    """The reply to a line, were these its facts."""
    asked = known.inquiry.understand_line(line)
    match facts:
        case DealCard():
            words = template.deal(facts)
            links = {play.id: "https://docs.example.com/plays" for play in words.plays}
            asked = replace(asked, deal_id=facts.deal_id)
            return worded(words, lambda told: deals.card(facts, told, asked, links), facts, line)
        case Receipt():
            return worded(template.receipt(facts), lambda told: deals.changes(facts, told), facts, line)
        case RepPage():
            return worded(template.rep(facts), lambda told: people.rep(facts, told), facts, line)
        case Week():
            return worded(template.week(facts), lambda told: week.answer(facts, told, asked), facts, line)
        case ModelCard():
            return worded(template.model(facts), lambda told: model.card(facts, told), facts, line)
        case Quality():
            return worded(template.quality(facts), lambda told: pages.quality(facts, told), facts, line)
    kind = KINDS[type(asked)]
    late = chance.chance.choice((None, behind_the_day(known)))
    return worded(kind.words(facts, late), lambda told: kind.blocks(facts, told, asked), facts, line)


def behind_the_day(known: Store) -> Any:
    """The word that the numbers are old."""
    return stale(known.generation, 9)


# ---------------------------------------------------------------- a look behind an answer


def _looks(known: Store) -> Iterator[tuple[str, Play]] | dict[str, Play]:
    inquiry = known.inquiry
    found: dict[str, Play] = {}
    for line in ("/winrate region", "/why", "/pipeline", "/deal D01501"):
        counted = asyncio.run(behind.evidence(line, inquiry))
        found[f"sums {line}"] = partial(_sums, line, counted)
    for line in ("/winrate lead source", "/why", "/funnel"):
        found[f"check {line}"] = partial(_check, asyncio.run(_doubts(line, inquiry)))
    return found


def _sums(line: str, counted: Any, chance: Shaker) -> Iterator[Sent]:
    groups = [replace(one, facts=tuple(chance.fact(f) for f in one.facts)) for one in counted.groups]
    some = groups * chance.chance.choice((0, 1, 4))
    said = tuple((text, times, rows) for text, times, rows in counted.statements)
    long = chance.chance.choice((said, tuple((text * 2, times, rows) for text, times, rows in said) * 5))
    people = {key: chance.name() for key in counted.people}
    before = chance.chance.choice(("", "g000001-2024-01-01"))
    blocks = sums.page(replace(counted, groups=some, statements=long, people=people, before=before))
    yield message(page(blocks).text, blocks)
    yield modal(sums.modal(line, blocks))


async def _doubts(line: str, inquiry: Inquiry) -> Any:
    return await doubted(intents.Recheck(line), inquiry)


def _check(reply: Reply, chance: Shaker) -> Iterator[Sent]:
    yield message(reply.text, narrating.card(reply))


# ---------------------------------------------------------------- alerts


def _alerts(known: Store) -> dict[str, Play]:
    return {
        **{f"alert {rule.id}": partial(_alert, known, rule) for rule in DEFAULTS},
        "escalation": partial(_escalation, known),
        "reminder": partial(_reminder, known),
        "pilot": partial(_pilot, known),
        "log": partial(_log, known),
    }


def finding(known: Store, rule: Rule, chance: Shaker) -> Finding:
    """Something over a rule's line, in words of any kind."""
    mint, subject = mint_of(known.generation), str(rule.subject)
    metrics = [condition.metric for condition in rule.conditions]
    more = chance.chance.sample(sorted(METRICS), 3)
    figures = {name: _measured(mint, name, chance) for name in (*metrics, *more)}
    figures |= {f"{name}_limit": _measured(mint, name, chance) for name in (*metrics, *more)}
    named = (
        "deal",
        "account",
        "stage",
        "owner",
        "next_step",
        "segment",
        "driver",
        "check",
        "what",
        "source",
        "columns",
    )
    said = {name: chance.chance.choice((chance.name(), "")) for name in named}
    codes = {
        "direction": chance.chance.choice(("low", "high", "")),
        "state": chance.chance.choice(("shock", "drift", "floor")),
        "since": "2024-05",
    }
    subjects = {"segment": "region=APAC,industry=SaaS|FinTech", "driver": "lead_source=Referral"}
    return Finding(
        rule=chance.chance.choice((rule.id, rule.id, "r_our_own")),
        title=chance.chance.choice(("", chance.name())),
        level=str(rule.level),
        subject=subject,
        subject_id=subjects.get(subject) or chance.name(),
        names=said | codes,
        owner_id="rep_03",
        manager_id="mgr_01",
        causes=tuple(dict.fromkeys(metrics)),
        figures=figures,
        as_of=known.generation.as_of,
        generation=known.generation.id,
    )


UNITS = {"money": Unit.MONEY, "days": Unit.DAYS, "points": Unit.POINTS, "percent": Unit.FRACTION}


def _measured(mint: Any, metric: str, chance: Shaker) -> Fact:
    unit = UNITS.get(METRICS[metric].unit, Unit.COUNT)
    known = mint.fact(metric, Decimal(1), unit, "deal=D1", currency="USD" if unit is Unit.MONEY else "", n=9)
    fact = chance.fact(known)
    return fact if chance.chance.random() < 0.9 else chance.unknown(fact)


def standing(chance: Shaker, known: Store) -> Standing:
    """How an alert may stand."""
    draw = chance.chance
    figure = mint_of(known.generation).fact("days_since_told", 3, Unit.DAYS, "deal=D1")
    ending = Ending(
        subject_id="D1",
        reason=draw.choice(ENDINGS),
        names={"stage": chance.name(), "owner": chance.name()},
        figures={"days_since_told": chance.fact(figure)},
        as_of=known.generation.as_of,
        generation=known.generation.id,
    )
    return Standing(
        key=f"main:stalled:{chance.name()}:2024-06-28",
        state=draw.choice([*State]),
        by=draw.choice((chance.name(), "")),
        acted=chance.name(),
        reason=chance.name(),
        until=draw.choice((None, NOON)),
        escalated=draw.random() < 0.5,
        ending=draw.choice((None, ending)),
        matches=draw.choice((0, 1, 1200)),
        told=draw.choice((0, 3)),
        budget=draw.choice((0, 3)),
    )


def _alert(known: Store, rule: Rule, chance: Shaker) -> Iterator[Sent]:
    """The one message of an alert, however it stands and whoever reads it."""
    for role in ROLES:
        recipient = Recipient("rep_03", chance.name(), "a@example.com", role)
        yield message(*face.render(finding(known, rule, chance), recipient, standing(chance, known)))


def _some(known: Store, chance: Shaker) -> list[Finding]:
    number = chance.chance.choice((1, 3, 25, 200))
    return [finding(known, chance.chance.choice(DEFAULTS), chance) for _ in range(number)]


def _escalation(known: Store, chance: Shaker) -> Iterator[Sent]:
    found = _some(known, chance)
    yield message(
        *escalation.card(found, [template.alert(one, "manager", Standing(key="k")).headline for one in found])
    )


def _reminder(known: Store, chance: Shaker) -> Iterator[Sent]:
    waiting = {f"main:{place}:{chance.name()}": one for place, one in enumerate(_some(known, chance))}
    facts = to_review(waiting, REMINDED, 3, known.generation.as_of, known.generation.id)
    words = template.reminder(facts)
    yield message(words.text, pilot.reminder(facts, words))


def _pilot(known: Store, chance: Shaker) -> Iterator[Sent]:
    draw, generation = chance.chance, known.generation
    outcomes = ("passed", "held", "waiting", "lapsed")
    codes = ("known", "numbers", "small", "timing", "person", "other")
    reviews = [Review(one, draw.choice(outcomes), draw.choice(codes)) for one in _some(known, chance)]
    reviews = draw.choice((reviews, []))
    course = Course(draw.choice(("off", "not_begun", "nobody", "on", "over", "live")), AS_OF, AS_OF)
    who = [chance.name() for _ in range(draw.choice((0, 1, 200)))]
    facts = report(course, reviews, DEFAULTS, generation.as_of, generation.id, reviewers=who)
    words = template.pilot(facts)
    yield message(words.text, pilot.report(facts, words, may_end=draw.random() < 0.5))


def _log(known: Store, chance: Shaker) -> Iterator[Sent]:
    draw = chance.chance
    entries = [
        Entry(
            id=place,
            alert_key="k",
            rule=draw.choice(("stalled", "r_1")),
            level="P1",
            subject="deal",
            subject_id=chance.name(),
            owner_id="rep_03",
            what=what,
            reason=_reason(what, chance),
            person_id=draw.choice(("rep_03", "", "gone")),
            day=AS_OF,
            at=NOON,
            due=draw.choice((None, NOON)),
        )
        for place in range(draw.choice((0, 1, 100)))
        for what in [draw.choice([*What])]
    ]
    counts = {(what, ""): draw.choice((1, 10**9)) for what in draw.sample([*What], draw.choice((0, 5)))}
    counts |= {(What.SUPPRESSED, why): 3 for why in draw.sample([*map(str, Why)], draw.choice((0, 9)))}
    facts = Logged(
        counts=counts,
        entries=entries,
        total=10**6,
        hygiene=draw.choice((0, 10**6)),
        names={"rep_03": chance.name()},
        about=draw.choice(("", chance.name())),
        counts_only=draw.random() < 0.3,
        since=AS_OF,
        as_of=AS_OF,
        generation=known.generation.id,
    )
    words = logs.log(facts)
    yield message(words.text, alert_log.page(facts, words))


ENDINGS = ("won", "lost", "gone", "owner_changed", "moved", "activity", "amount_fell", "line_moved", "passed")


def _reason(what: What, chance: Shaker) -> str:
    """Why it happened: a code for what we did, words for what people did."""
    if what is What.RESOLVED:
        return chance.chance.choice(ENDINGS)
    return chance.chance.choice([*map(str, Why)]) if what is What.SUPPRESSED else chance.name()


# ---------------------------------------------------------------- digests and Home


def _lists(known: Store) -> dict[str, Play]:
    return {
        **{f"agenda {role}": partial(_agenda_sent, known, role) for role in Role},
        "monday": partial(_monday, known),
        "month": partial(_month, known, company.month_report(known.generation)),
        "team": partial(_team, known),
        **{f"home {role}": partial(_home, known, role) for role in Role},
        "home stranger": lambda chance: iter([Sent(home.stranger(chance.name()), surface="home")]),
        "home empty": lambda _: iter([Sent(home.empty(), surface="home")]),
    }


def agenda(known: Store, role: str, chance: Shaker) -> Agenda:
    """What is open for somebody."""
    draw, mint = chance.chance, mint_of(known.generation)
    found = _some(known, chance) if draw.random() < 0.8 else []
    items = [
        Item(
            key=f"k{place}",
            finding=one,
            state=State.TOLD,
            is_new=draw.random() < 0.5,
            amount=draw.choice((None, chance.fact(mint.fact("amount", 1, Unit.MONEY, "d", currency="USD")))),
            odds=draw.choice((None, 0.01, 0.4)),
        )
        for place, one in enumerate(found)
    ]
    hygiene = {
        name: mint.count("open_deals", draw.choice((1, 10**7)), name) for name in ("no_next_step", "old")
    }
    return Agenda(
        person_id="rep_03",
        name=chance.name(),
        role=role,
        weekly=draw.random() < 0.5,
        items=tuple(items),
        hygiene=draw.choice(({}, hygiene)),
        as_of=known.generation.as_of,
        generation=known.generation.id,
    )


def _agenda_sent(known: Store, role: str, chance: Shaker) -> Iterator[Sent]:
    facts = agenda(known, role, chance)
    words = digests.agenda(facts)
    yield message(words.text, digest.agenda(facts, words))
    waiting = tab(known.generation, facts, EVERYONE, most=0)
    reviewing = chance.chance.choice((None, mint_of(known.generation).count("waiting", 3, "all")))
    open_now = homes.told(facts, agenda(known, role, chance), reviewing)
    yield message(open_now.text, home.alerts(waiting, open_now, _settings(chance, Role(role))))


def _settings(chance: Shaker, role: Role) -> list[str]:
    chosen = Preferences(
        place=chance.chance.choice(("", "C1")), digest=chance.chance.choice(("daily", "off"))
    )
    amount = None
    said = homes.settings(chosen, config.load(), role, preferences.LEVELS[role], amount)
    return [line.text for line in said]


def _scorecard(known: Store, chance: Shaker) -> Scorecard:
    mint = mint_of(known.generation)
    names = ("told", "answered", "acted", "not_useful", "suppressed", "silent")
    figures = {name: mint.count("alerts", chance.chance.choice((0, 1, 10**7)), name) for name in names}
    figures["since"] = mint.day("as_of", AS_OF.toordinal(), "scorecard")
    return Scorecard(figures=figures, as_of=AS_OF, generation=known.generation.id)


def effect(known: Store, chance: Shaker) -> Any:
    """What is known of the effect of the alerts."""
    draw, mint = chance.chance, mint_of(known.generation)
    terms = Terms(
        start=date(2024, 1, 8),
        share=Decimal("0.15"),
        seed="s",
        effect=Decimal("0.1"),
        planned=2918,
        horizon_days=14,
    )
    number = draw.choice((0, 3, 60, 3000))
    enrolled = [
        Enrolled(
            deal_id=f"D{n}",
            owner_id=f"rep_{n % 9}",
            silent=n % 6 == 0,
            since=date(2024, 2, 1),
            moved_on=date(2024, 2, 3) if draw.random() < 0.5 else None,
        )
        for n in range(number)
    ]
    share = draw.choice((Decimal("0.15"), Decimal("0.2"), Decimal(0)))
    return proof.impact(enrolled, draw.choice((terms, terms, None)), share, mint, sees_all=True)


def _monday(known: Store, chance: Shaker) -> Iterator[Sent]:
    generation = known.generation
    watched = tuple(chance.answer(one) for one in company.watched(generation))
    known_pipeline = company.pipeline(generation)
    facts = Monday(
        agenda=agenda(known, "cro", chance),
        figures={name: chance.fact(one) for name, one in company.week_figures(generation).items()},
        pipeline=chance.chance.choice((None, known_pipeline and chance.answer(known_pipeline))),
        watched=watched,
        fresh=company.fresh(generation),
        scorecard=_scorecard(known, chance),
        impact=effect(known, chance),
        as_of=generation.as_of,
        generation=generation.id,
    )
    words = digests.monday(facts)
    yield message(words.text, digest.monday(facts, words))


def _month(known: Store, facts: MonthReport, chance: Shaker) -> Iterator[Sent]:
    shaken = chance.answer(facts)
    words = digests.month(shaken)
    yield message(words.text, digest.month(shaken, words))


def _team(known: Store, chance: Shaker) -> Iterator[Sent]:
    generation = known.generation
    found = answers.team_week(_week_before(known), generation, "mgr_01", config.load().thresholds)
    assert found is not None
    facts = TeamMonday(
        agenda=agenda(known, "manager", chance),
        week=chance.answer(found),
        as_of=generation.as_of,
        generation=generation.id,
    )
    words = digests.team(facts)
    yield message(words.text, digest.team(facts, words))


def _week_before(known: Store) -> Generation:
    return asyncio.run(known.coach.week_before(known.generation))


def _home(known: Store, role: Role, chance: Shaker) -> Iterator[Sent]:
    draw = chance.chance
    shown = tab(known.generation, agenda(known, str(role), chance), EVERYONE)
    shown = replace(shown, deals=chance.answer(shown).deals[:10])
    logged = [
        Action(
            key=str(n),
            deal_id=chance.name(),
            what=chance.name(),
            done_on=AS_OF,
            person_id="rep_03",
            after_14=draw.choice(("", "won", "lost", "moved", "stepped", "nothing", "gone")),
        )
        for n in range(draw.choice((0, 1, 200)))
    ]
    pipeline = company.pipeline(known.generation)
    assert pipeline is not None
    book = {name: chance.fact(one) for name, one in company.week_figures(known.generation).items()}
    page = home.Page(
        name=chance.name(),
        role=role,
        tab=shown,
        advice=[chance.name() for _ in range(3)],
        settings=_settings(chance, role),
        logged=logged,
        notes=[chance.name()],
        figures=[*digest.week_fields(book, chance.answer(pipeline))],
        lines=[chance.name() for _ in range(9)],
        against=chance.name(),
        pooled=draw.choice(("", chance.name())),
        plays=draw.choice(
            ((), homes.plays({}), homes.plays({"call_the_buyer": "https://docs.example.com/a"}))
        ),
        model=[line.text for line in homes.odds(chance.answer(answers.model_card(known.generation)))],
    )
    yield Sent(home.page(page), surface="home")


# ---------------------------------------------------------------- rules, trials, and what is chosen in modals


def _forms(known: Store) -> dict[str, Play]:
    return {
        "rules": partial(_rules, known),
        "rule": partial(_rule, known),
        "nudge": partial(_nudge, known),
        **{f"backtest {rule}": partial(_backtest, _trial(known, rule)) for rule in ("stalled", "all")},
        "impact": partial(_impact, known),
        "plays": partial(_plays, known),
        "log form": partial(_log_form, known),
        "reasons": _reasons,
        **{f"choose {role}": partial(_choose, role) for role in Role},
        "question back": _back,
    }


def _told(known: Store, rule: Rule, chance: Shaker) -> Any:
    draw = chance.chance
    of = replace(rule, title=draw.choice(("", chance.name()[:60])), version=draw.choice((0, 7)))
    shown = told.told(
        of,
        known.generation,
        state=draw.choice(("on", "off", "draft")),
        author=draw.choice(("", chance.name())),
        note=draw.choice(("", chance.name())),
        on=draw.choice((None, AS_OF)),
    )
    return replace(shown, filters=draw.choice(((), (("region", tuple(chance.name() for _ in range(30))),))))


def _preview(known: Store, chance: Shaker) -> Preview | None:
    mint = mint_of(known.generation)
    counts = {
        n: mint.count(n, chance.chance.choice((0, 1, 10**7)), "rule")
        for n in ("matches", "fresh", "open_deals", "owners")
    }
    return chance.chance.choice((None, Preview(figures={}), Preview(figures=counts)))


def _rules(known: Store, chance: Shaker) -> Iterator[Sent]:
    many = chance.chance.choice((1, 18, 200))
    book = _book(known, [_told(known, DEFAULTS[n % len(DEFAULTS)], chance) for n in range(many)], chance)
    words = rules.rulebook(book)
    yield message(words.text, rulebook.page(book, words, edits=chance.chance.random() < 0.5))


def _rule(known: Store, chance: Shaker) -> Iterator[Sent]:
    rule = chance.chance.choice(DEFAULTS)
    history = [_told(known, rule, chance) for _ in range(chance.chance.choice((1, 3, 120)))]
    book = replace(_book(known, history[:1], chance), history=tuple(history), preview=_preview(known, chance))
    words = rules.rule(book)
    yield message(words.text, rulebook.one(book, words, edits=chance.chance.random() < 0.5))
    private = json.dumps(as_json(rule))
    yield modal(rulebook.form(rule, chance.name(), private))
    yield modal(rulebook.form(None, "", ""))
    yield modal(rulebook.preview(history[0], book.preview, private))


def _book(known: Store, shown: Sequence[Any], chance: Shaker) -> Rulebook:
    now = known.generation
    nudges = tuple(_asked(known, chance) for _ in range(chance.chance.choice((0, 1, 9))))
    return Rulebook(rules=tuple(shown), as_of=now.as_of, generation=now.id, nudges=nudges)


def _asked(known: Store, chance: Shaker) -> Nudge:
    now, rule = known.generation, _told(known, chance.chance.choice(DEFAULTS), chance)
    return Nudge(
        rule=rule,
        not_useful=mint_of(now).count("not_useful", 3, "rule"),
        instead=chance.chance.choice(((), rule.lines)),
        as_of=now.as_of,
        generation=now.id,
    )


def _nudge(known: Store, chance: Shaker) -> Iterator[Sent]:
    words = rules.asking(_asked(known, chance))
    yield message(words.text, rulebook.asking("stalled", words))


def _trial(known: Store, rule: str) -> BacktestAnswer:
    given = DEFAULTS, trials.economy(known.coach.settings), known.coach.home
    return trials.tried(known.generation, *given, "" if rule == "all" else rule)


def _backtest(facts: BacktestAnswer, chance: Shaker) -> Iterator[Sent]:
    shaken = replace(chance.answer(facts), about=facts.about)
    words = template.backtest(shaken)
    yield message(words.text, backtest.answer(shaken, words))


def _impact(known: Store, chance: Shaker) -> Iterator[Sent]:
    facts, brief = effect(known, chance), chance.chance.random() < 0.3
    words = template.impact(facts, brief=brief)
    yield message(words.text, impact.answer(facts, words, brief=brief))


def _plays(known: Store, chance: Shaker) -> Iterator[Sent]:
    draw = chance.chance
    after = ("won", "lost", "moved", "stepped", "nothing", "gone", "")
    done = [
        Done(
            play=draw.choice(("", "exec_call", chance.name())),
            person_id=f"r{n % 7}",
            after_14=draw.choice(after),
            after_30=draw.choice(after),
        )
        for n in range(draw.choice((0, 1, 40, 200)))
    ]
    unanswered = [Unanswered(f"r{n % 7}", draw.random() < 0.5) for n in range(draw.choice((0, 40)))]
    facts = proof.plays(done, unanswered, mint_of(known.generation), sees_all=draw.random() < 0.5)
    words = template.plays(facts)
    yield message(words.text, impact.plays(facts, words))


def _log_form(known: Store, chance: Shaker) -> Iterator[Sent]:
    answer = known.reply("/deal D01501").answer
    assert isinstance(answer, DealCard)
    deal = chance.answer(answer)
    key = f"main:stalled:{chance.name()[:200]}"
    yield modal(actions.log_form(deal, template.deal(deal).plays, AS_OF, chance.chance.choice(("", key))))
    words = acting.call(deal, chance.name())
    yield message(words.text, actions.call(deal, words))


def _reasons(chance: Shaker) -> Iterator[Sent]:
    for callback in ("alert.not_useful", "alert.dismiss", "review.hold"):
        yield modal(actions.reason_form(callback, f"main:stalled:{chance.name()}"))


def _choose(role: Role, chance: Shaker) -> Iterator[Sent]:
    chosen = Preferences(min_amount=chance.chance.choice((None, Decimal("5e12"))))
    yield modal(preferences.Form(chosen, config.load(), role, "Europe/Berlin").modal())


def _back(chance: Shaker) -> Iterator[Sent]:
    options = [(chance.name(), f'/winrate region where industry = "{n}"') for n in range(3)]
    yield message(*conversation.asking(chance.name(), options))


# ---------------------------------------------------------------- pages about ourselves


def _ourselves(known: Store) -> dict[str, Play]:
    return {line: partial(_page, known, line) for line in PAGES} | {"status": _status}


def _page(known: Store, line: str, _: Shaker) -> Iterator[Sent]:
    reply = known.reply(line)
    yield message(reply.text, narrating.card(reply))


def _status(chance: Shaker) -> Iterator[Sent]:
    blocks = pages.status(chance.name() for _ in range(chance.chance.choice((1, 25, 200))))
    yield message(page(blocks).text, blocks)
