"""Training, exams and awards."""

from server.demo.people import Office
from server.demo.places import Tree


def train(office: Office, tree: Tree) -> None:
    """Training, exams and awards."""
