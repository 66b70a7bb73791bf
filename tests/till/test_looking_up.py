"""What a member says at the counter, and what the till makes of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from protocol.look_up import LookUpKey
from sync.link import LinkState
from tests.desks import MEMBER, TestDesk, member_row
from till.counter import Counter
from till.errors import RefusedError
from till.looking_up import look_up, read_key

Make = Callable[..., TestDesk]
ALL: tuple[LookUpKey, ...] = ("phone", "plate", "member")


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("13900001234", ("phone", "13900001234")), ("+86 139-0000-1234", ("phone", "13900001234")),
        ("１３９ ００００ １２３４", ("phone", "13900001234")), ("1000000001", ("member", "1000000001")),
        ("１０００００ ０００１", ("member", "1000000001")), ("测a 10001", ("plate", "测A10001")),
        ("测Ａ·１０００１", ("plate", "测A10001")), ("粤ad12345", ("plate", "粤AD12345")),
        # Eleven digits that no phone has are a card's.
        ("10000000011", ("member", "10000000011")),
    ],
)  # fmt: skip
def test_what_is_said_is_one_key(said: str, key: tuple[LookUpKey, str]) -> None:
    """However it is typed."""
    assert read_key(said, ALL) == key


@pytest.mark.parametrize("said", ["", " ", "1", "12345", "A", "测A", "13900001234567890", "[/]", "\x1b[2J"])
def test_what_is_no_key_is_asked_of_nobody(said: str) -> None:
    """The sentence names the plate where the store knows plates."""
    for keys, code in ((ALL, "look-up-malformed-plate"), (("phone", "member"), "look-up-malformed")):
        with pytest.raises(RefusedError) as refused:
            read_key(said, keys)
        assert refused.value.code == code


def test_a_store_without_plates_looks_for_none() -> None:
    """Nor by phone where it does not."""
    with pytest.raises(RefusedError, match="look-up-malformed"):
        read_key("测A10001", ("phone", "member"))
    assert read_key("13900001234", ("member",)) == ("member", "13900001234")


def test_silence_is_not_called_nobody(desk_with: Make) -> None:
    """The ledger did not answer: to check the number would help nobody. Offline it is not asked."""
    test = desk_with(members=[member_row()])
    for text, is_online, code in (
        ("13900009999", True, "look-up-unanswered"), ("13900009999", False, "member-unknown-offline"),
    ):  # fmt: skip
        with pytest.raises(RefusedError) as refused:
            look_up(test.desk, text, is_online=is_online)
        assert refused.value.code == code
    assert look_up(test.desk, MEMBER, is_online=False).name == "张*丰"


def test_a_member_who_is_a_number_here_is_named_by_the_ledger(desk_with: Make) -> None:
    """Who was not here for long has no name at this till: online the ledger says it, offline the number does; points stay."""
    test = desk_with(members=[member_row(name="", last4="")])
    assert look_up(test.desk, MEMBER, is_online=True).name == "", "nobody answered"
    test.ledger.found = member_row(points=1)
    named = look_up(test.desk, MEMBER, is_online=True)
    assert (named.name, named.last4, named.spendable("points")) == ("张*丰", "1234", 1_250)
    assert look_up(test.desk, MEMBER, is_online=False).name == ""
    refreshed = Counter(test.desk, LinkState).refresh(named)
    assert refreshed.name == "张*丰", "a refresh does not forget what was asked for"
