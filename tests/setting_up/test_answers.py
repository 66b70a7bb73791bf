"""Pairing by files that are carried: whom a till believes, and what a cut leaves."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import msgspec
import pytest
import zstandard

from ledger.bundles import read_wheels
from ledger.clock import wall_clock_us
from ledger.enrolment_files import answer_question
from ledger.keys import new_keys
from ledger.problems import BundleProblemError, EnrolmentError
from local_db.cache import CacheReader, CacheWriter
from local_db.journal import Journal
from protocol import canonical
from protocol.bundles import SNAPSHOT, TILLS, InvitedTill, InvitedTills
from protocol.enrolment import EnrolRequest
from protocol.enrolment_files import ANSWER, CarriedAnswer
from protocol.errors import SignatureError
from protocol.signing import Signed, sign
from sync import cache_files
from sync.errors import FinalSyncError, NotTheLedgerError
from sync.identity import make_key
from sync.prepared import SETUP, accept, prepare, prepared, question
from tests.setting_up.conftest import Operator
from tests.sync.books import STORE, Books, on_socket
from till.errors import RefusedError
from till.pairing import pair
from till.setting_up import pair_prepared


def invited(books: Books) -> InvitedTill:
    return InvitedTill(name="02号机", invitation=str(books.invite()))


def answered(books: Books, data: bytes) -> bytes:
    with books.database.write() as connection:
        return answer_question(connection, books.keys, data, wall_clock_us())[1]


def test_the_same_question_has_one_answer(books: Books, tmp_path: Path) -> None:
    """Asked twice, answered twice, taken twice: it is one terminal."""
    till = invited(books)
    first = answered(books, question(tmp_path, till))
    again = answered(books, question(tmp_path, till))
    assert accept(tmp_path, till, first) == accept(tmp_path, till, again)
    assert accept(tmp_path, till, first).terminal == f"{STORE}-01"


def test_a_copy_of_the_stick_gets_no_answer(books: Books, tmp_path: Path) -> None:
    """The code is used by the first key; another machine has another, and the first one's answer does not serve it."""
    till = invited(books)
    answer = answered(books, question(tmp_path / "a", till))
    with pytest.raises(EnrolmentError):
        answered(books, question(tmp_path / "b", till))
    with pytest.raises(SignatureError, match="to another till"):
        accept(tmp_path / "b", till, answer)


def test_another_ledgers_answer(books: Books, tmp_path: Path) -> None:
    """Whoever signed it is not whom the code names."""
    till = invited(books)
    strange = Books.restored(books.file, new_keys(wall_clock_us()))
    answer = answered(strange, question(tmp_path, till))
    with pytest.raises(SignatureError, match="not by the ledger"):
        accept(tmp_path, till, answer)
    with pytest.raises(SignatureError):
        accept(tmp_path, till, answer.replace(b"02", b"03"))


def test_a_question_with_another_key_than_it_is_signed_with(books: Books, tmp_path: Path) -> None:
    """Nobody pairs a key that he does not hold."""
    till = invited(books)
    data = question(tmp_path / "a", till)
    request = msgspec.json.decode(msgspec.json.decode(data, type=Signed).body, type=EnrolRequest)
    forged = msgspec.json.encode(sign("enrolment-question", request, make_key(tmp_path)))
    with pytest.raises(SignatureError):
        answered(books, forged)
    with pytest.raises(SignatureError):
        answered(books, b"{}")


def test_a_till_at_work_takes_no_other_answer(books: Books, tmp_path: Path) -> None:
    """Its chain is one terminal's for ever."""
    first, second = invited(books), invited(books)
    accept(tmp_path, first, answered(books, question(tmp_path, first)))
    other = tmp_path / "b"
    foreign = InvitedTill(name="03号机", invitation=second.invitation)
    with pytest.raises(SignatureError):
        accept(tmp_path, foreign, answered(books, question(other, foreign)))
    with pytest.raises(FinalSyncError):
        accept(tmp_path, first, _renamed(books, tmp_path, first))


