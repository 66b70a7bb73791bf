"""A member is found by what he says: the counter of the 4S shop, and the ledger that alone knows his plate."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.integration.conftest import Watch
from till.composition import open_till
from till.demo.world import World
from till.errors import RefusedError


def test_a_plate_finds_its_owner(world_of: Callable[[str], World]) -> None:
    """However it is typed; a plate that nobody has is nobody, and without a network it is said to be the network."""
    world = world_of("4s")
    with open_till(world.folder, world.settings) as till:
        watch = Watch(till)
        watch.ready()
        watch.settled()
        counter = till.counter
        found = [counter.look_up(said) for said in ("测A10001", "测a·10001", "测Ａ １０００１")]
        assert len({member.member for member in found}) == 1
        assert found[0].is_known
        assert counter.look_up(found[0].member).name == found[0].name
        with pytest.raises(RefusedError, match=r"member-unknown$"):
            counter.look_up("测Z99999")
        world.plug.cut()
        with pytest.raises(RefusedError, match=r"look-up-unanswered|member-unknown-offline"):
            counter.look_up("测A10001")
        watch.until(lambda: counter.link.condition == "offline", "the outage to be told")
