"""How one family of scanners speaks: a TOML document per family, checked when it is read, with its own test vectors.

`config/scanners/` holds the documents; this file only knows their shape.
"""

from __future__ import annotations

import re
import tomllib
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

import msgspec

from devices.decoding import Charset, Symbology
from devices.errors import ProfileError
from devices.framing import Framing
from devices.transport import LineSettings


class HexBytes(bytes):
    """Bytes written as hex pairs, spaces allowed: `16 54 0D`."""


class ProfileName(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a technician reads in the list."""

    zh: Annotated[str, msgspec.Meta(min_length=1)]
    en: Annotated[str, msgspec.Meta(min_length=1)]


class ScannerCommands(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the host may send; empty where the family has no such command or no source gives it."""

    enable: HexBytes = HexBytes()
    disable: HexBytes = HexBytes()
    good_beep: HexBytes = HexBytes()
    bad_beep: HexBytes = HexBytes()
    trigger: HexBytes = HexBytes()
    identify: HexBytes = HexBytes()


class ScanVector(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Bytes as this family sends them, and what they must become. An empty label: these bytes are no code."""

    bytes: HexBytes
    label: str
    symbology: Symbology | None = None


UsbId = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-F]{4}:([0-9A-F]{4}|\*)$")]


class ScannerProfile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One family of scanners."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    vendor: str
    models: tuple[str, ...]
    name: ProfileName
    status: Literal["vector", "manual", "community", "on-site"]
    """How sure it is: verified vectors, the vendor's manual, public code, or "confirm at the device"."""
    source: Annotated[str, msgspec.Meta(min_length=1)]
    """Where the figures come from, so that somebody can look again."""
    line: LineSettings = LineSettings()
    framing: Framing = Framing()
    aim_prefix: bool = False
    charset: Charset = Charset.ASCII
    usb_ids: tuple[UsbId, ...] = ()
    """`VVVV:PPPP` or `VVVV:*`. A bridge chip (FTDI, CH340 ...) says nothing about the scanner behind it."""
    commands: ScannerCommands = ScannerCommands()
    test: Annotated[tuple[ScanVector, ...], msgspec.Meta(min_length=1)]

    def fits_usb(self, usb_id: str) -> bool:
        """True when a port with this `VVVV:PPPP` is likely such a scanner."""
        return any(usb_id == own or (own.endswith("*") and usb_id.startswith(own[:-1])) for own in self.usb_ids)


class ProfileShelf(NamedTuple):
    """The profiles of a folder by id, and what was wrong with the others: one bad file must not hide the good ones."""

    profiles: MappingProxyType[str, ScannerProfile]
    faults: tuple[ProfileError, ...]


def parse_profile(document: bytes, file: str) -> ScannerProfile:
    """Read one TOML document. Raises `ProfileError` naming `file` and the key."""
    try:
        table = tomllib.loads(document.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise ProfileError(file, "", str(exc)) from exc
    try:
        profile = msgspec.convert(table, ScannerProfile, dec_hook=_from_toml)
    except msgspec.ValidationError as exc:
        reason, _, where = str(exc).partition(" - at `$")
        raise ProfileError(file, where.strip("`.") or _named_field(reason), reason) from exc
    if f"{profile.id}.toml" != file.rpartition("/")[2]:
        raise ProfileError(file, "id", f"{profile.id!r} must be the name of the file")
    return profile


def read_profiles(folder: Traversable) -> ProfileShelf:
    """Read every `*.toml` of `folder` (a path, or `importlib.resources.files(...)`)."""
    profiles: dict[str, ScannerProfile] = {}
    faults: list[ProfileError] = []
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".toml"):
            try:
                profile = parse_profile(file.read_bytes(), file.name)
            except ProfileError as exc:
                faults.append(exc)
            else:
                profiles[profile.id] = profile
    return ProfileShelf(MappingProxyType(profiles), tuple(faults))


_Wanted = TypeVar("_Wanted")


def _from_toml(wanted: type[_Wanted], value: Any) -> Any:
    if wanted is HexBytes:
        if not isinstance(value, str):
            raise ValueError("write the bytes as hex pairs in quotes")
        return HexBytes.fromhex(value)
    raise NotImplementedError(f"no TOML form for {wanted}")


def _named_field(reason: str) -> str:
    """The key of a missing or unknown field stands in the sentence, at the top level."""
    match = re.search(r"`([^`$]+)`", reason)
    return match.group(1) if match else ""
