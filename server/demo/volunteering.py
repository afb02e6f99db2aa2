"""Calls for volunteers, and responsibility targets."""

from server.demo.people import Office
from server.demo.places import Tree


def call_volunteers(office: Office, tree: Tree) -> None:
    """Calls for volunteers, and responsibility targets."""
