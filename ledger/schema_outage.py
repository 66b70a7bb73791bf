"""The table of what tills found when they tried whether they would survive an outage: by terminal, not hot."""

from __future__ import annotations

from typing import ClassVar

from sqlmodel import Field

from ledger.schema import Books, blob, whole


class OutageReportRow(Books, table=True):
    """The newest report of a terminal, as canonical JSON (`protocol.outage.OutageReport`); `rehearsed_at`: when a rehearsal
    passed last, 0 for never."""

    __tablename__: ClassVar[str] = "outage_report"
    terminal: str = Field(primary_key=True)
    at: int = whole()
    result: str
    rehearsed_at: int = whole(default=0)
    report: bytes = blob()
