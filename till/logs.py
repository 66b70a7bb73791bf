"""The log of a till: `till.log` in its folder, a few megabytes at most, without personal data and without secrets."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path

FILE = "till.log"
_BYTES, _KEPT = 1_000_000, 4


@contextmanager
def logging_to(folder: Path) -> Iterator[None]:
    """Write what all rooms log into the folder's file, until the context ends.

    httpx logs addresses of every call at INFO; what it and others below us say counts from WARNING on.
    """
    handler = RotatingFileHandler(folder / FILE, maxBytes=_BYTES, backupCount=_KEPT, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.WARNING)
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
        handler.close()
