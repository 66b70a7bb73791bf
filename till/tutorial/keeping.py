"""Who passed at this till and the ledger has not been told of yet: a file beside the journal, and no part of it."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import Final

import msgspec

from protocol import canonical
from protocol.canonical import Model
from protocol.errors import NotCanonicalError
from protocol.tutorials import TutorialKept, TutorialPassed
from sync.errors import FinalSyncError, SyncError
from sync.identity import load_key
from till.sending import SentLater

FILE: Final = "tutorials.json"
PATH: Final = "/v1/training/passed"

_log = logging.getLogger(__name__)


class Untold(Model, kw_only=True):
    """Who passed, in the order in which they did."""

    passed: tuple[TutorialPassed, ...] = ()


def keep(folder: Path, passed: TutorialPassed) -> None:
    """Keep it for the ledger, durable enough: a crash in the middle leaves what was there."""
    _write(folder, (*untold(folder), passed))


def keep_and_send(folder: Path, passed: TutorialPassed) -> None:
    """Keep it, and try to tell the ledger in a thread of its own."""
    keep(folder, passed)
    threading.Thread(target=send, args=(folder,), name="tutorial", daemon=True).start()


def untold(folder: Path) -> tuple[TutorialPassed, ...]:
    """Those of the till in `folder`. A file that is damaged says nothing."""
    try:
        return canonical.decode((folder / FILE).read_bytes(), Untold).passed
    except (OSError, msgspec.MsgspecError, NotCanonicalError):
        return ()


def send(folder: Path) -> bool:
    """Tell the ledger; whether nothing is left to tell. Waits for the network, as the till of the books and not of a training.

    What the ledger refuses (nobody of that number works here any more) is dropped; what fails is tried another time.
    """
    from sync.client import LedgerClient
    from sync.training import own_identity

    try:
        identity = own_identity(folder)
        with LedgerClient(identity, load_key(folder, identity.public)) as client:
            while waiting := untold(folder):
                try:
                    client.ask(PATH, waiting[0], TutorialKept)
                except FinalSyncError as error:
                    if error.code != "unknown-staff":
                        raise
                    _log.warning("the ledger does not take a passed tutorial: %s", error)
                _write(folder, waiting[1:])
    except SyncError as error:
        _log.info("who passed the tutorial is told later: %s", error)
        return False
    return True


def sent_later(folder: Path) -> SentLater:
    """Who passed while the ledger did not answer."""
    return SentLater("tutorial", (folder / FILE).exists, lambda: send(folder))


def _write(folder: Path, passed: tuple[TutorialPassed, ...]) -> None:
    if not passed:
        (folder / FILE).unlink(missing_ok=True)
        return
    beside = folder / f"{FILE}.new"
    beside.write_bytes(canonical.encode(Untold(passed=passed)))
    beside.replace(folder / FILE)
