"""Questions to a scanner: who it is, how it is, and the lock. Never to what may be a printer or a payment terminal.

A question is bytes. A printer prints them, a payment terminal may take them for an order. So a port is asked only if its maker
makes scanners, or if a code was read from it; never if it is one of the others by maker, by name, or by use.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import TimeoutError as NoAnswer
from typing import Final, Literal, NamedTuple, Protocol

from devices.events import PowerState, ScannerEvent, StatusUpdateEvent
from devices.health import HealthCheckLevel
from devices.ports import PortRef
from devices.profiles import ScannerProfile
from devices.recognition import Seeming, Why
from devices.replies import Identity, Reply
from devices.scanner import Scanner
from till.errors import RefusedError
from till.i18n import _
from till.scanner_words import OUTCOMES, report_rows
from till.scanners import ListedPort

Question = Literal["identify", "internal", "external", "interactive", "lock", "unlock"]

WITHIN_S: Final = 30.0
"""The longest question is the one that waits for somebody to scan."""

PROBE_S: Final = 3.0
"""Opening the port and one answer."""


class Post(Protocol):
    """What is asked of `till.scanners.ScannerPost`."""

    @property
    def scanner(self) -> Scanner | None: ...
    def list_ports(self) -> Sequence[ListedPort]: ...


class Found(NamedTuple):
    """Which family answered, and what it said."""

    profile: str
    identity: Identity


def ask(post: Post, question: Question) -> list[str]:
    """The answer of the scanner in use, in rows for people; may take half a minute.

    Raises `RefusedError`: `no-serial-scanner`, `ask-other-device`, `ask-scan-first`, `ask-unanswered`.
    """
    scanner = post.scanner
    if scanner is None:
        raise RefusedError("no-serial-scanner")
    _need_scanner(str(scanner.port), post.list_ports(), has_scanned=scanner.statistics.good_scan_count > 0)
    try:
        match question:
            case "identify":
                return _identity_rows(scanner.identify().result(WITHIN_S))
            case "lock" | "unlock" as command:
                return _reply_rows(getattr(scanner, command)().result(WITHIN_S))
            case level:
                return report_rows(scanner.check_health(HealthCheckLevel(level)).result(WITHIN_S))
    except NoAnswer:
        raise RefusedError("ask-unanswered") from None


def probe(port: PortRef, listed: Sequence[ListedPort], profiles: Iterable[ScannerProfile]) -> Found | None:
    """Ask a port from which a code was just read who it is, in the words of each family; the first that answers.

    The port must be free. Raises `RefusedError("ask-other-device")`.
    """
    _need_scanner(str(port), listed, has_scanned=True)
    for profile in profiles:
        if profile.commands.identify and "identify" in profile.replies.answered and (said := _said(port, profile)):
            return Found(profile.id, said)
    return None


def _said(port: PortRef, profile: ScannerProfile) -> Identity | None:
    is_open = threading.Event()

    def told(event: ScannerEvent) -> None:
        if isinstance(event, StatusUpdateEvent) and event.power_state is PowerState.ONLINE:
            is_open.set()

    scanner = Scanner(port, profile, told)
    scanner.open()
    scanner.claim()
    try:
        # Not enabled: nothing but the question is sent.
        return scanner.identify().result(PROBE_S) if is_open.wait(PROBE_S) else None
    except NoAnswer:
        return None
    finally:
        scanner.close()


def _need_scanner(ref: str, listed: Sequence[ListedPort], *, has_scanned: bool) -> None:
    known = next((port.seems for port in listed if port.ref == ref), None)
    if known is not None and known.seems in (Seeming.PRINTER, Seeming.PAYMENT):
        raise RefusedError("ask-other-device")
    is_by_maker = known is not None and known.seems is Seeming.SCANNER and known.why is not Why.USED_AS_SCANNER
    if not (is_by_maker or has_scanned):
        raise RefusedError("ask-scan-first")


def _identity_rows(identity: Identity | None) -> list[str]:
    if identity is None:
        return [_("it does not say who it is: another family, or one that never does")]
    named = (
        (_("model"), identity.model), (_("firmware"), identity.firmware), (_("serial number"), identity.serial_number),
    )  # fmt: skip
    return [f"{name}  {value}" for name, value in named if value] or identity.text.splitlines()


def _reply_rows(reply: Reply) -> list[str]:
    return [_(OUTCOMES[reply.outcome])]
