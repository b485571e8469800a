"""What a person may be told, one module per answer; made of `Fact`s and never of text for a reader."""

from analytics.facts.alerts import Ending, Finding
from analytics.facts.backtest import BacktestAnswer, Trial, TrialWeek, Worth
from analytics.facts.base import Fact, Note, Unit, Verdict, by_id, of_notes
from analytics.facts.breakdown import Breakdown, Cell
from analytics.facts.deal import DealCard, reach
from analytics.facts.impact import Effect, Followed, Impact, Plays
from analytics.facts.model import Bin, Driver, Drivers, ModelCard, Pair, Receipt, SegmentScore, Tried
from analytics.facts.people import Funnel, FunnelStage, RepPage
from analytics.facts.pilot import Lesson, PilotReport, Reviewed, ToReview
from analytics.facts.pipeline import Pipeline, PipelineStage, Risk, WhatIf
from analytics.facts.quality import Quality, QualityLine
from analytics.facts.rulebook import Line, Nudge, Preview, Rulebook, RuleTold
from analytics.facts.watch import Month, Watch, Watched
from analytics.facts.week import KINDS, DealChange, Habit, TeamWeek, Week
from analytics.facts.why import Part, Run, Segment, Span, Why, Wider

__all__ = [
    "KINDS",
    "BacktestAnswer",
    "Bin",
    "Breakdown",
    "Cell",
    "DealCard",
    "DealChange",
    "Driver",
    "Drivers",
    "Effect",
    "Ending",
    "Fact",
    "Finding",
    "Followed",
    "Funnel",
    "FunnelStage",
    "Habit",
    "Impact",
    "Lesson",
    "Line",
    "ModelCard",
    "Month",
    "Note",
    "Nudge",
    "Pair",
    "Part",
    "PilotReport",
    "Pipeline",
    "PipelineStage",
    "Plays",
    "Preview",
    "Quality",
    "QualityLine",
    "Receipt",
    "RepPage",
    "Reviewed",
    "Risk",
    "RuleTold",
    "Rulebook",
    "Run",
    "Segment",
    "SegmentScore",
    "Span",
    "TeamWeek",
    "ToReview",
    "Trial",
    "TrialWeek",
    "Tried",
    "Unit",
    "Verdict",
    "Watch",
    "Watched",
    "Week",
    "WhatIf",
    "Why",
    "Wider",
    "Worth",
    "by_id",
    "of_notes",
    "reach",
]
