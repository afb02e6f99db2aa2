"""A load of writes and reads on a server, which knows what it was told and what it may be answered."""

import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import cycle
from typing import Any

import httpx

from tests.matrix import COUNTED, document
from tests.scene import World, Writing, fresh

AWAY = {"UNAVAILABLE"}
"""What may be answered instead of what was asked for."""
PAGE, SOME_GRIDS = 100, 2
NOUNS = {"createGrid": ("grid", "code", "G"), "createPerson": ("person", "name", "P")}
KEPT = """
SELECT {1} AS name, count(*) AS rows, min('{2}' || r.id) AS id,
       (SELECT count(*) FROM audit_entry e WHERE e.noun = '{0}' AND e.row_id = min(r.id)) AS entries,
       (SELECT count(*) FROM idempotency_key k WHERE k.key = r.{1} AND k.row_id = min(r.id)) AS keys
  FROM {0} r WHERE {1} = ANY ($1) GROUP BY {1}
"""
# The sums are kept beside the rows: one statement sees both, and they agree.
LOOK = f"""
query ($id: ID!) {{
  community(id: $id) {{ grids(first: {PAGE}) {{ totalCount nodes {{ code }} }} }}
  networkSummary(within: $id) {{ grids }}
}}
"""


class Load:
    """Creates grids and people with keys, several at once, and looks at them; remembers which were acknowledged."""

    def __init__(self, made: World, writers: list[Writing], parent: str) -> None:
        self.made, self.parent, self.writers = made, parent, writers
        self.sent: dict[str, tuple[Writing, str, dict[str, Any]]] = {}
        self.acknowledged: dict[str, str] = {}
        self.wrong: list[object] = []
        self.answers: Counter[str] = Counter()
        self.longest = 0.0

    @contextmanager
    def running(self, readers: int = 0) -> Iterator[None]:
        """Creates for as long as the block, and reads with some of the writers' accounts beside them."""
        self._stop = threading.Event()
        with ThreadPoolExecutor(len(self.writers) + readers) as pool:
            sending = [pool.submit(self._write, writer) for writer in self.writers]
            sending += [pool.submit(self._read, writer) for writer in self.writers[:readers]]
            try:
                yield
            finally:
                self._stop.set()
            for one in sending:
                one.result()
        assert self.wrong == []

    def wait_for(self, count: int) -> None:
        """Waits until so many more were acknowledged."""
        enough = len(self.acknowledged) + count
        give_up = time.monotonic() + 30
        while len(self.acknowledged) < enough:
            assert time.monotonic() < give_up, "nothing is acknowledged any more"
            time.sleep(0.005)

    def repeat(self) -> int:
        """Sends what was not acknowledged again, until it is; how many there were."""
        left = [code for code in self.sent if code not in self.acknowledged]
        for code in left:
            self._send(code)
            assert code in self.acknowledged
        return len(left)

    def kept(self) -> bool:
        """Whether everything that was acknowledged is there once, with its entry, under the id that was told."""
        found = self._found(self.acknowledged)
        assert {row["rows"] for row in found.values()} == {1}
        return {name: row["id"] for name, row in found.items()} == self.acknowledged

    def whole(self) -> bool:
        """Whether of what was not acknowledged, too, all or nothing is there."""
        return {(row["rows"], row["entries"], row["keys"]) for row in self._found(self.sent).values()} == {(1, 1, 1)}

    def once(self) -> bool:
        """Whether one write and one read, over a new connection, are answered as they should be."""
        (writer,) = self.writers
        writer.world.client.close()
        writer.world.client = httpx.Client(timeout=30)
        return self._create(writer, "createPerson") and self._look(writer)

    def _found(self, names: Iterable[str]) -> dict[str, Any]:
        rows = [row for noun in NOUNS.values() for row in self.made.sql(KEPT.format(*noun), list(names))]
        return {row["name"]: row for row in rows}

    def _write(self, writer: Writing) -> None:
        for mutation in cycle(NOUNS):
            if self._stop.is_set():
                return
            self._create(writer, mutation)

    def _create(self, writer: Writing, mutation: str) -> bool:
        name = fresh()
        given = grid(self.parent) | {"code": name} if mutation == "createGrid" else person(self.parent, name)
        self.sent[name] = writer, mutation, given | {"idempotencyKey": name}
        self._send(name)
        return name in self.acknowledged

    def _send(self, name: str) -> None:
        writer, mutation, given = self.sent[name]
        data = self._answer(writer, document(mutation), {"input": given})
        if data is None:
            return
        payload = data[mutation]
        assert payload["errors"] == [], payload
        self.acknowledged[name] = payload[NOUNS[mutation][0]]["id"]

    def _read(self, reader: Writing) -> None:
        while not self._stop.is_set():
            self._look(reader)

    def _look(self, reader: Writing) -> bool:
        least = self._grids(self.acknowledged)
        data = self._answer(reader, LOOK, {"id": self.parent})
        if data is None:
            return False
        page, most = data["community"]["grids"], self._grids(self.sent)
        codes = {node["code"] for node in page["nodes"]}
        right: bool = (
            # So many grids a scene's community may have before.
            least <= page["totalCount"] <= most + SOME_GRIDS
            and len(codes) == len(page["nodes"]) == min(PAGE, page["totalCount"])
            and data["networkSummary"]["grids"] == page["totalCount"]
        )
        if not right:
            self.wrong.append((least, most, data))
        return right

    def _grids(self, names: Iterable[str]) -> int:
        return sum(self.sent[name][1] == "createGrid" for name in tuple(names))

    def _answer(self, writer: Writing, query: str, variables: dict[str, Any]) -> Any:
        """The data, or None where there was no answer but that the service is away."""
        began = time.monotonic()
        try:
            answer = writer.post(query, variables).json()
        except (httpx.TransportError, ValueError):
            # The server is away, or went in the middle.
            self.answers["none"] += 1
            time.sleep(0.02)
            return None
        finally:
            self.longest = max(self.longest, time.monotonic() - began)
        if "errors" in answer:
            codes = {error["extensions"]["code"] for error in answer["errors"]}
            assert codes <= AWAY, answer
            self.answers.update(codes)
            time.sleep(0.02)
            return None
        self.answers["right"] += 1
        return answer["data"]


def grid(parent: str) -> dict[str, Any]:
    """The input of a new grid."""
    return {"parentId": parent, "code": fresh(), "name": "流", **COUNTED}


def person(home: str, name: str) -> dict[str, Any]:
    """The input of a new person."""
    return {"homeId": home, "name": name, "kind": "VOLUNTEER", "gender": "MALE", "phone": "13800001111"}
