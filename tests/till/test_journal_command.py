"""`till journal verify`: the chain by itself, and against what a customer has in his hand."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from config.settings import Settings
from local_db.errors import JournalDamagedError
from local_db.journal import FILE
from local_db.journal_reader import JournalReader
from protocol.chain import Head
from protocol.chain_check import witness_of
from sync.errors import KeyUnreadableError
from sync.identity import KEY_FILE, make_key
from sync.reports import PullFailed
from tests.desks import TERMINAL
from tests.till.test_composition import Shop
from till.cli import main
from till.composition import open_till
from till.errors import RefusedError
from till.shifts import Session


def asked(folder: Path, *command: str) -> Result:
    return CliRunner().invoke(main, ["--lang", "en", "--data-dir", str(folder), *command])


def verified(folder: Path, *receipt: str) -> Result:
    return asked(folder, "journal", "verify", *receipt)


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


def test_a_till_that_lost_its_key_is_still_read(tmp_path: Path) -> None:
    """The journal is proved by the public key in the identity; the counter does not open, and says what helps."""
    shop = Shop(tmp_path)
    with open_till(shop.folder, Settings()) as till:
        till.counter.open_shift(Session("1001", "赵敏", ("manager",)))
    (tmp_path / KEY_FILE).unlink()
    assert (verified(tmp_path).exit_code, asked(tmp_path, "report", "shift").exit_code) == (0, 0)
    assert asked(tmp_path, "journal", "show").exit_code == 0
    assert asked(tmp_path, "journal", "export", str(tmp_path / "out.jsonl")).exit_code == 0
    refused = asked(tmp_path, "sync", "now")
    assert (refused.exit_code, "`till enrol CODE` pairs it anew" in refused.output) == (4, True)


def test_a_revoked_till_says_so_and_is_still_read(tmp_path: Path) -> None:
    """Its key was wiped: the better answer is why, and the journal proves itself."""
    shop = Shop(tmp_path)
    with open_till(shop.folder, Settings()) as till:
        till.counter.open_shift(Session("1001", "赵敏", ("manager",)))
        till.agent._inbox.put(PullFailed("revoked", "terminal-revoked"))
        while not till.counter._desk.ended:
            till.agent._thread.join(0.01)
        with pytest.raises(RefusedError, match="terminal-revoked"):
            till.counter.close_shift(Session("1001", "赵敏", ("manager",)))
    assert not (tmp_path / KEY_FILE).exists()
    assert verified(tmp_path).exit_code == 0
    status = asked(tmp_path, "sync", "status")
    assert (status.exit_code, "this till has ended (terminal-revoked)" in status.output) == (1, True)
    refused = asked(tmp_path, "sync", "now")
    assert (refused.exit_code, "`till enrol CODE` pairs the folder anew" in refused.output) == (4, True)


def test_the_key_of_another_terminal_is_none(tmp_path: Path) -> None:
    """A key file from another folder would sign heads that nobody believes: the till does not open with it."""
    shop = Shop(tmp_path)
    (tmp_path / KEY_FILE).unlink()
    make_key(tmp_path)
    with pytest.raises(KeyUnreadableError, match="another terminal's key"), open_till(shop.folder, Settings()):
        pass


def test_entries_of_nobody_are_no_empty_folder(tmp_path: Path) -> None:
    """Where the identity is not to be read any more the folder is damaged, not unpaired: nobody pairs over it."""
    shop = Shop(tmp_path)
    with open_till(shop.folder, Settings()) as till:
        till.counter.open_shift(Session("1001", "赵敏", ("manager",)))
    with closing(sqlite3.connect(tmp_path / FILE)) as connection, connection:
        connection.execute("DELETE FROM fact WHERE name = 'identity'")
    with pytest.raises(JournalDamagedError), open_till(shop.folder, Settings()):
        pass


def test_what_rots_beside_the_entries_is_named_and_mended(tmp_path: Path) -> None:
    """Verify says which row and what becomes of it; with `--mend` it is put right, once the counter is closed."""
    shop = Shop(tmp_path)
    with open_till(shop.folder, Settings()) as till:
        till.counter.open_shift(Session("1001", "赵敏", ("manager",)))
        refused = verified(tmp_path, "--mend")
        assert (refused.exit_code, "close it first" in refused.output) == (4, True)
    with closing(sqlite3.connect(tmp_path / FILE)) as connection, connection:
        connection.execute("UPDATE fact SET value = 'cache-7.db' WHERE name = 'cache'")
    said = "the fact 'cache' was damaged; members and products are pulled anew"
    assert (verified(tmp_path).exit_code, said in verified(tmp_path).output) == (1, True)
    mended = verified(tmp_path, "--mend")
    assert (mended.exit_code, f"mended: {said}" in mended.output) == (0, True)
    assert verified(tmp_path).exit_code == 0


def test_witnesses_and_exports(tmp_path: Path) -> None:
    """A receipt's QR code is held against the journal and against its export, which needs no folder of a till."""
    shop = Shop(tmp_path)
    with open_till(shop.folder, Settings()) as till:
        till.counter.open_shift(Session("1001", "赵敏", ("manager",)))
    with closing(JournalReader.open(tmp_path)) as journal:
        (row,) = journal.entries(1, 1)
    witness = witness_of(TERMINAL, 1, row.hash)
    later = str(witness._replace(seq=2))
    assert verified(tmp_path, "--witness", str(witness)).exit_code == 0
    missing = verified(tmp_path, "--witness", later)
    assert (missing.exit_code, "entry 2 is missing: a witness has seen entry 2" in missing.output) == (1, True)
    out = tmp_path / "out.jsonl"
    assert asked(tmp_path, "journal", "export", str(out)).exit_code == 0
    stranger = tmp_path / "elsewhere"
    assert verified(stranger, "--journal", str(out), "--witness", str(witness)).exit_code == 0
    (tmp_path / "report.txt").write_text(f"Z 3\n{later}\n")
    missing = verified(stranger, "--journal", str(out), "--witness", str(tmp_path / "report.txt"))
    assert (missing.exit_code, "entry 2 is missing" in missing.output) == (1, True)
    assert verified(tmp_path, "--witness", "no such thing").exit_code == 2
