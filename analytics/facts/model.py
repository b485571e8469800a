"""What the win-probability model may say of itself: what drives odds, how good it is, why it is silent."""

from dataclasses import dataclass
from datetime import date

from analytics.facts.base import Fact, Note, Verdict, by_id, of_notes


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """Something associated with winning. Never a cause."""

    feature: str  # "lead_source", "days_in_stage", ...
    value: str  # the category, or the band of a number as text of ours: "under 7 days"
    group: str  # one of analytics.drivers.GROUPS
    effect: Fact  # POINTS of win probability against the average deal, with interval, verdict, n
    stable: bool  # the same sign in every training window tried
    flipped: bool  # its sign turned, with intervals clear of zero


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One cell of a two-way interaction."""

    values: tuple[str, str]
    win_rate: Fact  # FRACTION as counted, with n and interval
    parts: Fact  # FRACTION that the two alone would give
    effect: Fact  # POINTS: the first minus the second, with verdict

    def facts(self) -> list[Fact]:
        """Every fact of the cell."""
        return [self.win_rate, self.parts, self.effect]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drivers:
    """The answer to "what drives winning?"."""

    speaks: bool  # did the model earn its place?
    base_rate: Fact  # FRACTION: open deals of the training window that were won
    drivers: tuple[Driver, ...]  # strongest help first, strongest hurt last
    dimensions: tuple[str, ...]  # of the heat map, two or none
    pairs: tuple[Pair, ...]
    p_value: Fact | None  # of the whole interaction, all pairs together: one test, not corrected
    improvement: Fact | None  # NUMBER: log loss gained over the base rate out of time, with interval
    model: str  # the model's id
    scope: str
    notes: tuple[Note, ...]
    as_of: date
    generation: str
    deal_type: str = ""  # kind of business that pairs were counted of; "" for all, or when there is but one
    verdict: Verdict = Verdict.TOO_FEW  # of the pairs

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        return by_id(
            self.base_rate,
            (driver.effect for driver in self.drivers),
            (fact for pair in self.pairs for fact in pair.facts()),
            self.p_value,
            self.improvement,
            of_notes(self.notes),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One model of the out-of-time table."""

    name: str  # "base_rate", "additive", "pairs", "boosting"
    log_loss: Fact  # NUMBER
    brier: Fact  # NUMBER
    auc: Fact  # NUMBER
    ece: Fact  # NUMBER
    chosen: bool = False

    def facts(self) -> list[Fact]:
        """Every fact of the row."""
        return [self.log_loss, self.brier, self.auc, self.ece]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """One point of the reliability curve: of `n` unseen deals with such odds, so many were won."""

    predicted: Fact  # FRACTION with n
    observed: Fact  # FRACTION with interval and n


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentScore:
    """How the model does in one segment of unseen deals."""

    dimension: str
    value: str
    predicted: Fact  # FRACTION: mean odds
    observed: Fact  # FRACTION with interval and n
    fits: bool | None  # None: too few deals to say


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """What the model is, what it was made from, how good it is on unseen deals, what it cannot do."""

    speaks: bool
    reason: str  # why it is silent, as a code: "no_better", "too_few", "no_quarters", ...; "" when it speaks
    chosen: str  # "additive", "pairs", "boosting"; "" when nothing could be fitted
    choice: str  # why that one, as a code: "best", "within_noise", "only"
    model: str  # id
    trained_on: Fact  # COUNT of closed deals
    snapshots: Fact  # COUNT of days they were looked at
    window_start: Fact  # DATE
    window_end: Fact  # DATE
    test_deals: Fact  # COUNT
    test_start: Fact  # DATE
    improvement: Fact  # NUMBER: log loss gained over the base rate, with interval
    tried: tuple[Tried, ...]
    bins: tuple[Bin, ...]
    segments: tuple[SegmentScore, ...]
    features: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]  # feature and why: "no_history", "collinear", "one_value"
    surprise: Fact  # FRACTION of lately closed deals that ended against clear odds; unknown while too few
    surprise_expected: Fact  # FRACTION that calibrated odds would give
    drifted: tuple[str, ...]  # features that moved away from the training window
    history: tuple[tuple[str, str, str], ...]  # a line per retrain: day, model id, what changed as a code
    notes: tuple[Note, ...]
    as_of: date
    generation: str

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        return by_id(
            self.trained_on,
            self.snapshots,
            self.window_start,
            self.window_end,
            self.test_deals,
            self.test_start,
            self.improvement,
            (fact for row in self.tried for fact in row.facts()),
            (fact for one in self.bins for fact in (one.predicted, one.observed)),
            (fact for one in self.segments for fact in (one.predicted, one.observed)),
            self.surprise,
            self.surprise_expected,
            of_notes(self.notes),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Why a deal's odds moved between two generations; the parts add up to the move exactly."""

    deal_id: str
    before: Fact  # FRACTION: odds then
    after: Fact  # FRACTION: odds now
    before_day: Fact  # DATE
    parts: tuple[tuple[str, Fact], ...]  # group of features, POINTS; biggest first
    model_part: Fact  # POINTS; zero when the model is the same
    same_model: bool
    score_history: tuple[tuple[Fact, Fact], ...]  # DATE and FRACTION, oldest first
    changes: tuple[tuple[str, str, str], ...]  # what moved in the CRM: field, before, after
    notes: tuple[Note, ...]
    as_of: date
    generation: str

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        return by_id(
            self.before,
            self.after,
            self.before_day,
            (fact for _, fact in self.parts),
            self.model_part,
            (fact for pair in self.score_history for fact in pair),
            of_notes(self.notes),
        )
