"""Every worked example of every shipped programme, once more at a till: from the member's row to the entry and the receipt."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from config import data
from points import BasketLine, Choice, RedemptionError, parse_programme
from points.counts import STAFF, offered
from points.example import Example
from protocol.business_days import DEFAULT_ZONE
from protocol.counts import counted
from protocol.entries import Appointment
from protocol.feed import Balance, MemberRow
from tests.desks import MEMBER, TestDesk, grants, make_desk, payloads
from tests.till.test_selling import identified
from till.appointments import is_booked
from till.draft import MemberProof, SaleDraft
from till.errors import RefusedError
from till.receipts import Receipt
from till.redeeming import redeem_and_commit
from till.selling import commit_sale

SAMPLES = sorted(file.name.removesuffix(".toml") for file in data("programmes").iterdir())


def examples() -> Iterator[tuple[str, Example]]:
    for sample in SAMPLES:
        file = data("programmes") / f"{sample}.toml"
        for example in parse_programme(file.read_bytes(), file.name).examples:
            yield sample, example


CASES = list(examples())
OFFERED = offered("")


def test_there_is_a_programme_for_each_row_of_the_mission() -> None:
    """P1 to P14: fast food and fine dining are one restaurant."""
    assert SAMPLES == [
        "4s", "airline", "apparel", "bank", "corner-shop", "department-store", "green-home", "hotel", "jewellery",
        "restaurant", "scenic", "services", "supermarket",
    ]  # fmt: skip
    assert len(CASES) >= 5 * len(SAMPLES)


@pytest.mark.parametrize(("sample", "example"), CASES, ids=[f"{name}: {one.name.en}" for name, one in CASES])
def test_the_example_comes_true_at_the_counter(tmp_path: Path, sample: str, example: Example) -> None:
    """What is due, what is earned and what is left, on the receipt and in the entry; or the refusal, and no entry."""
    desk = at_work(tmp_path, sample, example)
    try:
        before = len(payloads(desk.desk))
        if example.refused:
            with pytest.raises((RedemptionError, RefusedError)) as refused:
                play(desk, example)
            assert getattr(refused.value, "code", "") == example.refused
            assert len(payloads(desk.desk)) == before
            return
        receipt = play(desk, example)
        sale = json.loads(desk.desk.journal.entries(before + 1, 1)[0].payload)
        assert (receipt.due_fen, sale["due_fen"]) == (example.paid_fen,) * 2
        awarded = {kind: points for kind, points in example.awarded.items() if points}
        assert {award["kind"]: award["points"] for award in sale.get("awards", ())} == receipt.awarded == awarded
        for kind, left in example.left.items():
            assert receipt.spendable_after.get(kind, 0) == left + awarded.get(kind, 0)
    finally:
        desk.close()


def at_work(folder: Path, sample: str, example: Example) -> TestDesk:
    """A till of that merchant on the example's day, and the member as the ledger tells of him."""
    day = example.at.date().isoformat()
    points = {**example.held, **example.spendable}
    row = MemberRow(
        member=MEMBER, position=10, name="张*丰", last4="1234", tier=example.tier or "",
        balances={kind: Balance(available=most) for kind, most in points.items()},
        counts={str(counted(name, day)): count for name, count in example.counts.items() if not is_offer(name)},
        offers={name.removeprefix(OFFERED): day for name in example.counts if is_offer(name)},
    )  # fmt: skip
    at_us = int(example.at.replace(tzinfo=ZoneInfo(DEFAULT_ZONE)).timestamp() * 1_000_000)
    desk = make_desk(folder, industry=sample, members=[row], at_us=at_us)
    desk.ledger.answer = grants
    if STAFF in example.counts:
        colleague = msgspec.structs.replace(desk.desk.store.staff["1023"], member=MEMBER)
        desk.desk.store.staff["1023"] = colleague
    return desk


def is_offer(name: str) -> bool:
    """What is offered in person comes by name and last day, not as a count."""
    return name.startswith(OFFERED)


def play(desk: TestDesk, example: Example) -> Receipt:
    """Identified, rung up, redeemed where something was chosen."""
    lines = tuple(
        BasketLine(line.category or "", line.amount_fen, line.product or "", "", line.quantity, line.attributes)
        for line in example.lines
    )
    draft = replace(
        identified(desk), lines=lines, others_fen=dict(example.others_fen), activities=example.activities,
        amount_confirmed=True,
    )  # fmt: skip
    if not example.choices:
        return commit_sale(desk.desk, desk.manager, draft)
    (chosen,) = example.choices
    redeeming = with_choice(draft, chosen.reward, chosen.points)
    if is_booked(desk.desk.store.programme, chosen.reward):
        redeeming = replace(redeeming, appointment=Appointment(at=f"{example.at.date()}T18:00", by="1023"))
    return redeem_and_commit(desk.desk, desk.manager, redeeming, is_online=True)


def with_choice(draft: SaleDraft, reward: str, points: int) -> SaleDraft:
    assert draft.member is not None
    proven = draft.with_member(draft.member, MemberProof("dynamic", "D1:…", "aa", 1))
    return proven.with_choice(Choice(reward, points))
