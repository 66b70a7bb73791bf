"""A voucher's code at the till: whose it is, what it buys, on which authority it stands, and how it is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from points import Choice
from protocol import base45
from protocol.documents import FloorPolicy
from protocol.errors import CodeError
from protocol.ids import bucket_of, new_id
from protocol.reservations import Refused, ReserveRequest, Verdict
from protocol.voucher_codes import make, make_issued, voucher_of
from tests.desks import MEMBER, NOON_US, TestDesk, payloads
from tests.till.test_later_visits import ISSUE, choosing, floor_of, spendable, workshop
from till.draft import SaleDraft
from till.errors import RefusedError
from till.redeeming import redeem_and_commit, standing
from till.scanning import SameCodeAgain, VoucherScanned, scan
from till.selling import commit_sale, quote_draft
from till.voiding import void_sale
from till.vouchers import issued_at

Make = Callable[..., TestDesk]
WASH, MONEY = Choice("wash", 1, "wash-voucher"), Choice("money", 1, "money-voucher")
WIDE = FloorPolicy(per_redemption=2_000, per_member=4_000, per_terminal=9_000)
SALE = new_id(NOON_US // 1000, bucket_of(MEMBER), 99)


def signed(test: TestDesk, kind: str = "wash-voucher", until: str = "2026-12-14", **changes: object) -> str:
    """What the member's page shows."""
    member, number = str(changes.get("member", MEMBER)), int(str(changes.get("number", 0)))
    key = changes.get("key", test.working_key)
    assert isinstance(key, Ed25519PrivateKey)
    return make(voucher_of(member, SALE, kind, number, until), key)


def scanned(test: TestDesk, text: str, sale: SaleDraft | None = None) -> SaleDraft:
    """The member and his voucher in a sale, as the counter puts them there."""
    found = scan(test.desk, text, sale or SaleDraft())
    assert isinstance(found, VoucherScanned)
    return (sale or SaleDraft()).with_member(found.member, found.proof)


def refused(test: TestDesk, text: str) -> str:
    try:
        scan(test.desk, text, SaleDraft())
    except (RefusedError, CodeError) as error:
        return error.code
    return ""


def stands_on(test: TestDesk, sale: SaleDraft, choice: Choice, *, is_online: bool) -> tuple[str, str]:
    """Authority and what is still needed, for a reward."""
    quoted = quote_draft(test.desk, sale)
    assert quoted is not None
    offer = next(offer for offer in quoted.offers if offer.reward_id == choice.reward_id)
    found = standing(test.desk, sale, offer, choice.points, is_online=is_online)
    return found.authority, found.needs


def test_a_scan_says_whose_it_is_and_what_it_buys(desk_with: Make) -> None:
    """Upper or lower case, as the scanner is set."""
    test = workshop(desk_with, held={"wash-voucher": 1})
    for text in (signed(test), signed(test).lower()):
        found = scan(test.desk, text, SaleDraft())
        assert isinstance(found, VoucherScanned)
        assert (found.member.member, found.rewards) == (MEMBER, ("wash",))
    assert isinstance(scan(test.desk, signed(test), SaleDraft(), is_repeat=True), SameCodeAgain)


def test_online_the_ledger_reserves_for_the_code(desk_with: Make) -> None:
    """The code is the evidence; the entry has its nonce, by which it is used here for ever."""
    test = workshop(desk_with, held={"wash-voucher": 2})
    text = signed(test)
    sale = scanned(test, text)
    assert stands_on(test, sale, WASH, is_online=True) == ("online", "")
    receipt = redeem_and_commit(test.desk, test.manager, sale.with_choice(WASH), is_online=True)
    (asked,) = test.ledger.asked
    assert (asked.proof, asked.evidence, asked.kind, asked.points) == ("voucher", text, "wash-voucher", 1)
    taken = payloads(test.desk)[-1]["redemptions"][0]
    assert (taken["proof"], taken["authority"], taken["nonce"][0]) == ("voucher", "online", "v")
    assert receipt.redemptions[0].authority == "online"
    assert refused(test, text) == "voucher-used"
    assert refused(test, signed(test, until="2026-12-13")) == "voucher-used"
    assert scanned(test, signed(test, number=1)).member is not None


def test_it_proves_that_one_piece_and_nothing_else(desk_with: Make) -> None:
    """For another reward, or for two pieces, it only says who: the PIN or a code is needed, and offline there is no way."""
    test = workshop(
        desk_with, held={"wash-voucher": 1, "money-voucher": 5, "points": 1_250}, floor=WIDE, static_daily_points=0
    )
    sale = scanned(test, signed(test, "money-voucher")).with_amount(40_00)
    assert stands_on(test, sale, MONEY, is_online=True) == ("online", "")
    two = Choice("money", 2, "money-voucher")
    for choice in (two, WASH, ISSUE):
        assert stands_on(test, sale, choice, is_online=True) == ("online", "pin")
        assert stands_on(test, sale, choice, is_online=False)[1] in ("code", "")
    with pytest.raises(RefusedError) as caught:
        redeem_and_commit(test.desk, test.manager, sale.with_choice(WASH), is_online=False)
    assert caught.value.code == "offline-proof-missing"
    redeem_and_commit(test.desk, test.manager, sale.with_choice(two), is_online=True)
    (asked,) = test.ledger.asked
    assert (asked.proof, asked.evidence) == ("static", "")
    assert "nonce" not in payloads(test.desk)[-1]["redemptions"][0]


