"""By what an account proves who it is: identities at an outside issuer, and the keys of service accounts."""

import hashlib
from typing import Any

from resolvers.service_key import FOREVER
from tests.nouns.base import Act, Case, Noun, Planting, Row, fresh, one

ISSUER = "https://sso.example.org"

NOUNS = [
    Noun(
        "ExternalIdentity",
        "external_identity",
        "EI",
        common=frozenset({"issuer"}),
        node=False,
        start=("viewer { account { identities {", "} } }"),
        history=False,
        frozen=0,
        explained=False,
    ),
    Noun(
        "ServiceKey",
        "service_key",
        "SK",
        node=False,
        start=("viewer { account { serviceKeys {", "} } }"),
        history=False,
        frozen=0,
        explained=False,
    ),
]
UNSCOPED = {"used_id_token"}
POLICIES = {
    *((policy, table) for policy in ("administered", "definer") for table in ("external_identity", "service_key")),
    ("administered_end", "external_identity"),
    ("administered_end", "service_key"),
    ("definer_update", "service_key"),
    ("administered_key", "session"),
}
DEFINERS = {"find_identity", "use_service_key", "open_key_session", "end_key_session", "end_service_key"}

# -- reading -------------------------------------------------------------------------------------------------------


def _to_come(view: Any, row: Row) -> bool:
    return row["valid_to"] is None or bool(row["valid_to"] > max(view.today.now, row["valid_from"]))


def _held(table: str) -> Any:
    def held(view: Any, account: Row, _: Any) -> list[Row]:
        rows = [row for row in view.find(table, "account_id", account["id"]) if _to_come(view, row)]
        return sorted(rows, key=lambda row: (row["valid_from"], row["id"]))

    return held


FIELDS = {
    ("Account", "identities"): _held("external_identity"),
    ("Account", "serviceKeys"): _held("service_key"),
    ("ExternalIdentity", "account"): one("account", "account_id"),
    ("ServiceKey", "account"): one("account", "account_id"),
    ("ServiceKey", "secret"): lambda *_: None,
}

RANKS = ("OBSERVER", "WORKER", "MANAGER", "ADMINISTRATOR")


def _unadministered(view: Any, account_id: int) -> str | None:
    """OWN or OUTRANKED, of an account that is in sight."""
    if account_id == view.account["id"]:
        return "OWN"
    held = [grant for grant in view.tables["account_grant"] if grant["account_id"] == account_id]
    above = [
        grant
        for grant in held
        if _to_come(view, grant)
        and (not view.covers(grant) or RANKS.index(grant["role"]) > RANKS.index(view.grant["role"]))
    ]
    return "OUTRANKED" if above else None


def _at_account(kind: str, *, disabled: bool = False) -> Any:
    def against(view: Any, account: Row) -> str | None:
        if reason := _unadministered(view, account["id"]):
            return reason
        if account["kind"] != kind:
            return "WRONG_KIND"
        return "DISABLED" if disabled and account["disabled_at"] is not None else None

    return against


def _at_row(view: Any, row: Row) -> str | None:
    return _unadministered(view, row["account_id"]) or (None if _to_come(view, row) else "ENDED")


ACTIONS = {
    "LINK_IDENTITY": Act("account", "account:write", _at_account("PERSON")),
    "UNLINK_IDENTITY": Act("external_identity", "account:write", _at_row),
    "CREATE_SERVICE_KEY": Act("account", "account:write", _at_account("SERVICE", disabled=True)),
    "REVOKE_SERVICE_KEY": Act("service_key", "account:write", _at_row),
}
CAN = {"ExternalIdentity": {"unlink": "UNLINK_IDENTITY"}, "ServiceKey": {"revoke": "REVOKE_SERVICE_KEY"}}

# -- writing -------------------------------------------------------------------------------------------------------

