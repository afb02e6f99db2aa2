"""The places that a network is made on, as rows of `listed(code, name)`: codes of 2, 4, 6, 9 and 12 digits.

The real ones are those of npm's `china-division`, which has the codes and names of the statistical bureau. Without npm
they are made up: about as many, with the same kind of codes.
"""

import base64
import csv
import hashlib
import io
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from server.demo.scale.sizes import CITIES, COUNTIES, Scale, Sizes
from server.demo.scale.steps import any_of

PACKAGE, VERSION = "china-division", "2.7.0"
SHA512 = "4uUPAT+1WfqDh5jytq7omdCmHNk3j+k76zEG/2IqaGcYB90c2SwcixttcypdsZ3T/9tN1TTpBDoeZn+Yw/qBEA=="
LISTS = ("provinces", "cities", "areas", "streets", "villages")
FETCH_SECONDS = 180

PLACE_NAMES = "东南西北山水金石林泉龙凤云溪湖江平安永和福德兴盛春夏秋冬梅兰竹松"


def fetch(data_dir: Path) -> Path | None:
    """The package as npm has packed it, kept in the data folder; None if it cannot be had or is not what it should be.

    npm asks whatever registry it is set up for, the digest tells whether the answer is right.
    """
    packed = data_dir / f"{PACKAGE}-{VERSION}.tgz"
    npm = shutil.which("npm")
    if npm is not None and not _is_whole(packed):
        data_dir.mkdir(parents=True, exist_ok=True)
        command = [npm, "pack", f"{PACKAGE}@{VERSION}", "--ignore-scripts", "--silent", "--pack-destination"]
        with suppress(subprocess.TimeoutExpired):
            subprocess.run([*command, str(data_dir)], check=False, capture_output=True, timeout=FETCH_SECONDS)
    return packed if _is_whole(packed) else None


def _is_whole(packed: Path) -> bool:
    if not packed.exists():
        return False
    with packed.open("rb") as file:
        return base64.b64encode(hashlib.file_digest(file, "sha512").digest()).decode() == SHA512


def read(packed: Path, scale: Scale) -> Iterator[tuple[str, str]]:
    """Code and name of what belongs to a scale's root, itself included, from the package."""
    with tarfile.open(packed) as tar:
        for name in LISTS:
            file = tar.extractfile(f"package/dist/{name}.csv")
            assert file is not None
            for line in csv.DictReader(io.TextIOWrapper(file, "utf-8", newline="")):
                if line["code"].startswith(scale.real):
                    yield line["code"], line["name"].strip()


def made_up(sizes: Sizes) -> str:
    """The statement that makes them up; of provinces and cities, too, which a smaller network leaves alone."""
    digits = (f"11 + n / {CITIES * COUNTIES}", f"1 + n / {COUNTIES} % {CITIES}", f"1 + n % {COUNTIES}")
    county = " || ".join(f"lpad(({number})::text, 2, '0')" for number in digits)
    name = f"{any_of(PLACE_NAMES, 'code::bigint')} || {any_of(PLACE_NAMES, 'code::bigint + 1000003')}"
    return f"""
      WITH county AS (SELECT {county} AS code FROM generate_series(0, {sizes.counties - 1}) AS n),
      township AS (SELECT code || 99 + n AS code FROM county, generate_series(1, {sizes.townships}) AS n),
      made (code, suffix) AS (
        SELECT DISTINCT left(code, 2), '省' FROM county
        UNION ALL SELECT DISTINCT left(code, 4), '市' FROM county
        UNION ALL SELECT code, '县' FROM county
        UNION ALL SELECT code, '镇' FROM township
        UNION ALL SELECT code || 199 + n, CASE WHEN n % 7 = 0 THEN '社区' ELSE '村' END
          FROM township, generate_series(1, {sizes.communities}) AS n)
      INSERT INTO listed (code, name) SELECT code, {name} || suffix FROM made"""
