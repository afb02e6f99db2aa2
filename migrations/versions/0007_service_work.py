"""The service work: groups, plans, agencies, venues, services, clients, surveys, referrals, consultations, targets,
volunteer calls, training, awards. The tables; who sees and writes them is in 0008.

The rules that the database itself holds, beside those before:
- a row that belongs to another lies where that does; what leads to another place follows that place, too
- ratings and offers do not overlap; one target, sign-up, attendance, result and award for each of what they are of
- a consultation's attachment names exactly one row
- no award budget is overspent
"""

from alembic import op

from migrations.shapes import AT_PLACE, DATED, LEADING, LOCATION, PARENT, of, one_of

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TASK = "OPEN IN_PROGRESS DONE CANCELLED"
LEVELS = "ASSISTANT INTERMEDIATE SENIOR"
URGENCIES = "LOW NORMAL HIGH URGENT"
NAME = "name text COLLATE \"C\" NOT NULL CHECK (name <> '')"
TITLE = "title text COLLATE \"C\" NOT NULL CHECK (title <> '')"
CODE = "code text COLLATE \"C\" NOT NULL UNIQUE CHECK (code <> '')"

ORGANISING = f"""
CREATE TABLE leading_group ({LOCATION} {PARENT}
  {NAME},
  founded_on date NOT NULL,
  dissolved_on date CHECK (dissolved_on >= founded_on),
  {AT_PLACE}
);
CREATE TABLE leading_group_member ({LOCATION} {DATED} {of("group_id", "leading_group")}
  {NAME},
  title text,
  {one_of("role", "LEADER DEPUTY MEMBER")},
  {AT_PLACE}
);
CREATE TABLE implementation_plan ({LOCATION} {PARENT} {of("group_id", "leading_group")}
  {TITLE},
  begins_on date NOT NULL,
  ends_on date CHECK (ends_on >= begins_on),
  {one_of("state", "DRAFT ADOPTED COMPLETED WITHDRAWN", default="DRAFT")},
  {AT_PLACE}
);
CREATE TABLE measure ({LOCATION} {of("plan_id", "implementation_plan")}
  {TITLE},
  owner text NOT NULL CHECK (owner <> ''),
  due_on date NOT NULL,
  {one_of("state", TASK, default="OPEN")},
  done_on date,
  {AT_PLACE}
);
CREATE TABLE agency ({LOCATION} {PARENT}
  {CODE},
  {NAME},
  {one_of("kind", "MASS_ORGANISATION SOCIAL_ORGANISATION SERVICE_AGENCY")},
  founded_on date NOT NULL,
  closed_on date CHECK (closed_on >= founded_on),
  {AT_PLACE}
);
CREATE TABLE agency_rating ({LOCATION} {DATED} {of("agency_id", "agency")}
  {one_of("grade", "A1 A2 A3 A4 A5")},
  rated_by text NOT NULL CHECK (rated_by <> ''),
  EXCLUDE USING gist (int8range(agency_id, agency_id, '[]') WITH &&, daterange(valid_from, valid_to) WITH &&),
  {AT_PLACE}
);
"""

VENUES = f"""
CREATE TABLE venue ({LOCATION} {PARENT}
  {CODE},
  {NAME},
  {one_of("kind", "NEIGHBOURHOOD_CENTRE GOVERNANCE_CENTRE TALENT_HOME LIVE_STREAM_BASE SERVICE_ROOM")},
  address text,
  capacity integer CHECK (capacity > 0),
  purchased boolean NOT NULL DEFAULT false,
  agency_id bigint REFERENCES agency (id),
  opened_on date NOT NULL,
  closed_on date CHECK (closed_on >= opened_on),
  {AT_PLACE}
);
CREATE TABLE venue_need ({LOCATION} {of("venue_id", "venue")}
  {one_of("need", "ELDERLY CHILDREN HEALTH FOOD LEISURE AFFAIRS")},
  UNIQUE (venue_id, need),
  {AT_PLACE}
);
CREATE TABLE opening_time ({LOCATION} {of("venue_id", "venue")}
  weekday integer NOT NULL CHECK (weekday BETWEEN 1 AND 7),
  opens text NOT NULL CHECK (opens ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
  closes text NOT NULL CHECK (closes ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$' AND closes > opens),
  {AT_PLACE}
);
"""

