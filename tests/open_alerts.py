"""Alerts as the rules leave them in memory, for the tests of who reads them: digests and Home."""

from datetime import date

from analytics.answers.mint import mint_of
from analytics.facts import Finding, Unit
from bot.alerting.standing import State
from bot.memory.tables import alerts

#: Rule -> level, metrics that hold.
RULES = {
    "stalled": ("P1", ("days_since_activity",)),
    "stalled_medium": ("P2", ("days_since_activity",)),
    "overdue": ("P2", ("days_overdue",)),
    "pushed": ("P2", ("push_count",)),
    "no_next_step": ("P3", ("next_steps",)),
    "old": ("P3", ("age_days",)),
}


def of_deal(generation, deal_id: str, rule: str = "stalled", days: int = 20) -> Finding:
    """A finding about a deal of this generation."""
    deal = generation.deal(deal_id)
    level, causes = RULES[rule]
    mint, people = mint_of(generation), {one.person_id: one for one in generation.people()}
    unit = Unit.COUNT if rule in ("pushed", "no_next_step") else Unit.DAYS
    owner = people.get(deal.rep_id)
    names = {
        "deal": deal.name or deal.account or deal_id,
        "stage": deal.stage or "",
        "owner": (owner.name if owner else None) or deal.rep_id,
    }
    return Finding(
        rule=rule,
        level=level,
        subject="deal",
        subject_id=deal_id,
        names=names,
        owner_id=deal.rep_id,
        manager_id=(owner.manager_id if owner else None) or "",
        causes=causes,
        figures={one: mint.fact(one, days, unit, f"deal={deal_id}") for one in causes},
        as_of=generation.as_of,
        generation=generation.id,
    )


def about(
    generation, rule: str, level: str, subject: str, subject_id: str, causes, names=None, **changed
) -> Finding:
    """A finding about something else: an owner, a segment, an effect, the source."""
    return Finding(
        rule=rule,
        level=level,
        subject=subject,
        subject_id=subject_id,
        names=names or {},
        causes=tuple(causes),
        figures=changed.pop("figures", {}),
        as_of=generation.as_of,
        generation=generation.id,
        **changed,
    )


async def opened(
    memory, finding: Finding, state: State = State.DIGEST, *, opened_on: date | None = None, **changed
) -> str:
    """Write an open alert into memory; returns its key."""
    from bot.alerting.digests.items import FINDING

    key = f"main:{finding.rule}:{finding.subject_id}:1"
    values = {
        "key": key,
        "workspace": "main",
        "rule": finding.rule,
        "version": 0,
        "level": finding.level,
        "subject": finding.subject,
        "subject_id": finding.subject_id,
        "owner_id": finding.owner_id,
        "state": state,
        "reason": "",
        "facts": FINDING.dump_json(finding).decode(),
        "opened_on": opened_on or finding.as_of,
        "generation": finding.generation,
        "silent": int(state is State.SILENT),
        "acted_by": "",
        "acted": "",
        "outcome": "",
    }
    async with memory.write() as tx:
        await tx.execute(alerts.insert().values(values | changed))
    return key
