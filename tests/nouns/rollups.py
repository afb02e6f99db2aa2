"""The sums that are kept per place and month: no type of their own, and nobody writes them but the database."""

PAIRS = ("service", "network")
KEPT = tuple(f"{pair}_{form}" for pair in PAIRS for form in ("rollup", "delta"))
POLICIES = {("definer", table) for table in (*KEPT, "person", "service_record", "service_item")}
DEFINERS = {
    "guests_of",
    "name_service_field", "note_service_record", "note_station", "note_community", "note_grid", "note_person",
    "fold_rollups", "move_rollups",
}  # fmt: skip
EMPTY = set(KEPT)


def _wrong(pair: str, keys: str, sums: str) -> str:
    """Places whose sums are not what counting gives."""
    columns = f"place_id, {keys}, {sums}"
    negative = ", ".join(f"-{name}" for name in sums.split(", "))
    total = ", ".join(f"sum({name})" for name in sums.split(", "))
    return f"""
        SELECT place_id, {keys}, {total}
          FROM (SELECT {columns} FROM {pair}_rollup_expected
                UNION ALL SELECT place_id, {keys}, {negative} FROM {pair}_rollup_kept) AS sums
         GROUP BY place_id, {keys} HAVING ({total}) <> (0, 0, 0)"""


INVARIANTS = {
    "sums of service records are what counting gives": _wrong(
        "service", "month, field, item_id", "records, contacts, beneficiaries"
    ),
    "sums of the network are what counting gives": _wrong(
        "network", "noun, kind, open", "number, households, residents"
    ),
}
BREAKS = {
    "sums of service records are what counting gives": (
        "UPDATE service_record SET contacts = contacts + 1 WHERE id = {SR1}"
    ),
    "sums of the network are what counting gives": "UPDATE grid SET residents = residents + 1 WHERE id = {G1}",
}
