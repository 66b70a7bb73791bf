"""Which port is which: what the system lists, and references that survive a replug.

`ttyUSB0` is a matter of luck. by-id follows the device (vendor, product, serial number), by-path the socket it is plugged
into; two adapters with one serial number share a single by-id link, so there only by-path tells them apart (observed).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from devices.errors import PortInvalidError, PortMissingError

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
    by_id: str | None = None
    by_path: str | None = None

    @property
    def usb_id(self) -> str:
        """`1EAB:0106`, or empty."""
        if self.usb_vendor is None or self.usb_product is None:
            return ""
        return f"{self.usb_vendor:04X}:{self.usb_product:04X}"


class PortKind(StrEnum):
    """What a reference follows."""

    BY_ID = "by-id"
    BY_PATH = "by-path"
    DEVICE = "device"
    URL = "url"


@dataclass(frozen=True, slots=True)
class PortRef:
    """A port as the settings keep it, as text `kind:value`; looked up anew at each open."""

    kind: PortKind
    value: str

    @classmethod
    def parse(cls, text: str) -> PortRef:
        """`by-id:NAME`, `by-path:NAME`, `device:PATH`, `url:ADDRESS`; a bare path or address is understood too.

        Raises `PortInvalidError`.
        """
        kind, colon, value = text.partition(":")
        if colon and kind in set(PortKind):
            ref = cls(PortKind(kind), value)
        else:
            ref = cls(PortKind.URL if "://" in text else PortKind.DEVICE, text)
        # A link is a name, never a way out of its folder.
        if not ref.value.strip() or (ref.kind in _LINKS and "/" in ref.value):
            raise PortInvalidError(text)
        return ref

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"

    def resolve(self, links_root: Path = LINKS_ROOT) -> str:
        """What to open now: a device path or an address. Raises `PortMissingError`."""
        if self.kind not in _LINKS:
            return self.value
        link = links_root / self.kind / self.value
        if not link.exists():
            raise PortMissingError(str(self))
        return str(link.resolve())


_LINKS = (PortKind.BY_ID, PortKind.BY_PATH)


def list_ports(links_root: Path = LINKS_ROOT) -> list[PortInfo]:
    """The serial ports of this machine, with their stable names where the system keeps some (Linux)."""
    from devices.serial_port import list_ports as listed

    return with_links(listed(), links_root)


def with_links(infos: Iterable[PortInfo], links_root: Path = LINKS_ROOT) -> list[PortInfo]:
    """`infos` with the names of the by-id and by-path links that lead to each."""
    by_id, by_path = _links(links_root / PortKind.BY_ID), _links(links_root / PortKind.BY_PATH)
    return [_linked(info, by_id, by_path) for info in infos]


def stable_ref(info: PortInfo, all_infos: Sequence[PortInfo]) -> PortRef:
    """The reference to keep for `info`: by-id, by-path where its USB identity is not unique, else the device path."""
    if info.by_id and not _has_twin(info, all_infos):
        return PortRef(PortKind.BY_ID, info.by_id)
    if info.by_path:
        return PortRef(PortKind.BY_PATH, info.by_path)
    return PortRef(PortKind.DEVICE, info.device)


def _has_twin(info: PortInfo, all_infos: Sequence[PortInfo]) -> bool:
    def identity(port: PortInfo) -> tuple[str, str | None]:
        return port.usb_id, port.serial_number

    return any(other.device != info.device and identity(other) == identity(info) for other in all_infos)


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
