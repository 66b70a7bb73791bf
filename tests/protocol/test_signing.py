"""Signatures: for one purpose, by one key, in its time."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import canonical
from protocol.documents import HotList
from protocol.errors import SignatureError
from protocol.signing import KeyCertificate, KeyRing, Signed, key_id, open_signed, public_bytes, sign
from tests.protocol.makers import ROOT, STRANGER, WORKING, ring

LIST = HotList(members=("m1", "m2"))
SIGNED = sign("document", LIST, WORKING)
PUBLIC = public_bytes(WORKING)


def test_what_was_signed_is_read() -> None:
    """The value comes back, by its key and through the ring."""
    assert open_signed(SIGNED, "document", PUBLIC, HotList) == LIST
    assert ring(WORKING).open(SIGNED, "document", HotList, at=5) == LIST


def test_a_signature_is_for_one_purpose() -> None:
    """A document's signature does not pass as an answer's, not even with the purpose renamed."""
    with pytest.raises(SignatureError, match="signed for"):
        open_signed(SIGNED, "answer", PUBLIC, HotList)
    with pytest.raises(SignatureError, match="does not fit"):
        open_signed(msgspec.structs.replace(SIGNED, purpose="answer"), "answer", PUBLIC, HotList)


@pytest.mark.parametrize(
    "tampered",
    [
        msgspec.structs.replace(SIGNED, body=SIGNED.body.replace("m1", "m9")),
        msgspec.structs.replace(SIGNED, body=SIGNED.body + " "),
        msgspec.structs.replace(SIGNED, signature=SIGNED.signature[:-1] + bytes([SIGNED.signature[-1] ^ 1])),
        msgspec.structs.replace(SIGNED, signature=b""),
        msgspec.structs.replace(SIGNED, signature=SIGNED.signature * 2),
    ],
)
def test_nothing_can_be_changed(tampered: Signed) -> None:
    """Another body or another signature is refused."""
    with pytest.raises(SignatureError):
        open_signed(tampered, "document", PUBLIC, HotList)


@given(st.integers(0, len(SIGNED.signature) * 8 - 1))
def test_no_bit_of_a_signature_can_be_flipped(bit: int) -> None:
    """Any flipped bit makes it worthless."""
    signature = bytearray(SIGNED.signature)
    signature[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SignatureError):
        open_signed(msgspec.structs.replace(SIGNED, signature=bytes(signature)), "document", PUBLIC, HotList)


@pytest.mark.parametrize("public", [public_bytes(STRANGER), b"", b"x" * 31, b"\xff" * 32])
def test_another_key_did_not_sign_it(public: bytes) -> None:
    """A stranger's key, and what is no key at all, end in the one error."""
    with pytest.raises(SignatureError):
        open_signed(SIGNED, "document", public, HotList)


def test_signed_nonsense_is_refused_too() -> None:
    """A signature does not make a second spelling or another kind readable."""
    with pytest.raises(SignatureError, match="not readable"):
        open_signed(SIGNED, "document", PUBLIC, KeyCertificate)


def test_only_certified_keys_are_in_the_ring() -> None:
    """A key that the root did not certify signs nothing, and the root itself is no working key."""
    with pytest.raises(SignatureError, match="no certificate"):
        ring(WORKING).open(sign("document", LIST, STRANGER), "document", HotList)
    with pytest.raises(SignatureError, match="no certificate"):
        ring(WORKING).open(sign("document", LIST, ROOT), "document", HotList)


def test_a_key_claimed_is_the_key_checked() -> None:
    """A stranger who writes a certified key's name on his document is found out."""
    forged = msgspec.structs.replace(sign("document", LIST, STRANGER), key=key_id(PUBLIC))
    with pytest.raises(SignatureError, match="does not fit"):
        ring(WORKING).open(forged, "document", HotList)


@pytest.mark.parametrize(("at", "is_valid"), [(99, False), (100, True), (200, True), (201, False)])
def test_a_key_has_its_time(at: int, is_valid: bool) -> None:
    """A working key counts from `valid_from` to `valid_until`, both included, and always where no time is known."""
    keys = ring(WORKING, valid_from=100, valid_until=200)
    assert keys.open(SIGNED, "document", HotList) == LIST
    if is_valid:
        assert keys.open(SIGNED, "document", HotList, at) == LIST
    else:
        with pytest.raises(SignatureError, match="not valid now"):
            keys.open(SIGNED, "document", HotList, at)


def certificate(name: str, public: bytes) -> KeyCertificate:
    """A certificate without an end."""
    return KeyCertificate(key=name, public=public, valid_from=0, valid_until=canonical.MAX_INTEGER)


def test_only_the_root_certifies() -> None:
    """A certificate by a working key, for another purpose, or naming another key than it carries is refused."""
    theirs = certificate(key_id(public_bytes(STRANGER)), public_bytes(STRANGER))
    misnamed = certificate(key_id(PUBLIC), public_bytes(STRANGER))
    for forged in (sign("key", theirs, WORKING), sign("document", theirs, ROOT), sign("key", misnamed, ROOT)):
        with pytest.raises(SignatureError):
            KeyRing(public_bytes(ROOT), (forged,))


def test_overlapping_keys_both_count() -> None:
    """While the next key is published ahead, documents of both are believed."""
    keys = ring(WORKING, STRANGER)
    for key in (WORKING, STRANGER):
        assert keys.open(sign("document", LIST, key), "document", HotList, at=1) == LIST
