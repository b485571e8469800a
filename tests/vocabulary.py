"""A small company's vocabulary, a day, and what a text asks of them; shared by the tests of the intents."""

from datetime import date

from analytics.questions import Period
from bot import intents
from bot.intents import Intent

TODAY = date(2024, 7, 20)  # a Saturday
VALUES = {
    "region": ["EMEA", "APAC", "North America", "Europe", "Not set"],
    "industry": ["SaaS", "FinTech", "Health & Care", "Not set"],
    "product": ["Core", "Enterprise", "Core Plus"],
    "lead_source": ["Partner", "Inbound", "Word of Mouth"],
    "deal_type": ["New", "Expansion", "Enterprise"],
    "stage": ["Demo", "Negotiation", "Closed"],
    "team": ["Müller", "West"],
    "amount_band": ["under 10k", "10k-25k", "100k and more"],
}
PEOPLE = [
    ("rep_7", "Priya Natarajan"),
    ("rep_8", "José Díaz"),
    ("rep_9", "May Lin"),
    ("rep_10", "Sam Lee"),
    ("rep_11", "Sam Ray"),
    ("rep_12", "Per In"),
]
VOCABULARY = {name: [(v, v) for v in values] for name, values in VALUES.items()} | {"rep": PEOPLE}


def ask(text: str, command: str = "/winrate") -> Intent:
    return intents.parse(command, text, VOCABULARY, TODAY)


def days(first: str, last: str, label: str = "") -> Period:
    return Period(date.fromisoformat(first), date.fromisoformat(last), label or f"{first} to {last}")