SERVICES = f"""
CREATE TABLE service_item ({LOCATION}
  code text COLLATE "C" NOT NULL CHECK (code <> ''),
  {NAME},
  {one_of("field", "SOCIAL_ASSISTANCE ELDERLY_CARE CHILD_CARE COMMUNITY_GOVERNANCE")},
  withdrawn_on date,
  UNIQUE (county_id, code),
  {AT_PLACE}
);
CREATE TABLE service_offer ({LOCATION} {DATED}
  item_id bigint NOT NULL REFERENCES service_item (id),
  EXCLUDE USING gist (int8range(place_id, place_id, '[]') WITH &&, int8range(item_id, item_id, '[]') WITH &&,
    daterange(valid_from, valid_to) WITH &&),
  {AT_PLACE}
);
CREATE TABLE calendar_day ({LOCATION}
  day date NOT NULL,
  working boolean NOT NULL,
  {NAME},
  UNIQUE (county_id, day),
  {AT_PLACE}
);
CREATE TABLE client ({LOCATION} {PARENT}
  {one_of("kind", "PERSON HOUSEHOLD")},
  {NAME},
  household_size integer NOT NULL CHECK (household_size > 0),
  phone text,
  id_number text,
  birth_date text,
  address text,
  phone_cipher bytea,
  id_number_cipher bytea,
  birth_date_cipher bytea,
  address_cipher bytea,
  phone_digest bytea,
  id_number_digest bytea,
  consent_on date,
  consent_withdrawn_on date CHECK (consent_withdrawn_on >= consent_on),
  registered_on date NOT NULL,
  closed_on date CHECK (closed_on >= registered_on),
  CONSTRAINT uq_client_place_id_id_number_digest UNIQUE (place_id, id_number_digest),
  CHECK ((phone IS NULL) = (phone_cipher IS NULL)),
  CHECK ((id_number IS NULL) = (id_number_cipher IS NULL)),
  CHECK ((birth_date IS NULL) = (birth_date_cipher IS NULL)),
  CHECK ((address IS NULL) = (address_cipher IS NULL)),
  {AT_PLACE}
);
CREATE INDEX ix_client_phone_digest ON client (phone_digest);
CREATE INDEX ix_client_id_number_digest ON client (id_number_digest);
CREATE INDEX ix_client_county_id_name_id ON client (county_id, name, id);
CREATE TABLE client_category ({LOCATION} {of("client_id", "client")}
  {
    one_of(
        "category",
        "DIBAO_HOUSEHOLD EXTREME_POVERTY LEFT_BEHIND_ELDERLY ELDERLY_LIVING_ALONE CHILD_IN_DIFFICULTY"
        " LEFT_BEHIND_CHILD DISABLED OTHER",
    )
},
  UNIQUE (client_id, category),
  {AT_PLACE}
);
CREATE TABLE survey ({LOCATION}
  {one_of("kind", "SURVEY ASSESSMENT")},
  client_id bigint NOT NULL REFERENCES client (id),
  surveyor_id bigint NOT NULL REFERENCES person (id),
  surveyed_on date NOT NULL,
  findings text NOT NULL CHECK (findings <> ''),
  {one_of("urgency", URGENCIES)},
  {one_of("state", "OPEN FOLLOWED_UP CLOSED", default="OPEN")},
  closed_on date,
  closing_reason text,
  {AT_PLACE}
);
CREATE INDEX ix_survey_county_id_surveyed_on_id ON survey (county_id, surveyed_on, id);
CREATE TABLE referral ({LOCATION} {LEADING}
  from_name text NOT NULL,
  to_name text NOT NULL,
  client_id bigint NOT NULL REFERENCES client (id),
  survey_id bigint REFERENCES survey (id),
  agency_id bigint REFERENCES agency (id),
  assignee_id bigint REFERENCES person (id),
  reason text NOT NULL CHECK (reason <> ''),
  {one_of("urgency", URGENCIES)},
  {one_of("state", "SENT ACCEPTED IN_PROGRESS DONE REJECTED WITHDRAWN", default="SENT")},
  sent_at timestamptz NOT NULL DEFAULT now(),
  due_on date NOT NULL,
  accepted_at timestamptz,
  closed_at timestamptz,
  outcome text,
  escalations integer NOT NULL DEFAULT 0,
  escalated_to_id bigint REFERENCES place (id),
  escalated_at timestamptz,
  CHECK (to_place_id <> place_id),
  {AT_PLACE}
);
CREATE INDEX ix_referral_overdue ON referral (due_on) WHERE state IN ('SENT', 'ACCEPTED', 'IN_PROGRESS');
CREATE TABLE service_record ({LOCATION}
  item_id bigint NOT NULL REFERENCES service_item (id),
  worker_id bigint NOT NULL REFERENCES person (id),
  served_on date NOT NULL,
  contacts integer NOT NULL CHECK (contacts > 0),
  beneficiaries integer NOT NULL CHECK (beneficiaries > 0 AND beneficiaries <= contacts),
  client_id bigint REFERENCES client (id),
  venue_id bigint REFERENCES venue (id),
  survey_id bigint REFERENCES survey (id),
  referral_id bigint REFERENCES referral (id),
  note text,
  {one_of("state", "VALID CORRECTED CANCELLED", default="VALID")},
  corrects_id bigint UNIQUE REFERENCES service_record (id),
  reason text,
  {AT_PLACE}
);
CREATE INDEX ix_service_record_county_id_served_on_id ON service_record (county_id, served_on, id);
"""

