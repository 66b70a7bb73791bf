"""How far decisions are known, where they come one after the other."""

from __future__ import annotations

from local_db.journal import Journal
from tests.local_db.test_decisions import decided, four


def test_what_is_known_goes_on_from_what_was_known(journal: Journal) -> None:
    """A gap stops it until it is filled; told anew, it is what was told."""
    four(journal)
    for seq, number, known in ((1, 1, 1), (3, 3, 1), (2, 2, 2)):
        journal.mark_decisions([decided(seq, number)], 2)
        assert journal.newest_decision() == known
    journal.mark_decisions([decided(1, 1)], 3, anew=True)
    assert journal.newest_decision() == 1
