"""What the background does about a fact."""

from __future__ import annotations

from dataclasses import dataclass

from sync.events import Event
from sync.identity import Identity
from sync.link import Answered, Failed
from sync.push_loop import PushSucceeded
from sync.reactions import Reactions
from sync.reports import CacheTrouble, Pulled
from tests.sync.tills import Till


@dataclass
class Counted:
    """Who pushes and who pulls, counted."""

    pulls: int = 0
    pushes: int = 0

    def ask_pull(self) -> None:
        self.pulls += 1

    def ask_again(self) -> None:
        self.wake_push()

    def wake_push(self) -> None:
        self.pushes += 1

    def trust(self, identity: Identity) -> None:
        raise AssertionError(identity)

    def end(self) -> None:
        raise AssertionError


def test_a_call_that_nobody_answered_is_told_and_asked_about_at_once(till: Till) -> None:
    """A look-up or a redemption waited in vain: slow, and whether it is an outage is not left to the next poll."""
    heard: list[Event] = []
    workers = Counted()
    reactions = Reactions(till.folder, till.journal, till.identity, heard.append, lambda: 1_000_000, workers)
    reactions.take(Answered(1_000))
    asked = workers.pulls
    reactions.take(Failed("no-answer"))
    assert (reactions.link.condition, workers.pulls) == ("slow", asked + 1)
    reactions.take(Failed("no-answer"))
    assert (reactions.link.condition, workers.pulls) == ("offline", asked + 1), (
        "known to be down: the poll's own pace holds"
    )


def test_a_disk_without_room_for_balances_is_said_until_a_pull_ends(till: Till) -> None:
    """The link says so, whatever is pushed meanwhile; the next whole pull takes it back."""
    reactions = Reactions(till.folder, till.journal, till.identity, lambda _event: None, lambda: 1_000_000, Counted())
    said: list[str] = []
    for fact in (
        CacheTrouble("storage-full", "disk full"), PushSucceeded((), 0, 0, 1_000),
        CacheTrouble("storage-failed", "read-only"), Pulled(1, 0, 1_000, 500),
    ):  # fmt: skip
        reactions.take(fact)
        said.append(reactions.link.cache_trouble)
    assert said == ["full", "full", "failed", ""]
