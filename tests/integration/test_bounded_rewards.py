"""Bounded rewards through two real tills and the real ledger: the last one is given once, and comes back with its sale."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ledger.bounds_told import Used, bounds_told
from ledger.clock import day_of, wall_clock_us
from ledger.documents import publish_programme
from points import Choice
from tests.integration.test_vouchers import LATER, Town, town
from till.errors import RefusedError
from till.receipts import Receipt
from till.selling import Quoted

__all__ = ["town"]

DEADLINE_S = 60
REWARD = b'id = "wash-issue"\n'
WASH = Choice("wash-issue", 800)


def bound(town: Town, line: str) -> None:
    """A new version, in which the car-wash voucher is bounded, reaches both tills."""
    head, reward = LATER.replace(b"version = 1\n", b"version = 2\n").split(REWARD)
    reward = reward.replace(b"floor_allowed = true\n", b"", 1)
    with town.books.database.write() as connection:
        text = head + REWARD + line.encode() + b"\n" + reward
        publish_programme(connection, town.books.keys, text, "later.toml", wall_clock_us())
    for watch in town.tills:
        watch.till.agent.poll_now()
        watch.until(lambda watch=watch: watch.till.counter.store.programme.version == 2, "the new rules")  # type: ignore[misc]


def redeem_at_once(town: Town) -> list[Receipt | str]:
    """What both tills are told, asked at the same moment: a receipt, or the refusal's code."""
    ready = threading.Barrier(2)
    drafts = [town.scanned(number).with_choice(WASH) for number in range(2)]

    def redeem(number: int) -> Receipt | str:
        ready.wait(DEADLINE_S)
        try:
            return town.tills[number].till.counter.redeem(town.sessions[number], drafts[number])
        except RefusedError as error:
            return error.code

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(redeem, range(2)))


def left(town: Town, number: int) -> int | None:
    """Of the stock, as a counter shows it."""
    quoted = town.tills[number].till.counter.quote(town.scanned(number))
    assert isinstance(quoted, Quoted)
    return quoted.left.get(WASH.reward_id)


def test_the_last_one_is_given_once(town: Town) -> None:
    """Two counters ask at once: one has it, both say that none is left. A void gives it back, to the other one."""
    bound(town, "stock = 1")
    answers = redeem_at_once(town)
    winner = next(number for number, answer in enumerate(answers) if isinstance(answer, Receipt))
    receipt = answers[winner]
    assert isinstance(receipt, Receipt)
    assert answers[1 - winner] == "reserve-out-of-stock"
    assert [left(town, number) for number in range(2)] == [0, 0]
    town.known_everywhere(800, "points")
    town.tills[winner].till.counter.void(town.sessions[winner], receipt.id)
    town.known_everywhere(1_600, "points")
    assert town.redeem(1 - winner, WASH).redemptions[0].authority == "online"
    town.known_everywhere(800, "points")
    with town.books.database.read() as connection:
        told = bounds_told(connection, "later", day_of(wall_clock_us()))
    assert told.used == (Used("wash-issue", "stock", 1, 1),)


@pytest.mark.parametrize("period", ["day", "ever"])
def test_one_for_each_member_is_one_at_two_tills_too(town: Town, period: str) -> None:
    """Neither till knows of the other; the ledger does, before anything is booked."""
    bound(town, f'limit = {{ per_member = 1, period = "{period}" }}')
    answers = redeem_at_once(town)
    assert sorted(answer if isinstance(answer, str) else "" for answer in answers) == ["", "reserve-limit-reached"]
    town.known_everywhere(800, "points")
