"""Cases: what waits for a person. Opened with the outcome that says so, found by store and merchant, told to the till."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from sqlalchemy import Connection

from ledger import rows
from ledger.problems import NotKnownError
from ledger.schema_cases import Case
from protocol.cases import MAX_DECISIONS, Decision, DecisionsAnswer
from protocol.push import Outcome

if TYPE_CHECKING:
    from ledger.receiving import Till

_COLUMNS = (
    "terminal, seq, branch, store, merchant, reason, position, shortfall, opened_at, number, by_entry, decision"
)

_read_decision = msgspec.json.Decoder(Decision).decode


class Found(NamedTuple):
    """A case; `number` is 0 while it is open. The other columns are those of `ledger.schema_cases.Case`."""

    terminal: str
    seq: int
    branch: bytes
    store: str
    merchant: str
    reason: str
    position: int
    shortfall: int
    opened_at: int
    number: int
    by_entry: bytes
    decision: bytes

    @property
    def is_whole(self) -> bool:
        """Nothing of the entry is booked."""
        return not self.position

    @property
    def decided(self) -> Decision | None:
        """What was decided."""
        return _read_decision(self.decision) if self.number else None

    @property
    def facts(self) -> dict[str, Any]:
        """For programs."""
        decided = self.decided
        return {
            "terminal": self.terminal, "seq": self.seq, "branch": self.branch.hex(), "store": self.store,
            "merchant": self.merchant, "reason": self.reason or "shortfall", "position": self.position,
            "shortfall": self.shortfall, "opened_at": self.opened_at,
            "decision": msgspec.to_builtins(decided) if decided else None,
        }  # fmt: skip


def open_cases(connection: Connection, till: Till, outcomes: Iterable[Outcome], now_us: int) -> None:
    """One for each outcome that is not simply booked. No statement where there is none."""
    waiting = [one for one in outcomes if one.status in ("quarantined", "shortfall")]
    _open(connection, till, [(o.seq, b"", o.reason, o.position, o.shortfall) for o in waiting], now_us)


def open_branch_cases(connection: Connection, till: Till, branch: Iterable[tuple[int, bytes]], now_us: int) -> None:
    """One for each (seq, hash) of a fork; those that were sent before have theirs."""
    _open(connection, till, [(seq, own, "same-id", 0, 0) for seq, own in branch], now_us)


def _open(connection: Connection, till: Till, found: Sequence[tuple[Any, ...]], now_us: int) -> None:
    rows.insert_missing(
        connection,
        Case,
        [
            (till.terminal, seq, branch, till.store, till.merchant, reason, position, shortfall, now_us, 0, b"", b"")
            for seq, branch, reason, position, shortfall in found
        ],
    )


def find_case(connection: Connection, terminal: str, seq: int, branch: bytes = b"") -> Found:
    """`branch` may be the beginning of a hash. Raises `NotKnownError` for an entry that has no case."""
    found = rows.fetch(
        connection, f"SELECT {_COLUMNS} FROM entry_case WHERE terminal = ? AND seq = ? ORDER BY branch", terminal, seq
    )
    cases = [Found(*row) for row in found]
    fitting = [case for case in cases if bytes(case.branch).startswith(branch) and bool(case.branch) == bool(branch)]
    if len(fitting) != 1:
        raise NotKnownError("case", f"of entry {seq} of {terminal}" + (f", branch {branch.hex()}" if branch else ""))
    return fitting[0]


def list_cases(
    connection: Connection, store: str = "", merchant: str = "", *, is_open: bool = False, limit: int = 1_000,
    after: tuple[int, str, int] = (0, "", 0),
) -> list[Found]:  # fmt: skip
    """The oldest first, of a store or a merchant where one is named. `after`: (opened_at, terminal, seq) of the last one."""
    where, values = ["(opened_at, terminal, seq) > (?, ?, ?)"], list[object](after)
    for column, value in (("store", store), ("merchant", merchant)):
        if value:
            where.append(f"{column} = ?")
            values.append(value)
    if is_open:
        where.append("number = 0")
    found = rows.fetch(
        connection,
        f"SELECT {_COLUMNS} FROM entry_case WHERE {' AND '.join(where)} ORDER BY opened_at, terminal, seq, branch LIMIT ?",
        *values,
        limit,
    )
    return [Found(*row) for row in found]


def stood_for(connection: Connection, entry: bytes) -> Found | None:
    """The case that an entry of the books stands for."""
    found = rows.fetch(connection, f"SELECT {_COLUMNS} FROM entry_case WHERE by_entry = ?", entry) if entry else []
    return Found(*found[0]) if found else None


def decisions_after(connection: Connection, terminal: str, after: int) -> DecisionsAnswer:
    """About entries of this terminal, in the order in which they were decided."""
    found = rows.fetch(
        connection,
        "SELECT decision FROM entry_case WHERE terminal = ? AND number > ? ORDER BY number LIMIT ?",
        terminal,
        after,
        MAX_DECISIONS,
    )
    return DecisionsAnswer(
        decisions=tuple(_read_decision(decision) for (decision,) in found),
        newest=newest_decision(connection, terminal),
    )


def newest_decision(connection: Connection, terminal: str) -> int:
    """Its number; 0 where there is none."""
    found = rows.fetch(
        connection, "SELECT coalesce(max(number), 0) FROM entry_case WHERE terminal = ? AND number > 0", terminal
    )
    newest: int = found[0][0]
    return newest
