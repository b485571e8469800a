"""Alerts with a life: levels, answers, snoozes, actions, rules of the team, the log, what was agreed."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

COUNTER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
STILL_OPEN = sa.text("resolved_on IS NULL")

#: Columns that rows of before get with these values: every alert was about a stalled, big deal.
ALERT_COLUMNS = (
    sa.Column("version", sa.Integer, nullable=False, server_default="0"),
    sa.Column("level", sa.String, nullable=False, server_default="P1"),
    sa.Column("subject", sa.String, nullable=False, server_default="deal"),
    sa.Column("silent", sa.Integer, nullable=False, server_default="0"),
    sa.Column("acted_by", sa.String, nullable=False, server_default=""),
    sa.Column("acted_at", sa.BigInteger),
    sa.Column("acted", sa.Text, nullable=False, server_default=""),
    sa.Column("until", sa.BigInteger),
    sa.Column("escalate_at", sa.BigInteger),
    sa.Column("moved_on", sa.Date),
    sa.Column("outcome", sa.String, nullable=False, server_default=""),
)
CAUSES = {"inactive": "days_since_activity", "slow_stage": "stage_percentile"}


def upgrade() -> None:
    """Widen the tables there are, then add the new ones."""
    alerts()
    op.add_column("outbox", sa.Column("place", sa.String, nullable=False, server_default=""))
    op.add_column("outbox", sa.Column("not_after", sa.BigInteger))
    for table in (alert_log, rules, silences, preferences, actions, agreements, beats):
        table()


def alerts() -> None:
    """An alert may be about anything; what was told of a deal reads as a finding."""
    op.drop_index("alerts_one_open", "alerts")
    op.execute("ALTER TABLE alerts RENAME COLUMN deal_id TO subject_id")
    for column in ALERT_COLUMNS:
        op.add_column("alerts", column)
    op.create_index(
        "alerts_one_open",
        "alerts",
        ["workspace", "rule", "subject_id"],
        unique=True,
        sqlite_where=STILL_OPEN,
        postgresql_where=STILL_OPEN,
    )
    op.create_index("alerts_subject", "alerts", ["workspace", "subject_id"])
    op.create_index("alerts_escalate", "alerts", ["workspace", "escalate_at"])
    table = sa.table("alerts", sa.column("key"), sa.column("facts"))
    connection = op.get_bind()
    for key, facts in connection.execute(sa.select(table.c.key, table.c.facts)).all():
        told = json.dumps(finding(json.loads(facts)))
        connection.execute(sa.update(table).where(table.c.key == key).values(facts=told))


def finding(told: dict[str, Any]) -> dict[str, Any]:
    """What was kept of a stalled deal, as a finding is kept."""
    names = {name: told[name] for name in ("name", "account", "stage", "owner")}
    kept = {name: told[name] for name in ("rule", "owner_id", "manager_id", "figures", "as_of", "generation")}
    causes = [CAUSES[cause] for cause in told["causes"]]
    return {**kept, "level": "P1", "subject": "deal", "subject_id": told["deal_id"], "names": names} | {
        "causes": causes
    }


def alert_log() -> None:
    """Every alert that was considered, and what became of it."""
    op.create_table(
        "alert_log",
        sa.Column("id", COUNTER, primary_key=True, autoincrement=True),
        *(
            sa.Column(name, sa.String, nullable=False)
            for name in (
                "workspace",
                "alert_key",
                "rule",
                "level",
                "subject",
                "subject_id",
                "owner_id",
                "what",
            )
        ),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("person_id", sa.String, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("alert_log_at", "alert_log", ["workspace", "at"])
    op.create_index("alert_log_alert", "alert_log", ["alert_key"])


def rules() -> None:
    """Rules that the team changed or made, with their history."""
    op.create_table(
        "rules",
        sa.Column("workspace", sa.String, primary_key=True),
        sa.Column("rule_id", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("definition", sa.Text, nullable=False),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )


def silences() -> None:
    """Who is not told of what, until when and why."""
    op.create_table(
        "silences",
        sa.Column("id", COUNTER, primary_key=True, autoincrement=True),
        sa.Column("workspace", sa.String, nullable=False),
        sa.Column("person_id", sa.String, nullable=False),
        sa.Column("rule", sa.String, nullable=False),
        sa.Column("subject_id", sa.String, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("silences_until", "silences", ["workspace", "until"])


def preferences() -> None:
    """How each person wants to be told."""
    op.create_table(
        "preferences",
        sa.Column("workspace", sa.String, primary_key=True),
        sa.Column("person_id", sa.String, primary_key=True),
        sa.Column("chosen", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )


def actions() -> None:
    """What people did about a deal, and what followed."""
    op.create_table(
        "actions",
        sa.Column("id", COUNTER, primary_key=True, autoincrement=True),
        sa.Column("key", sa.String, nullable=False, unique=True),
        *(
            sa.Column(name, sa.String, nullable=False)
            for name in ("workspace", "deal_id", "alert_key", "play")
        ),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("done_on", sa.Date, nullable=False),
        sa.Column("person_id", sa.String, nullable=False),
        sa.Column("stage", sa.String, nullable=False),
        sa.Column("next_step", sa.Text, nullable=False),
        sa.Column("after_14", sa.String, nullable=False),
        sa.Column("after_30", sa.String, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("actions_deal", "actions", ["workspace", "deal_id"])
    op.create_index("actions_person", "actions", ["workspace", "person_id", "at"])


def agreements() -> None:
    """The pilot and the experiment: agreed on once, then held to."""
    op.create_table(
        "agreements",
        sa.Column("workspace", sa.String, primary_key=True),
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("terms", sa.Text, nullable=False),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )


def beats() -> None:
    """Signs of life of each process, and what its auditor found."""
    op.create_table(
        "beats",
        sa.Column("workspace", sa.String, primary_key=True),
        sa.Column("process", sa.String, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("found", sa.Text, nullable=False),
    )
    op.create_index("beats_at", "beats", ["at"])
