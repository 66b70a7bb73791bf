"""Signing in without a network."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec
import pytest

from protocol.pins import hash_pin
from tests.desks import TestDesk
from till.errors import RefusedError
from till.shifts import Session
from till.signing_in import LOCK_US, MAX_FAILURES, Pins, sign_in

Make = Callable[..., TestDesk]


def test_number_and_pin_give_name_roles_and_the_open_shift(desk_with: Make) -> None:
    """The ledger's hash is checked here."""
    test = desk_with()
    session = sign_in(test.desk, "1023", "1023")
    assert (session.name, session.roles, session.shift) == ("王芳", ("cashier",), test.manager.shift)


def test_somebody_unknown_and_a_wrong_pin_are_told_apart_by_nobody(desk_with: Make) -> None:
    """Both are the same refusal."""
    test = desk_with()
    refused = []
    for staff in ("1023", "9999"):
        with pytest.raises(RefusedError) as error:
            sign_in(test.desk, staff, "0000")
        refused.append((error.value.code, error.value.facts))
    assert refused[0] == refused[1]


def test_how_long_it_takes_tells_nobody_who_exists(desk_with: Make) -> None:
    """For a number that nobody has, as much is computed as for a wrong PIN."""
    test = desk_with()
    known = test.desk.store.staff["1023"]
    test.desk.store.staff["1023"] = msgspec.structs.replace(known, pin_hash=hash_pin("1023"))

    def cost_s(staff: str) -> float:
        before = time.process_time()
        with pytest.raises(RefusedError, match="pin-wrong"):
            sign_in(test.desk, staff, "0000")
        return time.process_time() - before

    assert min(cost_s("9999") for _ in range(3)) > min(cost_s("1023") for _ in range(3)) / 2


def test_tries_are_counted_and_lock(desk_with: Make) -> None:
    """After five wrong PINs the right one waits five minutes too."""
    test = desk_with()
    for _ in range(MAX_FAILURES):
        with pytest.raises(RefusedError, match="pin-wrong"):
            sign_in(test.desk, "1023", "0000")
    with pytest.raises(RefusedError, match="pin-locked"):
        sign_in(test.desk, "1023", "1023")
    test.clocks.pass_s(LOCK_US / 1_000_000 + 1)
    assert sign_in(test.desk, "1023", "1023").staff == "1023"
    with pytest.raises(RefusedError) as error:
        sign_in(test.desk, "1023", "0000")
    assert error.value.facts["left"] == MAX_FAILURES - 1


def test_a_supervisor_lets_somebody_try_again(desk_with: Make) -> None:
    """Who waits is listed, and no longer than he does; a cashier lets nobody."""
    test = desk_with()
    pins = Pins(test.desk)
    assert pins.locked() == []
    for _ in range(MAX_FAILURES):
        with pytest.raises(RefusedError, match="pin-wrong"):
            sign_in(test.desk, "1023", "0000")
    assert [one.staff for one in pins.locked()] == ["1023"]
    cashier = Session("1024", "李", ("cashier",))
    with pytest.raises(RefusedError, match="role"):
        pins.free(cashier, "1023")
    pins.free(test.manager, "1023")
    assert pins.locked() == []
    assert sign_in(test.desk, "1023", "1023").staff == "1023"


def test_who_waited_is_not_listed_any_more(desk_with: Make) -> None:
    test = desk_with()
    for _ in range(MAX_FAILURES):
        with pytest.raises(RefusedError, match="pin-wrong"):
            sign_in(test.desk, "1023", "0000")
    test.clocks.pass_s(LOCK_US / 1_000_000 + 1)
    assert Pins(test.desk).locked() == []
