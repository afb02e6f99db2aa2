"""Who may ask: accounts for all regions, hubs and townships and some communities, observers for the first two."""

from server.demo.accounts import CREATED_AT
from server.demo.scale.steps import BASIC, CITY, COMMUNITY, GRID, HUB, LOCATION, PROVINCE, REGION, Step, chance

ONE_COMMUNITY_OF = 20
"""Of so many communities one has an account, and so has its first grid."""
NAMES = {REGION: "nation", PROVINCE: "province", CITY: "city", HUB: "hub", COMMUNITY: "community", GRID: "grid"}


def steps(password_hash: str) -> list[Step]:
    """Accounts with one grant each, given by the first one's, and an open session.

    password_hash: of all of them.
    """
    words = " ".join(f"WHEN {tier} THEN '{name}'" for tier, name in NAMES.items())
    created = f"'{CREATED_AT.isoformat()}'::timestamptz"
    # Regions without the zeros at the end: `province-35`.
    digits = f"CASE n.tier WHEN {PROVINCE} THEN left(n.code, 2) WHEN {CITY} THEN left(n.code, 4) ELSE n.code END"
    named = f"CASE n.tier {words} ELSE 'township' END || CASE WHEN n.tier > {REGION} THEN '-' || {digits} ELSE '' END"
    return [
        Step(
            "accounts",
            f"""WITH kept AS (SELECT n.id, n.tier, {named} AS username FROM node n
                LEFT JOIN node o ON o.id = n.parent_id
                WHERE n.tier <= {BASIC} OR n.tier = {COMMUNITY} AND {chance("n.id", ONE_COMMUNITY_OF)} = 0
                  OR n.tier = {GRID} AND n.name = '1' AND {chance("o.id", ONE_COMMUNITY_OF)} = 0)
              INSERT INTO account ({LOCATION}, username, password_hash, created_at)
              SELECT p.id, p.path, p.station_id, p.county_id, a.username || suffix, '{password_hash}', {created}
              FROM kept a JOIN place p ON p.id = a.id JOIN (VALUES (''), ('-observer')) AS s (suffix)
                ON suffix = '' OR a.tier <= {HUB} ORDER BY p.id, suffix""",
        ),
        Step(
            "grants",
            f"""INSERT INTO account_grant ({LOCATION}, account_id, role, valid_from)
              SELECT a.place_id, a.path, a.station_id, a.county_id, a.id,
                CASE WHEN a.username LIKE '%-observer' THEN 'OBSERVER' WHEN p.level IN ('REGION', 'HUB')
                  THEN 'ADMINISTRATOR' WHEN p.kind = 'STATION' THEN 'MANAGER' ELSE 'WORKER' END, {created}
              FROM account a JOIN place p ON p.id = a.place_id ORDER BY a.id;
              UPDATE account_grant SET given_by = first.id FROM (SELECT min(id) AS id FROM account_grant) AS first
               WHERE account_grant.id <> first.id""",
        ),
        Step(
            "sessions",
            """INSERT INTO session (account_id, created_at, expires_at)
               SELECT id, created_at, '2100-01-01' FROM account ORDER BY id""",
        ),
    ]
