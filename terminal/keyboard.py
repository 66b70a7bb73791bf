"""One place that all keys pass before any field, button or dialog sees them: scanners that type are told from people here.

So a scan means the same wherever the focus is, and its Enter never presses a button. The first keys of a scan look like
typing and are handed on; once the run is known for a scan, the field that got them is asked to take them out again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from textual import events

from devices.wedge import MAX_GAP_MS, MIN_LENGTH, WedgeDetector

_WIDE = {0xFF01 + place: 0x21 + place for place in range(94)}
"""A Chinese input method set to full width makes Ｍ１ of M1."""

SILENCE_S = 2 * MAX_GAP_MS / 1000
"""After so long without a key a scanner that sends no Enter has ended its code."""

_NS = 1_000_000_000


class Seen(NamedTuple):
    """What a key is. `code`: it ended a scan. `is_kept`: no field sees it. `retract`: characters to take out again."""

    code: str | None = None
    is_kept: bool = False
    retract: int = 0


class Keyboard:
    """Follows the keys of the one keyboard."""

    def __init__(self, prefix: str = "") -> None:
        self._wedge = WedgeDetector(prefix=prefix)
        self._last_ns = 0
        self._last_was_character = False

    @property
    def silence_s(self) -> float:
        """How long to wait for the next key of a scan before `silence` is asked."""
        return self._wedge.silence_s

    def see(self, event: events.Key, *, typed: int = 0) -> Seen:
        """Take one key, with the time at which it was read from the terminal.

        `typed`: so many fast keys, and the Enter behind them, are a person's on this screen. A PIN is typed by heart, a busy
        machine hears its digits all at once, and nothing that short is scanned where one is asked for.
        """
        self._wedge.tell_from(max(MIN_LENGTH, typed + 1))
        at_ns = int(event.time * _NS)
        is_close = 0 <= at_ns - self._last_ns <= MAX_GAP_MS * 1_000_000
        is_hasty = event.key == "enter" and is_close and self._last_was_character
        character = event.character if event.is_printable and event.character else event.key
        code = self._wedge.feed(character.translate(_WIDE), at_ns)
        self._last_ns, self._last_was_character = at_ns, event.is_printable
        if code is not None:
            return Seen(code=code, is_kept=True)
        # No hand presses Enter 35 ms after a digit: it ends a scan too short to be told by its length.
        return Seen(is_kept=self._wedge.is_burst or (is_hasty and not typed), retract=self._wedge.to_retract)

    def silence(self, at_ns: int) -> str | None:
        """No key came up to now: the code of a scanner that sends no Enter."""
        return self._wedge.expire(at_ns)


def typed_keys(text: str, *, start_s: float, gap_s: float = 0.12) -> Iterator[events.Key]:
    """Keys as a person presses them, with their times; `start_s` is monotonic. For the demo and for tests.

    `\\n` is Enter; names in braces are keys: `128.50{f2}`.
    """
    at_s, rest = start_s, text
    while rest:
        name, rest = (rest[1:].split("}", 1)) if rest[0] == "{" else (rest[0], rest[1:])
        event = key_event(name)
        event.time = at_s
        at_s += gap_s
        yield event


def key_event(name: str) -> events.Key:
    """The event of a character or a named key."""
    if name in ("\n", "\r", "enter"):
        return events.Key("enter", "\r")
    return events.Key(name, name if len(name) == 1 else None)
