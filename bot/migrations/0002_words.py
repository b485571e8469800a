"""Turns of conversations, feedback on answers, and what the language model was asked and cost."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

COUNTER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Build the tables of words."""
    turns()
    feedback()
    model_calls()


def turns() -> None:
    """What was said in a thread and what was understood."""
    op.create_table(
        "turns",
        sa.Column("id", COUNTER, primary_key=True, autoincrement=True),
        sa.Column("workspace", sa.String, nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("thread", sa.String, nullable=False),
        sa.Column("slack_user", sa.String, nullable=False),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("line", sa.Text, nullable=False),
        sa.Column("claims", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("turns_of_thread", "turns", ["workspace", "channel", "thread", "slack_user", "id"])
    op.create_index("turns_at", "turns", ["at"])


def feedback() -> None:
    """Whether an answer was useful, and what it was made of."""
    op.create_table(
        "feedback",
        sa.Column("workspace", sa.String, primary_key=True),
        sa.Column("slack_user", sa.String, primary_key=True),
        sa.Column("answer", sa.String, primary_key=True),
        sa.Column("useful", sa.Integer, nullable=False),
        sa.Column("line", sa.Text, nullable=False),
        sa.Column("generation", sa.String, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("prompt", sa.String, nullable=False),
        sa.Column("model", sa.String, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )


def model_calls() -> None:
    """Every request to the language model."""
    op.create_table(
        "model_calls",
        sa.Column("id", COUNTER, primary_key=True, autoincrement=True),
        sa.Column("workspace", sa.String, nullable=False),
        sa.Column("slack_user", sa.String, nullable=False),
        sa.Column("surface", sa.String, nullable=False),
        sa.Column("model", sa.String, nullable=False),
        sa.Column("prompt", sa.String, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("tokens_in", sa.Integer, nullable=False),
        sa.Column("tokens_cached", sa.Integer, nullable=False),
        sa.Column("tokens_out", sa.Integer, nullable=False),
        sa.Column("estimated", sa.Integer, nullable=False),
        sa.Column("cost", sa.String, nullable=False),
        sa.Column("milliseconds", sa.Integer, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("model_calls_at", "model_calls", ["workspace", "at"])
