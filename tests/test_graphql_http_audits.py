"""The GraphQL-over-HTTP specification, as the npm package `graphql-http` audits it."""

from collections.abc import Callable

from tests import npm
from tests.conftest import Server

AUDITS = 61


@npm.needs_npm
def test_every_audit_of_graphql_over_http_passes(server: Server, token: Callable[[str], str]) -> None:
    found = npm.client("audits", url=f"{server.url}/graphql", token=token("leifeng"))
    failed = [f"{one['id']} {one['name']}: {one['status']} {one['reason']}" for one in found if one["status"] != "ok"]
    assert not failed, "\n".join(failed)
    assert len(found) == AUDITS
