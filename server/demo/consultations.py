"""Joint consultations."""

from server.demo.people import Office
from server.demo.places import Tree


def consult(office: Office, tree: Tree) -> None:
    """Joint consultations."""
