"""Referrals."""

from server.demo.people import Office
from server.demo.places import Tree


def refer(office: Office, tree: Tree) -> None:
    """Referrals."""
