"""Which pages there are, and for whom."""

from __future__ import annotations

from typing import Final, NamedTuple

from ledger.pages.words import msg
from ledger.staff_sessions import ROLES, Who
from protocol.documents import Role

MANAGERS: Final[frozenset[Role]] = frozenset({"manager", "operator"})


class Entry(NamedTuple):
    """A page: its place under `/store`, what it is called, who may see it, and whether it says what members did."""

    name: str
    title: str
    roles: frozenset[Role] = ROLES
    tells_of_members: bool = False

    @property
    def path(self) -> str:
        return f"/store/{self.name}"


ENTRIES: Final = (
    Entry("day", msg("Day")),
    Entry("tills", msg("Tills")),
    Entry("changes", msg("Voids and refunds"), tells_of_members=True),
    Entry("approvals", msg("Approvals")),
    Entry("waiting", msg("Waiting for a person"), tells_of_members=True),
    Entry("learning", msg("Tutorial")),
    Entry("patterns", msg("Look at these"), MANAGERS, tells_of_members=True),
    Entry("growing", msg("Members who grow"), MANAGERS, tells_of_members=True),
)


def menu_for(who: Who | None) -> list[Entry]:
    """What he may see."""
    return [entry for entry in ENTRIES if who is not None and who.may(*entry.roles)]
