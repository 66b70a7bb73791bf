"""Which profile fits a scanner, and why: by what it sent, and by its USB id. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from devices.hearing import Hearing, reads_right
from devices.profiles import ScannerProfile

_SURENESS = ("on-site", "community", "manual", "vector")


class Reason(StrEnum):
    """Why a profile is suggested."""

    TEST_CODE = "suggested-test-code"
    """It reads the test code right, hanzi included."""
    READS = "suggested-reads"
    """It makes one code of what was scanned."""
    USB = "suggested-usb"
    """The port's USB id is of this family."""


class Suggestion(NamedTuple):
    """A profile that reads what was heard; the best comes first."""

    profile: ScannerProfile
    reasons: tuple[Reason, ...]


def suggest(hearing: Hearing, profiles: Iterable[ScannerProfile], usb_id: str) -> list[Suggestion]:
    """The profiles that speak at the line settings of `hearing` and read it right, those for this USB id first.

    A scanner with a USB id of its own has no baud rate: there any profile of its family will do.
    """
    found = [
        Suggestion(profile, _reasons(profile, hearing, usb_id))
        for profile in profiles
        if not profile.is_keyboard
        and (profile.line == hearing.line or profile.fits_usb(usb_id))
        and reads_right(profile, hearing) is not None
    ]
    return sorted(found, key=_rank)


def _reasons(profile: ScannerProfile, hearing: Hearing, usb_id: str) -> tuple[Reason, ...]:
    said = [Reason.TEST_CODE if hearing.is_test_code else Reason.READS]
    if profile.fits_usb(usb_id):
        said.append(Reason.USB)
    return tuple(said)


def _rank(suggestion: Suggestion) -> tuple[bool, bool, int, str]:
    """Of its family first; then the one that claims nothing, because a wrong family has wrong commands; then how sure it is."""
    profile, reasons = suggestion
    return (
        Reason.USB not in reasons, profile.vendor != "", -_SURENESS.index(profile.status), profile.id,
    )  # fmt: skip
