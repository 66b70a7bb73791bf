"""What the books refuse as a whole. What is wrong with one entry is no error but a quarantined outcome.

LedgerError
├── UnknownTerminalError   a terminal that was never enrolled here
└── BatchError             a batch that cannot be received; nothing of it was kept
    ├── GapError           entries are missing before it; says from where to send
    ├── HeadMismatchError  its entries do not add up to the head it states
    ├── HeadSignatureError its head is not signed by the terminal's key
    └── BatchSizeError     more entries than a batch may have
"""

from __future__ import annotations


class LedgerError(Exception):
    """The books refuse, and nothing was changed. `code` is stable, for the caller's problem document."""

    code = "ledger"


class UnknownTerminalError(LedgerError):
    code = "unknown-terminal"

    def __init__(self, terminal: str) -> None:
        super().__init__(f"no terminal {terminal!r} is enrolled")


class BatchError(LedgerError):
    code = "batch"


class GapError(BatchError):
    """`expected_seq`: the seq with which a batch has to begin, at most."""

    code = "gap"

    def __init__(self, first_seq: int, expected_seq: int) -> None:
        super().__init__(f"the batch begins at entry {first_seq}, but {expected_seq} is the next one")
        self.expected_seq = expected_seq


class HeadMismatchError(BatchError):
    code = "head-mismatch"

    def __init__(self) -> None:
        super().__init__("the entries do not add up to the head that the batch states")


class HeadSignatureError(BatchError):
    code = "head-signature"

    def __init__(self) -> None:
        super().__init__("the head is not signed by the terminal's key")


class BatchSizeError(BatchError):
    code = "batch-size"

    def __init__(self, entries: int, limit: int) -> None:
        super().__init__(f"{entries} entries in a batch, at most {limit}")
