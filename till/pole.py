"""The customer display of this till, if it has one: which port, which profile, and what is wrong with its port."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from config import data
from config.settings import Settings
from devices.customer_display import CustomerDisplay, DisplayTold
from devices.display_profiles import DisplayProfile, read_displays
from devices.errors import PortInvalidError, plain_code
from devices.ports import PortRef
from till.errors import RefusedError
from till.events import CustomerSideChanged, Event

_log = logging.getLogger(__name__)

_CODES: Final = {
    "port-missing": "display-missing",
    "port-gone": "display-missing",
    "port-forbidden": "display-forbidden",
    "port-taken": "display-taken",
    "port-stalled": "display-stalled",
}


def find_display(profile_id: str) -> DisplayProfile:
    """A profile of config/displays. Raises `RefusedError("profile-unknown")`."""
    profile = read_displays(data("displays")).profiles.get(profile_id)
    if profile is None:
        raise RefusedError("profile-unknown", profile=profile_id)
    return profile


def open_display(settings: Settings, tell: Callable[[Event], None]) -> CustomerDisplay | None:
    """The assigned one, started; None where the settings name none that can be. Events say when it comes and goes."""

    def told(event: DisplayTold) -> None:
        tell(CustomerSideChanged("display", _CODES.get(plain_code(event.code), event.code)))

    try:
        profile = find_display(settings.display_profile)
        port = PortRef.parse(settings.display_port)
    except (RefusedError, PortInvalidError) as error:  # written by hand; the shop opens without it
        _log.error("no customer display: %s", error)
        return None
    display = CustomerDisplay(port, profile, told)
    display.start()
    return display
