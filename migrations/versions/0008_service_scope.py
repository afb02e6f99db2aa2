"""The service work: who sees and writes it.

The rules that the database itself holds, beside those before:
- a referral and a resolution are seen at both ends; each end changes them, and neither takes them to another place
- the receiver sees the client, and the survey, of a referral once it has accepted; triggers keep `sharing`
- a consultation's guests see it, and what is attached to it, until it is closed or cancelled
- county-wide lists are read below the place that keeps them
- what a row is about is in the writer's sight, what a consultation shares in their scope
- `award_budget.spent` is what its awards come to
"""

from alembic import op

from migrations.shapes import HIGH, LOW, SETTING, beneath

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

OWN = beneath("path")
OTHER = beneath("to_path")
# Each noun with the letters of its public ids; a test holds them together with the types of the schema.
LETTERS = {
    "station": "S", "community": "C", "grid": "G", "person": "P", "assignment": "A", "qualification": "Q", "skill": "K",
    "volunteer_team": "T", "team_membership": "M", "account": "U", "account_grant": "R", "grant": "R",
    "leading_group": "LG", "leading_group_member": "LM", "implementation_plan": "IP", "measure": "ME", "agency": "AG",
    "agency_rating": "RT", "venue": "VE", "service_item": "SI", "service_offer": "SO", "calendar_day": "CD",
    "client": "CL", "service_record": "SR", "survey": "SU", "referral": "RF", "consultation": "CO",
    "consultation_participant": "CP", "consultation_attachment": "CA", "resolution": "RS", "target": "TG",
    "volunteer_call": "VC", "sign_up": "VS", "training_event": "TE", "attendance": "TA", "exam_result": "EX",
    "award_budget": "AB", "award": "AW",
}  # fmt: skip
CASES = " ".join(f"WHEN '{noun}' THEN '{letters}'" for noun, letters in LETTERS.items())
SUBJECT = f"""
DROP INDEX ix_audit_entry_subject_id;
ALTER TABLE audit_entry DROP COLUMN subject;
ALTER TABLE audit_entry
  ADD subject text COLLATE "C" GENERATED ALWAYS AS (CASE noun {CASES} END || row_id) STORED;
CREATE INDEX ix_audit_entry_subject_id ON audit_entry (subject, id);
"""

SCOPED = (
    "leading_group", "leading_group_member", "implementation_plan", "measure", "agency", "agency_rating", "venue",
    "venue_need", "opening_time", "service_item", "service_offer", "calendar_day", "client", "client_category",
    "survey", "referral", "service_record", "consultation", "consultation_participant", "consultation_attachment",
    "resolution", "sharing", "target", "volunteer_call", "sign_up", "training_event", "attendance", "exam_result",
    "award_budget", "award",
)  # fmt: skip


def shared(noun: str, column: str = "id") -> str:
    """Whether a row is shared with somebody in the scope."""
    return f"""{column} = ANY (ARRAY(SELECT s.row_id FROM sharing s
      WHERE s.noun = '{noun}' AND s.path >= {LOW} AND s.path < {HIGH}))"""


INHERITED = f"starts_with((SELECT {SETTING}), path)"
BESIDE = {
    "service_item": (INHERITED,),
    "calendar_day": (INHERITED,),
    "client": (shared("client"),),
    "client_category": (shared("client", "client_id"),),
    "survey": (shared("survey"),),
    "referral": (OTHER, shared("referral")),
    "consultation": (shared("consultation"),),
    "consultation_participant": (shared("consultation", "consultation_id"),),
    "consultation_attachment": (shared("consultation", "consultation_id"),),
    "resolution": (OTHER, shared("consultation", "consultation_id")),
}
"""By what else than its own path a row is seen."""
LEADING = ("referral", "consultation_participant", "resolution")
"""What the other end changes, too."""


def in_sight(table: str, column: str, *, own: bool = False) -> str:
    """Whether what a column names is visible to who writes; own: whether it lies in their scope."""
    lies = f" AND {beneath('r.path')}" if own else ""
    return f"({column} IS NULL OR EXISTS (SELECT FROM {table} r WHERE r.id = {column}{lies}))"


