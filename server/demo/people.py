"""The personnel office: hires people and assigns them to duties."""

from dataclasses import dataclass
from datetime import date

from models import Duty, PersonKind, PlaceLevel
from resolvers.core.personal import PersonalVault, mask_address, mask_birth_date, mask_id_number, mask_phone
from server.demo.names import Personal, make_personal
from server.demo.rows import Rows, Spot, stream

BORN = {
    PersonKind.GRID_WORKER: (1975, 2000),
    PersonKind.GRID_ASSISTANT: (1966, 1999),
    PersonKind.AUXILIARY_POLICE: (1985, 2001),
    PersonKind.SOCIAL_WORKER: (1978, 2000),
    PersonKind.VOLUNTEER: (1950, 2004),
}


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """A person, the place that keeps their file, and since when they serve."""

    id: int
    kind: PersonKind
    home: Spot
    since: date


class Office:
    """Adds persons, their assignments and what hangs on them to the rows."""

    def __init__(self, rows: Rows, vault: PersonalVault) -> None:
        self.rows = rows
        self._vault = vault
        self._random = stream("persons")
        self._hired = 0

    def hire(self, kind: PersonKind, home: Spot, since: date) -> Member:
        """A new person at home in a place, from a day on."""
        self._hired += 1
        personal = make_personal(self._random, self._hired, BORN[kind], neighbourhood(home))
        person_id = self.rows.add(
            "person", **home.located(), kind=kind, name=personal.name, gender=personal.gender, **self.kept(personal)
        )
        return Member(person_id, kind, home, since)

    def assign(self, member: Member, spot: Spot, duty: Duty, since: date, until: date | None = None) -> None:
        """A duty at a place from a day on, until the day before another."""
        self.rows.add(
            "assignment",
            **spot.located(),
            valid_from=since,
            valid_to=until,
            person_id=member.id,
            person_path=member.home.path,
            duty=duty,
        )

    def kept(self, personal: Personal) -> dict[str, object]:
        """The columns that keep somebody's details."""
        seal, digest = self._vault.seal, self._vault.digest
        return {
            "phone": mask_phone(personal.phone),
            "id_number": mask_id_number(personal.id_number),
            "birth_date": mask_birth_date(personal.birth_date),
            "address": mask_address(personal.address),
            "phone_cipher": seal(personal.phone),
            "id_number_cipher": seal(personal.id_number),
            "birth_date_cipher": seal(personal.birth_date),
            "address_cipher": seal(personal.address),
            "phone_digest": digest("phone", personal.phone),
            "id_number_digest": digest("id_number", personal.id_number),
            "sealed_with": self._vault.name,
        }


def neighbourhood(home: Spot) -> str:
    """The address of a place as far as it is real, at least to the township; the hub's people live in 浔中镇."""
    community = home.parent if home.level is PlaceLevel.GRID else home
    assert community is not None
    township = home.station.name.removesuffix("社工站") if home.parent else "浔中镇"
    village = community.name if community.level is PlaceLevel.COMMUNITY else ""
    return f"福建省泉州市德化县{township}{village}"
