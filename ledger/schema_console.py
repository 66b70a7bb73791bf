"""The tables of the coalition's operators: who they are, what they proposed, what they stopped, all they did. Not hot."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, LargeBinary, Text
from sqlmodel import Field

from ledger.schema import Books


class Operator(Books, table=True):
    """A person who publishes and stops, with a PIN; as `protocol.pins` makes it, a slow hash."""

    name: str = Field(primary_key=True)
    pin_hash: str
    failures: int = 0
    locked_until: int = Field(sa_type=BigInteger, default=0)
    left_at: int = Field(sa_type=BigInteger, default=0)
    """0 while he is one. His name is never another's."""


class Proposal(Books, table=True):
    """A programme that somebody proposed, byte by byte as it was; nobody publishes what he proposed himself.

    `in_force_from` 0: with its approval. `state` failed: its time came, and it could not be published any more (`why`).
    """

    __table_args__ = (
        CheckConstraint("state IN ('open', 'approved', 'published', 'withdrawn', 'failed')", name="proposal_state"),
        CheckConstraint(
            "state IN ('open', 'withdrawn') OR (length(decided_by) > 0 AND decided_by <> proposed_by)",
            name="proposal_is_approved_by_another",
        ),
    )
    number: int = Field(sa_type=BigInteger, primary_key=True)
    programme: str
    version: int = Field(sa_type=BigInteger)
    source: str
    content: bytes = Field(sa_type=LargeBinary)
    sha256: str
    proposed_by: str
    proposed_at: int = Field(sa_type=BigInteger)
    in_force_from: int = Field(sa_type=BigInteger)
    state: str = "open"
    decided_by: str = ""
    decided_at: int = Field(sa_type=BigInteger, default=0)
    why: str = ""


class Suspended(Books, table=True):
    """A merchant or a programme that is stopped now. Gone once it goes on; what was is in the acts."""

    __table_args__ = (CheckConstraint("what IN ('merchant', 'programme')", name="suspended_what"),)
    what: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    since: int = Field(sa_type=BigInteger)
    reason: str


class Act(Books, table=True):
    """What was done at the console, one after the other. `hash` is of the one before and of this one (`ledger.acts`).

    `done_by`: empty for the ledger itself. `facts`: canonical JSON.
    """

    number: int = Field(sa_type=BigInteger, primary_key=True)
    done_at: int = Field(sa_type=BigInteger)
    done_by: str
    what: str
    facts: str = Field(sa_type=Text)
    hash: bytes = Field(sa_type=LargeBinary)
