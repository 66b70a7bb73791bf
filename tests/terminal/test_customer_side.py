"""The member's side, from the counter's screens: what he is shown as the cashier goes on, and his PIN from his own keypad."""

from __future__ import annotations

import http.client
import json
import logging
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from devices.pin_pad import PadState
from devices.simulators import Cable, make_cable
from terminal.dialogs.member_pin import MemberPin
from terminal.screens.counter import CounterScreen
from terminal.screens.disclosure import DisclosureScreen
from terminal.screens.redeem import RedeemScreen
from terminal.widgets.pin_field import PinField
from tests.desks import grants
from tests.terminal.stage import ONLINE, Stage, make_stage

PIN = "246810"


@pytest.fixture
def cable() -> Iterator[Cable]:
    made = make_cable("socket")
    yield made
    made.close()


@pytest.fixture
def free_port() -> int:
    """A number that nobody uses."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@asynccontextmanager
async def counter(folder: Path, **customer: Any) -> AsyncIterator[Stage]:
    stage = make_stage(folder, customer=customer)
    async with stage.run():
        await stage.sign_in("1023")
        stage.desk.ledger.answer = grants
        await stage.go(ONLINE)
        yield stage
    stage.close()


def shown(stage: Stage) -> Any:
    """What a browser that opens the second screen now is told."""
    side = stage.app.customer
    screen = getattr(side, "screen", None)
    if screen is None:
        return {"page": ""}
    connection = http.client.HTTPConnection(
        "127.0.0.1", int(screen.address.rstrip("/").rpartition(":")[2]), timeout=5
    )
    connection.request("GET", "/view")
    answer = connection.getresponse()
    view = json.loads(answer.readline().removeprefix(b"data: "))
    answer.close()
    connection.close()
    return view or {"page": ""}


async def choose_bag(stage: Stage) -> None:
    await stage.scan_member()
    await stage.press("128.50{f2}3")
    await stage.until(lambda: stage.shows(DisclosureScreen))


async def ask_pin(stage: Stage, cable: Cable) -> None:
    await choose_bag(stage)
    await stage.until(lambda: stage.app.customer.pin_pad is not None and not stage.app.customer.pin_pad.code)
    await stage.press("{f2}")
    await stage.until(lambda: stage.shows(MemberPin))


async def test_the_member_follows(tmp_path: Path, free_port: int) -> None:
    """Sale, terms before he agrees, back to the list, done, and nothing of him; the same when the counter is locked."""
    async with counter(tmp_path, second_screen=free_port) as stage:
        await stage.until(lambda: shown(stage)["page"] == "welcome")
        await stage.scan_member()
        await stage.until(lambda: shown(stage)["page"] == "sale")
        await stage.press("128.50")
        await stage.until(lambda: ["应付", "128.50元"] in shown(stage)["sums"])
        await stage.press("{f2}3")
        await stage.until(lambda: stage.shows(DisclosureScreen) and shown(stage)["page"] == "terms")
        assert shown(stage)["title"] == "兑换 环保购物袋"
        await stage.press("{escape}")
        await stage.until(lambda: stage.shows(RedeemScreen) and shown(stage)["page"] == "sale")
        await stage.press("3")
        await stage.until(lambda: shown(stage)["page"] == "terms")
        await stage.scan(stage.dynamic_code())
        await stage.until(lambda: stage.shows(CounterScreen) and shown(stage)["page"] == "thanks")
        assert shown(stage)["who"] is None
        await stage.scan_member()
        await stage.until(lambda: shown(stage)["page"] == "sale")
        await stage.press("{f10}")
        await stage.until(lambda: shown(stage)["page"] == "welcome")


async def test_his_pin_comes_from_his_keypad(tmp_path: Path, cable: Cable, caplog: pytest.LogCaptureFixture) -> None:
    """The ledger gets it as typed; it is on no screen, in no log, not in the journal, and not with the sale."""
    caplog.set_level(logging.DEBUG)
    async with counter(tmp_path, pin_pad_port=str(cable.port)) as stage:
        await ask_pin(stage, cable)
        assert not stage.app.screen.query(PinField)
        cable.write(PIN[:4].encode())
        await stage.until(lambda: "****_" in stage.said())
        assert PIN[:4] not in stage.said()
        cable.write(PIN[4:].encode() + b"\r")
        await stage.until(lambda: stage.shows(CounterScreen))
        (request,) = stage.desk.ledger.asked
        assert (request.proof, request.evidence) == ("pin", PIN)
        folder = stage.desk.desk.folder
        assert all(PIN.encode() not in path.read_bytes() for path in folder.rglob("*") if path.is_file())
        assert PIN not in repr(stage.app.work) + caplog.text
        pad = stage.app.customer.pin_pad
        assert pad is not None
        assert (pad.state, pad.stars) == (PadState.IDLE, 0)


async def test_the_cashiers_keys_are_no_pin(tmp_path: Path, cable: Cable) -> None:
    """Digits, Enter and F2 at the till do nothing while the keypad is asked; Esc cancels, and what he types then is nothing."""
    async with counter(tmp_path, pin_pad_port=str(cable.port)) as stage:
        await ask_pin(stage, cable)
        await stage.press("1111\n{f2}")
        assert stage.shows(MemberPin)
        assert stage.desk.ledger.asked == []
        await stage.press("{escape}")
        await stage.until(lambda: stage.shows(DisclosureScreen))
        cable.write(PIN.encode() + b"\r")
        await stage.settle()
        assert stage.shows(DisclosureScreen)
        assert stage.desk.ledger.asked == []


async def test_too_few_digits_are_asked_for_again(tmp_path: Path, cable: Cable, free_port: int) -> None:
    """No try is spent on them, and he is told too; his own cancel key goes back."""
    async with counter(tmp_path, pin_pad_port=str(cable.port), second_screen=free_port) as stage:
        await ask_pin(stage, cable)
        cable.write(b"12\r")
        await stage.until(lambda: "A PIN has 4 to 8 digits" in stage.said())
        assert stage.desk.ledger.asked == []
        await stage.until(lambda: shown(stage)["step"].startswith("没有通过"))
        cable.write(b"13\x1b")
        await stage.until(lambda: stage.shows(DisclosureScreen))
        assert stage.desk.ledger.asked == []


async def test_a_keypad_that_is_gone(tmp_path: Path, cable: Cable, free_port: int) -> None:
    """Said, with what helps: his code. Nobody types a PIN for him at the till, and he is not sent to a dead keypad."""
    async with counter(tmp_path, pin_pad_port=str(cable.port), second_screen=free_port) as stage:
        await ask_pin(stage, cable)
        await stage.until(lambda: shown(stage).get("stars") == 0)
        cable.unplug()
        await stage.until(lambda: shown(stage)["stars"] is None)
        await stage.until(lambda: "The member's keypad is not there" in stage.said())
        await stage.press(PIN + "\n")
        assert stage.desk.ledger.asked == []
        cable.plug()
        await stage.until(lambda: shown(stage)["stars"] == 0)
        assert "is not there" not in stage.said()
        await stage.scan(stage.dynamic_code())
        await stage.until(lambda: stage.shows(CounterScreen))
        assert [request.proof for request in stage.desk.ledger.asked] == ["dynamic"]
