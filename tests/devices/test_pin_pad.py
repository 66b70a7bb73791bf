"""The member's keypad: what he types comes out once, for who asked, and nowhere else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from config import data
from devices.pin_pad import PadState, PinPad, PinPadProfile, read_pin_pads
from devices.simulators import Cable, make_cable
from tests.devices.harness import FAST_BACKOFF_S, wait_for

PROFILES = read_pin_pads(data("pin_pads")).profiles
PLAIN, SPEAKING = PROFILES["generic-keys"], PROFILES["voice-82"]


@contextmanager
def at(profile: PinPadProfile) -> Iterator[tuple[PinPad, Cable]]:
    cable = make_cable("socket")
    pad = PinPad(cable.port, profile, lambda: None, backoff_s=FAST_BACKOFF_S)
    pad.start()
    wait_for(lambda: not pad.code)
    try:
        yield pad, cable
    finally:
        pad.stop()
        cable.close()


def typed(pad: PinPad, cable: Cable, keys: bytes, until: PadState) -> None:
    cable.write(keys)
    wait_for(lambda: pad.state is until)


def test_every_profile_loads() -> None:
    """And none is wrong."""
    assert not read_pin_pads(data("pin_pads")).faults
    assert set(PROFILES) == {"generic-keys", "voice-82"}


@pytest.mark.parametrize(
    ("keys", "pin"),
    [
        (b"2468\r", "2468"),
        (b"2468\r\n", "2468"),
        (b"24\x0868\r", "268"),
        (b"99\x182468\r", "2468"),
        (b"\x022468\x03", "2468"),
        (b"1234567890\r", "12345678"),
        (b"2a#4*68\r", "2468"),
        (b"\x32\x34\xb6\x38\x8d", "2468"),
    ],
)
def test_what_is_typed_comes_out_once(keys: bytes, pin: str) -> None:
    """Correction, clearing, frames, an eighth bit; signs are no digits and more than eight are too many."""
    with at(PLAIN) as (pad, cable):
        pad.ask()
        typed(pad, cable, keys, PadState.ENTERED)
        assert pad.take() == pin
        assert (pad.take(), pad.stars, pad.state) == ("", 0, PadState.IDLE)


def test_keys_that_nobody_asked_for_are_forgotten() -> None:
    """Before and after; also the LF that comes behind the CR of the PIN before."""
    with at(PLAIN) as (pad, cable):
        cable.write(b"1111\r")
        threading.Event().wait(0.1)
        pad.ask()
        assert pad.stars == 0
        cable.write(b"\n24")
        wait_for(lambda: pad.stars == 2)
        pad.end()
        cable.write(b"68\r")
        threading.Event().wait(0.1)
        assert (pad.stars, pad.state, pad.take()) == (0, PadState.IDLE, "")


def test_a_speaking_keypad_is_opened_and_closed() -> None:
    """82 asks for the PIN, six keys are one, 83 closes it."""
    with at(SPEAKING) as (pad, cable):
        pad.ask()
        assert cable.read(2) == b"\x82"
        typed(pad, cable, b"246810", PadState.ENTERED)
        assert pad.take() == "246810"
        assert cable.read(2) == b"\x83"


def test_the_member_cancels() -> None:
    """Nothing of what he typed is left."""
    with at(PLAIN) as (pad, cable):
        pad.ask()
        typed(pad, cable, b"24\x1b", PadState.CANCELLED)
        assert pad.take() == ""


def test_unplugged_in_the_middle() -> None:
    """Half a PIN is none; plugged in again he is asked anew."""
    with at(SPEAKING) as (pad, cable):
        pad.ask()
        assert cable.read(2) == b"\x82"
        cable.write(b"24")
        wait_for(lambda: pad.stars == 2)
        cable.unplug()
        wait_for(lambda: pad.code == "port-missing")
        assert pad.stars == 0
        cable.plug()
        wait_for(lambda: not pad.code)
        assert cable.read(2) == b"\x82"
        typed(pad, cable, b"1357\r", PadState.ENTERED)
        assert pad.take() == "1357"


def test_no_digit_in_a_repr() -> None:
    """Nor in anything that a log would write of it."""
    with at(PLAIN) as (pad, cable):
        pad.ask()
        typed(pad, cable, b"246810\r", PadState.ENTERED)
        assert "246810" not in repr(pad) + repr(pad.__dict__.get("_reader")) + str(pad.state)
