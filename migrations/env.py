"""What Alembic runs: the migrations in one transaction, on the connection that server/migrate.py lends."""

from alembic import context

from models import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
