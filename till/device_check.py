"""`till devices check`: are the assigned ports there, who holds them, and which way fits beside a cash register.

Nothing is sent anywhere, and no port is opened that is not assigned, or a scanner's by its maker.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from config import data
from config.settings import Settings
from devices.errors import DeviceError, PortTakenError
from devices.holders import programs_on
from devices.ports import PortInfo, PortRef, list_ports
from devices.profiles import read_profiles
from devices.recognition import Seeming, recognise
from devices.serial_port import SerialTransport
from devices.transport import LineSettings, Transport


class Way(StrEnum):
    """How this till gets its scans, or could."""

    PASSES_ON = "way-passes-on"
    OWN_SCANNER = "way-own-scanner"
    SECOND_SCANNER = "way-second-scanner"
    """A scanner is free beside the one that another program holds."""
    TAKE_OVER = "way-take-over"
    """The only one is held by another program, and there is a port to pass on by."""
    BUY_SECOND = "way-buy-second"
    """The only one is held by another program, and there is no port to pass on by."""
    ASSIGN = "way-assign"
    """A free scanner, and nobody else has one."""
    KEYBOARD = "way-keyboard"
    """No scanner on a serial line."""


@dataclass(frozen=True)
class Found:
    """One port. `code`: what is wrong with it (`devices.errors`), or empty; `programs` that have it open, where known."""

    port: str
    device: str
    use: str
    code: str
    detail: str
    programs: tuple[str, ...]


@dataclass(frozen=True)
class Checked:
    """All that was found. `scanner` and `register`: the ports to name in the advice, empty where there are none."""

    ports: tuple[Found, ...]
    way: Way
    scanner: str = ""
    register: str = ""

    @property
    def is_good(self) -> bool:
        """Nothing has to be done."""
        return self.way in (Way.PASSES_ON, Way.OWN_SCANNER, Way.KEYBOARD) and not any(
            found.code for found in self.ports if found.use in ("scanner", "register")
        )


Open = Callable[[str, LineSettings], Transport]
Holders = Callable[[str], Sequence[str]]


def check(
    settings: Settings,
    *,
    may_open: bool = True,
    infos: Sequence[PortInfo] | None = None,
    transport_for: Open = SerialTransport,
    holders: Holders = programs_on,
) -> Checked:
    """Look at the ports. `may_open`: False while the counter is open and has them."""
    eye = _Eye(transport_for if may_open else None, holders)
    profile = read_profiles(data("scanners")).profiles.get(settings.scanner_profile)
    line = profile.line if profile else LineSettings()
    assigned = [
        eye.look(ref, "", use, line)
        for ref, use in ((settings.scanner_port, "scanner"), (settings.register_port, "register"))
        if ref
    ]
    listed = list_ports() if infos is None else infos
    others = [
        eye.look(f"device:{info.device}", info.device, _use(info), line)
        for info in listed
        if info.device not in {found.device for found in assigned}
    ]
    return Checked((*assigned, *others), *_way(assigned, others))


class _Eye:
    """Looks at one port after the other."""

    def __init__(self, transport_for: Open | None, holders: Holders) -> None:
        self._transport_for, self._holders = transport_for, holders

    def look(self, ref: str, device: str, use: str, line: LineSettings) -> Found:
        try:
            device = device or PortRef.parse(ref).resolve()
            if self._transport_for and use in ("scanner", "register", "scanner-like"):
                transport = self._transport_for(device, line)
                transport.open()
                transport.close()
        except DeviceError as error:
            return Found(ref, device, use, error.code, str(error), self._programs(device))
        programs = self._programs(device)
        taken = PortTakenError.code if programs and use not in ("scanner", "register") else ""
        return Found(ref, device, use, taken, "", programs)

    def _programs(self, device: str) -> tuple[str, ...]:
        return tuple(self._holders(device)) if device and "://" not in device else ()


def _use(info: PortInfo) -> str:
    """What a port that is not assigned is good for, as far as its maker tells."""
    seems = recognise(info).seems
    return {Seeming.SCANNER: "scanner-like", Seeming.ADAPTER: "spare", Seeming.BUILT_IN: "spare"}.get(seems, "other")


def _way(assigned: Sequence[Found], others: Sequence[Found]) -> tuple[Way, str, str]:
    """Which way fits, with the scanner and the line to the register that it takes."""
    uses = {found.use: found for found in assigned}
    free = [found for found in others if found.use == "scanner-like" and not found.code]
    spare = next((found.port for found in others if found.use == "spare" and not found.programs), "")
    if "register" in uses and "scanner" in uses:
        return Way.PASSES_ON, uses["scanner"].port, uses["register"].port
    held = [found for found in (*assigned, *others) if found.use in ("scanner", "scanner-like") and _is_held(found)]
    if held and free:
        return Way.SECOND_SCANNER, free[0].port, ""
    if held:
        return (Way.TAKE_OVER, held[0].port, spare) if spare else (Way.BUY_SECOND, "", "")
    if "scanner" in uses:
        return Way.OWN_SCANNER, uses["scanner"].port, ""
    return (Way.ASSIGN, free[0].port, "") if free else (Way.KEYBOARD, "", "")


def _is_held(found: Found) -> bool:
    return found.code == PortTakenError.code
