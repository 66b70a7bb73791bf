"""A sale at the counter, from scan to Enter."""

from __future__ import annotations

import pytest

from terminal.dialogs.ask import Ask
from terminal.screens.counter import CounterScreen
from terminal.widgets.amount_field import AmountField
from tests.desks import FAR_FUTURE_US, NOON_US, member_row, payloads
from tests.terminal.stage import APPLES, MEMBER, MILK, ONLINE, OTHER, Stage, make_stage


def sales(stage: Stage) -> list[dict[str, object]]:
    return [entry for entry in payloads(stage.desk.desk) if entry["type"] == "sale"]


async def test_scan_amount_enter_is_a_sale(counter_stage: Stage) -> None:
    """Three actions: the member's code, the amount, Enter; the points shown are the points in the journal."""
    stage = counter_stage
    await stage.scan_member()
    await stage.press("128.50")
    assert "154.2" in stage.said()
    assert "1 5 4 points" in stage.said()
    await stage.press("\n")
    assert [(sale["gross_fen"], sale["awards"][0]["points"]) for sale in sales(stage)] == [(12850, 154)]  # type: ignore[index]
    assert "+154" in stage.said()
    assert "stored here, sent once online" in stage.said()
    assert "Waiting for a member code" in stage.said()


async def test_amount_first_then_the_member(counter_stage: Stage) -> None:
    """A scan of a member while an amount is typed keeps the amount."""
    stage = counter_stage
    await stage.press("98")
    await stage.scan_member(OTHER)
    await stage.press("\n")
    assert [(sale["member"], sale["gross_fen"]) for sale in sales(stage)] == [(OTHER, 9800)]


async def test_second_enter_books_nothing(counter_stage: Stage) -> None:
    """Enter twice, back to back, is one sale."""
    stage = counter_stage
    await stage.scan_member()
    await stage.press("5\n\n")
    await stage.until(lambda: len(sales(stage)) == 1)
    assert "Scan the member's code first" in stage.said()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("0", "The amount is zero"),
        ("-5", "An amount is never negative"),
        ("1000000000", "The amount is too large"),
        ("１２３", "Full-width digits"),
        ("13800138000", "looks like a phone number"),
        ("1.234", "At most two decimals"),
        ("1..2", "Not an amount"),
        ("", "Type the amount first"),
    ],
)
async def test_what_is_no_amount_is_refused(counter_stage: Stage, typed: str, sentence: str) -> None:
    """Each gets its own sentence, stays in the field, and nothing is booked."""
    stage = counter_stage
    await stage.scan_member()
    await stage.press(f"{typed}\n")
    assert sentence in stage.said()
    assert stage.app.screen.query_one(AmountField).value == typed
    assert sales(stage) == []


async def test_products_build_a_basket(counter_stage: Stage) -> None:
    """Scanned products are added up; Backspace takes the last one out."""
    stage = counter_stage
    await stage.scan_member()
    for code in (MILK, MILK, APPLES):
        await stage.scan(code)
    assert "3 articles" in stage.said()
    await stage.press("{backspace}\n")
    assert sales(stage)[0]["sums_fen"] == {"drinks": 1300}


async def test_typed_amount_waits_before_the_products(counter_stage: Stage) -> None:
    """A digit does not clear a basket: the amount goes before it, and Esc brings the products back."""
    stage = counter_stage
    await stage.scan_member()
    await stage.scan(MILK)
    await stage.press("5")
    assert "Esc brings them back" in stage.said()
    await stage.press("{escape}\n")
    assert sales(stage)[0]["gross_fen"] == 650


async def test_unknown_product_gets_a_sentence(counter_stage: Stage) -> None:
    """A product that is not in the list is said, and the sale goes on."""
    await counter_stage.scan("6900000000007")
    assert "6900000000007 is not in the price list" in counter_stage.said()


async def test_payment_code_is_refused_and_not_kept(counter_stage: Stage) -> None:
    """A payment code while a member is awaited gets the sentence, and stands nowhere on the screen."""
    await counter_stage.scan("134512345678901234")
    assert "This is a payment code" in counter_stage.said()
    assert "134512345678901234" not in counter_stage.said()


