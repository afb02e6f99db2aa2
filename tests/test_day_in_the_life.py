"""A day in the life: a household of 南埕村, from what a grid worker finds to what the county's figures say."""

import asyncio
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from typing import Any

import httpx
import pytest

from server.demo import PASSWORD, load
from server.embedded import Embedded
from tests.conftest import LOG_IN, Server
from tests.payloads import mutating
from tests.scene import create

GUEST = "350526101"
CHINA = timezone(timedelta(hours=8))
SEEN = ("hub", "hub-observer", "nancheng", "nanchengcun", "gridworker", "longxun", "leifeng")
TOTALS = "{ serviceTotals { records contacts beneficiaries clients } }"


class Day:
    """The demo's accounts at work, over HTTP."""

    def __init__(self, client: httpx.Client) -> None:
        self._client, self._tokens = client, dict[str, str]()

    def ask(self, username: str, query: str, **variables: Any) -> Any:
        """The data of an answer; any error fails the test."""
        if username not in self._tokens:
            told = {"username": username, "password": PASSWORD}
            answer = self._client.post("/graphql", json={"query": LOG_IN, "variables": told}).json()
            self._tokens[username] = answer["data"]["logIn"]["accessToken"]
        headers = {"Authorization": f"Bearer {self._tokens[username]}"}
        answer = self._client.post("/graphql", json={"query": query, "variables": variables}, headers=headers).json()
        assert "errors" not in answer, answer
        return answer["data"]

    def do(self, username: str, mutation: str, noun: str, shown: str = "", **given: Any) -> Any:
        """The row that a mutation has written, with its version and what else is to be shown of it."""
        query = mutating(mutation, f"{noun} {{ id version {shown} }} errors {{ code message path }}")
        payload = self.ask(username, query, input=given)[mutation]
        assert payload["errors"] == [], payload
        return payload[noun]

    def refusal(self, username: str, mutation: str, **given: Any) -> str:
        """The code with which a mutation is refused."""
        query = mutating(mutation, "errors { code }")
        (error,) = self.ask(username, query, input=given)[mutation]["errors"]
        return str(error["code"])

    def seeing(self, row: dict[str, Any]) -> set[str]:
        """The accounts that see a row."""
        query = "query ($id: ID!) { node(id: $id) { id } }"
        return {username for username in SEEN if self.ask(username, query, id=row["id"])["node"]}


