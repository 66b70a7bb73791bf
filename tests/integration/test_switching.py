"""The cache is replaced by a new file while the counter sells: nobody waits, and nothing that is shown is wrong on the way."""

from __future__ import annotations

import threading

from local_db.journal_reader import JournalReader
from sync.cache_files import FACT
from tests.integration.conftest import Watch
from tests.integration.test_reconciliation import MEMBER, held, sell, shown, signed_in
from till.demo.world import World
from till.draft import SaleDraft
from till.scanning import MemberIdentified

SWITCHES = 3
OTHER = "1000000001"


def test_sales_go_on_while_the_cache_is_switched(world: World, opened: Watch) -> None:
    """Balance and name are right before, between and after switches, while another reader looks up all the time."""
    till, session = opened.till, signed_in(opened.till)
    opened.settled()
    expected, files, ended, trouble = held(world), set[str | None](), threading.Event(), list[str]()

    def look_up_again_and_again() -> None:
        while not ended.is_set():
            found = till.counter.scan(world.static_code(OTHER), SaleDraft())
            if not isinstance(found, MemberIdentified) or found.member.name != "张*丰":
                trouble.append(repr(found))

    journal, reader = JournalReader.open(world.folder), threading.Thread(target=look_up_again_and_again)
    reader.start()
    try:
        for _ in range(SWITCHES):
            former = journal.fact(FACT)
            files.add(former)
            till.agent.rebuild()
            while journal.fact(FACT) in (former, ""):
                expected += sell(till, session, world)
                assert shown(till, world) == expected
            for _ in range(3):
                expected += sell(till, session, world)
                assert shown(till, world) == expected
    finally:
        ended.set()
        reader.join()
        journal.close()
    opened.settled()
    assert trouble == []
    assert len(files) == SWITCHES
    assert (shown(till, world), held(world, MEMBER)) == (expected, expected)
