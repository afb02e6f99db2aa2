"""Statistics: their groups have no ids, and are of places and of whatever else rows are grouped by."""

PLACES = ("Station", "Community", "Grid")
MADE_OF = {
    "PersonnelGroup": PLACES,
    "GridGroup": PLACES,
    "ServiceGroup": (*PLACES, "ServiceItem", "Person"),
    "ReferralGroup": PLACES,
    "VolunteerGroup": (*PLACES, "Skill"),
    "AwardGroup": PLACES,
}
STATISTICS = set(MADE_OF)


def _entries() -> dict[str, tuple[str, str]]:
    """How groups, their keys and figures are found."""
    found = {}
    for name in STATISTICS:
        noun = name.removesuffix("Group")
        before, after = f"{noun[:1].lower()}{noun[1:]}Statistics(groupBy: [COMMUNITY], first: 3) {{", "}"
        found[name] = (f"{before} nodes {{", f"}} {after}")
        found[f"{name}Key"] = (f"{before} nodes {{ key {{", f"}} }} {after}")
        found[f"{noun}Figures"] = (f"{before} total {{", f"}} {after}")
    return found


ENTRIES = _entries()
