"""Questions to a scanner, and who is never asked one."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import Settings
from devices.profiles import ScannerProfile
from devices.recognition import UNRECOGNISED, Recognition, Seeming, Why
from devices.simulators import ScannerSimulator
from tests.devices.answering import Answering
from till import i18n
from till.asking import ask, probe
from till.errors import RefusedError
from till.events import CodeScanned, Event, ScannerChanged
from till.families import read_families
from till.scanners import ListedPort, ScannerPost

IDENTIFY, LOCK = b"\x7e\x010000@QRYSYS;\x03", b"\x7e\x010000@SETUPE0;\x03"
ANSWERS = {
    IDENTIFY: b"\x02\x010000@QRYSYSProduct Name: HR52\r\nFirmware Version: V1.2\x06;\x03",
    LOCK: b"\x02\x010000@SETUPE0\x06;\x03",
}
BRIDGE = Recognition(Seeming.ADAPTER, Why.BRIDGE, "QinHeng CH340")
PRINTER = Recognition(Seeming.PRINTER, Why.MAKER, "Epson")
PAYMENT = Recognition(Seeming.PAYMENT, Why.NAME)


@pytest.fixture(autouse=True)
def _language() -> Iterator[None]:
    i18n.use("en")
    yield
    i18n.use("en")


@pytest.fixture
def newland() -> Iterator[ScannerSimulator]:
    """A scanner that answers as Newland's do."""
    with ScannerSimulator("socket") as simulator:
        answering = Answering(simulator, ANSWERS)
        yield simulator
        answering.stop()


class ListingPost(ScannerPost):
    """On a machine that lists the scanner's port, as `seems`."""

    seems: Recognition = UNRECOGNISED

    def list_ports(self) -> list[ListedPort]:
        return [ListedPort(self.settings.scanner_port, "COM3", "", "", (), self.seems)]


@pytest.fixture
def post(tmp_path: Path, newland: ScannerSimulator) -> Iterator[tuple[ListingPost, queue.Queue[Event]]]:
    """That scanner in use, and what the till is told."""
    told: queue.Queue[Event] = queue.Queue()
    settings = Settings(scanner_port=str(newland.port), scanner_profile="newland-unified")
    made = ListingPost(tmp_path, settings, told.put)
    made.start()
    until(told, ScannerChanged)
    yield made, told
    made.stop()


def until(told: queue.Queue[Event], kind: type[Event]) -> None:
    while not isinstance(told.get(timeout=10), kind):
        pass


def families(folder: Path, *names: str) -> list[ScannerProfile]:
    found = read_families(folder)
    return [profile for name in names if (profile := found.find(name))]


def test_what_has_scanned_may_be_asked(
    post: tuple[ListingPost, queue.Queue[Event]], newland: ScannerSimulator
) -> None:
    """Behind an adapter nobody knows what hangs there, until a code comes from it."""
    used, told = post
    used.seems = BRIDGE
    with pytest.raises(RefusedError, match="ask-scan-first"):
        ask(used, "identify")
    newland.type_code("6901234567892")
    until(told, CodeScanned)
    assert ask(used, "identify") == ["model  HR52", "firmware  V1.2"]
    assert "done" in ask(used, "lock")[0]
    assert ask(used, "internal")[-1] == "all: PASS"


def test_a_scanner_by_its_maker_may_be_asked_at_once(post: tuple[ListingPost, queue.Queue[Event]]) -> None:
    """It is no printer."""
    used, _told = post
    used.seems = Recognition(Seeming.SCANNER, Why.MAKER, "Newland")
    assert "model  HR52" in ask(used, "identify")


@pytest.mark.parametrize("seems", [PRINTER, PAYMENT])
def test_a_printer_and_a_payment_terminal_are_never_asked(
    post: tuple[ListingPost, queue.Queue[Event]], newland: ScannerSimulator, seems: Recognition, tmp_path: Path
) -> None:
    """Even after something readable came from it; and no byte is sent."""
    used, told = post
    used.seems = seems
    newland.type_code("6901234567892")
    until(told, CodeScanned)
    for question in ("identify", "internal", "interactive", "lock"):
        with pytest.raises(RefusedError, match="ask-other-device"):
            ask(used, question)
    with pytest.raises(RefusedError, match="ask-other-device"):
        probe(newland.port, used.list_ports(), families(tmp_path, "newland-unified"))


def test_a_scanner_that_types_cannot_be_asked(tmp_path: Path) -> None:
    """There is no line."""
    with pytest.raises(RefusedError, match="no-serial-scanner"):
        ask(ScannerPost(tmp_path, Settings(), lambda _: None), "identify")


def test_the_family_that_answers_is_found(tmp_path: Path, newland: ScannerSimulator) -> None:
    """Each family is asked in its own words; those without any are left out."""
    order = families(tmp_path, "generic-line", "honeywell-menu", "newland-unified")
    found = probe(newland.port, [], order)
    assert found is not None
    assert (found.profile, found.identity.model) == ("newland-unified", "HR52")
    assert probe(newland.port, [], families(tmp_path, "honeywell-menu")) is None
