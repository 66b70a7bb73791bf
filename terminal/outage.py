"""What the screens ask about outages: `till.outage.post.OutagePost`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from protocol.outage import OutageReport, OutageReports


class KeptReport(Protocol):
    """The newest report, and whether the ledger has it."""

    @property
    def report(self) -> OutageReport: ...
    @property
    def is_sent(self) -> bool: ...


class Outages(Protocol):
    """All calls but `kept` take a while: not on the screen's thread."""

    def kept(self) -> KeptReport | None: ...

    def examine(self, by: str, scanner: Any, told: Callable[[str], object]) -> OutageReport: ...

    def of_store(self) -> OutageReports: ...