def test_a_sale_that_only_earns_uses_no_voucher(desk_with: Make) -> None:
    """It was shown and not wanted: the next time it is as good as before."""
    test = workshop(desk_with, held={"wash-voucher": 1})
    commit_sale(test.desk, test.manager, scanned(test, signed(test)).with_amount(40_00))
    assert scanned(test, signed(test)).member is not None


def test_offline_it_stands_where_points_would(desk_with: Make) -> None:
    """Under the floor, as far as that goes; without one, or without a clock, nothing does."""
    test = workshop(desk_with, held={"wash-voucher": 2}, floor=WIDE)
    sale = scanned(test, signed(test))
    assert stands_on(test, sale, WASH, is_online=False) == ("floor", "")
    receipt = redeem_and_commit(test.desk, test.manager, sale.with_choice(WASH), is_online=False)
    assert receipt.redemptions[0].authority == "floor"
    assert refused(test, signed(test)) == "voucher-used"
    without = workshop(desk_with, held={"wash-voucher": 2})
    assert stands_on(without, scanned(without, signed(without)), WASH, is_online=False) == ("", "")
    unsure = workshop(desk_with, held={"wash-voucher": 2}, floor=WIDE, is_clock_trusted=False)
    assert stands_on(unsure, scanned(unsure, signed(unsure)), WASH, is_online=False) == ("", "")
    tight = FloorPolicy(per_redemption=1_499, per_member=4_000, per_terminal=9_000)
    assert floor_of(workshop(desk_with, held={"wash-voucher": 1}, floor=tight), WASH) == "floor-per-redemption"


def test_after_silence_the_same_voucher_goes_to_the_floor(desk_with: Make) -> None:
    """Nobody answered the first time, and nothing was booked: the voucher is free again, unlike a code of the phone."""
    test = workshop(desk_with, held={"wash-voucher": 1}, floor=WIDE)
    test.ledger.answer = None
    tight = scanned(test, signed(test)).with_choice(WASH)
    receipt = redeem_and_commit(test.desk, test.manager, tight, is_online=True)
    assert receipt.redemptions[0].authority == "floor"


def test_the_ledger_knows_better(desk_with: Make) -> None:
    """What it refuses a voucher with has a sentence of its own; that nothing is left means that it was used."""
    test = workshop(desk_with, held={"wash-voucher": 1})
    for reason, code in (
        ("not-enough-points", "reserve-voucher-used"),
        ("voucher-used", "reserve-voucher-used"),
        ("voucher-expired", "reserve-voucher-expired"),
        ("voucher-unknown", "reserve-voucher-unknown"),
    ):

        def no(_request: ReserveRequest, reason: str = reason) -> Verdict:
            return Refused(reason=reason)  # type: ignore[arg-type]

        test.ledger.answer = no
        with pytest.raises(RefusedError) as caught:
            redeem_and_commit(test.desk, test.manager, scanned(test, signed(test)).with_choice(WASH), is_online=True)
        assert caught.value.code == code


def test_what_is_not_taken_says_why(desk_with: Make) -> None:
    """Over, of another shop, for nothing here, of another coalition, not read whole, not held."""
    test = workshop(desk_with, held={"wash-voucher": 1, "stamps": 3})
    assert refused(test, signed(test, until="2026-09-14")) == "voucher-expired"
    assert scanned(test, signed(test, until="2026-09-15")).member is not None
    assert refused(test, signed(test, "cinema-ticket")) == "voucher-not-here"
    assert refused(test, signed(test, "stamps")) == "voucher-no-reward"
    assert refused(test, signed(test, key=Ed25519PrivateKey.generate())) == "voucher-forged"
    assert refused(test, signed(test)[:-3]) == "voucher-unreadable"
    assert refused(test, signed(test, "money-voucher")) == "voucher-not-held"
    assert refused(test, signed(test, member="1000000099")) == "voucher-not-held"


def test_the_till_that_issues_one_shows_it(desk_with: Make) -> None:
    """At once and without the ledger. It proves it itself; the floor still wants it booked first."""
    test = workshop(desk_with, floor=WIDE)
    receipt = redeem_and_commit(test.desk, test.manager, choosing(test, ISSUE), is_online=True)
    (issued,) = issued_at(test.desk, receipt.seq)
    assert (issued.kind, issued.last_day, len(issued.text) <= 90) == ("wash-voucher", "2026-12-14", True)
    sale = scanned(test, issued.text)
    assert sale.proof is not None
    assert sale.proof.is_timely
    assert spendable(test, "wash-voucher") == 1
    with pytest.raises(RefusedError) as caught:
        redeem_and_commit(test.desk, test.manager, sale.with_choice(WASH), is_online=False)
    assert caught.value.code == "not-enough-booked"
    redeem_and_commit(test.desk, test.manager, sale.with_choice(WASH), is_online=True)
    assert refused(test, issued.text) == "voucher-used"
    with pytest.raises(RefusedError, match="voucher-used"):
        issued_at(test.desk, receipt.seq)


