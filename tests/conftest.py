"""What every test run says at its head, and what it leaves out where the machine lacks something."""

from __future__ import annotations

import shutil

from tests import postgres

HAS_TMUX = shutil.which("tmux") is not None
collect_ignore = [] if HAS_TMUX else ["integration/test_real_terminal.py"]


def pytest_report_header() -> list[str]:
    """Whether the ledger is tested on PostgreSQL too, and the counter in a real terminal."""
    terminal = "in tmux" if HAS_TMUX else "left out: tmux is not installed"
    return [postgres.report(), f"real terminal: {terminal}"]
