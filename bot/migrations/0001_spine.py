"""Slots, alerts, the outbox, the inbox and who is who."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Build the first tables."""
    slots()
    alerts()
    outbox()
    inbox()
    people_links()


def slots() -> None:
    """Who does which scheduled piece of work."""
    op.create_table(
        "slots",
        sa.Column("job", sa.String, primary_key=True),
        sa.Column("slot_key", sa.String, primary_key=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("owner", sa.String, nullable=False),
        sa.Column("lease_until", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("last_error", sa.Text),
    )


def alerts() -> None:
    """Alerts and where they are in their life; at most one open per rule and deal."""
    op.create_table(
        "alerts",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("workspace", sa.String, nullable=False),
        sa.Column("rule", sa.String, nullable=False),
        sa.Column("deal_id", sa.String, nullable=False),
        sa.Column("owner_id", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("opened_on", sa.Date, nullable=False),
        sa.Column("told_on", sa.Date),
        sa.Column("resolved_on", sa.Date),
        sa.Column("generation", sa.String, nullable=False),
    )
    still_open = sa.text("state <> 'resolved'")
    op.create_index(
        "alerts_one_open",
        "alerts",
        ["workspace", "rule", "deal_id"],
        unique=True,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
    op.create_index("alerts_told", "alerts", ["workspace", "told_on"])


def outbox() -> None:
    """Messages written down before they are sent."""
    counter = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "outbox",
        sa.Column("id", counter, primary_key=True, autoincrement=True),
        sa.Column("dedup_key", sa.String, nullable=False, unique=True),
        sa.Column("workspace", sa.String, nullable=False),
        sa.Column("alert_key", sa.String, sa.ForeignKey("alerts.key")),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("chain", sa.String, nullable=False),
        sa.Column("recipient_id", sa.String, nullable=False),
        sa.Column("recipient_email", sa.String, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("blocks", sa.Text),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("owner", sa.String, nullable=False),
        sa.Column("next_at", sa.BigInteger, nullable=False),
        sa.Column("first_attempt_at", sa.BigInteger),
        sa.Column("channel", sa.String),
        sa.Column("ts", sa.String),
        sa.Column("last_error", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("sent_at", sa.BigInteger),
    )
    op.create_index("outbox_due", "outbox", ["status", "next_at"])
    op.create_index("outbox_chain", "outbox", ["chain"])
    op.create_index("outbox_alert", "outbox", ["alert_key"])


def inbox() -> None:
    """Deliveries from Slack that were seen already."""
    op.create_table(
        "inbox",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
    )
    op.create_index("inbox_seen", "inbox", ["seen_at"])


def people_links() -> None:
    """Slack user to person in the CRM."""
    op.create_table(
        "people_links",
        sa.Column("workspace", sa.String, primary_key=True),
        sa.Column("slack_user", sa.String, primary_key=True),
        sa.Column("person_id", sa.String, nullable=False),
    )
    op.create_index("people_links_person", "people_links", ["workspace", "person_id"])
