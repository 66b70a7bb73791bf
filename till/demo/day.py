"""The headless day: a cashier's hands, the real app, the real scanner, the real ledger, an outage and a lost answer.

At the end every member is compared: what the receipts promised against what the ledger holds. The script sees what a person
sees, the screen, and does what a person does, keys and codes; it looks at the till's journal only to know that a sale is
done.
"""

from __future__ import annotations

import random
import re
import time
from collections import Counter as Count
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from config import data
from local_db.journal import JournalReader
from points import format_fen
from protocol.entries import Sale, Void
from till.app import Hands, Player
from till.composition import Till, open_till
from till.demo.coalition import DemoStore, read_demo_store
from till.demo.world import World
from till.events import Event, OutcomesArrived
from till.own_entries import read_entry

SALES = 24
OUTAGE = range(8, 16)
"""The sales during which the plug is out."""

LOST_ANSWER = 18
"""Before this sale the plug swallows the next answer: the ledger has booked, and the till does not know."""

TYPED = range(17, SALES)
"""Sales to customers who leave the phone in the pocket and redeem by their PIN, where they have one."""

VOIDED = (5, 12)
"""Sales that are taken back at once: one online, one offline."""

_SETTLE_S = 15.0
_INSISTS, _INSIST_S = 30, 0.6

# What a person reads on the Chinese screen before he presses the next key.
_SIGN_IN, _OPEN_SHIFT, _WAIT = "请输入工号", "按 F8 开班", "等待会员码"
_AMOUNT, _CHECK, _CHOOSE = "请输入金额", "请核对金额", "请按序号"
_POSSIBLE = re.compile(r"\d .*((?<!不)可兑(额度)?|需会员码或密码|手机确认) *│?$")
_STEPS, _AGREE, _TYPE, _VOIDED, _REFUSED = "递增", "Esc 取消", "请顾客输入积分密码", "已撤销", " ! "
_PHONE = "请会员用手机确认"


@dataclass
class DayResult:
    """What the day came to; `differences` is empty when all is well."""

    seed: int
    sales: int = 0
    entries: int = 0
    awarded: int = 0
    redeemed: dict[str, int] = field(default_factory=dict)
    redeemed_in_outage: dict[str, int] = field(default_factory=dict)
    pins: int = 0
    """Redemptions that a member agreed to by his PIN."""
    refused: int = 0
    voids: int = 0
    booked: int = 0
    duplicates: int = 0
    outage_s: float = 0.0
    differences: list[str] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)

    def text(self) -> str:
        """For a person."""
        taken, offline = (
            ", ".join(f"{points:,} {authority}" for authority, points in sums.items()) or "0"
            for sums in (self.redeemed, self.redeemed_in_outage)
        )
        lines = [
            f"seed {self.seed}: {self.sales} sales, {self.voids} voided, {self.entries} entries, {self.booked} booked",
            f"awarded {self.awarded:,} points; redeemed {taken}",
            f"{self.pins} redemptions by PIN; {self.refused} redemptions refused with a sentence",
            f"outage {self.outage_s:.1f} s, redeemed in it {offline}; {self.duplicates} entries sent again and ignored",
        ]
        lines += self.differences or ["receipts and ledger agree, member by member"]
        return "\n".join(lines)


def play_day(world: World, player: Player, seed: int, narrate: Callable[[str], None]) -> DayResult:
    """Play the day and compare. Raises `TimeoutError` with the screen when the app does not do what it should."""
    before = _held(world)
    store = read_demo_store((data("coalition") / "demo.toml").read_bytes(), world.store)
    day = _Day(world, store, DayResult(seed), narrate)

    @contextmanager
    def start() -> Iterator[Till]:
        with open_till(world.folder, world.settings) as till:
            day.take(till)
            yield till

    player(start, world.settings, day.play)
    _compare(world, before, day.result, range(day.outage_from, day.outage_to + 1))
    return day.result


