"""What of the tables is personal data: whose, how it is kept, who reads it, for how long, what an erasure makes of it.

Every column of every table stands here, in `PERSONAL` or in `IMPERSONAL`; docs/personal-data.md has the first as a
table. Tests hold the three together with the models, and with what is in the database after a client was erased.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Whose(StrEnum):
    """Of whom it tells."""

    CLIENT = "client"
    PERSONNEL = "personnel"
    ACCOUNT = "account"
    ANYBODY = "anybody"


class Form(StrEnum):
    """How it is kept: as it is, in free text, masked, encrypted, as a keyed or salted hash, or as a row's key alone."""

    PLAIN = "plain"
    TEXT = "free text"
    MASKED = "masked"
    ENCRYPTED = "encrypted"
    HASH = "hash"
    KEY = "key"


class Erasure(StrEnum):
    """What `eraseClient` makes of it: nothing is left, a neutral value stands there, it stays, or it is no client's."""

    REMOVED = "removed"
    REPLACED = "replaced"
    STAYS = "stays"
    NONE = "–"


@dataclass(frozen=True)
class Kept:
    """Columns of a table that are kept alike. readers: the permission, or who; until: how long."""

    table: str
    columns: tuple[str, ...]
    what: str
    whose: Whose
    form: Form
    readers: str
    until: str
    erasure: Erasure


FILE = "until erased"
DUTY = "as long as the network keeps the personnel file"
ACCOUNT = "as long as the account, which is disabled and not deleted"
COUNTED = "for good: it is counted by it"
NOBODY = "the server alone"
SEEN = "whoever sees the account"
MASKED, SEALED, HASHED = (
    ("phone", "id_number", "birth_date", "address"),
    ("phone_cipher", "id_number_cipher", "birth_date_cipher", "address_cipher"),
    ("phone_digest", "id_number_digest"),
)


def _client(table: str, columns: str, what: str, form: Form, readers: str, erasure: Erasure) -> Kept:
    until = COUNTED if erasure is Erasure.STAYS else FILE
    return Kept(table, tuple(columns.split()), what, Whose.CLIENT, form, readers, until, erasure)


def _other(table: str, columns: str, what: str, whose: Whose, form: Form, readers: str, until: str) -> Kept:
    return Kept(table, tuple(columns.split()), what, whose, form, readers, until, Erasure.NONE)


