"""`till-ledger technician card`: a code that tills believe, and a line that says who made it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from ledger.keys import load_keys
from protocol.technician_cards import read
from tests.ledger_service.test_command_line import ask, folder, run
from tests.ledger_service.town import STORE

__all__ = ["folder"]


def test_the_card_is_believed_by_tills(folder: Path) -> None:
    """Checked with the ledger's certificates alone; as long as was asked for, in that store."""
    made = ask(folder, "technician", "card", "李工", "--store", STORE, "--days", "2")
    now_us = time.time_ns() // 1_000
    card = read(made["card"], load_keys(folder).ring, now_us, STORE)
    assert (card.technician, card.store, card.number) == ("李工", STORE, made["number"])
    assert card.expires_s * 1_000_000 == made["expires_at"]
    assert 86_400 < card.expires_s - now_us // 1_000_000 <= 2 * 86_400


def test_it_is_shown_as_a_code_and_noted(folder: Path) -> None:
    """With its number, so that a card in strange hands can be traced to who made it."""
    text = run(folder, "technician", "card", "李工").stdout
    assert "▀" in text
    assert "李工 for every store" in text
    act = ask(folder, "operator", "acts")["acts"][-1]
    assert act["what"] == "technician-card"
    assert act["facts"]["name"] == "李工"


@pytest.mark.parametrize(
    ("arguments", "exit_code"), [(["x" * 40], 2), (["李工", "--days", "32"], 2), (["李工", "--store", "nowhere"], 4)]
)
def test_what_makes_no_card(folder: Path, arguments: list[str], exit_code: int) -> None:
    """Too long for a code, too long a life, a store that is not."""
    assert run(folder, "technician", "card", *arguments).exit_code == exit_code
