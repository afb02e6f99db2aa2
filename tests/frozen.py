"""The audit log stands still, with entries about rows of every kind in it.

For tests that hold answers against what they have read of the log before: every log-in, and every reading of personal
data in full, would append to it. What is appended is taken out again in the same transaction, before anybody sees it.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from tests import nouns

NOUNS = {
    **dict.fromkeys(("station", "community", "grid"), 9),
    **dict.fromkeys(("person", "assignment", "team_membership", "person_skill"), 31),
    **dict.fromkeys(("qualification", "volunteer_team", "account", "account_grant"), 3),
    **{noun.table: noun.frozen for noun in nouns.NOUNS if noun.frozen},
}
"""Of the rows of which table every how many get an entry."""

REQUEST = "frozen"
ACCOUNT = "(SELECT a.id FROM account a ORDER BY (a.id * 7 + r.id) % 13, a.id LIMIT 1)"
PLANT = """
INSERT INTO audit_entry (place_id, path, station_id, county_id, at, account_id, grant_id, request_id, action, noun,
                         row_id, before, after)
SELECT p.id, p.path, p.station_id, p.county_id,
       timestamptz '2021-01-01 00:00:00.000001Z' + r.id % 3000 * interval '1 day',
       CASE WHEN r.id % 5 > 0 THEN {account} END,
       (SELECT min(g.id) FROM account_grant g WHERE g.account_id = {account} AND r.id % 5 > 1),
       '{request}', CASE WHEN r.id % 2 = 0 THEN 'update' ELSE 'create' END || '{noun}', '{noun}', r.id,
       CASE WHEN r.id % 2 = 0 THEN jsonb_build_object('name', to_jsonb(r) -> 'name', 'n', 1.50, 'on', true) END,
       CASE WHEN r.id % 7 > 0 THEN
         jsonb_build_object('note', '改{noun}' || r.id, 'list', '[1, null, "\\u0001"]'::jsonb) END
  FROM {table} r JOIN place p ON p.id = r.{place} WHERE r.id % {every} = 0 ORDER BY r.id
"""
# Nobody is to seal them: they are taken out again.
PLANTED = "SET LOCAL session_replication_role = replica"
# Its name comes after that of the trigger that notes what is to be sealed, and so its turn.
FREEZE = """
CREATE FUNCTION take_out() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  DELETE FROM audit_unsealed u USING added a WHERE u.entry_id = a.id;
  DELETE FROM audit_entry e USING added a WHERE e.id = a.id;
  RETURN NULL;
END $$;
CREATE TRIGGER z_take_out AFTER INSERT ON audit_entry REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION take_out()
"""
THAW = (
    "DROP TRIGGER z_take_out ON audit_entry",
    "DROP FUNCTION take_out",
    f"DELETE FROM audit_entry WHERE request_id = '{REQUEST}'",
)


@contextmanager
def frozen(url: str) -> Iterator[None]:
    """Nothing is added to the log until the end of the block. url: the superuser's."""
    asyncio.run(_run(url, FREEZE, PLANTED, *_plants()))
    try:
        yield
    finally:
        asyncio.run(_run(url, *THAW))


def _plants() -> Iterator[str]:
    for table, every in NOUNS.items():
        place = "id" if table in ("station", "community", "grid") else "place_id"
        yield PLANT.format(table=table, noun=table, every=every, place=place, account=ACCOUNT, request=REQUEST)
    for noun, table in (("grant", "account_grant"), ("session", "account")):
        yield PLANT.format(table=table, noun=noun, every=2, place="place_id", account=ACCOUNT, request=REQUEST)


async def _run(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            for statement in statements:
                await connection.execute(statement)
    finally:
        await connection.close()
