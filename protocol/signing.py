"""Ed25519 signatures over canonical bytes, and the ring of keys that a till trusts.

The ledger's root key is pinned when a till is enrolled. It signs the certificates of working keys, which sign documents,
answers and dynamic codes; and, itself, what is installed on a till (`protocol.bundles`). Every purpose has its own prefix: a
signature made for one is worth nothing for another.
"""

from __future__ import annotations

import hashlib
from typing import TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import DecodeError

from protocol import canonical
from protocol.canonical import Micros, Model, Name
from protocol.errors import NotCanonicalError, SignatureError

_T = TypeVar("_T", bound=Model)


class Signed(Model, kw_only=True):
    """A document and who says so. `body` is the signed text itself; `purpose` is inside the signature."""

    purpose: Name
    key: Name
    body: str
    signature: bytes


class KeyCertificate(Model, kw_only=True):
    """A working key, signed by the root. Published ahead; the times of two may overlap."""

    key: Name
    public: bytes
    valid_from: Micros
    valid_until: Micros


def key_id(public: bytes) -> str:
    """The name of a key: 16 hex digits of its hash. Of the root key it is the fingerprint that a technician compares."""
    return hashlib.sha256(b"till-key-1\0" + public).hexdigest()[:16]


def public_bytes(key: Ed25519PrivateKey | Ed25519PublicKey) -> bytes:
    """The 32 raw bytes of a public key."""
    public = key.public_key() if isinstance(key, Ed25519PrivateKey) else key
    return public.public_bytes_raw()


def sign(purpose: str, value: Model, key: Ed25519PrivateKey) -> Signed:
    """Sign the canonical form of `value`, for one purpose."""
    body = canonical.encode(value)
    return Signed(
        purpose=purpose, key=key_id(public_bytes(key)), body=body.decode(), signature=key.sign(_bytes(purpose, body))
    )


def verify_bytes(public: bytes, signature: bytes, data: bytes) -> None:
    """Raises `SignatureError` unless `public` (32 bytes) signed `data`."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
    except (InvalidSignature, ValueError):
        raise SignatureError("the signature does not fit") from None


def open_signed(signed: Signed, purpose: str, public: bytes, kind: type[_T]) -> _T:
    """The value in a signed document. Raises `SignatureError` unless `public` signed it for this purpose."""
    if signed.purpose != purpose:
        raise SignatureError(f"signed for {signed.purpose!r}, not for {purpose!r}")
    if signed.key != key_id(public):  # no signature covers it
        raise SignatureError("it names another key than the one that signed it")
    verify_bytes(public, signed.signature, _bytes(purpose, signed.body.encode()))
    try:
        return canonical.decode(signed.body.encode(), kind)
    except (DecodeError, NotCanonicalError) as error:
        raise SignatureError(f"signed, but not readable: {error}") from None


class KeyRing:
    """The root key and the working keys that it certified."""

    def __init__(self, root_public: bytes, certificates: tuple[Signed, ...]) -> None:
        """Raises `SignatureError` when a certificate is not the root's."""
        self.root_public = root_public
        self._working: dict[str, KeyCertificate] = {}
        for signed in certificates:
            certificate = open_signed(signed, "key", root_public, KeyCertificate)
            if certificate.key != key_id(certificate.public):
                raise SignatureError("a certificate names another key than it carries")
            self._working[certificate.key] = certificate

    @property
    def valid_until(self) -> int:
        """Until when the last of the working keys is valid, µs UTC; 0 where there is none."""
        return max((certificate.valid_until for certificate in self._working.values()), default=0)

    def public(self, key: str, at: int | None = None) -> bytes:
        """The public bytes of working key `key`, valid `at` (µs UTC) where a time is known.

        Raises `SignatureError` for a key without a certificate, and outside its time.
        """
        certificate = self._working.get(key)
        if certificate is None:
            raise SignatureError(f"no certificate for key {key}")
        if at is not None and not certificate.valid_from <= at <= certificate.valid_until:
            raise SignatureError(f"key {key} is not valid now")
        return certificate.public

    def open(self, signed: Signed, purpose: str, kind: type[_T], at: int | None = None) -> _T:
        """The value in a document signed by a working key. Raises `SignatureError`."""
        return open_signed(signed, purpose, self.public(signed.key, at), kind)


def _bytes(purpose: str, body: bytes) -> bytes:
    return b"till-" + purpose.encode() + b"-1\0" + body
