"""`till-ledger journal read`: what a till cannot send any more is carried, and booked once, whatever else comes."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ledger.carrying import Carried, carry_in
from ledger.cli import main
from ledger.clock import wall_clock_us
from ledger.keys import new_keys, save_keys
from ledger.problems import CarriedError, NotKnownError
from ledger.restoring import back_up
from ledger.verify import verify
from local_db.export import export
from local_db.journal_reader import JournalReader
from protocol import canonical
from protocol.chain import payload_hash
from protocol.journal_export import read_head
from sync.client import LedgerClient
from sync.push import Pusher
from tests.sync.books import Books
from tests.sync.test_ended import copied
from tests.sync.test_restored_ledger import Shop, shop
from tests.sync.tills import Till, enrolled

__all__ = ["shop"]


@pytest.fixture
def member(books: Books) -> str:
    return books.join()


def exported(till: Till) -> list[bytes]:
    """The lines that `till journal export` writes of it now."""
    file = till.folder / "carried.jsonl"
    with closing(JournalReader.open(till.folder)) as journal:
        export(journal, file, till.identity.journal_line())
    return file.read_bytes().splitlines(keepends=True)


def read(books: Books, lines: list[bytes], *, looks_only: bool = False) -> Carried:
    found = carry_in(books.database, books.keys, lines, wall_clock_us(), looks_only=looks_only)
    assert verify(books.database) == []
    return found


def test_what_was_not_sent_is_booked_once(books: Books, till: Till, client: LedgerClient, member: str) -> None:
    """Two entries were there, two come with the file; read again, and sent by the till after all, nothing moves."""
    till.sale(member, award=10)
    till.sale(member, award=20)
    Pusher(till.journal, client).push_once()
    till.sale(member, award=40)
    till.sale(member, redeem=5)
    lines = exported(till)
    assert read(books, lines, looks_only=True) == Carried(till.identity.terminal, 4, 2, {}, ())
    assert books.available(member) == 30
    assert read(books, lines) == Carried(till.identity.terminal, 4, 2, {"booked": 2}, ())
    assert books.available(member) == 65
    assert read(books, lines).new == 0
    pushed = Pusher(till.journal, client).push_once()
    assert ([outcome.status for outcome in pushed.outcomes], pushed.again) == (["booked", "booked"], 2)
    assert books.available(member) == 65


@pytest.mark.parametrize("how", ["retired", "lost", "revoked"])
def test_a_till_that_had_ended_before_the_books_were_restored(shop: Shop, how: str) -> None:
    """F9: it never sends again. Its file brings what the copy lacks; of a revoked one that waits for a person."""
    first, second = shop.tills
    member = shop.books.join()
    first.sale(member, award=100)
    shop.trade(first)
    shop.trade(second)
    shop.books.end(first.identity.terminal, how)
    shop.back_up()
    shop.books.end(first.identity.terminal, "active")
    first.sale(member, award=50)
    shop.trade(first)
    shop.books.end(first.identity.terminal, how)
    assert shop.books.available(member) == 150

    shop.put_back(is_said=True)
    assert shop.books.available(member) == 100
    found = read(shop.books, exported(first))
    waits = how == "revoked"
    assert (found.new, found.outcomes) == (1, {"quarantined": 1} if waits else {"booked": 1})
    assert shop.books.available(member) == (100 if waits else 150)


def test_a_till_that_was_paired_after_the_copy_is_remembered_by_its_receipt(shop: Shop, tmp_path: Path) -> None:
    """The ledger signed that this terminal, of this store and key, had sent so much; nobody else's word would do."""
    member = shop.books.join()
    shop.back_up()
    with enrolled(shop.books, tmp_path / "third", shop.transport) as third:
        third.sale(member, award=30)
        lines = exported(third)
        shop.trade(third)
        vouched = exported(third)
    shop.put_back(is_said=True)
    with pytest.raises(NotKnownError):
        read(shop.books, lines)
    assert read(shop.books, vouched, looks_only=True).new == 1
    assert shop.books.available(member) == 0
    found = read(shop.books, vouched)
    assert (found.is_remembered, found.outcomes, shop.books.available(member)) == (True, {"booked": 1}, 30)
    assert read(shop.books, vouched) == Carried(third.identity.terminal, 1, 0, {}, ())


def changed_points(line: bytes) -> bytes:
    return line.replace(rb"\"points\":20", rb"\"points\":99")


