"""The settings of a till: one TOML file in its folder, typed, every error with file and key.

What a store decides (programme, floor, staff, code ranges) is not here: it comes signed from the ledger. Here is what belongs
to this machine.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

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
    theme: Literal["till-dark", "till-light", "till-contrast", "till-ascii"] = "till-dark"
    """`till-contrast` is for weak eyes and bright rooms; `till-ascii` for terminals that draw box characters two cells wide."""
    scanner_port: str = ""
    """Port reference of the serial scanner (`by-id:…`, `device:/dev/ttyUSB0`, `url:socket://…`); empty: a keyboard wedge."""
    scanner_profile: str = "generic-line"
    """A profile of config/scanners."""
    wedge_prefix: Annotated[str, msgspec.Meta(pattern=r"^[!-),:-@\[-`{-~]{0,4}$")] = ""
    """Signs that a keyboard scanner was set to type before each code: they tell it from a person, however slow it is."""
    register_port: str = ""
    """Port reference of the line to a cash register (POS): what is scanned and not the till's goes there. Empty: nowhere."""
    printer_port: str = ""
    """Port reference of the receipt printer (`device:/dev/usb/lp0`, `url:socket://192.168.1.50:9100`, …); empty: none."""
    printer_profile: str = "escpos-58"
    """A profile of config/printers."""
    print_receipts: Literal["always", "asked"] = "always"
    """Every receipt when it is made, or only those that somebody asks for."""
    second_screen: int = 0
    """Number on the loopback address under which the till serves the member's screen to a browser of this machine; 0: none."""
    display_port: str = ""
    """Port reference of the customer display (`device:/dev/ttyUSB1`, …); empty: none."""
    display_profile: str = "cd5220"
    """A profile of config/displays."""
    pin_pad_port: str = ""
    """Port reference of the keypad on which members type their PIN; empty: it is typed on the till's keyboard."""
    pin_pad_profile: str = "generic-keys"
    """A profile of config/pin_pads."""
    customer_language: Literal["zh-CN", "en"] = "zh-CN"
    """Of the member's screen, whatever the cashier reads."""
    lock_after_min: Annotated[int, msgspec.Meta(ge=0, le=480)] = 10
    """After so many minutes without a key or a scan the counter locks by itself, and keeps the sale; 0: never."""
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


def changed_settings(settings: Settings) -> dict[str, Any]:
    """What differs from the defaults, by name."""
    return {
        name: value
        for name in Settings.__struct_fields__
        if (value := getattr(settings, name)) != getattr(Settings(), name)
    }


def settings_text(changed: Mapping[str, Any]) -> str:
    """As lines of TOML: a JSON string, number or truth value is a TOML one too."""
    return "".join(f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in changed.items())


def write_settings(folder: Path, settings: Settings) -> None:
    """Write what differs from the defaults; a power cut in the middle leaves the file before it."""
    text = "# Settings of this till; docs/technician.md explains each.\n" + settings_text(changed_settings(settings))
    beside = folder / f"{FILE}.new"
    with beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(folder / FILE)
