"""A till's settings as the template of the store: one QR code, one file, and what keeps it from a till."""

from __future__ import annotations

import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import Settings, read_settings, write_settings
from devices.ports import PortInfo, stable_ref
from devices.qr import qr_matrix
from protocol import base45
from protocol.prefixes import TEMPLATE_PREFIX
from till import templates
from till.errors import RefusedError
from till.templates import MAX_CHARACTERS, applied, as_code, as_file, read_code, read_file, template_of


def scanner(number: str = "1", device: str = "/dev/ttyACM0", product: int = 0x0106) -> PortInfo:
    return PortInfo(device, "Newland HR52", 0x1EAB, product, number, f"1-{number}", by_id=f"usb-Newland_{number}")


HERE, THERE = scanner("1"), scanner("2", "/dev/ttyACM3")
SETTINGS = Settings(
    scanner_port=str(stable_ref(HERE, [HERE])), scanner_profile="newland-unified", theme="till-light",
    printer_port="url:socket://192.168.1.50:9100", printer_profile="escpos-80",
)  # fmt: skip
TEMPLATE = template_of(SETTINGS, [HERE])


def refused(template: dict[str, Any], *ports: PortInfo) -> str:
    with pytest.raises(RefusedError) as caught:
        applied(template, ports)
    return caught.value.code


def refused_code(text: str) -> str:
    with pytest.raises(RefusedError) as caught:
        read_code(text)
    return caught.value.code


def packed(body: bytes, version: int = 1) -> str:
    """A code that says `body`."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=templates._WORDS)
    data = bytes([version]) + zlib.crc32(body).to_bytes(4, "big") + packer.compress(body) + packer.flush()
    return TEMPLATE_PREFIX + base45.encode(data)


def test_the_next_till_gets_its_own_scanner() -> None:
    """The same model, another device, another path: the template names what is plugged in, not the one that was."""
    assert TEMPLATE["scanner_port"] == "usb:1EAB:0106"
    there = applied(read_code(as_code(TEMPLATE)), [THERE, PortInfo("/dev/ttyS0")])
    assert there.scanner_port == str(stable_ref(THERE, [THERE]))
    assert there.scanner_profile == "newland-unified"
    assert there.printer_port == SETTINGS.printer_port
    assert there.theme == "till-light"


def test_it_fits_the_code_that_a_screen_of_80x24_has_room_for() -> None:
    """Version 4, as every code of the till; the words of a usual template take no room."""
    text = as_code(TEMPLATE)
    assert text == text.upper()
    assert len(qr_matrix(text)) <= 17 + 4 * 4


def test_the_file_says_the_same(tmp_path: Path) -> None:
    """And a person can read it."""
    (tmp_path / "t.toml").write_text(as_file(TEMPLATE), encoding="utf-8")
    assert read_file(tmp_path / "t.toml") == TEMPLATE
    assert 'scanner_profile = "newland-unified"' in as_file(TEMPLATE)


def test_what_is_no_default_is_all_that_it_says() -> None:
    """The template of a till that was just installed changes nothing."""
    assert template_of(Settings(), []) == {}
    assert applied({}, []) == Settings()


def test_d100_a_template_for_another_model_is_refused() -> None:
    """With the device that is missing; the same where two of it are here, because nobody knows which."""
    assert refused(TEMPLATE, scanner("9", product=0x0B06)) == "template-no-port"
    assert refused(TEMPLATE) == "template-no-port"
    assert refused(TEMPLATE, HERE, THERE) == "template-two-ports"


def test_a_name_that_follows_one_device_is_good_only_where_it_is() -> None:
    """A template may be written by hand."""
    assert refused({"scanner_port": "by-id:usb-Newland_7"}, HERE) == "template-no-port"
    assert applied({"scanner_port": "by-id:usb-Newland_1"}, [HERE]).scanner_port == "by-id:usb-Newland_1"


def test_d101_an_unknown_key_or_a_newer_version_is_refused(tmp_path: Path) -> None:
    """Half of a template is worse than none; a value of the wrong sort as well."""
    assert refused_code(packed(b'{"scanner_colour":"red"}')) == "template-key"
    assert refused_code(packed(b'{"theme":"pink"}')) == "template-key"
    assert refused_code(packed(b"{}", version=2)) == "template-newer"
    file = tmp_path / "t.toml"
    for text, code in (
        ("template = 2\n", "template-newer"), ("template = 1\nscanner_colour = 1\n", "template-key"),
        ("template = true\n", "template-unreadable"), ("theme = 'till-light'\n", "template-unreadable"),
        ("=", "template-unreadable"),
    ):  # fmt: skip
        file.write_text(text, encoding="utf-8")
        with pytest.raises(RefusedError, match=code):
            read_file(file)


def test_d103_one_port_for_two_devices_is_refused() -> None:
    """The scanner and the printer would fight over it."""
    both = {"scanner_port": "device:COM3", "printer_port": "device:COM3"}
    assert refused(both) == "template-same-port"


def test_d104_a_power_cut_while_saving_leaves_the_settings_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new ones are on the disk before they get the name."""
    write_settings(tmp_path, Settings(theme="till-light"))

    def cut(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", cut)
    with pytest.raises(KeyboardInterrupt):
        write_settings(tmp_path, SETTINGS)
    assert read_settings(tmp_path) == Settings(theme="till-light")


@given(st.text(max_size=MAX_CHARACTERS))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Never another exception: whoever holds a code in front of the scanner chooses it."""
    for scanned in (text, TEMPLATE_PREFIX + text):
        with suppress(RefusedError):
            read_code(scanned)


@given(st.integers(3, len(as_code(TEMPLATE)) - 1), st.sampled_from("0A9Z$"))
def test_no_misread_code_sets_up_a_till(place: int, character: str) -> None:
    """It has a check sum: what is read is what was written, or nothing."""
    text = as_code(TEMPLATE)
    with suppress(RefusedError):
        assert read_code(text[:place] + character + text[place + 1 :]) == TEMPLATE


def test_a_code_that_unpacks_to_far_too_much_is_refused() -> None:
    """Before memory is spent on it."""
    assert refused_code(packed(b'{"theme":"' + b" " * 1_000_000 + b'"}')) == "template-unreadable"
