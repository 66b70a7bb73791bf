"""How one family of scanners speaks: a TOML document per family, checked when it is read, with its own test vectors.

`config/scanners/` holds the documents; this file only knows their shape.
"""

from __future__ import annotations

from importlib.resources.abc import Traversable
from typing import Annotated

import msgspec

from devices.decoding import Charset, Symbology
from devices.framing import Framing
from devices.profile_files import DeviceProfile, HexBytes, ProfileShelf, parse, read_folder
from devices.replies import Replies


class ScannerCommands(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the host may send; empty where the family has no such command or no source gives it."""

    enable: HexBytes = HexBytes()
    disable: HexBytes = HexBytes()
    good_beep: HexBytes = HexBytes()
    bad_beep: HexBytes = HexBytes()
    trigger: HexBytes = HexBytes()
    identify: HexBytes = HexBytes()
    health: HexBytes = HexBytes()
    lock: HexBytes = HexBytes()
    """So that no programming code changes the scanner any more; `unlock` allows it again."""
    unlock: HexBytes = HexBytes()
    confirm: HexBytes = HexBytes()
    """Sent after each scan to a family that repeats what is not confirmed (ACK); `refuse` after a damaged one (NAK)."""
    refuse: HexBytes = HexBytes()


class ScanVector(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Bytes as this family sends them, and what they must become. An empty label: these bytes are no code."""

    bytes: HexBytes
    label: str
    symbology: Symbology | None = None


UsbId = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-F]{4}:([0-9A-F]{4}|\*)$")]


class ScannerProfile(DeviceProfile, frozen=True, kw_only=True):
    """One family of scanners."""

    framing: Framing = Framing()
    aim_prefix: bool = False
    code_ids: dict[Annotated[str, msgspec.Meta(min_length=1, max_length=3)], Symbology] = {}
    """The vendor's own prefixes, where the scanner sends them instead of AIM's."""
    charset: Charset = Charset.ASCII
    usb_ids: tuple[UsbId, ...] = ()
    """`VVVV:PPPP` or `VVVV:*`. A bridge chip (FTDI, CH340 ...) says nothing about the scanner behind it."""
    commands: ScannerCommands = ScannerCommands()
    replies: Replies = Replies()
    test: Annotated[tuple[ScanVector, ...], msgspec.Meta(min_length=1)]

    def fits_usb(self, usb_id: str) -> bool:
        """True when a port with this `VVVV:PPPP` is likely such a scanner."""
        return any(usb_id == own or (own.endswith("*") and usb_id.startswith(own[:-1])) for own in self.usb_ids)


def parse_profile(document: bytes, file: str) -> ScannerProfile:
    """Read one TOML document. Raises `ProfileError` naming `file` and the key."""
    return parse(document, file, ScannerProfile)


def read_profiles(folder: Traversable) -> ProfileShelf[ScannerProfile]:
    """Read every `*.toml` of `folder` (a path, or `importlib.resources.files(...)`)."""
    return read_folder(folder, ScannerProfile)
