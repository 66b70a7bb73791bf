"""Where a ledger keeps its keys and its books, and where it listens.

An option of the command line wins over `TILL_LEDGER_…`, that over `ledger.toml` in the data directory, that over the
defaults. `init` writes a database's address into the file (0600: it may hold a password), unless it is the folder's own.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from ledger.horizon import FORGET_AFTER_DAYS
from ledger.problems import DocumentError
from ledger.sessions import SESSION_DAYS

FILE = "ledger.toml"
HOST = "127.0.0.1"
PORT = 8710
_DAYS = {"forget_after_days": FORGET_AFTER_DAYS, "session_days": SESSION_DAYS}


@dataclass(frozen=True)
class Settings:
    """One ledger on this machine."""

    data_dir: Path
    database: str
    """SQLAlchemy address: `sqlite:///…` or `postgresql+psycopg://…`."""
    host: str = HOST
    port: int = PORT
    forget_after_days: int = FORGET_AFTER_DAYS
    """After so many days the feed forgets an account that ended."""
    session_days: int = SESSION_DAYS
    """So long a member's phone stays signed in to his page."""


def default_data_dir() -> Path:
    """The user's data directory for `till-ledger`."""
    return Path(platformdirs.user_data_dir("till-ledger", appauthor=False))


def load_settings(data_dir: Path, database: str = "") -> Settings:
    """Raises `DocumentError` for a settings file with an unknown or misspelt key."""
    found = _read(data_dir / FILE)
    address = database or str(found.get("database", "")) or _own_database(data_dir)
    port = found.get("port", PORT)
    if not isinstance(port, int) or not 0 <= port < 65_536:
        raise DocumentError(FILE, "port", "a port is a number from 0 to 65535")
    days = [_days(found, name, default) for name, default in _DAYS.items()]
    return Settings(data_dir, _with_driver(address), str(found.get("host", HOST)), port, *days)


def save_settings(settings: Settings) -> None:
    """Remember the database for the commands that follow.

    The folder's own is not named: a folder that is moved, copied or given by a relative path goes on with its own books, and
    never with those of the folder it came from.
    """
    path = settings.data_dir / FILE
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        if settings.database != _own_database(settings.data_dir):
            quoted = settings.database.replace("\\", "\\\\").replace('"', '\\"')
            file.write(f'database = "{quoted}"\n')
        file.write(f'host = "{settings.host}"\nport = {settings.port}\n')
        for name, default in _DAYS.items():
            if getattr(settings, name) != default:
                file.write(f"{name} = {getattr(settings, name)}\n")


def _own_database(data_dir: Path) -> str:
    return f"sqlite:///{data_dir / 'ledger.db'}"


def _days(found: dict[str, object], name: str, default: int) -> int:
    days = found.get(name, default)
    if not isinstance(days, int) or not 0 < days < 10_000:
        raise DocumentError(FILE, name, "a number of days from 1 to 9999")
    return days


def _read(path: Path) -> dict[str, object]:
    if not path.exists():
        return {}
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DocumentError(str(path), "", str(error)) from None
    for key in found.keys() - {"database", "host", "port", *_DAYS}:
        raise DocumentError(str(path), key, "there is no such setting")
    return found


def _with_driver(address: str) -> str:
    """psycopg 3 is the driver; people write `postgresql://`."""
    for scheme in ("postgresql://", "postgres://"):
        if address.startswith(scheme):
            return "postgresql+psycopg://" + address.removeprefix(scheme)
    return address
