"""What a person may be told, one module per answer; made of `Fact`s and never of text for a reader."""

from analytics.facts.alerts import Ending, StalledDeal
from analytics.facts.base import Fact, Note, Unit, Verdict, by_id, of_notes
from analytics.facts.breakdown import Breakdown, Cell
from analytics.facts.deal import DealCard, reach
from analytics.facts.model import Bin, Driver, Drivers, ModelCard, Pair, Receipt, SegmentScore, Tried
from analytics.facts.people import Funnel, FunnelStage, RepPage
from analytics.facts.pipeline import Pipeline, PipelineStage, Risk, WhatIf
from analytics.facts.quality import Quality, QualityLine
from analytics.facts.watch import Month, Watch, Watched
from analytics.facts.week import KINDS, DealChange, Habit, TeamWeek, Week
from analytics.facts.why import Part, Run, Segment, Span, Why, Wider

__all__ = [
    "KINDS",
    "Bin",
    "Breakdown",
    "Cell",
    "DealCard",
    "DealChange",
    "Driver",
    "Drivers",
    "Ending",
    "Fact",
    "Funnel",
    "FunnelStage",
    "Habit",
    "ModelCard",
    "Month",
    "Note",
    "Pair",
    "Part",
    "Pipeline",
    "PipelineStage",
    "Quality",
    "QualityLine",
    "Receipt",
    "RepPage",
    "Risk",
    "Run",
    "Segment",
    "SegmentScore",
    "Span",
    "StalledDeal",
    "TeamWeek",
    "Tried",
    "Unit",
    "Verdict",
    "Watch",
    "Watched",
    "Week",
    "WhatIf",
    "Why",
    "Wider",
    "by_id",
    "of_notes",
    "reach",
]