CONSULTATIONS = f"""
CREATE TABLE consultation ({LOCATION} {PARENT}
  from_name text NOT NULL,
  issue text COLLATE "C" NOT NULL CHECK (issue <> ''),
  meets_on date NOT NULL,
  minutes text,
  {one_of("state", "CALLED HELD CLOSED CANCELLED", default="CALLED")},
  closed_on date,
  {AT_PLACE}
);
CREATE TABLE consultation_participant ({LOCATION} {LEADING} {of("consultation_id", "consultation")}
  to_name text NOT NULL,
  {one_of("state", "INVITED ACCEPTED DECLINED", default="INVITED")},
  representative text,
  UNIQUE (consultation_id, to_place_id),
  {AT_PLACE}
);
CREATE TABLE consultation_attachment ({LOCATION} {of("consultation_id", "consultation")}
  client_id bigint REFERENCES client (id),
  survey_id bigint REFERENCES survey (id),
  referral_id bigint REFERENCES referral (id),
  CHECK (num_nonnulls(client_id, survey_id, referral_id) = 1),
  UNIQUE NULLS NOT DISTINCT (consultation_id, client_id, survey_id, referral_id),
  {AT_PLACE}
);
CREATE TABLE resolution ({LOCATION} {LEADING} {of("consultation_id", "consultation")}
  {TITLE},
  from_name text NOT NULL,
  to_name text NOT NULL,
  due_on date NOT NULL,
  {one_of("state", TASK, default="OPEN")},
  outcome text,
  done_on date,
  {AT_PLACE}
);
CREATE TABLE sharing ({LOCATION}
  noun text NOT NULL CHECK (noun IN ('client', 'survey', 'referral', 'consultation')),
  row_id bigint NOT NULL,
  referral_id bigint REFERENCES referral (id),
  consultation_id bigint REFERENCES consultation (id),
  CHECK (num_nonnulls(referral_id, consultation_id) = 1),
  {AT_PLACE}
);
CREATE INDEX ix_sharing_noun_path ON sharing (noun, path, row_id);
"""

VOLUNTEERS = f"""
CREATE TABLE target ({LOCATION}
  {
    one_of(
        "indicator",
        "SERVICE_RECORDS SERVICE_CONTACTS CLIENTS_SERVED SURVEYS REFERRALS_COMPLETED VOLUNTEER_HOURS",
    )
},
  begins_on date NOT NULL,
  ends_on date NOT NULL CHECK (ends_on >= begins_on),
  amount integer NOT NULL CHECK (amount > 0),
  withdrawn_on date,
  {AT_PLACE}
);
CREATE UNIQUE INDEX uq_target_place_id_indicator_begins_on ON target (place_id, indicator, begins_on, ends_on)
  WHERE withdrawn_on IS NULL;
CREATE TABLE volunteer_call ({LOCATION} {PARENT}
  {TITLE},
  skill_id bigint REFERENCES skill (id),
  needed_on date NOT NULL,
  needed integer NOT NULL CHECK (needed > 0),
  {one_of("state", "OPEN FULFILLED CANCELLED", default="OPEN")},
  {AT_PLACE}
);
CREATE TABLE sign_up ({LOCATION} {of("call_id", "volunteer_call")}
  person_id bigint NOT NULL REFERENCES person (id),
  {one_of("state", "SIGNED_UP ATTENDED ABSENT WITHDRAWN", default="SIGNED_UP")},
  hours numeric(6, 2) CHECK (hours > 0),
  CHECK ((hours IS NOT NULL) = (state = 'ATTENDED')),
  UNIQUE (call_id, person_id),
  {AT_PLACE}
);
"""

