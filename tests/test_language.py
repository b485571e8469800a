"""Whose words and figures: every sentence comes from prompts/, and each reader gets their own way to read."""

import asyncio
import random
import re
from collections.abc import Iterable
from contextlib import suppress
from contextvars import Context
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from string import Template

import pytest
import structlog
import yaml
from babel import localedata
from hypothesis import given
from hypothesis import strategies as st

from analytics import answers
from analytics.alerts.rules import DEFAULTS
from analytics.facts import Fact, Finding, Unit
from bot import cli, errors, figures, intents, language, replies, spelling
from bot.coach import Coach, Inquiry
from bot.exports.saved import saved
from bot.figures import Style
from bot.intents.misunderstood import Ambiguous
from bot.language import HOUSE, Reading
from bot.memory import Memory, readers
from bot.narrator import alert, ours
from bot.narrator.check import Known, check, strays
from bot.narrator.claims import label
from bot.pictures import deck
from bot.pictures.deck import Deal, Page
from bot.playground import Playground
from prompts import files
from tests import pseudo
from tests.everything_sent import Store, plays
from tests.face import one, workspace
from tests.shaken import Shaker

GERMAN = language.reading("de-DE", "Europe/Berlin")


@pytest.fixture(scope="session", autouse=True)
def armenian(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A language of tests, beside those that people read."""
    folder = tmp_path_factory.mktemp("languages") / pseudo.CODE
    pseudo.write(folder)
    files.add_language(pseudo.CODE, folder)


def fact(value: str | int | Decimal, unit: Unit, **more: object) -> Fact:
    known = {"id": "f", "metric": "m", "entity": "all", "period": "", "generation": "g"} | more
    return Fact(**known, value=Decimal(value), unit=unit, as_of=date(2024, 7, 22))  # type: ignore[arg-type]


DAY = fact(date(2024, 7, 22).toordinal(), Unit.DATE)
AMOUNT = fact(92_439, Unit.MONEY, currency="USD")
RATE = fact("0.45655", Unit.FRACTION, low=Decimal("0.439"), high=Decimal("0.466"), n=1239)
CHANGE = fact("-0.029", Unit.POINTS, low=Decimal("-0.078"), high=Decimal("0.021"))


# ---------------------------------------------------------------- figures


@pytest.mark.parametrize(
    ("locale", "told"),
    [
        ("", ["45.7 %", "43.9-46.6 %", "$92,439", "$92k", "-2.9 points", "2024-07-22"]),
        ("en-US", ["45.7%", "43.9-46.6%", "$92,439", "$92k", "-2.9 points", "Jul 22, 2024"]),
        ("en-GB", ["45.7%", "43.9-46.6%", "$92,439", "$92k", "-2.9 points", "22 Jul 2024"]),
        ("de-DE", ["45,7 %", "43,9-46,6 %", "92.439 $", "92 Tsd. $", "-2,9 Punkte", "22.07.2024"]),
        ("xx-YY", ["45.7 %", "43.9-46.6 %", "$92,439", "$92k", "-2.9 points", "2024-07-22"]),
    ],
)
def test_figures_are_spelled_in_the_readers_locale(locale: str, told: list[str]) -> None:
    styles = [
        (RATE, Style.PLAIN),
        (RATE, Style.RANGE),
        (AMOUNT, Style.PLAIN),
        (AMOUNT, Style.SHORT),
        (CHANGE, Style.PLAIN),
        (DAY, Style.PLAIN),
    ]
    with language.using(language.reading(locale)):
        assert [figures.text(*one).replace("\xa0", " ") for one in styles] == told


def test_a_number_stays_a_number_in_every_language() -> None:
    with language.using(GERMAN):
        assert (figures.number(RATE), figures.bounds(RATE)) == (45.7, (43.9, 46.6))


def test_a_noun_takes_the_form_that_its_number_asks_for() -> None:
    with language.using(GERMAN):
        assert [figures.text(fact(n, Unit.DAYS)) for n in (1, 14)] == ["1 Tag", "14 Tage"]
        assert figures.text(fact(14, Unit.DAYS), Style.DATIVE) == "14 Tagen"
    assert figures.text(fact(14, Unit.DAYS), Style.DATIVE) == "14 days"


def test_a_moment_is_told_on_the_readers_clock() -> None:
    moment = datetime(2024, 7, 22, 13, 4, tzinfo=UTC)
    assert spelling.moment(moment) == "2024-07-22 13:04"
    with language.using(GERMAN):
        assert spelling.moment(moment) == "22.07.2024 15:04"
    with language.using(language.reading("en-US", "America/New_York")):
        assert spelling.moment(moment).replace("\u202f", " ") == "Jul 22, 2024 9:04 AM"


def test_a_locale_without_words_of_ours_reads_as_the_workspace_does() -> None:
    assert language.reading("fr-FR", "Europe/Paris") == Reading(zone="Europe/Paris")
    assert language.reading("", default="de") == Reading("de", "de")
    assert language.reading("nonsense", "Mars/Base") == HOUSE


def test_a_period_is_told_in_the_readers_language_and_stays_as_it_is_asked_for() -> None:
    assert ours.said("last 90 days (2024-01-01 to 2024-03-30)") == "last 90 days (2024-01-01 to 2024-03-30)"
    with language.using(GERMAN):
        said = ours.said("last 90 days (2024-01-01 to 2024-03-30)")
        assert said == "letzte 90 Tage (01.01.2024 bis 30.03.2024)"
        assert ours.said("your deals") == "Ihre Deals"
        assert ours.said("2024-Q1") == "2024-Q1"
        assert ours.said("Acme") == "Acme"


@pytest.mark.parametrize(
    ("words", "german"),
    [
        ("under 10k", "unter 10.000"),
        ("10k-25k", "10.000 bis 25.000"),
        ("100k and more", "100.000 und mehr"),
        ("3 to 5", "3 bis 5"),
        ("6 and more", "6 und mehr"),
        ("2023 to 2024", "2023 bis 2024"),
        ("deal", "Deal"),
    ],
)
def test_a_band_is_told_in_the_readers_language(words: str, german: str) -> None:
    assert ours.said(words) == words
    with language.using(GERMAN):
        assert ours.said(words) == german


def test_a_feed_that_stopped_names_its_source_apart_from_its_noun() -> None:
    found = Finding(
        rule="intake_stopped",
        level="data",
        subject="source",
        subject_id="lead_source=Inbound",
        names={"what": "deals", "source": "Inbound"},
        causes=("intake_surprise",),
        figures={"intake_surprise": fact(4, Unit.DAYS), "last_day": DAY},
        as_of=date(2024, 7, 22),
        generation="g",
    )
    assert alert.problem(found).text == "no new Inbound deals for 4 days of work"
    with language.using(GERMAN):
        assert alert.causes(found)[0].text.startswith("Keine neuen Deals aus Inbound seit 22.07.2024, 4 Tage")


async def test_a_file_says_period_and_scope_in_the_readers_language(coach: Coach) -> None:
    with language.using(GERMAN):
        found = await saved("/winrate region", coach.asked_here())
    head, row, *_ = found.files[0].content.decode("utf-8-sig").splitlines()
    told = dict(zip(head.split(";"), row.split(";"), strict=True))
    assert (told["Zeitraum"], told["Umfang"]) == ("gesamte Zeit", "alle Deals")
    assert "Alle Deals, Stand" in found.about.text


def test_a_figure_of_the_board_page_has_the_room_it_takes_in_german() -> None:
    shown = Deal("Acme", "", ["204 Tsd. $", "45 %", "22.07.2024"])
    page = Page("Woche", "Ruhig.", [], [], [], ["Deal", "Betrag", "Chancen", "Fällig"], [shown], "")
    drawn = {one.get_text() for one in deck.draw(page).figure.texts}
    assert {*page.columns, *shown.figures} <= drawn  # none is cut


def test_a_day_that_could_be_two_is_asked_back_in_the_readers_spelling(coach: Coach) -> None:
    with language.using(GERMAN), pytest.raises(Ambiguous, match=r"03\.04\.2024 oder 04\.03\.2024"):
        coach.asked_here().understand_line("/winrate asof 03/04/2024")


def test_the_terminal_speaks_the_workspaces_language_and_only_there(
    crm: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DEALCOACH_HOME", str(crm))
    monkeypatch.setenv("DEALCOACH_LANGUAGE", "de")
    said = []
    for line in ("/watch", "/deal D1"):
        monkeypatch.setattr("sys.argv", ["dealcoach", "ask", line, "--picture", str(tmp_path / "a.png")])
        with suppress(SystemExit):
            Context().run(cli.main)  # as a process of its own: nobody asked anything before
        said.append(" ".join("".join(capsys.readouterr()).split()))
    structlog.reset_defaults()
    assert "Weiter: /why" in said[0]
    assert re.search(r"\d{4}-\d\d bis \d{4}-\d\d", said[0])
    assert "Gespeichert:" in said[0]
    assert "`D1`" in said[1]
    assert "Meinten Sie" in said[1] or "gibt es" in said[1]
    assert language.current() == HOUSE


# ---------------------------------------------------------------- the checker of a model's words

ENGLISH = sorted(one for one in localedata.locale_identifiers() if re.fullmatch(r"en_[A-Z]{2}", one))
SPEAKING = [one for one in ENGLISH if language.reading(one).model_may_speak]


def test_the_model_speaks_in_the_locales_of_most_english_readers_and_no_other_language() -> None:
    assert {"en_US", "en_GB", "en_CA", "en_AU", "en_IE", "en_NZ", "en_SG"} <= {*SPEAKING}
    assert not {"en_IN", "en_ZA", "en_DE"} & {*SPEAKING}
    assert not GERMAN.model_may_speak


@given(
    locale=st.sampled_from(SPEAKING),
    rate=st.integers(1, 900),
    cents=st.integers(10_000, 10**9),
    day=st.dates(date(2012, 1, 1), date(2038, 12, 31)),
)
def test_the_checker_always_reads_figures_of_these_locales_and_finds_the_wrong_ones(
    locale: str, rate: int, cents: int, day: date
) -> None:
    won = fact(Decimal(rate) / 1000, Unit.FRACTION, metric="win_rate", entity="region=APAC", n=1220)
    other = fact(Decimal(rate + 40) / 1000, Unit.FRACTION, metric="win_rate", entity="region=APAC", n=1220)
    worth = fact(cents, Unit.MONEY, metric="amount", entity="deal=D-10234", currency="USD")
    closes = fact(day.toordinal(), Unit.DATE, metric="close_date", entity="deal=D-10234")
    later = fact(day.toordinal() + 1, Unit.DATE, metric="close_date", entity="deal=D-10234")
    known = Known((won, worth, closes), {})
    with language.using(language.reading(locale)):
        text = figures.text
        true = f"APAC won {text(won)}. D-10234 is worth {text(worth)}. D-10234 closes on {text(closes)}."
        assert check(true, known) == ()
        assert strays(true.replace("D-10234", ""), (won, worth, closes), []) == []
        assert check(f"APAC won {text(other)}.", known)
        assert check(f"D-10234 closes on {text(later)}.", known)


# ---------------------------------------------------------------- nobody reads in another's way


async def test_two_readers_at_once_each_get_their_own() -> None:
    async def told(locale: str, waits: float) -> str:
        language.begin("U1", language.reading(locale))
        await asyncio.sleep(waits)
        return figures.text(AMOUNT).replace("\xa0", " ")

    said = await asyncio.gather(told("de-DE", 0.02), told("en-US", 0.01), told("", 0))
    assert said == ["92.439 $", "$92,439", "$92,439"]
    assert language.current() == HOUSE


async def test_looking_up_another_reader_changes_nothing_for_who_asked() -> None:
    language.begin("U1", HOUSE)
    language.identified("U2", GERMAN)
    assert language.current() == HOUSE
    language.identified("U1", GERMAN)
    assert language.current() == GERMAN


async def test_what_is_rendered_for_another_is_over_when_it_is_done() -> None:
    language.begin("U1", HOUSE)
    with language.using(GERMAN):
        assert label("measure.win_rate").text == "Abschlussquote"
        assert await asyncio.to_thread(lambda: label("measure.win_rate").text) == "Abschlussquote"
    assert label("measure.win_rate").text == "Win rate"


async def test_an_answer_kept_for_one_way_to_read_is_not_given_to_another(coach: Coach) -> None:
    inquiry = coach.asked_here()
    said = {}
    for locale in ("de-DE", "en-US", "", "de-DE"):
        with language.using(language.reading(locale)):
            reply = await replies.reply(inquiry.understand_line("/winrate region"), inquiry)
            said.setdefault(locale, reply)
            assert said[locale].text == reply.text
    assert [said[one].text.partition("%")[0] for one in said] == [
        "Abschlussquote 27,7\xa0",
        "Win rate 27.7",
        "Win rate 27.7 ",
    ]
    assert {one.line for one in said.values()} == {"/winrate region"}
    assert len({tuple(one.facts) for one in said.values()}) == 1


def slack_id(slack: Playground, person_id: str) -> str:
    """The Slack user of a person of the CRM."""
    return slack.workspace.person(person_id).id


async def test_slack_tells_how_somebody_reads_and_it_is_remembered(coach: Coach, tmp_path: Path) -> None:
    people = coach.asked_here().generation.people()
    async with Memory.open(f"sqlite+aiosqlite:///{tmp_path}/memory.sqlite") as memory:
        coach.memory = memory
        async with workspace(coach, people) as slack:
            cro, rep = one(people, "cro"), one(people, "rep")
            person = slack.workspace.person(cro)
            slack.workspace.people[person.id] = replace(person, locale="de-DE")
            german, other = await asyncio.gather(
                slack.command("/winrate region", user=slack_id(slack, cro)),
                slack.command("/winrate region", user=slack_id(slack, rep)),
            )
        async with memory.read() as connection:
            known = await readers.readings(connection, coach.settings.workspace, "en")
    assert "Abschlussquote nach Region" in str(german)
    assert "Win rate by region" in str(other)
    assert (known[cro].locale, known[rep].locale) == ("de_DE", "")


# ---------------------------------------------------------------- what is written


def slots(variants: Iterable[Template]) -> list[set[str]]:
    """The slots of each variant, in whatever style."""
    return [{slot.partition("__")[0] for slot in one.get_identifiers()} for one in variants]


@pytest.mark.parametrize(
    "name", sorted(files.written_claims("de").keys() & files.written_claims("en").keys())
)
def test_a_german_sentence_has_the_variants_and_slots_of_the_english_one(name: str) -> None:
    written, english = files.written_claims("de")[name], files.written_claims("en")[name]
    text = " ".join(one.template for one in written)
    assert all(one.is_valid() for one in written)
    if not name.endswith("_one"):  # the last day needs no number
        assert slots(written) == slots(english)
    assert {*strays(text, [], [])} <= {*strays(" ".join(one.template for one in english), [], [])}
    assert not re.search(r"[<>\[\]]|\b(?:wegen|dank|verursacht|führt zu)\b", text)


def test_german_names_nothing_that_english_does_not() -> None:
    assert files.written_labels("de").keys() <= files.labels("en").keys()


def missing(file: str) -> list[str]:
    """Ids of a file of claims that German does not have."""
    content = yaml.safe_load((Path(files.__file__).parent / "claims" / file).read_text(encoding="utf-8"))
    own = {**files.written_claims("de"), **files.written_labels("de")}
    parts = [part for kind in ("claims", "labels") for part in content.get(kind, {}).items()]
    ids = [f"{section}.{name}" for section, known in parts for name in known]
    return [one for one in ids if one not in own]


@pytest.mark.parametrize("file", ["common.yaml", "breakdown.yaml", "chat.yaml", "figures.yaml"])
def test_a_translated_file_lacks_hardly_anything(file: str) -> None:
    assert len(missing(file)) < 10, missing(file)


def test_what_german_lacks_is_said_in_english() -> None:
    with language.using(Reading("de", "de_DE")):
        assert files.claims()["figure.days_other"][0].template == "$n Tage"
        assert files.claims().keys() >= files.claims("en").keys()
        assert files.labels().keys() >= files.labels("en").keys()


def test_an_error_of_analytics_has_its_sentence_in_every_language() -> None:
    error = answers.DealNotFound("D0012", ["D00120", "D00121"])
    assert errors.outside(error, "a test") == str(error)
    assert str(error) == "No deal `D0012`. Did you mean D00120 or D00121?"
    with language.using(language.reading(pseudo.LOCALE)):
        assert errors.outside(error, "a test") == pseudo.marked("No deal `D0012`. Did you mean ").rstrip() + (
            f" D00120 {pseudo.marked('or')} D00121?"
        )


# ---------------------------------------------------------------- every word comes from prompts/

#: Commands' own words, ids, currencies, zones and SQL: the same in every language.
NEUTRAL = re.compile(
    r"`[^`]*`|(?<!\w)/[a-z]+(?: [\w<>|$]+)*|<@\w+>|SELECT .*|https?:\S+|\bUTC\b|\b[A-Z]{3}\b"
    r"|\br_our_own\b|\bexec_call\b"
    r"|\b(?:D\d+|\d{4}-[QH]\d|P[123]|Q[1-4]|\w*\d{8}\w*|\w*\d{4}-\d\d-\d\d\w*|[0-9a-f]{12})\b"
    r"|\b\w+=[\w ]*(?:,\w+=\w*)*"  # the key of a segment
    r"|(?<=Q\d) to (?=\d{4}-Q)"  # two periods in the key of a fact
)


class Quiet(Shaker):
    """Changes answers as usual, but names nothing in Latin letters."""

    def name(self) -> str:
        """A name of any length."""
        return self.chance.choice(("漢字", "漢字 7", "字" * 40))


def names_in(inquiry: Inquiry) -> re.Pattern[str]:
    """Every name that the CRM holds, the longest first."""
    generation, scope = inquiry.generation, inquiry.viewer.scope
    told = [text for named in answers.vocabulary(generation, scope).values() for one in named for text in one]
    told += [text for deal in generation.deal_names(scope) for text in deal]
    told += [text or "" for one in generation.people() for text in (one.person_id, one.name, one.email)]
    told += [
        generation.id,
        *(rule.id for rule in DEFAULTS),
        *(f"{c.name} {c.usage}" for c in intents.COMMANDS),
    ]
    told += [line for command in intents.COMMANDS for line in inquiry.examples(command)]
    longest = sorted({one for one in told if one}, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)")


def test_every_word_that_a_reader_sees_comes_from_prompts(crm: Path) -> None:
    known = Store.of(crm)
    named = names_in(known.inquiry)
    with language.using(language.reading(pseudo.LOCALE)):
        left = {
            f"{name}: {text[:150]}"
            for name, play in plays(known).items()
            for sent in play(Quiet(random.Random(7)))
            for text in pseudo.seen([sent.text or "", sent.blocks, sent.view or {}])
            if re.search(r"[A-Za-z]{2,}", NEUTRAL.sub(" ", named.sub(" ", text)))
        }
    assert not left, "\n".join(sorted(left))
