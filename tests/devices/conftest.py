"""Simulated scanners on real ports: each test that asks for one runs on every kind of cable this platform has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from devices.ports import PortRef
from devices.profiles import ScannerProfile
from devices.scanner import Scanner
from devices.simulators import CABLE_KINDS, ScannerSimulator
from tests.devices.harness import FAST_BACKOFF_S, PATIENT_FRAMING, Inbox, make_profile

MakeScanner = Callable[..., Scanner]


@pytest.fixture(params=CABLE_KINDS)
def simulator(request: pytest.FixtureRequest) -> Iterator[ScannerSimulator]:
    """A plugged scanner."""
    with ScannerSimulator(request.param) as plugged:
        yield plugged


@pytest.fixture
def inbox() -> Inbox:
    """Where events go."""
    return Inbox()


@pytest.fixture
def make_scanner(inbox: Inbox) -> Iterator[MakeScanner]:
    """Makes enabled scanners on a port; closes them all."""
    made: list[Scanner] = []

    def make(port: PortRef, profile: ScannerProfile | None = None, **options: Any) -> Scanner:
        options.setdefault("backoff_s", FAST_BACKOFF_S)
        scanner = Scanner(port, profile or make_profile(), inbox, **options)
        made.append(scanner)
        scanner.open()
        scanner.claim()
        scanner.enable()
        return scanner

    yield make
    for scanner in made:
        scanner.close()


@pytest.fixture
def scanner(simulator: ScannerSimulator, make_scanner: MakeScanner, inbox: Inbox) -> Scanner:
    """An enabled scanner on the simulator's port, online."""
    enabled = make_scanner(simulator.port)
    inbox.until_online()
    return enabled


@pytest.fixture
def patient_scanner(simulator: ScannerSimulator, make_scanner: MakeScanner, inbox: Inbox) -> Scanner:
    """The same, with a gap so long that only terminators end a frame."""
    enabled = make_scanner(simulator.port, make_profile(PATIENT_FRAMING))
    inbox.until_online()
    return enabled
