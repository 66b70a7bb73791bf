"""Patterns of abuse: each is told where it is, and none where a shop just works; the real case first."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import msgspec
import pytest
from sqlalchemy import Connection

from ledger import rows, sent
from ledger.abuse.detectors import (
    ClockGames,
    ClosingTime,
    Detector,
    NoGoods,
    OneCashier,
    OwnAccount,
    Refunds,
    UnderLimit,
)
from ledger.abuse.moves import DAY_US, Closing, Finding, Move, Place, Thresholds, Tick
from ledger.abuse.reading import find_abuse, set_thresholds, thresholds
from ledger.abuse.standing import cases, decide
from ledger.abuse.words import look_at, sentence_of
from ledger.pages.words import words_in
from ledger.push import push
from ledger.schema import Setting
from ledger.sent import sent_between
from protocol.documents import Staff, StaffMember
from tests.ledger.shop import NOW_US, Shop

HOUR_US = DAY_US // 24
BOUNDS = Thresholds()


class Mall:
    """A store with three cashiers and two hundred members, by chance; who cheats is added to it."""

    def __init__(self, days: int, seed: int = 1) -> None:
        self.chance, self.moves = Random(seed), list[Move]()
        self._seq = 0
        for day in range(days):
            for _ in range(120):
                at_us = day * DAY_US + self.chance.randrange(9 * HOUR_US, 21 * HOUR_US)
                member = f"M{self.chance.randrange(200):03d}"
                staff = self.chance.choice(("1001", "1002", "1003"))
                fen = self.chance.randrange(1_000, 60_000)
                redeemed = 100 if self.chance.random() < 0.1 else 0
                self.sale(at_us, staff, member, fen, redeemed=redeemed, has_goods=self.chance.random() < 0.95)
                if self.chance.random() < 0.02:
                    self.back(at_us + HOUR_US, staff, member, fen)

    def sale(self, at_us: int, staff: str, member: str, fen: int, **facts: int) -> None:
        """Earns a point a yuan."""
        facts = {"earned": fen // 100, "is_proved": self.chance.random() < 0.5, "has_goods": True} | facts
        self.moves.append(Move(self._place(), at_us, "S1", staff, member, is_sale=True, money_fen=fen, **facts))  # type: ignore[arg-type]

    def back(self, at_us: int, staff: str, member: str, fen: int) -> None:
        """All of it."""
        self.moves.append(Move(self._place(), at_us, "S1", staff, member, is_sale=False, money_fen=fen))

    def found(self, *detectors: Detector) -> list[Finding]:
        """What they tell of the store."""
        for move in self.moves:
            for detector in detectors:
                detector.see(move)
        return [one for detector in detectors for one in detector.found("mall")]

    def _place(self) -> Place:
        self._seq += 1
        return Place("T1", self._seq)


def everything(own: dict[str, str] | None = None, closings: Sequence[Closing] = ()) -> list[Detector]:
    return [
        Refunds(BOUNDS), OneCashier(BOUNDS), OwnAccount(BOUNDS, own or {}), NoGoods(BOUNDS), ClosingTime(BOUNDS, closings),
        UnderLimit(BOUNDS),
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
def test_a_month_of_a_shop_that_works_tells_nothing(seed: int) -> None:
    """Refunds, redemptions and typed amounts as there are everywhere; shifts that close when people go home."""
    closings = [Closing("T1", day * DAY_US + 21 * HOUR_US) for day in range(30)]
    assert Mall(30, seed).found(*everything({"S1/1001": "OWN"}, closings)) == []


def test_the_manager_of_a_mall_and_his_eight_cards() -> None:
    """47 million yuan of purchases that were brought back, on eight cards in five months: told after the first week."""
    mall = Mall(7)
    a_day = 47_000_000_00 // (150 * 8)
    for day in range(7):
        for card in range(8):
            at_us = day * DAY_US + 12 * HOUR_US + card
            for part in range(3):
                mall.sale(at_us + part, "1000", f"X{card}", a_day // 3, is_proved=False)
                mall.back(at_us + part + HOUR_US, "1000", f"X{card}", a_day // 3)
    found = mall.found(*everything())
    assert {one.subject for one in found if one.code == "refunds"} == {f"X{card}" for card in range(8)}
    assert {one.subject for one in found if one.code == "one-cashier"} == {f"X{card}" for card in range(8)}
    assert {one.code for one in found} == {"refunds", "one-cashier"}
    first = found[0]
    assert (first.facts["back_fen"], first.facts["staff"], first.facts["times"]) == (a_day // 3 * 21, "S1/1000", 21)
    assert "S1/1000" in sentence_of(first, words_in("zh-CN"))


def test_a_card_in_the_drawer() -> None:
    """The same member with the same cashier, who never shows a code."""
    mall = Mall(30)
    for day in range(25):
        mall.sale(day * DAY_US + 15 * HOUR_US, "1002", "HERS", 5_000, is_proved=False)
    (found,) = mall.found(OneCashier(BOUNDS))
    assert (found.subject, found.facts["staff"], found.facts["points"]) == ("HERS", "S1/1002", 1_250)


def test_in_a_shop_of_one_person_everybody_meets_him() -> None:
    """And a regular who only gives his number is no card in a drawer."""
    mall = Mall(0)
    for day in range(30):
        mall.sale(day * DAY_US, "1001", "REGULAR", 5_000, is_proved=False)
        mall.sale(day * DAY_US + 1, "1001", f"M{day}", 5_000)
    assert mall.found(OneCashier(BOUNDS)) == []


def test_points_for_oneself() -> None:
    """Of another's sale for him nothing is told."""
    mall = Mall(3)
    mall.sale(5, "1001", "OWN", 5_000)
    mall.sale(6, "1002", "OWN", 5_000)
    (found,) = mall.found(OwnAccount(BOUNDS, {"S1/1001": "OWN", "S1/1003": "OTHER"}))
    assert (found.subject, found.facts["times"], found.facts["member"]) == ("S1/1001", 1, "OWN")


