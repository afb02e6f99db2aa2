"""Leading groups, plans and agencies."""

from server.demo.people import Office
from server.demo.places import Tree


def organise(office: Office, tree: Tree) -> None:
    """Leading groups, plans and agencies."""
