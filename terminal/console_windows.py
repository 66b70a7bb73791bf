"""The console's window while the counter runs, on Windows: a click does not stop the program, and its X does nothing.

With QuickEdit a click marks text, and whatever the program writes waits until somebody presses Esc: a frozen counter. And the
window's X ends a program without asking it. So QuickEdit is switched off and the X taken out of the window's menu, until the
counter is left by its own key, which asks. Windows Terminal does not stop for a click, and is started full screen, where it
has no X (`till windows apply`).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

QUICK_EDIT, EXTENDED_FLAGS = 0x0040, 0x0080
"""Without the second, Windows leaves the first as it was, whatever a program says of it."""


class Console(Protocol):
    """The window that this program runs in. `mode` is None where there is no console."""

    def mode(self) -> int | None: ...
    def set_mode(self, mode: int) -> None: ...
    def take_x(self) -> None: ...
    def give_x(self) -> None: ...


@contextmanager
def held_open(console: Console) -> Iterator[None]:
    """While the counter runs."""
    before = console.mode()
    if before is None:
        yield
        return
    console.set_mode(before & ~QUICK_EDIT | EXTENDED_FLAGS)
    console.take_x()
    try:
        yield
    finally:
        console.give_x()
        console.set_mode(before)


if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    _STANDARD_INPUT = -10
    _SC_CLOSE, _BY_COMMAND = 0xF060, 0

    class ThisConsole:
        """By the functions of Windows. What they refuse stays as it is: the counter runs all the same."""

        def __init__(self) -> None:
            self._kernel, self._user = ctypes.WinDLL("kernel32"), ctypes.WinDLL("user32")
            self._kernel.GetStdHandle.restype = wintypes.HANDLE
            self._kernel.GetConsoleWindow.restype = wintypes.HWND
            self._user.GetSystemMenu.restype = wintypes.HMENU
            self._user.GetSystemMenu.argtypes = (wintypes.HWND, wintypes.BOOL)
            self._user.DeleteMenu.argtypes = (wintypes.HMENU, wintypes.UINT, wintypes.UINT)
            self._kernel.SetConsoleMode.argtypes = (wintypes.HANDLE, wintypes.DWORD)
            self._kernel.GetConsoleMode.argtypes = (wintypes.HANDLE, ctypes.POINTER(wintypes.DWORD))
            self._input = wintypes.HANDLE(self._kernel.GetStdHandle(_STANDARD_INPUT))

        def mode(self) -> int | None:
            mode = wintypes.DWORD()
            return mode.value if self._kernel.GetConsoleMode(self._input, ctypes.byref(mode)) else None

        def set_mode(self, mode: int) -> None:
            self._kernel.SetConsoleMode(self._input, mode)

        def take_x(self) -> None:
            window = self._kernel.GetConsoleWindow()
            if window:
                self._user.DeleteMenu(self._user.GetSystemMenu(window, False), _SC_CLOSE, _BY_COMMAND)

        def give_x(self) -> None:
            window = self._kernel.GetConsoleWindow()
            if window:
                self._user.GetSystemMenu(window, True)  # the window's menu as Windows makes it