def test_amounts_without_goods() -> None:
    """Where the others scan, one types; where all type, it is the way of the shop."""
    mall = Mall(10)
    for one in range(30):
        mall.sale(one * HOUR_US, "1009", f"M{one:03d}", 9_900, has_goods=False)
    (found,) = mall.found(NoGoods(BOUNDS))
    assert (found.subject, found.facts["times"], found.facts["points"]) == ("S1/1009", 30, 30 * 99)
    typing = Mall(0)
    for one in range(90):
        typing.sale(one, f"100{one % 3}", "M1", 9_900, has_goods=False)
    assert typing.found(NoGoods(BOUNDS)) == []


def test_redemptions_when_the_shift_closes() -> None:
    """In the last half hour, and the sales are not."""
    mall = Mall(30)
    closings = [Closing("T1", day * DAY_US + 21 * HOUR_US) for day in range(30)]
    for day in range(10):
        mall.sale(day * DAY_US + 12 * HOUR_US, "1007", f"M{day:03d}", 9_900)
        mall.sale(day * DAY_US + 21 * HOUR_US - 60_000_000, "1007", f"M{day:03d}", 0, redeemed=500)
    (found,) = mall.found(ClosingTime(BOUNDS, closings))
    assert (found.subject, found.facts["times"], found.facts["points"]) == ("S1/1007", 10, 5_000)


def test_just_below_the_limit() -> None:
    """199 of 200 points, again and again; smaller ones are what people take."""
    mall = Mall(0)
    for one in range(6):
        mall.sale(one, "1001", f"M{one}", 0, redeemed=199, limit=200)
        mall.sale(one, "1002", f"M{one}", 0, redeemed=100, limit=200)
    (found,) = mall.found(UnderLimit(BOUNDS))
    assert (found.subject, found.facts["limit"]) == ("S1/1001", 200)


def test_a_clock_that_is_set_while_the_till_runs() -> None:
    """Three times; a restart, and one correction by the network's time, are none."""
    games, honest = ClockGames(BOUNDS), ClockGames(BOUNDS)
    for seq in range(1, 9):
        wall = seq * HOUR_US + (DAY_US if seq % 2 and seq < 7 else 0)
        games.tick(Tick(Place("T1", seq), seq, "S1", "boot", wall, seq * HOUR_US))
        honest.tick(Tick(Place("T2", seq), seq, "S1", f"boot {seq}", wall, 0))
    (found,) = games.found("mall")
    assert (found.subject, found.facts["minutes"]) == ("T1", 24 * 60)
    assert list(honest.found("mall")) == []


def test_a_pattern_can_be_switched_off() -> None:
    """By 0."""
    mall = Mall(0)
    mall.sale(1, "1001", "OWN", 5_000)
    assert mall.found(OwnAccount(msgspec.structs.replace(BOUNDS, own_account=0), {"S1/1001": "OWN"})) == []


# --- in the books ------------------------------------------------------------------------------------------------------


def cheat(shop: Shop, times: int = 6) -> None:
    """One member's purchases, each brought back at the same till."""
    till, member = shop.till(), shop.join("1000000001")
    for _ in range(times):
        sale = till.sale(member, award=1_000, due_fen=100_000, gross_fen=100_000, by="1001")
        till.append(sale)
        till.append(till.refund(sale, taken_back=1_000, money_fen=100_000, by="1001"))
    till.push()


