"""The commands about one member alone: what he agreed to, offers to him, who rises; refusals say what would help."""

from __future__ import annotations

from pathlib import Path

from ledger.console import REFUSED
from tests.ledger_service.test_command_line import ask, folder, run
from tests.ledger_service.town import MEMBER

__all__ = ["folder"]


def test_what_he_said_at_the_service_desk(folder: Path) -> None:
    """Recorded with its purpose; for nobody it is refused."""
    said = ask(folder, "member", "consent", MEMBER, "personal", "--yes")
    assert said == {"member": MEMBER, "purpose": "personal", "is_given": True}
    assert run(folder, "member", "consent", MEMBER, "personal", "--no").output == (
        f"{MEMBER} does not agree: personal\n"
    )
    assert run(folder, "member", "consent", "1000000009", "personal", "--yes").exit_code == REFUSED


def test_an_offer_needs_his_word_and_something_to_offer(folder: Path) -> None:
    """A day that is over, what nobody offers in person."""
    over = run(folder, "member", "offer", MEMBER, "voucher", "--until", "2020-01-01")
    assert (over.exit_code, over.output) == (REFUSED, "2020-01-01 is over\n")
    nothing = run(folder, "member", "offer", MEMBER, "voucher", "--until", "2099-01-01")
    assert (nothing.exit_code, "voucher" in nothing.output) == (REFUSED, True)


def test_nobody_rises_where_nobody_comes(folder: Path) -> None:
    answer = ask(folder, "member", "rising", "qingsui", "--on", "2026-11-22")
    assert answer == {"merchant": "qingsui", "month": "2026-11", "members": []}
    assert run(folder, "member", "rising", "qingsui").output == "nobody rises\n"


def test_a_tier_by_hand_has_its_reason(folder: Path) -> None:
    """Kept with the member, who finds it among his data."""
    given = ask(folder, "member", "tier", MEMBER, "gold", "--reason", "ten years with us")
    assert given == {"member": MEMBER, "tier": "gold", "reason": "ten years with us"}
    assert ask(folder, "member", "show", MEMBER)["tier"] == "gold"
