"""The network: places, people, accounts, audit; row-level security over all of it.

The rules that the database itself holds:
- the tree: which level hangs under which; a child's path is its parent's and its own id; moving a place carries through
- a located row's path is its place's; a row without a place cannot be written
- no two assignments of the same person, place and duty on the same day; one responsible person a place and day
- a row is visible and writable if its path lies in `zhanwang.scope`; no setting, no rows

Roles `zhanwang_owner` and `zhanwang_server` are made before the migrations (server/migrate.py): the first owns
everything and is bound by the policies too, the second owns nothing.
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TREE = """
CREATE SEQUENCE place_id_seq;

CREATE TABLE place (
  id bigint PRIMARY KEY DEFAULT nextval('place_id_seq'),
  level text NOT NULL CHECK (level IN ('HUB', 'DEMONSTRATION', 'BASIC', 'COMMUNITY', 'GRID')),
  kind text NOT NULL GENERATED ALWAYS AS
    (CASE level WHEN 'COMMUNITY' THEN 'COMMUNITY' WHEN 'GRID' THEN 'GRID' ELSE 'STATION' END) STORED,
  parent_id bigint,
  parent_level text,
  parent_path text COLLATE "C",
  parent_station_id bigint,
  parent_county_id bigint,
  path text COLLATE "C" NOT NULL GENERATED ALWAYS AS (COALESCE(parent_path, '') || id || '.') STORED,
  station_id bigint NOT NULL GENERATED ALWAYS AS
    (CASE WHEN level IN ('COMMUNITY', 'GRID') THEN parent_station_id ELSE id END) STORED,
  county_id bigint NOT NULL GENERATED ALWAYS AS (CASE level WHEN 'HUB' THEN id ELSE parent_county_id END) STORED,
  UNIQUE (id, path, station_id, county_id),
  UNIQUE (id, level),
  UNIQUE (id, parent_id),
  FOREIGN KEY (parent_id, parent_path, parent_station_id, parent_county_id)
    REFERENCES place (id, path, station_id, county_id) ON UPDATE CASCADE,
  FOREIGN KEY (parent_id, parent_level) REFERENCES place (id, level),
  CONSTRAINT ck_place_parent CHECK
    (num_nulls(parent_id, parent_level, parent_path, parent_station_id, parent_county_id) IN (0, 5)),
  -- The strict order of the levels also rules out a cycle.
  CONSTRAINT ck_place_level CHECK (CASE level
    WHEN 'HUB' THEN parent_id IS NULL
    WHEN 'DEMONSTRATION' THEN COALESCE(parent_level = 'HUB', false)
    WHEN 'BASIC' THEN COALESCE(parent_level = 'DEMONSTRATION', false)
    WHEN 'COMMUNITY' THEN COALESCE(parent_level IN ('HUB', 'DEMONSTRATION', 'BASIC'), false)
    WHEN 'GRID' THEN COALESCE(parent_level = 'COMMUNITY', false) END)
);

CREATE TABLE station (
  id bigint PRIMARY KEY,
  path text COLLATE "C" NOT NULL,
  station_id bigint NOT NULL,
  county_id bigint NOT NULL,
  parent_id bigint,
  level text NOT NULL CHECK (level IN ('HUB', 'DEMONSTRATION', 'BASIC')),
  code text COLLATE "C" NOT NULL UNIQUE CHECK (code <> ''),
  name text COLLATE "C" NOT NULL CHECK (name <> ''),
  division_code text COLLATE "C" NOT NULL CHECK (division_code ~ '^[0-9]{6}([0-9]{3})?$'),
  address text,
  opened_on date NOT NULL,
  closed_on date CHECK (closed_on >= opened_on),
  version integer NOT NULL DEFAULT 1,
  CHECK ((parent_id IS NULL) = (level = 'HUB')),
  FOREIGN KEY (id, path, station_id, county_id) REFERENCES place (id, path, station_id, county_id) ON UPDATE CASCADE,
  FOREIGN KEY (id, parent_id) REFERENCES place (id, parent_id) ON UPDATE CASCADE,
  FOREIGN KEY (id, level) REFERENCES place (id, level)
);

