"""What workers are told to forget: each transaction that changes what they remember notifies them.

Not by events (0015): those are for subscribers, and these are few. NOTIFY lets transactions end one after the other, so
that it stands only where accounts, grants and documents change, and sessions end; a log-in, or a record, notifies
nobody. The payload is the account's key; of documents there is none, since all ids are read anew.
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

FUNCTIONS = """
CREATE FUNCTION notify_of_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('zhanwang_account', to_jsonb(COALESCE(NEW, OLD)) ->> TG_ARGV[0]);
  RETURN NULL;
END $$;

CREATE FUNCTION notify_of_documents() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('zhanwang_document', '');
  RETURN NULL;
END $$;
"""

# What says whether and where an account may act.
CHANGED = {
    "account": ("id", "disabled_at credential_version"),
    "account_grant": ("account_id", "account_id path county_id role valid_from valid_to"),
    "session": ("account_id", "ended_at"),
}
DOCUMENTS = """
CREATE TRIGGER notified AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON trusted_document
  FOR EACH STATEMENT EXECUTE FUNCTION notify_of_documents()
"""


def upgrade() -> None:
    """Add the triggers; a server of the release before does not listen, and asks as often as it did."""
    op.execute(FUNCTIONS)
    for table, (key, columns) in CHANGED.items():
        different = " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in columns.split())
        notifies = f"FOR EACH ROW{{}} EXECUTE FUNCTION notify_of_account('{key}')"
        op.execute(f"CREATE TRIGGER notified AFTER UPDATE ON {table} {notifies.format(f' WHEN ({different})')}")
    op.execute(
        "CREATE TRIGGER notified_of_more AFTER INSERT OR DELETE ON account_grant"
        " FOR EACH ROW EXECUTE FUNCTION notify_of_account('account_id')"
    )
    op.execute(DOCUMENTS)
    for function in ("notify_of_account()", "notify_of_documents()"):
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")


def downgrade() -> None:
    """Remove them."""
    for table in (*CHANGED, "trusted_document"):
        op.execute(f"DROP TRIGGER notified ON {table}")
    op.execute("DROP TRIGGER notified_of_more ON account_grant")
    op.execute("DROP FUNCTION notify_of_account(), notify_of_documents()")
