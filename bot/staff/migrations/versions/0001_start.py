"""Accounts, sign-ins, drafts, versions, deeds and counts."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "staff_account",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(60), nullable=False, unique=True),
        sa.Column("password", sa.String(200), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("disabled", sa.Boolean, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("locked_until", sa.DateTime),
        sa.Column("created", sa.DateTime, nullable=False),
    )
    op.create_table(
        "staff_sign_in",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column(
            "account_id", sa.Integer, sa.ForeignKey("staff_account.id", ondelete="CASCADE"), nullable=False, index=True
        ),
        sa.Column("csrf", sa.String(64), nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.Column("seen", sa.DateTime, nullable=False),
    )
    op.create_table(
        "staff_attempt",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("address", sa.String(64), nullable=False, index=True),
        sa.Column("at", sa.DateTime, nullable=False, index=True),
    )
    op.create_table(
        "staff_deed",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.DateTime, nullable=False, index=True),
        sa.Column("who", sa.String(60), nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("about", sa.String(300), nullable=False),
    )
    op.create_table(
        "staff_draft",
        sa.Column("path", sa.String(200), primary_key=True),
        sa.Column("text", sa.Text),
        sa.Column("base", sa.String(64)),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("author", sa.String(60), nullable=False),
        sa.Column("changed", sa.DateTime, nullable=False),
        sa.Column("waiting", sa.Boolean, nullable=False),
    )
    op.create_table(
        "staff_version",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("at", sa.DateTime, nullable=False, index=True),
        sa.Column("who", sa.String(60), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("files", sa.JSON, nullable=False),
    )
    op.create_table(
        "staff_count",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("language", sa.String(3), primary_key=True),
        sa.Column("channel", sa.String(20), primary_key=True),
        sa.Column("route", sa.String(40), primary_key=True),
        sa.Column("topic", sa.String(80), primary_key=True),
        sa.Column("outcome", sa.String(20), primary_key=True),
        sa.Column("messages", sa.Integer, nullable=False),
        sa.Column("people", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    for table in ("count", "version", "draft", "deed", "attempt", "sign_in", "account"):
        op.drop_table(f"staff_{table}")