TALENT = f"""
CREATE TABLE training_event ({LOCATION} {PARENT}
  {one_of("kind", "LECTURE SALON")},
  {TITLE},
  held_on date NOT NULL,
  speaker text,
  venue_id bigint REFERENCES venue (id),
  capacity integer CHECK (capacity > 0),
  {one_of("state", "PLANNED HELD CANCELLED", default="PLANNED")},
  {AT_PLACE}
);
CREATE TABLE attendance ({LOCATION} {of("event_id", "training_event")}
  person_id bigint NOT NULL REFERENCES person (id),
  {one_of("state", "REGISTERED ATTENDED ABSENT", default="REGISTERED")},
  UNIQUE (event_id, person_id),
  {AT_PLACE}
);
CREATE TABLE exam_result ({LOCATION} {of("person_id", "person")}
  {one_of("level", LEVELS)},
  year integer NOT NULL CHECK (year BETWEEN 1900 AND 2200),
  passed boolean NOT NULL,
  UNIQUE (person_id, level, year),
  {AT_PLACE}
);
CREATE TABLE award_budget ({LOCATION}
  year integer NOT NULL CHECK (year BETWEEN 1900 AND 2200),
  amount numeric(12, 2) NOT NULL CHECK (amount > 0),
  spent numeric(12, 2) NOT NULL DEFAULT 0 CHECK (spent >= 0),
  CONSTRAINT ck_award_budget_overspent CHECK (spent <= amount),
  UNIQUE (place_id, year),
  UNIQUE (id, year),
  {AT_PLACE}
);
CREATE TABLE award ({LOCATION} {of("person_id", "person")}
  budget_id bigint NOT NULL,
  {one_of("level", LEVELS)},
  year integer NOT NULL,
  amount numeric(12, 2) NOT NULL CHECK (amount > 0),
  {one_of("state", "GRANTED PAID REVOKED", default="GRANTED")},
  granted_on date NOT NULL,
  FOREIGN KEY (budget_id, year) REFERENCES award_budget (id, year),
  {AT_PLACE}
);
CREATE UNIQUE INDEX uq_award_person_id_level ON award (person_id, level) WHERE state <> 'REVOKED';
"""

# Foreign keys that rows are found by; those of places and paths come in 0008.
INDEXED = {
    "leading_group_member": ("group_id",),
    "implementation_plan": ("group_id",),
    "measure": ("plan_id",),
    "agency_rating": ("agency_id",),
    "venue": ("agency_id",),
    "venue_need": ("venue_id",),
    "opening_time": ("venue_id",),
    "service_offer": ("item_id",),
    "client_category": ("client_id", "category"),
    "survey": ("client_id", "surveyor_id"),
    "referral": ("client_id", "survey_id", "agency_id", "assignee_id", "escalated_to_id"),
    "service_record": ("item_id", "worker_id", "client_id", "venue_id", "survey_id", "referral_id"),
    "consultation_participant": ("consultation_id",),
    "consultation_attachment": ("consultation_id", "client_id", "survey_id", "referral_id"),
    "resolution": ("consultation_id",),
    "sharing": ("referral_id", "consultation_id"),
    "volunteer_call": ("skill_id",),
    "sign_up": ("call_id", "person_id"),
    "training_event": ("venue_id",),
    "attendance": ("event_id", "person_id"),
    "exam_result": ("person_id",),
    "award": ("person_id", "budget_id"),
}


def upgrade() -> None:
    """Create the tables."""
    for statements in (ORGANISING, VENUES, SERVICES, CONSULTATIONS, VOLUNTEERS, TALENT):
        op.execute(statements)
    for table, columns in INDEXED.items():
        for column in columns:
            op.execute(f"CREATE INDEX ix_{table}_{column} ON {table} ({column})")


def downgrade() -> None:
    """What was recorded since would be lost."""
    raise NotImplementedError("the service work cannot be taken back")
