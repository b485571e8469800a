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
    Column("key", String, primary_key=True),  # workspace:rule:subject_id:epoch
    Column("workspace", String, nullable=False),
    Column("rule", String, nullable=False),
    Column("version", Integer, nullable=False),  # of the rule; 0: as we ship it
    Column("level", String, nullable=False),  # P1, P2, P3, rate, driver, data
    Column("subject", String, nullable=False),  # deal, owner, segment, driver, source
    Column("subject_id", String, nullable=False),
    Column("owner_id", String, nullable=False),  # "" where nobody owns it
    Column("state", String, nullable=False),  # see bot/alerting/standing.py
    Column("reason", String, nullable=False),  # why held, silent, dismissed or resolved; "" while told
    Column("facts", Text, nullable=False),  # the Finding as first told, JSON
    Column("opened_on", Date, nullable=False),  # day of the numbers in which it began
    Column("told_on", Date),
    Column("resolved_on", Date),
    Column("generation", String, nullable=False),
    Column("silent", Integer, nullable=False),  # 1: in the share that nobody is told of
    Column("acted_by", String, nullable=False),  # who acknowledged it, or logged an action; "" nobody
    Column("acted_at", Moment),
    Column("acted", Text, nullable=False),  # what was logged, in the reader's words; ""
    Column("until", Moment),  # end of a snooze; when the pilot's reviewer is overdue
    Column("escalate_at", Moment),  # when the manager is told, if nobody answered
    Column("moved_on", Date),  # the quick outcome: day of a move, decision or new next step
    Column("outcome", String, nullable=False),  # won, lost, or "" while open
)
Index(
    "alerts_one_open",
    alerts.c.workspace,
    alerts.c.rule,
    alerts.c.subject_id,
    unique=True,
    sqlite_where=text("resolved_on IS NULL"),
    postgresql_where=text("resolved_on IS NULL"),
)
Index("alerts_told", alerts.c.workspace, alerts.c.told_on)
Index("alerts_subject", alerts.c.workspace, alerts.c.subject_id)
Index("alerts_escalate", alerts.c.workspace, alerts.c.escalate_at)

outbox = Table(
    "outbox",
    metadata,
    # Integer on SQLite only: nothing else counts up by itself there.
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("dedup_key", String, nullable=False, unique=True),
    Column("workspace", String, nullable=False),
    Column("alert_key", String, ForeignKey("alerts.key")),
    Column("kind", String, nullable=False),  # post, update, reply
    Column("chain", String, nullable=False),  # dedup_key of the post this row is, edits or answers
    Column("place", String, nullable=False),  # channel asked for; "": direct messages of the recipient
    Column("not_after", Moment),  # old news after that: cancelled instead of sent
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

alert_log = Table(
    "alert_log",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("workspace", String, nullable=False),
    Column("alert_key", String, nullable=False),
    Column("rule", String, nullable=False),
    Column("level", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("subject_id", String, nullable=False),
    Column("owner_id", String, nullable=False),
    Column("what", String, nullable=False),  # see bot/alerting/log.py
    Column("reason", Text, nullable=False),  # "" where there is none to give
    Column("person_id", String, nullable=False),  # who was told, or did it; "" nobody
    Column("day", Date, nullable=False),  # of the numbers
    Column("at", Moment, nullable=False),
)
Index("alert_log_at", alert_log.c.workspace, alert_log.c.at)
Index("alert_log_alert", alert_log.c.alert_key)

rules = Table(
    "rules",
    metadata,
    Column("workspace", String, primary_key=True),
    Column("rule_id", String, primary_key=True),
    Column("version", Integer, primary_key=True),  # the highest one counts, the others are its history
    Column("state", String, nullable=False),  # draft, on, off
    Column("definition", Text, nullable=False),  # analytics.alerts.rules.as_json
    Column("author", String, nullable=False),  # person_id, or the email of an appointed viewer
    Column("note", Text, nullable=False),  # why it was changed
    Column("at", Moment, nullable=False),
)

silences = Table(
    "silences",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("workspace", String, nullable=False),
    Column("person_id", String, nullable=False),  # who is not told; "": nobody is
    Column("rule", String, nullable=False),  # "": any
    Column("subject_id", String, nullable=False),  # "": any
    Column("until", Moment, nullable=False),
    Column("author", String, nullable=False),  # person_id
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
)
Index("silences_until", silences.c.workspace, silences.c.until)

preferences = Table(
    "preferences",
    metadata,
    Column("workspace", String, primary_key=True),
    Column("person_id", String, primary_key=True),
    Column("chosen", Text, nullable=False),  # bot.alerting.preferences.Preferences, JSON
    Column("at", Moment, nullable=False),
)

actions = Table(
    "actions",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("key", String, nullable=False, unique=True),  # of the submission: sent twice, kept once
    Column("workspace", String, nullable=False),
    Column("deal_id", String, nullable=False),
    Column("alert_key", String, nullable=False),  # "" when logged from the card
    Column("play", String, nullable=False),  # id of a play, or ""
    Column("what", Text, nullable=False),  # in the words of who logged it
    Column("note", Text, nullable=False),
    Column("done_on", Date, nullable=False),
    Column("person_id", String, nullable=False),
    Column("stage", String, nullable=False),  # of the deal when it was logged
    Column("next_step", Text, nullable=False),
    Column("after_14", String, nullable=False),  # "" not yet; won, lost, moved, stepped, nothing, gone
    Column("after_30", String, nullable=False),
    Column("at", Moment, nullable=False),
)
Index("actions_deal", actions.c.workspace, actions.c.deal_id)
Index("actions_person", actions.c.workspace, actions.c.person_id, actions.c.at)

agreements = Table(
    "agreements",
    metadata,
    Column("workspace", String, primary_key=True),
    Column("name", String, primary_key=True),  # pilot, experiment: agreed on once, then held to
    Column("terms", Text, nullable=False),  # JSON
    Column("author", String, nullable=False),
    Column("at", Moment, nullable=False),
)

readers = Table(
    "readers",
    metadata,
    Column("workspace", String, primary_key=True),
    Column("slack_user", String, primary_key=True),
    Column("person_id", String, nullable=False),  # as preferences know them; "" for a stranger
    Column("locale", String, nullable=False),  # as Slack tells it: en-GB; "" not told
    Column("zone", String, nullable=False),  # an IANA name; "" not told
    Column("greeted_at", Moment),  # when the first message was written down for them
    Column("seen_at", Moment, nullable=False),
)
Index("readers_person", readers.c.workspace, readers.c.person_id)

shares = Table(
    "shares",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("key", String, nullable=False, unique=True),  # of the submission: sent twice, posted once
    Column("workspace", String, nullable=False),
    Column("person_id", String, nullable=False),  # who shared, as preferences know them
    Column("slack_user", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("ts", String, nullable=False),  # of the message; "" when nothing was posted
    Column("line", Text, nullable=False),  # what was shared, as the line that asks for it
    Column("generation", String, nullable=False),
    Column("outcome", String, nullable=False),  # shared, or why not: see bot/sharing
    Column("readers", Text, nullable=False),  # who could read it then: slack users, JSON list
    Column("left_out", Text, nullable=False),  # what was left out, JSON list of ids of sentences
    Column("at", Moment, nullable=False),
)
Index("shares_at", shares.c.workspace, shares.c.at)

beats = Table(
    "beats",
    metadata,
    Column("workspace", String, primary_key=True),
    Column("process", String, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("found", Text, nullable=False),  # what the auditor found, JSON list of sentences; [] all well
)
Index("beats_at", beats.c.at)
