"""A till's settings as the store's template: a file, or one QR code, that sets up the next till.

A port is named by what is plugged in (`usb:1EAB:0106`), not by the one device that is plugged in here; a serial server or a
built-in port keeps its name. Nothing secret is in it, and nothing signs it: it is taken on the technician's screens alone,
and what it would change is shown before.
"""

from __future__ import annotations

import json
import tomllib
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from config.settings import Settings, changed_settings, settings_text
from devices.ports import PortInfo, PortKind, PortRef, stable_ref
from protocol import base45
from protocol.prefixes import TEMPLATE_PREFIX
from till.errors import RefusedError

VERSION: Final = 1
FILE: Final = "template.toml"
MAX_CHARACTERS: Final = 195
"""Of QR version 6, level L: 45 columns and 23 rows, the most that 80x24 holds."""

_USB: Final = "usb"
_MAX_BYTES: Final = 4_096
_WORDS: Final = (
    b'{"poll_s":"online_timeout_ms":"display_profile":"display_port":"language":"en","theme":"till-light","till-ascii",'
    b'"print_receipts":"asked","printer_profile":"escpos-80-dots","printer_port":"url:socket://192.168.1.rfc2217://'
    b'device:COM/dev/ttyS0","scanner_profile":"honeywell-menu","newland-unified","zebra-rs232-std","generic-line",'
    b'"scanner_port":"usb:1EAB:'
)
"""What a template of version 1 usually says: named once here, it takes no room in the code. Never changed."""

Template = Mapping[str, Any]
"""Settings that differ from the defaults, by name; a port that has a USB id as `usb:VVVV:PPPP`."""


def template_of(settings: Settings, ports: Sequence[PortInfo]) -> dict[str, Any]:
    """The settings of this till for another one. `ports`: those of this machine."""
    changed = changed_settings(settings)
    return {name: _portable(value, ports) if _is_port(name) else value for name, value in changed.items()}


def as_code(template: Template) -> str:
    """The text of its QR code, in upper case."""
    body = json.dumps(dict(template), ensure_ascii=False, separators=(",", ":")).encode()
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=_WORDS)
    packed = packer.compress(body) + packer.flush()
    return TEMPLATE_PREFIX + base45.encode(bytes([VERSION]) + zlib.crc32(body).to_bytes(4, "big") + packed)


def as_file(template: Template) -> str:
    """The same as TOML."""
    return f"# A store's template; docs/technician.md says what it is for.\ntemplate = {VERSION}\n{settings_text(template)}"


def read_code(text: str) -> dict[str, Any]:
    """What a scanned code says. Raises `RefusedError`: `template-unreadable`, `template-newer`, `template-key`."""
    try:
        data = base45.decode(text.strip().upper().removeprefix(TEMPLATE_PREFIX))
    except ValueError:
        raise RefusedError("template-unreadable") from None
    if not data or data[0] < 1:
        raise RefusedError("template-unreadable")
    if data[0] > VERSION:
        raise RefusedError("template-newer")
    unpacker = zlib.decompressobj(-15, zdict=_WORDS)
    try:
        body = unpacker.decompress(data[5:], _MAX_BYTES)
        if zlib.crc32(body) != int.from_bytes(data[1:5], "big"):
            raise RefusedError("template-unreadable")
        found = json.loads(body)
    except (zlib.error, ValueError, RecursionError):
        raise RefusedError("template-unreadable") from None
    return _checked(found)


def read_file(path: Path) -> dict[str, Any]:
    """What a file says. Raises as `read_code` does."""
    try:
        found: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        version = found.pop("template", None)
    except (OSError, ValueError):
        raise RefusedError("template-unreadable") from None
    if type(version) is not int or version < 1:
        raise RefusedError("template-unreadable")
    if version > VERSION:
        raise RefusedError("template-newer")
    return _checked(found)


def applied(template: Template, ports: Sequence[PortInfo]) -> Settings:
    """The settings of a till that is set up by it, on a machine with these `ports`.

    Raises `RefusedError`: `template-no-port` for a device that is not plugged in, `template-two-ports` where it is twice,
    `template-same-port` where two devices would share one.
    """
    found = {name: _here(value, ports) if _is_port(name) else value for name, value in template.items()}
    used = [value for name, value in found.items() if _is_port(name) and value]
    if twice := next((ref for ref in used if used.count(ref) > 1), None):
        raise RefusedError("template-same-port", port=twice)
    return msgspec.convert(found, Settings)


def _checked(found: Any) -> dict[str, Any]:
    """Raises `RefusedError`: a template of a newer program knows settings that this one does not."""
    if not isinstance(found, dict):
        raise RefusedError("template-unreadable")
    if unknown := next((name for name in found if name not in Settings.__struct_fields__), None):
        raise RefusedError("template-key", key=str(unknown)[:40])
    try:
        msgspec.convert(found, Settings)
    except msgspec.ValidationError as error:
        raise RefusedError("template-key", key=str(error)[:80]) from None
    return found


def _is_port(name: str) -> bool:
    return name.endswith("_port")


def _portable(text: str, ports: Sequence[PortInfo]) -> str:
    ref = PortRef.parse(text) if text else None
    port = next((port for port in ports if ref is not None and _is_at(ref, port)), None)
    usb_id = port.usb_id if port is not None else ref.model if ref is not None else ""
    return f"{_USB}:{usb_id}" if usb_id else text


def _is_at(ref: PortRef, port: PortInfo) -> bool:
    """Whether a reference leads to this port now. One by USB id and serial number begins with the id."""
    found = {
        f"{PortKind.BY_ID}": port.by_id, f"{PortKind.BY_PATH}": port.by_path, f"{PortKind.DEVICE}": port.device,
        _USB: ":".join(filter(None, (port.usb_id, port.serial_number))),
    }  # fmt: skip
    return bool(ref.value) and found.get(ref.kind) == ref.value


def _here(text: str, ports: Sequence[PortInfo]) -> str:
    """Raises `RefusedError`."""
    kind, _, usb_id = text.partition(":")
    if not text or kind != _USB:
        return _if_here(text, ports)
    fitting = [port for port in ports if port.usb_id == usb_id]
    if len(fitting) != 1:
        raise RefusedError("template-two-ports" if fitting else "template-no-port", usb=usb_id)
    return str(stable_ref(fitting[0], ports))


def _if_here(text: str, ports: Sequence[PortInfo]) -> str:
    """A name that follows one device or one socket is good only where that is; a path or an address may come yet."""
    if not text or (ref := PortRef.parse(text)).kind in (PortKind.URL, PortKind.DEVICE):
        return text
    if any(_is_at(ref, port) for port in ports):
        return text
    raise RefusedError("template-no-port", usb=text)
