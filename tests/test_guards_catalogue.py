"""What PostgreSQL's catalogue says of the guards: policies, functions, and what the server's role may do."""

import asyncpg
import pytest

from server.embedded import Embedded
from tests import nouns
from tests.guards import rows, run


def test_every_table_with_a_path_has_a_forced_policy_over_a_range_of_it(database: str) -> None:
    found = rows(
        database,
        """SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, p.permissive,
                  pg_get_expr(p.polqual, p.polrelid) AS using, pg_get_expr(p.polwithcheck, p.polrelid) AS checked
             FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'path'
             LEFT JOIN (SELECT polrelid, polpermissive AS permissive, polqual, polwithcheck FROM pg_policy
                         WHERE polname = 'scope') p ON p.polrelid = c.oid
            WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace""",
    )
    assert len(found) >= 13
    for row in found:
        assert (row["relrowsecurity"], row["relforcerowsecurity"]) == (True, True), row["relname"]
        for expression in (row["using"], row["checked"]):
            assert "(path >= " in expression, row["relname"]
            assert "(path < " in expression, row["relname"]
            assert "current_setting('zhanwang.scope'::text, true)" in expression, row["relname"]
        assert "OR" not in row["checked"]


def test_only_known_policies_stand_beside_the_scope(database: str) -> None:
    found = rows(database, "SELECT polname, polrelid::regclass::text AS table FROM pg_policy WHERE polname <> 'scope'")
    assert {(row["polname"], row["table"]) for row in found} <= {
        ("own", "session"),
        ("own", "refresh_token"),
        ("own", "account"),
        ("own", "audit_entry"),
        ("definer", "account"),
        ("definer", "account_grant"),
        ("definer", "session"),
        ("definer", "refresh_token"),
        ("definer", "place"),
        ("definer", "audit_entry"),
        ("own", "idempotency_key"),
        ("both_in_scope", "assignment"),
        ("both_in_scope", "team_membership"),
        ("delegated", "account_grant"),
        ("delegated_end", "account_grant"),
        ("administered", "account"),
        ("administered", "session"),
        ("at_home", "person"),
        ("at_home", "account"),
    } | nouns.POLICIES
    definers = rows(database, "SELECT polroles::regrole[]::text FROM pg_policy WHERE polname = 'definer'")
    assert {row[0] for row in definers} == {"{zhanwang_owner}"}


def test_the_servers_role_owns_nothing_and_cannot_bypass(database: str) -> None:
    (role,) = rows(
        database,
        """SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication,
                  EXISTS (SELECT FROM pg_class WHERE relowner = r.oid) AS owns,
                  EXISTS (SELECT FROM pg_proc WHERE proowner = r.oid) AS defines,
                  EXISTS (SELECT FROM pg_auth_members WHERE member = r.oid) AS belongs,
                  has_schema_privilege(r.oid, 'public', 'CREATE') AS creates
             FROM pg_roles r WHERE rolname = 'zhanwang_server'""",
    )
    assert set(role.values()) == {False}


def test_functions_with_the_owners_rights_are_few_and_have_their_search_path(database: str) -> None:
    found = rows(
        database,
        """SELECT proname, proconfig, has_function_privilege('public', oid, 'EXECUTE') AS everybody FROM pg_proc
            WHERE prosecdef AND pronamespace = 'public'::regnamespace""",
    )
    names = {row["proname"] for row in found}
    known = {"open_scope", "acting_grants", "find_credentials", "find_refresh_token", "administers"}
    known |= {"note_audit_entries", "seal_audit", "delegates", "end_sessions", "act_as", "home_of", "lock_county"}
    assert names == known | nouns.DEFINERS
    assert all(row["proconfig"] == ["search_path=public, pg_temp"] and not row["everybody"] for row in found)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT password_hash FROM account",
        "SELECT * FROM account",
        "SELECT 1 FROM account WHERE password_hash <> ''",
        "UPDATE audit_entry SET action = ''",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
        "UPDATE account SET username = ''",
        "UPDATE account SET created_at = now()",
        "UPDATE account_grant SET role = 'ADMINISTRATOR'",
        "INSERT INTO account_grant DEFAULT VALUES",
        "UPDATE place SET level = 'HUB'",
        "DELETE FROM place",
        "DELETE FROM station",
        "UPDATE person SET id = 0",
        "UPDATE assignment SET person_id = 1",
        "DELETE FROM assignment",
        "ALTER TABLE station DISABLE ROW LEVEL SECURITY",
        "DROP POLICY scope ON station",
        "SET ROLE zhanwang_owner",
        "SET SESSION AUTHORIZATION postgres",
        "CREATE TABLE mine ()",
    ],
)
def test_the_server_is_not_allowed(embedded: Embedded, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        run(embedded.server_url, lambda connection: connection.execute(statement))
