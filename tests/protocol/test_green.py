"""A green report proves itself, and nothing else passes for one."""

from __future__ import annotations

import msgspec
import pytest

from ledger.keys import DAY_US, VALID_DAYS, Keys, new_keys
from protocol import canonical
from protocol.errors import SignatureError
from protocol.green import (
    MAX_BYTES,
    GreenAttribute,
    GreenFile,
    GreenKind,
    GreenReport,
    Words,
    read_report,
    sign_report,
)
from protocol.signing import sign

NOW_US = 1_795_290_000_000_000
NAME = Words(zh="节电", en="electricity saved")
REPORT = GreenReport(
    member="1000000001", since="2026-01-01", until="2026-12-31", at=NOW_US,
    kinds=(GreenKind(kind="green", name=NAME, earned=60, used=50, left=10),),
    attributes=(
        GreenAttribute(attribute="kwh-year", name=NAME, unit=NAME, amount=60, co2e_mg=530_600, co2e_g=31_836, source=NAME),
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def keys() -> Keys:
    """Of the ledger."""
    return new_keys(NOW_US)


def signed(keys: Keys, report: GreenReport = REPORT) -> bytes:
    """The file."""
    return sign_report(report, keys.root_public, keys.certificates, keys.working[0].private)


def test_a_report_is_read_with_nothing_but_the_fingerprint(keys: Keys) -> None:
    """As it was written; one line of text."""
    data = signed(keys)
    assert read_report(data, keys.fingerprint) == REPORT
    assert data.count(b"\n") == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (rb"\"amount\":60", rb"\"amount\":61"),
        (rb"\"co2e_g\":31836", rb"\"co2e_g\":31837"),
        (rb"\"earned\":60", rb"\"earned\":90"),
        (b"1000000001", b"1000000002"),
        (b"2026-12-31", b"2027-12-31"),
        (b"green-report", b"export"),
        (b"{", b"{ "),
        (b"\n", b"\n\n"),
    ],
)
def test_a_changed_file_is_refused(keys: Keys, old: bytes, new: bytes) -> None:
    """Whatever is changed in it."""
    data = signed(keys)
    assert data.count(old) >= 1
    with pytest.raises(SignatureError):
        read_report(data.replace(old, new, 1), keys.fingerprint)


def test_no_single_bit_may_turn(keys: Keys) -> None:
    """Every byte of a small file is held by something: the signatures, the certificates, the fingerprint, the form."""
    data = signed(keys, GreenReport(member="1", at=NOW_US))
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1
        with pytest.raises(SignatureError):
            read_report(bytes(changed), keys.fingerprint)


def test_a_forged_one_is_refused(keys: Keys) -> None:
    """Another root, a key that no root certified, a key after its time, another document of the same ledger, nonsense."""
    with pytest.raises(SignatureError, match="another ledger"):
        read_report(signed(new_keys(NOW_US)), keys.fingerprint)
    stranger = new_keys(NOW_US).working[0].private
    with pytest.raises(SignatureError, match="no certificate"):
        read_report(sign_report(REPORT, keys.root_public, keys.certificates, stranger), keys.fingerprint)
    late = msgspec.structs.replace(REPORT, at=NOW_US + (VALID_DAYS + 1) * DAY_US)
    with pytest.raises(SignatureError, match="not valid"):
        read_report(signed(keys, late), keys.fingerprint)
    other = GreenFile(
        root_public=keys.root_public, certificates=keys.certificates,
        report=sign("document", REPORT, keys.working[0].private),
    )  # fmt: skip
    with pytest.raises(SignatureError, match="signed for 'document'"):
        read_report(canonical.encode(other), keys.fingerprint)
    for nonsense in (b"", b"{}", b"null", b"\xff\xfe", b"[" * 100_000, b" " * (MAX_BYTES + 1)):
        with pytest.raises(SignatureError):
            read_report(nonsense, keys.fingerprint)
