"""Venues, the service catalogue and lists, the calendar."""

from server.demo.people import Office
from server.demo.places import Tree


def open_venues(office: Office, tree: Tree) -> None:
    """Venues, the service catalogue and lists, the calendar."""
