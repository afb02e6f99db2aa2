"""`zhanwang personal …`: the keys that personal data is sealed with."""

import typer

from resolvers.core.personal import PersonalVault
from server import rotation
from server.cli_owner import as_owner, bar, err, fail, listed
from server.rotation import KeyUse, RotationRefused
from server.settings import Settings

NAME = "zhanwang personal"

personal = typer.Typer(no_args_is_help=True)


@personal.command()
def status() -> None:
    """Tell how many rows each key has sealed; exit 1 if any is sealed with another than the first of the settings."""
    vault = _vault()
    keys = as_owner(rotation.status, NAME)
    listed([_cells(key, vault) for key in keys], ("Key", "Rows", "State"))
    # Of the others none may be in use, nor needed.
    if any((key.rows or key.in_use) if key.name != vault.name else not key.in_use for key in keys):
        fail(f"Not everything is sealed with the first key, {vault.name}: `{NAME} rotate`.", 1)
    err.print("Everything is sealed with the first key.")


@personal.command()
def rotate() -> None:
    """Seal everything with the first key of ZHANWANG_PERSONAL_KEYS, while servers go on; they must all have it."""
    vault = _vault()
    try:
        with bar("Sealing") as progress:
            done, gone = as_owner(lambda connection: rotation.rotate(connection, vault, progress), NAME)
    except RotationRefused as refused:
        fail(str(refused), 1)
    err.print(f"Sealed {done:,} row{'' if done == 1 else 's'} anew." if done else "Nothing to seal anew.")
    if gone:
        err.print(f"ZHANWANG_PERSONAL_KEYS can do without {', '.join(gone)} now.")


def _vault() -> PersonalVault:
    keys = Settings.load(demo=None).personal_keys
    assert keys is not None
    return PersonalVault(keys.get_secret_value())


def _cells(key: KeyUse, vault: PersonalVault) -> tuple[str, str, str]:
    state = "in use" if key.in_use else "no longer in use"
    missing = key.name is not None and key.name not in vault.names
    return key.name or "unknown", f"{key.rows}", f"{state}, missing here" if missing else state