_CLIENTS = (
    _client("client", "name", "name, of a household its head's", Form.PLAIN, "client:read", Erasure.REPLACED),
    _client("client", " ".join(MASKED), "details, masked", Form.MASKED, "client:read", Erasure.REMOVED),
    _client("client", " ".join(SEALED), "details in full", Form.ENCRYPTED, "person:read_private", Erasure.REMOVED),
    _client("client", " ".join(HASHED), "details, for exact match", Form.HASH, "person:read_private", Erasure.REMOVED),
    _client("client", "household_size", "how many live there", Form.PLAIN, "client:count", Erasure.REPLACED),
    _client(
        "client", "consent_on consent_withdrawn_on registered_on closed_on erased_on erasure_reason",
        "what was agreed and done, and when", Form.PLAIN, "client:count", Erasure.STAYS,
    ),
    _client("client_category", "category", "why they are a client", Form.PLAIN, "client:count", Erasure.REMOVED),
    _client("client_category", "client_id", "whose category", Form.KEY, NOBODY, Erasure.REMOVED),
    _client("survey", "findings closing_reason", "what was found", Form.TEXT, "client:read", Erasure.REPLACED),
    _client("referral", "reason outcome", "why, and what came of it", Form.TEXT, "client:read", Erasure.REPLACED),
    _client("service_record", "note reason", "what was done, or corrected", Form.TEXT, "client:read", Erasure.REPLACED),
    _client("consultation", "issue", "what it is about", Form.TEXT, "consultation:read", Erasure.REPLACED),
    _client("consultation", "minutes", "what was said", Form.TEXT, "client:read", Erasure.REPLACED),
    _client("resolution", "title", "what was to be done", Form.TEXT, "consultation:read", Erasure.REPLACED),
    _client("resolution", "outcome", "what came of it", Form.TEXT, "client:read", Erasure.REPLACED),
    *(
        _client(table, "client_id", "whom it is about", Form.KEY, "by the client's own sight", Erasure.STAYS)
        for table in ("survey", "referral", "service_record", "consultation_attachment")
    ),
    _client("sharing", "row_id", "who or what is shared with a place", Form.KEY, NOBODY, Erasure.STAYS),
    _client("audit_entry", "before after", "what a write has changed", Form.TEXT, "audit:read", Erasure.REMOVED),
    _client("audit_entry", "values_digest", "the same, salted", Form.HASH, NOBODY, Erasure.STAYS),
    _client("audit_entry", "salt", "what that is salted with", Form.HASH, NOBODY, Erasure.REMOVED),
    _client("audit_entry", "row_id subject", "which row it is about", Form.KEY, "audit:read", Erasure.STAYS),
)  # fmt: skip
P, A, X = Whose.PERSONNEL, Whose.ACCOUNT, Whose.ANYBODY
_OTHERS = (
    _other("person", "name gender", "name, gender", P, Form.PLAIN, "person:read", DUTY),
    _other("person", "kind retired_on", "what they are", P, Form.PLAIN, "personnel:count", DUTY),
    _other("person", " ".join(MASKED), "details, masked", P, Form.MASKED, "person:read", DUTY),
    _other("person", " ".join(SEALED), "details in full", P, Form.ENCRYPTED, "person:read_private", DUTY),
    _other("person", " ".join(HASHED), "details, for exact match", P, Form.HASH, "person:read_private", DUTY),
    _other("qualification", "certificate_number", "certificate", P, Form.PLAIN, "person:read", DUTY),
    _other("qualification", "level obtained_on expires_on", "what they hold", P, Form.PLAIN, "personnel:count", DUTY),
    _other("exam_result", "level year passed", "what they passed or failed", P, Form.PLAIN, "talent:read", DUTY),
    _other("award", "level year amount state granted_on", "what they got", P, Form.PLAIN, "talent:read", DUTY),
    _other("assignment", "duty valid_from valid_to", "what they do where", P, Form.PLAIN, "personnel:count", DUTY),
    _other("person_skill", "skill_id", "what they can do", P, Form.PLAIN, "personnel:count", DUTY),
    _other("sign_up", "state hours", "what volunteers did", P, Form.PLAIN, "volunteer:read", DUTY),
    _other("attendance", "state", "who came to a training", P, Form.PLAIN, "talent:read", DUTY),
    *(
        _other(table, f"{column}_id", "who it is", P, Form.KEY, "by the person's own sight", DUTY)
        for column, tables in (
            (
                "person",
                (
                    *("qualification", "exam_result", "award", "assignment"),
                    *("person_skill", "team_membership", "sign_up", "attendance"),
                ),
            ),
            ("surveyor", ("survey",)),
            ("worker", ("service_record",)),
            ("assignee", ("referral",)),
        )
        for table in tables
    ),
    _other("consultation_participant", "representative", "who comes", P, Form.TEXT, "person:read", "for good"),
    _other("leading_group_member", "name", "who leads", P, Form.PLAIN, "person:read", "for good"),
    _other("leading_group_member", "title role", "as what", P, Form.PLAIN, "organisation:read", "for good"),
    _other("measure", "owner", "who answers for it, or which office", X, Form.TEXT, "organisation:read", "for good"),
    _other("training_event", "speaker", "who speaks", X, Form.TEXT, "person:read", "for good"),
    _other("account", "username", "name to log in with", A, Form.PLAIN, SEEN, ACCOUNT),
    _other("account", "password_hash", "password, by Argon2id", A, Form.HASH, NOBODY, ACCOUNT),
    _other("external_identity", "issuer subject", "who they are at an issuer", A, Form.PLAIN, SEEN, ACCOUNT),
    _other(
        "session", "account_id created_at expires_at ended_at", "when somebody was there", A, Form.PLAIN, NOBODY,
        "a day after it is over",
    ),
    _other(
        "refresh_token", "digest created_at used_at", "what renews a session", A, Form.HASH, NOBODY,
        "until its session is over, or it was used and its life is",
    ),
    _other(
        "log_in_failure", "key", "username, address, or both, that failed to log in", X, Form.HASH, NOBODY,
        "15 minutes after the last failure",
    ),
    _other("used_id_token", "digest", "an issuer's token", A, Form.HASH, NOBODY, "until it would have run out"),
    _other(
        "idempotency_key", "account_id key action created_at", "what a program calls its request", A, Form.PLAIN,
        NOBODY, "7 days",
    ),
    _other("idempotency_key", "digest row_id", "what was asked for", X, Form.HASH, NOBODY, "7 days"),
    _other(
        "audit_entry", "account_id grant_id at action request_id", "who did what, when", A, Form.PLAIN, "audit:read",
        "for good: it is the proof",
    ),
)  # fmt: skip
PERSONAL = (*_CLIENTS, *_OTHERS)

