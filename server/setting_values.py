"""The values of settings that must be written in a certain way; each names what it must be, and never itself."""

import re
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from pydantic import AfterValidator, SecretStr

ORIGIN = re.compile(r"https?://[\w.-]+(?::\d+)?|https?://\[[\da-f:]+\](?::\d+)?")


def is_loopback(host: str) -> bool:
    """Whether nothing but this machine reaches it."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def at_least(length: int) -> AfterValidator:
    """A secret of so many characters."""

    def checked(value: SecretStr) -> SecretStr:
        if len(value.get_secret_value()) < length:
            raise ValueError(f"must have at least {length} characters")
        return value

    return AfterValidator(checked)


def _postgresql(url: str) -> str:
    if not url.startswith(("postgresql://", "postgres://")):
        raise ValueError("must be a URL such as postgresql://login:password@host:5432/zhanwang")
    return url


def _postgresqls(urls: str) -> str:
    return ",".join(_postgresql(one.strip()) for one in urls.split(","))


def _issuer(url: str) -> str:
    parts = urlsplit(url)
    guarded = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    if not guarded or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("must be a URL such as https://sso.example.org")
    return url


def _networks(value: str) -> str:
    try:
        return ",".join(str(ip_network(one.strip())) for one in value.split(","))
    except ValueError as error:
        raise ValueError(f"must be addresses or networks such as 10.0.0.7,10.1.0.0/16: {error}") from None


def _http(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise ValueError("must be a URL such as http://127.0.0.1:4318/v1/traces")
    return url


def _origins(value: str) -> str:
    found = [one.strip() for one in value.split(",")]
    if wrong := [one for one in found if one != "*" and not ORIGIN.fullmatch(one)]:
        raise ValueError(f"{wrong[0]} is no origin such as https://front.example or http://127.0.0.1:3000")
    return ",".join(found)


def _keys(value: SecretStr) -> SecretStr:
    for number, key in enumerate(value.get_secret_value().split(","), start=1):
        try:
            Fernet(key.strip())
        except ValueError:
            raise ValueError(f"key {number} is no Fernet key (32 bytes in URL-safe base64)") from None
    return value


PostgresqlUrl = Annotated[str, AfterValidator(_postgresql)]
PostgresqlUrls = Annotated[str, AfterValidator(_postgresqls)]
IssuerUrl = Annotated[str, AfterValidator(_issuer)]
HttpUrl = Annotated[str, AfterValidator(_http)]
Networks = Annotated[str, AfterValidator(_networks)]
Origins = Annotated[str, AfterValidator(_origins)]
FernetKeys = Annotated[SecretStr, AfterValidator(_keys)]
Folder = Annotated[Path, AfterValidator(lambda path: path.expanduser().resolve())]
