"""A county for a client to work in: a scene, and a manager of its first zone who can log in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models import Role
from resolvers.account import create
from resolvers.core.passwords import Passwords
from server.embedded import Embedded
from tests.scene import World, Writing, Zone, world

COMMUNITIES = "{ communities(first: 100) { nodes { id } } }"
USERNAME, PASSWORD = "clients", "a password for clients"


@dataclass(frozen=True)
class County:
    """A county of a scene. The manager's token is `manager.token`; logged in, it is `username` with `password`."""

    world: World
    zone: Zone
    manager: Writing
    username: str = USERNAME
    password: str = PASSWORD

    @property
    def url(self) -> str:
        """Where the server listens for GraphQL."""
        return f"{self.world.address}/graphql"

    def told(self, grid: str, **more: Any) -> dict[str, Any]:
        """What the scripts of clients are told; each renames a grid of its own."""
        ids = {"grid": self.zone[grid], "station": self.zone["B1"], "community": self.zone["C1"]}
        return {"url": self.url, "token": self.manager.token} | ids | more

    def rename(self, grid: str, name: str) -> None:
        """Gives a grid another name, as the manager."""
        id_ = self.zone[grid]
        version = self.manager.ask("query ($id: ID!) { grid(id: $id) { version } }", {"id": id_})["grid"]["version"]
        payload = self.manager.write("renameGrid", id=id_, version=version, name=name)
        assert not payload["errors"], payload

    @property
    def communities(self) -> list[str]:
        """The ids of the communities that the manager sees, in order."""
        return [node["id"] for node in self.manager.ask(COMMUNITIES)["communities"]["nodes"]]


@contextmanager
def opened(embedded: Embedded, data_dir: Path) -> Iterator[County]:
    """A county in a database of its own, and a server on it."""
    with world(embedded, data_dir) as made:
        scene = made.scene()
        code = made.value("SELECT code FROM station WHERE id = $1", scene.here.key("S"))
        account = {"username": USERNAME, "password": PASSWORD, "place_code": code, "role": Role.MANAGER}
        made.run(create(made.connection, Passwords(), **account))
        yield County(made, scene.here, scene.writer(Role.MANAGER, scene.here["S"]))
