"""What a technician is told of his card, of templates, and of what a scanner sent (docs/technician.md explains every code)."""

from __future__ import annotations

from typing import Final

from terminal.i18n import msg

CARD: Final = {
    "technician-code": msg("This is for the technician's screens: nothing is sold with it."),
    "technician-unreadable": msg("The technician's card was not read whole. Scan it once more."),
    "technician-forged": msg("Not a technician's card of this coalition. Ask the operator for one."),
    "technician-expired": msg("This technician's card has ended. Ask the operator for a new one."),
    "technician-early": msg("This technician's card is from the future: a clock is wrong."),
    "technician-clock": msg(
        "This till's clock is not sure, so no card opens anything. Connect the network for a minute, or sign in"
        " with number and PIN."
    ),
    "technician-store": msg("This technician's card is for another store."),
}

TEMPLATE: Final = {
    "template-unreadable": msg("The template was not read whole, or is none. Scan it once more."),
    "template-newer": msg("A newer program made this template. Update this till first."),
    "template-key": msg("This program does not know a setting of the template: {key}"),
    "template-no-port": msg("The template wants a device that is not plugged in here: {usb}"),
    "template-two-ports": msg("Two devices here are what the template wants: {usb}. Unplug one, or assign by hand."),
    "template-same-port": msg("The template gives one port to two devices: {port}"),
    "template-not-written": msg("The template cannot be written here: {why}"),
}

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

ASKING: Final = {
    "no-serial-scanner": msg("No serial scanner is in use: a scanner that types cannot be asked."),
    "ask-other-device": msg("This is a printer or a payment terminal: nothing is sent to it."),
    "ask-scan-first": msg("Scan something first: only what has scanned is surely a scanner, and may be asked."),
    "ask-unanswered": msg("The scanner does not answer."),
}

WATCHING: Final = {
    "monitor-empty": msg("Nothing has come over the line yet: F3, then scan."),
    "monitor-not-written": msg("The file cannot be written here: {why}"),
}

TECHNICIAN: Final = CARD | TEMPLATE | HEARD | ASKING | WATCHING
