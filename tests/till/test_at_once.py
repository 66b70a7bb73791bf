"""Two threads at one desk: what was checked still holds when it is written down."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from local_db.journal import Journal
from protocol.ids import bucket_of, new_id
from tests.desks import MEMBER, NOON_US, TestDesk, grants, member_row, payloads
from tests.till.test_allowances import ALLOWANCE, here, set_aside
from tests.till.test_redeeming import FLOOR, wanting
from tests.till.test_selling import identified
from till.allowances import return_all
from till.errors import RefusedError
from till.redeeming import redeem_and_commit
from till.selling import commit_sale
from till.shifts import close_shift, open_shift
from till.signing_in import MAX_FAILURES, sign_in
from till.voiding import return_reservation, void_sale

Make = Callable[..., TestDesk]


@pytest.fixture(autouse=True)
def slow_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between a check and its entry there is time for the other thread."""
    for name in ("append", "set_pin_tries"):
        monkeypatch.setattr(Journal, name, _slowly(getattr(Journal, name)))


def _slowly(write: Callable[..., Any]) -> Callable[..., Any]:
    def slow(*args: Any, **more: Any) -> Any:
        time.sleep(0.05)
        return write(*args, **more)

    return slow


def at_once(*calls: Callable[[], object]) -> list[str]:
    """How each ended: the refusal's code, empty for none."""

    def ended(call: Callable[[], object]) -> str:
        try:
            call()
        except RefusedError as error:
            return error.code
        return ""

    with ThreadPoolExecutor(len(calls)) as pool:
        return sorted(pool.map(ended, calls))


def entries(test: TestDesk, kind: str) -> list[dict[str, Any]]:
    return [entry for entry in payloads(test.desk) if entry["type"] == kind]


def test_a_sale_is_voided_once(desk_with: Make) -> None:
    """Points would go back twice."""
    test = desk_with(members=[member_row()])
    sale = commit_sale(test.desk, test.manager, identified(test).with_amount(100_00))
    ended = at_once(*[lambda: void_sale(test.desk, test.manager, sale.id)] * 2)
    assert ended == ["", "already-voided"]
    assert len(entries(test, "void")) == 1


def test_a_shift_is_closed_once_and_one_is_opened_after_it(desk_with: Make) -> None:
    """Two shifts under one id would have one report."""
    test = desk_with()
    assert at_once(*[lambda: close_shift(test.desk, test.manager)] * 2) == ["", "no-shift"]
    assert at_once(*[lambda: open_shift(test.desk, test.manager)] * 2) == ["", ""]
    assert [entry["number"] for entry in entries(test, "shift-opened")] == [1, 2]


def test_what_comes_while_a_shift_is_closed_is_in_its_report_or_refused(desk_with: Make) -> None:
    """The closing entry's totals are those of the entries before it, and none comes after it."""
    test = desk_with(members=[member_row()])
    draft = identified(test).with_amount(100_00)
    at_once(
        *[lambda: commit_sale(test.desk, test.manager, draft)] * 3,
        lambda: close_shift(test.desk, test.manager),
        *[lambda: commit_sale(test.desk, test.manager, draft)] * 3,
    )
    last = payloads(test.desk)[-1]
    assert last["type"] == "shift-closed"
    assert last["totals"].get("sales", 0) == len(entries(test, "sale"))  # a 0 is left out of an entry


def test_a_reference_earns_once(desk_with: Make) -> None:
    """The second is refused by the journal itself."""
    test = desk_with(members=[member_row()])
    draft = replace(identified(test).with_amount(100_00), reference="20261121-02-0371")

    def sell() -> None:
        try:
            commit_sale(test.desk, test.manager, draft)
        except Exception as error:  # of `local_db` where the check came first
            raise RefusedError(str(getattr(error, "code", ""))) from error

    assert at_once(sell, sell) == ["", "reference-taken"]


