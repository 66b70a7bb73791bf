"""The slow hash of a PIN: made by the ledger, checked by it for members and by the till for staff, offline too.

Argon2id (RFC 9106) with OWASP's smallest parameters (19 MiB, 2 passes): about 16 ms, because a customer waits for it. The
parameters are inside the hash. A PIN has ten thousand to a hundred million values: who reads a hash finds it all the same
(docs/threats.md); tries are counted by whoever checks.
"""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

PIN_LENGTHS = range(4, 9)
"""How many digits a PIN may have."""

_PINS = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, hash_len=16)


def hash_pin(pin: str) -> str:
    """The hash to keep of a PIN (4 to 8 digits). Raises `ValueError` for anything else."""
    if not (pin.isascii() and pin.isdigit() and len(pin) in PIN_LENGTHS):
        raise ValueError("a PIN has 4 to 8 digits")
    return _PINS.hash(pin)


def pin_fits(pin_hash: str, pin: str) -> bool:
    """Whether `pin` is the one that was hashed; never for an empty hash, of somebody who has no PIN or does not exist.

    The work is the same then: how long an answer takes tells nobody who exists.
    """
    try:
        return _PINS.verify(pin_hash, pin)
    except InvalidHashError:
        _PINS.hash(pin)
        return False
    except VerificationError:
        return False
