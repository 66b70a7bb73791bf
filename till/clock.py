"""Till time, from clocks that may lie.

Till time = wall clock + the last known offset to the ledger; entries are never dated before the journal's last one. A jump of
the wall clock against the monotonic one, or a reboot without contact since, makes the clock untrusted: what stands on it (the
floor, the minute of a dynamic code) is switched off until the ledger has been heard again.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from protocol.entries import Clock

JUMP_US = 120_000_000
"""Two minutes: far more than clocks drift in a day, far less than a wrong hour."""

_LINUX_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def boot_id() -> str:
    """Names this boot of the machine; where the system has no such name, this start of the program."""
    try:
        return _LINUX_BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return secrets.token_hex(16)


class TillClock:
    """Reads the machine's clocks. Safe to call from any thread."""

    def __init__(
        self,
        time_zone: str = "Asia/Shanghai",
        wall_ns: Callable[[], int] = time.time_ns,
        mono_ns: Callable[[], int] = time.monotonic_ns,
        boot: str | None = None,
    ) -> None:
        self._zone = ZoneInfo(time_zone)
        self._wall_ns, self._mono_ns = wall_ns, mono_ns
        self.boot = boot or boot_id()
        self._offset_us = 0
        self._not_before_us = 0
        self._last_entry_us = 0
        self._anchor: tuple[int, int] | None = None
        """(wall, mono) in µs when the ledger was last heard in this boot; None before that."""

    def resume(self, heard: Clock | None, last_at_us: int) -> None:
        """Go on where the last run ended: `last_at_us`, the time of the journal's last entry, is the earliest that can be now.

        `heard` is what `heard` returned last. In the same boot it is an anchor, so that a restart of the program loses no
        trust, and wins none: what the clocks said at an entry proves nothing, they may have jumped before it.
        """
        self._not_before_us = self._last_entry_us = last_at_us
        if heard is None:
            return
        self._offset_us = heard.offset_us
        if heard.boot == self.boot and self._anchor is None:
            self._anchor = (heard.wall, heard.mono_us)

    def heard(self, offset_us: int) -> Clock:
        """The ledger's time was measured: ledger − wall = `offset_us`. Returns the reading, to be kept for `resume`.

        What a wrong clock said before does not hold till time in the future. An entry made under it holds only what the
        entries behind it are dated (`entry_us`): whether a code or a programme is still valid is decided by the time it is.
        """
        self._offset_us = offset_us
        self._not_before_us = 0
        reading = self.read()
        self._anchor = (reading.wall, reading.mono_us)
        return reading

    def wrote(self, at_us: int) -> None:
        """The journal's last entry says `at_us`."""
        self._last_entry_us = max(self._last_entry_us, at_us)

    def read(self) -> Clock:
        """All that the clocks say, for an entry."""
        return Clock(
            wall=self._wall_ns() // 1000, boot=self.boot, mono_us=self._mono_ns() // 1000, offset_us=self._offset_us
        )

    def now_us(self) -> int:
        """Till time in µs UTC."""
        self._not_before_us = max(self._not_before_us, self._wall_ns() // 1000 + self._offset_us)
        return self._not_before_us

    def entry_us(self) -> int:
        """What an entry made now is dated: till time, never before the journal's last entry."""
        return max(self._last_entry_us, self.now_us())

    def local(self, at_us: int | None = None) -> datetime:
        """The store's civil time, naive, of `at_us` or of now."""
        at = self.now_us() if at_us is None else at_us
        return datetime.fromtimestamp(at / 1_000_000, self._zone).replace(tzinfo=None)

    @property
    def is_trusted(self) -> bool:
        """Whether wall and monotonic clock agree since the ledger was heard, in this boot."""
        if self._anchor is None:
            return False
        wall, mono = self._anchor
        drift = (self._wall_ns() // 1000 - wall) - (self._mono_ns() // 1000 - mono)
        return abs(drift) <= JUMP_US

    def jumped_back_us(self) -> int:
        """How far wall + offset is behind what till time was already; 0 when it is not."""
        return max(0, self._not_before_us - (self._wall_ns() // 1000 + self._offset_us))
