"""What the room says and asks, to the word: each of these a mutant showed to be looked at by nobody."""

from __future__ import annotations

import pytest

from protocol.push import PushAnswer
from sync.backoff import spread
from sync.chain_guard import ChainGuard
from sync.errors import JournalConflictError
from sync.link import SLOW_FROM_US, Answered, Failed, LinkState, NotKeptUp, Refreshed, after
from sync.own_reservations import OwnReservations
from tests.sync.books import Books
from tests.sync.test_contract import reserve_request
from tests.sync.tills import Till


def test_a_disk_that_is_full_is_said_until_a_pull_has_ended() -> None:
    """It says nothing about the network."""
    full = after(LinkState(condition="online"), NotKeptUp("full"), 1)
    assert (full.condition, full.cache_trouble) == ("online", "full")
    assert after(full, Answered(1), 2).cache_trouble == "full"
    assert after(full, Refreshed(3), 3) == LinkState(condition="online", as_of_us=3)


def test_a_recovery_goes_on_over_several_answers() -> None:
    """Until the journal is empty, also where the answers are slow; and slow is slow for want of answers."""
    waiting = LinkState(condition="recovering", waiting=3)
    assert after(waiting, Answered(SLOW_FROM_US + 1), 1).condition == "recovering"
    slow = after(LinkState(condition="online"), Answered(SLOW_FROM_US + 1), 1)
    assert (slow.condition, slow.cause) == ("slow", "no-answer")


def test_one_failure_of_a_slow_link_leaves_it_slow() -> None:
    """As of one that is well."""
    assert after(LinkState(condition="slow"), Failed("no-answer"), 1).condition == "slow"
    assert after(LinkState(condition="recovering"), Failed("no-answer"), 1).condition == "offline"


def test_a_period_is_spread_by_a_fifth_to_both_sides() -> None:
    """Of five minutes, four to six."""
    assert spread(300, lambda low, high: low * 10_000 + high) == 240 * 10_000 + 360


def test_giving_up_what_was_never_asked_for_is_nothing(till: Till) -> None:
    """A counter that is interrupted twice gives up twice."""
    OwnReservations(till.journal).given_up(reserve_request("1000000001", 1).id)


class Asked:
    """A ledger that knows nothing of this chain yet."""

    def __init__(self, genesis: bytes) -> None:
        self.genesis, self.since = genesis, list[int]()

    def outcomes(self, seq: int, timeout_s: float) -> PushAnswer:
        self.since.append(seq)
        return PushAnswer(outcomes=(), again=0, acknowledged=0, head=self.genesis.hex())


def test_the_guard_asks_for_what_is_behind_the_journals_end(till: Till, books: Books) -> None:
    """So that the answer carries no outcome; from the first entry on where there is none."""
    asked = Asked(till.identity.genesis())
    guard = ChainGuard(till.journal, till.identity)
    guard.ask(asked, 1.0)  # type: ignore[arg-type]
    till.sale(books.join(), award=1)
    guard.ask(asked, 1.0)  # type: ignore[arg-type]
    assert asked.since == [1, 2]


def test_a_fork_is_named_with_its_entry(till: Till) -> None:
    """For the technician; and from then on nobody asks any more."""
    asked = Asked(bytes(32))
    guard = ChainGuard(till.journal, till.identity)
    said = "journal-forked: at entry 0 the ledger has another chain than this journal"
    for _ in range(2):
        with pytest.raises(JournalConflictError, match=said):
            guard.confirm(asked, 1.0)  # type: ignore[arg-type]
    assert asked.since == [1]
