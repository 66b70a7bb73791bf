"""A terminal that has ended leaves its folder: what it still has goes to the ledger, and its journal is put aside whole.

A chain belongs to one terminal for ever (DESIGN 4, the life of a terminal). So the folder's next terminal begins another one,
with another key, and the old journal stays beside it as proof: never deleted, read with `till journal … --journal FILE`.
"""

from __future__ import annotations

import logging
import re
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import httpx

from local_db.connections import PULL_LOCK_FILE, sync_names, till_lock
from local_db.export import export
from local_db.journal import FILE, Journal
from protocol.feed import Vector
from sync import cache_files
from sync.client import LedgerClient
from sync.errors import CONFLICTS, ENDING, FinalSyncError, KeyUnreadableError
from sync.identity import ENDED_FACT, Identity, load_identity, load_key, wipe_key
from sync.push import Pusher

_log = logging.getLogger("sync")


class Left(NamedTuple):
    """A terminal that has left. `why`: a code of `sync.errors`. `waiting` entries the ledger has not answered for: `export`."""

    terminal: str
    why: str
    journal: Path
    waiting: int
    export: Path | None


def leave(folder: Path, transport: httpx.BaseTransport | None = None) -> Left | None:
    """Make a folder free for another terminal; None where it belongs to nobody.

    The caller holds `till.lock`. Raises `FinalSyncError("already-enrolled")` where its terminal is at work,
    `TransientSyncError` where nobody could be asked, and `local_db` errors: then all is as it was.
    """
    with till_lock(folder, PULL_LOCK_FILE), closing(Journal.open(folder)) as journal:
        identity = load_identity(journal)
        if identity is None:
            return None
        why = _bring_the_rest(folder, journal, identity, transport)
        waiting, kept = journal.waiting(), _free_name(folder, identity.terminal)
        exported = kept.with_suffix(".jsonl") if waiting else None
        if exported is not None:
            export(journal, exported, identity.journal_line())
        journal.seal()
    # The key goes first: should the power be cut in between, a terminal without one has ended, and leaves the next time.
    wipe_key(folder)
    cache_files.remove_others(folder, keep=cache_files.NONE)
    (folder / FILE).rename(kept)
    sync_names(folder)
    return Left(identity.terminal, why, kept, waiting, exported)


def _bring_the_rest(folder: Path, journal: Journal, identity: Identity, transport: httpx.BaseTransport | None) -> str:
    """Why the terminal has ended; what waits is at the ledger then, as far as it takes it."""
    known = journal.fact(ENDED_FACT) or ""
    try:
        key = load_key(folder, identity.public)
    except KeyUnreadableError as error:
        return known or error.code  # nobody can speak for it any more
    with LedgerClient(identity, key, transport=transport) as client:
        pusher = Pusher(journal, client)
        why = _asked(pusher, client) or (known if known == "journal-damaged" else "")
        if not why:
            raise FinalSyncError("already-enrolled", f"{folder} is {identity.terminal}, which is at work")
        push = pusher.push_branch if why in CONFLICTS else pusher.push_once
        try:
            while push().left:
                pass
        except FinalSyncError as error:
            _log.error("what is left of this chain stays in the journal: %s", error)
    return why


def _asked(pusher: Pusher, client: LedgerClient) -> str:
    try:
        pusher.confirm()
        client.has_moved(Vector())
    except FinalSyncError as error:
        if error.code not in ENDING:
            raise
        return error.code
    return ""


def _free_name(folder: Path, terminal: str) -> Path:
    """`journal-STORE-02.db`; the same terminal may leave twice, where an old copy of it was put back once more."""
    stem = f"journal-{re.sub(r'[^0-9A-Za-z_-]', '_', terminal)}"
    number, path = 1, folder / f"{stem}.db"
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}.db"
    return path
