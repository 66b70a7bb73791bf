"""What a port seems to be, and why: by who made it, by what it is used for. Nothing is sent to find out. Pure.

A bridge chip says nothing about what hangs behind it; a vendor who makes scanners and payment terminals says little more.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Final, NamedTuple

from devices.ports import PortInfo


class Seeming(StrEnum):
    """What a port seems to be."""

    SCANNER = "scanner"
    PRINTER = "printer"
    PAYMENT = "payment"
    """A payment terminal, or a reader of bank cards."""
    ADAPTER = "adapter"
    """A bridge chip, or a chip that anybody builds in: whatever hangs behind it."""
    BUILT_IN = "built-in"
    """A port of the machine itself."""
    UNKNOWN = "unknown"


class Why(StrEnum):
    """What it is judged by."""

    USED_AS_SCANNER = "used-as-scanner"
    USED_OTHERWISE = "used-otherwise"
    """Assigned to a printer or a display of this till."""
    MAKER = "maker"
    NAME = "name"
    """The device's own words: `Barcode Scanner`, `POS Printer`."""
    BRIDGE = "bridge"
    NO_USB = "no-usb"
    NOT_LISTED = "not-listed"
    """A maker that is not in the table."""


class Recognition(NamedTuple):
    """`maker` is empty where nobody knows."""

    seems: Seeming
    why: Why
    maker: str = ""

    @property
    def may_be_asked(self) -> bool:
        """Whether a question may be sent, which a printer would print and a payment terminal take for an order."""
        return self.seems is Seeming.SCANNER


UNRECOGNISED: Final = Recognition(Seeming.UNKNOWN, Why.NOT_LISTED)

_SCANNERS: Final = {
    "0C2E": "Honeywell (Metrologic)", "0536": "Honeywell (Hand Held Products)", "05E0": "Zebra (Symbol)",
    "05F9": "Datalogic (PSC)", "080C": "Datalogic", "065A": "Opticon", "1EAB": "Newland", "27DD": "Mindeo",
    "067E": "Intermec", "076D": "Denso",
}  # fmt: skip
_PRINTERS: Final = {
    "04B8": "Epson", "0519": "Star", "1504": "Bixolon", "154F": "SNBC 新北洋", "1D90": "Citizen", "2730": "Citizen",
    "0DD4": "Custom", "08A6": "Toshiba TEC", "05D9": "Axiohm", "0A5F": "Zebra (label printers)", "1203": "TSC",
}  # fmt: skip
_PAYMENT: Final = {
    "11CA": "VeriFone", "0B00": "Ingenico", "0F14": "Ingenico", "079B": "Sagem/Ingenico", "0780": "Sagem Monetel",
    "0CA6": "Castles", "0801": "MagTek", "0ACD": "ID Tech", "142A": "Thales", "2FB8": "PAX",
}  # fmt: skip
_BRIDGES: Final = {
    "0403": "FTDI", "067B": "Prolific", "1A86": "QinHeng CH340", "4348": "QinHeng", "10C4": "Silicon Labs CP210x",
    "9710": "MosChip", "110A": "Moxa", "0483": "STMicroelectronics", "1FC9": "NXP", "28E9": "GigaDevice",
    "0416": "Winbond", "0FE6": "ICS Advent",
}  # fmt: skip
"""By USB vendor, as usb.ids 2026.06.10 names them; PAX is from drivers in use, its vendor is not in that list."""

_BY_MAKER: Final = (
    (Seeming.SCANNER, _SCANNERS, Why.MAKER),
    (Seeming.PRINTER, _PRINTERS, Why.MAKER),
    (Seeming.PAYMENT, _PAYMENT, Why.MAKER),
    (Seeming.ADAPTER, _BRIDGES, Why.BRIDGE),
)
_WORDS: Final = (
    (Seeming.PAYMENT, ("payment", "pinpad", "pin pad", "eft", "emv", "verifone", "ingenico")),
    (Seeming.PRINTER, ("printer", "receipt", "pos58", "pos80", "thermal")),
    (Seeming.SCANNER, ("barcode", "bar code", "scanner", "imager", "symbol scan")),
)
"""In a device's own description. What must not be asked is looked for first."""


def recognise(info: PortInfo, *, scanner: str = "", others: Collection[str] = ()) -> Recognition:
    """What `info` seems to be. `scanner`, `others`: device paths that this till uses as its scanner, and otherwise."""
    vendor = info.usb_id.partition(":")[0]
    maker = next((makers[vendor] for _seems, makers, _why in _BY_MAKER if vendor in makers), "")
    if info.device in others:
        return Recognition(Seeming.PRINTER, Why.USED_OTHERWISE, maker)
    described = _by_words(info.description)
    by_maker = next((Recognition(seems, why, maker) for seems, makers, why in _BY_MAKER if vendor in makers), None)
    if by_maker is not None and by_maker.seems in (Seeming.PRINTER, Seeming.PAYMENT):
        return by_maker
    if described in (Seeming.PRINTER, Seeming.PAYMENT):
        return Recognition(described, Why.NAME, maker)
    if info.device == scanner:
        return Recognition(Seeming.SCANNER, Why.USED_AS_SCANNER, maker)
    if described is not None and (by_maker is None or by_maker.seems is Seeming.ADAPTER):
        return Recognition(described, Why.NAME, maker)
    if by_maker is not None:
        return by_maker
    return UNRECOGNISED if vendor else Recognition(Seeming.BUILT_IN, Why.NO_USB)


def _by_words(description: str) -> Seeming | None:
    words = description.lower()
    return next((seems for seems, known in _WORDS if any(word in words for word in known)), None)
