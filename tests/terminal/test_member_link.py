"""F9, the member's page: the member proves himself, his phone reads the link from the screen, and then it is gone."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import zxingcpp

from protocol.codes import member_code
from protocol.member_links import MemberLink, MemberLinkRequest, MemberLinkVerdict
from protocol.reservations import RefusalReason, Refused
from sync.errors import TransientSyncError
from terminal import i18n
from terminal.dialogs import member_link
from terminal.dialogs.member_link import MemberLinkDialog
from terminal.dialogs.member_pin import MemberPin
from terminal.dialogs.menu import Menu
from terminal.screens.counter import CounterScreen
from terminal.screens.devices import DevicesScreen
from terminal.widgets.qr_panel import QrPanel
from tests.desks import NOON_US
from tests.terminal.stage import MEMBER, OFFLINE, ONLINE, OTHER, Stage, make_stage
from till.app import Demo

PAGE = "https://p.example.com"
LONGEST_PAGE = f"https://{'p' * 44}.com"
PIN = "246810"


def address(page: str = PAGE) -> str:
    return f"{page.upper()}/L/{'ABCDEFG2' * 3}ABCDE"


def grants(_request: MemberLinkRequest) -> MemberLinkVerdict:
    return MemberLink(address=address(), ends_at=NOON_US + 600_000_000)


def refuses(reason: RefusalReason, left: int = 0) -> Any:
    return lambda _request: Refused(reason=reason, tries_left=left)


@pytest.fixture
def chinese(tmp_path: Path) -> Iterator[Stage]:
    """A store with a page, its screens in Chinese, the ledger there."""
    stage = make_stage(tmp_path, language="zh-CN", member_page=PAGE)
    stage.desk.ledger.links = grants
    yield stage
    stage.close()


@pytest.fixture
async def stage(chinese: Stage) -> AsyncIterator[Stage]:
    """王芳 at the counter, online, nobody on the screen."""
    async with chinese.run():
        await chinese.sign_in("1023")
        await chinese.go(ONLINE)
        yield chinese


async def press_f9(stage: Stage) -> None:
    await stage.more("会员页二维码" if i18n.language() == "zh-CN" else "Member's page")
    await stage.settle()


async def ask_by_pin(stage: Stage, pin: str = PIN) -> None:
    """A member with a card types his PIN."""
    await stage.scan_member()
    await press_f9(stage)
    await stage.until(lambda: stage.shows(MemberPin))
    await stage.press(pin + "\n")


async def shown(stage: Stage) -> str:
    """What a phone in front of the screen reads."""
    await stage.until(lambda: stage.shows(MemberLinkDialog) and bool(stage.app.screen.query(QrPanel)))
    await stage.settle()
    return read(stage)


def read(stage: Stage) -> str:
    found = zxingcpp.read_barcodes(stage.picture().convert("L"), try_invert=False)
    return found[0].text if found else ""


async def test_a_pin_shows_the_link(stage: Stage) -> None:
    """At 80x24, read from the screen's pixels; in words for whom, how often and how long. Esc, and nothing has it."""
    await ask_by_pin(stage)
    assert await shown(stage) == address()
    (request,) = stage.desk.ledger.links_asked
    assert (request.member, request.proof, request.evidence) == (MEMBER, "pin", PIN)
    said = stage.said().replace(" ", "")
    for words in ("张*丰", "只能用一次", "10分钟内有效（到12:10）", "只给会员本人扫"):
        assert words in said
    assert "L/ABC" not in stage.text(), "a passer-by cannot read it"
    await stage.press("{escape}")
    await stage.until(lambda: stage.shows(CounterScreen))
    assert read(stage) == ""
    assert address() not in repr(stage.app.work)


async def test_the_longest_address_fits(tmp_path: Path) -> None:
    """As long as the ledger lets a page's be: whole on 80x24, words beside it."""
    stage = make_stage(tmp_path, language="zh-CN", member_page=LONGEST_PAGE)
    stage.desk.ledger.links = lambda _request: MemberLink(
        address=address(LONGEST_PAGE), ends_at=NOON_US + 600_000_000
    )
    async with stage.run():
        await stage.sign_in("1023")
        await stage.go(ONLINE)
        await ask_by_pin(stage)
        assert await shown(stage) == address(LONGEST_PAGE)
        assert "Esc返回" in stage.text(), "nothing is pushed off the screen"
    stage.close()


async def test_a_code_of_the_sale_is_no_proof(stage: Stage) -> None:
    """He showed it for his points: his PIN is asked for, the same code again is refused, a fresh one does."""
    await stage.scan(stage.dynamic_code())
    await press_f9(stage)
    await stage.until(lambda: stage.shows(MemberPin))
    await stage.scan(stage.dynamic_code())
    assert stage.shows(MemberPin)
    assert stage.desk.ledger.links_asked == []
    await stage.scan(stage.dynamic_code(age_s=1, nonce=b"abcdefgh"))
    assert await shown(stage) == address()
    (request,) = stage.desk.ledger.links_asked
    assert (request.proof, request.evidence) == ("dynamic", stage.dynamic_code(age_s=1, nonce=b"abcdefgh"))


async def test_an_expired_code_is_refreshed_in_the_dialog(stage: Stage) -> None:
    """The sentence says so where the PIN could be typed; the newer code that is scanned there is sent, and the sale keeps its
    own.
    """
    await stage.scan(stage.dynamic_code())
    before = stage.app.work.draft if stage.app.work else None
    stage.desk.ledger.links = refuses("proof-expired")
    await press_f9(stage)
    await stage.until(lambda: stage.shows(MemberPin))
    await stage.scan(stage.dynamic_code(age_s=2, nonce=b"ijklmnop"))
    await stage.until(lambda: "会员码已过期" in stage.said())
    stage.desk.ledger.links = grants
    await stage.scan(stage.dynamic_code(age_s=1, nonce=b"abcdefgh"))
    assert await shown(stage) == address()
    first, second = stage.desk.ledger.links_asked
    assert first.id != second.id
    assert stage.app.work is not None
    assert stage.app.work.draft == before


