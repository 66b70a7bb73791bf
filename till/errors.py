"""What the counter refuses.

RefusedError   something that was asked for is not done, and nothing has changed
└── NotPairedError   this folder is no till yet

A refusal is not a failure of the software: it has a `code` and `facts`, and the screen's sentence for the code says what
would help.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any


class RefusedError(Exception):
    """Refused, with a stable `code` and the facts for its sentence."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(f"{code} {facts}" if facts else code)
        self.code = code
        self.facts = facts


class NotPairedError(RefusedError):
    """The folder has no terminal identity: it is paired first."""

    def __init__(self, folder: Path) -> None:
        super().__init__("not-paired", folder=str(folder))
