"""What the room says and asks, to the word: each of these a mutant showed to be looked at by nobody."""

from __future__ import annotations

from types import SimpleNamespace

import msgspec
import pytest

from protocol.push import MAX_BATCH, Outcome, PushAnswer, PushBatch
from sync import push
from sync.backoff import spread
from sync.chain_guard import ChainGuard
from sync.errors import FinalSyncError, JournalConflictError, SyncError, TransientSyncError
from sync.link import SLOW_FROM_US, Answered, Failed, LinkState, NotKeptUp, Refreshed, after
from sync.own_reservations import OwnReservations, is_returned
from sync.push import MIN_BATCH, Pushed, Pusher
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


class Answering:
    """A ledger that answers a push with what the test says; asked where the chain stands it says `stands`."""

    def __init__(self, till: Till, *answers: PushAnswer | SyncError) -> None:
        self.identity, self._answers, self.sizes = till.identity, list(answers), list[int]()
        self.stands = PushAnswer(outcomes=(), again=0, acknowledged=0, head=till.identity.genesis().hex())

    def push(self, batch: PushBatch) -> PushAnswer:
        self.sizes.append(len(batch.entries))
        answer = self._answers.pop(0)
        if isinstance(answer, SyncError):
            raise answer
        return answer

    def outcomes(self, seq: int, timeout_s: float) -> PushAnswer:
        return self.stands


def pusher_of(till: Till, *answers: PushAnswer | SyncError, entries: int = 40) -> tuple[Pusher, Answering]:
    """With so many entries that wait."""
    for _ in range(entries):
        till.sale("1000000001", award=1)
    ledger = Answering(till, *answers)
    return Pusher(till.journal, ledger), ledger  # type: ignore[arg-type]


def test_what_is_too_large_is_tried_again_in_halves(till: Till) -> None:
    """As after a silence, and no reason to stop; where the smallest batch is too large a person has to look."""
    too_large = FinalSyncError("too-large", "4 MB")
    pusher, ledger = pusher_of(till, *[too_large] * 4)
    for size in (20, MIN_BATCH):
        with pytest.raises(TransientSyncError, match="no-answer: too large at once; again with less"):
            pusher.push_once()
        assert pusher.batch == size
    with pytest.raises(FinalSyncError) as caught:
        pusher.push_once()
    assert (caught.value.code, ledger.sizes) == ("too-large", [40, 20, MIN_BATCH])


def test_another_trouble_leaves_the_batch_as_it_is(till: Till) -> None:
    """Only a line that carries less is asked to carry less."""
    pusher, ledger = pusher_of(till, TransientSyncError("too-many"), FinalSyncError("version", "old"))
    for _ in range(2):
        with pytest.raises(SyncError):
            pusher.push_once()
    assert (pusher.batch, ledger.sizes) == (MAX_BATCH, [40, 40])


def test_a_gap_where_there_is_none_is_the_ledgers_trouble(till: Till) -> None:
    """It says that it lacks entries, and asked what it has, it lacks none: later, perhaps."""
    pusher, _ledger = pusher_of(till, FinalSyncError("gap", "3"))
    with pytest.raises(TransientSyncError) as caught:
        pusher.push_once()
    assert (caught.value.cause, str(caught.value)) == (
        "server-error", "server-error: the ledger sees a gap where there is none",
    )  # fmt: skip


def test_an_answer_about_other_entries_is_none(till: Till) -> None:
    """Nothing is marked by it."""
    pusher, ledger = pusher_of(till, entries=2)
    other = Outcome(seq=1, status="booked", position=1)
    ledger._answers.append(msgspec.structs.replace(ledger.stands, outcomes=(other,)))
    with pytest.raises(FinalSyncError, match="bad-answer: outcomes of 1 entries, sent were 1 to 2"):
        pusher.push_once()
    assert till.journal.waiting() == 2


def test_a_branch_is_sent_and_marked_whatever_chain_the_ledger_has(till: Till) -> None:
    """It is kept there beside the chain; where nothing waits nothing is sent."""
    kept = tuple(Outcome(seq=seq, status="quarantined", reason="same-id") for seq in (1, 2))
    pusher, ledger = pusher_of(till, entries=0)
    assert pusher.push_branch() == Pushed((), 0, 0)
    for _ in kept:
        till.sale("1000000001", award=1)
    ledger._answers.append(PushAnswer(outcomes=kept, again=0, acknowledged=7, head=bytes(32).hex()))
    assert pusher.push_branch() == Pushed(kept, 0, 0)
    assert (till.journal.sent(), till.journal.waiting()) == (2, 0)


def test_a_batch_ends_before_it_is_too_many_bytes(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """One entry goes, however large it is."""
    pusher, ledger = pusher_of(till, *[TransientSyncError("too-many")] * 2, entries=5)
    [first, *_rest] = till.journal.entries(1, 1)
    for most, goes in ((2 * len(first.payload) + 50, 3), (0, 1)):
        monkeypatch.setattr(push, "MAX_BATCH_BYTES", most)
        with pytest.raises(TransientSyncError):
            pusher.push_once()
        assert ledger.sizes[-1] == goes


def test_what_nobody_can_read_returns_nothing() -> None:
    """Neither here nor at the ledger."""
    asked = reserve_request("1000000001", 1).id

    class Rotten:
        def returned(self, member: str) -> list[SimpleNamespace]:
            return [SimpleNamespace(payload=b"{}")]

    assert not is_returned(Rotten(), "1000000001", asked)  # type: ignore[arg-type]