ABOUT = {
    "survey": (in_sight("client", "client_id"), in_sight("person", "surveyor_id")),
    "referral": (in_sight("client", "client_id"), in_sight("survey", "survey_id")),
    "service_record": (in_sight("person", "worker_id"), in_sight("client", "client_id"), in_sight("venue", "venue_id")),
    "consultation_attachment": (
        in_sight("client", "client_id", own=True),
        in_sight("survey", "survey_id", own=True),
        in_sight("referral", "referral_id", own=True),
    ),
    "sign_up": (in_sight("person", "person_id"),),
    "attendance": (in_sight("person", "person_id"),),
    "venue": (in_sight("agency", "agency_id"),),
    "award": (in_sight("award_budget", "budget_id", own=True),),
}

LOCATED = "place_id, path, station_id, county_id"
TOWARD = "to_place_id, to_path, to_station_id, to_county_id"
SEALED = "phone_cipher, id_number_cipher, birth_date_cipher, address_cipher, phone_digest, id_number_digest"
PERSONAL = f"name, household_size, phone, id_number, birth_date, address, {SEALED}"
SERVED = "item_id, worker_id, served_on, contacts, beneficiaries, client_id, venue_id, survey_id, referral_id, note"
# For each table the columns, beside the place, that are inserted, and those that are updated beside the version.
WRITTEN = {
    "leading_group": ("name, founded_on", f"{LOCATED}, name, founded_on, dissolved_on"),
    "leading_group_member": ("valid_from, valid_to, group_id, name, title, role", "valid_to"),
    "implementation_plan": ("group_id, title, begins_on, ends_on", "title, begins_on, ends_on, state"),
    "measure": ("plan_id, title, owner, due_on", "title, owner, due_on, state, done_on"),
    "agency": ("code, name, kind, founded_on", f"{LOCATED}, code, name, kind, founded_on, closed_on"),
    "agency_rating": ("valid_from, valid_to, agency_id, grade, rated_by", "valid_to"),
    "venue": (
        "code, name, kind, address, capacity, purchased, agency_id, opened_on",
        f"{LOCATED}, code, name, kind, address, capacity, purchased, agency_id, opened_on, closed_on",
    ),
    "venue_need": ("venue_id, need", ""),
    "opening_time": ("venue_id, weekday, opens, closes", ""),
    "service_item": ("code, name, field", "code, name, field, withdrawn_on"),
    "service_offer": ("valid_from, valid_to, item_id", "valid_to"),
    "calendar_day": ("day, working, name", "working, name"),
    "client": (
        f"kind, {PERSONAL}, consent_on, registered_on",
        f"{LOCATED}, kind, {PERSONAL}, consent_on, consent_withdrawn_on, closed_on",
    ),
    "client_category": ("client_id, category", ""),
    "survey": (
        "kind, client_id, surveyor_id, surveyed_on, findings, urgency",
        "kind, surveyed_on, findings, urgency, state, closed_on, closing_reason",
    ),
    "referral": (
        f"{TOWARD}, from_name, to_name, client_id, survey_id, agency_id, assignee_id, reason, urgency, due_on",
        f"{TOWARD}, to_name, assignee_id, state, accepted_at, closed_at, outcome",
    ),
    "service_record": (
        f"{SERVED}, corrects_id, reason",
        "state, reason",
    ),
    "consultation": ("from_name, issue, meets_on", "issue, meets_on, minutes, state, closed_on"),
    "consultation_participant": (f"{TOWARD}, consultation_id, to_name", f"{TOWARD}, to_name, state, representative"),
    "consultation_attachment": ("consultation_id, client_id, survey_id, referral_id", ""),
    "resolution": (
        f"{TOWARD}, consultation_id, title, from_name, to_name, due_on",
        f"{TOWARD}, to_name, state, outcome, done_on",
    ),
    "target": ("indicator, begins_on, ends_on, amount", "amount, withdrawn_on"),
    "volunteer_call": ("title, skill_id, needed_on, needed", f"{LOCATED}, title, skill_id, needed_on, needed, state"),
    "sign_up": ("call_id, person_id", "state, hours"),
    "training_event": (
        "kind, title, held_on, speaker, venue_id, capacity",
        "kind, title, held_on, speaker, venue_id, capacity, state",
    ),
    "attendance": ("event_id, person_id", "state"),
    "exam_result": ("person_id, level, year, passed", "level, year, passed"),
    "award_budget": ("year, amount", "amount"),
    "award": ("person_id, budget_id, level, year, amount, granted_on", "state"),
}
REMOVED = ("venue_need", "opening_time", "client_category")
"""What a row has all of, or none: its rows are replaced."""

