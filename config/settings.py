"""The settings of a till: one TOML file in its folder, typed, every error with file and key.

What a store decides (programme, floor, staff, code ranges) is not here: it comes signed from the ledger. Here is what belongs
to this machine.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any, Literal

import msgspec

FILE = "till.toml"


class SettingsError(Exception):
    """A settings file that does not load: which file, which key, what is wrong."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}")


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What belongs to this machine."""

    language: Literal["zh-CN", "en"] = "zh-CN"
    """Until somebody signs in; F9 switches."""
    theme: Literal["till-dark", "till-light", "till-ascii"] = "till-dark"
    """`till-ascii` is for terminals that draw box characters two cells wide."""
    scanner_port: str = ""
    """Port reference of the serial scanner (`by-id:…`, `device:/dev/ttyUSB0`, `url:socket://…`); empty: a keyboard wedge."""
    scanner_profile: str = "generic-line"
    """A profile of config/scanners."""
    printer_port: str = ""
    """Port reference of the receipt printer (`device:/dev/usb/lp0`, `url:socket://192.168.1.50:9100`, …); empty: none."""
    printer_profile: str = "escpos-58"
    """A profile of config/printers."""
    print_receipts: Literal["always", "asked"] = "always"
    """Every receipt when it is made, or only those that somebody asks for."""
    online_timeout_ms: int = 800
    """How long an online redemption may wait for the ledger."""
    poll_s: int = 30
    """About how often the feed is asked while the counter is open."""


def read_settings(folder: Path, file: Path | None = None) -> Settings:
    """The settings of the till in `folder`, or of `file`. A missing file means the defaults. Raises `SettingsError`."""
    path = file or folder / FILE
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError) as error:
        raise SettingsError(path, str(error)) from None
    try:
        return msgspec.convert(document, Settings)
    except msgspec.ValidationError as error:
        raise SettingsError(path, str(error)) from None


def write_settings(folder: Path, settings: Settings) -> None:
    """Write what differs from the defaults; a crash in the middle leaves the file before it."""
    changed: dict[str, Any] = {
        name: value
        for name in Settings.__struct_fields__
        if (value := getattr(settings, name)) != getattr(Settings(), name)
    }
    # A JSON string or integer is a TOML one too.
    text = "".join(f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in changed.items())
    beside = folder / f"{FILE}.new"
    beside.write_text("# Settings of this till; docs/technician.md explains each.\n" + text, encoding="utf-8")
    beside.replace(folder / FILE)
