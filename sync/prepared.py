"""A till that is set up without a network: who it is comes as a file from the ledger, and so does all that it knows.

`setup/` in the folder of the till holds what a stick brought, until the till is paired and it is in the cache.
"""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path
from typing import Final

import msgspec

from local_db.cache import CacheReader
from local_db.connections import sync_names
from local_db.journal import Journal
from protocol import canonical
from protocol.bundles import DOCUMENTS, InvitedTill
from protocol.documents import DocumentsAnswer
from protocol.enrolment import EnrolRequest, read_invitation
from protocol.enrolment_files import QUESTION, read_answer
from protocol.errors import NotCanonicalError
from protocol.signing import KeyRing, public_bytes, sign
from sync import cache_files
from sync.bootstrap import delete_cache, load_parts
from sync.enrolment import identity_from
from sync.errors import FinalSyncError
from sync.identity import Identity, load_identity, make_key, save_identity
from sync.received_documents import put_documents
from sync.snapshot_spool import Spool

SETUP: Final = "setup"
WHO: Final = "till.json"


def prepare(folder: Path, brought: Path, parts: Path, till: InvitedTill) -> None:
    """Keep what a stick brought: `brought` has the documents, `parts` the snapshot. Cut off, it is kept again the next time."""
    kept = folder / SETUP
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir(parents=True, mode=0o700)
    shutil.copyfile(brought / DOCUMENTS, kept / DOCUMENTS)
    for part in parts.glob("snapshot-*.part"):
        shutil.copyfile(part, kept / part.name)
    (kept / WHO).write_bytes(canonical.encode(till))


def prepared(folder: Path) -> InvitedTill | None:
    """Which till this folder was prepared to be; None where no stick was here, or it is done."""
    try:
        return canonical.decode((folder / SETUP / WHO).read_bytes(), InvitedTill)
    except (OSError, msgspec.MsgspecError, NotCanonicalError):
        return None


def question(folder: Path, till: InvitedTill) -> bytes:
    """What is carried to the ledger; the same key asks whenever this is called. Raises `CodeError`, `KeyUnreadableError`."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = make_key(folder)
    request = EnrolRequest(code=read_invitation(till.invitation).code, public=public_bytes(key), name=till.name)
    return canonical.encode(sign(QUESTION, request, key))


def accept(folder: Path, till: InvitedTill, answer: bytes) -> Identity:
    """Become who the ledger says in the file that was carried back. The caller holds `till.lock`.

    Raises `SignatureError` for an answer that is not this ledger's, or not to this till, and
    `FinalSyncError("already-enrolled")`.
    """
    invitation, key = read_invitation(till.invitation), make_key(folder)
    public = public_bytes(key)
    identity = identity_from(invitation, read_answer(answer, invitation.root, public), public)
    with closing(Journal.open(folder)) as journal:
        known = load_identity(journal)
        if known is not None and known != identity:
            raise FinalSyncError("already-enrolled", f"{folder} is {known.terminal}")
        save_identity(journal, identity)
    return identity


def use_prepared(folder: Path) -> int:
    """Make the cache of what the stick brought, once the till is paired; how many members. The caller holds `till.lock`.

    A till that has a cache keeps it: it was paired by other means meanwhile, and knows more than the stick.

    Raises `NotTheLedgerError` and `FinalSyncError` for what the till's ledger did not sign, and `local_db` errors.
    """
    kept = folder / SETUP
    with closing(Journal.open(folder)) as journal:
        identity = load_identity(journal)
        assert identity is not None
        path = cache_files.current_file(folder, journal.fact(cache_files.FACT))
        if path is None:
            path = cache_files.next_file(folder, journal.fact(cache_files.FACT))
            _load(path, kept, journal, identity.ring())
            journal.set_fact(cache_files.FACT, path.name)
    shutil.rmtree(kept, ignore_errors=True)
    sync_names(folder)
    with closing(CacheReader.open(path)) as cache:
        return cache.member_count()


def _load(path: Path, kept: Path, journal: Journal, ring: KeyRing) -> None:
    pages = Spool(kept, lambda _file, _why: None).pages(ring)
    with closing(load_parts(path, pages, journal)) as cache:
        try:
            put_documents(cache, _documents(kept), 0, ring)
        except FinalSyncError:
            cache.close()
            delete_cache(path)
            raise
        cache.checkpoint()


def _documents(kept: Path) -> DocumentsAnswer:
    try:
        return canonical.decode((kept / DOCUMENTS).read_bytes(), DocumentsAnswer)
    except (OSError, msgspec.MsgspecError, NotCanonicalError) as error:
        raise FinalSyncError("bad-answer", f"{DOCUMENTS}: {error}") from None
