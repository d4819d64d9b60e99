"""Runs the migrations on the connection that `bot.staff.database` gives."""

from alembic import context

from bot.staff.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table="staff_schema",
    render_as_batch=True,
)
context.run_migrations()