CREATE TABLE community (
  id bigint PRIMARY KEY,
  path text COLLATE "C" NOT NULL,
  station_id bigint NOT NULL,
  county_id bigint NOT NULL,
  parent_id bigint NOT NULL,
  level text NOT NULL DEFAULT 'COMMUNITY' CHECK (level = 'COMMUNITY'),
  kind text NOT NULL CHECK (kind IN ('VILLAGE', 'RESIDENTIAL')),
  code text COLLATE "C" NOT NULL UNIQUE CHECK (code <> ''),
  name text COLLATE "C" NOT NULL CHECK (name <> ''),
  division_code text COLLATE "C" NOT NULL CHECK (division_code ~ '^[0-9]{12}$'),
  households integer NOT NULL CHECK (households >= 0),
  residents integer NOT NULL CHECK (residents >= 0),
  version integer NOT NULL DEFAULT 1,
  FOREIGN KEY (id, path, station_id, county_id) REFERENCES place (id, path, station_id, county_id) ON UPDATE CASCADE,
  FOREIGN KEY (id, parent_id) REFERENCES place (id, parent_id) ON UPDATE CASCADE,
  FOREIGN KEY (id, level) REFERENCES place (id, level)
);

CREATE TABLE grid (
  id bigint PRIMARY KEY,
  path text COLLATE "C" NOT NULL,
  station_id bigint NOT NULL,
  county_id bigint NOT NULL,
  parent_id bigint NOT NULL,
  level text NOT NULL DEFAULT 'GRID' CHECK (level = 'GRID'),
  code text COLLATE "C" NOT NULL UNIQUE CHECK (code <> ''),
  name text COLLATE "C" NOT NULL CHECK (name <> ''),
  division_code text COLLATE "C" NOT NULL CHECK (division_code ~ '^[0-9]{12}$'),
  households integer NOT NULL CHECK (households >= 0),
  residents integer NOT NULL CHECK (residents >= 0),
  version integer NOT NULL DEFAULT 1,
  FOREIGN KEY (id, path, station_id, county_id) REFERENCES place (id, path, station_id, county_id) ON UPDATE CASCADE,
  FOREIGN KEY (id, parent_id) REFERENCES place (id, parent_id) ON UPDATE CASCADE,
  FOREIGN KEY (id, level) REFERENCES place (id, level)
);
CREATE INDEX ix_station_level_name_id ON station (level, name, id);
CREATE INDEX ix_community_kind_name_id ON community (kind, name, id);
"""

# Ranges of text make an exclusion constraint possible without btree_gist: equality is the overlap of one-point ranges.
LOCATION = """
  id bigint PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY,
  place_id bigint NOT NULL,
  path text COLLATE "C" NOT NULL,
  station_id bigint NOT NULL,
  county_id bigint NOT NULL,
"""
AT_PLACE = """
  FOREIGN KEY (place_id, path, station_id, county_id)
    REFERENCES place (id, path, station_id, county_id) ON UPDATE CASCADE
"""
OF_PERSON = """
  FOREIGN KEY (person_id, place_id, path, station_id, county_id)
    REFERENCES person (id, place_id, path, station_id, county_id) ON UPDATE CASCADE
"""
DATED = """
  valid_from date NOT NULL,
  valid_to date CHECK (valid_to > valid_from),
"""

PEOPLE = f"""
CREATE TYPE textrange AS RANGE (subtype = text, collation = "C");

CREATE TABLE placement ({LOCATION} {DATED}
  parent_id bigint NOT NULL REFERENCES place (id),
  version integer NOT NULL DEFAULT 1,
  EXCLUDE USING gist (int8range(place_id, place_id, '[]') WITH &&, daterange(valid_from, valid_to) WITH &&),
  {AT_PLACE}
);