@pytest.fixture(scope="module")
def day(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """The demo in a database of this module's own."""
    url, settings = create(embedded, tmp_path_factory.mktemp("day"))
    assert settings.personal_keys
    asyncio.run(load(url, settings.personal_keys.get_secret_value(), None))
    with Server(settings) as server, httpx.Client(base_url=server.url, timeout=30) as client:
        yield Day(client)


def test_a_household_is_found_referred_consulted_about_and_served(day: Day) -> None:
    today = datetime.now(CHINA).date()
    before = day.ask("hub", TOTALS)["serviceTotals"]
    above = {"hub", "hub-observer", "nancheng", "nanchengcun"}
    in_grid = above | {"gridworker"}

    # In the morning the grid worker registers a household, with its consent, and writes down what is the matter.
    grid = day.ask(
        "gridworker", "{ viewer { scope { id } } personnel(where: { kind: { eq: GRID_WORKER } }) { nodes { id } } }"
    )
    place, worker = grid["viewer"]["scope"]["id"], grid["personnel"]["nodes"][0]["id"]
    household = day.do(
        "gridworker",
        "createClient",
        "client",
        "phone",
        placeId=place,
        kind="HOUSEHOLD",
        name="陈示例",
        householdSize=2,
        categories=["LEFT_BEHIND_ELDERLY", "DIBAO_HOUSEHOLD"],
        phone="19900009999",
        consentOn=str(today),
    )
    assert household["phone"] == "199****9999"
    survey = day.do(
        "gridworker",
        "recordSurvey",
        "survey",
        "state",
        placeId=place,
        clientId=household["id"],
        surveyorId=worker,
        kind="SURVEY",
        surveyedOn=str(today),
        findings="两位老人独居，做饭不便。",
        urgency="HIGH",
    )
    assert day.seeing(household) == day.seeing(survey) == in_grid
    hidden = day.ask("hub-observer", "query ($id: ID!) { client(id: $id) { kind categories } }", id=household["id"])
    assert hidden["client"]["kind"] == "HOUSEHOLD"

    # They refer it; nobody is named, so it goes to the social worker who is linked to the village.
    referral = day.do(
        "gridworker",
        "sendReferral",
        "referral",
        "state toName dueOn nextStates to { id }",
        clientId=household["id"],
        surveyId=survey["id"],
        reason="需要助餐",
        urgency="HIGH",
    )
    assert (referral["state"], referral["toName"], referral["to"]) == ("SENT", "南埕村", None)
    assert date.fromisoformat(referral["dueOn"]) > today
    assert day.seeing(referral) == in_grid
    followed = day.ask("gridworker", "query ($id: ID!) { survey(id: $id) { state referrals { id } } }", id=survey["id"])
    assert followed["survey"] == {"state": "FOLLOWED_UP", "referrals": [{"id": referral["id"]}]}
    waiting = "{ viewer { agenda { unacceptedReferrals(first: 100) { nodes { id } } } } }"
    for username, expected in (("nanchengcun", True), ("gridworker", False), ("longxun", False)):
        nodes = day.ask(username, waiting)["viewer"]["agenda"]["unacceptedReferrals"]["nodes"]
        assert ({"id": referral["id"]} in nodes) == expected, username
    # The sender cannot accept for the receiver, nor a station that has nothing to do with it.
    for username in ("gridworker", "longxun"):
        given = {"id": referral["id"], "version": referral["version"]}
        assert day.refusal(username, "acceptReferral", **given) == "NOT_FOUND"
    referral = day.do("nanchengcun", "acceptReferral", "referral", id=referral["id"], version=referral["version"])

    # It takes more than the village has: it consults with the hub, and a station that knows about meals.
    village = day.ask("nanchengcun", "{ viewer { scope { id } } }")["viewer"]["scope"]["id"]
    consultation = day.do(
        "nanchengcun", "callConsultation", "consultation", placeId=village, issue="独居老人助餐", meetsOn=str(today)
    )
    assert day.seeing(consultation) == above
    for code in ("350526", GUEST):
        guest = day.do(
            "nanchengcun",
            "inviteParticipant",
            "consultationParticipant",
            consultationId=consultation["id"],
            toCode=code,
        )
    day.do(
        "nanchengcun",
        "attachToConsultation",
        "consultationAttachment",
        consultationId=consultation["id"],
        clientId=household["id"],
    )
    assert day.seeing(consultation) == above | {"longxun"}
    assert day.seeing(household) == in_grid | {"longxun"}
    # The guest sees that household, masked, and nothing else of the village.
    told = day.ask(
        "longxun",
        """query ($client: ID!, $village: ID!) { client(id: $client) { name phone place { id } surveys { totalCount } }
           community(id: $village) { id } clients(where: { within: $village }) { totalCount } }""",
        client=household["id"],
        village=village,
    )
    assert told["client"] == {"name": "陈示例", "phone": "199****9999", "place": None, "surveys": {"totalCount": 0}}
    assert (told["community"], told["clients"]["totalCount"]) == (None, 0)
    assert day.seeing(survey) == in_grid
    change = {"id": household["id"], "version": household["version"], "name": "改"}
    assert day.refusal("longxun", "updateClient", **change) == "NOT_FOUND"
    day.do(
        "longxun",
        "answerInvitation",
        "consultationParticipant",
        id=guest["id"],
        version=guest["version"],
        state="ACCEPTED",
        representative="龙浔社工",
    )
    task = day.do(
        "nanchengcun",
        "addResolution",
        "resolution",
        consultationId=consultation["id"],
        title="每日送餐",
        toCode=GUEST,
        dueOn=str(today + timedelta(days=7)),
    )
    held = day.do(
        "nanchengcun",
        "advanceConsultation",
        "consultation",
        id=consultation["id"],
        version=consultation["version"],
        state="HELD",
        minutes="由龙浔镇社工站协助送餐。",
    )
    due = "{ viewer { agenda { tasksDue(first: 100) { nodes { id fromName } } } } }"
    assert {"id": task["id"], "fromName": "南埕村"} in day.ask("longxun", due)["viewer"]["agenda"]["tasksDue"]["nodes"]
    day.do("nanchengcun", "advanceConsultation", "consultation", id=held["id"], version=held["version"], state="CLOSED")
    # It is over: the guest keeps its task, and sees nothing else any more.
    assert day.seeing(consultation) == above
    assert day.seeing(household) == in_grid
    assert day.seeing(task) == above | {"longxun"}
    day.do(
        "longxun",
        "advanceResolution",
        "resolution",
        id=task["id"],
        version=task["version"],
        state="DONE",
        outcome="已安排",
    )

    # Services are given, and recorded; one was counted wrongly, and is corrected.
    items = day.ask(
        "nanchengcun",
        "{ serviceItems { nodes { id } } personnel(where: { duty: { eq: LINKED_SOCIAL_WORKER } }) { nodes { id } } }",
    )
    served = {
        "placeId": village,
        "itemId": items["serviceItems"]["nodes"][0]["id"],
        "servedOn": str(today),
        "workerId": items["personnel"]["nodes"][0]["id"],
        "clientId": household["id"],
        "referralId": referral["id"],
    }
    day.do("nanchengcun", "recordService", "serviceRecord", contacts=2, beneficiaries=2, **served)
    wrong = day.do("nanchengcun", "recordService", "serviceRecord", contacts=30, beneficiaries=2, **served)
    right = day.do(
        "nanchengcun",
        "correctServiceRecord",
        "serviceRecord",
        "corrects { id state contacts }",
        id=wrong["id"],
        version=wrong["version"],
        reason="多写了一个零",
        contacts=3,
    )
    assert right["corrects"] == {"id": wrong["id"], "state": "CORRECTED", "contacts": 30}
    done = day.do(
        "nanchengcun",
        "completeReferral",
        "referral",
        "state nextStates",
        id=referral["id"],
        version=referral["version"],
        outcome="已落实",
    )
    assert (done["state"], done["nextStates"]) == ("DONE", [])

    # In the evening the county's figures have risen by exactly that, for whoever counts them; others' have not.
    risen = {"records": 2, "contacts": 5, "beneficiaries": 4, "clients": 1}
    for username in ("hub", "hub-observer"):
        after = day.ask(username, TOTALS)["serviceTotals"]
        assert {name: after[name] - before[name] for name in risen} == risen
    assert (
        day.ask(
            "nanchengcun", "query ($id: ID!) { client(id: $id) { serviceRecords { totalCount } } }", id=household["id"]
        )["client"]["serviceRecords"]["totalCount"]
        == 2
    )
    assert day.seeing(right) == above
    history = "query ($id: ID!) { referral(id: $id) { history { nodes { action account { username } } } } }"
    entries = day.ask("nancheng", history, id=referral["id"])["referral"]["history"]["nodes"]
    assert [(entry["action"], entry["account"]["username"]) for entry in reversed(entries)] == [
        ("sendReferral", "gridworker"),
        ("acceptReferral", "nanchengcun"),
        ("completeReferral", "nanchengcun"),
    ]
