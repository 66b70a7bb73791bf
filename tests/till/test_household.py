"""Drawing from a household, as the till asks for it: with which proof, under which ids, and what is said to every no."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import pytest

from ledger.problems import HouseholdReason
from protocol.households import Drawn, DrawRequest, Pool, PooledKind, PoolRequest
from protocol.ids import bucket_in, bucket_of
from protocol.reservations import Refused
from sync.errors import FinalSyncError, TransientSyncError
from terminal.sentences import SENTENCES
from tests.desks import MEMBER, TestDesk, member_row
from tests.till.test_member_linking import code
from tests.till.test_selling import identified
from till.draft import MemberProof, SaleDraft
from till.errors import RefusedError
from till.household import Household

Make = Callable[..., TestDesk]
PIN = MemberProof("pin", "246810")


@pytest.fixture
def test(desk_with: Make) -> TestDesk:
    """The ledger grants whatever is asked."""
    made = desk_with(members=[member_row()])
    made.ledger.shared = Pool(kinds=(PooledKind(kind="points", points=1_200, drawable=300),))
    made.ledger.draws = lambda asked: Drawn(kind=asked.kind, points=asked.points, left=900)
    return made


def refusal(test: TestDesk, error: Exception | Refused) -> RefusedError:
    def answer(_request: DrawRequest) -> Refused:
        if isinstance(error, Exception):
            raise error
        return error

    test.ledger.draws = answer
    with pytest.raises(RefusedError) as refused:
        Household(test.desk, is_online=True).draw(identified(test, MEMBER), "points", 5, PIN)
    return refused.value


def test_a_draw_has_an_id_of_its_own(test: TestDesk) -> None:
    """In the member's bucket, another one each time; a code goes with the id of its sale, as for redeeming."""
    sale = identified(test, MEMBER)
    household = Household(test.desk, is_online=True)
    assert household.pool(sale) == test.ledger.shared
    proof = code(test, sale)
    for shown in (PIN, proof, proof):
        assert household.draw(sale, "points", 300, shown) == Drawn(kind="points", points=300, left=900)
    pool, *asked = test.ledger.draws_asked
    assert pool == PoolRequest(member=MEMBER)
    draws = [one for one in asked if isinstance(one, DrawRequest)]
    assert [(one.proof, one.evidence) for one in draws] == [("pin", PIN.evidence), *[("dynamic", proof.evidence)] * 2]
    assert len({one.draw for one in draws}) == 3
    assert {bucket_in(one.draw) for one in draws} == {bucket_of(MEMBER)}
    assert draws[1].id == draws[2].id == test.desk.asked[proof.nonce]


def test_without_a_network_or_a_member_nobody_is_asked(test: TestDesk) -> None:
    """Each with its sentence."""
    for sale, is_online, why in (
        (SaleDraft(), True, "no-member"),
        (identified(test, MEMBER), False, "household-offline"),
    ):
        with pytest.raises(RefusedError) as refused:
            Household(test.desk, is_online=is_online).pool(sale)
        assert refused.value.code == why
    assert test.ledger.draws_asked == []


def test_every_no_has_a_sentence(test: TestDesk) -> None:
    """A proof that is none in the words of a redemption, the ledger's reasons, and silence."""
    wrong = refusal(test, Refused(reason="pin-wrong", tries_left=2))
    assert (wrong.code, wrong.facts["left"]) == ("reserve-pin-wrong", 2)
    assert refusal(test, TransientSyncError("no-answer")).code == "household-unanswered"
    assert refusal(test, FinalSyncError("bad-request", "no")).code == "ledger-refuses"
    assert refusal(test, FinalSyncError("unknown-household", "no")).code == "household-unknown"
    at_a_till = set(get_args(HouseholdReason)) - {"in-one", "full", "invitation", "kind", "pool-full"}
    for reason in at_a_till:
        assert refusal(test, FinalSyncError(f"household-{reason}", "no")).code in SENTENCES, reason