def test_a_reservation_is_returned_once(desk_with: Make) -> None:
    """The feed may tell of it again before the entry is booked."""
    test = desk_with(members=[member_row()])
    reservation = new_id(NOON_US // 1_000, bucket_of(MEMBER), 1)
    at_once(*[lambda: return_reservation(test.desk, reservation, MEMBER)] * 2)
    return_reservation(test.desk, reservation, MEMBER)
    assert len(entries(test, "returned")) == 1


def test_a_reservation_that_was_returned_is_not_used(desk_with: Make) -> None:
    """A computer that slept between the ledger's yes and the entry: the background has given the points back meanwhile."""
    test = desk_with(members=[member_row()])

    def granted_and_returned(request: Any) -> Any:
        return_reservation(test.desk, request.id, request.member)
        return grants(request)

    test.ledger.answer = granted_and_returned
    with pytest.raises(RefusedError, match="redemption-without-authority"):
        redeem_and_commit(test.desk, test.manager, wanting(test), is_online=True)
    assert entries(test, "sale") == []


def test_the_floors_bound_holds_for_two_at_once(desk_with: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each within the bound by itself: the second sees the first."""
    monkeypatch.setattr("till.redeeming.commit_sale", _slowly(commit_sale))
    test = desk_with(members=[member_row(points=5_000)], floor=FLOOR)
    drafts = [wanting(test, nonce=nonce) for nonce in ("aa", "bb")]
    ended = at_once(
        lambda: redeem_and_commit(test.desk, test.manager, drafts[0], is_online=False),
        lambda: redeem_and_commit(test.desk, test.manager, drafts[1], is_online=False),
    )
    assert ended == ["", "floor-per-member"]


def test_every_wrong_pin_counts(desk_with: Make) -> None:
    """Tries made side by side would be counted as one."""
    test = desk_with()
    at_once(*[lambda: sign_in(test.desk, "1023", "0000")] * MAX_FAILURES)
    with pytest.raises(RefusedError, match="pin-locked"):
        sign_in(test.desk, "1023", "1023")


@pytest.mark.parametrize("points", [1_000, 1_500])
def test_an_allowance_is_drawn_on_or_returned_first(desk_with: Make, points: int) -> None:
    """F2 against the background, many times: what is drawn on is never drawn on after its return, whoever comes first."""
    for _ in range(5):
        test = desk_with(members=[set_aside(1_000)])
        test.ledger.answer = grants
        here(test)
        draft = wanting(test, points=points)
        ended = at_once(
            partial(redeem_and_commit, test.desk, test.manager, draft, is_online=True), partial(return_all, test.desk)
        )
        assert ended == ["", ""]
        kinds = [entry["type"] for entry in payloads(test.desk)]
        (taken,) = entries(test, "sale")[0]["redemptions"]
        if "returned" in kinds and kinds.index("returned") < kinds.index("sale"):
            assert "reservation" not in taken
            assert test.ledger.asked[0].points == points
        else:
            assert taken["reservation"] == str(ALLOWANCE)
            assert sum(asked.points for asked in test.ledger.asked) == points - 1_000


def test_nothing_is_returned_while_a_redemption_draws_on_it(desk_with: Make) -> None:
    """The shift is closed or the points are called back while the ledger is asked for the rest: the sale goes first."""
    test = desk_with(members=[set_aside(1_000)])
    here(test)

    def granted_meanwhile(request: Any) -> Any:
        return_all(test.desk)
        return grants(request)

    test.ledger.answer = granted_meanwhile
    redeem_and_commit(test.desk, test.manager, wanting(test, points=1_500), is_online=True)
    assert entries(test, "returned") == []
    (taken,) = entries(test, "sale")[0]["redemptions"]
    assert taken["reservation"] == str(ALLOWANCE)


def test_what_two_redemptions_would_draw_on_is_drawn_on_once(desk_with: Make) -> None:
    """The second finds less than it had found, and is asked to confirm again."""
    test = desk_with(members=[set_aside(1_000)])
    drafts = [wanting(test, nonce=nonce) for nonce in ("aa", "bb")]
    ended = at_once(
        lambda: redeem_and_commit(test.desk, test.manager, drafts[0], is_online=False),
        lambda: redeem_and_commit(test.desk, test.manager, drafts[1], is_online=False),
    )
    assert ended in (["", "redemption-without-authority"], ["", "offline-not-possible"])
    assert len(entries(test, "sale")) == 1
