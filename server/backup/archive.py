"""The file of a backup: a zip with what pg_dump wrote, as it is, and a manifest that says what it is.

database.dump   pg_dump's custom format; `unzip -p FILE database.dump | pg_restore …` works without this program
manifest.json   `Manifest`; written last, so that a file without one is no whole backup
"""

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, NonNegativeInt, ValidationError

from server.progress import Progress

DUMP, MANIFEST = "database.dump", "manifest.json"
CHUNK = 1 << 20
# The manifest has a line for each table.
LONGEST_MANIFEST = 1 << 20

# psql is told these: whoever has made the file shall not say there what else it runs.
Table = Annotated[str, Field(pattern=r"\A[a-z_]+\z")]
Digest = Annotated[str, Field(pattern=r"\A[0-9a-f]{64}\z")]


class BackupError(Exception):
    """A backup could not be made or restored. `str()` of it says why, and what to do."""


class Manifest(BaseModel):
    """What a backup is.

    program: the version that made it. revision: the database's. postgresql: the server's version, as 180004.
    made_at: the moment whose state it has. tables: the rows of each table. audit_batch, audit_head: the newest batch of
    the audit chain and its digest in hexadecimal. size, sha256: of the dump, in bytes.
    """

    model_config = ConfigDict(frozen=True)

    format: Literal[1] = 1
    program: str
    revision: str
    postgresql: int
    made_at: AwareDatetime
    tables: dict[Table, NonNegativeInt]
    audit_batch: int
    audit_head: Digest | None
    size: int = 0
    sha256: str = ""

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return sum(self.tables.values())


@dataclass(frozen=True)
class Archive:
    """A backup that was found whole, as far as its manifest goes."""

    path: Path
    manifest: Manifest

    @classmethod
    def open(cls, path: Path) -> "Archive":
        """Reads the manifest. Raises BackupError and OSError."""
        with _whole(path), zipfile.ZipFile(path) as file:
            text = file.open(MANIFEST).read(LONGEST_MANIFEST)
            file.getinfo(DUMP)
            return cls(path, Manifest.model_validate_json(text))

    def check(self, progress: Progress) -> None:
        """Compares every byte of the dump with the manifest's digest.

        progress: gets the bytes. Raises BackupError and OSError.
        """
        digest, size = hashlib.sha256(), 0
        with _whole(self.path):
            for chunk in self.chunks():
                digest.update(chunk)
                size += len(chunk)
                progress(size, self.manifest.size)
        if (size, digest.hexdigest()) != (self.manifest.size, self.manifest.sha256):
            raise BackupError(f"{self.path} is damaged: its dump is not what its manifest says.")

    def chunks(self) -> Iterator[bytes]:
        """The dump, piece by piece."""
        with zipfile.ZipFile(self.path) as file, file.open(DUMP) as dump:
            while chunk := dump.read(CHUNK):
                yield chunk


class Writing:
    """A backup in the making."""

    def __init__(self, file: IO[bytes], made_at: datetime) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_STORED)
        self._made_at = made_at.timetuple()[:6]
        self._dump = self._zip.open(zipfile.ZipInfo(DUMP, self._made_at), "w", force_zip64=True)
        self._digest = hashlib.sha256()
        self.size = 0

    def write(self, chunk: bytes) -> None:
        """Adds to the dump."""
        self._dump.write(chunk)
        self._digest.update(chunk)
        self.size += len(chunk)

    def finish(self, manifest: Manifest) -> Manifest:
        """Ends the dump and adds the manifest, which it completes."""
        self._dump.close()
        whole = manifest.model_copy(update={"size": self.size, "sha256": self._digest.hexdigest()})
        self._zip.writestr(zipfile.ZipInfo(MANIFEST, self._made_at), whole.model_dump_json(indent=2) + "\n")
        self._zip.close()
        return whole


@contextmanager
def writing(path: Path, made_at: datetime) -> Iterator[Writing]:
    """A backup that is at `path`, readable for its owner alone, once the block ends well; otherwise nothing is there.

    Raises BackupError if something is there already, and OSError.
    """
    if path.exists():
        raise BackupError(f"{path} is there already; a backup replaces nothing.")
    # Removed whatever happens, unless the process is killed: then it is left beside, under a name that is no backup's.
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", suffix=".part") as file:
        yield Writing(file, made_at)
        file.flush()
        os.fsync(file.fileno())
        try:
            # link() refuses to replace what has come meanwhile, rename() would not.
            os.link(file.name, path)
        except FileExistsError:
            raise BackupError(f"{path} is there already; a backup replaces nothing.") from None
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def _whole(path: Path) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, KeyError, EOFError, NotImplementedError):
        raise BackupError(f"{path} is no whole backup.") from None
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise BackupError(f"{path} is no backup that this program knows: {where} of its manifest.") from None
