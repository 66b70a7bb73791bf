"""Reservations: points that left `available` before the goods leave (DESIGN, section 4)."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from protocol.canonical import Count, Micros, Model, Name, Positive, Whole
from protocol.entries import Proof

RefusalReason = Literal[
    "not-enough-points",
    "unknown-member",
    "member-blocked",
    "proof-missing",
    "proof-wrong",
    "proof-expired",
    "nonce-used",
    "pin-wrong",
    "pin-locked",
    "pin-not-set",
    "already-ended",
    "terminal-revoked",
    "unknown-kind",
]


class ReserveRequest(Model, kw_only=True):
    """Asked for with the id that the sale's entry will carry. Not an entry: the fork rule does not compare it.

    `evidence` is the dynamic code as scanned, or the PIN as the member typed it; the ledger checks it and keeps neither.
    """

    id: UUID
    member: Name
    kind: Name
    points: Positive
    proof: Proof
    evidence: str = ""


class Reservation(Model, kw_only=True):
    """Granted to one terminal. What is left of it is computed, never stored: `points` minus what entries name it."""

    id: UUID
    terminal: Name
    member: Name
    kind: Name
    points: Positive
    granted_at: Micros
    position: Count


class Granted(Model, tag_field="verdict", tag="granted", kw_only=True):
    """Yes: go."""

    reservation: Reservation


class Refused(Model, tag_field="verdict", tag="refused", kw_only=True):
    """No, and no fallback. `spendable` is what the member could spend now.

    `tries_left`, with `pin-wrong` alone: how many more tries there are before the PIN is locked, at least one.
    """

    reason: RefusalReason
    spendable: Whole = 0
    tries_left: Count = 0


Verdict = Granted | Refused
