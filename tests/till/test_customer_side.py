"""The member's side of the counter: what he is shown of a sale, in his language, and that nothing of him stays."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from devices.display_glass import Glass
from devices.second_screen import HOST
from devices.simulators import Cable, make_cable
from points import BasketLine, Choice, parse_amount
from protocol.codes import member_code
from protocol.documents import FloorPolicy
from sync.link import LinkState
from tests.desks import MEMBER, TestDesk, make_desk, member_row
from till import customer_view, i18n
from till.counter import Counter
from till.customer_side import CustomerSide
from till.draft import SaleDraft
from till.events import CustomerSideChanged, Event
from till.scanning import MemberIdentified
from till.selling import Quoted

PATIENCE_S = 10.0
NAME = "张*丰"


class Shop:
    """A counter, the member's side of it, and his eyes on the second screen."""

    def __init__(self, desk: TestDesk, **settings: Any) -> None:
        self.desk = desk
        self.counter = Counter(desk.desk, lambda: LinkState("offline", "no-answer", since_us=0))
        self.told: list[Event] = []
        self.counter.subscribe(self.told.append)
        thanks_s = settings.pop("thanks_s", 60.0)
        with _free_port() as port:
            settings.setdefault("second_screen", port)
        self.side = CustomerSide(Settings(**settings), self.counter, thanks_s=thanks_s)
        self.side.start()

    def eyes(self) -> Eyes:
        assert _soon(lambda: self.side.screen is not None)
        assert self.side.screen is not None
        return Eyes(int(self.side.screen.address.rstrip("/").rpartition(":")[2]))

    def draft(self, amount: str = "", *lines: BasketLine) -> SaleDraft:
        scan = self.counter.scan(member_code(MEMBER), SaleDraft())
        assert isinstance(scan, MemberIdentified)
        draft = replace(SaleDraft(), lines=lines).with_member(scan.member, scan.proof)
        return draft.with_amount(parse_amount(amount)) if amount else draft

    def show(self, draft: SaleDraft) -> Quoted | None:
        quoted = self.counter.quote(draft)
        self.side.show_sale(draft, quoted)
        return quoted

    def show_terms(self, amount: str = "128.50") -> None:
        """The bag for 300 points."""
        draft = self.draft(amount)
        quoted = self.show(draft)
        assert quoted is not None
        offer = next(one for one in quoted.offers if one.points == 300)
        chosen = draft.with_choice(Choice(offer.reward_id, offer.points, offer.kind))
        after = self.counter.quote(chosen)
        assert after is not None
        standing = self.counter.standing(chosen, offer, offer.points)
        self.side.show_terms(self, chosen, offer, quoted.quote, after.quote, standing)


class Eyes:
    """What the browser is told, until something holds of it."""

    def __init__(self, port: int) -> None:
        connection = http.client.HTTPConnection(HOST, port, timeout=PATIENCE_S)
        connection.request("GET", "/view")
        self._answer = connection.getresponse()
        self.text = ""

    def until(self, holds: Callable[[Any], bool]) -> Any:
        for _attempt in range(100):
            self.text = self._answer.readline().decode().removeprefix("data: ")
            self._answer.readline()
            view = json.loads(self.text)
            if view and holds(view):
                return view
        raise AssertionError(self.text)

    def until_page(self, page: str) -> Any:
        return self.until(lambda view: view["page"] == page)


def _soon(holds: Callable[[], bool]) -> bool:
    never, waited = threading.Event(), 0.0
    while not holds() and waited < PATIENCE_S:
        waited += 0.01
        never.wait(0.01)
    return holds()


@contextmanager
def _free_port() -> Iterator[int]:
    import socket

    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    yield port


@contextmanager
def opened(desk: TestDesk, **settings: Any) -> Iterator[Shop]:
    shop = Shop(desk, **settings)
    try:
        yield shop
    finally:
        shop.side.stop()


@pytest.fixture
def cable() -> Iterator[Cable]:
    made = make_cable("socket")
    yield made
    made.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[TestDesk]:
    i18n.use("en")
    floor = FloorPolicy(per_redemption=1_000, per_member=1_000, per_terminal=5_000)
    made = make_desk(tmp_path, members=[member_row(name=f"{NAME}\x1b[31m<b>")], floor=floor)
    yield made
    made.close()


