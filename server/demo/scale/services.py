"""What they do: the catalogue, clients with surveys and referrals, the service records of the last two years."""

from server.demo.names import GIVEN, SURNAMES
from server.demo.scale.sizes import Sizes
from server.demo.scale.steps import COMMUNITY, HERE, LOCATION, PIECE, Step, any_of, chance, one_of
from server.demo.venues import ITEMS

MONTHS = 24
"""Up to the month in which the network is made."""
ONE_CLIENT_OF = 6
"""Of so many communities one has a client."""
ONE_AT_GRID_OF = 6
WITH_CLIENT = 30
"""Per cent of the records where there is one."""
ONE_CANCELLED_OF, ONE_CORRECTED_OF = 100, 100
MOST_CONTACTS = 40
DUE_DAYS = 90
"""Far off: what is overdue would go up a level as soon as a server starts."""

CATEGORIES = (
    "DIBAO_HOUSEHOLD", "EXTREME_POVERTY", "LEFT_BEHIND_ELDERLY", "ELDERLY_LIVING_ALONE", "CHILD_IN_DIFFICULTY",
    "LEFT_BEHIND_CHILD", "DISABLED", "OTHER",
)  # fmt: skip
URGENCIES = ("LOW", "NORMAL", "HIGH", "URGENT")
STATES = ("SENT", "ACCEPTED", "IN_PROGRESS", "DONE", "DONE", "DONE", "REJECTED")
SHOWING = "('ACCEPTED', 'IN_PROGRESS', 'DONE')"

TABLES = """
CREATE TEMPORARY TABLE catalogue (county_id bigint PRIMARY KEY, items bigint[], fields text[]) ON COMMIT DROP;
CREATE TEMPORARY TABLE staff (community_id bigint PRIMARY KEY, grids bigint[], workers bigint[]) ON COMMIT DROP;
"""


def steps(sizes: Sizes) -> list[Step]:
    """The catalogue first, the records last."""
    return [*_catalogue(), *_clients(), *_records(sizes)]


def _catalogue() -> list[Step]:
    items = ", ".join(f"('{code}', '{name}', '{field}')" for code, name, field in ITEMS)
    return [
        Step(
            "service items",
            f"""INSERT INTO service_item ({LOCATION}, code, name, field)
              SELECT {HERE}, i.code, i.name, i.field FROM place p CROSS JOIN (VALUES {items}) AS i (code, name, field)
              WHERE p.level = 'HUB' ORDER BY p.id, i.code""",
        ),
        Step(
            "who serves where",
            """INSERT INTO catalogue SELECT county_id, array_agg(id ORDER BY id), array_agg(field ORDER BY id)
                 FROM service_item GROUP BY county_id;
               INSERT INTO staff
               SELECT p.parent_id, array_agg(DISTINCT p.id), array_agg(w.id ORDER BY w.id)
                 FROM place p JOIN person w ON w.place_id = p.id AND w.kind = 'GRID_WORKER' GROUP BY p.parent_id;
               ANALYZE catalogue, staff""",
        ),
    ]