async def test_a_wrong_pin_is_typed_again(stage: Stage) -> None:
    """With the tries that are left; another member's code is none."""
    stage.desk.ledger.links = refuses("pin-wrong", 2)
    await ask_by_pin(stage, "1111")
    await stage.until(lambda: stage.shows(MemberPin) and "还可以试 2 次" in stage.said())
    await stage.scan(stage.dynamic_code(OTHER))
    assert stage.shows(MemberPin)
    stage.desk.ledger.links = grants
    await stage.press(PIN + "\n")
    assert await shown(stage) == address()
    assert [request.evidence for request in stage.desk.ledger.links_asked] == ["1111", PIN]


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("pin-locked", "积分密码已锁定"), ("pin-not-set", "没有设积分密码"), ("unknown-member", "后台还没有这位会员"),
        ("member-blocked", "会员"),
    ],
)  # fmt: skip
async def test_a_no_says_what_helps(stage: Stage, reason: RefusalReason, said: str) -> None:
    """It stays to be read, without a code; Esc goes back to the sale."""
    stage.desk.ledger.links = refuses(reason)
    await ask_by_pin(stage)
    await stage.until(lambda: stage.shows(MemberLinkDialog) and said in stage.said())
    assert read(stage) == ""
    await stage.press("{escape}")
    await stage.until(lambda: stage.shows(CounterScreen))


@pytest.mark.parametrize(("cause", "said"), [("no-answer", "后台没有回应"), ("too-many", "一分钟后再按 F9")])
async def test_silence_and_too_often(stage: Stage, cause: Any, said: str) -> None:
    """Each has its own sentence."""

    def fails(_request: MemberLinkRequest) -> MemberLinkVerdict:
        raise TransientSyncError(cause)

    stage.desk.ledger.links = fails
    await ask_by_pin(stage)
    await stage.until(lambda: said in stage.said())


async def test_offline_and_without_a_member(stage: Stage) -> None:
    """A sentence at once: nobody types a PIN in vain."""
    await press_f9(stage)
    await stage.until(lambda: stage.shows(CounterScreen) and "请先扫会员码" in stage.said())
    await stage.scan_member()
    await stage.go(OFFLINE)
    await press_f9(stage)
    await stage.until(lambda: stage.shows(CounterScreen) and "二维码由后台生成，现在断网" in stage.said())
    assert stage.desk.ledger.links_asked == []


@pytest.mark.parametrize(("staff", "page"), [("1023", ""), ("1090", PAGE)])
async def test_it_is_not_offered_without_a_page_nor_to_a_technician(tmp_path: Path, staff: str, page: str) -> None:
    """Who does not sell has no member before him."""
    stage = make_stage(tmp_path, language="zh-CN", member_page=page)
    async with stage.run():
        await stage.sign_in(staff)
        await stage.until(lambda: stage.shows(CounterScreen, DevicesScreen))
        await stage.press("{f9}")
        await stage.until(lambda: stage.shows(Menu))
        assert "会员页二维码" not in stage.said()
    stage.close()


async def test_an_answer_that_comes_after_esc_shows_nothing(stage: Stage) -> None:
    """Who gave up is at the counter, and the link is nowhere."""
    go_on, asked = threading.Event(), threading.Event()

    def slowly(request: MemberLinkRequest) -> MemberLinkVerdict:
        asked.set()
        assert go_on.wait(10)
        return grants(request)

    stage.desk.ledger.links = slowly
    await ask_by_pin(stage)
    await stage.until(asked.is_set)
    await stage.press("{escape}")
    await stage.until(lambda: stage.shows(CounterScreen))
    go_on.set()
    await stage.app.workers.wait_for_complete()
    await stage.settle()
    assert stage.shows(CounterScreen)
    assert read(stage) == ""


async def test_the_code_goes_with_the_link(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody pressed Esc: when the link has ended it is not on the screen any more."""
    monkeypatch.setattr(member_link, "_LIVES_S", 0.3)
    await ask_by_pin(stage)
    await stage.until(lambda: stage.shows(MemberLinkDialog))
    await stage.until(lambda: stage.shows(CounterScreen))
    assert read(stage) == ""


async def test_a_scan_changes_nothing_behind_it(stage: Stage) -> None:
    """The next customer's card waits: the code stays for whom it is."""
    await ask_by_pin(stage)
    await shown(stage)
    await stage.scan(member_code(OTHER))
    assert "这次扫码没有使用" in stage.said()
    assert await shown(stage) == address()
    assert stage.app.work is not None
    assert stage.app.work.draft.member is not None
    assert stage.app.work.draft.member.member == MEMBER


async def test_the_demo_shows_the_address_too(tmp_path: Path) -> None:
    """A newcomer's browser is on the same machine, a phone does not reach it."""
    page = "http://127.0.0.1:40123"
    stage = make_stage(tmp_path, member_page=page, demo=Demo((), "1001", "2468"))
    stage.desk.ledger.links = lambda _request: MemberLink(address=address(page), ends_at=NOON_US + 600_000_000)
    async with stage.run():
        await stage.sign_in("1023")
        await stage.go(ONLINE)
        await ask_by_pin(stage)
        assert await shown(stage) == address(page)
        assert f" {address(page)} " in stage.text()
        assert "In the demo a browser" in stage.said()
    stage.close()