SHARING = """
CREATE FUNCTION share_referral() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  DELETE FROM sharing WHERE referral_id = NEW.id;
  IF NEW.state IN ('ACCEPTED', 'IN_PROGRESS', 'DONE') THEN
    INSERT INTO sharing (place_id, path, station_id, county_id, noun, row_id, referral_id)
    SELECT NEW.to_place_id, NEW.to_path, NEW.to_station_id, NEW.to_county_id, told.noun, told.row_id, NEW.id
      FROM (VALUES ('client', NEW.client_id), ('survey', NEW.survey_id)) AS told (noun, row_id)
     WHERE told.row_id IS NOT NULL;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER shared AFTER INSERT OR UPDATE OF state, to_place_id ON referral
  FOR EACH ROW EXECUTE FUNCTION share_referral();

CREATE FUNCTION share_consultation() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  shared_id constant bigint := CASE TG_TABLE_NAME
    WHEN 'consultation' THEN (to_jsonb(NEW) ->> 'id')::bigint ELSE (to_jsonb(NEW) ->> 'consultation_id')::bigint END;
BEGIN
  -- Two who write about one consultation at once must not each leave out what the other has added.
  PERFORM pg_advisory_xact_lock(hashtextextended('zhanwang consultation', shared_id));
  DELETE FROM sharing WHERE consultation_id = shared_id;
  INSERT INTO sharing (place_id, path, station_id, county_id, noun, row_id, consultation_id)
  SELECT p.to_place_id, p.to_path, p.to_station_id, p.to_county_id, told.noun, told.row_id, c.id
    FROM consultation c
    JOIN consultation_participant p ON p.consultation_id = c.id
    CROSS JOIN LATERAL (
      SELECT 'consultation', c.id
      UNION ALL SELECT 'client', a.client_id FROM consultation_attachment a WHERE a.consultation_id = c.id
      UNION ALL SELECT 'survey', a.survey_id FROM consultation_attachment a WHERE a.consultation_id = c.id
      UNION ALL SELECT 'referral', a.referral_id FROM consultation_attachment a WHERE a.consultation_id = c.id
    ) AS told (noun, row_id)
   WHERE c.id = shared_id AND c.state IN ('CALLED', 'HELD') AND told.row_id IS NOT NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER shared AFTER UPDATE OF state ON consultation FOR EACH ROW EXECUTE FUNCTION share_consultation();
CREATE TRIGGER shared AFTER INSERT OR UPDATE OF to_place_id ON consultation_participant
  FOR EACH ROW EXECUTE FUNCTION share_consultation();
CREATE TRIGGER shared AFTER INSERT ON consultation_attachment FOR EACH ROW EXECUTE FUNCTION share_consultation();
"""

SPENDING = """
CREATE FUNCTION spend_award() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  before constant numeric := CASE WHEN TG_OP = 'UPDATE' AND OLD.state <> 'REVOKED' THEN OLD.amount ELSE 0 END;
  after constant numeric := CASE WHEN NEW.state <> 'REVOKED' THEN NEW.amount ELSE 0 END;
BEGIN
  -- The row's lock lets one at a time see what is left; its check refuses more.
  UPDATE award_budget SET spent = spent + after - before WHERE id = NEW.budget_id AND after <> before;
  RETURN NULL;
END $$;
CREATE TRIGGER spent AFTER INSERT OR UPDATE OF state, amount ON award FOR EACH ROW EXECUTE FUNCTION spend_award();
"""

