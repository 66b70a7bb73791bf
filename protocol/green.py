"""A member's green report, signed by the ledger: a file that proves itself to whoever knows the root's fingerprint (A5).

It carries its certificates, so that a bank, an employer or a public programme can rely on it without asking the ledger. It
names the member by his number alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol import canonical
from protocol.canonical import Count, Micros, Model, Name, Positive, Text, Whole
from protocol.entries import DayOrNever
from protocol.errors import NotCanonicalError, SignatureError
from protocol.signing import KeyRing, Signed, key_id, sign

PURPOSE = "green-report"

MAX_BYTES = 1024 * 1024
"""Far more than a report of every attribute that a coalition knows."""


class Words(Model, kw_only=True):
    """In the two languages of the coalition."""

    zh: Text
    en: Text


class GreenKind(Model, kw_only=True):
    """A kind of green points: what the period gave, without what was taken back; what was redeemed in it, without what was
    given back; what ended in it; and what he has of it at the report's time, less what he owes."""

    kind: Name
    name: Words
    earned: Whole = 0
    used: Whole = 0
    expired: Whole = 0
    left: Whole = 0


class GreenAttribute(Model, kw_only=True):
    """How much of an attribute the goods of the period have, without what came back; of one that has a `grade`, the pieces.

    `co2e_g` is grams of CO2 equivalent by the factor `co2e_mg`, mg a unit; both are 0 where nobody named a factor. Each is
    rounded once, downwards.
    """

    attribute: Name
    grade: str = ""
    name: Words
    unit: Words
    amount: Count = 0
    co2e_mg: Count = 0
    co2e_g: Count = 0
    source: Words | None = None


class GreenActivity(Model, kw_only=True):
    """What he finished, and how often."""

    activity: Name
    name: Words
    times: Positive


class GreenMerchant(Model, kw_only=True):
    """Where it was."""

    merchant: Name
    name: Text


class GreenReport(Model, kw_only=True):
    """Of the business days from `since` to `until`, both included; empty: all of them. `at`: the ledger's time."""

    member: Name
    since: DayOrNever = ""
    until: DayOrNever = ""
    at: Micros
    kinds: tuple[GreenKind, ...] = ()
    attributes: tuple[GreenAttribute, ...] = ()
    activities: tuple[GreenActivity, ...] = ()
    merchants: tuple[GreenMerchant, ...] = ()


class GreenFile(Model, kw_only=True):
    """The signed report, with what proves the key that signed it."""

    root_public: bytes
    certificates: tuple[Signed, ...]
    report: Signed


def sign_report(
    report: GreenReport, root_public: bytes, certificates: Sequence[Signed], private: Ed25519PrivateKey
) -> bytes:
    """The bytes of the file: a line of canonical JSON."""
    signed = sign(PURPOSE, report, private)
    return (
        canonical.encode(GreenFile(root_public=root_public, certificates=tuple(certificates), report=signed)) + b"\n"
    )


def read_report(data: bytes, root: str) -> GreenReport:
    """The report in a file. Raises `SignatureError` unless the ledger whose root key has the fingerprint `root` signed it."""
    if len(data) > MAX_BYTES:
        raise SignatureError(f"longer than {MAX_BYTES} bytes, no green report")
    try:
        file = canonical.decode(data.removesuffix(b"\n"), GreenFile)
    except (msgspec.DecodeError, NotCanonicalError) as error:
        raise SignatureError(f"no green report: {error}") from None
    if key_id(file.root_public) != root:
        raise SignatureError(f"the report of another ledger, {key_id(file.root_public)}")
    ring = KeyRing(file.root_public, file.certificates)
    report = ring.open(file.report, PURPOSE, GreenReport)
    ring.public(file.report.key, report.at)  # a key that had run out proves nothing
    return report
