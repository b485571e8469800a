"""The business that the sample CRM is about: its shares and rates, and the effects planted in it.

Whatever is not named under "planted" has no influence on who wins: industry, product, amount, team and
every rep but one are null by construction, and so is region before the drop.
"""

from data.sample import draws

CURRENCY = "USD"

STAGES = ("Qualified", "Demo", "Proposal", "Negotiation")
REGIONS = {"North America": 0.34, "Europe": 0.30, "APAC": 0.22, "LATAM": 0.14}
INDUSTRIES = {
    "Software": 0.24,
    "Finance": 0.18,
    "Healthcare": 0.18,
    "Retail": 0.16,
    "Manufacturing": 0.14,
    "Education": 0.10,
}
PRODUCTS = {"Core": 0.50, "Pro": 0.32, "Enterprise": 0.18}
LEAD_SOURCES = {"Inbound": 0.40, "Outbound": 0.24, "Referral": 0.18, "Partner": 0.18}
DEAL_TYPES = {"new": 0.78, "expansion": 0.13, "renewal": 0.09}
BASE_RATES = {"new": 0.27, "expansion": 0.48, "renewal": 0.62}
NULL_DIMENSIONS = ("industry", "product", "amount_band")

HISTORY_DAYS = 821  #: two years and a quarter: the quarter warms up, so that the two years are not cut short
CYCLE_DAYS = draws.lognormal(78, 0.50, 9, 178)
STUCK_CYCLE_DAYS = draws.lognormal(122, 0.35, 40, 178)
LONGEST_CYCLE = 180  #: 178, and a weekend
PLANNED_DAYS = draws.lognormal(70, 0.40, 20, 150)
AMOUNTS = draws.lognormal(18_000, 1.05, 2_000, 250_000)
MEAN_AMOUNT = int(AMOUNTS.sum()) // len(AMOUNTS)

# Planted, in fractions of win probability unless said otherwise.
DROP_REGION, DROP_TYPE, DROP = "Europe", "new", -0.15
DROP_QUARTERS_BACK = 2  #: deals closed since the quarter before last began
GROWING_SOURCE, GROWING_EFFECT, GROWN_SHARE = "Outbound", -0.07, 0.44
GROWTH_QUARTERS_BACK = 3  #: deals created since one quarter before that
BETTER_SOURCE, BETTER_EFFECT = "Referral", 0.12
BETTER_REP_EFFECT, BETTER_REP_LOAD = 0.18, 1.5  #: load: deals per deal of a colleague
LUCKY_REPS = 3  #: the best observed rates among reps with equal true ones
DEAD_STAGE, STUCK_SHARE, STUCK_FACTOR = "Proposal", 0.20, 0.40  #: a stuck deal's chance is multiplied
LONG_DWELL = 30  #: days in the dead stage that tell stuck deals from others
SILENT_SHARE = 0.65  #: of the lost deals, how many go silent first
SILENCE_DAYS = 14  #: days without activity, as in the P1 rule
BIG_CENTS = 50_000_00  #: amount from which a stalled deal is told, as in the P1 rule
TOLD = 5  #: open deals that cross both lines exactly on the last day