async def test_reference_is_typed_behind_a_slash(counter_stage: Stage) -> None:
    """`/` takes the reference, Enter keeps it, and it earns once."""
    stage = counter_stage
    for _ in range(2):
        await stage.scan_member()
        await stage.press("/A-17\n20\n")
    assert [sale["reference"] for sale in sales(stage)] == ["A-17"]
    assert "A-17 has earned points already" in stage.said()


async def test_reference_is_mended_beside_the_amount(counter_stage: Stage) -> None:
    """A slash after the amount begins the reference anew; the amount waits. What an input method makes of it counts too."""
    stage = counter_stage
    await stage.scan_member()
    await stage.press("/A-17\n10\n")
    await stage.scan_member()
    await stage.press("/A-17\n12\n")
    assert "A-17 has earned points already" in stage.said()
    await stage.press("、A-18\n\n")
    assert [(sale["reference"], sale["gross_fen"]) for sale in sales(stage)] == [("A-17", 1000), ("A-18", 1200)]


async def test_scan_with_a_slash_leaves_the_amount_alone(counter_stage: Stage) -> None:
    """Its first signs looked like the end of an amount and the beginning of a reference."""
    stage = counter_stage
    await stage.scan_member()
    await stage.press("12")
    stage.burst("34/5678901")
    await stage.until(lambda: "not known here" in stage.said())
    await stage.press("\n")
    assert [(sale.get("reference", ""), sale["gross_fen"]) for sale in sales(stage)] == [("", 1200)]


async def test_reference_is_scanned_behind_a_slash(counter_stage: Stage) -> None:
    """What the scanner reads while a reference is typed is the reference."""
    stage = counter_stage
    await stage.scan_member()
    await stage.press("/")
    await stage.scan("WO-2026-0001")
    await stage.press("20\n")
    assert sales(stage)[0]["reference"] == "WO-2026-0001"


async def test_prices_are_multiplied_and_added_in_the_field(counter_stage: Stage) -> None:
    """The sum stands beside what is typed; a sign with nothing behind it is no amount; a scan in the middle changes nothing."""
    stage = counter_stage
    await stage.scan_member()
    await stage.press("12.5*3＋8")
    assert "= 45.50" in stage.said()
    stage.burst("*34+5678901")
    await stage.until(lambda: "not known here" in stage.said())
    await stage.press("*\n")
    assert sales(stage) == []
    await stage.press("{backspace}/A-17\n\n")
    assert [(sale["reference"], sale["gross_fen"]) for sale in sales(stage)] == [("A-17", 4_550)]


async def test_code_is_typed_by_hand(counter_stage: Stage) -> None:
    """A damaged code is typed: what begins with a letter is no amount."""
    from protocol.codes import member_code

    await counter_stage.press(f"{member_code(MEMBER)}\n")
    assert "张*丰" in counter_stage.said()


async def test_unusual_amount_is_asked_for_once_more(tmp_path) -> None:  # type: ignore[no-untyped-def]
    """Far above what is usual: Enter on the question says no, F2 says yes."""
    stage = make_stage(tmp_path, usual_amount_fen=50_000)
    async with stage.run():
        await stage.sign_in("1023")
        await stage.scan_member()
        await stage.press("12850\n")
        assert stage.shows(Ask)
        await stage.press("\n")
        assert stage.shows(CounterScreen)
        assert sales(stage) == []
        await stage.press("\n{f2}")
        assert [sale["gross_fen"] for sale in sales(stage)] == [1_285_000]
    stage.close()


async def test_held_sale_comes_back_whole(counter_stage: Stage) -> None:
    """F6 puts member, products and typed amount aside and brings them back."""
    stage = counter_stage
    await stage.scan_member()
    await stage.press("33.3{f6}")
    await stage.scan_member(OTHER)
    await stage.press("1\n")
    assert "1 put aside, F6 takes one back" in stage.said()
    await stage.press("{f6}")
    await stage.press("\n")
    assert "张*丰" in stage.said()
    assert "put aside" not in stage.said()
    await stage.press("\n")
    assert [(sale["member"], sale["gross_fen"]) for sale in sales(stage)] == [(OTHER, 100), (MEMBER, 3330)]


