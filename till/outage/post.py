"""What a screen asks about outages: hold an examination, and what the last one found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.settings import Settings
    from protocol.outage import OutageReport, OutageReports
    from till.outage.devices import ScannerAtWork
    from till.outage.keeping import Kept


class OutagePost:
    """Of the till in `folder`. All calls but `kept` wait for the network: not on the screen's thread."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self._folder, self._settings = folder, settings

    def kept(self) -> Kept | None:
        """The newest report."""
        from till.outage.keeping import kept_in

        return kept_in(self._folder)

    def examine(self, by: str, scanner: ScannerAtWork | None, told: Callable[[str], object]) -> OutageReport:
        """Look at everything, rehearse, keep it and tell the ledger. Raises `SyncError` and errors of `local_db`."""
        from till.outage.examining import examine
        from till.outage.keeping import keep_and_send

        report = examine(self._folder, self._settings, scanner=scanner, by=by, told=told)
        keep_and_send(self._folder, report)
        return report

    def of_store(self) -> OutageReports:
        """Of all tills of the store. Raises `SyncError`."""
        from till.outage.keeping import of_store

        return of_store(self._folder)
