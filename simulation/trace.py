"""All that happened in a seed, as one hash: two runs of a seed differ in nothing, or in it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable


class Trace:
    """`narrate` gets a line an event, for `--trace`; times are seconds since the start."""

    def __init__(self, now_us: Callable[[], int], narrate: Callable[[str], None] | None = None) -> None:
        self._now_us, self._narrate = now_us, narrate
        self._start_us = now_us()
        self._hash = hashlib.sha256()

    def say(self, what: str, who: str, *parts: object) -> None:
        """Something happened. Bytes count whole; a line shows how many they are."""
        at_us = self._now_us() - self._start_us
        self._hash.update(f"{at_us} {what} {who}".encode())
        for part in parts:
            data = part if isinstance(part, bytes) else str(part).encode()
            self._hash.update(b"\0%d\0" % len(data))
            self._hash.update(data)
        if self._narrate is not None:
            shown = [str(part) for part in parts if not isinstance(part, bytes)]
            self._narrate(f"{at_us / 1_000_000:12.6f} {who:<10} {what} {' '.join(shown)}")

    @property
    def elapsed_s(self) -> float:
        """Virtual time since the start."""
        return (self._now_us() - self._start_us) / 1_000_000

    @property
    def hash(self) -> str:
        """Of everything so far."""
        return self._hash.hexdigest()
