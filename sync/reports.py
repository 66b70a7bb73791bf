"""What the process that pulls tells its parent: one JSON line a report, on its standard output."""

from __future__ import annotations

from uuid import UUID

import msgspec

from protocol.cases import Decision
from protocol.reservations import Reserving
from protocol.signing import Signed
from sync.errors import Cause


class Pulled(msgspec.Struct, frozen=True, tag=True):
    """A poll ended with nothing more to come. `as_of_us` is the ledger's time; `took_us` of its first call.

    `offset_us`: the ledger's time minus ours, wrong by `bound_us` at most.
    """

    as_of_us: int
    offset_us: int
    took_us: int
    bound_us: int
    rows: int = 0
    members: tuple[str, ...] = ()
    """Whose rows are new; empty while `rows` is not: too many to name."""
    has_documents: bool = False


class Heard(msgspec.Struct, frozen=True, tag=True):
    """The ledger answered, and has much to tell: reading it may take a while, and the link is up meanwhile."""

    offset_us: int
    took_us: int
    bound_us: int


class PullFailed(msgspec.Struct, frozen=True, tag=True):
    """A poll came to nothing. `code` is what the ledger called it, where another try ends the same way."""

    cause: Cause
    code: str = ""
    why: str = ""


class FileReady(msgspec.Struct, frozen=True, tag=True):
    """A whole new cache: checked, checkpointed, to be named in the journal by who writes there."""

    file: str


class OwnReservation(msgspec.Struct, frozen=True):
    """Points that lie in a reservation of this terminal, by the member's row at `position`."""

    id: UUID
    member: str
    position: int
    authority: Reserving = "online"
    is_wanted: bool = False
    """Of an allowance: it was called back, or its member may not redeem any more."""


class EpochSeen(msgspec.Struct, frozen=True, tag=True):
    """The feed is of other books than the journal's outcomes, or of older ones: the ledger is asked what it has of us."""

    epoch: str


class ReservationsSeen(msgspec.Struct, frozen=True, tag=True):
    """Rows that came, or were found at the start, with reservations of this terminal in them."""

    reservations: tuple[OwnReservation, ...]


class DecisionsSeen(msgspec.Struct, frozen=True, tag=True):
    """What was decided about entries of this till; `anew`: from the first one on, by a ledger that was restored."""

    decisions: tuple[Decision, ...]
    anew: bool = False


class CertificatesSeen(msgspec.Struct, frozen=True, tag=True):
    """Certificates that this till did not have; the parent checks them again and keeps them."""

    certificates: tuple[Signed, ...]


class PartDiscarded(msgspec.Struct, frozen=True, tag=True):
    """A part of a snapshot that had been kept did not fit its digest, or is too old: it is loaded anew."""

    file: str
    why: str


class CacheTrouble(msgspec.Struct, frozen=True, tag=True):
    """The cache's disk is full or failing: the process ends, and the counter goes on with what it has."""

    code: str
    why: str


Report = (
    Heard
    | Pulled
    | EpochSeen
    | PullFailed
    | FileReady
    | ReservationsSeen
    | DecisionsSeen
    | CertificatesSeen
    | PartDiscarded
    | CacheTrouble
)

decoder = msgspec.json.Decoder(Report)
encoder = msgspec.json.Encoder()
