"""The sale on the screen outlives the program, and is never booked twice for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from protocol.dynamic_codes import make
from sync.link import LinkState
from tests.desks import MEMBER, NOON_US, TestDesk, member_row
from tests.till.test_selling import MILK, identified
from till import unfinished
from till.counter import Counter
from till.draft import MemberProof, SaleDraft
from till.holding import HeldSale
from till.scanning import MemberIdentified
from till.unfinished import FILES, Unfinished

Make = Callable[..., TestDesk]


def again(test: TestDesk) -> Unfinished:
    """The program is started anew in the same folder."""
    return Counter(test.desk, LinkState).unfinished


def left(test: TestDesk) -> HeldSale:
    found = again(test).left
    assert found is not None
    return found


def test_the_last_change_before_the_end_is_what_comes_back(desk_with: Make) -> None:
    """Member, products, reference, the amount as far as it was typed."""
    test = desk_with(members=[member_row()], products=[MILK])
    draft = identified(test).with_product(MILK)
    before = again(test)
    before.keep(test.manager.shift, identified(test), "")
    before.keep(test.manager.shift, draft, "")
    before.keep(test.manager.shift, draft, "12.")
    assert left(test).typed == "12."
    assert again(test).go_on(left(test)) == draft


def test_a_booked_sale_does_not_come_back(desk_with: Make) -> None:
    """Also where the program ended between the journal's commit and the next change of the screen."""
    test = desk_with(members=[member_row()], products=[MILK])
    counter = Counter(test.desk, LinkState)
    draft = identified(test).with_product(MILK)
    counter.unfinished.keep(test.manager.shift, draft, "")
    counter.commit(test.manager, draft)
    assert again(test).left is None
    assert again(test).left is None  # and it says so to the file


def test_a_cleared_screen_leaves_nothing(desk_with: Make) -> None:
    """Esc, and the program ends."""
    test = desk_with(members=[member_row()])
    before = again(test)
    before.keep(test.manager.shift, identified(test), "5")
    before.keep(test.manager.shift, SaleDraft(), "")
    assert again(test).left is None


def test_what_waits_for_an_answer_is_not_overwritten(desk_with: Make) -> None:
    """The empty screen behind the question is no change; a second end leaves it where it was."""
    test = desk_with(members=[member_row()])
    again(test).keep(test.manager.shift, identified(test), "5")
    asked = again(test)
    asked.keep(test.manager.shift, SaleDraft(), "")
    assert left(test).typed == "5"


def test_put_aside_is_listed_by_f6(desk_with: Make) -> None:
    """A no loses nothing."""
    test = desk_with(members=[member_row()])
    again(test).keep("of yesterday", identified(test), "5")
    counter = Counter(test.desk, LinkState)
    sale = counter.unfinished.left
    assert sale is not None
    counter.unfinished.put_aside(test.manager.shift, sale)
    assert [held.typed for held in counter.held(test.manager)] == ["5"]
    assert again(test).left is None


def test_a_dynamic_code_is_not_kept(desk_with: Make) -> None:
    """Of the member his number, and nothing that proves him."""
    test = desk_with(members=[member_row()])
    code = make(MEMBER, NOON_US // 1_000_000 - 5, b"12345678", test.working_key)
    scanned = Counter(test.desk, LinkState).scan(code, SaleDraft())
    assert isinstance(scanned, MemberIdentified)
    again(test).keep(test.manager.shift, SaleDraft().with_member(scanned.member, scanned.proof), "5")
    kept = b"".join((test.desk.folder / name).read_bytes() for name in FILES if (test.desk.folder / name).exists())
    assert MEMBER.encode() in kept
    assert not any(secret.encode() in kept for secret in ("张", '"1234"', scanned.proof.nonce, code))
    back = again(test).go_on(left(test))
    assert back.member == scanned.member
    assert back.proof is None
    assert isinstance(identified(test).proof, MemberProof)  # a card's stays


@pytest.mark.parametrize("spoil", [lambda raw: raw[:-3], lambda raw: raw[:40] + b"x" + raw[41:], lambda _raw: b""])
def test_a_write_that_was_cut_short_costs_one_change(desk_with: Make, spoil: Callable[[bytes], bytes]) -> None:
    """The file before it is whole."""
    test = desk_with(members=[member_row()])
    before = again(test)
    for typed in ("1", "12", "12."):
        before.keep(test.manager.shift, identified(test), typed)
    newest = max((test.desk.folder / name for name in FILES), key=lambda path: b'"number":3' in path.read_bytes())
    newest.write_bytes(spoil(newest.read_bytes()))
    assert left(test).typed == "12"


def test_another_tills_sale_is_nobodys(desk_with: Make) -> None:
    """A folder can become another terminal's."""
    test = desk_with(members=[member_row()])
    again(test).keep(test.manager.shift, identified(test), "5")
    test.desk.terminal = "zhongshan-03"
    assert again(test).left is None


def test_a_disk_that_refuses_stops_no_sale(desk_with: Make, caplog: pytest.LogCaptureFixture) -> None:
    """It is logged, without what was sold."""
    test = desk_with(members=[member_row()])
    for name in FILES:
        (test.desk.folder / name).mkdir()
    again(test).keep(test.manager.shift, identified(test), "5")
    assert "is not kept" in caplog.text
    assert MEMBER not in caplog.text


def test_the_disk_has_it_soon_without_a_wait(desk_with: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """No change waits for an fsync; one follows by itself."""
    test = desk_with(members=[member_row()])
    synced: list[int] = []
    monkeypatch.setattr(unfinished, "FSYNC_AFTER_S", 0.05)
    monkeypatch.setattr(os, "fsync", synced.append)
    before = again(test)
    for typed in ("1", "12"):
        before.keep(test.manager.shift, identified(test), typed)
    assert not synced
    assert before._fsync is not None
    before._fsync.join(2)
    assert len(synced) == len(FILES)


_CHILD = """
import sys, time
from pathlib import Path
from tests.desks import make_desk, member_row
from till.counter import Counter
from till.draft import SaleDraft
from till.scanning import identify
from sync.link import LinkState
test = make_desk(Path(sys.argv[1]), members=[member_row()])
kept = Counter(test.desk, LinkState).unfinished
draft = SaleDraft().with_member(identify(test.desk, "1000000001", "card"), None)
for typed in ("1", "12", "128"):
    kept.keep(test.manager.shift, draft, typed)
print("kept", flush=True)
time.sleep(60)
"""


def test_kill_9_loses_no_key(tmp_path: Path, desk_with: Make) -> None:
    """A real process, killed the moment after the last key."""
    (tmp_path / "dead").mkdir()
    child = subprocess.Popen([sys.executable, "-c", _CHILD, str(tmp_path / "dead")], stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"kept\n"
    child.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
    child.wait(10)
    child.stdout.close()
    test = desk_with(members=[member_row()])
    for name in FILES:
        (tmp_path / "dead" / name).rename(test.desk.folder / name)
    assert (left(test).typed, left(test).member) == ("128", MEMBER)
