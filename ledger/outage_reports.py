"""What tills found when they tried whether they would survive an outage: the newest report of each."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from ledger import rows
from ledger.schema_outage import OutageReportRow
from protocol import canonical
from protocol.outage import OutageReport, OutageReports

REHEARSAL = "rehearsal"
"""The check that is the rehearsal itself."""

_read = msgspec.json.Decoder(OutageReport).decode


def keep(connection: Connection, report: OutageReport) -> None:
    """The newest one stays, in whatever order they come."""
    found = rows.fetch(connection, "SELECT at, rehearsed_at FROM outage_report WHERE terminal = ?", report.terminal)
    known_at, rehearsed_at = found[0] if found else (0, 0)
    if any((check.name, check.result) == (REHEARSAL, "pass") for check in report.checks):
        rehearsed_at = max(rehearsed_at, report.at)
    if report.at < known_at:
        rows.execute(
            connection, "UPDATE outage_report SET rehearsed_at = ? WHERE terminal = ?", rehearsed_at, report.terminal
        )
        return
    row = (report.terminal, report.at, report.result, rehearsed_at, canonical.encode(report))
    rows.put(connection, OutageReportRow, [row])


def of_store(connection: Connection, store: str) -> OutageReports:
    """Of the tills of a store that are at work."""
    found = rows.fetch(
        connection,
        "SELECT t.terminal, o.report FROM terminal t LEFT JOIN outage_report o ON o.terminal = t.terminal"
        " WHERE t.store = ? AND t.status = 'active' ORDER BY t.terminal",
        store,
    )
    return OutageReports(
        reports=tuple(_read(report) for _terminal, report in found if report is not None),
        silent=tuple(terminal for terminal, report in found if report is None),
    )