# Where a referral can go that its sender does not see; each answers about one place, by what is public of it.
RECEIVERS = f"""
CREATE VIEW open_place AS
SELECT p.id AS place_id, p.path, p.station_id, p.county_id, p.parent_id, s.code, s.name
  FROM place p JOIN station s ON s.id = p.id AND s.closed_on IS NULL
UNION ALL
SELECT p.id, p.path, p.station_id, p.county_id, p.parent_id, c.code, c.name
  FROM place p JOIN community c ON c.id = p.id AND c.closed_on IS NULL
UNION ALL
SELECT p.id, p.path, p.station_id, p.county_id, p.parent_id, g.code, g.name
  FROM place p JOIN grid g ON g.id = p.id AND g.closed_on IS NULL;

CREATE FUNCTION find_receiver(p_code text)
RETURNS TABLE (place_id bigint, path text, station_id bigint, county_id bigint, name text, agency_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH here AS (SELECT p.county_id FROM place p WHERE p.path = {SETTING})
  SELECT o.place_id, o.path, o.station_id, o.county_id, o.name, NULL::bigint
    FROM open_place o JOIN here ON here.county_id = o.county_id WHERE o.code = p_code
  UNION ALL
  SELECT a.place_id, a.path, a.station_id, a.county_id, a.name, a.id
    FROM agency a JOIN here ON here.county_id = a.county_id WHERE a.code = p_code AND a.closed_on IS NULL
  LIMIT 1
$$;
COMMENT ON FUNCTION find_receiver IS
  'The open place, or the place of the agency, of the scope''s county that has a public code: where a referral, an
   invitation or a task may go, also out of scope. No row in another county.';

CREATE FUNCTION default_receiver(p_place bigint)
RETURNS TABLE (place_id bigint, path text, station_id bigint, county_id bigint, name text, person_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT o.place_id, o.path, o.station_id, o.county_id, o.name, a.person_id
    FROM place p
    JOIN assignment a ON starts_with(p.path, a.path) AND a.duty = 'LINKED_SOCIAL_WORKER'
     AND a.valid_from <= current_date AND (a.valid_to IS NULL OR a.valid_to > current_date)
    JOIN open_place o ON o.place_id = CASE WHEN a.place_id = p.id THEN p.parent_id ELSE a.place_id END
   WHERE p.id = p_place AND {beneath("p.path")}
   ORDER BY length(a.path) DESC, a.valid_from, a.id LIMIT 1
$$;
COMMENT ON FUNCTION default_receiver IS
  'Where the social worker who is linked to a place in scope, or to what is above it, takes its referrals: the place
   that they are linked to, or of one linked to the place itself the one above; and who that is.';
"""

ESCALATION = """
CREATE FUNCTION overdue_referrals(p_today date, p_limit integer)
RETURNS TABLE (id bigint, county_id bigint, due_on date)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT r.id, r.county_id, r.due_on
    FROM referral r JOIN place p ON p.id = COALESCE(r.escalated_to_id, r.to_place_id)
   WHERE r.state IN ('SENT', 'ACCEPTED', 'IN_PROGRESS') AND r.due_on < p_today AND p.parent_id IS NOT NULL
   ORDER BY r.due_on, r.id LIMIT p_limit
$$;
COMMENT ON FUNCTION overdue_referrals IS
  'Open referrals that were due before a day and can still go up a level, for the schedule; the longest overdue first.';

CREATE FUNCTION escalate_referral(p_id bigint, p_today date, p_due date, p_request text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  above bigint;
  changed referral;
BEGIN
  PERFORM lock_county(r.to_county_id, false) FROM referral r WHERE r.id = p_id;
  SELECT p.parent_id INTO above
    FROM referral r JOIN place p ON p.id = COALESCE(r.escalated_to_id, r.to_place_id)
   WHERE r.id = p_id AND r.state IN ('SENT', 'ACCEPTED', 'IN_PROGRESS') AND r.due_on < p_today
     FOR UPDATE OF r;
  IF above IS NULL THEN RETURN false; END IF;
  UPDATE referral SET escalated_to_id = above, escalated_at = now(), escalations = escalations + 1, due_on = p_due,
                      version = version + 1
   WHERE id = p_id RETURNING * INTO changed;
  INSERT INTO audit_entry (place_id, path, station_id, county_id, request_id, action, noun, row_id, after)
  VALUES (changed.to_place_id, changed.to_path, changed.to_station_id, changed.to_county_id, p_request,
          'escalateReferral', 'referral', p_id,
          jsonb_build_object('escalations', changed.escalations, 'due_on', changed.due_on));
  RETURN true;
END $$;
COMMENT ON FUNCTION escalate_referral IS
  'Takes an overdue referral to the place above where it is, with another day on which it is due; false if it is not
   overdue any more, or at the top already.';

CREATE FUNCTION calendar_of(p_county bigint, p_from date, p_until date)
RETURNS TABLE (day date, working boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT d.day, d.working FROM calendar_day d WHERE d.county_id = p_county AND d.day BETWEEN p_from AND p_until
$$;
COMMENT ON FUNCTION calendar_of IS 'The days on which a county differs from the public calendar.';
"""
# What the functions above read and write as `zhanwang_owner`, whom the policies bind, too.
READ_BY_OWNER = (
    "station", "community", "grid", "assignment", "agency", "referral", "consultation", "consultation_participant",
    "consultation_attachment", "calendar_day",
)  # fmt: skip
CALLED_BY_SERVER = (
    "find_receiver(text)",
    "default_receiver(bigint)",
    "overdue_referrals(date, integer)",
    "escalate_referral(bigint, date, date, text)",
    "calendar_of(bigint, date, date)",
)
TRIGGERS = ("share_referral()", "share_consultation()", "spend_award()")


