"""What a technician is told of his card, of templates, and of what a scanner sent (docs/technician.md explains every code)."""

from __future__ import annotations

from typing import Final

from terminal.i18n import msg
from till.heard_words import HEARD

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
