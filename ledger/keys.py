"""The ledger's own keys: a root that certifies, and signs what is installed on tills; and the working keys that sign the rest.

The root's public half is pinned by every till when it is enrolled. Both halves lie in 0600 files of the data directory; a
working key is certified for 400 days, from a day before it was made, so that a till whose clock is late can read at once.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from protocol import canonical
from protocol.errors import SignatureError
from protocol.signing import KeyCertificate, KeyRing, Signed, key_id, open_signed, public_bytes, sign

DAY_US = 86_400_000_000
VALID_DAYS = 400
NEW_KEY_DAYS_BEFORE = 120
PUBLISHED_AHEAD_DAYS = 30
ROOT_FILE = "root.key"
CERTIFICATES_FILE = "certificates.json"


@dataclass(frozen=True)
class WorkingKey:
    """A key that signs, and the certificate that says from when until when."""

    private: Ed25519PrivateKey
    certificate: KeyCertificate

    @property
    def id(self) -> str:
        return self.certificate.key


@dataclass(frozen=True)
class Keys:
    """All keys of a ledger. `certificates` are what tills get, every one of them; `working` those we hold."""

    root: Ed25519PrivateKey
    working: tuple[WorkingKey, ...]
    certificates: tuple[Signed, ...]

    @cached_property
    def ring(self) -> KeyRing:
        """What a till trusts: to check our own codes with."""
        return KeyRing(self.root_public, self.certificates)

    @cached_property
    def root_public(self) -> bytes:
        return public_bytes(self.root)

    @property
    def fingerprint(self) -> str:
        """16 hex digits that a technician compares."""
        return key_id(self.root_public)

    def current(self, now_us: int) -> WorkingKey:
        """The working key to sign with at `now_us` (µs UTC): the oldest that is good for another 30 days.

        So a new one is published long before anything is signed with it, and tills know it by then. Raises `SignatureError`
        when all have run out; `with_new_key` makes another.
        """
        valid = [w for w in self.working if w.certificate.valid_from <= now_us <= w.certificate.valid_until]
        if not valid:
            raise SignatureError("no working key is valid now")
        valid.sort(key=lambda working: working.certificate.valid_until)
        return next(
            (w for w in valid if w.certificate.valid_until > now_us + PUBLISHED_AHEAD_DAYS * DAY_US), valid[-1]
        )

    def needs_new(self, now_us: int) -> bool:
        """Whether it is time to certify another working key."""
        newest = max((working.certificate.valid_until for working in self.working), default=0)
        return newest < now_us + NEW_KEY_DAYS_BEFORE * DAY_US


def new_keys(now_us: int) -> Keys:
    """A root and a first working key, in memory."""
    return with_new_key(Keys(Ed25519PrivateKey.generate(), (), ()), now_us)


def with_new_key(keys: Keys, now_us: int) -> Keys:
    """The same keys with one more working key; the old ones stay valid for their time."""
    private = Ed25519PrivateKey.generate()
    public = public_bytes(private)
    certificate = KeyCertificate(
        key=key_id(public),
        public=public,
        valid_from=max(0, now_us - DAY_US),
        valid_until=now_us + VALID_DAYS * DAY_US,
    )
    signed = sign("key", certificate, keys.root)
    return Keys(keys.root, (*keys.working, WorkingKey(private, certificate)), (*keys.certificates, signed))


def save_keys(keys: Keys, folder: Path) -> None:
    """Write what is not there yet; a key file is never written twice."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_once(folder / ROOT_FILE, _pem(keys.root))
    for working in keys.working:
        _write_once(folder / f"working-{working.id}.key", _pem(working.private))
    fresh = folder / f"{CERTIFICATES_FILE}.new"
    fresh.unlink(missing_ok=True)
    _write_once(fresh, canonical.encode(keys.certificates))
    fresh.replace(folder / CERTIFICATES_FILE)


def has_keys(folder: Path) -> bool:
    """Whether `till-ledger init` was here."""
    return (folder / CERTIFICATES_FILE).exists()


def load_keys(folder: Path) -> Keys:
    """What `save_keys` wrote. Raises `OSError`, and `SignatureError` for a certificate that is not this root's."""
    root = _read(folder / ROOT_FILE)
    certificates = canonical.decode((folder / CERTIFICATES_FILE).read_bytes(), tuple[Signed, ...])
    working = []
    for signed in certificates:
        certificate = open_signed(signed, "key", public_bytes(root), KeyCertificate)
        path = folder / f"working-{certificate.key}.key"
        if path.exists():
            working.append(WorkingKey(_read(path), certificate))
    return Keys(root, tuple(working), certificates)


def _pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _read(path: Path) -> Ed25519PrivateKey:
    key = load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise SignatureError(f"{path.name} is not an Ed25519 key")
    return key


def _write_once(path: Path, data: bytes) -> None:
    if path.exists():
        return
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
