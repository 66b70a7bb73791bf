"""What can be looked at without selling; what is said of it; and that a rehearsal fails where the till would."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace
from typing import cast, get_args

import msgspec
import pytest

import till.outage
from config.settings import Settings
from devices.health import HealthCheckLevel, HealthReport, HealthStep, Verdict
from protocol.documents import AllowancePolicy
from protocol.entries import Sale, decode_entry
from protocol.outage import OutageCheck, OutageReport, OutageReports
from sync import training
from sync.cable import Cable
from sync.client import Contact
from sync.enrolment import enrol
from sync.errors import Cause
from sync.probing import Probed
from tests.sync.books import Books, on_socket
from till import i18n
from till.clock import TillClock
from till.outage import checks, devices, rehearsal
from till.outage.checks import check
from till.outage.examining import examine
from till.outage.keeping import FILE, Kept, keep, kept_in
from till.outage.words import (
    FOUND,
    GENERAL,
    NAMES,
    QR_CHARACTERS,
    STEPS,
    line_of,
    qr_text,
    store_lines,
    text_lines,
    verdict,
)

AT = 1_795_350_964_000_000
ALPHANUMERIC = re.compile(r"[0-9A-Z $%*+\-./:]+")


def report(*found: OutageCheck, result: str = "fail", terminal: str = "zhongshan-02") -> OutageReport:
    return OutageReport(terminal=terminal, terminal_name="02号机", at=AT, version="1", result=result, checks=found)  # type: ignore[arg-type]


# --- looked at ------------------------------------------------------------------------------------------------------


def test_a_full_disk_a_slow_one_and_one_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real write is made; what it left is gone."""
    assert checks.disk(tmp_path).code == "disk-pass"
    assert list(tmp_path.iterdir()) == []
    assert checks.disk(tmp_path / "gone").code == "disk-failed"
    monkeypatch.setattr("till.outage.checks.SYNC_MS", -1)
    assert checks.disk(tmp_path).code == "disk-slow"
    monkeypatch.setattr("shutil.disk_usage", lambda _folder: SimpleNamespace(free=100 << 20))
    assert checks.disk(tmp_path).code == "disk-full"


@pytest.mark.parametrize(("offset_s", "code"), [(0, "clock-pass"), (-59, "clock-pass"), (3_600, "clock-off")])
def test_the_clock_by_the_ledger(offset_s: int, code: str) -> None:
    """And without an answer by what the till knows of it."""
    assert checks.clock(TillClock(), Probed(contact=Contact(0, offset_s * 1_000_000, 1, 1))).code == code
    assert checks.clock(TillClock(), Probed(cause="dns")).code == "clock-skipped"


def test_devices_as_far_as_nobody_touches_them() -> None:
    """None, one that is away, one that is read badly, one that is read."""
    away, there = Settings(scanner_port="device:/dev/nothing-here"), Settings(scanner_port="device:/dev/null")

    def seen(*, is_online: bool = True, good: int = 3, errors: int = 0, health: str = "") -> devices.ScannerAtWork:
        status = SimpleNamespace(port="p", is_online=is_online, code="", good_scans=good, errors=errors)
        asked: Future[HealthReport] = Future()
        verdict = Verdict.FAIL if health else Verdict.PASS
        asked.set_result(HealthReport(HealthCheckLevel.INTERNAL, (HealthStep("health", verdict, health, 1),)))
        scanner = SimpleNamespace(check_health=lambda _level: asked)
        return cast("devices.ScannerAtWork", SimpleNamespace(status=lambda: status, scanner=scanner))

    assert devices.scanner(Settings(), None).code == "scanner-wedge"
    assert devices.scanner(away, None).code == "scanner-away"
    assert devices.scanner(Settings(), seen()).code == "scanner-pass"  # assigned since the settings were read
    assert devices.scanner(there, None).code == "scanner-there"
    assert devices.scanner(there, seen()).code == "scanner-pass"
    assert devices.scanner(there, seen(is_online=False)).code == "scanner-away"
    assert devices.scanner(there, seen(good=1, errors=2)).code == "scanner-noisy"
    assert devices.scanner(there, seen(health="laser")).facts == {"why": "health laser"}
    assert (
        devices.scanner(there, seen(good=0, health="laser")).code == "scanner-pass"
    )  # not asked: nobody knows what it is
    assert devices.printer(Settings()).code == "printer-none"
    assert devices.printer(Settings(printer_port="url:socket://127.0.0.1:9")).code == "printer-away"


