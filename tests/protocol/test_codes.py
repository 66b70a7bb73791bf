"""What a scanned text is, and what it must never be taken for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.check_digits import gs1_ok, mod_97
from protocol.codes import (
    Code,
    DynamicMemberCode,
    EnrolmentCode,
    MemberCode,
    PaymentCode,
    ProductCode,
    ScaleLabel,
    UnknownCode,
    classify,
    member_code,
)  # fmt: skip
from protocol.ranges import CodeRange, ScaleTemplate

WECHAT = "134567890123456789"
ALIPAY = "281234567890123456"
UNIONPAY = "6212345678901234567"

CARD = CodeRange(id="old cards", prefix="88", length=10, check="luhn", means="member", strip_prefix=True)
SCALE = CodeRange(id="fresh", prefix="13", length=18, means="scale")
OWN = CodeRange(id="own goods", prefix="X7", length=6, means="product")
COUPON = CodeRange(id="coupons", prefix="99", length=8, means="coupon")
RANGES = (CARD, SCALE, OWN, COUPON)


def kind(text: str, *, awaited: bool = True) -> Code:
    """The text in a store with these ranges."""
    return classify(text, RANGES, member_awaited=awaited)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (member_code("100000012345"), MemberCode("100000012345", "code")),
        (member_code("100000012345").lower(), MemberCode("100000012345", "code")),
        (f"  {member_code('7')}\r\n", MemberCode("7", "code")),
        ("8812345679", MemberCode("12345679", "card")),
        (WECHAT, ScaleLabel(WECHAT)),
        ("X7A001", ProductCode("X7A001")),
        ("99000001", UnknownCode("coupon")),
        ("6901234567892", ProductCode("6901234567892")),
        ("96385074", ProductCode("96385074")),
        ("https://id.gs1.org/01/06901234567892", ProductCode("6901234567892")),
        ("https://shop.example/a/b/01/00000096385074/21/x?y=1#z", ProductCode("96385074")),
        ("http://id.gs1.org/01/00036000291452", ProductCode("036000291452")),
        ("HTTPS://ID.GS1.ORG/01/10614141000415", ProductCode("10614141000415")),
        ("https://id.gs1.org/8018/123456789012345675", MemberCode("123456789012345675", "card")),
        ("D1:ABC", DynamicMemberCode("D1:ABC")),
        ("d1:abc", DynamicMemberCode("D1:ABC")),
        ("E1 http://x A B", EnrolmentCode("E1 http://x A B")),
        ("e1 HTTP://X A B", EnrolmentCode("e1 HTTP://X A B")),
    ],
)
def test_known_codes_are_known(text: str, code: Code) -> None:
    """Each kind of code is recognised in upper and lower case, with the white space that a wedge adds."""
    assert kind(text) == code


@pytest.mark.parametrize("text", [WECHAT.replace("13", "10", 1), ALIPAY, ALIPAY[:16], ALIPAY + "123456", UNIONPAY])
def test_a_payment_code_is_recognised_and_not_kept(text: str) -> None:
    """While a member is awaited it is refused as what it is; the value holds no digit of it."""
    code = kind(text)
    assert isinstance(code, PaymentCode)
    assert not any(part in repr(code) for part in (text[:6], text[-6:]))


@pytest.mark.parametrize("text", [ALIPAY, UNIONPAY, "159999999999999999"])
def test_payment_codes_are_not_looked_for_elsewhere(text: str) -> None:
    """Where no member is awaited, nothing is called a payment code, and still nothing of it is kept."""
    assert kind(text, awaited=False) == UnknownCode("foreign")


def test_a_scale_label_in_a_range_is_a_label() -> None:
    """18 digits that begin like WeChat's are the store's own label where a range says so, and only there."""
    assert kind(WECHAT) == ScaleLabel(WECHAT)
    assert classify(WECHAT, (), member_awaited=True) == PaymentCode("wechat")


@pytest.mark.parametrize(
    "text",
    [
        "19" + "0" * 16,
        "16" + "0" * 16,
        "10" + "0" * 15,
        "24" + "0" * 14,
        "31" + "0" * 14,
        "62" + "0" * 16,
        "25" + "0" * 13,
    ],
)
def test_numbers_beside_the_patterns_are_not_payment_codes(text: str) -> None:
    """A wrong prefix or length is just an unknown number."""
    assert not isinstance(classify(text, (), member_awaited=True), PaymentCode)


@given(st.text("0123456789", min_size=1, max_size=20), st.data())
def test_a_misread_member_code_is_nobodys(digits: str, data: st.DataObject) -> None:
    """A wrong digit, or two in the wrong order, never gives another member."""
    code = member_code(digits)
    at = data.draw(st.integers(2, len(code) - 1))
    wrong = code[:at] + data.draw(st.sampled_from("0123456789".replace(code[at], ""))) + code[at + 1 :]
    assert kind(wrong) == UnknownCode("check-digit")
    if at + 1 < len(code) and code[at] != code[at + 1]:
        assert kind(code[:at] + code[at + 1] + code[at] + code[at + 2 :]) == UnknownCode("check-digit")


def full_width(text: str) -> str:
    """The text as an input method in full-width mode types it."""
    return "".join(chr(ord(character) + 0xFEE0) for character in text)


@pytest.mark.parametrize(
    "text", ["6901234567892", "8812345679", "100000012345", member_code("12"), "M1" + full_width("10")]
)
def test_full_width_digits_are_no_member_and_no_product(text: str) -> None:
    """`str.isdigit` takes １２３ for digits; nothing is sold or earned on them, in any position."""
    for spelled in (full_width(text), text[:2] + full_width(text[2:])):
        assert isinstance(kind(spelled), UnknownCode)


@pytest.mark.parametrize(
    "text",
    ["", " ", "\x1b[31m6901234567892", "8[bold]xx1", "X7[/b]", "X7\x1b[2J", "X7 A01", "88\u202e345674", "M1", "M1٣٤٥", "D1",
     "E1", "https://id.gs1.org/01/06901234567893", "https://id.gs1.org/01/123456789012345678",
     "https://id.gs1.org/8018/06901234567892", "https://id.gs1.org/8018/123456789012345676", "https://", "01/06901234567892",
     "javascript:alert(1)", "张三"],
)  # fmt: skip
def test_hostile_and_torn_texts_are_unknown(text: str) -> None:
    """Markup, escapes, right-to-left marks, wrong check digits and halves of codes are nothing."""
    assert isinstance(kind(text), UnknownCode)


@pytest.mark.parametrize("text", ["1" * 10_240, "M1" + "0" * 600, "https://x/" + "01/" * 4000, "D1:" + "A" * 10_240])
def test_ten_kilobytes_are_too_long(text: str) -> None:
    """A scan without an end is refused by its length alone."""
    assert kind(text) == UnknownCode("too-long")


def test_a_member_is_never_longer_than_an_entry_can_hold() -> None:
    """65 digits with right check digits are refused, as an entry that names them could not be read."""
    assert kind(member_code("1" * 64)) == MemberCode("1" * 64, "code")
    assert kind("M1" + "1" * 65 + mod_97("1" * 65)) == UnknownCode("too-long")
    with pytest.raises(ValueError, match="1"):
        member_code("1" * 65)


@pytest.mark.parametrize("member_no", ["", "12a", "１２", "-1", "1 2", "1\n"])
def test_no_code_is_made_for_what_is_no_number(member_no: str) -> None:
    """A static code holds ASCII digits only."""
    with pytest.raises(ValueError):  # noqa: PT011  # int() has its own word for the empty text
        member_code(member_no)


@given(st.text(max_size=600), st.booleans())
def test_any_text_is_something(text: str, awaited: bool) -> None:
    """Classification never fails, whatever a device sends."""
    assert isinstance(classify(text, RANGES, member_awaited=awaited), Code)


PRICED = CodeRange(id="scale 13", prefix="21", length=13, check="gtin", means="scale",
                   label=ScaleTemplate(item=(3, 7), price=(8, 12)))  # fmt: skip
WEIGHED = CodeRange(id="scale 18", prefix="22", length=18, check="gs1", means="scale",
                    label=ScaleTemplate(item=(3, 7), price=(8, 12), weight=(13, 17)))  # fmt: skip


def test_a_scales_label_says_what_it_is_what_it_costs_and_weighs() -> None:
    """Of 13 and of 18 digits; with a wrong check digit it is nothing of a scale's."""
    short, long = with_check("211234500990"), with_check("22123450125001340")
    ranges = [PRICED, WEIGHED]
    assert classify(short, ranges, member_awaited=True) == ScaleLabel(short, "12345", 990, None)
    assert classify(long, ranges, member_awaited=True) == ScaleLabel(long, "12345", 1_250, 1_340)
    for code in (short, long):
        misread = code[:-1] + str((int(code[-1]) + 1) % 10)
        assert isinstance(classify(misread, ranges, member_awaited=False), UnknownCode)


def with_check(digits: str) -> str:
    return digits + next(check for check in "0123456789" if gs1_ok(digits + check))
