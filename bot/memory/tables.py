"""The tables of memory. A moment is stored in microseconds, so that both databases compare it alike.

The migrations build them; `tests/test_memory.py` holds these definitions and the migrated database equal.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    text,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Moment(TypeDecorator[datetime]):
    """An aware datetime, stored as microseconds since 1970 in UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """To microseconds; a datetime without a zone is refused."""
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Back to a datetime in UTC."""
        return None if value is None else EPOCH + value * MICROSECOND


metadata = MetaData()

slots = Table(
    "slots",
    metadata,
    Column("job", String, primary_key=True),
    Column("slot_key", String, primary_key=True),
    Column("state", String, nullable=False),  # running, done, failed
    Column("owner", String, nullable=False),
    Column("lease_until", Moment, nullable=False),  # failed: not before
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text),
)

alerts = Table(
    "alerts",
    metadata,
    Column("key", String, primary_key=True),  # workspace:rule:deal:epoch
    Column("workspace", String, nullable=False),
    Column("rule", String, nullable=False),
    Column("deal_id", String, nullable=False),
    Column("owner_id", String, nullable=False),
    Column("state", String, nullable=False),  # told, held, resolved
    Column("reason", String, nullable=False),  # why held or resolved; "" while told
    Column("facts", Text, nullable=False),  # the StalledDeal as first told, JSON
    Column("opened_on", Date, nullable=False),
    Column("told_on", Date),
    Column("resolved_on", Date),
    Column("generation", String, nullable=False),
)
Index(
    "alerts_one_open",
    alerts.c.workspace,
    alerts.c.rule,
    alerts.c.deal_id,
    unique=True,
    sqlite_where=text("state <> 'resolved'"),
    postgresql_where=text("state <> 'resolved'"),
)
Index("alerts_told", alerts.c.workspace, alerts.c.told_on)

outbox = Table(
    "outbox",
    metadata,
    # Integer on SQLite only: nothing else counts up by itself there.
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("dedup_key", String, nullable=False, unique=True),
    Column("workspace", String, nullable=False),
    Column("alert_key", String, ForeignKey("alerts.key")),
    Column("kind", String, nullable=False),  # post, update
    Column("chain", String, nullable=False),  # dedup_key of the post this row is or edits
    Column("recipient_id", String, nullable=False),
    Column("recipient_email", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("blocks", Text),  # JSON; null: text only
    Column("status", String, nullable=False),  # pending, sending, sent, dead, parked, cancelled
    Column("attempts", Integer, nullable=False),
    Column("owner", String, nullable=False),
    Column("next_at", Moment, nullable=False),  # pending: not before; sending: end of the lease
    Column("first_attempt_at", Moment),
    Column("channel", String),
    Column("ts", String),
    Column("last_error", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("sent_at", Moment),
)
Index("outbox_due", outbox.c.status, outbox.c.next_at)
Index("outbox_chain", outbox.c.chain)
Index("outbox_alert", outbox.c.alert_key)

inbox = Table(
    "inbox",
    metadata,
    Column("key", String, primary_key=True),  # trigger_id or event_id
    Column("seen_at", Moment, nullable=False),
)
Index("inbox_seen", inbox.c.seen_at)

people_links = Table(
    "people_links",
    metadata,
    Column("workspace", String, primary_key=True),
    Column("slack_user", String, primary_key=True),
    Column("person_id", String, nullable=False),
)
Index("people_links_person", people_links.c.workspace, people_links.c.person_id)

turns = Table(
    "turns",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("workspace", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("thread", String, nullable=False),
    Column("slack_user", String, nullable=False),
    Column("said", Text, nullable=False),  # the person's own words
    Column("line", Text, nullable=False),  # what was understood, as the line that asks it again; "" when not
    Column("claims", Text, nullable=False),  # ids of the sentences answered, JSON
    Column("at", Moment, nullable=False),
)
Index("turns_of_thread", turns.c.workspace, turns.c.channel, turns.c.thread, turns.c.slack_user, turns.c.id)
Index("turns_at", turns.c.at)

feedback = Table(
    "feedback",
    metadata,
    Column("workspace", String, primary_key=True),
    Column("slack_user", String, primary_key=True),
    Column(
        "answer", String, primary_key=True
    ),  # hash of line and generation: a second click replaces the first
    Column("useful", Integer, nullable=False),  # 1 or 0
    Column("line", Text, nullable=False),
    Column("generation", String, nullable=False),
    Column("facts", Text, nullable=False),  # fact ids, JSON
    Column("prompt", String, nullable=False),  # version and hash; "" for the template's words
    Column("model", String, nullable=False),  # "" for the template's words
    Column("at", Moment, nullable=False),
)

model_calls = Table(
    "model_calls",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("workspace", String, nullable=False),
    Column("slack_user", String, nullable=False),
    Column("surface", String, nullable=False),  # answer, digest, question
    Column("model", String, nullable=False),
    Column("prompt", String, nullable=False),  # version and hash
    Column("outcome", String, nullable=False),  # told, or why not: deadline, rate_limited, ...
    Column("tokens_in", Integer, nullable=False),
    Column("tokens_cached", Integer, nullable=False),
    Column("tokens_out", Integer, nullable=False),
    Column("estimated", Integer, nullable=False),  # 1 when the server told no usage
    Column("cost", String, nullable=False),  # money as decimal text; "" without a price
    Column("milliseconds", Integer, nullable=False),
    Column("at", Moment, nullable=False),
)
Index("model_calls_at", model_calls.c.workspace, model_calls.c.at)
