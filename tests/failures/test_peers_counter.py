"""Painful failures of other shops at the counter itself: wrong sums, closed shifts, refunds, clocks, outages.

Each docstring names who was hurt and where it is told. The other half is in `test_peers_queue.py`.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from config import data
from ledger.clock import wall_clock_us
from ledger.documents import newest, publish_programme
from points import Basket, BasketLine, Choice, MemberFacts, parse_programme, quote_with
from protocol.documents import AllowancePolicy, FloorPolicy, ProgrammeText
from protocol.entries import Sale, decode_entry
from terminal.link_words import link_words
from tests.desks import Clocks
from tests.failures.places import Place, Places, always, given, until
from tests.sync.books import KIND
from tests.sync.faults import answer_lost, request_lost
from till import i18n
from till.cli import main
from till.draft import SaleDraft
from till.errors import RefusedError

HOUR_US = 3_600_000_000


def refusal(till: Place, draft: SaleDraft) -> str:
    """Why; and nothing was written."""
    session, before = till.open_shift(), till.counter.last_seq()
    with pytest.raises(RefusedError) as refused:
        till.counter.redeem(session, draft)
    assert till.counter.last_seq() == before
    return refused.value.code


def is_trusted(till: Place) -> bool:
    """Whether what stands on the clock goes on."""
    return till.counter._desk.clock.is_trusted


def test_04_two_implementations_of_the_rules_part_ways(places: Places) -> None:
    """odoo PR#274951: client and server computed rewards each in its own language; now golden files hold them together.

    One package counts on both sides. A till that is offline sells by version 1 while version 2 gives five times as much: the
    ledger books what was printed, and what it received is enough to compute the same with the version that the entry names.
    """
    member, till = places.books.join(points=2_000), places.till()
    till.sell(member, 1_00)
    till.way.plan += always(request_lost)
    text = (data("programmes") / "supermarket.toml").read_text(encoding="utf-8")
    dearer = text.replace("version = 1", "version = 2").replace(
        "per_fen = 1_00\npoints = 1", "per_fen = 1_00\npoints = 5"
    )
    dearer = dearer[: dearer.index("[[example]]")] if "[[example]]" in dearer else dearer
    version_1 = parse_programme(text.encode(), "supermarket.toml")
    with places.books.database.write() as connection:
        publish_programme(connection, places.books.keys, dearer.encode(), "supermarket.toml", wall_clock_us())
    receipts = [till.sell(member, fen) for fen in (99, 100, 12_345, 500_000)]
    receipts.append(till.redeem(member, 1_000, places.books.phone(member)))
    till.settle()
    for receipt in receipts:
        ((payload,),) = places.rows("SELECT payload FROM received WHERE seq = ?", receipt.seq)
        sale = decode_entry(bytes(payload))
        assert isinstance(sale, Sale)
        basket = Basket(tuple(BasketLine(category, fen) for category, fen in sale.sums_fen.items()))
        facts = MemberFacts(tier=sale.tier, held=sale.held, spendable=sale.held)
        at = datetime.fromtimestamp(sale.occurred_at / 1_000_000, ZoneInfo("Asia/Shanghai")).replace(tzinfo=None)
        choices = tuple(Choice(taken.reward, taken.points, taken.kind) for taken in sale.redemptions)
        again = quote_with(sale.engine, version_1, basket, facts, at, choices)
        assert (sale.programme_version, {one.kind: one.points for one in again.awards}) == (1, receipt.awarded)
    later = till.sell(member, 100_00)
    till.settle()
    with places.books.database.read() as connection:
        published = newest(connection, "programme", "qingsui-market", ProgrammeText)
    assert published is not None
    assert (published.version, later.awarded[KIND] % 5) == (2, 0)
    assert till.counter.store.programme.version == 2


def test_10_a_shift_is_closed_while_sales_are_on_their_way(places: Places) -> None:
    """odoo#203431, #20980, #16151, PR#182058: late orders went into a "rescue session", and the cash statements were wrong.

    The shift closes with what it knows, said as such. What comes later is told as what became of that shift; the closing
    entry stays as it was, byte for byte, and the sale keeps its day.
    """
    member, till, other = places.books.join(points=1_500), places.till(), places.till()
    till.pull()
    till.way.plan += always(request_lost)
    receipts = [till.sell("1999999999"), till.redeem(member, 1_500, places.books.phone(member))]
    elsewhere = other.redeem(member, 1_000, places.books.phone(member))
    other.settle()
    session = till.open_shift()
    closed = till.counter.close_shift(session)
    frozen = till.journal.entries(till.counter.last_seq(), 1)[0].payload
    assert (closed.unconfirmed, closed.quarantined, sum(closed.shortfall.values())) == (2, 0, 0)
    till.session = replace(session, shift="")
    next_shift = till.open_shift()
    assert next_shift.shift != session.shift
    till.settle()
    late = till.counter.shift_report(session.shift)
    covered = given(elsewhere) + 1_500
    assert late.later is not None
    assert (late.later.unconfirmed, late.later.quarantined) == (0, 1)
    assert sum(late.later.shortfall.values()) == 1_500 - covered
    assert (late.unconfirmed, late.quarantined, late.shortfall) == (closed.unconfirmed, 0, {})
    assert (late.sales, late.redeemed, late.gross_fen) == (closed.sales, closed.redeemed, closed.gross_fen)
    assert till.journal.entries(receipts[-1].seq + 1, 1)[0].payload == frozen
    day = till.counter.local(receipts[1].at)[:10]
    assert places.rows("SELECT business_day FROM entry WHERE id = ?", receipts[1].id.bytes) == [(day,)]
    assert till.counter.shift_report(next_shift.shift).sales == 0


def test_11_a_receipt_is_in_hand_and_nobody_has_a_record(places: Places) -> None:
    """odoo PR#147130, #60939, #56840 ("i don't want to be fired"): printed, gone, and nobody could prove where.

    The receipt's code is a witness of the journal. The journal that has the sale agrees with it, whatever the ledger has;
    one whose tail was taken away is found out by it. What the ledger did not book it keeps, byte for byte.
    """
    member, till = places.books.join(), places.till()
    till.sell(member)
    older = places.copy_of(till)
    receipt, refused = till.sell(member), till.sell("1999999999")
    till.settle()

    def verify(place: Place) -> tuple[int, str]:
        journal = ["--data-dir", str(place.folder), "--lang", "en", "journal"]
        arguments = [*journal, "verify", "--receipt", str(receipt.seq), receipt.code]
        done = CliRunner().invoke(main, arguments)
        return done.exit_code, done.output

    assert verify(till)[0] == 0
    code, said = verify(older)
    assert (code, f"entry {receipt.seq}: a receipt has it, the journal has not" in said) == (1, True)
    ((kept,),) = places.rows("SELECT payload FROM received WHERE seq = ?", refused.seq)
    assert bytes(kept) == till.journal.entries(refused.seq, 1)[0].payload
    assert [one.reason for one in till.journal.quarantined()] == ["unknown-member"]


def test_15_a_redemption_is_applied_and_its_points_are_not_deducted(places: Places) -> None:
    """POS-Awesome-V15#3059, erpnext#59050: the discount was given, offline or on another document, and the points stayed.

    By every way there is, what came off the bills is worth what left the members' balances: 20.00 for 1,000.
    """
    places.books.publish(static_daily_points=1_000, allowance=AllowancePolicy(per_member=1_000))
    members, till = [places.books.join(points=5_000, pin="1234") for _ in range(4)], places.till()
    receipts = [
        till.redeem(members[0], 1_000, places.books.phone(members[0])),
        till.redeem(members[1], 1_500, "1234"),
        till.redeem(members[2], 1_000),
    ]
    till.settle()
    till.allowances()
    till.way.plan += always(request_lost)
    till.push()
    till.pull()
    receipts.append(till.redeem(members[0], 1_000, places.books.phone(members[0])))
    receipts.append(till.redeem(members[3], 2_000, places.books.phone(members[3])))
    till.settle()
    till.counter.return_allowances()
    till.settle()
    off_bill, points, debited = Counter[str](), Counter[str](), Counter[str]()
    for receipt in receipts:
        (line,) = receipt.redemptions
        off_bill[line.authority] += line.off_bill_fen
        points[line.authority] += line.points
        cleared = "SELECT sum(points) FROM posting WHERE entry = ? AND account = 'clearing'"
        debited[line.authority] += int(places.rows(cleared, receipt.id.bytes)[0][0])
    assert off_bill.keys() == {"online", "floor", "allowance"}
    assert points == debited
    for member in members:
        mine = [receipt for receipt in receipts if receipt.member == member]
        assert places.books.available(member) == 5_000 + given(*mine)
    assert {way: fen * 1_000 for way, fen in off_bill.items()} == {
        way: 20_00 * taken for way, taken in points.items()
    }
    places.assert_books_are(receipts)


def test_16_what_was_earned_stays_after_the_refund(places: Places) -> None:
    """odoo PR#257854, #238806; a mall in Hangzhou (https://zzhzbbs.zjol.com.cn/thread-21376043-1-1.html): 47 million yuan of
    sales and refunds on eight cards.

    Buying and taking back leaves nothing, however often, offline and online. Points that were spent meanwhile are owed, and
    the next award pays them first. A sale of a shift before is not taken back at the counter.
    """
    member, till = places.books.join(), places.till()
    for number in range(6):
        till.way.plan[:] = always(request_lost) if number % 2 else []
        receipt = till.sell(member, 1_000_00)
        till.push()
        till.counter.void(till.open_shift(), receipt.id)
        assert till.shown(member) == 0
    till.settle()
    assert places.books.available(member) == 0
    receipt = till.sell(member, 2_000_00)
    till.settle()
    spent = till.redeem(member, 1_000, places.books.phone(member), fen=20_00)
    till.counter.void(till.open_shift(), receipt.id)
    till.settle()
    owed = places.books.row(member).balances[KIND].owed
    assert (places.books.available(member), owed) == (0, -given(spent))
    repaid = till.sell(member, 5_000_00)
    till.settle()
    assert places.books.available(member) == till.shown(member) == given(repaid) - owed
    session = till.open_shift()
    till.counter.close_shift(session)
    till.session = replace(session, shift="")
    with pytest.raises(RefusedError, match="other-shift"):
        till.counter.void(till.open_shift(), repaid.id)


def test_17_a_phone_number_alone_burns_somebodys_points(places: Places) -> None:
    """odoo#207624, #264931: whoever says a number redeems, and the till takes the whole balance.

    A number that is said, and a card that anybody can photograph, earn; online and offline they redeem nothing. Who proves
    himself is asked for what the cashier chose, and for no more.
    """
    places.books.publish(static_daily_points=0)
    member, till = places.books.join(points=5_000, phone="13900001234"), places.till()
    said = till.counter.look_up("139 0000 1234")
    draft = SaleDraft().with_member(said, None).with_amount(200_00).with_choice(Choice("voucher", 1_000))
    books = places.everything()
    codes = [refusal(till, draft), refusal(till, till.wanting(member, 1_000))]
    till.way.plan += always(request_lost)
    codes += [refusal(till, draft), refusal(till, till.wanting(member, 1_000))]
    assert codes == ["reserve-proof-missing"] * 2 + ["offline-proof-missing"] * 2
    till.way.plan.clear()
    assert places.everything() == books
    earned = till.counter.commit(till.open_shift(), draft.with_choice(None))
    taken = till.redeem(member, 1_050, places.books.phone(member))
    till.settle()
    assert places.books.available(member) == 5_000 + given(earned, taken)
    assert [line.points for line in taken.redemptions] == [1_050]


def test_18_the_clock_of_the_till_is_wrong(places: Places) -> None:
    """odoo PR#271581 (refused: "users need to be educated"): tickets every week from devices whose clock is off.

    A clock three hours ahead is corrected by the ledger's; one that then jumps back two hours is noticed, entries never go
    back, and what stands on the clock waits for the next contact. Everything is booked on its true day.
    """
    clocks = Clocks(wall_us=time.time_ns() // 1_000 + 3 * HOUR_US)
    member, till = places.books.join(points=5_000), places.till(clocks)
    first = till.sell(member)
    assert abs(first.at - time.time_ns() // 1_000) < HOUR_US // 60
    till.way.plan += always(request_lost)
    clocks.wall_us -= 2 * HOUR_US
    assert is_trusted(till) is False
    second = till.sell(member)
    assert second.at >= first.at
    assert refusal(till, till.wanting(member, 1_000, places.books.phone(member))) == "clock-untrusted"
    till.settle()
    assert is_trusted(till) is True
    till.way.plan += always(request_lost)
    third = till.redeem(member, 1_000, places.books.phone(member))
    till.settle()
    ((payload,),) = places.rows("SELECT payload FROM received WHERE seq = ?", first.seq)
    said = decode_entry(bytes(payload)).clock
    assert abs(said.offset_us + 3 * HOUR_US) < HOUR_US // 60, (
        "what the clock said, and how wrong it was, are both kept"
    )
    places.assert_books_are([first, second, third])


def test_19_offline_has_to_be_switched_on_and_never_ends(places: Places) -> None:
    """pretixscan-android#139, #49, #11: offline was a setting; at the door it said "Unable to resolve host".

    Nothing is switched on and nobody is asked: the till sells on, says in a shop's words what is the matter and that selling
    goes on, and is back by itself with everything pushed.
    """
    i18n.use("zh-CN")
    member, till = places.books.join(), places.till()
    with till.running():
        until(lambda: till.counter.link.condition == "online")
        till.way.plan[:] = always(request_lost)
        receipts = [till.sell(member)]
        until(lambda: till.counter.link.condition == "offline" and till.counter.link.waiting == 2)
        receipts.append(till.sell(member))
        words = link_words(till.counter.link, till.counter.now_us())
        assert words.state.startswith("断网")
        assert words.meaning == "积分照常；断网可兑的照常兑换"
        till.way.plan.clear()
        until(lambda: till.counter.link.condition == "online" and not till.counter.link.waiting)
        until(lambda: places.books.row(member).position == till.seen(member).position)
        assert till.shown(member) == given(*receipts)
    places.assert_books_are(receipts)


def test_20_points_of_an_abandoned_sale_do_not_come_back(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    """Square community, "loyalty points not reinstated when cart cleared"
    (https://sellercommunity.com/t5/Square-Loyalty/loyalty-points-not-reinstated-when-cart-cleared/m-p/662289).

    Choosing a reward takes nothing. A yes that nobody heard, and one after which the till died, are found in the feed and
    given back, once each, without anybody asking.
    """
    places.books.publish(floor=FloorPolicy())
    member, till = places.books.join(points=5_000), places.till()
    books = places.everything()
    draft = till.wanting(member, 1_000, places.books.phone(member))
    assert till.counter.quote(draft) is not None
    assert places.everything() == books
    till.way.plan += [answer_lost]
    assert refusal(till, draft) == "offline-not-possible"
    assert places.books.row(member).balances[KIND].reserved == 1_000
    paid = till.counter.commit(till.open_shift(), draft.with_choice(None))
    till.settle()
    till.settle()
    assert places.books.available(member) == 5_000 + given(paid)
    wanted = till.wanting(member, 2_000, places.books.phone(member))
    assert wanted.proof is not None
    with monkeypatch.context() as patched:
        patched.setattr(till.journal, "append", dies)
        with pytest.raises(SystemExit):
            till.counter.redeem(till.open_shift(), wanted)
    assert places.books.row(member).balances[KIND].reserved == 2_000
    till.restart()
    till.settle()
    till.settle()
    assert places.books.available(member) == till.shown(member) == 5_000 + given(paid)
    assert places.rows("SELECT count(*) FROM reservation WHERE points_left > 0") == [(0,)]
    assert [row.type for row in till.journal.entries(1, 100)].count("returned") == 2


def dies(*_arguments: object) -> None:
    """The program ends where the sale would have been written."""
    raise SystemExit
