"""Entries and keys for these tests: real ones, made the way a till makes them."""

from __future__ import annotations

import string
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import strategies as st

from protocol.canonical import MAX_INTEGER
from protocol.entries import (
    Approval,
    Award,
    Clock,
    Entry,
    LateCredit,
    ManualPoints,
    Redemption,
    Returned,
    Sale,
    ShiftClosed,
    ShiftHandedOver,
    ShiftOpened,
    ShiftTotals,
    Void,
)
from protocol.ids import bucket_of, new_id
from protocol.signing import KeyCertificate, KeyRing, key_id, public_bytes, sign

NOW_US = 1_790_000_000_000_000
MEMBER = "100000012345"

ROOT = Ed25519PrivateKey.from_private_bytes(b"r" * 32)
WORKING = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
STRANGER = Ed25519PrivateKey.from_private_bytes(b"s" * 32)


def ring(*keys: Ed25519PrivateKey, valid_from: int = 0, valid_until: int = MAX_INTEGER) -> KeyRing:
    """A ring in which the root has certified `keys`."""
    certificates = (
        KeyCertificate(
            key=key_id(public_bytes(key)), public=public_bytes(key), valid_from=valid_from, valid_until=valid_until
        )
        for key in keys
    )
    return KeyRing(public_bytes(ROOT), tuple(sign("key", certificate, ROOT) for certificate in certificates))


def header(member: str = MEMBER) -> dict[str, Any]:
    """What every entry says."""
    return {
        "id": new_id(NOW_US // 1000, bucket_of(member), 7),
        "store": "zhongshan",
        "occurred_at": NOW_US,
        "business_day": "2026-11-21",
        "shift": "0371",
        "by": "1023",
        "clock": Clock(wall=NOW_US, boot="b1", mono_us=5, offset_us=-3),
    }


def sale(**changes: Any) -> Sale:
    """A sale of 128.50 yuan that earns 308 points."""
    fields: dict[str, Any] = {
        **header(), "member": MEMBER, "gross_fen": 12_850, "due_fen": 12_850, "programme": "supermarket",
        "programme_version": 1, "engine": 1, "awards": (Award(kind="points", points=308, expires_on="2027-12-31"),),
    }  # fmt: skip
    return Sale(**fields | changes)


REDEMPTION = Redemption(
    reward="voucher-20",
    kind="points",
    points=1_000,
    off_bill_fen=2_000,
    authority="online",
    proof="dynamic",
    nonce="ab12",
)

APPROVAL = Approval(by="9001", how="pin", allows=("void",), reason="other", words="客人等了很久")

_OF_SALE = {name: getattr(sale(), name) for name in Sale.__struct_fields__}

ONE_OF_EACH: tuple[Entry, ...] = (
    LateCredit(**_OF_SALE | {"sold_on": "2026-11-20", "reference": "A-17", "approval": APPROVAL}),
    ManualPoints(**_OF_SALE | {"gross_fen": 0, "due_fen": 0, "approval": APPROVAL}),
    sale(redemptions=(REDEMPTION,), sums_fen={"生鲜": 1, "alcohol": 2}, held={"points": -4}, reference="8号桌"),
    Void(**header(), member=MEMBER, voids=UUID(int=9), reason="输错金额", approval=APPROVAL),
    Returned(**header(), member=MEMBER, reservation=UUID(int=8)),
    ShiftOpened(**header("t1"), number=1),
    ShiftHandedOver(**header("t1"), number=1, to="1024", totals=ShiftTotals(sales=2, refused={"quota-used-up": 1})),
    ShiftClosed(**header("t1"), number=1, totals=ShiftTotals(sales=3, awarded={"points": 9}, unconfirmed_points=-2)),
)

_names = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=64)
_counts = st.integers(0, MAX_INTEGER)

sales = st.builds(
    sale,
    member=_names,
    store=_names,
    reference=st.text(st.characters(exclude_categories=["C"]), max_size=100),
    gross_fen=_counts,
    due_fen=_counts,
    sums_fen=st.dictionaries(_names, _counts, max_size=8),
    held=st.dictionaries(_names, st.integers(-MAX_INTEGER, MAX_INTEGER), max_size=3),
    awards=st.lists(st.builds(Award, kind=_names, points=st.integers(1, MAX_INTEGER)), max_size=4).map(tuple),
    tier=st.text(string.printable[:95], max_size=20),
)
