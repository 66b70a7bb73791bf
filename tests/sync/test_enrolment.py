"""Pairing: whom a till trusts, and that nobody else gets in between."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from local_db.journal_reader import FILE, JournalReader
from protocol.signing import KeyRing
from sync.enrolment import enrol
from sync.errors import FinalSyncError, NotTheLedgerError, TransientSyncError
from sync.identity import KEY_FILE, load_identity, load_key
from tests.sync import faults
from tests.sync.books import STORE, AsgiTransport, Books
from tests.sync.faults import FaultyTransport


def test_a_till_knows_who_it_is_from_then_on(books: Books, asgi: AsgiTransport, tmp_path: Path) -> None:
    """The identity is in the journal, the key in a file that only its owner reads."""
    identity = enrol(books.invite(), tmp_path, "02号机", transport=asgi)
    assert (identity.store, identity.name, identity.root_public) == (STORE, "02号机", books.keys.root_public)
    assert isinstance(identity.ring(), KeyRing)
    reader = JournalReader.open(tmp_path)
    assert load_identity(reader) == identity
    reader.close()
    if sys.platform != "win32":
        assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600


def test_a_key_that_others_could_read_is_closed_again(books: Books, asgi: AsgiTransport, tmp_path: Path) -> None:
    """A folder copied with loose permissions is mended when the key is loaded."""
    enrol(books.invite(), tmp_path, "02号机", transport=asgi)
    (tmp_path / KEY_FILE).chmod(0o644)
    load_key(tmp_path)
    if sys.platform != "win32":
        assert (tmp_path / KEY_FILE).stat().st_mode & 0o077 == 0


def test_a_power_cut_while_the_key_was_written(books: Books, asgi: AsgiTransport, tmp_path: Path) -> None:
    """Half a key was on the disk: it never had the key's name, so the folder can be enrolled."""
    (tmp_path / f"{KEY_FILE}.new").write_bytes(b"-----BEGIN PRIV")
    enrol(books.invite(), tmp_path, "02号机", transport=asgi)
    load_key(tmp_path)
    assert not (tmp_path / f"{KEY_FILE}.new").exists()


def test_another_ledger_than_the_invitations(books: Books, asgi: AsgiTransport, tmp_path: Path) -> None:
    """A ledger with another root key is refused before anything of its answer is kept."""
    invitation = books.invite()._replace(root="0" * 16)
    with pytest.raises(NotTheLedgerError, match="not by the ledger that the enrolment code names"):
        enrol(invitation, tmp_path, "02号机", transport=asgi)
    _assert_stranger(tmp_path)


@pytest.mark.parametrize("fault", [faults.portal, faults.redirected, faults.body_changed, faults.proxy_broken])
def test_a_stranger_on_the_way(books: Books, asgi: AsgiTransport, tmp_path: Path, fault: faults.Fault) -> None:
    """A log-in page or a changed answer pairs nothing; the same code works afterwards."""
    invitation = books.invite()
    with pytest.raises(NotTheLedgerError):
        enrol(invitation, tmp_path, "02号机", transport=FaultyTransport(asgi, fault))
    _assert_stranger(tmp_path)
    assert enrol(invitation, tmp_path, "02号机", transport=asgi).store == STORE


def test_an_answer_that_was_lost(books: Books, asgi: AsgiTransport, tmp_path: Path) -> None:
    """The code is used up, but by this very key: asking again gives the same terminal."""
    invitation = books.invite()
    with pytest.raises(TransientSyncError):
        enrol(invitation, tmp_path, "02号机", transport=FaultyTransport(asgi, faults.answer_lost))
    assert enrol(invitation, tmp_path, "02号机", transport=asgi).terminal == f"{STORE}-01"


def test_a_code_is_good_for_one_till(books: Books, asgi: AsgiTransport, tmp_path: Path) -> None:
    """The second till is refused, with the ledger's own word for it."""
    invitation = books.invite()
    enrol(invitation, tmp_path / "a", "02号机", transport=asgi)
    with pytest.raises(FinalSyncError) as caught:
        enrol(invitation, tmp_path / "b", "03号机", transport=asgi)
    assert caught.value.code == "enrolment-used"


def test_a_folder_belongs_to_one_terminal(books: Books, asgi: AsgiTransport, tmp_path: Path) -> None:
    """A journal's chain is one terminal's for ever, and nobody takes it from a terminal that is at work."""
    enrol(books.invite(), tmp_path, "02号机", transport=asgi)
    with pytest.raises(FinalSyncError) as caught:
        enrol(books.invite(), tmp_path, "02号机", transport=asgi)
    assert caught.value.code == "already-enrolled"
    with pytest.raises(TransientSyncError):
        enrol(books.invite(), tmp_path, "02号机", transport=FaultyTransport(asgi, faults.request_lost))
    assert sorted(path.name for path in tmp_path.glob("journal*.db")) == [FILE]
    load_key(tmp_path)


def _assert_stranger(folder: Path) -> None:
    reader = JournalReader.open(folder)
    assert load_identity(reader) is None
    reader.close()