class _Day:
    def __init__(self, world: World, store: DemoStore, result: DayResult, narrate: Callable[[str], None]) -> None:
        self._world, self._store, self.result, self._narrate = world, store, result, narrate
        # Not for secrets: the same seed plays the same day.
        self._random = random.Random(result.seed)  # noqa: S311
        self._till: Till | None = None
        self.outage_from = self.outage_to = 0
        """The first entry made while the plug was out, and the last."""

    def take(self, till: Till) -> None:
        """The till that the app has opened."""
        self._till = till
        till.counter.subscribe(self._heard)

    def _heard(self, event: Event) -> None:
        if isinstance(event, OutcomesArrived):
            self.result.duplicates += event.again

    @property
    def till(self) -> Till:
        assert self._till is not None
        return self._till

    def _sold(self) -> int:
        return self.till.counter.last_seq()

    async def play(self, hands: Hands) -> None:
        """From the morning's sign-in to the evening's last upload."""
        await self._open(hands)
        outage_began = 0.0
        for number in range(SALES):
            if number == OUTAGE.start:
                self._narrate("the network plug is pulled")
                self._world.plug.cut()
                self.outage_from = self._sold() + 1
                outage_began = time.monotonic()
                await hands.until(lambda screen: "断网" in screen, "the status line to say so", 20)
            if number == OUTAGE.stop:
                self._world.plug.mend()
                self.outage_to = self._sold()
                self.result.outage_s = round(time.monotonic() - outage_began, 1)
                self._narrate(f"the plug is back after {self.result.outage_s} s")
            if number == LOST_ANSWER:
                self._narrate("one answer of the ledger is lost on its way back")
                self._world.plug.lose_next_answer()
            await self._serve(hands, number)
        await hands.until(lambda _: self._is_settled(), "everything to be uploaded", _SETTLE_S)

    async def _open(self, hands: Hands) -> None:
        staff, pin = self._store.manager
        # Who signs in before the ledger's documents are here is told so; a person waits a moment and tries again.
        await hands.until(
            lambda screen: _SIGN_IN in screen and self._till is not None and self._till.counter.is_ready,
            "the sign-in",
            30,
        )
        await hands.press(*staff, "enter")
        await hands.press(*pin, "enter")
        await hands.until(lambda screen: _OPEN_SHIFT in screen, "the shift to be opened", 20)
        await self._insist(hands, "f8", lambda screen: _WAIT in screen)

    async def _serve(self, hands: Hands, number: int) -> None:
        """One customer: code, amount, perhaps a reward, done."""
        wants = number % 3 == 2
        # In the outage those want something who usually do, where somebody does.
        some = (self._store.regulars if wants and number in OUTAGE else ()) or self._store.members
        member = self._random.choice(some)
        before = self._sold()
        pin = self._store.pins.get(member, "") if wants and number in TYPED else ""
        code = self._world.dynamic_code(member) if wants and not pin else self._world.static_code(member)
        self._world.scanner.type_code(code)
        await hands.until(lambda screen: _AMOUNT in screen, f"member {member} to be shown")
        fen = self._random.randrange(5_00, 180_00, 10)
        await hands.press(*format_fen(fen).replace(",", ""))
        await hands.until(lambda screen: _CHECK in screen, "the amount to be quoted")
        if not (wants and await self._redeem(hands, member, pin)):
            await hands.press("enter")
        await hands.until(lambda _: self._sold() > before, "the sale to be in the journal")
        self.result.sales += 1
        await hands.until(lambda screen: _WAIT in screen, "the next customer")
        if number in VOIDED:
            await self._void(hands)

    async def _redeem(self, hands: Hands, member: str, pin: str) -> bool:
        """Choose the first reward that can be had and confirm. False when none can: the sale goes on without."""
        await hands.press("f2")
        listed = await hands.until(lambda screen: _CHOOSE in screen, "the list of rewards")
        possible = next((row for row in listed.splitlines() if _POSSIBLE.search(row)), None)
        if possible is None:
            self.result.refused += 1
            await hands.press("escape")
            await hands.until(lambda screen: _CHECK in screen, "the sale again")
            return False
        await hands.press(possible.strip(" │")[0])
        await hands.until(lambda screen: _STEPS in screen or _AGREE in screen, "points to choose, or the conditions")
        if _AGREE not in hands.screen():
            await hands.press("enter")
            await hands.until(lambda screen: _AGREE in screen, "the conditions")
        # A page that has just opened takes no confirmation (the key that opened it may bounce): press until it does.
        await self._insist(hands, "f2", lambda screen: _AGREE not in screen or _TYPE in screen or _PHONE in screen)
        if _TYPE in hands.screen():
            await hands.press(*pin, "enter")
        if _PHONE in hands.screen():
            allowed = self._world.allow(member, self.till.counter.shown_to_phone(member))
            if not allowed:
                return await self._refused(hands)
            self._world.scanner.type_code(allowed)
        answered = await hands.until(lambda screen: _WAIT in screen or _REFUSED in screen, "the ledger's word")
        if _WAIT in answered:
            return True
        return await self._refused(hands)

    async def _refused(self, hands: Hands) -> bool:
        """Back to the sale, which goes on without a reward."""
        self.result.refused += 1
        await self._insist(hands, "escape", lambda screen: _CHECK in screen)
        return False

    async def _void(self, hands: Hands) -> None:
        before = self._sold()
        await hands.press("f3")
        await hands.until(lambda screen: "撤销" in screen and "Esc" in screen, "the question")
        await self._insist(hands, "f2", lambda _: self._sold() > before)
        await hands.until(lambda screen: _VOIDED in screen, "the word that it was taken back")

    async def _insist(self, hands: Hands, key: str, seen: Callable[[str], bool]) -> None:
        for _ in range(_INSISTS):
            await hands.press(key)
            try:
                await hands.until(seen, f"{key} to be taken", _INSIST_S)
            except TimeoutError:
                continue
            return
        raise TimeoutError(f"{key} was not taken; the screen says:\n{hands.screen()}")

    def _is_settled(self) -> bool:
        link = self.till.counter.link
        return link.waiting == 0 and link.condition in ("online", "slow")


