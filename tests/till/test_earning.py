"""Sales in a store of many rules (`tests/earning.toml`): what the entry carries, and that the rules say the same of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from points import Basket, MemberFacts, PayerError, quote
from protocol.codes import member_code
from protocol.documents import Product
from protocol.entries import Sale, decode_entry
from tests.desks import TestDesk, member_row
from till.draft import SaleDraft
from till.errors import RefusedError
from till.holding import draft_of, held, hold
from till.scanning import MemberIdentified, scan
from till.selling import commit_sale, quote_draft

Make = Callable[..., TestDesk]
LED = Product(code="6900000000106", name="LED灯", category="lamps", price_fen=30_00, attributes={"kwh-year": 25})
LATTE = Product(code="6900000000113", name="拿铁", category="coffee", price_fen=28_00)
NOON = datetime.fromisoformat("2026-09-15T12:00")


@pytest.fixture
def test(desk_with: Make) -> TestDesk:
    """A gold member without points, and two products."""
    return desk_with(industry="earning", members=[member_row(points=0)], products=[LED, LATTE])


def draft(test: TestDesk, *products: Product) -> SaleDraft:
    found = scan(test.desk, member_code("1000000001"), SaleDraft())
    assert isinstance(found, MemberIdentified)
    made = SaleDraft().with_member(found.member, found.proof)
    for product in products:
        made = made.with_product(product)
    return made


def last_sale(test: TestDesk) -> Sale:
    row = test.desk.journal.last()
    assert row is not None
    entry = decode_entry(row.payload)
    assert isinstance(entry, Sale)
    return entry


def test_a_sale_earns_all_that_its_rules_say(test: TestDesk) -> None:
    """Two lamps and a latte, gold: 2 x 72 + 33.6 points, a stamp, 5 x 1.2 x 2 green points; a questionnaire 50 more."""
    receipt = commit_sale(test.desk, test.manager, draft(test, LED, LATTE, LED).with_activity("quiz"))
    assert receipt.awarded == {"points": 177, "stamps": 1, "green": 62}
    sale = last_sale(test)
    assert sale.units == {"fen+led/lamps": 60_00, "kwh-year+led/lamps": 50, "pieces/coffee": 1}
    assert (sale.sums_fen, sale.activities) == ({"coffee": 28_00, "lamps": 60_00}, ("quiz",))
    by_count = [(step.name.zh, step.count, step.unit.zh if step.unit else "") for step in receipt.steps if step.count]
    assert by_count == [("每杯1枚印花", 1, "杯"), ("每10千瓦时1分", 50, "千瓦时"), ("完成节能问卷", 1, "")]


def test_the_entry_gives_the_same_quote(test: TestDesk) -> None:
    """From what the ledger reads, without the lines."""
    made = draft(test, LED, LATTE, LED, LATTE).with_part("insurer", 20_00).with_part("platform", 9_99)
    quoted = quote_draft(test.desk, made)
    commit_sale(test.desk, test.manager, made)
    sale = last_sale(test)
    basket = Basket.of_categories(sale.sums_fen, sale.units, sale.others_fen, sale.activities)
    facts = MemberFacts(sale.tier, sale.held, sale.held, sale.counts)
    assert quoted is not None
    assert quote(test.desk.store.programme, basket, facts, NOON) == quoted.quote
    assert (sale.due_fen, sale.others_fen) == (116_00 - 29_99, {"insurer": 20_00, "platform": 9_99})


def test_a_part_can_be_typed_before_the_amount_and_taken_back(test: TestDesk) -> None:
    """It waits for the bill; 0 is nobody's part."""
    made = draft(test).with_part("insurer", 2_000_00)
    with pytest.raises(RefusedError) as refused:
        commit_sale(test.desk, test.manager, made)
    assert refused.value.code == "no-amount"
    whole = made.with_amount(3_280_00)
    assert (whole.basket.others_fen, whole.with_part("insurer", 0).basket.others_fen) == ({"insurer": 2_000_00}, {})
    receipt = commit_sale(test.desk, test.manager, whole)
    assert (receipt.gross_fen, receipt.due_fen, receipt.awarded) == (3_280_00, 1_280_00, {"points": 1_536})


def test_a_part_above_the_bill_is_refused_before_anything_is_written(test: TestDesk) -> None:
    """Nothing is in the journal."""
    before = test.desk.journal.last()
    with pytest.raises(PayerError, match="only 2800"):
        commit_sale(test.desk, test.manager, draft(test, LATTE).with_part("platform", 28_01))
    assert test.desk.journal.last() == before


def test_a_day_ends_with_its_cap_at_this_till_too(test: TestDesk) -> None:
    """Three cups and three more are five stamps: what the till gave itself counts at once."""
    assert commit_sale(test.desk, test.manager, draft(test, LATTE, LATTE, LATTE)).awarded["stamps"] == 3
    receipt = commit_sale(test.desk, test.manager, draft(test, LATTE, LATTE, LATTE))
    assert receipt.awarded["stamps"] == 2
    assert [step.points for step in receipt.steps if step.rule == "cap"] == ["-1"]
    assert last_sale(test).counts == {"earned/stamps/day": 3}
    assert "stamps" not in commit_sale(test.desk, test.manager, draft(test, LATTE)).awarded


def test_a_questionnaire_earns_once(test: TestDesk) -> None:
    """With nothing bought; the second time the till knows of the first."""
    assert commit_sale(test.desk, test.manager, draft(test).with_activity("quiz")).awarded == {"green": 50}
    assert commit_sale(test.desk, test.manager, draft(test).with_activity("quiz")).awarded == {}
    assert draft(test).with_activity("quiz").with_activity("quiz").activities == ()


def test_a_sale_put_aside_keeps_all_of_it(test: TestDesk) -> None:
    """Attributes, others' parts and activities come back with it."""
    made = draft(test, LED, LATTE).with_part("platform", 5_00).with_activity("quiz")
    hold(test.desk, test.manager.shift, made, "")
    back = draft_of(test.desk, held(test.desk, test.manager.shift)[0])
    assert (back.lines, back.others_fen, back.activities) == (made.lines, {"platform": 5_00}, ("quiz",))