CASES = {
    "linkIdentity": Case(lambda z: {"accountId": z["U1"], "issuer": ISSUER, "subject": fresh("s")}),
    "unlinkIdentity": Case(lambda z: {"id": z["EI1"], "version": 1}),
    "createServiceKey": Case(lambda z: {"accountId": z["U3"], "name": "数据交换"}),
    "revokeServiceKey": Case(lambda z: {"id": z["SK1"], "version": 1}),
}
EXEMPT = {"logInWithIdToken": "names no row: tests/test_oidc.py"}
MAKE = {
    "linkIdentity": lambda m: {"accountId": m.id("U"), "issuer": ISSUER, "subject": m.code(), **m.keyed()},
    "unlinkIdentity": lambda m: m.row("EI"),
    "createServiceKey": lambda m: {"accountId": m.id("U"), "name": m.text(), **m.keyed()},
    "revokeServiceKey": lambda m: m.row("SK"),
}
WEIGHTS = {"unlinkIdentity": 1, "revokeServiceKey": 1}
SERVICE = "UPDATE account SET kind = 'SERVICE', password_hash = NULL WHERE id = {U1}"
STATES = [
    ("linkIdentity", SERVICE, "S", "WRONG_KIND", "INVALID"),
    ("resetPassword", SERVICE, "S", "WRONG_KIND", "INVALID"),
    ("createServiceKey", "UPDATE account SET kind = 'PERSON' WHERE id = {U3}", "S", "WRONG_KIND", "INVALID"),
    ("createServiceKey", "UPDATE account SET disabled_at = now() WHERE id = {U3}", "S", "DISABLED", "INVALID"),
    ("unlinkIdentity", "UPDATE external_identity SET valid_to = now() WHERE id = {EI1}", "S", "ENDED", "INVALID"),
    ("revokeServiceKey", "UPDATE service_key SET valid_to = now() WHERE id = {SK1}", "S", "ENDED", "INVALID"),
]
INVARIANTS = {
    "a subject of an issuer is one account's": """
        SELECT min(id) FROM external_identity WHERE valid_to IS NULL GROUP BY issuer, subject HAVING count(*) > 1""",
    "what an account proves itself by lies where the account does": """
        SELECT i.id FROM external_identity i JOIN account a ON a.id = i.account_id WHERE a.path <> i.path
        UNION ALL SELECT k.id FROM service_key k JOIN account a ON a.id = k.account_id WHERE a.path <> k.path""",
    "keys are service accounts', and passwords are not": """
        SELECT k.id FROM service_key k JOIN account a ON a.id = k.account_id WHERE a.kind <> 'SERVICE'
        UNION ALL SELECT id FROM account WHERE kind = 'SERVICE' AND password_hash IS NOT NULL""",
    "a key holds for as long as its session": """
        SELECT k.id FROM service_key k LEFT JOIN session s ON s.id = k.session_id
         WHERE (k.valid_to IS NULL OR k.valid_to > now()) AND (s.id IS NULL OR s.ended_at IS NOT NULL OR NOT s.of_key
            OR s.expires_at < COALESCE(k.valid_to, '9999-01-01'))""",
}
BREAKS = {
    "a subject of an issuer is one account's": """
        DROP INDEX external_identity_subject_key;
        INSERT INTO external_identity (place_id, path, station_id, county_id, account_id, issuer, subject)
        SELECT place_id, path, station_id, county_id, account_id, issuer, subject FROM external_identity
         WHERE id = {EI1}""",
    "what an account proves itself by lies where the account does": (
        "UPDATE service_key SET path = '9.' WHERE id = {SK1}"
    ),
    "keys are service accounts', and passwords are not": "UPDATE account SET kind = 'PERSON' WHERE id = {U3}",
    "a key holds for as long as its session": """
        ALTER TABLE session DISABLE TRIGGER key_ended;
        UPDATE session SET ended_at = now() WHERE id = (SELECT session_id FROM service_key WHERE id = {SK1})""",
}


async def plant(p: Planting) -> None:
    """A subject that signs in as U1; a service account U3 with a key."""
    await p.add("EI1", "external_identity", "C1", account_id=p.key("U1"), issuer=ISSUER, subject=fresh("s"))
    account = await p.add("U3", "account", "C1", username=fresh("m"), kind="SERVICE")
    session = await p.add("", "session", None, account_id=account, of_key=True, expires_at=FOREVER)
    digest = hashlib.sha256(fresh().encode()).digest()
    kept = {"account_id": account, "session_id": session, "digest": digest}
    await p.add("SK1", "service_key", "C1", **kept, name="数据交换", prefix="zw_scene0")
