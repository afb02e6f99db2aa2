import os
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from server.settings import CHECKOUT, PREFIX, Settings, SettingsError

SECRETS = {"ZHANWANG_SECRET": "s" * 32, "ZHANWANG_PERSONAL_KEYS": Fernet.generate_key().decode()}


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)


def refused(monkeypatch: pytest.MonkeyPatch, **variables: str) -> str:
    for name, value in (SECRETS | variables).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refusal:
        Settings.load()
    return str(refusal.value)


def test_an_unknown_variable_is_refused_and_the_nearest_name_suggested(monkeypatch: pytest.MonkeyPatch) -> None:
    text = refused(monkeypatch, ZHANWANG_PROT="8000")
    assert "ZHANWANG_PROT is no setting; did you mean ZHANWANG_PORT?" in text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "65536"),
        ("PORT", "http"),
        ("WORKERS", "0"),
        ("SECRET", "s" * 31),
        ("PERSONAL_KEYS", "not-a-fernet-key"),
        ("DATABASE_URL", "mysql://localhost/zhanwang"),
        ("LOG_LEVEL", "loud"),
        ("SMALLEST_CELL", "-1"),
        ("TRUSTED_PROXIES", "*"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
    ],
)
def test_a_bad_value_is_named_and_never_repeated(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    text = refused(monkeypatch, **{PREFIX + name: value})
    assert f"{PREFIX}{name} is wrong" in text
    if name in {"SECRET", "PERSONAL_KEYS", "DATABASE_URL"}:
        assert value not in text


def test_more_connections_than_the_embedded_server_takes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "connections of the embedded PostgreSQL" in refused(monkeypatch, ZHANWANG_WORKERS="10")


def test_secrets_are_demanded_outside_the_demo_and_an_empty_one_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ZHANWANG_DATA_DIR", str(tmp_path))
    text = refused(monkeypatch, ZHANWANG_SECRET="")
    assert "ZHANWANG_SECRET is not set" in text
    assert "ZHANWANG_PERSONAL_KEYS" not in text
    assert not list(tmp_path.iterdir())


def test_the_demos_secrets_are_made_once_and_for_their_owner_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ZHANWANG_DATA_DIR", str(tmp_path))
    first = Settings.load(demo=True)
    assert (tmp_path / "demo-secrets.json").stat().st_mode & 0o777 == 0o600
    assert Settings.load(demo=True) == Settings.load(demo=None) == first
    monkeypatch.setenv("ZHANWANG_SECRET", SECRETS["ZHANWANG_SECRET"])
    mixed = Settings.load(demo=True)
    assert mixed.secret is not None
    assert mixed.secret.get_secret_value() == SECRETS["ZHANWANG_SECRET"]
    assert mixed.personal_keys == first.personal_keys


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgresql://server@localhost/zhanwang"),
        ("HOST", "0.0.0.0"),
        ("HOST", "::"),
        ("HOST", "zhanwang.example"),
    ],
)
def test_a_demo_that_others_could_reach_is_refused_before_its_secrets_are_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str
) -> None:
    monkeypatch.setenv("ZHANWANG_DATA_DIR", str(tmp_path))
    monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(SettingsError, match=f"published password.*{PREFIX}{name}"):
        Settings.load(demo=True)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("host", ["localhost", "127.0.0.2", "::1"])
def test_a_demo_on_this_machines_own_addresses_is_served(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, host: str
) -> None:
    monkeypatch.setenv("ZHANWANG_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("ZHANWANG_HOST", host)
    assert Settings.load(demo=True).host == host


def test_a_worker_reads_the_same_settings_from_the_environment_that_they_make(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ZHANWANG_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("ZHANWANG_PORT", "8123")
    monkeypatch.setenv("ZHANWANG_TRUSTED_PROXIES", "10.0.0.7, 10.1.0.0/16,fd00::1")
    made = Settings.load(demo=True)
    for name, value in made.environment().items():
        monkeypatch.setenv(name, value)
    assert Settings.load() == made


def test_no_secret_is_in_the_settings_text(monkeypatch: pytest.MonkeyPatch) -> None:
    hidden = SECRETS | {"ZHANWANG_DATABASE_URL": "postgresql://server:hush@localhost/zhanwang"}
    for name, value in hidden.items():
        monkeypatch.setenv(name, value)
    text = repr(Settings.load())
    assert not [value for value in hidden.values() if value in text]


def test_the_readme_has_a_row_for_every_setting_and_none_besides() -> None:
    rows = [line for line in (CHECKOUT / "README.md").read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    named = {cell.strip(" `") for row in rows for cell in row.split("|")[1:2] if PREFIX in cell}
    assert named == {PREFIX + name.upper() for name in Settings.model_fields}
