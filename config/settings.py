"""Settings of one process: environment variables named ``HUIYIN_…``. Nobody else reads them."""

from __future__ import annotations

import errno
import logging
import os
import re
import secrets
from contextlib import suppress
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from config.misspelt import unknown
from intake.vault.keyring import FILE as KEYS_FILE

log = logging.getLogger(__name__)
SAMPLE_COUNTY = Path(__file__).with_name("gaoyao")
_OFFSET = re.compile(r"[0-9]{1,5}[mhdw]")
_HOST_AND_PORT = re.compile(r"\S+:[0-9]{1,5}")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


_ADVICE = {
    "int_parsing": "write a whole number, for example 8000",
    "float_parsing": "write a number, for example 5",
}


class InvalidSetting(Exception):
    """A setting cannot be used; the message says which one and what to do."""


def cannot_listen(error: Exception, host: str, port: int, name: str) -> InvalidSetting:
    """Why a port could not be opened, and what to do; ``name`` is WEB or SMTP."""
    if getattr(error, "errno", None) == errno.EADDRINUSE:
        return InvalidSetting(
            f"Port {port} on {host} is taken: is Huiyin already running? Stop it, or set HUIYIN_{name}_PORT."
        )
    why = getattr(error, "strerror", None) or error
    return InvalidSetting(f"HUIYIN_{name}_HOST={host!r}, port {port}: cannot listen there ({why}).")