def test_a_sale_in_the_members_language(desk: TestDesk) -> None:
    """The cashier reads English, he Chinese: masked name, what he can spend, what he pays and what that earns."""
    with opened(desk) as shop:
        eyes = shop.eyes()
        assert eyes.until_page("welcome")["who"] is None
        shop.show(shop.draft("128.50"))
        view = eyes.until_page("sale")
        assert view["who"] == [f"{NAME}[31m<b>", "金卡 1.2倍", ["可用积分", "1,250"]]
        assert view["sums"][view["large"]] == ["应付", "128.50元"]
        assert ["本单可得", "154 积分"] in view["sums"]
        assert i18n._("Welcome") == "Welcome", "the cashier's language is untouched"


def test_a_bill_shows_its_newest_lines(desk: TestDesk) -> None:
    """Six, and how many more there are; how many pieces of each."""
    goods = [BasketLine("drinks", 650, f"p{number}", f"牛奶{number}", number) for number in range(1, 9)]
    with opened(desk) as shop:
        shop.show(shop.draft("", *goods))
        view = shop.eyes().until_page("sale")
        assert [line[0] for line in view["lines"]] == [f"牛奶{number} ×{number}" for number in range(3, 9)]
        assert view["more"] == "前面还有 2 项"


def test_the_terms_before_he_agrees(desk: TestDesk) -> None:
    """Cost, what is left, conditions, validity, refund, on what it stands, and how he says yes; then the sale again."""
    with opened(desk) as shop:
        eyes = shop.eyes()
        shop.show_terms()
        view = eyes.until_page("terms")
        assert view["title"] == "兑换 环保购物袋"
        assert view["sums"][:2] == [["使用积分", "300"], ["兑换后剩", "950"]]
        assert [label for label, _text in view["terms"]] == ["使用条件", "活动时间", "退货说明", "兑换依据"]
        assert all(text for _label, text in view["terms"])
        assert view["step"].startswith("同意兑换请")
        shop.side.lift(shop)
        eyes.until_page("sale")


def test_the_pin_is_stars_above_the_terms(desk: TestDesk) -> None:
    """How many digits, never which; what he agrees to stays in front of him."""
    with opened(desk) as shop:
        eyes = shop.eyes()
        shop.show_terms()
        shop.side.show_asking("pin", 3)
        view = eyes.until(lambda view: view["stars"] == 3)
        assert view["page"] == "terms"
        assert view["terms"]
        assert "密码键盘" in view["step"]


def test_a_code_for_his_phone(desk: TestDesk) -> None:
    """As a picture; its text, which may be a secret, is not in the page."""
    with opened(desk) as shop:
        eyes = shop.eyes()
        shop.side.show_code("dialog", "HTTPS://P.EXAMPLE.COM/SECRET", "Photograph this code: it proves your sale")
        view = eyes.until_page("code")
        assert view["qr"].startswith("data:image/png;base64,")
        assert view["notes"] == ["可拍下这个码，作为本单凭证"]
        assert "SECRET" not in eyes.text


def test_nothing_of_the_member_when_the_sale_ends(desk: TestDesk) -> None:
    """The sums of the sale for a moment, then welcome: neither his name nor what he has, not even in what the page was sent."""
    with opened(desk, thanks_s=0.2) as shop:
        eyes = shop.eyes()
        draft = shop.draft("128.50")
        shop.show(draft)
        eyes.until_page("sale")
        shop.counter.commit(desk.manager, draft)
        shop.show(SaleDraft())
        thanks = eyes.until_page("thanks")
        assert ["实付", "128.50元"] in thanks["sums"]
        assert ["本单获得", "154 积分"] in thanks["sums"]
        sent = eyes.text
        eyes.until_page("welcome")
        for of_him in (NAME, "金卡", "1,250", "1,404"):
            assert of_him not in sent + eyes.text


def test_the_next_sale_takes_the_place_of_the_thanks(desk: TestDesk) -> None:
    """Nobody waits eight seconds for it."""
    with opened(desk) as shop:
        eyes = shop.eyes()
        shop.counter.commit(desk.manager, shop.draft("10"))
        eyes.until_page("thanks")
        shop.show(shop.draft("20"))
        eyes.until_page("sale")


