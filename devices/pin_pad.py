"""The member's own keypad on a line of its own: he types his PIN there, and nobody else's keys or eyes come near it.

Digits live here and nowhere else: no event carries them, no log, no repr; who asked takes them once. Keys that are pressed
while nobody asks are forgotten. Bank pads that encrypt belong to the bank's own terminal and are not spoken to.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from enum import Enum, auto
from importlib.resources.abc import Traversable
from typing import Annotated, Final

import msgspec

from devices.errors import PortError, PortStalledError
from devices.ports import PortRef
from devices.profile_files import DeviceProfile, HexBytes, ProfileShelf, read_folder
from devices.reader import BACKOFF_S, PortReader
from devices.serial_port import SerialTransport
from devices.transport import LineSettings, Transport

_ENTER: Final = b"\r\n\x03"
_BACK: Final = b"\x08\x7f"
_CLEAR: Final = b"\x18"
_CANCEL: Final = b"\x1b"
_SEVEN_BITS: Final = 0x7F


class PinPadProfile(DeviceProfile, frozen=True, kw_only=True):
    """One family of keypads."""

    ask: HexBytes = HexBytes()
    """Opens the keys, or says 请输入密码."""
    stop: HexBytes = HexBytes()
    complete_at: Annotated[int, msgspec.Meta(ge=0, le=8)] = 0
    """So many digits are a PIN without an enter key; 0: enter ends it."""


class PadState(Enum):
    """What is going on at the keypad."""

    IDLE = auto()
    TYPING = auto()
    ENTERED = auto()
    CANCELLED = auto()


def read_pin_pads(folder: Traversable) -> ProfileShelf[PinPadProfile]:
    """Read every `*.toml` of `folder` (a path, or `importlib.resources.files(...)`)."""
    return read_folder(folder, PinPadProfile)


class PinPad:
    """One keypad on one port. `on_change` is called from the port's thread, after every key and every change of the port."""

    def __init__(
        self,
        port: PortRef,
        profile: PinPadProfile,
        on_change: Callable[[], None],
        *,
        most: int = 8,
        backoff_s: Sequence[float] = BACKOFF_S,
        clock_ns: Callable[[], int] = time.monotonic_ns,
        transport_for: Callable[[str, LineSettings], Transport] = SerialTransport,
    ) -> None:
        self.port, self._profile, self._on_change, self._most = port, profile, on_change, most
        self._lock = threading.Lock()
        self._digits = bytearray()
        self._state = PadState.IDLE
        self._code: str | None = "port-missing"
        self._reader = PortReader(
            str(port),
            lambda: transport_for(port.resolve(), profile.line),
            self,
            clock_ns=clock_ns,
            backoff_s=backoff_s,
        )

    def start(self) -> None:
        """Open the port, now and after each loss. Returns at once."""
        self._reader.start()

    def stop(self) -> None:
        """Forget what was typed and let go of the port."""
        self.end()
        self._reader.stop()

    @property
    def state(self) -> PadState:
        """What is going on."""
        with self._lock:
            return self._state

    @property
    def stars(self) -> int:
        """How many digits are typed."""
        with self._lock:
            return len(self._digits)

    @property
    def code(self) -> str:
        """What is wrong with the port (`PortError.code`), empty for nothing. That a keypad hangs on it only a key says."""
        return self._code or ""

    def ask(self) -> None:
        """Open the keys; what was typed before is forgotten. Returns at once."""
        self._forget(PadState.TYPING)
        self._send(self._profile.ask)

    def end(self) -> None:
        """Close the keys, and forget what was typed."""
        if self.state is not PadState.IDLE:
            self._send(self._profile.stop)
        self._forget(PadState.IDLE)

    def take(self) -> str:
        """What was typed, once: it is forgotten here then, and the keys are closed."""
        with self._lock:
            typed = self._digits.decode("ascii")
        self.end()
        return typed

    # --- what the port's thread tells -------------------------------------------------------------------------------

    def connected(self) -> None:
        """There, again: half a PIN of before is none, and the member is asked once more."""
        self._code = ""
        if self.state is PadState.TYPING:
            self.ask()
        self._on_change()

    def received(self, data: bytes, at_ns: int) -> None:  # noqa: ARG002  # when is nobody's business
        """Keys."""
        for key in data:
            self._press(bytes([key & _SEVEN_BITS]))
        self._on_change()

    def silent(self, at_ns: int) -> None:
        """Nobody types."""

    def wait_s(self) -> float | None:
        """Nothing is ever pending: a person types as he likes."""
        return None

    def stalled(self, error: PortStalledError) -> None:
        """It does not take what it is told."""
        self._lose(error)

    def lost(self, error: PortError) -> None:
        """Unplugged, or not there yet."""
        self._lose(error)

    def _lose(self, error: PortError) -> None:
        self._code = error.code
        with self._lock:
            self._wipe()
        self._on_change()

    # --- the work ---------------------------------------------------------------------------------------------------

    def _press(self, key: bytes) -> None:
        with self._lock:
            if self._state is not PadState.TYPING:
                return
            if key.isdigit():
                if len(self._digits) < self._most:
                    self._digits += key
                if len(self._digits) == self._profile.complete_at:
                    self._state = PadState.ENTERED
            elif key in _ENTER:
                # An enter before the first digit is the end of what was pressed before: LF behind CR.
                self._state = PadState.ENTERED if self._digits else PadState.TYPING
            elif key in _BACK:
                del self._digits[-1:]
            elif key in _CLEAR:
                self._wipe()
            elif key in _CANCEL:
                self._wipe()
                self._state = PadState.CANCELLED

    def _forget(self, state: PadState) -> None:
        with self._lock:
            self._wipe()
            self._state = state

    def _wipe(self) -> None:
        self._digits[:] = bytes(len(self._digits))
        self._digits.clear()

    def _send(self, data: bytes) -> None:
        if data:
            self._reader.send(data)