def _renamed(books: Books, folder: Path, till: InvitedTill) -> bytes:
    """The ledger's own word for the same key, under another id."""
    said = msgspec.json.decode(
        msgspec.json.decode(answered(books, question(folder, till)), type=Signed).body, type=CarriedAnswer
    )
    other = msgspec.structs.replace(said, answer=msgspec.structs.replace(said.answer, terminal=f"{STORE}-77"))
    return msgspec.json.encode(sign(ANSWER, other, books.keys.current(wall_clock_us()).private), order="sorted")


def prepared_till(operator: Operator, folder: Path) -> InvitedTill:
    """What the installer leaves, up to the pairing."""
    stick = operator.stick()
    (till,) = canonical.decode((stick / TILLS).read_bytes(), InvitedTills).tills
    prepare(folder, stick, stick / SNAPSHOT, till)
    return till


def test_power_cut_between_the_answer_and_the_members(operator: Operator, tmp_path: Path) -> None:
    """The till is paired, its cache is not there: the same command goes on, and asks nobody."""
    folder = tmp_path / "till"
    till = prepared_till(operator, folder)
    accept(folder, till, answered(operator.books, question(folder, till)))
    done = pair_prepared(folder, None)
    assert (done.terminal, done.members) == (f"{STORE}-01", 1)
    assert not (folder / SETUP).exists()
    with pytest.raises(RefusedError, match="not-set-up"):
        pair_prepared(folder, None)


def test_a_set_up_till_that_is_paired_by_another_code(operator: Operator, tmp_path: Path) -> None:
    """Over the network, as any till: it has the members of the stick at once, and nothing of the stick is left."""
    folder = tmp_path / "till"
    prepared_till(operator, folder)
    with on_socket(operator.books) as port:
        pair(folder, str(operator.books.invite(f"http://127.0.0.1:{port}")), "05号机")
    with closing(Journal.open(folder)) as journal:
        name = journal.fact(cache_files.FACT)
    assert name
    with closing(CacheReader.open(folder / name)) as cache:
        assert cache.member_count() == 1
    assert not (folder / SETUP).exists()


def test_a_cache_that_is_there_is_kept(operator: Operator, tmp_path: Path) -> None:
    """Paired by other means and pulled since: the stick is older than that."""
    folder = tmp_path / "till"
    till = prepared_till(operator, folder)
    accept(folder, till, answered(operator.books, question(folder, till)))
    with closing(Journal.open(folder)) as journal, closing(CacheWriter.open(folder / "cache-7.db")):
        journal.set_fact(cache_files.FACT, "cache-7.db")
    assert pair_prepared(folder, None).members == 0
    assert [path.name for path in folder.glob("cache-*.db")] == ["cache-7.db"]


def test_members_that_the_ledger_did_not_sign_are_not_taken(operator: Operator, tmp_path: Path) -> None:
    """Whatever the installer thought of the stick: the parts are checked once more, by the ledger's own signature."""
    folder = tmp_path / "till"
    till = prepared_till(operator, folder)
    accept(folder, till, answered(operator.books, question(folder, till)))
    (part,) = (folder / SETUP).glob("*.part")
    lines = zstandard.ZstdDecompressor().decompress(part.read_bytes(), max_output_size=1_000_000)
    part.write_bytes(zstandard.ZstdCompressor().compress(lines.replace(b'"available":500', b'"available":900')))
    with pytest.raises(NotTheLedgerError):
        pair_prepared(folder, None)
    assert list(folder.glob("cache-*.db")) == []
    assert prepared(folder) == till


def test_a_wheel_that_nobody_tested_is_not_put_on_a_stick(operator: Operator) -> None:
    """Named, before anything is written."""
    (operator.wheels / "wheels.lock").write_text("", encoding="utf-8")
    with pytest.raises(BundleProblemError, match=r"not in the lock files: pip-.*\.whl$"):
        read_wheels(operator.wheels, (operator.wheels / "wheels.lock",))
