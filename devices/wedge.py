"""Tells a keyboard-wedge scanner from a person typing, by its prefix or by speed. Pure: keys come with their times.

A prefix (signs that nobody types, programmed into the scanner) is certain, also where a remote desktop or a radio link makes
the scanner as slow as a person. Without one speed decides: a wedge types every 1 to 30 ms and ends with Enter or Tab; a fast
typist needs 80 ms a key. The first keys of a scan look like typing, so they stand in the field already when the burst is known:
`to_retract` says how many to take out again.

In the field that has the focus, for each key:

    code = wedge.feed(key, at_ns)
    code is not None    -> a scan; nothing of it stands in the field
    wedge.is_burst      -> keep the key out of the field, take `to_retract` characters off its end
    otherwise           -> an ordinary key

and a timer calls `expire` for scanners that send no Enter. Give the time at which the key was read from the terminal,
not at which it is handled: keys that waited behind a slow handler would look fast.
"""

from __future__ import annotations

MAX_GAP_MS = 35
MIN_LENGTH = 6
"""Shorter fast runs are left to the field: two keys may well fall together."""

MARKED_GAP_MS = 300
"""Behind a prefix the keys may come as slowly as this; who typed it by accident is free again after so long."""

_NS_PER_MS = 1_000_000
_ENDS = frozenset({"\r", "\n", "\t", "enter", "tab"})


class WedgeDetector:
    """Follows the keys of one keyboard."""

    def __init__(self, max_gap_ms: int = MAX_GAP_MS, min_length: int = MIN_LENGTH, prefix: str = "") -> None:
        self._max_gap_ns = max_gap_ms * _NS_PER_MS
        self._min_length = min_length
        self._prefix = prefix
        self._is_marked = False
        self._typed = ""
        self._burst = ""
        self._last_ns = 0

    def tell_from(self, length: int) -> None:
        """From now on a run of at least so many fast keys is a code."""
        self._min_length = length

    @property
    def burst(self) -> str:
        """The characters of the present run of fast keys, the first one included; without a prefix."""
        return self._burst

    @property
    def silence_s(self) -> float:
        """After so long without a key a scanner that sends no Enter has ended its code."""
        return 2 * self._gap_ns / 1_000_000_000

    @property
    def is_burst(self) -> bool:
        """True once the run is as long as a code, or began with the prefix: no longer a person."""
        return self._is_marked or len(self._burst) >= self._min_length

    @property
    def to_retract(self) -> int:
        """Characters that got into the field before the burst was known; 0 but at the key that makes it one."""
        if self._is_marked:
            return 0 if self._burst else len(self._prefix) - 1
        return self._min_length - 1 if len(self._burst) == self._min_length else 0

    def feed(self, key: str, at_ns: int) -> str | None:
        """Take one key: a character, or a name such as `enter`. Returns the code when Enter or Tab ends a burst.

        None for Enter after slow or few keys (a person's), and for every other key.
        """
        since_ns, self._last_ns = at_ns - self._last_ns, at_ns
        is_near = 0 <= since_ns <= self._gap_ns
        is_fast = bool(self._burst) and is_near
        self._is_marked = self._is_marked and is_near
        if key in _ENDS:
            return self._ended(has_run=is_fast)
        if len(key) == 1 and key.isprintable():
            if not self._is_marked and self._has_prefix_with(key, since_ns):
                self._is_marked, self._burst = True, ""
                return None
            self._burst = self._burst + key if is_fast else key
        else:
            self._burst = self._typed = ""
            self._is_marked = False
        return None

    def expire(self, at_ns: int) -> str | None:
        """Say that no key came up to now. Returns the code of a burst that has fallen silent without Enter."""
        if not (self._burst or self._is_marked) or at_ns - self._last_ns <= self._gap_ns:
            return None
        return self._ended(has_run=bool(self._burst))

    @property
    def _gap_ns(self) -> int:
        return MARKED_GAP_MS * _NS_PER_MS if self._is_marked else self._max_gap_ns

    def _has_prefix_with(self, key: str, since_ns: int) -> bool:
        """Whether this key completes the prefix."""
        is_near = 0 <= since_ns <= MARKED_GAP_MS * _NS_PER_MS
        self._typed = ((self._typed if is_near else "") + key)[-len(self._prefix) :] if self._prefix else ""
        return bool(self._prefix) and self._typed == self._prefix

    def _ended(self, *, has_run: bool) -> str | None:
        burst, was_marked = self._burst, self._is_marked
        self._burst, self._typed, self._is_marked = "", "", False
        return burst if has_run and (was_marked or len(burst) >= self._min_length) else None
