"""A9: a till that is online obeys within a minute; measured with a real ledger, a real till and the period of a shop."""

from __future__ import annotations

import time

import msgspec
import pytest

from config.settings import Settings
from points import parse_amount
from tests.integration.conftest import Watch
from till.composition import open_till
from till.demo.world import World
from till.draft import SaleDraft
from till.errors import RefusedError
from till.scanning import MemberIdentified

WITHIN_S = 60


def test_an_online_till_obeys_within_a_minute_and_goes_on_again(world: World) -> None:
    """It polls as a till of a shop does, and nobody wakes it. An offline one goes on, and what it sold is booked."""
    settings = msgspec.structs.replace(world.settings, poll_s=Settings().poll_s)
    with open_till(world.folder, settings) as till:
        watch, counter = Watch(till), till.counter
        watch.ready()
        watch.settled()
        session = counter.open_shift(counter.sign_in("1001", "2468"))
        scan = counter.scan(world.static_code("1000000001"), SaleDraft())
        assert isinstance(scan, MemberIdentified)
        draft = SaleDraft().with_member(scan.member, scan.proof).with_amount(parse_amount("10"))
        counter.commit(session, draft)
        watch.settled()

        world.ledger.run("programme", "suspend", "qingsui-market", "--reason", "a drill")
        began = time.monotonic()
        watch.until(lambda: counter.rules_trouble == "programme-suspended", "the suspension", WITHIN_S)
        took_s = time.monotonic() - began
        with pytest.raises(RefusedError, match="programme-suspended"):
            counter.commit(session, draft)
        assert counter.look_up("1000000001").member == "1000000001"

        world.ledger.run("programme", "resume", "qingsui-market")
        till.agent.poll_now()
        watch.until(lambda: not counter.rules_trouble, "the shop to go on")

        world.plug.cut()
        till.agent.poll_now()
        watch.until(lambda: counter.link.condition == "offline", "the outage to be told", WITHIN_S)
        world.ledger.run("merchant", "suspend", "qingsui", "--reason", "a drill")
        counter.commit(session, draft)
        world.plug.mend()
        till.agent.poll_now()
        watch.until(lambda: counter.rules_trouble == "merchant-suspended", "the suspension", WITHIN_S)
        watch.settled(WITHIN_S)
        assert counter.quarantined() == []
    assert took_s < WITHIN_S
