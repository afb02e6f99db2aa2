"""What the tests of training, exams and awards have in common: a county of their own, and who writes in it."""

import asyncio
import threading
from typing import Any

import asyncpg

from models import Role
from tests.payloads import mutating
from tests.scene import Scene, World, Writing

SHOWN = {
    "trainingEvent": """trainingEvent { id version kind title heldOn speaker capacity state nextStates attended
      venue { id } place { id } attendances { totalCount } can { update advance register } }""",
    "attendance": "attendance { id version state nextStates event { id } person { id } place { id } can { settle } }",
    "examResult": "examResult { id version level year passed person { id } place { id } }",
    "awardBudget": "awardBudget { id version year amount spent left place { id } }",
    "award": """award { id version level year amount state nextStates grantedOn person { id } place { id }
      budget { id spent left } can { settle } }""",
}
NOUNS = {
    "createTrainingEvent": "trainingEvent",
    "updateTrainingEvent": "trainingEvent",
    "advanceTrainingEvent": "trainingEvent",
    "registerAttendance": "attendance",
    "settleAttendance": "attendance",
    "recordExamResult": "examResult",
    "updateExamResult": "examResult",
    "createAwardBudget": "awardBudget",
    "updateAwardBudget": "awardBudget",
    "grantAward": "award",
    "settleAward": "award",
}

# Not from pg_stat_activity, which a transaction sees as it was the first time.
WAITING = "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"


class County:
    """A fresh county; the administrator and the manager of a zone, and its rows by name."""

    def __init__(self, world: World) -> None:
        self.world, self.scene = world, Scene(world)
        self.here, self.there = self.scene.zones
        self.administrator = self.scene.writer(Role.ADMINISTRATOR, self.here["S"])
        self.manager = self.scene.writer(Role.MANAGER, self.here["S"])

    def write(self, mutation: str, by: Writing | None = None, /, **given: Any) -> Any:
        """The payload of a mutation, its row under `row`; the administrator's, if nobody else's."""
        noun = NOUNS[mutation]
        query = mutating(mutation, f"{SHOWN[noun]} errors {{ code path message }}")
        payload = (by or self.administrator).ask(query, {"input": given})[mutation]
        return {"row": payload[noun], "errors": payload["errors"]}

    def done(self, mutation: str, by: Writing | None = None, /, **given: Any) -> Any:
        """The row that a mutation has written; any refusal fails the test."""
        payload = self.write(mutation, by, **given)
        assert payload["errors"] == []
        return payload["row"]

    def refused(self, mutation: str, by: Writing | None = None, /, **given: Any) -> tuple[str, str]:
        """The code of a mutation's one refusal, and the field that it is about; nothing was written."""
        before = self.world.digest()
        (error,) = self.write(mutation, by, **given)["errors"]
        assert self.world.changed(before) in ([], ["idempotency_key"])
        return error["code"], ".".join(error["path"][1:])

    def at_once(self, locked: str, mutation: str, *inputs: dict[str, Any]) -> list[list[str]]:
        """The codes that several writes of different accounts are answered with, in order of the codes.

        locked: a statement whose row locks all of them wait for, so that they go on in the same moment.
        """
        answers: list[list[str]] = []
        writers = [self.scene.writer(Role.ADMINISTRATOR, self.here["S"]) for _ in inputs]

        def send(writer: Writing, given: dict[str, Any]) -> None:
            answers.append([error["code"] for error in self.write(mutation, writer, **given)["errors"]])

        threads = [threading.Thread(target=send, args=pair) for pair in zip(writers, inputs, strict=True)]

        async def release() -> None:
            connection = await asyncpg.connect(self.world.url)
            async with connection.transaction():
                await connection.execute(locked)
                for thread in threads:
                    thread.start()
                while await connection.fetchval(WAITING) < len(threads):
                    assert all(thread.is_alive() for thread in threads), answers
                    await asyncio.sleep(0.01)
            await connection.close()

        self.world.run(release())
        for thread in threads:
            thread.join()
        return sorted(answers)