def test_a_locked_counter_shows_nobody(desk: TestDesk) -> None:
    """Whatever lay above the sale goes too."""
    with opened(desk) as shop:
        eyes = shop.eyes()
        shop.show_terms()
        shop.side.show_asking("pin", 2)
        eyes.until(lambda view: view["stars"] == 2)
        shop.side.clear()
        assert eyes.until_page("welcome")["who"] is None


def test_a_view_that_cannot_be_made_is_nobodys(desk: TestDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The counter goes on, the member sees welcome, and the next view is shown again."""
    with opened(desk) as shop:
        eyes = shop.eyes()
        with monkeypatch.context() as broken:
            broken.setattr(customer_view, "sale", lambda *_: 1 // 0)
            shop.show(shop.draft("10"))
            eyes.until_page("welcome")
        shop.show(shop.draft("10"))
        eyes.until_page("sale")


def test_figures_for_a_display(desk: TestDesk, cable: Cable) -> None:
    """The same sale on two lines of ASCII."""
    glass = Glass("cd5220")

    def reads(upper: str, lower: str) -> bool:
        glass.feed(cable.read(0.02))
        return glass.seen.rows == (upper, lower)

    with opened(desk, second_screen=0, display_port=str(cable.port)) as shop:
        assert _soon(lambda: reads("WELCOME", ""))
        shop.show(shop.draft())
        assert _soon(lambda: reads("POINTS         1,250", ""))
        shop.show(shop.draft("128.50"))
        assert _soon(lambda: reads("TOTAL         128.50", "POINTS +154    1,250"))
        shop.show_terms()
        assert _soon(lambda: reads("USE POINTS       300", "PAY           128.50"))
        shop.side.show_asking("pin", 4)
        assert _soon(lambda: reads("PIN             ****", "PAY           128.50"))
        shop.counter.commit(desk.manager, shop.draft("128.50"))
        assert _soon(lambda: reads("PAID          128.50", "POINTS          +154"))


def test_training_says_so(desk: TestDesk, cable: Cable) -> None:
    """On the page, whatever it shows, and on a display that has letters."""
    desk.desk.terminal = "training-zhongshan-02"
    glass = Glass("cd5220")

    def reads() -> bool:
        glass.feed(cable.read(0.02))
        return glass.seen.rows[1].startswith("TRAINING")

    with opened(desk, display_port=str(cable.port)) as shop:
        assert shop.eyes().until_page("welcome")["mark"] == "培训"
        shop.show(shop.draft("10"))
        assert shop.eyes().until_page("sale")["mark"] == "培训"
        assert _soon(reads)


@pytest.mark.parametrize(
    "settings",
    [
        {"display_port": "by-id:../x"},
        {"display_port": "device:/dev/null", "display_profile": "none-such"},
        {"pin_pad_port": "by-id:../x"},
        {"pin_pad_port": "device:/dev/null", "pin_pad_profile": "none-such"},
    ],
)
def test_wrong_settings_keep_no_till_from_selling(desk: TestDesk, settings: dict[str, str]) -> None:
    """Somebody wrote them by hand."""
    with opened(desk, second_screen=0, **settings) as shop:
        assert shop.side.pin_pad is None
        shop.counter.commit(desk.manager, shop.draft("10"))


def test_a_taken_number_is_said(desk: TestDesk) -> None:
    """And the counter sells."""
    with opened(desk) as first:
        first.eyes()
        assert first.side.screen is not None
        port = int(first.side.screen.address.rstrip("/").rpartition(":")[2])
        with opened(desk, second_screen=port) as second:
            assert _soon(lambda: CustomerSideChanged("screen", "screen-taken") in second.told)
            second.counter.commit(desk.manager, second.draft("10"))


def test_devices_that_are_not_there_are_said(desk: TestDesk) -> None:
    """Each with its own code; the sale goes on."""
    with opened(desk, second_screen=0, display_port="device:/dev/no-such", pin_pad_port="device:/dev/no-pad") as shop:
        for device in ("display", "pin-pad"):
            assert _soon(lambda: CustomerSideChanged(device, f"{device}-missing") in shop.told)  # noqa: B023
        shop.counter.commit(desk.manager, shop.draft("10"))
