"""What a till says of itself now and then, and what tills of one store may ask and do about each other.

A heartbeat has facts about a machine: nothing of a member, a sale or a person is in it. It decides nothing: a till that says
nothing sells as before, and what it says is believed by people alone.
"""

from __future__ import annotations

from typing import Final, Literal

from protocol.canonical import Count, Micros, Model, Name, Text, Whole

HEARTBEAT_PATH = "/v1/heartbeat"
TILLS_PATH = "/v1/tills"
END_PATH = "/v1/end-till"

Code = Text
"""A stable word of this software, such as `port-gone`; empty where all is well."""

Status = Literal["active", "retired", "revoked", "lost"]
Ending = Literal["retired", "revoked", "lost"]

ENDINGS: Final[dict[Status, tuple[Ending, ...]]] = {
    "active": ("retired", "revoked", "lost"),
    "retired": ("revoked", "lost"),
    "lost": ("revoked",),
    "revoked": (),
}
"""What a till can become. Of one that brings nothing any more the points still lie in its reservations: it can be lost then."""


class Heartbeat(Model, kw_only=True):
    """How a till is. Times are till time, µs UTC, 0 for never; money is in fen.

    `waiting` entries have no outcome, sales of `waiting_fen` among them, the oldest made at `waiting_since`. `offset_us`:
    the ledger's time minus this machine's. `scans` and `scan_errors` since the program was started.
    """

    version: Name
    system: Text = ""
    entries: Count = 0
    waiting: Count = 0
    waiting_fen: Count = 0
    waiting_since: Micros = 0
    for_a_person: Count = 0
    is_shift_open: bool = False
    ended: Code = ""
    cache_as_of: Micros = 0
    programme: Text = ""
    programme_version: Count = 0
    rules_until: Micros = 0
    """Until when this till may redeem by the documents that it has."""
    offset_us: Whole = 0
    doubt: Code = ""
    """Why its clock is not to be relied on."""
    scanner: Text = ""
    """The scanner's profile; empty for one that types."""
    scanner_code: Code = ""
    scans: Count = 0
    scan_errors: Count = 0
    printer_code: Code = ""
    disk_free_bytes: Count = 0


class HeartbeatKept(Model, kw_only=True):
    """When the ledger had it (its time, µs UTC)."""

    at: Micros


class StoreTill(Model, kw_only=True):
    """A till of the store, as the ledger knows it: `entries` were received, `contact_at` it was heard last; what it said
    `waiting` and `waiting_fen` are as old as that. `lying` points lie in its reservations."""

    terminal: Name
    name: Text
    status: Status
    entries: Count = 0
    contact_at: Micros = 0
    waiting: Count = 0
    waiting_fen: Count = 0
    lying: Count = 0


class StoreTills(Model, kw_only=True):
    """All tills of the store of the till that asks, in the order of their ids."""

    tills: tuple[StoreTill, ...] = ()


class EndTillRequest(Model, kw_only=True):
    """End a till of this store for good. `staff`, a technician or a manager, typed his PIN for this one request.

    `retired`: it brings what it has and sells no more. `revoked`: it was stolen. `lost`: it stays silent, its reservations go
    back.
    """

    terminal: Name
    how: Ending
    staff: Name
    pin: Text
    reason: Text = ""


class TillEnded(Model, kw_only=True):
    """What became of it: `points` of its reservations went back; `waiting` entries it had said were not sent."""

    terminal: Name
    status: Status
    points: Count = 0
    waiting: Count = 0
    waiting_fen: Count = 0