class Settings(BaseSettings):
    """What a process is told from outside. See README, “Configuration”."""

    model_config = SettingsConfigDict(env_prefix="HUIYIN_", frozen=True, extra="ignore")

    config_dir: Path = SAMPLE_COUNTY
    data_dir: Path = Path("data")
    database_url: str = ""
    secret_key: str = ""
    key_file: Path | None = None
    public_url: str = ""
    web_host: str = "127.0.0.1"
    web_port: int = 8000
    web_threads: int = 8
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 8025
    smtp_certificate: Path | None = None
    smtp_key: Path | None = None
    relay_host: str = ""
    relay_port: int = 25
    twilio_account_sid: str = ""
    twilio_auth_token: str = ""
    twilio_from: str = ""
    twilio_base_url: str = ""
    twilio_signatures: str = "check"
    speech_models: Path | None = None
    storage_url: str = ""
    storage_endpoint: str = ""
    storage_region: str = ""
    storage_key_id: str = ""
    storage_secret: str = ""
    clamav: str = ""
    telegram_token: str = ""
    telegram_base_url: str = ""
    telegram_mode: str = "polling"
    clock_offset: timedelta = timedelta()
    tick_seconds: float = 5.0
    log_level: str = "INFO"

    @field_validator("clock_offset", mode="before")
    @classmethod
    def _offset(cls, value: Any) -> Any:
        """``+20d``, ``5h``, ``90m``, ``2w``: how far the clock is moved forward in a rehearsal."""
        if not isinstance(value, str) or not value.strip():
            return timedelta() if value == "" else value
        text = value.strip().removeprefix("+")
        if not _OFFSET.fullmatch(text):
            raise ValueError("write it as 20d, 5h, 90m or 2w")
        return timedelta(**{_UNITS[text[-1]]: int(text[:-1])})

    @field_validator("web_port", "smtp_port", "relay_port")
    @classmethod
    def _port(cls, value: int) -> int:
        if not 0 <= value <= 65535:
            raise ValueError("a port is a number from 0 to 65535")
        return value

    @field_validator("web_threads", "tick_seconds")
    @classmethod
    def _above_zero(cls, value: float) -> float:
        if not 0 < value < float("inf"):
            raise ValueError("write a number above 0")
        return value

    @field_validator("public_url")
    @classmethod
    def _address(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValueError("write the whole address, for example https://complaints.gaoyao.example")
        return value

    @field_validator("storage_url")
    @classmethod
    def _bucket(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme != "s3" or not parts.netloc or parts.query or "@" in parts.netloc):
            raise ValueError("write the bucket as s3://bucket/prefix, or leave it out")
        return value.rstrip("/")

    @field_validator("clamav")
    @classmethod
    def _scanner(cls, value: str) -> str:
        host, colon, port = value.rpartition(":")
        if (
            value
            and not value.startswith("/")
            and not (host and colon and port.isdigit() and int(port) < 65536)
        ):
            raise ValueError(
                "write clamd's address as host:port, or the path of its socket, /run/clamav/clamd.ctl"
            )
        return value

    @field_validator("twilio_base_url", "telegram_base_url", "storage_endpoint")
    @classmethod
    def _server(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValueError("write the whole address of the server, for example http://127.0.0.1:4010")
        return value.rstrip("/")

    @field_validator("twilio_signatures")
    @classmethod
    def _signatures(cls, value: str) -> str:
        if value not in ("check", "log"):
            raise ValueError("use check, or log to accept everything and only warn")
        return value

    @field_validator("telegram_mode")
    @classmethod
    def _mode(cls, value: str) -> str:
        if value not in ("polling", "webhook"):
            raise ValueError("use polling or webhook")
        return value

    @field_validator("log_level")
    @classmethod
    def _level(cls, value: str) -> str:
        if value.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise ValueError("use DEBUG, INFO, WARNING or ERROR")
        return value.upper()

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        if value and not value.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
            raise ValueError("use sqlite:////path/to/file or postgresql://user@host/database")
        try:
            make_url(value or "sqlite://")
        except (ArgumentError, ValueError):
            raise ValueError("this address cannot be read; its port must be a number") from None
        return value

    @property
    def store_url(self) -> str:
        """The database: the one set, or SQLite in the data folder."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'huiyin.sqlite3').absolute()}"

    @property
    def keys_path(self) -> Path:
        """The file of keys that personal data is sealed with: the one set, or in the data folder."""
        return self.key_file or self.data_dir / KEYS_FILE

    @property
    def base_url(self) -> str:
        """Where citizens find the pages; no slash at the end."""
        return self.public_url.rstrip("/") or self.local_url

    @property
    def local_url(self) -> str:
        """Where this machine finds the pages; no slash at the end."""
        host = f"[{self.web_host}]" if ":" in self.web_host else self.web_host
        return f"http://{host}:{self.web_port}"

    @property
    def on_loopback(self) -> bool:
        """Whether the web listens on this machine only."""
        if self.web_host == "localhost":
            return True
        try:
            return ip_address(self.web_host).is_loopback
        except ValueError:
            return False

    @property
    def simulator(self) -> bool:
        """Whether the simulator stands in for the providers: no account is set, and we are on loopback."""
        return self.rehearsal and self.on_loopback

    @property
    def rehearsal(self) -> bool:
        """Whether no account of any provider is set, so that nothing leaves this machine."""
        return not (self.relay_host or self.twilio_account_sid or self.telegram_token)


def load_settings() -> Settings:
    """Settings from the environment. Raises :class:`InvalidSetting` in one sentence."""
    _know_every_variable()
    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "HUIYIN_" + "_".join(str(part) for part in first["loc"]).upper()
        reason = _ADVICE.get(first["type"], first["msg"].removeprefix("Value error, "))
        raise InvalidSetting(f"{name}={os.environ.get(name, '')!r}: {reason}.") from error
    if not settings.config_dir.is_dir():
        raise InvalidSetting(
            f"HUIYIN_CONFIG_DIR={str(settings.config_dir)!r}: there is no such folder; "
            f"copy the sample county from {SAMPLE_COUNTY} and change it."
        )
    if settings.clock_offset and not settings.on_loopback:
        raise InvalidSetting(
            "HUIYIN_CLOCK_OFFSET: the clock is only moved while the web listens on loopback."
        )
    return settings


def _know_every_variable() -> None:
    """Refuse a misspelt variable; warn of one that looks like no setting at all, for it may be another's."""
    for strange in unknown(os.environ, Settings.model_fields):
        if strange.meant:
            raise InvalidSetting(
                f"{strange.name} is no setting; did you mean {strange.meant}? Rename it or take it away."
            )
        log.warning(
            "%s is no setting of Huiyin and changes nothing; README, “Configuration”, has them all.",
            strange.name,
        )


def make_data_dir(settings: Settings) -> None:
    """The data folder, for this user alone; one that is there keeps its mode."""
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidSetting(
            f"HUIYIN_DATA_DIR={str(settings.data_dir)!r}: this folder cannot be made ({error.strerror}); "
            "name one that this user may write to."
        ) from error


def secret_key(settings: Settings) -> str:
    """The key that signs cookies: the one set, or one made once and kept in the data folder (0600)."""
    if settings.secret_key:
        if len(settings.secret_key) < 32:
            raise InvalidSetting("HUIYIN_SECRET_KEY: use at least 32 characters of randomness.")
        return settings.secret_key
    file = settings.data_dir / "secret.key"
    make_data_dir(settings)
    draft = settings.data_dir / f".secret.{os.getpid()}"
    if not file.exists():
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as out:
            out.write(secrets.token_hex(32))
            out.flush()
            os.fsync(out.fileno())
        with suppress(FileExistsError):  # of two first starts at once one wins, and both read its key
            os.link(draft, file)
        draft.unlink()
    return file.read_text().strip()
