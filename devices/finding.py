"""Where the device of a reference is now. Pure but for the links: the ports are passed in, and asked for only where needed.

What may have happened since the reference was written, and what is safe: a device that followed its own name is taken up by
itself, under whatever number; one that only looks the same, or another model in the same socket, is named and left alone: it
may be a cash register's scanner, or a printer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from devices.errors import (
    PortAmbiguousError,
    PortExchangedError,
    PortMissingError,
    PortOtherModelError,
    SocketEmptyError,
)
from devices.ports import PortInfo, PortKind, PortRef

Listed = Callable[[], Sequence[PortInfo]]


def find_port(ref: PortRef, listed: Listed, links_root: Path) -> str:
    """A device path or an address to open. Raises one of the errors above."""
    match ref.kind:
        case PortKind.BY_ID:
            return _by_id(ref, listed(), links_root)
        case PortKind.USB:
            return _by_identity(ref, listed())
        case PortKind.BY_PATH:
            target = _target(links_root / ref.kind / ref.value)
            if not target:
                raise SocketEmptyError(str(ref))
            return _of_model(ref, target, listed)
        case PortKind.DEVICE:
            return _of_model(ref, ref.value, listed)
        case _:
            return ref.value


def _target(link: Path) -> str:
    """What a link of udev leads to, or empty."""
    return str(link.resolve()) if link.exists() else ""


def _by_id(ref: PortRef, infos: Sequence[PortInfo], links_root: Path) -> str:
    target = _target(links_root / ref.kind / ref.value)
    if not target:
        raise _missing(ref, infos)
    found = _at(target, infos)
    # The link leads to whichever of two that say the same was plugged in last.
    return _the_one(ref, [info for info in infos if info.identity == found.identity]) if found else target


def _by_identity(ref: PortRef, infos: Sequence[PortInfo]) -> str:
    model, serial = ref.value[:9], ref.value[10:]
    same = [info for info in infos if info.usb_id == model and (info.serial_number or "") == serial]
    if not same:
        raise _missing(ref, infos)
    return _the_one(ref, same)


def _the_one(ref: PortRef, same: Sequence[PortInfo]) -> str:
    """Of devices that say the same the one in the socket that is remembered."""
    at_home = [info for info in same if ref.location and info.location == ref.location]
    chosen = same if len(same) == 1 else at_home
    if len(chosen) != 1:
        raise PortAmbiguousError(str(ref), ", ".join(info.device for info in same))
    return chosen[0].device


def _of_model(ref: PortRef, target: str, listed: Listed) -> str:
    found = _at(target, listed()) if ref.model else None
    if found and found.usb_id and found.usb_id != ref.model:
        raise PortOtherModelError(str(ref), f"{found.description} {found.usb_id}".strip())
    return target


def _missing(ref: PortRef, infos: Sequence[PortInfo]) -> PortMissingError:
    model = ref.model or (ref.value[:9] if ref.kind is PortKind.USB else "")
    like = [info.device for info in infos if model and info.usb_id == model]
    return PortExchangedError(str(ref), ", ".join(like)) if like else PortMissingError(str(ref))


def _at(target: str, infos: Sequence[PortInfo]) -> PortInfo | None:
    return next((info for info in infos if target in (info.device, str(Path(info.device).resolve()))), None)
