"""`till-ledger programme bounds`: what is used of stocks and quotas, and who is over a limit."""

from __future__ import annotations

from pathlib import Path

from ledger.console import REFUSED
from tests.ledger_service.test_command_line import ask, folder, run

__all__ = ["folder"]


def test_a_programme_without_bounds(folder: Path) -> None:
    """Nothing to say is said; what nobody published is refused."""
    assert ask(folder, "programme", "bounds", "qingsui-market") == {
        "programme": "qingsui-market", "used": [], "over": [],
    }  # fmt: skip
    said = run(folder, "programme", "bounds", "qingsui-market").output
    assert said == "nothing is bounded, or nobody is over a limit\n"
    assert run(folder, "programme", "bounds", "nothing").exit_code == REFUSED
