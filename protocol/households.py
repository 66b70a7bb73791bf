"""The pool of a member's household, as a till that is online asks of it: what is there, and points out of it for the member.

What is drawn is on the member's account and the feed tells it; redeeming knows nothing of households.
"""

from __future__ import annotations

from uuid import UUID

from protocol.canonical import Count, Model, Name, Positive
from protocol.entries import Proof
from protocol.reservations import Refused


class PoolRequest(Model, kw_only=True):
    """Of whom the till serves. Problem `unknown-household` where he is in none, or the coalition has none."""

    member: Name


class PooledKind(Model, kw_only=True):
    """Points of a kind in the pool, and how many of them the member can draw now: within what he may in this month."""

    kind: Name
    points: Positive
    drawable: Count = 0


class Pool(Model, kw_only=True):
    """What is there, by kind; nothing where it is empty."""

    kinds: tuple[PooledKind, ...] = ()


class DrawRequest(Model, kw_only=True):
    """Asked for with the member's own proof, as a reservation is; a static code proves nothing here.

    `id` is that of the sale in which his dynamic code was scanned, or one of its own: a code belongs to the first it came with.
    `draw` is the id of the entry that the ledger books on his account: asked again with it nothing is drawn twice.
    """

    id: UUID
    draw: UUID
    member: Name
    kind: Name
    points: Positive
    proof: Proof
    evidence: str = ""


class Drawn(Model, tag_field="verdict", tag="granted", kw_only=True):
    """Yes: `points` of `kind` are the member's now, and `left` are in the pool."""

    kind: Name
    points: Positive
    left: Count = 0


DrawVerdict = Drawn | Refused
