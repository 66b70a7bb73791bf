"""A sale without a member at the till: recorded for whoever claims it, and a receipt that comes back with a member."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from devices.paper_sheet import CodeRow
from devices.printer_simulator import PrinterSimulator
from points import parse_amount
from protocol.claims import ClaimAnswer, ClaimRequest, is_claim_account, read_claim
from protocol.codes import ClaimCode, MemberCode, classify, member_code
from protocol.entries import Sale, decode_entry
from sync.errors import FinalSyncError
from sync.link import LinkState
from tests.desks import MEMBER, TestDesk, make_desk, member_row, payloads
from tests.till.test_printing import opened
from till import i18n
from till.claiming import Claimed
from till.counter import Counter
from till.draft import SaleDraft
from till.errors import RefusedError
from till.events import ReceiptPrinted
from till.history import entry_receipt
from till.receipts import Receipt
from till.scanning import ClaimScanned, MemberIdentified
from till.shift_report import shift_report
from till.tracing_words import sentence_for_customer, way_of

PAGE = "https://p.example.com"
OFFLINE = LinkState("offline", "no-answer", since_us=0)
ONLINE = LinkState("online", None, since_us=0)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[TestDesk]:
    """A store whose receipts can be claimed for seven days."""
    i18n.use("zh-CN")
    made = make_desk(tmp_path, members=[member_row()], claim_days=7, member_page=PAGE)
    yield made
    made.close()


def counter_of(desk: TestDesk, link: LinkState = OFFLINE) -> Counter:
    return Counter(desk.desk, lambda: link)


def sold(counter: Counter, desk: TestDesk, amount: str = "100", reference: str = "") -> Receipt:
    """A sale without a member."""
    draft = SaleDraft(reference=reference).with_amount(parse_amount(amount))
    return counter.commit(desk.manager, counter.claims.without_member(draft))


def with_member(counter: Counter) -> SaleDraft:
    scan = counter.scan(member_code(MEMBER), SaleDraft())
    assert isinstance(scan, MemberIdentified)
    return SaleDraft().with_member(scan.member, scan.proof)


def test_it_is_a_sale_of_nobody(desk: TestDesk) -> None:
    """It needs no network. The entry has what anybody would earn, and no code; the receipt alone has that."""
    counter = counter_of(desk)
    receipt = sold(counter, desk)
    sale = payloads(desk.desk)[-1]
    assert is_claim_account(sale["member"])
    assert (sale["identified"], sale["claim_until"]) == ("none", "2026-09-22")
    assert [award["points"] for award in sale["awards"]] == [100]
    claim = read_claim(receipt.claim)
    assert claim is not None
    assert claim.account == sale["member"]
    assert receipt.claim.startswith("HTTPS://P.EXAMPLE.COM/C/")
    assert len(receipt.claim) <= 90  # QR version 4, level M
    assert claim.text not in desk.desk.journal.entries(receipt.seq, 1)[0].payload.decode()
    assert sold(counter, desk).claim != receipt.claim


def test_a_store_that_does_not_want_it_has_it_not(tmp_path: Path) -> None:
    """As before: the member's code first."""
    desk = make_desk(tmp_path)
    counter = counter_of(desk)
    assert not counter.claims.are_offered
    with pytest.raises(RefusedError, match="no-member"):
        sold(counter, desk)
    desk.close()


def test_its_reference_is_as_unique_as_any(desk: TestDesk) -> None:
    """A receipt's number earns once, with a member or without; voided it is free."""
    counter = counter_of(desk)
    first = sold(counter, desk, reference="R-1")
    with pytest.raises(RefusedError, match="reference-taken"):
        sold(counter, desk, reference="R-1")
    counter.void(desk.manager, first.id)
    sold(counter, desk, reference="R-1")
    assert [past.state for past in counter.sales(desk.manager)] == ["stored", "voided"]


def test_goods_of_it_come_back(desk: TestDesk) -> None:
    """As of any sale of this till: money, and its points whoever has them."""
    counter = counter_of(desk)
    receipt = sold(counter, desk)
    found = counter.returns.find(receipt.id)
    back = counter.returns.refund(desk.manager, found, dict(found.left_fen))
    assert back.refund is not None
    assert back.refund.taken_back == {"points": 100}
    assert payloads(desk.desk)[-1]["member"] == payloads(desk.desk)[-2]["member"]


def test_the_report_says_what_is_for_who_brings_the_receipt(desk: TestDesk) -> None:
    """Among the points given, and beside them; what was taken back is in neither."""
    counter = counter_of(desk)
    receipt = sold(counter, desk, reference="R-1")
    sold(counter, desk, reference="R-2")
    counter.void(desk.manager, receipt.id)
    part = shift_report(desk.desk.journal, desk.manager.shift)
    assert part.claimable == part.awarded
    assert sum(part.claimable.values()) > 0


