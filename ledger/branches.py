"""A till that was rolled back or cloned: two chains under one key, both signed. Where they part, and what each says.

Two heads for one seq, both with the terminal's signature, prove that it was not the ledger who made one up.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection

from ledger import rows
from ledger.problems import NotKnownError
from protocol import chain
from protocol.canonical import Model
from protocol.entries import (
    Entry,
    Joined,
    Refund,
    Returned,
    Sale,
    ShiftClosed,
    ShiftHandedOver,
    ShiftOpened,
    Void,
    decode_entry,
)
from protocol.errors import SignatureError, UnreadableEntryError
from protocol.signing import verify_bytes


class BranchEntry(Model, kw_only=True):
    """An entry behind the parting, in words."""

    seq: int
    hash: str
    says: str


class Chain(Model, kw_only=True):
    """One of the chains behind the parting. `is_booked`: the one that came first. `signature` (hex) is over its head."""

    is_booked: bool
    head_seq: int
    head: str
    signature: str
    is_signed: bool
    entries: tuple[BranchEntry, ...]


class Branches(Model, kw_only=True):
    """All chains of a terminal that part behind entry `common`, whose hash both have."""

    terminal: str
    public: str
    common: int
    chains: tuple[Chain, ...]


class _Row(NamedTuple):
    seq: int
    hash: bytes
    payload: bytes
    payload_hash: bytes
    head_seq: int
    head: bytes
    signature: bytes

    def follows(self, previous: bytes, terminal: str) -> bool:
        own = self.payload_hash or chain.payload_hash(self.payload)
        return chain.link(previous, terminal, self.seq, own) == self.hash


def branches_of(connection: Connection, terminal: str) -> Branches:
    """Chains that part; one chain alone where the terminal was never in two places. Raises `NotKnownError`."""
    found = rows.fetch(
        connection, "SELECT public, head_seq, head, head_signature FROM terminal WHERE terminal = ?", terminal
    )
    if not found:
        raise NotKnownError("terminal", terminal)
    public, head_seq, head, signature = found[0]
    kept = [
        _Row(*row)
        for row in rows.fetch(
            connection,
            "SELECT seq, hash, payload, payload_hash, head_seq, head, head_signature FROM branch WHERE terminal = ?"
            " ORDER BY seq, hash",
            terminal,
        )
    ]
    common = kept[0].seq - 1 if kept else head_seq
    booked = _received(connection, terminal, common)
    chains = [_chain(terminal, public, booked, head_seq, head, signature, is_booked=True)]
    for path in _paths(kept, terminal):
        last = path[-1]
        chains.append(_chain(terminal, public, path, last.head_seq, last.head, last.signature, is_booked=False))
    return Branches(terminal=terminal, public=public.hex(), common=common, chains=tuple(chains))


def in_words(branches: Branches) -> str:
    """For a person who has to decide."""
    if len(branches.chains) == 1:
        return f"{branches.terminal}: one chain of {branches.common} entries"
    lines = [f"{branches.terminal}: {len(branches.chains)} chains, the same up to entry {branches.common}"]
    for one in branches.chains:
        name = "the one that is booked" if one.is_booked else "a branch, kept and not booked"
        proof = "signed by this till" if one.is_signed else "NOT signed by this till"
        lines += ["", f"{name}: head {one.head[:16]} at entry {one.head_seq}, {proof}"]
        lines += [f"  {entry.seq:>7}  {entry.hash[:8]}  {entry.says}" for entry in one.entries]
    return "\n".join(lines)


def _received(connection: Connection, terminal: str, after: int) -> list[_Row]:
    found = rows.fetch(
        connection,
        "SELECT seq, hash, payload, payload_hash FROM received WHERE terminal = ? AND seq > ? ORDER BY seq",
        terminal,
        after,
    )
    return [_Row(seq, hash_, payload, stated, 0, b"", b"") for seq, hash_, payload, stated in found]


def _paths(kept: list[_Row], terminal: str) -> Iterator[list[_Row]]:
    """Each chain of kept entries, from where it leaves what came before it to its end."""
    continued = set[bytes]()
    before: dict[bytes, _Row] = {}
    for row in kept:
        for previous in (one for one in kept if one.seq == row.seq - 1 and row.follows(one.hash, terminal)):
            before[row.hash] = previous
            continued.add(previous.hash)
    for end in (row for row in kept if row.hash not in continued):
        path = [end]
        while path[-1].hash in before:
            path.append(before[path[-1].hash])
        yield path[::-1]


def _chain(
    terminal: str, public: bytes, path: list[_Row], head_seq: int, head: bytes, signature: bytes, *, is_booked: bool
) -> Chain:
    signed = chain.Head(terminal=terminal, seq=head_seq, hash=head.hex())
    try:
        verify_bytes(public, signature, signed.signed_bytes())
        is_signed = True
    except SignatureError:
        is_signed = False
    return Chain(
        is_booked=is_booked, head_seq=head_seq, head=head.hex(), signature=signature.hex(), is_signed=is_signed,
        entries=tuple(BranchEntry(seq=row.seq, hash=row.hash.hex(), says=_says(row)) for row in path),
    )  # fmt: skip


def _says(row: _Row) -> str:
    if row.payload_hash:
        return "damaged at the till"
    try:
        return describe(decode_entry(row.payload))
    except UnreadableEntryError as error:
        return str(error)


def describe(entry: Entry) -> str:
    """An entry in words."""
    match entry:
        case Sale():
            given = [f"+{award.points} {award.kind}" for award in entry.awards]
            taken = [f"-{one.points} {one.kind} ({one.authority})" for one in entry.redemptions]
            moved = ", ".join([*given, *taken]) or "no points"
            return f"sale {entry.id} of member {entry.member}, {entry.business_day}: {moved}"
        case Void():
            return f"void of sale {entry.voids} of member {entry.member}"
        case Refund():
            back = [f"+{points} {kind}" for kind, points in entry.given_back.items()]
            back += [f"-{points} {kind}" for kind, points in entry.taken_back.items()]
            back += [f"+{award.points} {award.kind} ({entry.compensation})" for award in entry.awards]
            return f"refund of sale {entry.refunds} of member {entry.member}: {', '.join(back) or 'no points'}"
        case Returned():
            return f"returned reservation {entry.reservation} of member {entry.member}"
        case Joined():
            return f"member {entry.member} joined"
        case ShiftOpened():
            return f"shift {entry.number} opened"
        case ShiftHandedOver():
            return f"shift {entry.number} handed over from {entry.by} to {entry.to}"
        case ShiftClosed():
            return f"shift {entry.number} closed"