def _held(world: World) -> dict[str, int]:
    """Points of all kinds per member, as the ledger holds them: spendable, lying and, negative, owed."""
    held = {}
    for row in world.members():
        balances = row.get("balances", {}).values()
        held[row["member"]] = sum(b.get("available", 0) + b.get("reserved", 0) - b.get("owed", 0) for b in balances)
    return held


def _compare(world: World, before: dict[str, int], result: DayResult, outage: range) -> None:
    """Count what the journal's entries promised, and set it against the ledger member by member."""
    reader = JournalReader.open(world.folder)
    try:
        rows = reader.entries(1, 100_000)
        outcomes = reader.outcomes([row.seq for row in rows])
    finally:
        reader.close()
    entries = [read_entry(row) for row in rows]
    voided = {entry.voids for entry in entries if isinstance(entry, Void)}
    promised: Count[str] = Count()
    redeemed, in_outage = Count[str](), Count[str]()
    for row, entry in zip(rows, entries, strict=True):
        if isinstance(entry, Sale) and entry.id not in voided:
            result.awarded += sum(award.points for award in entry.awards)
            for taken in entry.redemptions:
                redeemed[taken.authority] += taken.points
                in_outage[taken.authority] += taken.points if row.seq in outage else 0
                result.pins += taken.proof == "pin"
            promised[entry.member] += sum(award.points for award in entry.awards)
            promised[entry.member] -= sum(taken.points for taken in entry.redemptions)
    result.redeemed, result.redeemed_in_outage = dict(redeemed), dict(+in_outage)
    result.entries, result.voids = len(rows), len(voided)
    result.booked = sum(outcome.status in ("booked", "shortfall", "recorded") for outcome in outcomes.values())
    after = _held(world)
    for member in sorted(before.keys() | after.keys() | promised.keys()):
        expected = before.get(member, 0) + promised[member]
        if after.get(member, 0) != expected:
            result.differences.append(
                f"member {member}: receipts say {expected:,}, the ledger {after.get(member, 0):,}"
            )
    for day in sorted({entry.business_day for entry in entries if entry is not None}):
        result.differences += [f"entry {sale['seq']}: {'; '.join(sale['findings'])}" for sale in world.differing(day)]
    result.differences += [f"entry {row.seq} has no outcome" for row in rows if row.seq not in outcomes]