def _clients() -> list[Step]:
    given = "".join(GIVEN.values())
    name = f"{any_of(SURNAMES, 'p.id + 23')} || {any_of(given, 'p.id + 29')} || {any_of(given, 'p.id + 31')}"
    registered = f"'2023-01-01'::date + {chance('p.id + 37', 540)}"
    of_client = "c.place_id, c.path, c.station_id, c.county_id"
    return [
        Step(
            "clients",
            f"""INSERT INTO client ({LOCATION}, kind, name, household_size, consent_on, registered_on)
              SELECT {HERE}, 'PERSON', {name}, 1 + p.id % 4, {registered}, {registered}
              FROM place p WHERE p.level = 'COMMUNITY' AND {chance("p.id", ONE_CLIENT_OF)} = 0 ORDER BY p.id""",
        ),
        Step(
            "clients' categories",
            f"""INSERT INTO client_category ({LOCATION}, client_id, category)
              SELECT {of_client}, c.id, {one_of(CATEGORIES, "c.id")} FROM client c ORDER BY c.id""",
        ),
        Step(
            "surveys",
            f"""INSERT INTO survey ({LOCATION}, kind, client_id, surveyor_id, surveyed_on, findings, urgency, state,
                closed_on, closing_reason)
              SELECT {of_client}, {one_of(("SURVEY", "ASSESSMENT"), "c.id + 3")}, c.id, s.workers[1],
                c.registered_on + 5, '独居，行动不便，需上门探访。', {one_of(URGENCIES, "c.id")},
                CASE WHEN closed THEN 'CLOSED' ELSE 'OPEN' END, CASE WHEN closed THEN c.registered_on + 20 END,
                CASE WHEN closed THEN '已由村里解决。' END
              FROM client c JOIN staff s ON s.community_id = c.place_id
              CROSS JOIN LATERAL (SELECT c.id % 2 = 0 AS closed) AS outcome ORDER BY c.id""",
        ),
        Step(
            "referrals",
            f"""INSERT INTO referral ({LOCATION}, to_place_id, to_path, to_station_id, to_county_id, from_name, to_name,
                client_id, reason, urgency, state, sent_at, due_on, accepted_at, closed_at, outcome)
              SELECT {of_client}, o.id, o.path, o.station_id, o.county_id, f.name, t.name, c.id, '需要专业社工介入。',
                {one_of(URGENCIES, "c.id + 5")}, state, sent, CASE WHEN over THEN sent::date + 10
                  ELSE current_date + {DUE_DAYS} END,
                CASE WHEN state IN {SHOWING} THEN sent + interval '1 day' END,
                CASE WHEN over THEN sent + interval '8 days' END,
                CASE state WHEN 'DONE' THEN '已上门服务。' WHEN 'REJECTED' THEN '不属于本站服务范围。' END
              FROM client c JOIN community f ON f.id = c.place_id JOIN place o ON o.id = f.parent_id
              JOIN station t ON t.id = o.id
              CROSS JOIN LATERAL (SELECT {one_of(STATES, "c.id + 7")} AS state, c.registered_on + interval '30 days 9 h'
                AS sent) AS way
              CROSS JOIN LATERAL (SELECT state IN ('DONE', 'REJECTED') AS over) AS outcome
              WHERE c.id % 2 = 1 ORDER BY c.id""",
        ),
        Step(
            "what referrals share",
            f"""INSERT INTO sharing ({LOCATION}, noun, row_id, referral_id)
              SELECT to_place_id, to_path, to_station_id, to_county_id, 'client', client_id, id
              FROM referral WHERE state IN {SHOWING} ORDER BY id""",
        ),
    ]


def _records(sizes: Sizes) -> list[Step]:
    columns = "item_id, field, worker_id, served_on, contacts, beneficiaries, client_id"
    number = f"{sizes.records // 2} + {chance('p.id + 41', sizes.records + 1)}"
    # Digits of one hash after the other: one call gives a row all that it needs but its worker.
    month, day, item = f"h % {MONTHS}", f"h / {MONTHS} % 28", f"1 + h / {MONTHS * 28} % {len(ITEMS)}"
    began = f"date_trunc('month', current_date)::date - make_interval(months => ({month})::integer)"
    until = f"CASE WHEN {month} = 0 THEN extract(day FROM current_date)::integer ELSE 28 END"
    return [
        Step(
            "service records",
            f"""INSERT INTO service_record ({LOCATION}, {columns}, state, reason)
              SELECT CASE WHEN at_grid THEN grid_id ELSE p.id END,
                CASE WHEN at_grid THEN p.path || grid_id || '.' ELSE p.path END, p.station_id, p.county_id,
                c.items[{item}], c.fields[{item}], s.workers[1 + h % cardinality(s.workers)],
                ({began})::date + ({day} % {until})::integer, contacts, 1 + h2 / 4000 % contacts,
                CASE WHEN h2 / 20 % 100 < {WITH_CLIENT} THEN k.id END, state,
                CASE state WHEN 'CANCELLED' THEN '重复登记。' END
              FROM place p JOIN staff s ON s.community_id = p.id JOIN catalogue c ON c.county_id = p.county_id
              LEFT JOIN client k ON k.place_id = p.id
              CROSS JOIN LATERAL generate_series(1, {number}) AS n
              CROSS JOIN LATERAL (SELECT hashint8(p.id * 1024 + n) & 2147483647 AS h,
                hashint8(p.id * 1024 + n + 512) & 2147483647 AS h2) AS hashes
              CROSS JOIN LATERAL (SELECT h2 % {ONE_AT_GRID_OF} = 0 AS at_grid,
                s.grids[1 + h2 / 7 % cardinality(s.grids)] AS grid_id, 1 + h2 / 100 % {MOST_CONTACTS} AS contacts,
                CASE h2 / 1000 % {ONE_CANCELLED_OF} WHEN 0 THEN 'CANCELLED' WHEN 1 THEN 'CORRECTED' ELSE 'VALID' END
                AS state) AS drawn
              WHERE p.level = 'COMMUNITY' AND {PIECE} ORDER BY p.id, n""",
            (COMMUNITY, COMMUNITY),
        ),
        Step(
            "corrected service records",
            f"""INSERT INTO service_record ({LOCATION}, {columns}, corrects_id, reason)
              SELECT {LOCATION}, {columns.replace("contacts", "contacts + 3")}, id, '漏记参加人次。'
              FROM service_record WHERE state = 'CORRECTED' ORDER BY id""",
        ),
    ]
