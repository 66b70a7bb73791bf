"""The way to the ledger, step by step: cable, name, connection, TLS, the ledger itself, and what it says the time is.

Each step is made by itself, as a person would look for the fault, and within a bound; the first that fails says why the
others cannot be judged. Connections are opened and closed several times: what gets lost shows in how many come about.
"""

from __future__ import annotations

import socket
import ssl
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple
from urllib.parse import urlsplit

import httpcore
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync import border
from sync.client import Contact, LedgerClient
from sync.errors import Cause, SyncError
from sync.identity import Identity
from sync.machine import THIS_MACHINE, Machine
from sync.transport import addresses_of

CONNECTS: Final = 8
CONNECT_TIMEOUT_S: Final = 1.5
NAME_TIMEOUT_S: Final = 3.0
SLOW_MS: Final = 400
"""A redemption that is asked for online waits 800 ms: half of it may be the way there and back."""
LOST_FROM: Final = 2
"""Of `CONNECTS`: one may be bad luck."""

Step = Literal["cable", "name", "connect", "tls", "ledger"]
Judged = Literal["fine", "slow", "lossy"] | Cause


class Tried(NamedTuple):
    """One step: None where it was not made, because one before it failed."""

    step: Step
    is_ok: bool | None
    took_ms: int = 0


@dataclass
class Probed:
    """What was found. `cause` is empty where the ledger answered; times in ms."""

    steps: list[Tried] = field(default_factory=list)
    cause: Cause | None = None
    sent: int = 0
    lost: int = 0
    median_ms: int = 0
    slowest_ms: int = 0
    contact: Contact | None = None

    @property
    def verdict(self) -> Judged:
        """In one word."""
        if self.cause is not None:
            return self.cause
        if self.lost >= LOST_FROM:
            return "lossy"
        return "slow" if self.median_ms > SLOW_MS else "fine"


def probe(identity: Identity, key: Ed25519PrivateKey, machine: Machine = THIS_MACHINE) -> Probed:
    """Try the way to the ledger of a till, as that till. Takes seconds where something is wrong; never raises."""
    found = Probed()
    with LedgerClient(identity, key, machine=machine) as client:
        try:
            client.outcomes(2**40)
        except SyncError as error:
            found.cause = error.cause
        found.contact = client.contact
    steps = _steps(identity.url, found)
    for step, make in steps:
        began = time.monotonic()
        is_ok = make()
        found.steps.append(Tried(step, is_ok, round((time.monotonic() - began) * 1_000)))
        if not is_ok:
            break
    done = {tried.step for tried in found.steps}
    found.steps += [Tried(step, None) for step, _make in steps if step not in done]
    return found


def _steps(url: str, found: Probed) -> list[tuple[Step, Callable[[], bool]]]:
    place = urlsplit(url)
    is_tls = place.scheme == "https"
    host, port = place.hostname or "", place.port or (443 if is_tls else 80)
    steps: list[tuple[Step, Callable[[], bool]]] = [
        ("cable", lambda: border.has_route() or host in ("localhost", "127.0.0.1", "::1")),
        ("name", lambda: _resolves(host, port)),
        ("connect", lambda: _connects(host, port, found)),
    ]
    if is_tls:
        steps.append(("tls", lambda: _shakes_hands(host, port)))
    return [*steps, ("ledger", lambda: found.cause is None)]


def _resolves(host: str, port: int) -> bool:
    try:
        return bool(addresses_of(host, port, NAME_TIMEOUT_S))
    except httpcore.ConnectError:
        return False


def _connects(host: str, port: int, found: Probed) -> bool:
    """As often as `CONNECTS` says."""
    took = list(_times(host, port))
    good = [ms for ms in took if ms is not None]
    found.sent, found.lost = len(took), len(took) - len(good)
    if good:
        found.median_ms, found.slowest_ms = round(statistics.median(good)), round(max(good))
    return bool(good)


def _times(host: str, port: int) -> Iterator[float | None]:
    for turn in range(CONNECTS):
        began = time.monotonic()
        try:
            socket.create_connection((host, port), CONNECT_TIMEOUT_S).close()
        except OSError:
            yield None
            if turn == 1:  # twice nothing: nobody is there
                return
        else:
            yield (time.monotonic() - began) * 1_000


def _shakes_hands(host: str, port: int) -> bool:
    try:
        with (
            socket.create_connection((host, port), CONNECT_TIMEOUT_S) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=host),
        ):
            return True
    except (OSError, ssl.SSLError):
        return False