CREATE TABLE person ({LOCATION}
  kind text NOT NULL
    CHECK (kind IN ('GRID_WORKER', 'GRID_ASSISTANT', 'AUXILIARY_POLICE', 'SOCIAL_WORKER', 'VOLUNTEER')),
  name text COLLATE "C" NOT NULL CHECK (name <> ''),
  gender text NOT NULL CHECK (gender IN ('FEMALE', 'MALE')),
  phone text,
  id_number text,
  birth_date text,
  address text,
  phone_cipher bytea,
  id_number_cipher bytea,
  birth_date_cipher bytea,
  address_cipher bytea,
  phone_digest bytea,
  id_number_digest bytea UNIQUE,
  version integer NOT NULL DEFAULT 1,
  UNIQUE (id, place_id, path, station_id, county_id),
  UNIQUE (id, path),
  CHECK ((phone IS NULL) = (phone_cipher IS NULL)),
  CHECK ((id_number IS NULL) = (id_number_cipher IS NULL)),
  CHECK ((birth_date IS NULL) = (birth_date_cipher IS NULL)),
  CHECK ((address IS NULL) = (address_cipher IS NULL)),
  {AT_PLACE}
);
CREATE INDEX ix_person_phone_digest ON person (phone_digest);
CREATE INDEX ix_person_county_id_name_id ON person (county_id, name, id);
CREATE INDEX ix_person_county_id_kind_name_id ON person (county_id, kind, name, id);
CREATE INDEX ix_person_station_id ON person (station_id);

CREATE TABLE assignment ({LOCATION} {DATED}
  person_id bigint NOT NULL,
  person_path text COLLATE "C" NOT NULL,
  duty text NOT NULL CHECK (duty IN ('RESPONSIBLE_PERSON', 'GRID_WORKER', 'GRID_ASSISTANT', 'AUXILIARY_POLICE',
    'STATION_SOCIAL_WORKER', 'LINKED_SOCIAL_WORKER')),
  elsewhere boolean NOT NULL GENERATED ALWAYS AS (NOT starts_with(person_path, path)) STORED,
  version integer NOT NULL DEFAULT 1,
  CONSTRAINT ex_assignment_duty EXCLUDE USING gist (int8range(person_id, person_id, '[]') WITH &&,
    int8range(place_id, place_id, '[]') WITH &&, textrange(duty, duty, '[]') WITH &&,
    daterange(valid_from, valid_to) WITH &&),
  CONSTRAINT ex_assignment_responsible EXCLUDE USING gist (int8range(place_id, place_id, '[]') WITH &&,
    daterange(valid_from, valid_to) WITH &&) WHERE (duty = 'RESPONSIBLE_PERSON'),
  FOREIGN KEY (person_id, person_path) REFERENCES person (id, path) ON UPDATE CASCADE,
  {AT_PLACE}
);
CREATE INDEX ix_assignment_person_id ON assignment (person_id);
CREATE INDEX ix_assignment_place_id_duty ON assignment (place_id, duty);
CREATE INDEX ix_assignment_elsewhere ON assignment (path, person_id) WHERE elsewhere;

CREATE TABLE qualification ({LOCATION}
  person_id bigint NOT NULL,
  level text NOT NULL CHECK (level IN ('ASSISTANT', 'INTERMEDIATE', 'SENIOR')),
  certificate_number text COLLATE "C" NOT NULL UNIQUE CHECK (certificate_number <> ''),
  obtained_on date NOT NULL,
  expires_on date CHECK (expires_on > obtained_on),
  version integer NOT NULL DEFAULT 1,
  {OF_PERSON}
);
CREATE INDEX ix_qualification_person_id ON qualification (person_id);

CREATE TABLE skill (
  id bigint PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY,
  code text COLLATE "C" NOT NULL UNIQUE CHECK (code <> ''),
  name text COLLATE "C" NOT NULL CHECK (name <> ''),
  version integer NOT NULL DEFAULT 1
);

