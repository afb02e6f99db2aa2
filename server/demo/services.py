"""Clients, surveys and service records."""

from server.demo.people import Office
from server.demo.places import Tree


def serve(office: Office, tree: Tree) -> None:
    """Clients, surveys and service records."""
