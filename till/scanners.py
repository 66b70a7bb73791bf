"""The scanner of this till: which port, which profile, and its events handed on as the counter's.

A keyboard wedge needs none of this: it types into the screen. The technician's work with ports is here too, because both
hold the same scanner.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import msgspec

from config.settings import Settings, write_settings
from devices.errors import PortError, PortInvalidError
from devices.events import DataEvent, ErrorEvent, PowerState, RawEvent, RepeatEvent, ScannerEvent, StatusUpdateEvent
from devices.ports import PortInfo, PortKind, PortRef, list_ports, stable_ref
from devices.profiles import ScannerProfile
from devices.recognition import UNRECOGNISED, Recognition, recognise
from devices.scanner import Scanner
from devices.sieve import Claims
from till.errors import RefusedError
from till.events import CodeScanned, Event, RawBytesRead, ScanFailed, ScannerChanged
from till.families import Families, read_families
from till.own_codes import OWN_CODES
from till.register_line import RegisterLine
from till.scanner_turn import ScannerTurn


@dataclass(frozen=True)
class ListedPort:
    """A serial port as a technician reads it. `ref` is what is kept; `suggested` the profiles that fit its USB id."""

    ref: str
    device: str
    description: str
    usb_id: str
    suggested: tuple[str, ...]
    seems: Recognition = UNRECOGNISED


@dataclass(frozen=True)
class ScannerStatus:
    """What is assigned and how it is. `port` is empty for a keyboard wedge."""

    port: str
    profile: str
    is_online: bool
    code: str
    good_scans: int
    errors: int


class ScannerPost:
    """The one scanner of a till. `tell` gets its events, from the scanner's thread."""

    def __init__(
        self, folder: Path, settings: Settings, tell: Callable[[Event], None], claims: Claims = OWN_CODES
    ) -> None:
        self._folder, self._settings, self._tell = folder, settings, tell
        self._scanner: Scanner | None = None
        self._register = RegisterLine(claims, tell, ScannerTurn(folder))
        self._code = self._device = ""

    @cached_property
    def _families(self) -> Families:
        """Read when somebody asks: a till without a scanner on a line opens 14 ms sooner."""
        return read_families(self._folder)

    @property
    def settings(self) -> Settings:
        """As they are now, with what was assigned."""
        return self._settings

    @property
    def scanner(self) -> Scanner | None:
        """The scanner on its line: to identify, check and lock it. None for a keyboard wedge."""
        return self._scanner

    def signal(self, *, is_good: bool) -> None:
        """Beep good or bad once a code was judged, where the scanner can. Returns at once."""
        if self._scanner is not None:
            self._scanner.signal(is_good=is_good)

    def start(self) -> None:
        """Open the assigned scanner, if one is. It may come later, or come back: events say so. Never raises."""
        if not self._settings.scanner_port:
            return
        try:
            profile = self._profile(self._settings.scanner_profile)
            scanner = Scanner(PortRef.parse(self._settings.scanner_port), profile, self._pass_on)
        except (RefusedError, PortInvalidError) as error:  # written by hand; the shop opens without a scanner
            self._code = error.code
            self._tell(ScannerChanged(is_online=False, code=error.code, detail=str(error)))
            return
        self._register.join(scanner, self._settings.register_port)
        scanner.open()
        scanner.claim()
        scanner.enable()
        self._scanner = scanner

    def stop(self) -> None:
        """Let the port go."""
        if self._scanner is not None:
            self._scanner.close()
            self._scanner = None
        self._register.stop()
        self._code = self._device = ""

    def list_ports(self) -> list[ListedPort]:
        """The serial ports of this machine."""
        infos, used = list_ports(), _device_at(self._settings.scanner_port)
        return [self._listed(info, infos, used) for info in infos]

    def profiles(self) -> list[ScannerProfile]:
        """The scanner families that a port can be used with, in the order of lists."""
        return self._families.on_a_line()

    def assign(self, port: str, profile: str, register: str | None = None) -> None:
        """Use the scanner on `port` (a reference; empty: a keyboard wedge) from now on, and after a restart.

        `register`: pass on what is not ours to this port; empty: pass nothing on; None: as before.
        Raises `RefusedError("profile-unknown" | "register-is-scanner")`, `devices.errors.PortInvalidError`.
        """
        self._profile(profile)
        port = self._kept(PortRef.parse(port)) if port else ""
        register = self._settings.register_port if register is None else register
        register = self._kept(PortRef.parse(register)) if register else ""
        if register and register == port:
            raise RefusedError("register-is-scanner")
        self.use(
            msgspec.structs.replace(
                self._settings, scanner_port=port, scanner_profile=profile, register_port=register
            )
        )

    def use(self, settings: Settings) -> None:
        """Other settings, from now on and after a restart."""
        self.stop()
        self._settings = settings
        write_settings(self._folder, settings)
        self.start()

    def monitor(self, on: bool) -> None:
        """Report every byte as `RawBytesRead`, or stop it."""
        if self._scanner is not None:
            self._scanner.is_monitored = on

    def status(self) -> ScannerStatus:
        """How the scanner is."""
        scanner = self._scanner
        if scanner is None:
            return ScannerStatus(
                self._settings.scanner_port, self._settings.scanner_profile, is_online=False, code=self._code,
                good_scans=0, errors=0,
            )  # fmt: skip
        counted = scanner.statistics
        return ScannerStatus(
            str(scanner.port), scanner.profile.id, is_online=scanner.power_state is PowerState.ONLINE, code=self._code,
            good_scans=counted.good_scan_count, errors=counted.communication_error_count,
        )  # fmt: skip

    def _profile(self, profile_id: str) -> ScannerProfile:
        profile = self._families.find(profile_id)
        if profile is None:
            raise RefusedError("profile-unknown", profile=profile_id)
        return profile

    def _kept(self, ref: PortRef) -> str:
        """A path that is typed means the device that is there now: what is kept of it survives another socket."""
        infos = list_ports() if ref.kind is PortKind.DEVICE else []
        found = next((info for info in infos if info.device == ref.value and info.usb_id), None)
        return str(stable_ref(found, infos) if found else ref)

    def _listed(self, info: PortInfo, infos: list[PortInfo], used: str) -> ListedPort:
        fitting = tuple(profile.id for profile in self.profiles() if profile.fits_usb(info.usb_id))
        ref = self._settings.scanner_port if info.device == used else str(stable_ref(info, infos))
        seems = recognise(info, scanner=used, others=self._otherwise_used())
        return ListedPort(ref, info.device, info.description, info.usb_id, fitting, seems)

    def _otherwise_used(self) -> set[str]:
        """Where this till has a printer, a display or a keypad: no question is ever sent there."""
        names = (name for name in Settings.__struct_fields__ if name.endswith("_port") and name != "scanner_port")
        return {_device_at(getattr(self._settings, name)) for name in names} - {""}

    def _pass_on(self, event: ScannerEvent) -> None:
        match event:
            case DataEvent(data=scanned, received_ns=at):
                self._tell(CodeScanned(scanned.label, at, size=len(scanned.raw), symbology=scanned.symbology or ""))
            case RepeatEvent(data=scanned, received_ns=at):
                self._tell(CodeScanned(scanned.label, at, True, len(scanned.raw), scanned.symbology or ""))
            case StatusUpdateEvent(power_state=power, error_code=code, detail=detail):
                is_online, was = power is PowerState.ONLINE, self._code
                self._code = code or ""
                self._tell(ScannerChanged(is_online, self._code or (self._back(was) if is_online else ""), detail))
            case ErrorEvent(kind=kind):
                self._tell(ScanFailed(str(kind)))
            case RawEvent(data=read, received_ns=at):
                self._tell(RawBytesRead(read, at))
            case _:
                pass

    def _back(self, was: str) -> str:
        """How it came: anew, after it was away, or under another number than before."""
        before, self._device = self._device, _device_at(self._settings.scanner_port)
        if before and self._device and before != self._device:
            return "scanner-moved"
        return "scanner-back" if was else ""


def _device_at(port: str) -> str:
    """Where a device is now, however its reference is written; empty where it is not, or has no port."""
    try:
        return PortRef.parse(port).resolve() if port else ""
    except PortError:
        return ""
