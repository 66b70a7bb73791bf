"""Who this till is: its identity, a fact in the journal, and its key, a file beside it.

The key is made here and never leaves. The file is readable by its owner alone; on Windows the user's profile does that.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from local_db.connections import sync_names
from local_db.errors import JournalDamagedError
from local_db.journal import Journal
from local_db.journal_reader import JournalReader
from protocol import canonical
from protocol.canonical import Model, Name
from protocol.chain import genesis
from protocol.errors import NotCanonicalError
from protocol.journal_export import JournalLine
from protocol.signing import KeyRing, Signed, public_bytes
from sync.errors import KeyUnreadableError

FACT = "identity"
ENDED_FACT = "ended"
"""Why this terminal sells nothing more (`sync.errors.ENDING`); empty or missing while it is at work."""

KEY_FILE = "terminal.key"


class Identity(Model, kw_only=True):
    """What the ledger made of this till at enrolment, and whom it trusts since."""

    terminal: Name
    store: Name
    name: Name
    url: str
    public: bytes
    """The public half of the terminal's key: the journal is proved by it, the key itself may be gone."""
    root_public: bytes
    certificates: tuple[Signed, ...]

    def ring(self) -> KeyRing:
        """The keys that this till believes."""
        return KeyRing(self.root_public, self.certificates)

    def journal_line(self) -> JournalLine:
        """What an export of its journal begins with."""
        return JournalLine(
            terminal=self.terminal, public=self.public, root_public=self.root_public, certificates=self.certificates
        )

    def genesis(self) -> bytes:
        """The hash before this till's first entry."""
        return genesis(self.terminal, self.public)

    def with_certificates(self, certificates: tuple[Signed, ...]) -> Identity:
        """The same till, trusting these as well. Raises `SignatureError` when one is not the pinned root's."""
        KeyRing(self.root_public, certificates)
        known = {signed.body: signed for signed in (*self.certificates, *certificates)}
        return msgspec.structs.replace(self, certificates=tuple(known.values()))


def load_identity(journal: JournalReader) -> Identity | None:
    """Who this till is, or None where nobody enrolled it.

    Raises `JournalDamagedError` where somebody did and what is kept of it cannot be read.
    """
    fact = journal.fact(FACT)
    if fact is None:
        if journal.last() is not None:
            raise JournalDamagedError("whose entries these are is not to be read any more")
        return None
    try:
        return canonical.decode(fact.encode(), Identity)
    except (msgspec.MsgspecError, NotCanonicalError) as error:
        raise JournalDamagedError(f"whose journal this is cannot be read: {error}") from None


def save_identity(journal: Journal, identity: Identity) -> None:
    """Remember it from now on."""
    journal.set_fact(FACT, canonical.encode(identity).decode())


def make_key(folder: Path) -> Ed25519PrivateKey:
    """The key of this folder: a new one, fsynced, unless there is one already."""
    path = folder / KEY_FILE
    if path.exists():
        return load_key(folder)
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    # Under its name it is there whole or not at all: half a key would bar this folder from every enrolment.
    fresh = path.with_name(f"{KEY_FILE}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    sync_names(folder)
    return key


def load_key(folder: Path, public: bytes = b"") -> Ed25519PrivateKey:
    """The key in a folder; with `public`, the one that belongs to it. Raises `KeyUnreadableError`."""
    path = folder / KEY_FILE
    try:
        _restrict(path)
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise KeyUnreadableError(path.name, str(error)) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnreadableError(path.name, "not an Ed25519 key")
    if public and public_bytes(key) != public:
        raise KeyUnreadableError(path.name, "another terminal's key")
    return key


def wipe_key(folder: Path) -> None:
    """Destroy the key of a terminal that was revoked; what it signed stays in the journal."""
    path = folder / KEY_FILE
    if path.exists():
        path.write_bytes(bytes(path.stat().st_size))
        path.unlink()


def _restrict(path: Path) -> None:
    """The one place that knows POSIX permissions: a copied folder may have brought others."""
    if sys.platform != "win32" and path.stat().st_mode & 0o077:
        path.chmod(0o600)
