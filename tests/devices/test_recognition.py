"""What a port seems to be, without asking it."""

from __future__ import annotations

import pytest

from devices.ports import PortInfo
from devices.recognition import Recognition, Seeming, Why, recognise


def port(usb: str = "", description: str = "", device: str = "/dev/ttyUSB0") -> PortInfo:
    vendor, _, product = usb.partition(":")
    return PortInfo(device, description, int(vendor, 16) if usb else None, int(product, 16) if usb else None)


@pytest.mark.parametrize(
    ("info", "seems", "why"),
    [
        (port("1EAB:0106", "Newland HR52"), Seeming.SCANNER, Why.MAKER),
        (port("04B8:0202", "EPSON TM-T88"), Seeming.PRINTER, Why.MAKER),
        (port("11CA:0300", "USB Modem"), Seeming.PAYMENT, Why.MAKER),
        (port("1A86:7523", "USB Serial"), Seeming.ADAPTER, Why.BRIDGE),
        (port("1A86:7523", "Barcode Scanner"), Seeming.SCANNER, Why.NAME),
        (port("0483:5740", "POS58 Printer"), Seeming.PRINTER, Why.NAME),
        (port("1EAB:8003", "Newland Payment Terminal"), Seeming.PAYMENT, Why.NAME),
        (port("1234:5678", ""), Seeming.UNKNOWN, Why.NOT_LISTED),
        (port(description="ttyS0"), Seeming.BUILT_IN, Why.NO_USB),
    ],
)
def test_a_port_is_judged_by_maker_and_name(info: PortInfo, seems: Seeming, why: Why) -> None:
    """What must not be asked is looked for first."""
    found = recognise(info)
    assert (found.seems, found.why) == (seems, why)


def test_what_a_port_is_used_for_says_more_than_an_adapter() -> None:
    """The till's own scanner behind a bridge may be asked."""
    bridge = port("1A86:7523")
    assert not recognise(bridge).may_be_asked
    assert recognise(bridge, scanner=bridge.device) == Recognition(
        Seeming.SCANNER, Why.USED_AS_SCANNER, "QinHeng CH340"
    )


@pytest.mark.parametrize("usb", ["", "1A86:7523", "04B8:0202", "11CA:0300", "1234:5678"])
def test_only_what_surely_is_a_scanner_may_be_asked(usb: str) -> None:
    """A printer would print the question, a payment terminal might obey it."""
    assert not recognise(port(usb)).may_be_asked


@pytest.mark.parametrize("usb", ["1EAB:0106", "", "1A86:7523"])
def test_a_port_that_the_till_prints_on_is_never_asked(usb: str) -> None:
    """Whoever made it, and even where it is assigned to the scanner too."""
    info = port(usb)
    assert not recognise(info, scanner=info.device, others=[info.device]).may_be_asked


def test_a_scanner_that_was_assigned_to_a_payment_terminal_is_not_asked() -> None:
    """Somebody chose the wrong port."""
    info = port("11CA:0300")
    assert not recognise(info, scanner=info.device).may_be_asked
