"""What each deal is and how it will end: attributes, owner, win probability, outcome."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from data.sample import days, draws, intake, market
from data.sample.company import Company
from data.sample.days import Bools, Floats, Ints

_TYPES, _SOURCES, _REGIONS = list(market.DEAL_TYPES), list(market.LEAD_SOURCES), list(market.REGIONS)


@dataclass(frozen=True, slots=True)
class When:
    """The days on which things change, counted from 1970-01-01."""

    last: int
    drop: int
    growth: int


def when(as_of: date) -> When:
    """The turning points of a history that ends on `as_of`."""
    drop = days.quarter_start(as_of, market.DROP_QUARTERS_BACK)
    growth = days.quarter_start(as_of, market.GROWTH_QUARTERS_BACK)
    return When(days.number(as_of), days.number(drop), days.number(growth))


@dataclass(frozen=True, slots=True)
class Lives:
    """A chunk of deals from their first to their last day, which may lie after the day of the export.

    Codes are places in `market`'s dicts. `worked` is how many days the deal was really worked on: the
    rest of its life is silence. `told` are places of deals made to cross the stalled line on the last day.
    """

    before: int
    created: Ints
    close: Ints
    is_open: Bools
    account: Ints
    region: Ints
    industry: Ints
    product: Ints
    lead_source: Ints
    deal_type: Ints
    rep: Ints
    is_stuck: Bools
    chance: Floats
    is_won: Bools
    worked: Ints
    told: Ints


def draw(rng: np.random.Generator, chunk: intake.Chunk, company: Company, turns: When) -> Lives:
    """The lives of a chunk's deals."""
    count = len(chunk.created)
    is_stuck, close = intake.spans(rng, chunk.created)
    account = draws.whole(rng.random(count), 0, len(company.account_region) - 1)
    region = company.account_region[account]
    source = _lead_sources(rng.random(count), chunk.created >= turns.growth)
    deal_type = draws.pick(rng.random(count), list(market.DEAL_TYPES.values()))
    rep = draws.pick(rng.random(count), company.rep_shares.tolist())
    rep[chunk.told.at] = chunk.told.reps
    fell = (close >= turns.drop) & (region == _REGIONS.index(market.DROP_REGION))
    chance = _chances(deal_type, source, rep == company.star, fell, is_stuck)
    is_won = rng.random(count) < chance
    worked = _worked(rng, close - chunk.created, is_won)
    worked[chunk.told.at] = turns.last - market.SILENCE_DAYS - 1 - chunk.created[chunk.told.at]
    return Lives(
        before=chunk.before,
        created=chunk.created,
        close=close,
        is_open=close > turns.last,
        account=account,
        region=region,
        industry=company.account_industry[account],
        product=draws.pick(rng.random(count), list(market.PRODUCTS.values())),
        lead_source=source,
        deal_type=deal_type,
        rep=rep,
        is_stuck=is_stuck,
        chance=chance,
        is_won=is_won,
        worked=worked,
        told=chunk.told.at,
    )


def _lead_sources(uniform: Floats, is_late: Bools) -> Ints:
    """Lead sources; the growing one has taken from all others, in proportion, among late deals."""
    early = list(market.LEAD_SOURCES.values())
    grown = _SOURCES.index(market.GROWING_SOURCE)
    shrink = (1 - market.GROWN_SHARE) / (1 - early[grown])
    late = [market.GROWN_SHARE if code == grown else share * shrink for code, share in enumerate(early)]
    return np.where(is_late, draws.pick(uniform, late), draws.pick(uniform, early))


def _chances(deal_type: Ints, source: Ints, is_star: Bools, fell: Bools, is_stuck: Bools) -> Floats:
    """Win probability: additive effects on the type's base rate; getting stuck multiplies the result.

    Deals that do not get stuck win so much more often that getting stuck changes nobody's average.
    """
    by_source = [0.0] * len(_SOURCES)
    by_source[_SOURCES.index(market.GROWING_SOURCE)] = market.GROWING_EFFECT
    by_source[_SOURCES.index(market.BETTER_SOURCE)] = market.BETTER_EFFECT
    base = np.array(list(market.BASE_RATES.values()))
    chance: Floats = base[deal_type] + np.array(by_source)[source]
    chance += np.where(is_star, market.BETTER_REP_EFFECT, 0.0)
    chance += np.where(fell & (deal_type == _TYPES.index(market.DROP_TYPE)), market.DROP, 0.0)
    lively = (1 - market.STUCK_SHARE * market.STUCK_FACTOR) / (1 - market.STUCK_SHARE)
    chance = np.clip(chance, 0.02, 0.85)
    chance *= np.where(is_stuck, market.STUCK_FACTOR, lively)
    return chance


def _worked(rng: np.random.Generator, length: Ints, is_won: Bools) -> Ints:
    """Days of work on each deal: all of them, unless it is lost and goes silent for its last third or so."""
    goes_silent = ~is_won & (rng.random(len(length)) < market.SILENT_SHARE)
    silent_percent = draws.whole(rng.random(len(length)), 25, 65)
    return length - np.where(goes_silent, length * silent_percent // 100, 0)
