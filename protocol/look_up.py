"""Finding a member by what he says: his phone, the plate of his car. The ledger alone knows these; it answers a `MemberRow`."""

from __future__ import annotations

from typing import Literal

from protocol.canonical import Model, Name


class LookUpRequest(Model, kw_only=True):
    """`value` as typed: the ledger takes out blanks, dashes and full width. A refusal says `unknown-member`."""

    by: Literal["phone", "plate", "room", "member"]
    value: Name
