"""Replies about one thing: a deal, a rep, the model, the data; and about ourselves."""

import asyncio
from collections.abc import Sequence

from analytics import answers
from analytics.glossary import BY_NAME, Entry
from bot import glossary as explained
from bot import intents
from bot.blocks import deal as deal_blocks
from bot.blocks import model as model_blocks
from bot.blocks import pages, people
from bot.blocks import week as week_blocks
from bot.coach import Inquiry
from bot.intents.vocabulary import nearest
from bot.narrator import template
from bot.replies.reply import Reply, late, page, worded


async def deal(intent: intents.Deal, inquiry: Inquiry) -> Reply:
    """`/deal D00123`: where the deal stands, and what to do next."""
    facts = await inquiry.deal(intent.deal_id, intent.as_of)
    words = template.deal(facts, late(inquiry, intent.as_of))
    links = inquiry.coach.settings.play_links
    return worded(
        words, lambda words: deal_blocks.card(facts, words, intent, links), facts, intents.describe(intent)
    )


async def changes(intent: intents.Changes, inquiry: Inquiry) -> Reply:
    """`/deal D00123 changes`: what moved its odds."""
    facts = await inquiry.receipt(intent.deal_id, intent.as_of)
    words = template.receipt(facts, late(inquiry, intent.as_of))
    return worded(words, lambda words: deal_blocks.changes(facts, words), facts, intents.describe(intent))


async def rep(intent: intents.RepPage, inquiry: Inquiry) -> Reply:
    """`/coach rep Priya`: one rep against the team, luck taken into account."""
    generation = await inquiry.known_on(intent.as_of)
    facts = answers.rep(generation, intent.rep_id, intent.period, inquiry.scope)
    words = template.rep(facts, late(inquiry, intent.as_of))
    return worded(words, lambda words: people.rep(facts, words), facts, intents.describe(intent))


async def week(intent: intents.WeekPage, inquiry: Inquiry) -> Reply:
    """`/coach week Priya`: what changed for one rep in seven days, and what to talk about."""
    now = await inquiry.known_on(intent.as_of)
    before = await inquiry.coach.week_before(now)
    lines = await inquiry.coach.stalled_from()
    facts = await asyncio.to_thread(answers.week, before, now, intent.person_id, inquiry.scope, lines)
    words = template.week(facts, late(inquiry, intent.as_of))
    return worded(
        words, lambda words: week_blocks.answer(facts, words, intent), facts, intents.describe(intent)
    )


async def model(intent: intents.ModelPage, inquiry: Inquiry) -> Reply:
    """`/coach model`: what the win-probability model is worth."""
    facts = answers.model_card(await inquiry.known_on(intent.as_of))
    words = template.model(facts, late(inquiry, intent.as_of))
    return worded(words, lambda words: model_blocks.card(facts, words), facts, intents.describe(intent))


async def quality(intent: intents.QualityPage, inquiry: Inquiry) -> Reply:
    """`/coach quality`: the data scorecard."""
    facts = await inquiry.quality(intent.as_of)
    words = template.quality(facts)
    return worded(words, lambda words: pages.quality(facts, words), facts, intents.describe(intent))


async def help(intent: intents.Help, inquiry: Inquiry) -> Reply:
    """`/coach help`, `/winrate help`: what can be asked, with lines that work in this data."""
    commands = [c for c in intents.COMMANDS if intent.topic in ("", c.topic)]
    return page(pages.help((command, inquiry.examples(command)) for command in commands))


async def glossary(intent: intents.Glossary, _: Inquiry) -> Reply:
    """`/coach glossary`: what the metrics mean."""
    if not intent.term:
        return page(pages.contents(explained.entries()))
    entries = found(intent.term)
    return page(pages.glossary(entries) if entries else pages.nearest(intent.term, near(intent.term)))


async def status(_: intents.Status, inquiry: Inquiry) -> Reply:
    """`/coach status`: how old the data is, how deliveries do."""
    from bot import doctor  # brings the database, which no other page needs

    inquiry.for_ops()
    findings = [finding async for finding in doctor.health(inquiry.coach.settings)]
    return page(pages.status(f"{f.check}: {f.found}. {f.remedy}".rstrip() for f in findings))


async def map_person(intent: intents.MapPerson, inquiry: Inquiry) -> Reply:
    """`/coach map @user PERSON`: from now on this Slack user is that person."""
    return Reply(await inquiry.map_person(intent.slack_user_id, intent.person), [])


def found(term: str) -> Sequence[Entry]:
    """The metrics a term means: by exact name, else every one that mentions it.

    >>> [entry.name for entry in found("Win rate")]
    ['win_rate']
    """
    wanted = term.casefold()
    known = explained.entries()
    exact = [e for e in known if wanted in (e.name, e.title.casefold(), BY_NAME[e.name].title.casefold())]
    return exact or [e for e in known if wanted in f"{e.name} {e.title} {e.meaning}".casefold()]


def near(term: str) -> Sequence[Entry]:
    """The metrics that a term may be a misspelling of, the nearest first.

    >>> near("win raet")[0].name, near("banana")
    ('win_rate', [])
    """
    known = explained.entries()
    titles = [entry.title.casefold() for entry in known]
    return [known[place] for place in nearest(term, titles)][:3]
