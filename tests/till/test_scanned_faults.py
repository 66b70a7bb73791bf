"""From the bytes of a scanner's line to what the till makes of them: codes that are not what somebody hoped for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from config import data
from devices.events import DataEvent, ScannerEvent
from devices.profiles import parse_profile
from devices.scan_line import ScanLine
from protocol.codes import member_code
from protocol.documents import Product
from protocol.dynamic_codes import make
from protocol.errors import CodeError
from protocol.ranges import CodeRange, ScaleTemplate
from tests.desks import MEMBER, TestDesk, member_row
from till.draft import SaleDraft
from till.errors import RefusedError
from till.scanning import MemberIdentified, ProductScanned, SameCodeAgain, Scan, scan

Make = Callable[..., TestDesk]
MILK = Product(code="6901234567892", name="牛奶", category="dairy", price_fen=6_50)


def read(raw: bytes) -> str:
    """What a Newland scanner's line makes of these bytes."""
    profile = parse_profile((data("scanners") / "newland-unified.toml").read_bytes(), "newland-unified.toml")
    labels: list[str] = []

    def take(event: ScannerEvent) -> None:
        if isinstance(event, DataEvent):
            labels.append(event.data.label)

    line = ScanLine(profile, take, lambda: None, 0, lambda _: None, lambda: 0)
    line.is_enabled = True
    line.received(raw + b"\r\n", 0)
    (label,) = labels
    return label


def scanned(test: TestDesk, raw: bytes, draft: SaleDraft | None = None) -> Scan:
    return scan(test.desk, read(raw), draft or SaleDraft())


def refusal(test: TestDesk, raw: bytes, draft: SaleDraft | None = None) -> str:
    try:
        scanned(test, raw, draft)
    except (RefusedError, CodeError) as error:
        return error.code
    raise AssertionError("it was taken")


@pytest.fixture
def shop(desk_with: Make) -> TestDesk:
    """A store that knows one member and sells milk."""
    return desk_with(members=[member_row()], products=[MILK])


@pytest.mark.parametrize("code", [b"134567890123456785", b"281234567890123456", b"6212345678901234567"])
def test_d42_a_payment_code_is_recognised_and_refused(shop: TestDesk, code: bytes) -> None:
    """WeChat, Alipay, UnionPay, while a member is awaited: a sentence, and nothing of it is kept."""
    assert refusal(shop, code) == "payment-code"


def test_d45_an_expired_code_and_one_of_another_sale_are_refused(shop: TestDesk) -> None:
    """The minute is over; the same code again in its own sale is nothing new."""
    now_s = shop.clocks.wall_us // 1_000_000
    old = make(MEMBER, now_s - 3_600, b"12345678", shop.working_key)
    assert refusal(shop, old.encode()) == "dynamic-expired"
    fresh = make(MEMBER, now_s - 5, b"87654321", shop.working_key)
    found = scanned(shop, fresh.encode())
    assert isinstance(found, MemberIdentified)
    assert scanned(shop, fresh.encode(), SaleDraft().with_member(found.member, found.proof)) == SameCodeAgain()


def test_d46_an_ean_13_is_a_product(shop: TestDesk) -> None:
    """With or without leading zeros; one that nobody sells here is said with its number."""
    assert scanned(shop, b"6901234567892") == ProductScanned(MILK)
    assert scanned(shop, b"06901234567892") == ProductScanned(MILK)
    assert refusal(shop, b"4006381333931") == "product-unknown"


def test_d47_a_gs1_digital_link_is_what_it_links_to(shop: TestDesk) -> None:
    """A product's GTIN; any other address is no code of ours."""
    assert scanned(shop, b"https://id.example/01/06901234567892?17=271231") == ProductScanned(MILK)
    assert refusal(shop, b"https://example.com/hello").startswith("code-")


def test_a_members_code_is_a_member(shop: TestDesk) -> None:
    """What it is all for."""
    found = scanned(shop, member_code(MEMBER).encode())
    assert isinstance(found, MemberIdentified)
    assert found.member.member == MEMBER


# --- labels of scales --------------------------------------------------------------------------------------------------

APPLES = Product(code="12345", name="苹果", category="fresh", price_fen=12_80)
PRICED = CodeRange(id="13", prefix="21", length=13, check="gtin", means="scale",
                   label=ScaleTemplate(item=(3, 7), price=(8, 12)))  # fmt: skip
WEIGHED = CodeRange(id="w", prefix="22", length=13, means="scale", label=ScaleTemplate(item=(3, 7), weight=(8, 12)))
BARE = CodeRange(id="b", prefix="23", length=13, means="scale")


def test_a_scales_label_is_the_product_at_its_price(desk_with: Make) -> None:
    """As the scale printed it, or by weight; each label is one piece of the same goods, at what it costs itself."""
    made = desk_with(members=[member_row()], products=[APPLES], ranges=(PRICED, WEIGHED, BARE))
    draft = SaleDraft()
    for raw, fen in ((b"2112345009902", 9_90), (b"2212345013409", 17_15), (b"2212345005009", 6_40)):
        found = scanned(made, raw, draft)
        assert isinstance(found, ProductScanned)
        assert (found.product.code, found.product.price_fen) == ("12345", fen)
        draft = draft.with_product(found.product)
    assert [(line.quantity, line.amount_fen) for line in draft.lines] == [(3, 33_45)]
    assert refusal(made, b"2212345000009") == "scale-label-empty"
    assert refusal(made, b"2299999013409") == "product-unknown"
    assert refusal(made, b"2312345013409") == "scale-label"
