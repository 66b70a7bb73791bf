"""What every test run says at its head."""

from __future__ import annotations

from tests import postgres


def pytest_report_header() -> str:
    """Whether the ledger is tested on PostgreSQL too."""
    return postgres.report()
