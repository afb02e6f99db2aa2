"""Assignments of a person, in scope: today's, or all that there were."""

from sqlalchemy import FromClause, and_

from resolvers.core.arguments import Arguments
from resolvers.core.mapping import Clause, Relation
from resolvers.core.relations import by
from resolvers.core.scope import Scope, current


def _of_person(person: FromClause, assignment: FromClause, arguments: Arguments, _: Scope) -> Clause:
    theirs = assignment.c.person_id == person.c.id
    return and_(theirs, current(assignment)) if arguments.get("current") is not False else theirs


OF_PERSON = Relation(_of_person, order=("valid_from", "id"))
PERSON = by("person_id")
