"""`till journal verify`: the chain by itself, and against what a customer has in his hand."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from click.testing import CliRunner, Result

from config.settings import Settings
from local_db.journal_reader import JournalReader
from protocol.chain import Head
from tests.desks import TERMINAL
from tests.till.test_composition import Shop
from till.cli import main
from till.composition import open_till
from till.shifts import Session


def verified(folder: Path, *receipt: str) -> Result:
    return CliRunner().invoke(main, ["--data-dir", str(folder), "journal", "verify", *receipt])


def test_a_receipt_is_asked_whether_the_journal_is_the_one_it_saw(tmp_path: Path) -> None:
    """Its code agrees, or another entry stands there, or the journal ends before it."""
    shop = Shop(tmp_path)
    with open_till(shop.folder, Settings()) as till:
        till.counter.open_shift(Session("1001", "赵敏", ("manager",)))
    with closing(JournalReader.open(tmp_path)) as journal:
        (row,) = journal.entries(1, 1)
    code = Head(terminal=TERMINAL, seq=1, hash=row.hash.hex()).short_code
    assert verified(tmp_path).exit_code == 0
    assert verified(tmp_path, "--receipt", "1", code.lower()).exit_code == 0
    other = verified(tmp_path, "--receipt", "1", "AAAAAAAA")
    assert (other.exit_code, "the receipt's code is AAAAAAAA" in other.output) == (1, True)
    beyond = verified(tmp_path, "--receipt", "1", code, "--receipt", "2", code)
    assert (beyond.exit_code, "entry 2: a receipt has it, the journal has not" in beyond.output) == (1, True)
