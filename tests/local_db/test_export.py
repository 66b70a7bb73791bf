"""An exported journal proves itself: whatever is changed in it is found, and the first wrong entry is named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import example, given
from hypothesis import strategies as st

from local_db.export import export
from local_db.journal import Journal
from protocol import canonical
from protocol.chain_check import Witness, read_witnesses, witness_of
from protocol.checkpoints import PURPOSE, Checkpoint
from protocol.journal_export import JournalLine, check_journal
from protocol.signing import KeyCertificate, key_id, public_bytes, sign
from tests.local_db import makers

ENTRIES = 12
ROOT = Ed25519PrivateKey.from_private_bytes(b"r" * 32)
ROOT_PUBLIC = public_bytes(ROOT)
CERTIFICATE = KeyCertificate(key=key_id(ROOT_PUBLIC), public=ROOT_PUBLIC, valid_from=0, valid_until=2**50)


def checkpoint(seq: int, hash_: bytes) -> bytes:
    """The ledger's receipt for the chain up to an entry."""
    said = Checkpoint(
        terminal=makers.TERMINAL, store="s", public=b"p", seq=seq, head=hash_.hex(), at=1, epoch="e", size=0, root=""
    )
    return canonical.encode(sign(PURPOSE, said, ROOT))


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, Witness]:
    """The bytes of an export with a receipt of the ledger in it, and what a customer's receipt says of the last entry."""
    folder: Path = tmp_path_factory.mktemp("exported")
    journal = Journal.open(folder)
    rows = makers.fill(journal, ENTRIES)
    journal.keep_checkpoint(checkpoint(3, rows[2].hash))
    signed = sign("key", CERTIFICATE, ROOT)
    head = JournalLine(
        terminal=makers.TERMINAL, public=makers.PUBLIC, root_public=ROOT_PUBLIC, certificates=(signed,)
    )
    export(journal, folder / "out.jsonl", head)
    journal.close()
    return (folder / "out.jsonl").read_bytes(), witness_of(makers.TERMINAL, ENTRIES, rows[-1].hash)


def checked(data: bytes, *witnesses: Witness) -> list[str]:
    """What is found."""
    return list(check_journal(data.splitlines(keepends=True), witnesses))


def first_seq(findings: list[str]) -> int:
    """Which entry the first sentence names; 0 for what is no entry."""
    found = re.match(r"entry ([0-9]+)", findings[0])
    return int(found[1]) if found else 0


def lines_of(data: bytes) -> list[bytes]:
    return data.splitlines(keepends=True)


def test_what_was_exported_is_right(exported: tuple[bytes, Witness]) -> None:
    """With a witness of its last entry, read again from the text of a QR code, and with the ledger's receipt in it."""
    data, witness = exported
    assert checked(data, witness) == []
    assert read_witnesses(f"shift report\n{witness}\n") == [witness]
    assert len(lines_of(data)) == ENTRIES + 2
    assert len(str(witness)) <= 90


@given(at=st.integers(0), flip=st.integers(1, 255))
@example(at=40, flip=1)
def test_a_changed_byte(exported: tuple[bytes, Witness], at: int, flip: int) -> None:
    """Any byte, in any way: found in the line where it is."""
    data, witness = exported
    at %= len(data)
    line = data[:at].count(b"\n")
    changed = data[:at] + bytes([data[at] ^ flip]) + data[at + 1 :]
    findings = checked(changed, witness)
    assert findings
    if 1 <= line <= ENTRIES:
        assert first_seq(findings) == line, findings
    elif line == 0:
        assert first_seq(findings) <= 1, findings


@given(st.integers(1, ENTRIES), st.integers(1, ENTRIES))
def test_two_entries_that_changed_places(exported: tuple[bytes, Witness], one: int, other: int) -> None:
    """The first of the two is named; the same entry is where it was."""
    data, witness = exported
    lines = lines_of(data)
    lines[one], lines[other] = lines[other], lines[one]
    findings = checked(b"".join(lines), witness)
    assert bool(findings) == (one != other)
    assert not findings or first_seq(findings) == min(one, other)


@given(st.integers(1, ENTRIES), st.integers(1, ENTRIES))
def test_entries_that_are_left_out(exported: tuple[bytes, Witness], first: int, count: int) -> None:
    """In the middle always, the tail against the witness; the first that is missing is named."""
    data, witness = exported
    lines = lines_of(data)
    del lines[first : min(first + count, ENTRIES + 1)]
    assert first_seq(checked(b"".join(lines), witness)) == first


@given(st.integers(0))
def test_an_export_that_is_cut_off(exported: tuple[bytes, Witness], at: int) -> None:
    """At any byte: what is missing begins at the entry that is named."""
    data, witness = exported
    at %= len(data)
    findings = checked(data[:at], witness)
    whole = data[:at].count(b"\n")
    is_after_all = at == sum(map(len, lines_of(data)[: ENTRIES + 1]))
    assert bool(findings) != is_after_all
    if 1 <= whole <= ENTRIES:
        assert first_seq(findings) == whole, findings


def test_a_tail_is_missed_by_any_later_witness(exported: tuple[bytes, Witness]) -> None:
    """A receipt's code as people type it, or the ledger's own receipt; without one a shorter journal is whole."""
    data, witness = exported
    shorter = b"".join(lines_of(data)[:10])
    assert checked(shorter) == []
    assert first_seq(checked(shorter, witness._replace(code=witness.code[:8]))) == 10
    kept = b"".join([*lines_of(data)[:3], lines_of(data)[-1]])
    assert checked(kept)[0].startswith("entry 3 is missing: the ledger has acknowledged entry 3")


def test_a_rewritten_chain_lacks_the_key(exported: tuple[bytes, Witness]) -> None:
    """A witness of another hash, and of another terminal."""
    data, witness = exported
    assert "here is" in checked(data, witness._replace(code="A" * 8))[0]
    assert "of terminal t2" in checked(data, witness._replace(terminal="t2"))[0]
