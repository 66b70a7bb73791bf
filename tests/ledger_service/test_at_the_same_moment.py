"""Counters that ask for one member at the same moment, each on a thread and a connection of its own."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import pytest
from sqlalchemy import select
from sqlmodel import col

from ledger import proofs
from ledger.auth import Caller
from ledger.proofs import PIN_TRIES
from ledger.reserving import reserve
from ledger.routes import ask_reservation
from ledger.schema import Member
from ledger.service import Service
from ledger.verify import verify
from protocol.canonical import Model
from protocol.ids import bucket_of
from protocol.pins import pin_fits
from protocol.reservations import Granted, Refused, ReserveRequest
from tests.ledger_service.test_proofs import request
from tests.ledger_service.town import MEMBER, OTHER_STORE, PIN, Town

COUNTERS = 8
DEADLINE_S = 60


def ask_at_once(town: Town, requests: list[ReserveRequest]) -> list[Model]:
    """What the route answers, each request from a till of its own."""
    service = Service(town.database, town.keys, town.clock)
    callers = [Caller(town.till(OTHER_STORE).terminal, OTHER_STORE, "active") for _ in requests]
    ready = threading.Barrier(len(requests))

    def ask(caller: Caller, asked: ReserveRequest) -> Model:
        ready.wait(DEADLINE_S)
        return ask_reservation(service, caller, asked)

    with ThreadPoolExecutor(len(requests)) as pool:
        futures = [pool.submit(ask, *one) for one in zip(callers, requests, strict=True)]
        return [future.result(DEADLINE_S) for future in futures]


def tries(town: Town) -> int:
    """Wrong ones that are counted."""
    mine = (col(Member.bucket) == bucket_of(MEMBER), col(Member.member) == MEMBER)
    with town.database.read() as connection:
        return int(connection.execute(select(col(Member.pin_failures)).where(*mine)).scalar_one())


def test_a_day_of_a_static_code_is_spent_once(town: Town) -> None:
    """100 points a day, and eight counters that ask for 60 of them: one gets them."""
    answers = ask_at_once(town, [request(town, "static", points=60) for _ in range(COUNTERS)])
    assert sum(isinstance(answer, Granted) for answer in answers) == 1
    assert {answer.reason for answer in answers if isinstance(answer, Refused)} == {"proof-missing"}
    assert verify(town.database) == []


def test_a_limit_is_looked_at_when_points_move(town: Town) -> None:
    """Two that were found good one before the other are not both granted."""
    caller = Caller(town.till(OTHER_STORE).terminal, OTHER_STORE, "active")
    asked = [request(town, "static", points=60) for _ in range(2)]
    checks = [proofs.refusal(town.database, town.keys, caller, one, town.clock()) for one in asked]
    verdicts = [
        reserve(town.database, caller.terminal, one, town.clock(), check)
        for one, check in zip(asked, checks, strict=True)
    ]
    assert [isinstance(verdict, Granted) for verdict in verdicts] == [True, False]


def test_tries_are_counted_whatever_process_was_asked(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the locks of one process, as between processes: three wrong PINs are answered, the rest finds the lock."""
    monkeypatch.setattr(proofs, "_PIN_LOCKS", (nullcontext(),))
    answers = ask_at_once(town, [request(town, "pin", f"000{n}") for n in range(COUNTERS)])
    told = [(answer.reason, answer.tries_left) for answer in answers if isinstance(answer, Refused)]
    assert sorted(told) == [("pin-locked", 0)] * (COUNTERS - PIN_TRIES + 1) + [("pin-wrong", 1), ("pin-wrong", 2)]
    assert tries(town) == PIN_TRIES
    locked = ask_at_once(town, [request(town, "pin", PIN)])
    assert isinstance(locked[0], Refused)
    assert locked[0].reason == "pin-locked"


def test_a_right_pin_behind_the_last_try_is_none(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was looked at while one try was left, and another process counted a wrong one first."""
    ask_at_once(town, [request(town, "pin", f"000{n}") for n in range(PIN_TRIES - 1)])

    def looks_and_is_late(pin_hash: str, pin: str) -> bool:
        fits = pin_fits(pin_hash, pin)
        monkeypatch.setattr(proofs, "pin_fits", pin_fits)
        ask_at_once(town, [request(town, "pin", "9999")])
        return fits

    monkeypatch.setattr(proofs, "_PIN_LOCKS", (nullcontext(),))
    monkeypatch.setattr(proofs, "pin_fits", looks_and_is_late)
    answer = ask_at_once(town, [request(town, "pin", PIN)])[0]
    assert isinstance(answer, Refused)
    assert (answer.reason, tries(town)) == ("pin-locked", PIN_TRIES)
