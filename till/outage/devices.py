"""The devices, as far as nobody has to touch them: is the scanner's port there and read, is the printer's."""

from __future__ import annotations

import socket
from concurrent.futures import TimeoutError as NoAnswer
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urlsplit

from config.settings import Settings
from devices.errors import PortError
from devices.health import HealthCheckLevel, Verdict
from devices.ports import PortKind, PortRef, list_ports
from devices.scanner import Scanner
from protocol.outage import OutageCheck
from till.outage.checks import check
from till.scanners import ScannerStatus

_CONNECT_S: Final = 2.0
_HEALTH_S: Final = 5.0


class ScannerAtWork(Protocol):
    """The scanner of an open till: `till.scanners.ScannerPost`."""

    @property
    def scanner(self) -> Scanner | None: ...
    def status(self) -> ScannerStatus: ...


def scanner(settings: Settings, at_work: ScannerAtWork | None) -> OutageCheck:
    """`at_work`: of the till that has it open; without one its port is looked for, and not opened: it may be in use."""
    seen = at_work.status() if at_work is not None else None
    if not (seen.port if seen is not None else settings.scanner_port):
        return check("scanner", "skipped", "wedge")
    if seen is None:
        return _present("scanner", settings.scanner_port)
    if not seen.is_online:
        return check("scanner", "fail", "away", why=seen.code or "port-missing", port=seen.port)
    if seen.errors > seen.good_scans:
        return check("scanner", "fail", "noisy", errors=seen.errors, good=seen.good_scans)
    if at_work is not None and seen.good_scans and (wrong := _health(at_work.scanner)):
        return check("scanner", "fail", "unwell", why=wrong)
    return check("scanner", "pass", good=seen.good_scans)


def _health(device: Scanner | None) -> str:
    """What is wrong by its internal check, which changes nothing; empty for nothing, and where it does not answer.

    Asked only of what has read a code: a question is bytes, and a printer would print them.
    """
    if device is None:
        return ""
    try:
        report = device.check_health(HealthCheckLevel.INTERNAL).result(_HEALTH_S)
    except NoAnswer:
        return ""
    return next((f"{step.name} {step.detail}" for step in report.steps if step.verdict is Verdict.FAIL), "")


def printer(settings: Settings) -> OutageCheck:
    """Whether it could be reached; that it has paper only a print tells."""
    if not settings.printer_port:
        return check("printer", "skipped", "none")
    return _present("printer", settings.printer_port)


def _present(name: str, port: str) -> OutageCheck:
    try:
        ref = PortRef.parse(port)
        if ref.kind is PortKind.URL:
            _connect(ref.value)
        else:
            device = ref.resolve()
            if not Path(device).exists() and device not in {info.device for info in list_ports()}:
                return check(name, "fail", "away", why="port-missing", port=port)
    except PortError as error:
        return check(name, "fail", "away", why=error.code, port=port)
    except OSError as error:
        return check(name, "fail", "away", why=error.strerror or "no-answer", port=port)
    return check(name, "pass", "there", port=port)


def _connect(url: str) -> None:
    place = urlsplit(url)
    if place.hostname and place.port:
        socket.create_connection((place.hostname, place.port), _CONNECT_S).close()
