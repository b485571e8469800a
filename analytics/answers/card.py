"""A deal id -> everything that may be said of the deal on the generation's day."""

from collections.abc import Iterator, Mapping, Sequence

from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from analytics.answers import figures
from analytics.answers.errors import DealNotFound, NotYourDeal
from analytics.answers.lists import people
from analytics.answers.mint import mint_of
from analytics.answers.remember import remembered
from analytics.answers.told import told
from analytics.facts import DealCard, Fact, Note, reach
from analytics.generation import DealRow, ScoreRow
from analytics.questions import Scope
from analytics.stall import Thresholds
from analytics.store import Generation

NEAREST = 3  #: ids offered for one that does not exist
LABELS = ("region", "industry", "product", "lead_source", "deal_type", "team")
OPEN = "open"


@remembered
def deal(
    generation: Generation, deal_id: str, scope: Scope, thresholds: Thresholds = Thresholds()
) -> DealCard:
    """The card of a deal, as it was known on the generation's day.

    An id in another case finds the one deal in scope that it can mean.

    Raises:
        DealNotFound: no deal in scope has this id and no deal at all has it exactly.
        NotYourDeal: it is somebody else's.
    """
    row = generation.deal(deal_id) or _in_any_case(generation, deal_id, scope)
    if not scope.allows(row.rep_id):
        raise NotYourDeal(deal_id)
    return card(generation, row, generation.score(row.deal_id), thresholds)


def card(generation: Generation, row: DealRow, score: ScoreRow | None, thresholds: Thresholds) -> DealCard:
    """What may be said of a deal as it is told, beside all that the generation knows of its like."""
    mint, learned = mint_of(generation), generation.model()
    is_open = row.outcome == OPEN
    shown = (
        figures.of_open(generation, row, score, mint) if is_open else figures.of_closed(generation, row, mint)
    ) | figures.limits(generation, row, thresholds, mint)
    speaks = score is not None and score.win_probability is not None
    reasons = figures.reasons(row, score, mint)
    return DealCard(
        deal_id=row.deal_id,
        name=row.name or "",
        account=row.account or "",
        outcome=row.outcome,
        stage=row.stage or "",
        owner_id=row.rep_id,
        owner=people(generation).get(row.rep_id, row.rep_id),
        labels={name: getattr(row, name) for name in LABELS},
        next_step=row.next_step or "",
        history=row.history,
        figures=shown,
        notes=tuple(_notes(row, shown)),
        as_of=generation.as_of,
        generation=generation.id,
        speaks=speaks,
        why_silent="" if speaks else learned.get("card", {}).get("reason") or "no_model",
        model=learned.get("id", ""),
        risk=(score.risk if score else None) or "",
        reasons=reasons,
        reach=reach(row.stage_number, len(generation.stages)),
        told=told(score, reasons),
        owner_kind=figures.owner_kind(generation, row) if len(generation.deal_types) > 1 else "",
    )


def _in_any_case(generation: Generation, deal_id: str, scope: Scope) -> DealRow:
    """The one deal in scope whose id differs in case only."""
    ids = generation.deal_ids(scope)
    found = [known for known in ids if known.casefold() == deal_id.casefold()]
    row = generation.deal(found[0]) if len(found) == 1 else None
    if row is None:
        raise DealNotFound(deal_id, nearest(deal_id, ids))
    return row


def nearest(deal_id: str, ids: Sequence[str]) -> tuple[str, ...]:
    """Up to three ids that the reader may have meant: those that begin with it, then those most alike.

    >>> nearest("D0012", ["D00012", "D00120", "D00121", "D00122", "D00123", "D10012"])
    ('D00120', 'D00121', 'D00122')
    """
    asked = deal_id.casefold()
    longer = [known for known in ids if known.casefold().startswith(asked)][:NEAREST] if asked else []
    alike = process.extract(
        asked, ids, scorer=JaroWinkler.similarity, processor=str.casefold, limit=2 * NEAREST, score_cutoff=0.8
    )
    return tuple(dict.fromkeys([*longer, *(known for known, _, _ in alike)]))[:NEAREST]


def _notes(row: DealRow, shown: Mapping[str, Fact]) -> Iterator[Note]:
    """What limits the card."""
    if row.outcome != OPEN:
        yield Note("amount_as_recorded")
    if "base_rate_age" in shown:
        yield Note("base_rate_clipped", {"age": shown["base_rate_age"]})
    if row.history == "dates":
        yield Note("dates_only")
