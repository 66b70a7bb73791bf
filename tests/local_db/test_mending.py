"""What rots beside the entries is named, not believed, and told again where anybody can tell it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local_db.errors import NonceUsedError
from local_db.journal import Journal
from tests.local_db.makers import append, booked, contradictions, fill, sale_draft, seqs, void_draft

MARKED = 6


@pytest.fixture
def used(journal: Journal) -> Journal:
    """Sales with references and nonces, one voided; outcomes, a quarantined one among them; facts and PIN tries."""
    rows = [append(journal, sale_draft(n, reference=f"R{n}", nonce=f"n{n}")) for n in range(1, 8)]
    append(journal, void_draft(8, rows[6]))
    journal.set_sent(8)
    journal.mark([booked(seq, seq) for seq in range(1, MARKED)], 1)
    journal.mark([booked(MARKED, status="quarantined", reason="unknown-member")], 1)
    journal.set_fact("cache", "cache-1.db")
    journal.set_pin_tries("1023", 3, 99)
    assert contradictions(journal) == []
    return journal


def rot(journal: Journal, statement: str) -> None:
    """What no code of ours does: a value changes and its checksum stays."""
    journal._connection.execute(statement)


ROT = {
    "an outcome": ("UPDATE outcome SET position = 99 WHERE seq = 2", "the outcome of entry 2 was damaged; the ledger"),
    "an outcome's text": ("UPDATE outcome SET reason = CAST(x'ff' AS TEXT) WHERE seq = 6", "the outcome of entry 6 was"),
    "an outcome's place": ("UPDATE outcome SET seq = 7 WHERE seq = 2", "the outcome of entry 2 is missing"),
    "a receipt": ("UPDATE receipt SET document = x'7b' WHERE seq = 3", "the receipt of entry 3 was damaged; what the entry"),
    "a fact": ("UPDATE fact SET value = 'cache-9.db' WHERE name = 'cache'", "the fact 'cache' was damaged; members and"),
    "a fact's name": ("UPDATE fact SET name = 'semt' WHERE name = 'sent'", "the fact 'semt' was damaged"),
    "what was answered": ("UPDATE fact SET value = '8' WHERE name = 'answered'", "the fact 'answered' was damaged; it is"),
    "PIN tries": ("UPDATE pin_try SET failures = 0", "the PIN tries of '1023' were damaged"),
    "a reference": ("UPDATE reference SET reference = 'R99' WHERE seq = 2", "the references do not say"),
    "a nonce": ("DELETE FROM nonce WHERE nonce = 'n2'", "the nonces do not say"),
    "a shift": ("UPDATE shift_span SET shift = '0372'", "the shifts do not say"),
}  # fmt: skip


@pytest.mark.parametrize(("statement", "sentence"), ROT.values(), ids=ROT)
def test_what_rots_is_named_and_mended(used: Journal, statement: str, sentence: str) -> None:
    """Verify names the row; after mending there is nothing left to name, and no entry has changed."""
    before = list(used.walk())
    rot(used, statement)
    assert any(one.startswith(sentence) for one in contradictions(used))
    assert used.mend()
    assert contradictions(used) == []
    assert list(used.walk()) == before
    assert used.references() == {f"R{n}": n for n in range(1, 7)}
    assert set(used.nonces()) == {f"n{n}" for n in range(1, 8)}
    assert seqs(used.of_shift("0371")) == list(range(1, 9))
    assert used.mend() == []


def test_a_damaged_outcome_is_asked_for_again(used: Journal) -> None:
    """Whoever reads it gets none; the entry is open again and is pushed, and its first outcome comes again."""
    rot(used, "UPDATE outcome SET position = 99 WHERE seq = 2")
    assert used.outcomes([1, 2, 3]).keys() == {1, 3}
    assert (used.first_without_outcome(), used.waiting()) == (2, 3)
    used.mark([booked(seq, seq) for seq in range(2, 9)], 2)
    assert (used.waiting(), used.outcomes([2])[2].position, used.outcomes([3])[3].position) == (0, 2, 3)


def test_a_damaged_outcome_hides_no_points(used: Journal) -> None:
    """Its position says that the member's row contains the entry, and it is not believed."""
    rows = used.entries(1, 2)
    rot(used, "UPDATE outcome SET position = 1 WHERE seq = 2")
    assert used.not_counted(rows[1].member, 1)[0] == rows[1]


