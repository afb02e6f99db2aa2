"""What Alembic runs: each migration in a transaction, on the connection that server/migrate.py lends."""

from alembic import context

from models import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    # So that no table stays locked while the next migration waits for another one.
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
