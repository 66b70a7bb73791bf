"""How long this machine has been running, and which of its starts this is: one answer per system.

The clock must count while a laptop sleeps. Linux has one for that, CLOCK_BOOTTIME; its CLOCK_MONOTONIC stands still in a
suspend, and every lid that was closed would look as if somebody had changed the time. On Windows the clocks that Python takes
for monotonic (GetTickCount64, QueryPerformanceCounter) go on in sleep and in hibernation.
"""

from __future__ import annotations

import secrets
import sys
import time

if sys.platform == "win32":
    import winreg

    _PREFETCH = r"SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management\PrefetchParameters"

    def boot_id() -> str:
        """Names this start of the machine. Windows counts them; where it does not, this start of the program."""
        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, _PREFETCH) as key:
                return f"windows-{int(winreg.QueryValueEx(key, 'BootId')[0])}"
        except (OSError, ValueError):
            return secrets.token_hex(16)

else:
    from pathlib import Path

    _LINUX_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")

    def boot_id() -> str:
        """Names this start of the machine; where the system has no such name, this start of the program."""
        try:
            return _LINUX_BOOT_ID.read_text(encoding="ascii").strip()
        except OSError:
            return secrets.token_hex(16)


if sys.platform == "linux":

    def running_ns() -> int:
        """Since the machine was started, sleep included."""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME)

else:

    def running_ns() -> int:
        """Since the machine was started, sleep included."""
        return time.monotonic_ns()
