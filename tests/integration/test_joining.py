"""办会员 against a real ledger: numbers come by themselves, and who joined in an outage is a member after it."""

from __future__ import annotations

from pathlib import Path

from ledger.database import Database
from ledger.joining import merge_newcomers
from ledger.settings import load_settings
from ledger.verify import verify
from tests.integration.conftest import Watch
from tests.integration.test_reconciliation import signed_in
from till.demo.world import World
from till.draft import SaleDraft

NEW, KNOWN = "13800007777", "13900001234"


def test_who_joins_in_an_outage_is_a_member_after_it(world: World, opened: Watch, tmp_path: Path) -> None:
    """One whom nobody knows, and one whose phone 张三丰 has: no point of either is lost."""
    counter = opened.till.counter
    session = signed_in(opened.till)
    opened.settled()
    counter.joining.prepare()
    opened.until(lambda: counter.joining.left > 0, "numbers for new members")
    before = counter.look_up(KNOWN).spendable("points")
    world.plug.cut()
    opened.until(lambda: counter.link.condition == "offline", "the outage to be told")
    earned = {}
    for phone in (NEW, KNOWN):
        member = counter.joining.join(session, phone)
        receipt = counter.commit(session, SaleDraft().with_member(member, None).with_amount(100_00))
        earned[phone] = receipt.awarded["points"]
    world.plug.mend()
    opened.settled()
    books = Database(load_settings(tmp_path / "ledger").database)
    merge_newcomers(books, counter.now_us())
    assert verify(books) == []
    books.close()
    opened.till.agent.poll_now()
    opened.until(lambda: counter.look_up(KNOWN).spendable("points") == before + earned[KNOWN], "the merge to be told")
    again = counter.look_up(NEW)
    assert (again.is_new, again.last4, again.spendable("points")) == (False, "7777", earned[NEW])
    assert not [path for path in world.folder.rglob("*") if path.is_file() and NEW.encode() in path.read_bytes()]
