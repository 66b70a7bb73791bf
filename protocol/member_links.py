"""The link by which a member opens his page on his own phone, made by the ledger for a till that has his proof.

It is good once and for ten minutes, and written in upper case, so that a QR of version 4 holds it (`protocol.authorisations`).
"""

from __future__ import annotations

from uuid import UUID

from protocol.canonical import Micros, Model, Name
from protocol.entries import Proof
from protocol.reservations import Refused

LINK_PAGE = "/L/"
"""Where the ledger's page takes a link."""

LINK_LIVES_US = 600 * 1_000_000
"""From the moment in which the ledger makes it."""


class MemberLinkRequest(Model, kw_only=True):
    """Asked for with the member's own proof, as a reservation is: a static code gets none.

    `id` is that of the sale in which his dynamic code was scanned, or one of its own: a code belongs to the first it came with.
    """

    id: UUID
    member: Name
    proof: Proof
    evidence: str = ""


class MemberLink(Model, tag_field="verdict", tag="granted", kw_only=True):
    """Yes: `address` is what the member's phone opens, until `ends_at`. A newer one of the same member ends it."""

    address: str
    ends_at: Micros


MemberLinkVerdict = MemberLink | Refused
