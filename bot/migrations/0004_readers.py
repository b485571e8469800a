"""Who reads in which language and zone, whom we have greeted, and who shared what with whom."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

COUNTER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Two new tables."""
    readers()
    shares()


def readers() -> None:
    """What Slack tells about a reader, and when we first wrote to them."""
    op.create_table(
        "readers",
        sa.Column("workspace", sa.String, primary_key=True),
        sa.Column("slack_user", sa.String, primary_key=True),
        *(sa.Column(name, sa.String, nullable=False) for name in ("person_id", "locale", "zone")),
        sa.Column("greeted_at", sa.BigInteger),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
    )
    op.create_index("readers_person", "readers", ["workspace", "person_id"])


def shares() -> None:
    """The audit log of what was shared."""
    op.create_table(
        "shares",
        sa.Column("id", COUNTER, primary_key=True, autoincrement=True),
        sa.Column("key", sa.String, nullable=False, unique=True),
        *(
            sa.Column(name, sa.String, nullable=False)
            for name in ("workspace", "person_id", "slack_user", "channel", "ts")
        ),
        sa.Column("line", sa.Text, nullable=False),
        sa.Column("generation", sa.String, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("readers", sa.Text, nullable=False),
        sa.Column("left_out", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("shares_at", "shares", ["workspace", "at"])
