"""Every metric that a fact may carry, in a line each: name, title, formula, meaning and trap."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One metric, as `/coach glossary` explains it."""

    name: str  # `Fact.metric`
    title: str
    formula: str
    meaning: str
    trap: str


GLOSSARY: tuple[Entry, ...] = (
    Entry(
        "win_rate",
        "Win rate",
        "won / (won + lost), by count",
        "The share of closed deals that were won, with the range chance allows (Wilson, 95 %).",
        "No closed deal means no rate, not zero.",
    ),
    Entry(
        "win_rate_by_amount",
        "Win rate by amount",
        "won amount / closed amount",
        "The share of the money that was won.",
        "One huge deal moves it; verdicts are by count.",
    ),
    Entry(
        "shrunken_win_rate",
        "Luck-adjusted win rate",
        "(won + m x overall rate) / (deals + m), m from how much the groups truly spread",
        "The best guess at a group's own rate: few deals count little.",
        "When the groups spread no more than chance makes them, all get the overall rate.",
    ),
    Entry(
        "difference",
        "Difference",
        "win rate - overall win rate",
        "How far a group lies from the whole, in points.",
        "Look at the verdict first: most differences are chance.",
    ),
    Entry(
        "segment_impact",
        "Segment impact",
        "(segment's win rate - overall) x its share of closed deals",
        "What a segment adds to or takes from the overall rate, in points.",
        "Signed; over all segments it sums to zero.",
    ),
    Entry(
        "share",
        "Share",
        "deals of the segment / all deals shown",
        "How much of the business a row is.",
        "By count, not by amount.",
    ),
    Entry(
        "p_value",
        "p value",
        "Fisher's exact test per row, chi-square for all rows together",
        "How often chance alone would show a difference this large.",
        "Look at enough rows and one is small; that is what the adjusted one is for.",
    ),
    Entry(
        "p_adjusted",
        "Adjusted p value",
        "Benjamini-Hochberg over the rows tested",
        "The p value after paying for every row looked at: a Signal up to 0.05, if all rows differ too.",
        "A pair of dimensions pays for every pair one could have asked for.",
    ),
    Entry(
        "widest_gap",
        "Widest gap",
        "largest - smallest win rate of the rows tested",
        "How far apart the rows are, in points.",
        "The more rows, the wider by chance alone.",
    ),
    Entry(
        "detectable_gap",
        "Smallest detectable gap",
        "2.80 x sqrt(2 x rate x (1 - rate) / deals of a typical row)",
        "The true gap between two typical rows that would be noticed in 80 of 100 cases.",
        "A smaller true gap stays Noise: not shown is not the same as not there.",
    ),
    Entry(
        "spread",
        "Spread",
        "standard deviation of the groups' win rates, and of equal groups with as many deals",
        "Whether people differ by more than luck.",
        "Equal people differ too.",
    ),
    Entry(
        "cycle_outcome_gap",
        "Cycle-outcome gap",
        "median cycle of won deals - median cycle of lost deals",
        "Whether deals are won quicker than they are lost.",
        "Known only after the close: it explains and never predicts.",
    ),
    Entry(
        "deals",
        "Closed deals",
        "won + lost",
        "How many deals a number rests on.",
        "Open deals are not in it.",
    ),
    Entry("won", "Won deals", "count", "Deals closed as won.", "By the day of the close."),
    Entry(
        "cells",
        "Rows compared",
        "count",
        "Rows that took part in the tests.",
        "Rows under 5 deals and unfinished periods do not.",
    ),
    Entry(
        "amount",
        "Amount",
        "as the CRM holds it on the day",
        "What the deal is worth, in its own currency.",
        "Often rewritten at the close.",
    ),
    Entry(
        "deal_age_days",
        "Age",
        "day - created day",
        "How long an open deal has been open.",
        "Not its cycle, which is known only at the close.",
    ),
    Entry(
        "sales_cycle_days",
        "Sales cycle",
        "closed day - created day",
        "How long a closed deal took.",
        "Closed deals only; deals logged after the fact are left out of statistics.",
    ),
    Entry(
        "created_date",
        "Created",
        "day the deal was opened",
        "When its clock started.",
        "Some CRMs set it when the deal is imported.",
    ),
    Entry(
        "close_date",
        "Close date",
        "expected day while open, actual day once closed",
        "When it is due, or when it ended.",
        "An expected day is a promise, not a fact.",
    ),
    Entry(
        "days_in_stage",
        "Time in stage",
        "day - day the stage was entered",
        "How long the deal has not moved on.",
        "Without stage history it is unknown, never the deal's age.",
    ),
    Entry(
        "days_since_activity",
        "Days since activity",
        "day - day of the last activity",
        "How long nobody touched the deal.",
        "Without an activity feed it is unknown, never zero.",
    ),
    Entry(
        "push_count",
        "Pushes",
        "times the expected close date moved later",
        "How often the promise was renewed.",
        "Without history of close dates it is unknown.",
    ),
    Entry(
        "base_rate",
        "Base rate at this age",
        "share won of deals that were still open at this age (Aalen-Johansen)",
        "The odds before anything but its age is known of the deal.",
        "The plain win rate overstates an old deal's odds.",
    ),
    Entry(
        "expected_remaining_days",
        "Days left",
        "median time to the close of deals open at this age, with the middle half",
        "When a deal of this age is usually decided, either way.",
        "Unknown for a deal older than the data reach.",
    ),
    Entry(
        "pvs",
        "Pipeline Velocity Score",
        "amount x win rate / (age + expected remaining days)",
        "What the deal is worth per day of its cycle.",
        "The win rate is its segment's luck-adjusted one, not the deal's own odds.",
    ),
    Entry(
        "smi",
        "Stage Momentum Index",
        "stage number / days since creation",
        "How quickly the deal came this far, in stages per day.",
        "Means nothing by itself; only its rank does.",
    ),
    Entry(
        "momentum_percentile",
        "Momentum",
        "share of open deals in the same stage with a lower Stage Momentum Index, ties by half",
        "Whether the deal came this far quicker than its neighbours.",
        "Says nothing of deals that already moved on.",
    ),
    Entry(
        "deal_health",
        "Deal Health Score",
        "100 x (0.4 rep win rate + 0.3 cycle efficiency + 0.3 stage progress)",
        "A mix of who owns it, how quick and how far it is, 0 to 100.",
        "A habit, not a probability.",
    ),
    Entry(
        "rep_win_rate",
        "Owner's win rate",
        "luck-adjusted over all owners",
        "The best guess at how often this owner wins.",
        "Few deals say little: then it is everybody's rate.",
    ),
    Entry(
        "segment_win_rate",
        "Segment's win rate",
        "luck-adjusted over the values of one dimension",
        "The best guess at how often deals of this region or lead source are won.",
        "Equal segments get the overall rate.",
    ),
    Entry(
        "revenue_at_risk",
        "Revenue at risk",
        "amount x (1 - odds)",
        "The part of the amount that will not come, on average.",
        "The odds are the base rate until a model earns its place.",
    ),
    Entry(
        "inactivity_limit",
        "Inactivity limit",
        "days without activity that the rule allows",
        "Beyond it a deal counts as stalled.",
        "Needs an activity feed.",
    ),
    Entry(
        "stage_limit",
        "Stage limit",
        "90th percentile of won deals' time in the stage",
        "Beyond it a deal counts as stalled.",
        "A stage with fewer than 30 won deals borrows the limit of all stages.",
    ),
    Entry(
        "quality_check",
        "Quality check",
        "rows that fail a check, of rows checked",
        "How far the data can be trusted.",
        "A clean table can still be wrong.",
    ),
    Entry(
        "as_of",
        "As of",
        "day of the data",
        "Only what was known on that day counts.",
        "Later closes are not in it.",
    ),
)

BY_NAME = {entry.name: entry for entry in GLOSSARY}