def upgrade() -> None:
    """Add what is seen, and who may write."""
    op.execute(SUBJECT)
    for table in SCOPED:
        op.execute(f"CREATE INDEX ix_{table}_path ON {table} (path)")
        op.execute(f"CREATE INDEX ix_{table}_place_id ON {table} (place_id)")
        seen = " OR ".join((f"({OWN})", *(f"({clause})" for clause in BESIDE.get(table, ()))))
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY scope ON {table} USING ({seen}) WITH CHECK ({OWN})")
    for table in LEADING:
        op.execute(f"CREATE INDEX ix_{table}_to_path ON {table} (to_path)")
        op.execute(f"CREATE INDEX ix_{table}_to_place_id ON {table} (to_place_id)")
        op.execute(
            f"CREATE POLICY other_end ON {table} FOR UPDATE TO zhanwang_server USING ({OTHER}) WITH CHECK ({OTHER})"
        )
    for table in BESIDE:
        # What is merely seen is not changed.
        ends = f"({OWN}) OR ({OTHER})" if table in LEADING else OWN
        op.execute(f"CREATE POLICY at_home ON {table} AS RESTRICTIVE FOR UPDATE TO zhanwang_server USING ({ends})")
        if table in REMOVED:
            op.execute(
                f"CREATE POLICY left_at_home ON {table} AS RESTRICTIVE FOR DELETE TO zhanwang_server USING ({OWN})"
            )
    for table, clauses in ABOUT.items():
        op.execute(
            f"CREATE POLICY in_sight ON {table} AS RESTRICTIVE FOR INSERT TO zhanwang_server"
            f" WITH CHECK ({' AND '.join(clauses)})"
        )
    for statements in (SHARING, SPENDING, RECEIVERS, ESCALATION):
        op.execute(statements)
    for table in READ_BY_OWNER:
        op.execute(f"CREATE POLICY definer ON {table} FOR SELECT TO zhanwang_owner USING (true)")
    for table in ("sharing", "award_budget"):
        op.execute(f"CREATE POLICY definer ON {table} TO zhanwang_owner USING (true) WITH CHECK (true)")
    op.execute("CREATE POLICY definer_update ON referral FOR UPDATE TO zhanwang_owner USING (true) WITH CHECK (true)")
    op.execute("CREATE POLICY definer_append ON audit_entry FOR INSERT TO zhanwang_owner WITH CHECK (true)")
    grant()


def grant() -> None:
    """The server reads all of it, and writes what its mutations write."""
    op.execute(f"GRANT SELECT ON {', '.join(SCOPED)} TO zhanwang_server")
    for table, (inserted, updated) in WRITTEN.items():
        op.execute(f"GRANT INSERT ({LOCATED}, {inserted}) ON {table} TO zhanwang_server")
        if updated:
            op.execute(f"GRANT UPDATE ({updated}, version) ON {table} TO zhanwang_server")
    op.execute(f"GRANT DELETE ON {', '.join(REMOVED)} TO zhanwang_server")
    for function in (*CALLED_BY_SERVER, *TRIGGERS):
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
    for function in CALLED_BY_SERVER:
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO zhanwang_server")


def downgrade() -> None:
    """What was recorded since would be seen by nobody."""
    raise NotImplementedError("the service work cannot be taken back")
