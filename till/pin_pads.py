"""The member's keypad of this till, if it has one: the PIN goes from there to who asked for it, and is kept nowhere."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from config import data
from config.settings import Settings
from devices.errors import PortInvalidError, plain_code
from devices.pin_pad import PadState, PinPad, PinPadProfile, read_pin_pads
from devices.ports import PortRef
from protocol.pins import PIN_LENGTHS
from till.errors import RefusedError
from till.events import CustomerSideChanged, Event

__all__ = ["PadState", "PinPadPost", "find_pin_pad"]

_log = logging.getLogger(__name__)

_CODES: Final = {
    "port-missing": "pin-pad-missing",
    "port-gone": "pin-pad-missing",
    "port-forbidden": "pin-pad-forbidden",
    "port-taken": "pin-pad-taken",
    "port-stalled": "pin-pad-stalled",
}


def find_pin_pad(profile_id: str) -> PinPadProfile:
    """A profile of config/pin_pads. Raises `RefusedError("profile-unknown")`."""
    profile = read_pin_pads(data("pin_pads")).profiles.get(profile_id)
    if profile is None:
        raise RefusedError("profile-unknown", profile=profile_id)
    return profile


class PinPadPost:
    """The keypad. One asks at a time; every call returns at once."""

    def __init__(self, port: PortRef, profile: PinPadProfile, tell: Callable[[Event], None]) -> None:
        self._tell, self._told = tell, ""
        self._heard: Callable[[], None] = lambda: None
        self._pad = PinPad(port, profile, self._changed, most=max(PIN_LENGTHS))

    @classmethod
    def of(cls, settings: Settings, tell: Callable[[Event], None]) -> PinPadPost | None:
        """The assigned one, started; None where the settings name none that can be."""
        try:
            profile = find_pin_pad(settings.pin_pad_profile)
            post = cls(PortRef.parse(settings.pin_pad_port), profile, tell)
        except (RefusedError, PortInvalidError) as error:  # written by hand; the shop opens without it
            _log.error("no keypad: %s", error)
            return None
        post._pad.start()
        return post

    def stop(self) -> None:
        """Let the port go."""
        self._heard = lambda: None
        self._pad.stop()

    @property
    def code(self) -> str:
        """What is wrong, for the screen's sentence; empty for nothing."""
        return _CODES.get(plain_code(self._pad.code), self._pad.code)

    @property
    def state(self) -> PadState:
        """What the member is at."""
        return self._pad.state

    @property
    def stars(self) -> int:
        """How many digits he has typed."""
        return self._pad.stars

    def ask(self, heard: Callable[[], None]) -> None:
        """Ask him; `heard` is called from another thread whenever something has changed, and is told nothing."""
        self._heard = heard
        self._pad.ask()

    def again(self) -> None:
        """Ask him once more."""
        self._pad.ask()

    def take(self) -> str:
        """What he typed, once."""
        return self._pad.take()

    def end(self) -> None:
        """Nobody asks any more."""
        self._heard = lambda: None
        self._pad.end()

    def _changed(self) -> None:
        code = self.code
        if code != self._told:
            self._told = code
            self._tell(CustomerSideChanged("pin-pad", code))
        self._heard()