# --- said -----------------------------------------------------------------------------------------------------------


def codes_in_the_source() -> set[str]:
    """Of every check that the room can make, and of every step of the rehearsal that can fail."""
    found: set[str] = set()
    for file in Path(till.outage.__file__).parent.glob("*.py"):
        text = file.read_text(encoding="utf-8")
        made = re.findall(
            r'check\(\s*"([a-z]+)",\s*"(pass|fail|skipped)"(?:,\s*"([a-z-]+)"|(?=\))|(?=,\s*\w+=))', text
        )
        found |= {f"{name}-{code or result}" for name, result, code in made}
    found |= {"clock-jump", "clock-drift"}
    return found | {f"network-{verdict}" for verdict in (*get_args(Cause), "fine", "slow", "lossy")}


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_code_has_a_sentence_and_what_failed_a_remedy(language: i18n.Language) -> None:
    """In both languages; no fact is left in braces."""
    i18n.use(language)
    steps = {f"rehearsal-{step}" for step in rehearsal.STEPS}
    assert len(codes_in_the_source()) > 40
    for code in codes_in_the_source() | FOUND.keys():
        _sentence, remedy = FOUND[code]
        is_bad = bool(remedy)
        name = max((name for name in NAMES if code.startswith(name)), key=len)
        line = line_of(OutageCheck(name=name, result="fail" if is_bad else "pass", code=code))
        assert "{" not in line.found + line.remedy
        assert bool(line.remedy) is is_bad
        if language == "zh-CN":
            assert re.search("[一-鿿]", line.found), code
    assert steps <= NAMES.keys()
    assert steps <= STEPS.keys()
    assert set(GENERAL) >= {"pass", "fail", "skipped", "refused"}
    i18n.use("en")


def test_the_verdict_names_what_is_mended_first() -> None:
    """Steps of a check are told by it."""
    bad = report(
        check("disk", "fail", "full", mb=1, least=200), check("network", "fail", "dns"), check("net-name", "fail")
    )
    assert verdict(bad) == "Not ready for an outage: 2 to mend, first: Disk"
    assert verdict(report(check("network", "fail", "dns"), check("net-name", "fail"))).startswith(
        "The network does not work"
    )
    assert verdict(report(check("disk", "pass"), result="skipped")).startswith("Nothing wrong was found")
    assert verdict(report(check("disk", "pass"), result="pass")).startswith("This till survives")
    text = "\n".join(text_lines(bad, str))
    assert "delete what is not the till's" in text
    assert qr_text(bad) in text


def test_the_code_fits_the_screen_whatever_failed() -> None:
    """Alphanumeric, within version 4, and what has no room is counted."""
    for most in range(12):
        found = [check(name, "fail", "x" * 12) for name in list(NAMES)[:9]][:most]
        text = qr_text(report(*found, terminal="a-store-with-a-long-name-02"))
        assert len(text) <= QR_CHARACTERS
        assert ALPHANUMERIC.fullmatch(text)
        told = len(text.split()[4:]) - (1 if "+" in text else 0)
        assert told + int(text.partition("+")[2] or 0) == len(found)


def test_the_store_begins_with_who_needs_it_most() -> None:
    """Never checked, then failed, then passed."""
    told = OutageReports(
        reports=(
            report(check("disk", "pass"), result="pass", terminal="s-01"),
            report(check("disk", "fail"), terminal="s-02"),
        ),
        silent=("s-03",),
    )
    lines = list(store_lines(told, str))
    assert [re.findall(r"s-0\d", line)[0] for line in lines] == ["s-03", "s-02", "s-01"]


def test_what_is_kept_survives_a_crash_and_damage_is_nothing(tmp_path: Path) -> None:
    """The newest one whole, or the one before it."""
    assert kept_in(tmp_path) is None
    first = Kept(report=report(check("disk", "pass")), is_sent=True)
    keep(tmp_path, first)
    (tmp_path / f"{FILE}.new").write_bytes(b"{half")
    assert kept_in(tmp_path) == first
    (tmp_path / FILE).write_bytes(b"{half")
    assert kept_in(tmp_path) is None


