"""How one family of scanners speaks: a TOML document per family, checked when it is read, with its own test vectors.

`config/scanners/` holds the documents; this file only knows their shape.
"""

from __future__ import annotations

from importlib.resources.abc import Traversable
from typing import Annotated, Literal, get_args

import msgspec

from devices.decoding import Charset, Symbology
from devices.frames.formats import FORMATS
from devices.framing import Framing
from devices.profile_files import DeviceProfile, HexBytes, ProfileShelf, parse, read_folder
from devices.replies import CommandName, Outcome, Replies


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


class SetupStep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of the sheet that a technician has beside the scanner."""

    zh: Annotated[str, msgspec.Meta(min_length=1)]
    en: Annotated[str, msgspec.Meta(min_length=1)]
    code: str = ""
    """What a QR code says that programs this family; only where a source prints it as the text of a QR code."""
    source: str = ""
    """Where that is printed: a programming code is never made up."""

    def __post_init__(self) -> None:
        if self.code and not self.source:
            raise ValueError("a programming code needs its source")


class Exchange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A command and an answer to it, and what the answer must mean."""

    command: CommandName
    reply: HexBytes
    outcome: Outcome = Outcome.DONE
    model: str = ""
    is_healthy: bool | None = None


class ScanVector(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Bytes as this family sends them, and what they must become. An empty label: these bytes are no code."""

    bytes: HexBytes
    label: str
    symbology: Symbology | None = None


UsbId = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-F]{4}:([0-9A-F]{4}|\*)$")]


class ScannerProfile(DeviceProfile, frozen=True, kw_only=True):
    """One family of scanners."""

    connection: Literal["serial", "keyboard"] = "serial"
    framing: Framing = Framing()
    aim_prefix: bool = False
    code_ids: dict[Annotated[str, msgspec.Meta(min_length=1, max_length=3)], Symbology] = {}
    """The vendor's own prefixes, where the scanner sends them instead of AIM's."""
    charset: Charset = Charset.ASCII
    usb_ids: tuple[UsbId, ...] = ()
    """`VVVV:PPPP` or `VVVV:*`. A bridge chip (FTDI, CH340 ...) says nothing about the scanner behind it."""
    commands: ScannerCommands = ScannerCommands()
    replies: Replies = Replies()
    setup: tuple[SetupStep, ...] = ()
    exchange: tuple[Exchange, ...] = ()
    test: Annotated[tuple[ScanVector, ...], msgspec.Meta(min_length=1)]

    def __post_init__(self) -> None:
        form = FORMATS[self.replies.format]
        for name in self.replies.answered:
            command = getattr(self.commands, name)
            if not command:
                raise ValueError(f"`replies.answered`: there is no command {name}")
            if form and (fault := form.fault_of(command)):
                raise ValueError(f"`commands.{name}`: {fault}")
        for position, exchange in enumerate(self.exchange):
            if exchange.command not in self.replies.answered:
                raise ValueError(f"`exchange[{position}]`: {exchange.command} is not in replies.answered")

    @property
    def is_keyboard(self) -> bool:
        """True for scanners that type: they have no port, no line and no commands."""
        return self.connection == "keyboard"

    def fits_usb(self, usb_id: str) -> bool:
        """True when a port with this `VVVV:PPPP` is likely such a scanner."""
        return any(usb_id == own or (own.endswith("*") and usb_id.startswith(own[:-1])) for own in self.usb_ids)


COMMAND_NAMES: tuple[CommandName, ...] = get_args(CommandName)

_FIRST = ("keyboard-wedge", "generic-line", "newland-unified", "honeywell-menu", "zebra-rs232-std", "mindeo")
"""What most shops have, in the order in which a technician looks for it."""
_SURENESS = ("vector", "manual", "community", "on-site")


def rank(profile: ScannerProfile) -> tuple[int, bool, int, str]:
    """The order of lists: the most common, then what was seen at a device, then by how sure it is."""
    place = _FIRST.index(profile.id) if profile.id in _FIRST else len(_FIRST)
    return place, profile.confirmed is None, _SURENESS.index(profile.status), profile.id


def parse_profile(document: bytes, file: str) -> ScannerProfile:
    """Read one TOML document. Raises `ProfileError` naming `file` and the key."""
    return parse(document, file, ScannerProfile)


def read_profiles(folder: Traversable) -> ProfileShelf[ScannerProfile]:
    """Read every `*.toml` of `folder` (a path, or `importlib.resources.files(...)`)."""
    return read_folder(folder, ScannerProfile)
