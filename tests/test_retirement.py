"""People retire, and what they do in scope ends with it; they may return."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.payloads import refusal
from tests.writing import Places, Writing

PERSON = "person { id version retiredOn }"
TODAY = "SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date"
TOMORROW = (datetime.now(ZoneInfo("Asia/Shanghai")).date() + timedelta(days=1)).isoformat()


def test_a_retirement_ends_what_the_person_does_in_scope(writing: Writing, places: Places) -> None:
    made = writing.hire("leifeng", places.village, "SOCIAL_WORKER")
    today: date = writing.value(TODAY)
    later = (today + timedelta(days=400)).isoformat()

    def assign(username: str, place: str, duty: str, since: str, until: str | None = None) -> None:
        given = {"personId": made["id"], "placeId": place, "duty": duty, "validFrom": since, "validTo": until}
        assert writing.write(username, "assignPerson", "assignment { id }", **given)["errors"] == []

    assign("leifeng", places.station, "STATION_SOCIAL_WORKER", "2020-01-01")
    assign("leifeng", places.village, "LINKED_SOCIAL_WORKER", "2020-01-01", "2021-01-01")
    assign("leifeng", places.other, "LINKED_SOCIAL_WORKER", later)
    assign("hub", places.elsewhere, "LINKED_SOCIAL_WORKER", "2020-02-02")
    team = writing.ask("leifeng", "{ volunteerTeams(first: 1) { nodes { id } } }")["volunteerTeams"]["nodes"][0]["id"]
    joined = {"teamId": team, "personId": made["id"], "validFrom": "2022-01-01"}
    membership = writing.write("leifeng", "addTeamMember", "teamMembership { id }", **joined)["teamMembership"]["id"]

    retired = writing.write("leifeng", "retirePerson", PERSON, id=made["id"], version=1, on="2024-05-01")["person"]
    assert (retired["retiredOn"], retired["version"]) == ("2024-05-01", 2)
    rows = writing.sql(
        "SELECT place_id, valid_to FROM assignment WHERE person_id = $1 ORDER BY id", int(made["id"][1:])
    )
    assert {f"{place}": to and to.isoformat() for place, to in rows} == {
        places.station[1:]: "2024-05-01",
        places.village[1:]: "2021-01-01",
        places.other[1:]: later,
        places.elsewhere[1:]: None,
    }
    left = writing.value("SELECT valid_to FROM team_membership WHERE id = $1", int(membership[1:]))
    assert left == date(2024, 5, 1)
    told = (
        "SELECT noun FROM audit_entry WHERE action = 'retirePerson' AND (row_id = $1 OR noun <> 'person') ORDER BY id"
    )
    nouns = [row["noun"] for row in writing.sql(told, int(made["id"][1:]))]
    assert nouns == ["assignment", "assignment", "team_membership", "person"]


def test_who_is_retired_does_not_retire_again_and_who_is_not_does_not_return(writing: Writing, places: Places) -> None:
    made = writing.hire("leifeng", places.village)
    assert refusal(writing.write("leifeng", "reinstatePerson", PERSON, id=made["id"], version=1)) == ("INVALID", "id")
    retired = writing.write("leifeng", "retirePerson", PERSON, id=made["id"], version=1)["person"]
    assert retired["retiredOn"] == writing.value(TODAY).isoformat()
    assert refusal(writing.write("leifeng", "retirePerson", PERSON, id=made["id"], version=2)) == ("INVALID", "id")
    back = writing.write("leifeng", "reinstatePerson", PERSON, id=made["id"], version=2)["person"]
    assert (back["retiredOn"], back["version"]) == (None, 3)


def test_nobody_retires_tomorrow(writing: Writing, places: Places) -> None:
    made = writing.hire("leifeng", places.village)
    payload = writing.write("leifeng", "retirePerson", PERSON, id=made["id"], version=1, on=TOMORROW)
    assert refusal(payload) == ("INVALID", "on")


def test_the_retired_get_no_duty_and_join_no_team_until_they_return(writing: Writing, places: Places) -> None:
    made = writing.hire("leifeng", places.village)
    writing.write("leifeng", "retirePerson", PERSON, id=made["id"], version=1)
    team = writing.ask("leifeng", "{ volunteerTeams(first: 1) { nodes { id } } }")["volunteerTeams"]["nodes"][0]["id"]
    duty = {"personId": made["id"], "placeId": places.grid, "duty": "GRID_WORKER", "validFrom": "2024-01-01"}
    joining = {"personId": made["id"], "teamId": team, "validFrom": "2024-01-01"}
    for mutation, selection, given in (
        ("assignPerson", "assignment { id }", duty),
        ("addTeamMember", "teamMembership { id }", joining),
    ):
        (error,) = writing.write("leifeng", mutation, selection, **given)["errors"]
        assert (error["code"], error["path"]) == ("INVALID", ["input", "personId"])
    writing.write("leifeng", "reinstatePerson", PERSON, id=made["id"], version=2)
    assert writing.write("leifeng", "assignPerson", "assignment { id }", **duty)["errors"] == []