def hashed_anew(line: bytes) -> bytes:
    """Somebody who knows how the chain is made, and has not the key."""
    said = json.loads(changed_points(line))
    from protocol.chain import link

    own = payload_hash(said["payload"].encode())
    said["hash"] = link(bytes.fromhex(said["hash"]), "x", said["seq"], own).hex()
    return canonical.encode(said) + b"\n"


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (lambda lines: [*lines[:2], changed_points(lines[2]), lines[3]], "entry 2: does not continue the chain"),
        (lambda lines: [*lines[:2], hashed_anew(lines[2]), lines[3]], "entry 2: does not continue the chain"),
        (lambda lines: [*lines[:2], lines[3]], "entry 2 is missing"),
        (lambda lines: [*lines[:2], lines[2][:-40]], "entry 2: line 3 cannot be read"),
        (lambda lines: [*lines[:2], lines[0], *lines[2:]], "entry 2: line 3 cannot be read"),
    ],
    ids=["changed", "hashed-anew", "left-out", "cut", "two-files-in-one"],
)
def test_only_what_proves_itself_is_taken(
    books: Books, till: Till, member: str, harm: Callable[[list[bytes]], list[bytes]], says: str
) -> None:
    """Up to the first entry that does not; the rest is named, and comes with a whole file later."""
    for points in (10, 20, 40):
        till.sale(member, award=points)
    lines = exported(till)
    found = read(books, harm(lines))
    assert (found.entries, books.available(member), found.findings[0].startswith(says)) == (1, 10, True), found
    assert read(books, lines).new == 2
    assert books.available(member) == 70


def test_a_signature_of_somebody_else(books: Books, till: Till, member: str) -> None:
    """The chain is right, and the terminal's key did not sign it."""
    for points in (10, 20):
        till.sale(member, award=points)
    lines = exported(till)
    said = json.loads(lines[2])
    said["signature"] = json.loads(lines[1])["signature"]
    found = read(books, [*lines[:2], canonical.encode(said) + b"\n"])
    assert (found.entries, found.findings) == (1, ("entry 2: is not signed by this terminal",))


def test_a_tail_that_was_cut_off_is_found_by_the_receipt(
    books: Books, till: Till, client: LedgerClient, member: str
) -> None:
    """What the ledger has acknowledged, and the file has not."""
    till.sale(member, award=10)
    till.sale(member, award=20)
    Pusher(till.journal, client).push_once()
    lines = exported(till)
    found = read(books, [*lines[:2], *lines[3:]])
    assert found.findings[0].startswith("entry 2 is missing: the ledger has acknowledged entry 2")


def test_what_parts_from_the_chain_is_kept_as_a_branch(
    books: Books, till: Till, client: LedgerClient, member: str, tmp_path: Path
) -> None:
    """An older copy of the folder sold too: nothing of that is booked, both are proof."""
    till.sale(member, award=10)
    copy = copied(till, tmp_path / "older")
    till.sale(member, award=20)
    Pusher(till.journal, client).push_once()
    copy.sale(member, award=500)
    lines = exported(copy)
    copy.journal.close()
    assert read(books, lines).outcomes == {"quarantined": 1}
    assert read(books, lines).outcomes == {"quarantined": 1}
    assert books.available(member) == 30


def test_files_that_are_not_of_this_ledger(books: Books, till: Till, member: str) -> None:
    """No export, another ledger's, another key under the same name: nothing is written."""
    till.sale(member, award=10)
    lines = exported(till)
    with pytest.raises(CarriedError, match="no export of a journal"):
        read(books, [b"{}\n"])
    with pytest.raises(CarriedError, match="of another ledger"):
        carry_in(books.database, new_keys(wall_clock_us()), lines, wall_clock_us())
    head = read_head(lines[0])
    forged = canonical.encode(type(head)(
        terminal=head.terminal, public=b"k" * 32, root_public=head.root_public, certificates=head.certificates
    ))  # fmt: skip
    with pytest.raises(CarriedError, match="has another key here"):
        read(books, [forged + b"\n", *lines[1:]])
    assert books.available(member) == 0


def test_the_command(books: Books, till: Till, member: str, tmp_path: Path) -> None:
    """Looks, books, and says what it did; exit code 1 where something is left to a person; it is recorded as an act."""
    save_keys(books.keys, tmp_path / "data")
    for points in (10, 20):
        till.sale(member, award=points)
    exported(till)
    file = till.folder / "carried.jsonl"

    def run(*arguments: str) -> Result:
        options = ["--data-dir", str(tmp_path / "data"), "--database", f"sqlite:///{books.file}"]
        return CliRunner().invoke(main, [*options, *arguments], catch_exceptions=False)

    looked = run("journal", "read", str(file), "--check")
    assert (looked.exit_code, looked.stdout) == (
        0, f"{till.identity.terminal}: 2 entries prove themselves, 2 of them are not here yet\n",
    )  # fmt: skip
    told = json.loads(run("journal", "read", str(file), "--json").stdout)
    assert (told["new"], told["outcomes"], told["findings"]) == (2, {"booked": 2}, [])
    assert "journal-read" in run("operator", "acts").stdout
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:2])[:-9])
    assert run("journal", "read", str(file)).exit_code == 1
    file.write_bytes(b"no export")
    assert run("journal", "read", str(file)).exit_code == 4


def test_books_are_restored_into_a_folder_that_is_not_there_yet(books: Books, tmp_path: Path) -> None:
    """As docs/operator.md types it: on another machine there is no folder."""
    save_keys(books.keys, tmp_path / "data")
    back_up(books.database, tmp_path / "data", tmp_path / "backup")
    command = ["--data-dir", str(tmp_path / "not" / "yet"), "restore", str(tmp_path / "backup")]
    result = CliRunner().invoke(main, command, catch_exceptions=False)
    assert (result.exit_code, "restored, epoch" in result.stdout) == (0, True), result.output
