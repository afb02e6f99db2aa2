"""What a server of the release before would not stand is found in a migration, and what it stands is not."""

from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from server.expanding import faults, narrowing
from server.migrate import MIGRATIONS, scripts

EXPANDS = {
    "a column": "ALTER TABLE person ADD nickname text, ADD COLUMN colour text NOT NULL DEFAULT 'red (a, b)'",
    "a computed column": "ALTER TABLE person ADD twice bigint NOT NULL GENERATED ALWAYS AS (2 * id) STORED",
    "a table with all its rules": """
        CREATE TABLE pet (id bigint PRIMARY KEY, name text NOT NULL);
        CREATE UNIQUE INDEX pet_name_key ON pet (name); ALTER TABLE pet ADD CHECK (name <> ''), ALTER name SET NOT NULL;
        ALTER TABLE pet ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
        CREATE POLICY owned ON pet AS RESTRICTIVE FOR INSERT TO zhanwang_server WITH CHECK (true);
        REVOKE ALL ON TABLE pet FROM PUBLIC""",
    "a function of its own": """
        CREATE FUNCTION count_pets(p_of text) RETURNS bigint LANGUAGE sql AS $$ SELECT 1; DROP TABLE person; $$;
        REVOKE ALL ON FUNCTION count_pets(text) FROM PUBLIC; GRANT EXECUTE ON FUNCTION count_pets(text) TO x""",
    "a function with another body": "CREATE OR REPLACE FUNCTION f(a int) RETURNS int LANGUAGE sql RETURN a -- DROP x",
    "a wider policy": "DROP POLICY scope ON person; CREATE POLICY scope ON person USING (true)",
    "an index built beside": "CREATE INDEX CONCURRENTLY ix_person_gender ON person (gender)",
    "less to hold": "ALTER TABLE person ALTER gender DROP NOT NULL, DROP CONSTRAINT person_gender_check",
    "what is only said": "COMMENT ON TABLE person IS 'a; ALTER TABLE person DROP name'; /* TRUNCATE person; */",
    "rows": "UPDATE person SET gender = 'FEMALE'; INSERT INTO skill (code, name) VALUES ('x', 'TRUNCATE')",
}
NARROWS = {
    "DROP": ("DROP TABLE person", "DROP FUNCTION holds(int)", "DROP POLICY scope ON person", "DROP VIEW open_place"),
    "DROP COLUMN": ("ALTER TABLE person ADD x int, DROP gender", "ALTER TABLE person DROP COLUMN gender CASCADE"),
    "DROP DEFAULT": ("ALTER TABLE person ALTER version DROP DEFAULT",),
    "ALTER TYPE": (
        "ALTER TABLE person ALTER COLUMN gender TYPE varchar(9)",
        "ALTER TABLE ONLY public.person ALTER x SET DATA TYPE int",
    ),
    "RENAME": (
        "ALTER TABLE person RENAME gender TO sex",
        "ALTER TABLE person RENAME TO human",
        "ALTER FUNCTION f(int) RENAME TO g",
    ),
    "REVOKE": ("REVOKE SELECT ON person FROM zhanwang_server", "REVOKE ALL ON FUNCTION f(int) FROM zhanwang_server"),
    "TRUNCATE": ("TRUNCATE person",),
    "NOT NULL": ("ALTER TABLE person ADD COLUMN x int NOT NULL", "ALTER TABLE person ALTER x SET NOT NULL"),
    "CONSTRAINT": (
        "ALTER TABLE person ADD CONSTRAINT a CHECK (id > 0)",
        "ALTER TABLE person ADD x int, ADD UNIQUE (x, id)",
        "DO $$ BEGIN ALTER TABLE person ADD FOREIGN KEY (id) REFERENCES place (id); END $$",
    ),
    "ROW LEVEL SECURITY": ("ALTER TABLE skill ENABLE ROW LEVEL SECURITY",),
    "UNIQUE INDEX": ("CREATE UNIQUE INDEX CONCURRENTLY a ON person (name)",),
    "CREATE INDEX": ("CREATE INDEX ON person (name)", "CREATE INDEX IF NOT EXISTS a ON public.person USING gin (name)"),
    "RESTRICTIVE POLICY": ("CREATE POLICY a ON person AS RESTRICTIVE USING (true)",),
}  # fmt: skip


@pytest.mark.parametrize("name", EXPANDS)
def test_it_may_be_run_beside_a_server_of_before(name: str) -> None:
    assert narrowing(EXPANDS[name]) == []


@pytest.mark.parametrize("kind", NARROWS)
def test_it_has_to_be_said_why_of(kind: str) -> None:
    for sql in NARROWS[kind]:
        assert [found for found, _ in narrowing(sql)] == [kind], sql


def judged(folder: Path, body: str, number: int = 17) -> list[str]:
    """What is found of a migration with a body, alone in its folder but for those that it needs before it."""
    folder.mkdir(exist_ok=True)
    (folder / "versions").mkdir(exist_ok=True)
    for revision in range(1, number):
        write(folder, revision, "")
    write(folder, number, body)
    return faults(ScriptDirectory(str(folder)), ["1.4.0"])


def write(folder: Path, revision: int, body: str) -> None:
    before = f'"{revision - 1:04}"' if revision > 1 else "None"
    *names, last = body.splitlines() or ["pass"]
    text = f'from alembic import op\nrevision = "{revision:04}"\ndown_revision = {before}\n' + "\n".join(names)
    (folder / "versions" / f"{revision:04}_x.py").write_text(f"{text}\ndef upgrade():\n    {last}\n")


DROPS = 'op.execute("ALTER TABLE person DROP gender")'
CHECKS = 'op.execute("ALTER TABLE person ADD CHECK (true)")'


def test_what_takes_away_says_since_which_release_that_is_not_used(tmp_path: Path) -> None:
    (fault,) = judged(tmp_path / "unsaid", DROPS)
    assert fault.startswith("0017 takes away what a server of the release before may use: person: DROP gender.")
    assert judged(tmp_path / "said", f'unused_since = "1.4.0"\n{DROPS}') == []
    (fault,) = judged(tmp_path / "unknown", f'unused_since = "1.5.0"\n{DROPS}')
    assert fault == "0017 says that nothing is used since 1.5.0, which is no release."


def test_what_may_be_in_the_way_says_why_it_is_not_and_nothing_else_does(tmp_path: Path) -> None:
    (fault,) = judged(tmp_path / "unsaid", CHECKS)
    assert fault.startswith("0017 may stop a server of the release before: person: ADD CHECK (true).")
    assert judged(tmp_path / "said", f'harmless = {{"CONSTRAINT": "true is true"}}\n{CHECKS}') == []
    (fault,) = judged(tmp_path / "idle", 'harmless = {"CONSTRAINT": "it was there once"}\npass')
    assert fault == "0017 says why a CONSTRAINT is harmless, and has none."


def test_migrations_of_before_the_first_release_are_let_be_and_gaps_are_found(tmp_path: Path) -> None:
    assert judged(tmp_path / "old", DROPS, 16) == []
    write(tmp_path / "old", 18, "")
    (tmp_path / "old" / "versions" / "0018_x.py").write_text(
        'revision = "0018"\ndown_revision = "0016"\ndef upgrade():\n    pass\n'
    )
    assert faults(ScriptDirectory(str(tmp_path / "old")), []) == ["0018 does not follow 0017."]


def test_this_programs_migrations_are_found_by_the_check_and_are_in_order() -> None:
    found = {script.revision for script in scripts().walk_revisions()}
    assert found == {path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py")}
    assert max(found) >= "0019"
