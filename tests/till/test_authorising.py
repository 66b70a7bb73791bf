"""A redemption that the member allows on his phone while the till has no network: what is asked, taken and refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from points import Choice
from protocol import authorisations
from protocol.authorisations import Authorisation, kind_tag, read_challenge, terminal_tag
from protocol.entries import Returned
from protocol.errors import CodeError
from protocol.feed import Balance, Lying
from protocol.ids import bucket_in, bucket_of
from protocol.reservations import Refused
from sync.errors import TransientSyncError
from sync.link import LinkState
from tests.desks import MEMBER, NOON_US, TERMINAL, TestDesk, grants, member_row, payloads
from tests.till.test_member_pin import stands, wanting
from tests.till.test_redeeming import FLOOR
from till.authorising import ask, permission
from till.counter import Counter
from till.desk import Awaited
from till.draft import MemberProof, SaleDraft
from till.errors import RefusedError
from till.redeeming import Standing, redeem_and_commit
from till.scanning import AuthorisationScanned, identify, scan
from till.selling import commit_sale
from till.voiding import return_reservation

Make = Callable[..., TestDesk]
PAGE = "https://p.example.com"
OTHER = "1000000002"
STATIC = MemberProof("static")


def desk(desk_with: Make, **settings: object) -> TestDesk:
    return desk_with(
        members=[member_row(points=5_000), member_row(OTHER, 5_000, 11)], **{"member_page": PAGE, **settings}
    )


def allowed(test: TestDesk, awaited: Awaited, key: Ed25519PrivateKey | None = None, **changes: object) -> str:
    """What the ledger signs for the phone that scanned the till's code."""
    asked = read_challenge(awaited.text)
    given = Authorisation(asked.id, TERMINAL, MEMBER, "points", asked.points, asked.quote)
    return authorisations.make(given._replace(**changes), NOON_US // 1_000_000, key or test.working_key)  # type: ignore[arg-type]


def redeemed(test: TestDesk, draft: SaleDraft, text: str) -> None:
    proof = permission(test.desk, draft, text)
    redeem_and_commit(test.desk, test.manager, replace(draft, proof=proof), is_online=False)


def why_not(test: TestDesk, draft: SaleDraft, text: str) -> str:
    """The code of the refusal; nothing is written."""
    count = len(payloads(test.desk))
    refused: RefusedError | CodeError
    try:
        redeemed(test, draft, text)
    except (RefusedError, CodeError) as error:
        refused = error
    assert len(payloads(test.desk)) == count, "taken, or written all the same"
    return refused.code


def test_the_phone_allows_what_the_till_cannot_ask(desk_with: Make) -> None:
    """The challenge says till, kind, points and bill; the sale is made under its id, by the rung and proof that it was."""
    test = desk(desk_with, is_clock_trusted=False)
    draft = wanting(test, STATIC)
    awaited = ask(test.desk, draft)
    asked = read_challenge(awaited.text)
    assert (asked.terminal, asked.kind, asked.points) == (terminal_tag(TERMINAL), kind_tag("points"), 1_000)
    assert bucket_in(asked.id) == bucket_of(MEMBER)
    assert test.ledger.expected == [asked.id], "what the feed may tell of it is not returned meanwhile"
    text = allowed(test, awaited)
    assert scan(test.desk, text.lower(), draft) == AuthorisationScanned(text)
    redeemed(test, draft, text)
    sale = payloads(test.desk)[-1]
    (taken,) = sale["redemptions"]
    assert (sale["id"], taken["authority"], taken["proof"]) == (str(asked.id), "authorised", "authorisation")
    assert test.ledger.asked == []
    assert test.ledger.given_up == []


def test_it_is_offered_where_nothing_else_carries_it(desk_with: Make) -> None:
    """Online, set aside, and within the shop's limit need no phone; beyond them it is the phone, where there is a page."""
    without = desk_with(members=[member_row(points=5_000)], floor=FLOOR)
    assert stands(without, STATIC, 1_050, is_online=False) == Standing("", "floor-per-redemption")
    test = desk(desk_with, floor=FLOOR)
    assert stands(test, STATIC, 1_050, is_online=False) == Standing("authorised", needs="phone")
    assert stands(test, STATIC, 1_000, is_online=False) == Standing("floor", needs="code")
    assert stands(test, STATIC, 1_050, is_online=True) == Standing("online", needs="pin")
    without_clock = desk(desk_with, floor=FLOOR, is_clock_trusted=False)
    assert stands(without_clock, STATIC, 100, is_online=False) == Standing("authorised", needs="phone")
    with pytest.raises(RefusedError, match="no-member-page"):
        ask(without.desk, wanting(without, STATIC))


def test_a_phone_is_not_asked_for_what_the_ledger_cannot_have(desk_with: Make) -> None:
    """What was earned in the outage waits here: the member would be sent away by his own phone."""
    test = desk_with(members=[member_row(points=1_040)], member_page=PAGE, floor=FLOOR)
    commit_sale(test.desk, test.manager, wanting_of(test, MEMBER).with_amount(100_00))
    draft = wanting(test, STATIC, 1_050)
    assert stands(test, STATIC, 1_050, is_online=False) == Standing("", "not-enough-booked")
    with pytest.raises(RefusedError, match="not-enough-booked"):
        ask(test.desk, draft)
    assert test.ledger.expected == []


def test_silence_says_that_the_phone_helps(desk_with: Make) -> None:
    """Asked online, nobody answered, and the floor does not carry it."""
    test = desk(desk_with)
    draft = wanting(test, MemberProof("dynamic", "D1:…", "aa", 1))
    with pytest.raises(RefusedError, match="unanswered-phone"):
        redeem_and_commit(test.desk, test.manager, draft, is_online=True)


def test_looking_again_finds_what_was_allowed_meanwhile(desk_with: Make) -> None:
    """The same challenge for the same redemption; other points ask anew, and what was asked before goes back."""
    test = desk(desk_with)
    draft = wanting(test, STATIC)
    first = ask(test.desk, draft)
    assert ask(test.desk, draft) == first
    assert test.ledger.given_up == []
    other = wanting(test, STATIC, 1_050)
    second = ask(test.desk, other)
    assert second.id != first.id
    assert test.ledger.given_up == [first.id]
    redeemed(test, other, allowed(test, second))


def test_another_bill_keeps_what_was_allowed(desk_with: Make) -> None:
    """The same points under the same id, so that the phone need not reserve twice; what it allowed before is no more."""
    test = desk(desk_with)
    draft = wanting(test, STATIC)
    first = ask(test.desk, draft)
    dearer = draft.with_amount(130_00).with_choice(Choice("voucher", 1_000))
    assert why_not(test, dearer, allowed(test, first)) == "authorisation-changed"
    second = ask(test.desk, dearer)
    assert (second.id, test.ledger.given_up) == (first.id, [])
    assert second.text != first.text
    redeemed(test, dearer, allowed(test, second))


def test_the_network_comes_back_between_allowing_and_scanning(desk_with: Make) -> None:
    """The feed tells that the points are reserved here: they can be spent here still, by the scan. Asked online they
    are a reservation of their own, with its own proof, and what the phone allowed goes back."""
    for is_scanned in (True, False):
        test = desk(desk_with)
        draft = wanting(test, STATIC, 4_500)
        awaited = ask(test.desk, draft)
        lying = Lying(id=awaited.id, terminal=TERMINAL, kind="points", points=4_500, authority="authorised")
        balances = {"points": Balance(available=500, reserved=4_500)}
        test.put_members(member_row(position=20, balances=balances, lying=(lying,)))
        found = identify(test.desk, MEMBER, "code")
        assert (found.spendable("points"), found.lying, found.balances[0].reserved) == (5_000, (), 0)
        draft = wanting(test, STATIC, 4_500)
        assert ask(test.desk, draft).id == awaited.id
        if is_scanned:
            redeemed(test, draft, allowed(test, awaited))
            expected = ("authorised", "authorisation")
        else:
            test.ledger.answer = grants
            proven = replace(draft, proof=MemberProof("dynamic", "D1:…", "aa", 1))
            redeem_and_commit(test.desk, test.manager, proven, is_online=True)
            assert test.ledger.asked[0].id != awaited.id, "no PIN and no card passes for what a phone has allowed"
            expected = ("online", "dynamic")
        sale = payloads(test.desk)[-1]
        (taken,) = sale["redemptions"]
        assert (taken["authority"], taken["proof"]) == expected
        assert (sale["id"] == str(awaited.id), test.ledger.given_up) == (
            is_scanned,
            [] if is_scanned else [awaited.id],
        )
        if is_scanned:
            assert identify(test.desk, MEMBER, "code").spendable("points") == 500 + sale["awards"][0]["points"]


def test_online_and_not_yet_told_it_says_where_the_points_are(desk_with: Make) -> None:
    """Allowed a moment ago, and the feed has not come by: the ledger has none left, and the sentence names the way."""
    test = desk(desk_with)
    draft = wanting(test, MemberProof("dynamic", "D1:…", "aa", 1), 4_500)
    ask(test.desk, draft)
    test.ledger.answer = lambda _: Refused(reason="not-enough-points", spendable=500)
    with pytest.raises(RefusedError, match="reserve-allowed-by-phone"):
        redeem_and_commit(test.desk, test.manager, draft, is_online=True)


def test_a_permission_outlives_a_restart(desk_with: Make) -> None:
    """The till was killed while the member was tapping: what his phone shows is all that it takes."""
    test = desk(desk_with)
    draft = wanting(test, STATIC)
    awaited = ask(test.desk, draft)
    test.desk.awaited.clear()
    redeemed(test, draft, allowed(test, awaited))


def test_nobody_is_asked_in_a_shift_that_is_closed(desk_with: Make) -> None:
    """Nor by a till that has ended: the member would allow what can never be."""
    test = desk(desk_with)
    counter, draft = Counter(test.desk, LinkState), wanting(test, STATIC)
    test.desk.closed_shifts.add(test.manager.shift)
    with pytest.raises(RefusedError, match="no-shift"):
        counter.ask_phone(test.manager, draft)
    test.desk.ended = "terminal-revoked"
    with pytest.raises(RefusedError, match="terminal-revoked"):
        counter.ask_phone(test.manager, draft)
    assert test.ledger.expected == []


def test_without_a_cache_the_phone_still_helps(desk_with: Make) -> None:
    """It is being rebuilt: the ledger knows what there is, and the better reason is not hidden."""
    test = desk(desk_with)
    draft = wanting(test, STATIC)
    test.desk.use_cache(None, None)
    redeemed(test, draft, allowed(test, ask(test.desk, draft)))


def test_what_was_returned_is_asked_anew(desk_with: Make) -> None:
    """After a quarter of an hour the till returns what nobody used: its id is dead for the phone and for the till."""
    test = desk(desk_with)
    draft = wanting(test, STATIC)
    first = ask(test.desk, draft)
    return_reservation(test.desk, first.id, MEMBER)
    assert why_not(test, draft, allowed(test, first)) == "authorisation-returned"
    assert ask(test.desk, draft).id != first.id


def test_each_mismatch_is_refused_by_name(desk_with: Make) -> None:
    """Another till, another member, another sum, another bill, a forger, half a code, a code of long ago."""
    test = desk(desk_with)
    draft = wanting(test, STATIC)
    awaited = ask(test.desk, draft)
    good = allowed(test, awaited)
    other = wanting(test, STATIC).with_member(wanting_of(test, OTHER).member, STATIC)  # type: ignore[arg-type]
    assert why_not(test, draft, allowed(test, awaited, terminal="zhongshan-01")) == "authorisation-of-another-till"
    assert why_not(test, draft, allowed(test, awaited, member=OTHER)) == "authorisation-of-another"
    assert why_not(test, other.with_choice(Choice("voucher", 1_000)), good) == "authorisation-of-another"
    assert why_not(test, draft, allowed(test, awaited, points=999)) == "authorisation-changed"
    assert why_not(test, draft, allowed(test, awaited, kind="green")) == "authorisation-changed"
    dearer = draft.with_amount(130_00).with_choice(Choice("voucher", 1_000))
    assert why_not(test, dearer, good) == "authorisation-changed"
    assert why_not(test, draft.with_choice(None), good) == "authorisation-not-awaited"
    assert why_not(test, draft, allowed(test, awaited, Ed25519PrivateKey.generate())) == "authorisation-forged"
    assert why_not(test, draft, good[:-9]) == "authorisation-unreadable"
    redeemed(test, draft, good)
    assert why_not(test, wanting(test, STATIC), good) == "authorisation-used"


def wanting_of(test: TestDesk, member: str) -> SaleDraft:
    from tests.till.test_selling import identified

    return identified(test, member)


@pytest.mark.parametrize("is_redeeming", [False, True])
def test_a_sale_made_otherwise_lets_the_phone_go(desk_with: Make, is_redeeming: bool) -> None:
    """Paid without points, or on another rung once the network was back: what the phone still allows is returned."""
    test = desk(desk_with)
    draft = wanting(test, MemberProof("pin", "246810"))
    awaited = ask(test.desk, draft)
    if is_redeeming:
        test.ledger.answer = grants
        redeem_and_commit(test.desk, test.manager, draft, is_online=True)
    else:
        commit_sale(test.desk, test.manager, draft.with_choice(None))
    assert test.ledger.given_up == [awaited.id]
    return_reservation(test.desk, awaited.id, MEMBER)
    assert why_not(test, draft, allowed(test, awaited)) == "authorisation-returned"


def test_a_reservation_by_phone_that_a_sale_used_is_never_returned(desk_with: Make) -> None:
    """The entry names it, so that neither the feed's word nor a crash before it makes the till return it."""
    test = desk(desk_with)
    draft = wanting(test, STATIC)
    awaited = ask(test.desk, draft)
    redeemed(test, draft, allowed(test, awaited))
    assert test.desk.journal.entry(awaited.id) is not None
    assert test.desk.awaited == {}
    assert not any(entry["type"] == Returned.__struct_config__.tag for entry in payloads(test.desk))


def test_no_network_is_needed_for_it(desk_with: Make) -> None:
    """Nothing of it asks the ledger: where the network raises, it is not noticed."""
    test = desk(desk_with)

    def fail(_: object) -> None:
        raise TransientSyncError("unplugged")

    test.ledger.answer = fail  # type: ignore[assignment]
    draft = wanting(test, STATIC)
    redeemed(test, draft, allowed(test, ask(test.desk, draft)))
    assert test.ledger.asked == []