CREATE TABLE person_skill ({LOCATION}
  person_id bigint NOT NULL,
  skill_id bigint NOT NULL REFERENCES skill (id),
  version integer NOT NULL DEFAULT 1,
  UNIQUE (person_id, skill_id),
  {OF_PERSON}
);
CREATE INDEX ix_person_skill_skill_id ON person_skill (skill_id);

CREATE TABLE volunteer_team ({LOCATION}
  code text COLLATE "C" NOT NULL UNIQUE CHECK (code <> ''),
  name text COLLATE "C" NOT NULL CHECK (name <> ''),
  version integer NOT NULL DEFAULT 1,
  UNIQUE (id, place_id, path, station_id, county_id),
  {AT_PLACE}
);

CREATE TABLE team_membership ({LOCATION} {DATED}
  team_id bigint NOT NULL,
  person_id bigint NOT NULL REFERENCES person (id),
  version integer NOT NULL DEFAULT 1,
  EXCLUDE USING gist (int8range(team_id, team_id, '[]') WITH &&, int8range(person_id, person_id, '[]') WITH &&,
    daterange(valid_from, valid_to) WITH &&),
  FOREIGN KEY (team_id, place_id, path, station_id, county_id)
    REFERENCES volunteer_team (id, place_id, path, station_id, county_id) ON UPDATE CASCADE
);
CREATE INDEX ix_team_membership_team_id ON team_membership (team_id);
CREATE INDEX ix_team_membership_person_id ON team_membership (person_id);
"""

ACCOUNTS = f"""
CREATE TABLE account ({LOCATION}
  username text COLLATE "C" NOT NULL UNIQUE CHECK (username ~ '^[a-z0-9][a-z0-9._-]{{1,62}}$'),
  password_hash text NOT NULL,
  credential_version integer NOT NULL DEFAULT 1,
  disabled_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  version integer NOT NULL DEFAULT 1,
  {AT_PLACE}
);

CREATE TABLE account_grant ({LOCATION}
  account_id bigint NOT NULL REFERENCES account (id),
  role text NOT NULL CHECK (role IN ('OBSERVER', 'WORKER', 'MANAGER', 'ADMINISTRATOR')),
  given_by bigint REFERENCES account_grant (id),
  valid_from timestamptz NOT NULL DEFAULT now(),
  valid_to timestamptz CHECK (valid_to >= valid_from),
  version integer NOT NULL DEFAULT 1,
  {AT_PLACE}
);
CREATE INDEX ix_account_grant_account_id ON account_grant (account_id);

CREATE TABLE session (
  id bigint PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY,
  account_id bigint NOT NULL REFERENCES account (id),
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  ended_at timestamptz
);
CREATE INDEX ix_session_account_id ON session (account_id);

CREATE TABLE refresh_token (
  digest bytea PRIMARY KEY,
  session_id bigint NOT NULL REFERENCES session (id),
  created_at timestamptz NOT NULL DEFAULT now(),
  used_at timestamptz
);
CREATE INDEX ix_refresh_token_session_id ON refresh_token (session_id);