LOCATION = "place_id path station_id county_id to_place_id to_path to_station_id to_county_id"
COMMON = frozenset(f"id version {LOCATION}".split())
"""Where a row lies, and its key: personal by what else it has, if at all."""

IMPERSONAL = {
    "account": "kind credential_version disabled_at created_at",
    "account_grant": "account_id role given_by valid_from valid_to",
    "agency": "code name kind founded_on closed_on",
    "agency_rating": "valid_from valid_to agency_id grade rated_by",
    "assignment": "person_path elsewhere guest_places",
    "attendance": "event_id",
    "audit_batch": "previous digest entries sealed_at",
    "audit_entry": "noun erased_by",
    "audit_seal": "entry_id batch_id digest",
    "audit_unsealed": "entry_id",
    "award": "budget_id",
    "award_budget": "year amount spent",
    "calendar_day": "day working name",
    "client": "kind sealed_with",
    "community": "parent_id level kind code name division_code households residents closed_on successor_id",
    "consultation": "from_name meets_on state closed_on",
    "consultation_attachment": "consultation_id survey_id referral_id",
    "consultation_participant": "consultation_id to_name state",
    "division_code": "valid_from valid_to code",
    "event": "xact at noun row_id paths",
    "external_identity": "account_id valid_from valid_to",
    "grid": "parent_id level code name division_code households residents closed_on successor_id",
    "implementation_plan": "group_id title begins_on ends_on state",
    "leading_group": "name founded_on dissolved_on",
    "leading_group_member": "valid_from valid_to group_id",
    "log_in_failure": "failures since last_at",
    "measure": "plan_id title due_on state done_on",
    "network_delta": "noun kind open number households residents",
    "network_rollup": "noun kind open number households residents",
    "opening_time": "venue_id weekday opens closes",
    "person": "sealed_with",
    "personal_canary": "one sealed",
    "personal_key": "name sealed in_use since",
    "place": "level kind parent_id parent_level parent_path parent_station_id parent_county_id",
    "placement": "valid_from valid_to parent_id",
    "referral": "from_name to_name survey_id agency_id urgency state sent_at due_on accepted_at closed_at escalations"
    " escalated_to_id escalated_at",
    "refresh_token": "session_id",
    "resolution": "consultation_id from_name to_name due_on state done_on",
    "service_delta": "month field item_id records contacts beneficiaries",
    "service_item": "code name field withdrawn_on",
    "service_key": "account_id name prefix digest session_id valid_from valid_to last_used_at",
    "service_offer": "valid_from valid_to item_id",
    "service_record": "item_id field served_on contacts beneficiaries venue_id survey_id referral_id state corrects_id",
    "service_rollup": "month field item_id records contacts beneficiaries",
    "session": "of_key",
    "sharing": "noun referral_id consultation_id",
    "sign_up": "call_id",
    "skill": "code name",
    "station": "parent_id level code name division_code address opened_on closed_on successor_id",
    "survey": "kind surveyed_on urgency state closed_on",
    "target": "indicator begins_on ends_on amount withdrawn_on",
    "team_membership": "valid_from valid_to team_id",
    "training_event": "kind title held_on venue_id capacity state",
    "trusted_document": "digest text name added_at",
    "used_id_token": "expires_at",
    "venue": "code name kind address capacity purchased agency_id opened_on closed_on",
    "venue_need": "venue_id need",
    "volunteer_call": "title skill_id needed_on needed state",
    "volunteer_team": "code name",
}
"""The other columns of each table: of places, offices and machines, or counted."""


def rows() -> Iterator[str]:
    """The lines of the table in docs/personal-data.md."""
    yield "| where | what | whose | kept as | who reads it | how long | `eraseClient` |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for kept in PERSONAL:
        where = f"`{kept.table}`: {', '.join(f'`{name}`' for name in kept.columns)}"
        readers = f"`{kept.readers}`" if ":" in kept.readers else kept.readers
        yield f"| {where} | {kept.what} | {kept.whose} | {kept.form} | {readers} | {kept.until} | {kept.erasure} |"