def test_what_tills_sent_is_read(shop: Shop) -> None:
    """Through a real push; of the other merchant nothing is told."""
    cheat(shop)
    with shop.database.read() as connection:
        (found,) = find_abuse(connection, "M1", 0, thresholds(connection))
        assert find_abuse(connection, "M2", 0, Thresholds()) == []
        assert find_abuse(connection, "M1", NOW_US + 10**12, Thresholds()) == []
    assert (found.code, found.subject, found.facts["back_fen"]) == ("refunds", "1000000001", 600_000)
    assert found.evidence[-1] == Place("T1", 12)
    for language in ("zh-CN", "en"):
        assert "6,000.00" in sentence_of(found, words_in(language))
        assert look_at(found, words_in(language))


def test_a_void_is_money_that_went_back(shop: Shop) -> None:
    """Whatever the sale was."""
    till, member = shop.till(), shop.join("1000000001")
    for _ in range(5):
        sale = till.sale(member, due_fen=100_000, gross_fen=100_000, by="1001")
        till.append(sale)
        till.append(till.void(sale, by="1001"))
    till.push()
    with shop.database.read() as connection:
        (found,) = find_abuse(connection, "M1", 0, Thresholds())
    assert (found.code, found.facts["back_fen"], found.facts["staff"]) == ("refunds", 500_000, "S1/1001")


def test_who_works_there_is_known_by_the_staff_list(shop: Shop) -> None:
    """And by nothing else."""
    till, member = shop.till(), shop.join("1000000001")
    till.send(till.sale(member, award=10, by="1001"))
    with shop.database.read() as connection:
        assert find_abuse(connection, "M1", 0, Thresholds()) == []
    own = StaffMember(staff="1001", name="赵敏", roles=("cashier",), pin_hash="", member=member)
    shop._publish("staff", "S1", Staff(store="S1", staff=(own,)))
    with shop.database.read() as connection:
        (found,) = find_abuse(connection, "M1", 0, Thresholds())
    assert (found.code, found.subject) == ("own-account", "S1/1001")


def test_what_was_decided_stays_with_it(shop: Shop) -> None:
    """Cleared, it is told again when it goes on; its history is kept."""
    cheat(shop)
    shop._insert(Setting, [{"key": "documents", "value": ""}])

    def case() -> tuple[str, int]:
        with shop.database.read() as connection:
            (one,) = cases(connection, find_abuse(connection, "M1", 0, Thresholds()))
        return one.state, len(one.history)

    assert case() == ("open", 0)
    with shop.database.write() as connection:
        (found,) = find_abuse(connection, "M1", 0, Thresholds())
        decide(
            connection, found, "cleared", "a reseller who brings back what he does not sell", "zhao", found.last_us
        )
    assert case() == ("cleared", 1)
    with shop.database.write() as connection:
        decide(connection, found, "watched", "until the end of the month", "zhao", found.last_us + 1)
        decide(connection, found, "cleared", "again", "zhao", found.last_us - 1)
    assert case() == ("open", 3)


def test_thresholds_are_kept(shop: Shop) -> None:
    """As they were set."""
    with shop.database.write() as connection:
        set_thresholds(connection, Thresholds(refunds=7))
        assert thresholds(connection) == Thresholds(refunds=7)


def test_a_month_is_read_without_the_years_before_it(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was received long before is looked at a few times, and not read; what is found is the same."""
    till, member = shop.till(), shop.join("1000000001")
    for day in range(40):
        till.append(till.sale(member, award=1))
        push(shop.database, till.batch(day + 1, day + 1), NOW_US + day * DAY_US)
    asked: list[int] = []
    fetch = rows.fetch

    def counted(connection: Connection, query: str, *values: object) -> list[rows.Values]:
        found = fetch(connection, query, *values)
        asked.append(len(found) if "r.payload" in query else 0)
        return found

    with shop.database.read() as connection:
        whole = [one.seq for one in sent_between(connection, "T1", 0, 2**62)]
        monkeypatch.setattr(sent, "_SENT", sent._SENT.replace("r.received_at >= ? AND r.received_at < ?", "? < ?"))
        monkeypatch.setattr(rows, "fetch", counted)
        late = [one.seq for one in sent_between(connection, "T1", NOW_US + 30 * DAY_US, 2**62)]
        none = list(sent_between(connection, "T1", NOW_US + 99 * DAY_US, 2**62))
        unknown = list(sent_between(connection, "nobody", 0, 2**62))
    assert (whole, late) == (list(range(1, 41)), list(range(31, 41)))
    assert (none, unknown) == ([], [])
    assert sum(asked) == 10
    assert len(asked) < 30
