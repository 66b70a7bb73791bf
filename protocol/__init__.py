"""What a till and the ledger say to each other.

Frozen models and pure functions: entries and their canonical bytes, the hash chain, signatures, reservations, outcomes, the
feed, member codes. No I/O and no clock; times and randomness are handed in.
"""

PROTOCOL_VERSION = "1.0"
"""Stated by both sides in the header `Till-Version` of every message. The two minor versions before are read for ever."""
