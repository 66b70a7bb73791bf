"""What happened to a member's points, newest first, in words that he understands.

Points that were put aside and came back are no history: they never left him.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from sqlalchemy import Connection

from ledger import rows
from ledger.pages.words import msg
from ledger.refunds import added_by
from ledger.schema import Posting
from ledger.sessions import accounts_of
from protocol.claims import is_claim_account

PAGE_ROWS = 20
_NEWEST = (1 << 62, b"\xff" * 16)
_OF_MEMBERS = ("available", "reserved", "owed")


class Line(NamedTuple):
    """`points`: with their sign, as they changed what he has."""

    what: str
    kind: str
    points: int


_ByEntry: TypeAlias = dict[tuple[int, bytes], list[Line]]


class Event(NamedTuple):
    """One entry. `title` is a message; `cursor` names it for the page behind it."""

    at_us: int
    title: str
    merchant: str
    store: str
    is_voided: bool
    lines: tuple[Line, ...]
    cursor: str
    debts: tuple[Line, ...] = ()
    """What of it paid what he owed, and what more he owes since: already in the lines."""
    old_number: str = ""
    """From which of his numbers, where it is another one."""


_TITLES = {
    "sale": msg("Purchase"),
    "late-credit": msg("Purchase, credited late"),
    "manual-points": msg("Points added by the shop"),
    "void": msg("Purchase taken back"),
    "refund": msg("Goods returned"),
    "expire": msg("Points ended"),
    "opening": msg("Opening balance"),
    "transfer": msg("From your old number"),
    "pool-put": msg("Into the household's pool"),
    "pool-draw": msg("From the household's pool"),
    "pool-back": msg("Back from the household's pool"),
}
_WORDS = {
    ("sale", "issuance"): msg("Earned"),
    ("late-credit", "issuance"): msg("Earned"),
    ("manual-points", "issuance"): msg("Added"),
    ("sale", "clearing"): msg("Redeemed"),
    ("void", "issuance"): msg("Earned points taken back"),
    ("void", "clearing"): msg("Redeemed points given back"),
    ("void", "breakage"): msg("Of them had ended: not taken again"),
    ("refund", "issuance"): msg("Earned points taken back"),
    ("refund", "breakage"): msg("Of them had ended: not taken again"),
    ("refund", "clearing"): msg("Redeemed points given back"),
    ("expire", "breakage"): msg("Ended"),
    ("opening", "issuance"): msg("Brought along"),
    ("transfer", "transfer"): msg("Moved here"),
    ("pool-put", "transfer"): msg("Put in"),
    ("pool-draw", "transfer"): msg("Drawn"),
    ("pool-back", "transfer"): msg("Came back"),
}
"""By type of entry and the account on the other side."""
_ADDED = msg("Added as compensation")
_PAID, _OWED = msg("Paid what you owed"), msg("Owed: your next points pay it")


def history_of(connection: Connection, member: str, after: str = "") -> tuple[list[Event], str]:
    """A page of events behind the cursor `after`, and the cursor of the next page; empty where there is none.

    A cursor that is none begins anew.
    """
    found = [
        row
        for key in accounts_of(connection, member)
        for row in _entries(connection, *key, _cursor(after), is_own=key[1] == member)
    ]
    found.sort(key=lambda row: (row[4], row[1]), reverse=True)
    page = found[:PAGE_ROWS]
    names = _names(connection)
    lines, debts = _lines(connection, page)
    events = [_event(row, member, names, lines[row[0], row[1]], debts[row[0], row[1]]) for row in page]
    return events, events[-1].cursor if len(found) > PAGE_ROWS else ""


def _entries(
    connection: Connection, bucket: int, member: str, cursor: tuple[int, bytes], *, is_own: bool
) -> list[rows.Values]:
    """(bucket, id, type, store, occurred_at, voided_by, member) of an account."""
    # A transfer is told where his points arrived for good; what an old number borrows for a late sale, the sale tells.
    kinds = ", ".join(f"'{kind}'" for kind in _TITLES if is_own or kind != "transfer")
    found = rows.fetch(
        connection,
        "SELECT bucket, id, type, store, occurred_at, voided_by, member FROM entry WHERE bucket = ? AND member = ?"
        f" AND type IN ({kinds}) AND (occurred_at, id) < (?, ?)"
        " AND NOT (type = 'transfer' AND NOT EXISTS (SELECT 1 FROM lot l WHERE l.bucket = entry.bucket"
        " AND l.entry = entry.id))"
        # What was claimed with a receipt is told by its purchase.
        " AND NOT (type = 'transfer' AND EXISTS (SELECT 1 FROM posting p WHERE p.bucket = entry.bucket"
        " AND p.entry = entry.id AND p.account = 'transfer' AND substr(p.holder, 1, 6) = 'claim-'))"
        " ORDER BY occurred_at DESC, id DESC LIMIT ?",
        bucket, member, *cursor, PAGE_ROWS + 1,
    )  # fmt: skip
    return [(one[0], bytes(one[1]), *one[2:]) for one in found]


def _lines(connection: Connection, page: Sequence[rows.Values]) -> tuple[_ByEntry, _ByEntry]:
    """What changed the member's points, per entry, and what that made of his debts; what no balance covered was his merchant's.

    So was what a till had promised not to take and could not come out of breakage any more: it was not taken.
    """
    types = {(row[0], row[1]): row[2] for row in page}
    debts: _ByEntry = defaultdict(list)
    sums: dict[tuple[int, bytes, str, str], int] = defaultdict(int)
    columns = "bucket, entry, account, kind, points"
    for bucket, entry, account, kind, points in rows.find(
        connection, Posting, ("bucket", "entry"), list(types), columns
    ):
        if account == "owed" and types[bucket, bytes(entry)] in (
            "sale",
            "late-credit",
            "manual-points",
            "void",
            "refund",
        ):
            debts[bucket, bytes(entry)].append(Line(_PAID if points > 0 else _OWED, kind, abs(points)))
        if account not in _OF_MEMBERS:
            other = account
            if account == "shortfall":
                other = "breakage" if points < 0 and types[bucket, bytes(entry)] == "refund" else "clearing"
            sums[bucket, bytes(entry), other, kind] -= points
    found: _ByEntry = defaultdict(list)
    for key, added in added_by(connection, [key for key, kind in types.items() if kind == "refund"]).items():
        for kind, points in added.items():
            found[key].append(Line(_ADDED, kind, points))
            sums[*key, "issuance", kind] -= points
    for (bucket, entry, account, kind), points in sorted(sums.items(), key=lambda one: one[0][2] == "breakage"):
        word = _WORDS.get((types[bucket, entry], account))
        if word and points:
            found[bucket, entry].append(Line(word, kind, points))
    return found, debts


def _event(
    row: rows.Values, member: str, names: dict[str, tuple[str, str]], lines: Sequence[Line], debts: Sequence[Line]
) -> Event:  # fmt: skip
    _bucket, identity, kind, store, at_us, voided_by, holder = row
    merchant, name = names.get(store, ("", store))
    old_number = "" if holder == member or is_claim_account(holder) else holder
    cursor = f"{at_us}-{identity.hex()}"
    return Event(
        at_us, _TITLES[kind], merchant, name, bool(voided_by), tuple(lines), cursor, tuple(debts), old_number
    )


def _names(connection: Connection) -> dict[str, tuple[str, str]]:
    found = rows.fetch(
        connection, "SELECT s.store, m.name, s.name FROM store s JOIN merchant m ON m.merchant = s.merchant"
    )
    return {store: (merchant, name) for store, merchant, name in found}


def _cursor(text: str) -> tuple[int, bytes]:
    at, _, identity = text[:64].partition("-")
    try:
        return (int(at), bytes.fromhex(identity)) if at.isascii() and len(at) < 19 else _NEWEST
    except ValueError:
        return _NEWEST
