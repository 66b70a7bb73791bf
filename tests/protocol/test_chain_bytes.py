"""The chain byte for byte: journals are read for ever, so a hash that anything changes is wrong, however well it would work."""

from __future__ import annotations

from protocol import canonical
from protocol.chain import Head, genesis, link, payload_hash
from protocol.chain_check import Witness, code_of, opened, read_witnesses
from protocol.checkpoints import PURPOSE, Checkpoint
from protocol.signing import sign
from tests.protocol.makers import STRANGER, WORKING, ring

GENESIS = "ac4056f10a815446c4fdce036f53264f314983f9465c226e1a12128601512178"


def test_hashes_are_what_they_were() -> None:
    """Of terminal T1 with the key 00 01 … 1f: its genesis, a payload, and entry 258 on top of them."""
    first, payload = genesis("T1", bytes(range(32))), payload_hash(b"{}")
    assert first.hex() == GENESIS
    assert payload.hex() == "e4ed86a497428a0facd9b359dc903525c8f2f6956ced244eb9b56ccd6cd90b68"
    assert link(first, "T1", 258, payload).hex() == "05fb195e23ac957ab9f6422c6aed352c0569d1baa020bba1a83a6411fd1a4a91"


def test_a_head_is_signed_as_it_was() -> None:
    """And its short code stands on old receipts."""
    head = Head(terminal="T1", seq=258, hash=GENESIS)
    assert head.signed_bytes() == b'till-head-1\0{"hash":"' + GENESIS.encode() + b'","seq":258,"terminal":"T1"}'
    assert head.short_code == "VRAFN4IK"


def test_witnesses_are_read_out_of_any_text() -> None:
    """A receipt's line and the ledger's signed checkpoint; of a stranger's checkpoint it is said that it proves nothing."""
    said = Checkpoint(
        terminal="T1", store="S1", public=bytes(32), seq=3, head=GENESIS, at=1, epoch="e", size=0, root=""
    )
    ours, theirs = sign(PURPOSE, said, WORKING), sign(PURPOSE, said, STRANGER)
    lines = ["Receipt W1 T1 7 ABCDEFGH", canonical.encode(ours).decode(), canonical.encode(theirs).decode()]
    found = read_witnesses("\n".join([*lines, '{"body":"torn","purpose":"checkpoint"']))
    assert found == [Witness("t1", 7, "ABCDEFGH"), ours, theirs]
    good, findings = opened(found, ring(WORKING))
    assert good == [Witness("t1", 7, "ABCDEFGH"), Witness("T1", 3, code_of(bytes.fromhex(GENESIS)))]
    assert len(findings) == 1
    assert findings[0].startswith("a checkpoint proves nothing: ")
