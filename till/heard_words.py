"""A sentence for every code that listening on a port can find."""

from __future__ import annotations

from typing import Final

from till.i18n import msg

HEARD: Final = {
    "heard-garbage": msg("This makes no sense: wrong speed. Scan again, the next one is tried."),
    "heard-parity": msg("Seven bits with parity. Scan again, other settings are tried."),
    "heard-case": msg("The scanner changes small and capital letters: switch that off at the scanner."),
    "heard-hanzi": msg("Chinese is lost on the way. Member codes work; names in codes do not."),
    "heard-no-end": msg("Nothing marks the end: set the scanner to end with CR, or each scan waits."),
    "heard-pause": msg("Long pauses inside the code: a slow line or a loose cable."),
    "heard-prefix": msg("It sends something before the code: switch that off at the scanner."),
    "heard-no-profile": msg("No profile reads this right. Set the scanner to CR and UTF-8, then scan again."),
    "suggested-test-code": msg("reads the test code right"),
    "suggested-reads": msg("reads this right"),
    "suggested-usb": msg("its USB id"),
}
"""What listening found, and why a profile is suggested."""
