"""What can be used once: an external reference in its store, a dynamic code in its sale."""

from __future__ import annotations

from tests.ledger.shop import Shop


def test_reference_earns_once_in_its_store(shop: Shop) -> None:
    """The first entry received has it; another one waits, at any till of the store; another store has its own slips."""
    first, second, elsewhere = shop.till("T1"), shop.till("T2"), shop.till("T3", "S2")
    member = shop.join("1000000001")
    assert first.send(first.sale(member, award=1, reference="A17")).status == "booked"
    assert second.send(second.sale(member, award=2, reference="A17")).reason == "reference-taken"
    assert elsewhere.send(elsewhere.sale(member, award=4, reference="A17")).status == "booked"
    assert shop.balance(member) == (5, 0, 0)


def test_reference_is_taken_within_one_batch(shop: Shop) -> None:
    """Two sales on one slip in one push: the earlier one has it."""
    till, member = shop.till(), shop.join("1000000001")
    for award in (1, 2):
        till.append(till.sale(member, award=award, reference="A17"))
    assert [outcome.reason for outcome in till.push().outcomes] == ["", "reference-taken"]


def test_a_sale_that_was_not_booked_leaves_its_reference_free(shop: Shop) -> None:
    """A card that nobody has was scanned, the sale voided and typed anew with the same slip: the member gets his points."""
    till = shop.till()
    member = shop.join("1000000001")
    stranger = till.sale("9000000009", award=10, reference="A17")
    till.append(stranger)
    till.append(till.void(stranger))
    till.append(till.sale(member, award=10, reference="A17"))
    assert [outcome.reason for outcome in till.push().outcomes] == ["unknown-member", "unknown-member", ""]
    assert till.send(till.sale(member, award=7, reference="A17")).reason == "reference-taken"


def test_void_gives_its_reference_free(shop: Shop) -> None:
    """A sale typed wrong is voided and typed anew with the same slip, in one batch or in several."""
    till, member = shop.till(), shop.join("1000000001")
    wrong = till.sale(member, award=1000, reference="A17")
    till.append(wrong)
    till.append(till.void(wrong))
    again = till.sale(member, award=10, reference="A17")
    till.append(again)
    assert [outcome.status for outcome in till.push().outcomes] == ["booked"] * 3
    assert till.send(till.void(again)).status == "booked"
    assert till.send(till.sale(member, award=7, reference="A17")).status == "booked"
    assert till.send(till.sale(member, award=7, reference="A17")).reason == "reference-taken"
    assert shop.balance(member) == (7, 0, 0)
    shop.assert_well()


def test_dynamic_code_pays_in_one_sale(shop: Shop) -> None:
    """A second sale on the same code is booked, for its goods have left, but the merchant pays: it proves no member."""
    first, second, member = shop.till("T1"), shop.till("T2", "S2"), shop.join("1000000001")
    first.send(first.sale(member, award=100))
    assert first.send(first.sale(member, redeem=10, nonce="ab12")).status == "booked"
    outcome = second.send(second.sale(member, redeem=20, award=3, nonce="ab12"))
    assert (outcome.status, outcome.shortfall, outcome.reason) == ("shortfall", 20, "nonce-used")
    assert shop.balance(member) == (93, 0, 0)
    shop.assert_well()


def test_same_code_in_one_batch_is_seen(shop: Shop) -> None:
    """Two sales of one push on one code: the second is not the member's to pay."""
    till, member = shop.till(), shop.join("1000000001")
    till.append(till.sale(member, award=100))
    for _ in range(2):
        till.append(till.sale(member, redeem=10, nonce="ab12"))
    assert [outcome.reason for outcome in till.push().outcomes] == ["", "", "nonce-used"]
    assert shop.balance(member) == (90, 0, 0)
