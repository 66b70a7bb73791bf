"""The newest report: a file of the till, beside the journal and no part of it, and the ledger's copy."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from protocol import canonical
from protocol.canonical import Model
from protocol.errors import NotCanonicalError
from protocol.outage import OutageReport, OutageReports
from sync.errors import SyncError
from sync.identity import load_key
from till.sending import SentLater

if TYPE_CHECKING:
    from sync.client import LedgerClient

FILE: Final = "outage-report.json"

_log = logging.getLogger(__name__)


class Kept(Model, kw_only=True):
    """A report, and whether the ledger has it."""

    report: OutageReport
    is_sent: bool = False


def keep(folder: Path, kept: Kept) -> None:
    """In place of the one before; a crash in the middle leaves that."""
    beside = folder / f"{FILE}.new"
    beside.write_bytes(canonical.encode(kept))
    beside.replace(folder / FILE)


def kept_in(folder: Path) -> Kept | None:
    """The newest report of the till in `folder`, or None. One that is damaged is none."""
    try:
        return canonical.decode((folder / FILE).read_bytes(), Kept)
    except (OSError, msgspec.MsgspecError, NotCanonicalError):
        return None


def keep_and_send(folder: Path, report: OutageReport) -> Kept:
    """Keep a new report and tell the ledger, if it answers; the open till tells it later otherwise (`sent_later`)."""
    keep(folder, Kept(report=report))
    send(folder)
    return kept_in(folder) or Kept(report=report)


def send(folder: Path) -> None:
    """Tell the ledger what is kept and it does not have. Waits for the network; what fails is tried again another time."""
    kept = kept_in(folder)
    if kept is None or kept.is_sent:
        return
    try:
        with _client(folder) as client:
            client.send_outage_report(kept.report)
    except SyncError as error:
        _log.info("the outage report is sent later: %s", error)
        return
    keep(folder, Kept(report=kept.report, is_sent=True))


def of_store(folder: Path) -> OutageReports:
    """The newest report of every till of the store, as the ledger has them. Waits for the network. Raises `SyncError`."""
    with _client(folder) as client:
        return client.outage_reports()


def _client(folder: Path) -> LedgerClient:
    """Imported late: an opening till needs none of it."""
    from sync.client import LedgerClient
    from sync.training import own_identity

    identity = own_identity(folder)
    return LedgerClient(identity, load_key(folder, identity.public))


def sent_later(folder: Path) -> SentLater:
    """What was kept without a network."""

    def is_due() -> bool:
        kept = kept_in(folder) if (folder / FILE).exists() else None
        return kept is not None and not kept.is_sent

    return SentLater("outage-report", is_due, lambda: send(folder))
