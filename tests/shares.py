"""The random operations of an account, half of whose ids, texts and cursors are its own and half the hub's."""

import os
from collections.abc import Iterator
from random import Random
from typing import Any, TypeVar

from graphql import GraphQLSchema

from tests.generate import generate
from tests.harvest import Harvest, Values
from tests.oracle import View, named

T = TypeVar("T")

SEED = os.environ.get("LEAK_SEED", "2021")


def wander(
    schema: GraphQLSchema, seen: View, permissions: set[str], hub: Harvest, count: int
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Random operations: seed, query, variables."""
    values = Values(share(hub, seen, permissions), hub)
    for index in range(count):
        seed = f"{SEED} {seen.username} {index}"
        yield seed, *generate(schema, Random(seed), values)


def share(hub: Harvest, seen: View, permissions: set[str]) -> Harvest:
    """The hub's harvest without what is out of an account's scope."""
    return Harvest(
        permissions=permissions,
        ids=_kept({name: [id_ for id_ in ids if seen.sees(id_)] for name, ids in hub.ids.items()}),
        texts=_kept({name: [text for text in texts if text not in seen.secrets] for name, texts in hub.texts.items()}),
        cursors=_kept(
            {
                name: [(order, cursor) for order, cursor in cursors if seen.rows[name].keys() >= set(named(cursor))]
                for name, cursors in hub.cursors.items()
            }
        ),
    )


def _kept(found: dict[str, list[T]]) -> dict[str, list[T]]:
    return {name: values for name, values in found.items() if values}
