"""The installer's own check of signatures says what `cryptography` says."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.signing import key_id, public_bytes
from till.installer.bundle import fingerprint
from till.installer.ed25519 import verify

_ORDER = 2**252 + 27742317777372353535851937790883648493
_SEED = st.binary(min_size=32, max_size=32)


def by_cryptography(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@given(_SEED, st.binary(max_size=200))
@settings(max_examples=10, deadline=None)
def test_what_was_signed_is_believed(seed: bytes, message: bytes) -> None:
    """By any key, over any message; and the key has the name that the protocol gives it."""
    key = Ed25519PrivateKey.from_private_bytes(seed)
    assert verify(public_bytes(key), key.sign(message), message)
    assert fingerprint(public_bytes(key)) == key_id(public_bytes(key))


@given(_SEED, st.binary(max_size=50), st.integers(0, 96 * 8 - 1))
@settings(max_examples=25, deadline=None)
def test_one_bit_is_enough(seed: bytes, message: bytes, bit: int) -> None:
    """Flipped in the key or in the signature: both say the same of it."""
    key = Ed25519PrivateKey.from_private_bytes(seed)
    data = bytearray(public_bytes(key) + key.sign(message))
    data[bit // 8] ^= 1 << bit % 8
    public, signature = bytes(data[:32]), bytes(data[32:])
    assert not verify(public, signature, message)
    assert not by_cryptography(public, signature, message)


@given(st.binary(max_size=100), st.binary(max_size=100))
@settings(max_examples=25, deadline=None)
def test_noise_is_no_signature(public: bytes, signature: bytes) -> None:
    """Whatever its length: no exception."""
    assert not verify(public, signature, b"")


def test_a_second_spelling_of_a_signature_is_refused() -> None:
    """The scalar plus the order of the group (RFC 8032, 8.4)."""
    key = Ed25519PrivateKey.generate()
    signature = key.sign(b"a")
    scalar = int.from_bytes(signature[32:], "little") + _ORDER
    assert not verify(public_bytes(key), signature[:32] + scalar.to_bytes(32, "little"), b"a")
