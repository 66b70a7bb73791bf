"""Which port is which: what the system lists, and references that survive a replug.

`ttyUSB0` and `COM3` are a matter of luck. A reference follows either the device (by-id, usb) or the socket it is plugged into
(by-path, device). Two adapters with one serial number share a single by-id link (observed), so there only the socket tells
them apart. `devices.finding` looks a reference up.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from devices.errors import PortInvalidError

LINKS_ROOT = Path("/dev/serial")
"""Where udev keeps the folders by-id and by-path."""


@dataclass(frozen=True, slots=True)
class PortInfo:
    """One serial port of this machine. USB fields are None for a port that is none."""

    device: str
    description: str = ""
    usb_vendor: int | None = None
    usb_product: int | None = None
    serial_number: str | None = None
    location: str | None = None
    """Bus and socket, `1-1.2`; of a device with several ports the interface too, `1-1.2:1.0`."""
    by_id: str | None = None
    by_path: str | None = None

    @property
    def usb_id(self) -> str:
        """`1EAB:0106`, or empty."""
        if self.usb_vendor is None or self.usb_product is None:
            return ""
        return f"{self.usb_vendor:04X}:{self.usb_product:04X}"

    @property
    def identity(self) -> tuple[str, str, str]:
        """What the device says of itself: USB id, serial number, which of its ports. Two devices may say the same."""
        return self.usb_id, self.serial_number or "", (self.location or "").partition(":")[2]


class PortKind(StrEnum):
    """What a reference follows."""

    BY_ID = "by-id"
    BY_PATH = "by-path"
    USB = "usb"
    DEVICE = "device"
    URL = "url"


@dataclass(frozen=True, slots=True)
class PortRef:
    """A port as the settings keep it, as text `kind:value#model@location`; looked up anew at each open.

    `model` (`VVVV:PPPP`) is what has to be in that socket; `location` decides between two devices that say the same.
    """

    kind: PortKind
    value: str
    model: str = ""
    location: str = ""

    @classmethod
    def parse(cls, text: str) -> PortRef:
        """`by-id:NAME`, `by-path:NAME`, `usb:VVVV:PPPP:SERIAL`, `device:PATH`, `url:ADDRESS`; a bare path or address too.

        Raises `PortInvalidError`.
        """
        kind, colon, value = text.partition(":")
        if not (colon and kind in set(PortKind)):
            kind, value = (PortKind.URL if "://" in text else PortKind.DEVICE), text
        if kind == PortKind.URL:
            ref = cls(PortKind.URL, value)
        else:
            match = _HINTED.fullmatch(value)
            value, model, location = match.groups("") if match else (value, "", "")
            if kind == PortKind.USB:
                value = value[:_USB_ID].upper() + value[_USB_ID:]  # as `lsusb` writes it
            ref = cls(PortKind(kind), value, model.upper(), location)
        # A link is a name, never a way out of its folder.
        if not ref.value.strip() or (ref.kind in LINKED and "/" in ref.value):
            raise PortInvalidError(text)
        if ref.kind is PortKind.USB and not _USB_VALUE.fullmatch(ref.value):
            raise PortInvalidError(text)
        return ref

    def __str__(self) -> str:
        hint = (f"#{self.model}" if self.model else "") + (f"@{self.location}" if self.location else "")
        return f"{self.kind}:{self.value}{hint}"

    def resolve(self, links_root: Path = LINKS_ROOT) -> str:
        """What to open now: a device path or an address. Raises a `PortError` that says why there is none."""
        from devices.finding import find_port

        return find_port(self, lambda: list_ports(links_root), links_root)


LINKED = (PortKind.BY_ID, PortKind.BY_PATH)
_USB_ID = len("1EAB:0106")
_HINTED = re.compile(r"(.+?)#([0-9A-Fa-f]{4}:[0-9A-Fa-f]{4})(?:@(.+))?", re.DOTALL)
_USB_VALUE = re.compile(r"[0-9A-F]{4}:[0-9A-F]{4}(:.+)?", re.DOTALL)


def list_ports(links_root: Path = LINKS_ROOT) -> list[PortInfo]:
    """The serial ports of this machine, with their stable names where the system keeps some (Linux)."""
    from devices.serial_port import list_ports as listed

    return with_links(listed(), links_root)


def with_links(infos: Iterable[PortInfo], links_root: Path = LINKS_ROOT) -> list[PortInfo]:
    """`infos` with the names of the by-id and by-path links that lead to each."""
    by_id, by_path = _links(links_root / PortKind.BY_ID), _links(links_root / PortKind.BY_PATH)
    return [_linked(info, by_id, by_path) for info in infos]


def stable_ref(info: PortInfo, all_infos: Sequence[PortInfo]) -> PortRef:
    """The reference to keep for `info`: the device where it is one of its kind, else its socket with the model."""
    location = info.location or ""
    if info.usb_id and has_twin(info, all_infos):
        kind, value = (PortKind.BY_PATH, info.by_path) if info.by_path else (PortKind.DEVICE, info.device)
        return PortRef(kind, value, info.usb_id)
    if info.by_id:
        return PortRef(PortKind.BY_ID, info.by_id, info.usb_id, location if info.usb_id else "")
    # Where one device has several ports only the link, or the path, says which of them is meant.
    if info.usb_id and ":" not in location:
        serial = f":{info.serial_number}" if info.serial_number else ""
        return PortRef(PortKind.USB, info.usb_id + serial, info.usb_id, location)
    if info.by_path:
        return PortRef(PortKind.BY_PATH, info.by_path, info.usb_id)
    return PortRef(PortKind.DEVICE, info.device, info.usb_id)


def has_twin(info: PortInfo, all_infos: Sequence[PortInfo]) -> bool:
    """Whether another device says the same of itself."""
    return any(other.device != info.device and other.identity == info.identity for other in all_infos)


def _linked(info: PortInfo, by_id: dict[str, str], by_path: dict[str, str]) -> PortInfo:
    target = str(Path(info.device).resolve()) if sys.platform != "win32" else info.device
    return PortInfo(
        info.device,
        info.description,
        info.usb_vendor,
        info.usb_product,
        info.serial_number,
        info.location,
        by_id.get(target),
        by_path.get(target),
    )


def _links(folder: Path) -> dict[str, str]:
    """Target path -> link name. Of several names for one target the first in order wins."""
    if not folder.is_dir():
        return {}
    return {str(link.resolve()): link.name for link in sorted(folder.iterdir(), reverse=True)}