def test_twenty_pieces_have_twenty_codes(desk_with: Make) -> None:
    """Each is used by itself. What was earned and is counted in pieces, a stamp, has none; nor has a plain sale."""
    test = workshop(desk_with, held={"points": 1_250})
    receipt = redeem_and_commit(
        test.desk, test.manager, choosing(test, Choice("money-issue", 1_000), fen=100_00), is_online=True
    )
    issued = issued_at(test.desk, receipt.seq)
    assert len({one.text for one in issued}) == len(issued) == 20
    sale = scanned(test, issued[3].text).with_amount(40_00).with_choice(MONEY)
    redeem_and_commit(test.desk, test.manager, sale, is_online=True)
    assert [one.text for one in issued_at(test.desk, receipt.seq)] == [
        one.text for place, one in enumerate(issued) if place != 3
    ]
    plain = commit_sale(test.desk, test.manager, choosing(test, ISSUE, "bb", 40_00).with_choice(None))
    with pytest.raises(RefusedError, match="voucher-none"):
        issued_at(test.desk, plain.seq)


def test_a_voucher_that_was_taken_back_is_not_held(desk_with: Make) -> None:
    """The sale was voided at once."""
    test = workshop(desk_with)
    receipt = redeem_and_commit(test.desk, test.manager, choosing(test, ISSUE), is_online=True)
    (issued,) = issued_at(test.desk, receipt.seq)
    void_sale(test.desk, test.manager, receipt.id)
    assert refused(test, issued.text) == "voucher-not-held"


def test_what_another_till_issued_says_who_and_is_proved_online(desk_with: Make) -> None:
    """Offline nobody here can tell whether that sale ever was: it earns, and the floor wants a code."""
    test = workshop(desk_with, held={"wash-voucher": 1}, floor=WIDE)
    text = make_issued(voucher_of(MEMBER, SALE, "wash-voucher", 0, "2026-12-14"), b"{}")
    sale = scanned(test, text)
    assert stands_on(test, sale, WASH, is_online=True) == ("online", "")
    assert stands_on(test, sale, WASH, is_online=False) == ("floor", "code")
    with pytest.raises(RefusedError) as caught:
        redeem_and_commit(test.desk, test.manager, sale.with_choice(WASH), is_online=False)
    assert caught.value.code == "offline-proof-missing"


def test_a_made_up_code_of_our_own_sale_is_forged(desk_with: Make) -> None:
    """Another member's name on it, another number, another proof."""
    test = workshop(desk_with)
    receipt = redeem_and_commit(test.desk, test.manager, choosing(test, ISSUE), is_online=True)
    stored = test.desk.journal.entry(receipt.id)
    assert stored is not None
    voucher = voucher_of(MEMBER, receipt.id, "wash-voucher", 0, "2026-12-14")
    for made_up in (
        make_issued(voucher._replace(member="1000000002"), stored.payload),
        make_issued(voucher._replace(number=1), stored.payload),
        make_issued(voucher, stored.payload + b" "),
    ):
        assert refused(test, made_up) == "voucher-forged"
    longer = make_issued(voucher._replace(last_day="2099-01-01"), stored.payload)
    test.clocks.wall_us += 91 * 86_400_000_000
    test.clocks.mono_us += 91 * 86_400_000_000
    assert refused(test, longer) == "voucher-expired"


def test_any_bytes_are_nobodys_voucher(desk_with: Make) -> None:
    """Whatever is scanned ends in one refusal, or in who it names; never in a proof."""
    test = workshop(desk_with, held={"wash-voucher": 1})
    token = base45.decode(signed(test).removeprefix("V1:"))

    def never_proves(text: str) -> None:
        try:
            found = scan(test.desk, text, SaleDraft())
        except RefusedError as error:
            assert error.code in {"voucher-not-here", "voucher-not-held", "voucher-expired", "code-too-long"}  # noqa: PT017
        except CodeError as error:
            assert error.code in {"voucher-unreadable", "voucher-forged"}  # noqa: PT017
        else:
            assert isinstance(found, VoucherScanned)
            assert not found.proof.is_timely

    @settings(deadline=None, max_examples=100)
    @given(st.sampled_from(["V1:", "T1:"]), st.binary(max_size=140), st.integers(0, len(token) * 8 - 1))
    def with_any(prefix: str, raw: bytes, bit: int) -> None:
        flipped = bytearray(token)
        flipped[bit // 8] ^= 1 << bit % 8
        never_proves(prefix + base45.encode(raw))
        never_proves("V1:" + base45.encode(bytes(flipped)))
        never_proves(make_issued(voucher_of(MEMBER, SALE, "wash-voucher", bit, ""), raw))

    with_any()
