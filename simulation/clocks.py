"""The clocks of one till: they run, drift, jump, and start anew with the machine."""

from __future__ import annotations

from collections.abc import Callable


class Clocks:
    """`true_us` gives true time. Wall and monotonic clock share one crystal, which drifts by `ppm`."""

    def __init__(self, true_us: Callable[[], int]) -> None:
        self._true_us = true_us
        self._boots = self._ppm = 0
        self._began_us = self._wall_at_boot_us = true_us()
        self.boot = ""
        self.reboot()

    def wall_us(self) -> int:
        """What the clock on the wall says."""
        return self._wall_at_boot_us + self._ran_us()

    def mono_us(self) -> int:
        """Since the machine was started."""
        return 5_000_000 + self._ran_us()

    def jump(self, by_us: int) -> None:
        """Somebody set the clock, or time synchronisation did."""
        self._wall_at_boot_us += by_us

    def go_wrong(self, by_us: int, ppm: int) -> None:
        """From the start: they are off by so much, and drift."""
        self._ppm = ppm
        self.jump(by_us)

    def reboot(self, lost_us: int = 0) -> None:
        """The machine starts again; a flat battery loses `lost_us` of the wall clock."""
        wall_us = self.wall_us() if self._boots else self._wall_at_boot_us
        self._boots += 1
        self.boot = f"boot-{self._boots}"
        self._began_us, self._wall_at_boot_us = self._true_us(), wall_us - lost_us

    def _ran_us(self) -> int:
        true_us = self._true_us() - self._began_us
        return true_us + true_us * self._ppm // 1_000_000
