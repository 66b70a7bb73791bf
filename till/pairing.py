"""Pairing a folder with a ledger: the one thing that can be done with a folder that is no till, or no more."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from local_db.connections import till_lock
from local_db.errors import LocalDbError
from protocol.enrolment import read_invitation
from sync.enrolment import enrol
from sync.errors import SyncError
from sync.identity import Identity
from sync.leaving import Left
from sync.prepared import prepared, use_prepared


def pair(
    folder: Path, code: str, name: str, told: Callable[[Left], None] = lambda _left: None,
    replaced: Callable[[str, int], None] = lambda _terminal, _left: None,
) -> Identity:  # fmt: skip
    """Make the till in `folder` a terminal of the ledger that showed `code`. `name`: what people call it, 02号机.

    A terminal of it that has ended is put aside first, and `told`; a till of another machine whose place it takes is
    `replaced`, with how many entries it still had. Raises `CodeError`, `sync` errors, `SignatureError` when the ledger is not
    the one that the code names.
    """
    invitation = read_invitation(code)
    with till_lock(folder):
        identity = enrol(invitation, folder, name, told=told, replaced=replaced)
        if prepared(folder) is not None:
            # Not needed where the ledger answers: the background loads the same, if this is not to be had.
            with suppress(SyncError, LocalDbError):
                use_prepared(folder)
    return identity
