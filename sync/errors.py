"""What can go wrong between a till and its ledger.

SyncError
├── TransientSyncError       worth another try; `cause` says in one word why, `retry_after_s` when
│   └── NotTheLedgerError    whoever answered is not the ledger: a log-in page, a proxy, a forger
│       └── UnknownKeyError  or it is, with a working key that this till has not heard of
└── FinalSyncError           another try ends the same way; `code` says what a person has to do
    ├── JournalConflictError the ledger has another chain of this terminal than the journal
    ├── LedgerRewrittenError what the ledger says is not what it signed before
    └── KeyUnreadableError   the terminal's key is not there: the till sells, and sends nothing

An answer that the ledger did not sign decides nothing: not a yes, not a no, and not that a till is revoked.
"""

from __future__ import annotations

from typing import Literal

Cause = Literal[
    "unplugged",
    "dns",
    "certificate-time",
    "certificate",
    "no-answer",
    "portal",
    "not-the-ledger",
    "not-recognised",
    "server-error",
    "too-many",
    "revoked",
    "version",
    "refused",
]
"""Why there is no exchange. The sentence for each is the screen's.

`not-recognised`: the ledger answers, but does not know this terminal's key. `refused`: it answers, and cannot use what this
till sends; `LinkState.stuck` and the log have its code.
"""


class SyncError(Exception):
    """No exchange with the ledger took place, or not the one that was wanted."""

    cause: Cause = "no-answer"


class TransientSyncError(SyncError):
    """The same request may succeed later. `retry_after_s`: what the ledger asked for; 0 where it did not."""

    def __init__(self, cause: Cause, why: str = "", retry_after_s: float = 0) -> None:
        super().__init__(f"{cause}: {why}" if why else cause)
        self.cause = cause
        self.retry_after_s = retry_after_s


class NotTheLedgerError(TransientSyncError):
    """An answer came, and the ledger did not sign it."""

    def __init__(self, cause: Cause, why: str, retry_after_s: float = 0) -> None:
        super().__init__(cause, f"an answer that the ledger did not sign ({why})", retry_after_s)


class UnknownKeyError(NotTheLedgerError):
    """Signed, by a key without a certificate here. `documents` brings the certificates, if it was the ledger.

    `claim` is the code that it states, which nobody has to believe.
    """

    def __init__(self, why: str, claim: str) -> None:
        super().__init__("not-the-ledger", why)
        self.claim = claim


class FinalSyncError(SyncError):
    """Signed by the ledger, or found here: repeating helps nobody. `code` is stable."""

    @property
    def is_about_the_link(self) -> bool:
        """Whether nothing at all goes on with this ledger; else it was this one request."""
        return self.cause in ("revoked", "version")

    def __init__(self, code: str, why: str) -> None:
        super().__init__(f"{code}: {why}")
        self.code = code
        self.cause = _CAUSES.get(code, "refused")


class JournalConflictError(FinalSyncError):
    """This journal was rolled back, copied or damaged. Nothing more is booked from it; a technician enrols a new terminal."""

    def __init__(self, code: Literal["journal-behind", "journal-forked", "journal-damaged"], why: str) -> None:
        super().__init__(code, why)


class LedgerRewrittenError(FinalSyncError):
    """The ledger has not forgotten, it says something else than it signed. Sales go on, and a person is told."""

    def __init__(self, why: str) -> None:
        super().__init__("ledger-rewritten", why)


class KeyUnreadableError(FinalSyncError):
    """The key file is missing or is not ours. A technician enrols a new terminal."""

    def __init__(self, file: str, why: str) -> None:
        super().__init__("key-unreadable", f"{file}: {why}")


CONFLICTS = frozenset({"journal-behind", "journal-forked", "journal-damaged"})
ENDING = CONFLICTS | {"terminal-revoked", "terminal-lost", "terminal-retired"}
"""Codes of a `FinalSyncError` after which this terminal sells nothing more; the folder is paired anew, as another one."""

_CAUSES: dict[str, Cause] = {
    "terminal-revoked": "revoked",
    "terminal-lost": "revoked",
    "terminal-retired": "revoked",
    "version": "version",
}
