"""Reservations: points that left `available` before the goods leave (DESIGN, section 4)."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from protocol.canonical import Count, Micros, Model, Name, Positive, Settled, Whole
from protocol.entries import Day, Proof

Reserving = Literal["allowance", "online", "authorised"]
"""The rungs of the ladder on which points are reserved."""

RefusalReason = Literal[
    "not-enough-points",
    "not-enough-own-points",
    "limit-reached",
    "out-of-stock",
    "quota-used-up",
    "unknown-member",
    "member-blocked",
    "proof-missing",
    "proof-wrong",
    "proof-expired",
    "nonce-used",
    "pin-wrong",
    "pin-locked",
    "pin-not-set",
    "voucher-used",
    "voucher-expired",
    "voucher-unknown",
    "already-ended",
    "terminal-revoked",
    "unknown-kind",
    "merchant-suspended",
    "programme-suspended",
]


class BoundedReward(Model, kw_only=True):
    """A reward that is bounded by more than the member's points, as the sale will name it: one of it, on its business day."""

    reward: Name
    programme: Name
    version: Positive
    engine: Positive
    business_day: Day


class ReserveRequest(Model, kw_only=True):
    """Asked for with the id that the sale's entry will carry. Not an entry: the fork rule does not compare it.

    `evidence` is the dynamic code as scanned, or the PIN as the member typed it; the ledger checks it and keeps neither. `own`:
    only points that the merchant of the till gave will do. `bounded`: what they are for, where that has a limit, a stock or a
    quota: the ledger holds it with the points, or says no.
    """

    id: UUID
    member: Name
    kind: Name
    points: Positive
    proof: Proof
    evidence: str = ""
    own: bool = False
    bounded: BoundedReward | None = None


class Reservation(Settled, kw_only=True):
    """Granted to one terminal. What is left of it is computed, never stored: `points` minus what entries name it.

    `authority` says who asked: the till `online`, the member's phone (`authorised`), or nobody (an `allowance`).
    """

    id: UUID
    terminal: Name
    member: Name
    kind: Name
    points: Positive
    granted_at: Micros
    position: Count
    authority: Reserving = "online"


class Granted(Model, tag_field="verdict", tag="granted", kw_only=True):
    """Yes: go. `given`: of a reward with a stock, how many are given or reserved now, this one too. `others`: how many of the
    points count against its quota; the sale's entry says so."""

    reservation: Reservation
    given: Count = 0
    others: Count = 0


class LyingElsewhere(Model, kw_only=True):
    """Points set aside at another till for an outage, which is asked to return them: `store` and `till` as people name them."""

    store: str
    till: str
    points: Positive


class Refused(Model, tag_field="verdict", tag="refused", kw_only=True):
    """No, and no fallback. `spendable` is what the member could spend now; with `not-enough-own-points` and `quota-used-up` on
    this reward. `given`, with `out-of-stock` alone: as in `Granted`.

    `tries_left`, with `pin-wrong` alone: how many more tries there are before the PIN is locked, at least one.
    """

    reason: RefusalReason
    spendable: Whole = 0
    tries_left: Count = 0
    given: Count = 0
    lying: tuple[LyingElsewhere, ...] = ()
    """With `not-enough-points`: where enough of them lie. Some moments later the same may be granted."""


Verdict = Granted | Refused


class AllowancesRequest(Model, kw_only=True):
    """In advance, for an outage: what members usually take here. Asked for with the shift open; they go back when it closes."""

    shift: Name


class AllowancesAnswer(Model, kw_only=True):
    """What was granted now. Whoever had an allowance in this store already got none; the feed shows what lies where."""

    granted: tuple[Reservation, ...] = ()
