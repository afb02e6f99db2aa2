"""How certificates are written (职业资格)."""

from datetime import date
from typing import Any

import strawberry

from models import QualificationLevel
from resolvers import qualification
from resolvers.core.permissions import Permission
from schema.person import Qualification
from schema.writing import given, idempotency_key, maybe, payload, version, write

WRITTEN = "The certificate as it is now; null if nothing was written (职业资格)."
LEVEL = "The level (级别)."
NUMBER = "The certificate's number, 50 characters at the most; no other in scope has it (证书编号)."
OBTAINED = "The day it was obtained (取得日期)."
EXPIRES = "The day it expires, if it does (失效日期)."


@strawberry.input(description="A new certificate (新增职业资格).")
class CreateQualificationInput:
    """Input of `createQualification`."""

    person_id: strawberry.ID = given("Whose; their home is in scope (持证人).")
    level: QualificationLevel = given(LEVEL)
    certificate_number: str = given(NUMBER)
    obtained_on: date = given(OBTAINED)
    expires_on: date | None = maybe(EXPIRES)
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What changes of a certificate; what is left out stays (变更职业资格).")
class UpdateQualificationInput:
    """Input of `updateQualification`."""

    id: strawberry.ID = given("The certificate (要变更的职业资格).")
    version: int = version()
    level: QualificationLevel | None = maybe(LEVEL)
    certificate_number: str | None = maybe(NUMBER)
    obtained_on: date | None = maybe(OBTAINED)
    expires_on: date | None = maybe(EXPIRES)


@strawberry.type
class QualificationMutation:
    """The mutations about certificates, for `Mutation` to inherit."""

    create_qualification: Any = write(
        payload("createQualification", "qualification", Qualification, WRITTEN),
        CreateQualificationInput,
        qualification.create,
        "Adds a certificate of a person (新增职业资格).",
        Permission.PERSONNEL_WRITE,
    )

    update_qualification: Any = write(
        payload("updateQualification", "qualification", Qualification, WRITTEN),
        UpdateQualificationInput,
        qualification.update,
        "Corrects a certificate (变更职业资格).",
        Permission.PERSONNEL_WRITE,
    )