def test_its_points_are_claimed_for_who_stands_there(desk: TestDesk) -> None:
    """Online; what the ledger says comes as a refusal with its own sentence."""
    receipt = sold(counter_of(desk), desk)
    counter = counter_of(desk, ONLINE)
    draft = with_member(counter)
    scan = counter.scan(receipt.claim, draft)
    assert scan == ClaimScanned(receipt.claim)
    desk.ledger.claims = lambda _request: ClaimAnswer(state="claimed", points={"points": 100})
    assert counter.claims.give(draft, receipt.claim) == Claimed({"points": 100}, waits=False)
    assert desk.ledger.claims_asked == [ClaimRequest(member=MEMBER, code=receipt.claim)]
    desk.ledger.claims = lambda _request: ClaimAnswer(state="waits")
    assert counter.claims.give(draft, receipt.claim).waits
    for state in ("taken", "ended", "voided", "not-yours", "too-many", "unknown"):
        desk.ledger.claims = lambda _request, state=state: ClaimAnswer(state=state, until="2026-09-22")
        with pytest.raises(RefusedError, match=f"claim-{state}"):
            counter.claims.give(draft, receipt.claim)


def test_without_a_member_or_a_network_it_is_said_what_helps(desk: TestDesk) -> None:
    """Nothing is asked then."""
    receipt = sold(counter_of(desk), desk)
    online, offline = counter_of(desk, ONLINE), counter_of(desk)
    with pytest.raises(RefusedError, match="claim-no-member"):
        online.claims.give(SaleDraft(), receipt.claim)
    with pytest.raises(RefusedError, match="claim-offline"):
        offline.claims.give(with_member(offline), receipt.claim)
    assert desk.ledger.claims_asked == []
    with pytest.raises(RefusedError, match="claim-unanswered"):
        online.claims.give(with_member(online), receipt.claim)

    def refuses(_request: ClaimRequest) -> ClaimAnswer:
        raise FinalSyncError("terminal-revoked", "signed")

    desk.ledger.claims = refuses
    with pytest.raises(RefusedError, match="ledger-refuses"):
        online.claims.give(with_member(online), receipt.claim)


def test_the_paper_has_its_code_and_nobodys_name(desk: TestDesk) -> None:
    """The claim beside the proof; until when; no balance, for there is nobody."""
    with PrinterSimulator() as simulated, opened(desk, simulated) as shop:
        receipt = sold(shop.counter, desk)
        shop.until(ReceiptPrinted(receipt.seq))
        sheet = simulated.sheet
        codes = [row.text for row in sheet.rows if isinstance(row, CodeRow)]
        assert codes[0] == receipt.claim
        assert len(codes) == 2
        for words in ("无会员", "待领积分", "+100", "2026年9月22日", "手机扫码领取积分"):
            assert words in sheet.text, words
        assert "claim-" not in sheet.text
        assert "可用积分" not in sheet.text


@pytest.mark.parametrize("page", [PAGE, ""])
def test_a_scanned_claim_is_no_members_code(desk: TestDesk, page: str) -> None:
    """With a page or without one; its account is nobody's code."""
    claim = read_claim(sold(counter_of(desk), desk).claim)
    assert claim is not None
    assert classify(claim.address(page), member_awaited=True) == ClaimCode(claim.address(page))
    assert not isinstance(classify(claim.account, member_awaited=True), MemberCode)


def test_it_ends_by_the_stores_day(tmp_path: Path) -> None:
    """A business day that goes on past midnight counts as that day."""
    desk = make_desk(tmp_path, claim_days=7, day_ends="05:00")
    desk.clocks.pass_s(timedelta(hours=13).total_seconds())
    sold(counter_of(desk), desk)
    assert payloads(desk.desk)[-1]["claim_until"] == "2026-09-22"
    desk.close()


def test_what_is_said_when_somebody_misses_its_points(desk: TestDesk) -> None:
    """F9 says what is true: it had no member, and its receipt has the points."""
    counter = counter_of(desk)
    sold(counter, desk, reference="R-7")
    (traced,) = counter.tracing.here("R-7")
    said = sentence_for_customer(traced)
    assert "没有出示会员码" in said
    assert "2026年9月22日" in said
    assert "claim-" not in " ".join([said, *way_of(traced, counter.local)])
    entry = decode_entry(desk.desk.journal.entries(traced.receipt.seq, 1)[0].payload)
    assert isinstance(entry, Sale)
    assert entry_receipt(entry, 1, "").claim_until == "2026-09-22"  # also where its details were deleted