CREATE TABLE log_in_failure (
  key bytea PRIMARY KEY,
  failures integer NOT NULL,
  since timestamptz NOT NULL,
  last_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE audit_entry ({LOCATION}
  at timestamptz NOT NULL DEFAULT now(),
  account_id bigint REFERENCES account (id),
  grant_id bigint REFERENCES account_grant (id),
  request_id text NOT NULL,
  action text NOT NULL,
  noun text NOT NULL,
  row_id bigint,
  before jsonb,
  after jsonb,
  {AT_PLACE}
);
"""

PLACES = ("place", "station", "community", "grid")
# Every table whose rows have a path, and so a scope.
SCOPED = (
    *PLACES,
    "placement",
    "person",
    "assignment",
    "qualification",
    "person_skill",
    "volunteer_team",
    "team_membership",
    "account",
    "account_grant",
    "audit_entry",
)

SETTING = "NULLIF(current_setting('zhanwang.scope', true), '')"
# As subqueries, so that the setting is read once for a scan and not once for a row.
LOW, HIGH = f"(SELECT {SETTING})", f"(SELECT left({SETTING}, -1) || '/')"
IN_SCOPE = f"path >= {LOW} AND path < {HIGH}"
ACCOUNT = "NULLIF(current_setting('zhanwang.account', true), '')::bigint"
# A person is also seen by the places where they currently serve.
SEEN_ELSEWHERE = f"""id = ANY (ARRAY(SELECT a.person_id FROM assignment a
  WHERE a.elsewhere AND a.path >= {LOW} AND a.path < {HIGH}
    AND a.valid_from <= current_date AND (a.valid_to IS NULL OR a.valid_to > current_date)))"""
VISIBLE = {
    "person": f"({IN_SCOPE}) OR {SEEN_ELSEWHERE}",
    "account": f"({IN_SCOPE}) OR id = {ACCOUNT}",
    "account_grant": f"({IN_SCOPE}) OR account_id = {ACCOUNT}",
}

# What the server reads before it knows a scope, and the one door to a scope; each answers about one account.
FUNCTIONS = """
CREATE FUNCTION holds(valid_from timestamptz, valid_to timestamptz)
RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN valid_from <= now() AND (valid_to IS NULL OR valid_to > now());
COMMENT ON FUNCTION holds IS 'Whether a grant holds now. The planner inlines it.';

CREATE FUNCTION open_scope(p_account bigint, p_credential_version integer, p_session bigint, p_grant bigint,
                           p_path text, p_role text)
RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  found_path text;
  found_role text;
BEGIN
  SELECT g.path, g.role INTO found_path, found_role
    FROM account a
    JOIN session s ON s.id = p_session AND s.account_id = a.id
    JOIN account_grant g ON g.id = p_grant AND g.account_id = a.id
   WHERE a.id = p_account AND a.disabled_at IS NULL AND a.credential_version = p_credential_version
     AND s.ended_at IS NULL AND s.expires_at > now()
     AND holds(g.valid_from, g.valid_to);
  IF NOT FOUND THEN RETURN 'REFUSED'; END IF;
  IF found_path <> p_path OR found_role <> p_role THEN RETURN 'STALE'; END IF;
  PERFORM set_config('zhanwang.scope', found_path, true), set_config('zhanwang.account', p_account::text, true);
  RETURN 'OK';
END $$;
COMMENT ON FUNCTION open_scope IS
  'Checks account, credential, session and grant, and opens the grant''s scope for this transaction. OK, STALE
   (the grant stands, but at another path or role than the caller believes) or REFUSED.';

CREATE FUNCTION acting_grants(p_account bigint, p_credential_version integer, p_session bigint)
RETURNS TABLE (id bigint, path text, role text, county_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT g.id, g.path, g.role, g.county_id
    FROM account a
    JOIN session s ON s.id = p_session AND s.account_id = a.id
    JOIN account_grant g ON g.account_id = a.id
   WHERE a.id = p_account AND a.disabled_at IS NULL AND a.credential_version = p_credential_version
     AND s.ended_at IS NULL AND s.expires_at > now()
     AND holds(g.valid_from, g.valid_to)
   ORDER BY g.valid_from, g.id
$$;
COMMENT ON FUNCTION acting_grants IS 'The grants under which a session may act, the oldest first.';

CREATE FUNCTION find_credentials(p_username text)
RETURNS TABLE (account_id bigint, password_hash text, credential_version integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT id, password_hash, credential_version FROM account WHERE username = p_username AND disabled_at IS NULL
$$;
COMMENT ON FUNCTION find_credentials IS 'What a log-in verifies; no row for an unknown or disabled account.';

CREATE FUNCTION find_refresh_token(p_digest bytea)
RETURNS TABLE (session_id bigint, account_id bigint, credential_version integer, used_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT s.id, a.id, a.credential_version, r.used_at
    FROM refresh_token r
    JOIN session s ON s.id = r.session_id
    JOIN account a ON a.id = s.account_id
   WHERE r.digest = p_digest AND a.disabled_at IS NULL AND s.ended_at IS NULL AND s.expires_at > now()
$$;
COMMENT ON FUNCTION find_refresh_token IS
  'The living session behind a refresh token, and when the token was used, if it was.';
"""


def upgrade() -> None:
    """Create everything, as `zhanwang_owner`."""
    for statements in (TREE, PEOPLE, ACCOUNTS):
        op.execute(statements)
    for table in SCOPED:
        key = "parent_id" if table in PLACES else "place_id"
        op.execute(f"CREATE INDEX ix_{table}_path ON {table} (path)")
        op.execute(f"CREATE INDEX ix_{table}_{key} ON {table} ({key})")
        visible = VISIBLE.get(table, IN_SCOPE)
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY scope ON {table} USING ({visible}) WITH CHECK ({IN_SCOPE})")
    op.execute(FUNCTIONS)
    secure_accounts()
    grant_server()


def secure_accounts() -> None:
    """Sessions belong to their account; the owner's functions above read what they must."""
    for table, mine in (
        ("session", f"account_id = {ACCOUNT}"),
        ("refresh_token", f"session_id IN (SELECT s.id FROM session s WHERE s.account_id = {ACCOUNT})"),
    ):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own ON {table} USING ({mine})")
    # Places too: who administers accounts from the command line names one before there is a scope.
    for table in ("place", "account", "account_grant", "session", "refresh_token"):
        op.execute(f"CREATE POLICY definer ON {table} FOR SELECT TO zhanwang_owner USING (true)")
    # An account may change its own password, whatever its scope.
    op.execute(f"CREATE POLICY own ON account FOR UPDATE USING (id = {ACCOUNT}) WITH CHECK (id = {ACCOUNT})")
    # And its sessions are audited at its place, although logging in opens no scope.
    place = f"(SELECT a.place_id FROM account a WHERE a.id = {ACCOUNT})"
    op.execute(
        f"CREATE POLICY own ON audit_entry FOR INSERT WITH CHECK (account_id = {ACCOUNT} AND place_id = {place})"
    )


def grant_server() -> None:
    """The server reads all but secrets, and writes what this release's mutations write."""
    readable = [t for t in SCOPED if t not in ("account", "person")]
    op.execute(f"GRANT SELECT ON {', '.join(readable)}, person, skill, session TO zhanwang_server")
    op.execute(
        "GRANT SELECT (id, place_id, path, station_id, county_id, username, credential_version, disabled_at,"
        " created_at, version) ON account TO zhanwang_server"
    )
    op.execute("GRANT UPDATE (password_hash, credential_version, version) ON account TO zhanwang_server")
    op.execute(
        "GRANT INSERT (account_id, expires_at), UPDATE (expires_at, ended_at), DELETE ON session TO zhanwang_server"
    )
    op.execute(
        "GRANT SELECT, INSERT (digest, session_id), UPDATE (used_at), DELETE ON refresh_token TO zhanwang_server"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON log_in_failure TO zhanwang_server")
    # Not the id and the time, which are the database's to give.
    op.execute(
        "GRANT INSERT (place_id, path, station_id, county_id, account_id, grant_id, request_id, action, noun, row_id,"
        " before, after) ON audit_entry TO zhanwang_server"
    )
    functions = (
        "open_scope(bigint, integer, bigint, bigint, text, text)",
        "acting_grants(bigint, integer, bigint)",
        "find_credentials(text)",
        "find_refresh_token(bytea)",
    )
    for function in functions:
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO zhanwang_server")


def downgrade() -> None:
    """There is nothing before the first migration; drop the database instead."""
    raise NotImplementedError("the first migration cannot be undone")