async def test_void_asks_and_no_is_in_focus(counter_stage: Stage) -> None:
    """F3 asks; Enter keeps the sale, F2 takes it back, a second F3 finds nothing."""
    stage = counter_stage
    await stage.scan_member()
    await stage.press("10\n{f3}\n")
    assert [entry["type"] for entry in payloads(stage.desk.desk)].count("void") == 0
    await stage.press("{f3}{f2}")
    assert [entry["type"] for entry in payloads(stage.desk.desk)].count("void") == 1
    assert "voided" in stage.said()
    await stage.press("{f3}")
    assert "no last sale to take back" in stage.said()


async def test_outcome_changes_the_last_result(counter_stage: Stage) -> None:
    """`booked` is said only after the ledger's outcome."""
    from protocol.push import Outcome
    from till.events import OutcomesArrived

    stage = counter_stage
    await stage.go(ONLINE)
    await stage.scan_member()
    await stage.press("10\n")
    assert "stored here, being sent" in stage.said()
    seq = stage.desk.desk.journal.last().seq  # type: ignore[union-attr]
    outcome = Outcome(seq=seq, status="booked", position=11)
    stage.desk.desk.journal.mark([outcome], 1)
    await stage.happen(OutcomesArrived((outcome,)))
    assert "being sent" not in stage.said()
    assert "booked" in stage.said()


async def test_full_disk_is_said_before_success(counter_stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the journal takes no more, the sale stays on the screen and the sentence says that money is not affected."""
    from local_db.errors import StorageFullError

    def full(*_: object) -> None:
        raise StorageFullError("disk full")

    stage = counter_stage
    monkeypatch.setattr(stage.desk.desk.journal, "append", full)
    await stage.scan_member()
    await stage.press("10\n")
    assert "taking money is not affected" in stage.said()
    assert stage.app.screen.query_one(AmountField).value == "10"


async def test_lock_keeps_the_sale(counter_stage: Stage) -> None:
    """F10 locks; whoever signs in finds the sale as it was."""
    stage = counter_stage
    await stage.scan_member()
    await stage.press("66{f10}")
    await stage.settle()
    assert "Locked" in stage.said()
    assert "张*丰" not in stage.said()
    await stage.press("1023\n")
    await stage.until(lambda: stage.shows(CounterScreen))
    assert stage.app.screen.query_one(AmountField).value == "66"
    assert "张*丰" in stage.said()


async def test_someone_else_takes_over_a_locked_sale(counter_stage: Stage) -> None:
    """F10 twice: the fields are empty, another person signs in and finds the sale."""
    stage = counter_stage
    await stage.scan_member()
    await stage.press("66{f10}")
    await stage.settle()
    await stage.press("{f10}")
    await stage.sign_in("1001")
    assert "赵敏(1001)" in stage.said()
    assert stage.app.screen.query_one(AmountField).value == "66"


async def test_age_of_the_balance_is_the_members_own(counter_stage: Stage) -> None:
    """His sale is unanswered while pulls go on: his balance is as old as it was, with its day; another member's is not."""
    stage, desk = counter_stage, counter_stage.desk
    desk.clocks.pass_s(3_600)
    desk.cache.put_fact("as_of", str(desk.clocks.wall_us))
    desk.cache.apply([member_row(points=1_000, position=11)], {}, {MEMBER}, NOON_US)
    desk.clocks.pass_s(3_600)
    desk.desk.seen_until(desk.clocks.wall_us)
    await stage.scan_member()
    assert "Ledger 12:00: 1,250" in stage.said()
    await stage.scan_member(OTHER)
    assert "Ledger 14:00: 40" in stage.said()
    desk.clocks.pass_s(86_400)
    await stage.scan_member()
    assert "Ledger 09-15 12:00: 1,250" in stage.said()


async def test_rules_that_have_ended_are_said_before_anybody_redeems(counter_stage: Stage) -> None:
    """Past `valid_until` the status line says it, sales go on earning, and no reward promises anything."""
    stage, desk = counter_stage, counter_stage.desk
    await stage.go(ONLINE)
    assert "rules are too old" not in stage.said()
    desk.clocks.pass_s((FAR_FUTURE_US - desk.clocks.wall_us) / 1_000_000 + 1)
    stage.app.screen.status.look()  # type: ignore[attr-defined]
    await stage.settle()
    assert "The rules are too old: earning only, until online." in stage.said()
    await stage.scan_member()
    await stage.press("128.50")
    assert "not now" in stage.said()
    await stage.press("\n")
    await stage.until(lambda: len(sales(stage)) == 1)
