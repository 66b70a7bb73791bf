"""What every test run says at its head, and what it leaves out where the machine lacks something."""

from __future__ import annotations

import shutil

from hypothesis import HealthCheck, settings

from tests import browsers, postgres
from tests.disk import sqlite_abi

# A machine that has other work is slow, and nothing is wrong with the property.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

HAS_TMUX = shutil.which("tmux") is not None
collect_ignore = [] if HAS_TMUX else ["integration/test_real_terminal.py"]
if not browsers.IS_HERE:
    collect_ignore += ["ledger_pages/test_in_a_browser.py", "till/test_second_screen_page.py"]
if sqlite_abi.library() is None:
    collect_ignore.append("disk")


def pytest_report_header() -> list[str]:
    """Whether the ledger is tested on PostgreSQL too, the counter in a real terminal, the member's page in a
    real browser, and the till's files on a bad disk."""
    terminal = "in tmux" if HAS_TMUX else "left out: tmux is not installed"
    return [postgres.report(), f"real terminal: {terminal}", browsers.report(), sqlite_abi.report()]
