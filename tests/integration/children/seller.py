"""Sells for ever and says each sale that was acknowledged; the test kills it in the middle of anything."""

from __future__ import annotations

import queue
import sys
from pathlib import Path

from config.settings import Settings
from protocol.codes import member_code
from till.composition import open_till
from till.draft import SaleDraft
from till.scanning import MemberIdentified


def main(folder: Path, member: str) -> None:
    events: queue.Queue[object] = queue.Queue()
    with open_till(folder, Settings(poll_s=1)) as till:
        till.counter.subscribe(events.put)
        while not till.counter.is_ready:
            events.get()
        session = till.counter.open_shift(till.counter.sign_in("1001", "2468"))
        while True:
            found = till.counter.scan(member_code(member), SaleDraft())
            assert isinstance(found, MemberIdentified)
            draft = SaleDraft().with_member(found.member, found.proof).with_amount(10_00)
            receipt = till.counter.commit(session, draft)
            # What follows is what a cashier saw: the sale is done.
            print(receipt.seq, receipt.awarded["points"], found.member.spendable("points"), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