def test_no_entry_is_passed_over_for_a_damaged_fact(used: Journal) -> None:
    """The fact that says from where to push has gone up: it is not believed, and nothing is left behind."""
    rot(used, "UPDATE fact SET value = '8' WHERE name = 'answered'")
    assert (used.first_without_outcome(), used.waiting()) == (7, 2)


@pytest.mark.parametrize("damage", ["UPDATE fact SET value = '0'", "UPDATE fact SET name = 'semt'"])
def test_what_may_have_been_sent_is_not_forgotten(used: Journal, damage: str) -> None:
    """How far was sent is unknown: all of it may have been, so that no row replaces an entry that it may contain."""
    rot(used, f"{damage} WHERE name = 'sent'")
    assert used.sent() == 8
    used.set_sent(8)
    assert (used.fact("sent"), used.sent()) == ("8", 8)


@pytest.mark.parametrize(
    ("statement", "ask", "answer"),
    [
        ("UPDATE receipt SET document = x'7b'", lambda journal: journal.receipt(3), None),
        ("UPDATE fact SET value = 'x'", lambda journal: journal.fact("cache"), None),
        ("UPDATE pin_try SET locked_until = 0", lambda journal: journal.pin_tries("1023"), (0, 0)),
    ],
)  # fmt: skip
def test_what_is_damaged_is_as_if_it_were_not_there(
    used: Journal, statement: str, ask: Callable[[Journal], object], answer: object
) -> None:
    """A receipt, a fact or PIN tries that are not what was written."""
    assert ask(used) != answer
    rot(used, statement)
    assert ask(used) == answer


def test_what_an_unreadable_entry_had_put_there_stays(used: Journal) -> None:
    """Mending tells references and nonces from what can be read, and forgets none that can not."""
    used._connection.execute("DROP TRIGGER entry_is_never_changed")
    rot(used, "UPDATE entry SET payload = x'00' WHERE seq = 3")
    rot(used, "DELETE FROM nonce WHERE nonce = 'n2'")
    used.mend()
    assert (used.has_reference("R3"), used.nonce_owner("n3") is not None, used.nonce_owner("n2") is not None) == (
        True, True, True,
    )  # fmt: skip


def test_a_shift_is_found_wherever_its_entries_lie(journal: Journal) -> None:
    """Two shifts that alternate, and entries of none between them: each has its own, over a restart too."""
    shifts = ["a", "a", "", "b", "a", "b", "b"]
    for number, shift in enumerate(shifts, start=1):
        append(journal, sale_draft(number)._replace(shift=shift))
        again = Journal(journal._connection)
        assert again._read_newest() == journal._newest
    for shift in ("a", "b"):
        assert seqs(journal.of_shift(shift)) == [seq for seq, one in enumerate(shifts, start=1) if one == shift]
    assert journal.of_shift("c") == []


def test_an_entry_that_failed_begins_no_shift(journal: Journal) -> None:
    """A refused append leaves no span behind, and the next entry of that shift begins it."""
    fill(journal, 1)
    append(journal, sale_draft(2, nonce="n"))
    with pytest.raises(NonceUsedError):
        append(journal, sale_draft(3, nonce="n")._replace(shift="0372"))
    append(journal, sale_draft(4)._replace(shift="0372"))
    assert (seqs(journal.of_shift("0372")), journal.shift_spans()) == ([3], [(1, "0371"), (3, "0372")])
