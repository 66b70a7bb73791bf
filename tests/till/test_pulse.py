"""What a till says of itself: figures about the machine and what waits, and nobody's name."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from config.settings import Settings
from local_db.journal_reader import JournalReader
from protocol import canonical
from protocol.codes import member_code
from protocol.fleet import Heartbeat
from protocol.push import Outcome
from sync.heartbeat import Heartbeats
from sync.identity import load_identity
from tests.desks import MEMBER
from tests.till.test_composition import Shop
from till.clock import TillClock
from till.composition import Assembly, open_till
from till.draft import SaleDraft
from till.events import OutcomesArrived, PrinterChanged
from till.pulse import news
from till.scanning import MemberIdentified


def test_a_day_at_a_till(tmp_path: Path) -> None:
    """Before a shift, in it with a sale that waits and a printer without paper, and after it."""
    shop = Shop(tmp_path)
    from local_db.journal import Journal

    with closing(Journal.open(shop.folder)) as journal:
        identity = load_identity(journal)
        assert identity is not None
        assembly = Assembly(shop.folder, Settings(), journal, identity, TillClock())
        assembly.use_cache()

        def beat() -> Heartbeat:
            with closing(JournalReader.open(shop.folder)) as reader:
                return assembly.pulse.beat(reader, identity)

        first = beat()
        assert (first.is_shift_open, first.waiting, first.programme, first.printer_code) == (
            False,
            0,
            "qingsui-market",
            "",
        )
        assert first.version
        assert first.disk_free_bytes > 0
        counter = assembly.counter
        session = counter.open_shift(counter.sign_in("1001", "1001"))
        found = counter.scan(member_code(MEMBER), SaleDraft())
        assert isinstance(found, MemberIdentified)
        counter.commit(session, SaleDraft().with_member(found.member, found.proof).with_amount(12_850))
        counter.tell(PrinterChanged("printer-paper-out"))
        busy = beat()
        assert (busy.is_shift_open, busy.entries, busy.waiting, busy.waiting_fen) == (True, 2, 2, 12_850)
        assert (busy.printer_code, news(busy) != news(first)) == ("printer-paper-out", True)
        counter.close_shift(session)
        last = beat()
        assert (last.is_shift_open, last.entries) == (False, 3)
        sent = canonical.encode(last).decode()
        assert not any(one in sent for one in (MEMBER, "张", "赵敏", "02号机"))
        assembly.close()


def test_a_shift_that_the_ledger_has_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sale is not: it is told with the next beat."""
    from local_db.journal import Journal

    shop = Shop(tmp_path)
    woken: list[int] = []
    monkeypatch.setattr(Heartbeats, "wake", lambda _self: woken.append(1))
    with closing(Journal.open(shop.folder)) as journal:
        identity = load_identity(journal)
        assert identity is not None
        assembly = Assembly(shop.folder, Settings(), journal, identity, TillClock())
        assembly.pulse.heartbeats()
        assembly.counter.tell(OutcomesArrived((Outcome(seq=2, status="booked", position=1),)))
        assert woken == []
        assembly.counter.tell(OutcomesArrived((Outcome(seq=3, status="recorded"),)))
        assert woken == [1]
        assembly.close()


def test_a_till_at_work_beats(tmp_path: Path) -> None:
    """Started with the till and ended with it, however soon that is."""
    import threading

    shop = Shop(tmp_path)
    with open_till(shop.folder, Settings()):
        assert "heartbeat" in {thread.name for thread in threading.enumerate()}
    assert "heartbeat" not in {thread.name for thread in threading.enumerate()}