# --- rehearsed ------------------------------------------------------------------------------------------------------


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[tuple[Books, Path]]:
    """A till of a ledger that serves training books."""
    books = Books(tmp_path / "ledger")
    books.publish(allowance=AllowancePolicy(per_member=2_000))
    with on_socket(books) as port:
        enrol(books.invite(f"http://127.0.0.1:{port}"), tmp_path / "till", "02号机")
        yield books, tmp_path / "till"
    books.close()


def test_a_rehearsal_sells_redeems_restarts_sends_and_compares(shop: tuple[Books, Path]) -> None:
    """Everything passes; nothing of it stays, here or there."""
    books, folder = shop
    told: list[str] = []
    summary, *steps = rehearsal.rehearse(folder, Settings(), told.append)
    assert [(one.name, one.result) for one in steps] == [(f"rehearsal-{step}", "pass") for step in rehearsal.STEPS], (
        steps
    )
    assert (summary.result, summary.facts["n"]) == ("pass", str(rehearsal.SALES_BEFORE + 1 + rehearsal.SALES_AFTER))
    assert int(next(one for one in steps if one.name == "rehearsal-redeem").facts["points"]) >= 100
    assert told == list(rehearsal.STEPS)
    assert int(summary.facts["points"]) > 0
    assert not (folder / training.FOLDERS["rehearsal"]).exists()
    assert not list((books.file.parent / "training").glob("*/*"))


def test_examining_keeps_out_of_the_journal(shop: tuple[Books, Path]) -> None:
    """The till has sold nothing, and its cache is empty: that is found, and the rehearsal passes all the same."""
    _books, folder = shop
    before = (folder / "journal.db").read_bytes()
    found = examine(folder, Settings(), by="1090")
    by_name = {one.name: one for one in found.checks}
    assert (found.result, by_name["cache"].code, by_name["rehearsal"].result) == ("fail", "cache-none", "pass")
    assert by_name["network"].code == "network-fine"
    assert (folder / "journal.db").read_bytes() == before


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is waited for long."""
    monkeypatch.setattr(rehearsal, "WITHIN_S", 2.0)


def failing(folder: Path) -> str:
    summary, *steps = rehearsal.rehearse(folder, Settings())
    assert summary.result == "fail"
    assert not (folder / training.FOLDERS["rehearsal"]).exists()
    return next(one.code for one in steps if one.result == "fail")


@pytest.mark.usefixtures("hurried")
def test_a_cable_that_was_not_pulled_fails_it(shop: tuple[Books, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """So what passes was offline."""
    monkeypatch.setattr(Cable, "cut", lambda _cable: None)
    assert failing(shop[1]) == "rehearsal-cut-not-seen"


@pytest.mark.usefixtures("hurried")
def test_a_sale_that_is_not_in_the_journal_fails_it(
    shop: tuple[Books, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is counted on the disk, not in memory."""
    real = training.sales_in
    monkeypatch.setattr(training, "sales_in", lambda folder: real(folder) - 1)
    assert failing(shop[1]) == "rehearsal-sell-not-stored"


@pytest.mark.usefixtures("hurried")
def test_a_ledger_that_books_otherwise_fails_it(shop: tuple[Books, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """One point less in every sale."""
    decode = decode_entry

    def other(payload: bytes) -> object:
        entry = decode(payload)
        if isinstance(entry, Sale) and entry.awards:
            less = msgspec.structs.replace(entry.awards[0], points=entry.awards[0].points - 1)
            return msgspec.structs.replace(entry, awards=(less,))
        return entry

    monkeypatch.setattr("ledger.screening.decode_entry", other)
    assert failing(shop[1]) == "rehearsal-compare-differs"


def test_a_store_that_sets_nothing_aside_is_told_so(shop: tuple[Books, Path]) -> None:
    """It is no failure: that is the merchant's choice."""
    books, folder = shop
    books.publish()
    summary, *steps = rehearsal.rehearse(folder, Settings())
    assert summary.result == "pass"
    assert [one.code for one in steps if one.result != "pass"] == ["rehearsal-redeem-off"]


def test_without_a_network_it_is_skipped_and_says_why(tmp_path: Path) -> None:
    """Nobody fails for what could not be tried."""
    books = Books(tmp_path / "ledger")
    with on_socket(books) as port:
        enrol(books.invite(f"http://127.0.0.1:{port}"), tmp_path / "till", "02号机")
    books.close()
    summary, first, *_others = rehearsal.rehearse(tmp_path / "till", Settings())
    assert (summary.code, first.code) == ("rehearsal-skipped", "rehearsal-begin-offline")
