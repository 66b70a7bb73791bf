"""Promise 8: clocks may lie."""

from __future__ import annotations

from collections.abc import Callable

from protocol import canonical
from protocol.entries import Clock
from tests.desks import NOON_US, Clocks, TestDesk, member_row
from tests.till.test_selling import identified
from till.clock import TillClock
from till.composition import HEARD_FACT, resumed_clock
from till.selling import commit_sale

HOUR_S = 3_600


def clock_of(clocks: Clocks, boot: str = "boot-1") -> TillClock:
    return TillClock(wall_ns=lambda: clocks.wall_us * 1000, mono_ns=lambda: clocks.mono_us * 1000, boot=boot)


def trusts(clock: TillClock) -> bool:
    return clock.is_trusted


def test_till_time_never_goes_back() -> None:
    """A wall clock set back an hour leaves till time where it was."""
    clocks = Clocks()
    clock = clock_of(clocks)
    before = clock.now_us()
    clocks.wall_us -= HOUR_S * 1_000_000
    assert clock.now_us() == before
    assert clock.jumped_back_us() == HOUR_S * 1_000_000


def test_a_jump_switches_trust_off_and_the_ledger_switches_it_on() -> None:
    """Wall and monotonic clock disagree by an hour: nothing that stands on the clock goes on until contact."""
    clocks = Clocks()
    clock = clock_of(clocks)
    clock.heard(0)
    clocks.pass_s(HOUR_S)
    assert trusts(clock)
    clocks.wall_us += HOUR_S * 1_000_000
    assert not trusts(clock)
    clock.heard(-HOUR_S * 1_000_000)
    assert trusts(clock)
    assert clock.now_us() == NOON_US + HOUR_S * 1_000_000


def test_an_entry_made_under_a_wrong_clock_binds_only_the_dates_of_entries() -> None:
    """A sale ten years ahead, then contact: it is today again, and entries go on from the one that was dated wrongly."""
    clocks = Clocks(wall_us=NOON_US + 10 * 365 * 24 * HOUR_S * 1_000_000)
    clock = clock_of(clocks)
    wrong_us = clock.entry_us()
    clock.wrote(wrong_us)
    clock.heard(NOON_US - clocks.wall_us)
    assert clock.now_us() == NOON_US
    assert clock.entry_us() == wrong_us


def test_a_reboot_without_contact_is_not_trusted() -> None:
    """What was heard in another boot proves nothing; its offset is still the best that is known."""
    clock = clock_of(Clocks())
    clock.resume(Clock(wall=NOON_US, boot="boot-0", mono_us=1, offset_us=7), NOON_US)
    assert not trusts(clock)
    assert clock.now_us() == NOON_US + 7


def test_a_restart_of_the_program_keeps_trust() -> None:
    """Within one boot the last contact is an anchor."""
    clocks = Clocks()
    heard = clock_of(clocks).heard(0)
    clocks.pass_s(HOUR_S)
    clock = clock_of(clocks)
    clock.resume(heard, NOON_US)
    assert trusts(clock)


def test_a_restart_after_a_jump_wins_no_trust(desk_with: Callable[..., TestDesk]) -> None:
    """The clock is set back, something is sold, the till is started again: only the ledger can mend that."""
    test = desk_with(members=[member_row()], is_clock_trusted=False)
    test.desk.journal.set_fact(HEARD_FACT, canonical.encode(test.desk.clock.heard(0)).decode())
    test.clocks.wall_us -= HOUR_S * 1_000_000
    commit_sale(test.desk, test.manager, identified(test).with_amount(100_00))
    assert not trusts(resumed_clock(test.desk.journal, clock_of(test.clocks)))


def test_a_clock_in_the_future_is_forgotten_on_contact(desk_with: Callable[..., TestDesk]) -> None:
    """Till time was read while the clock was a year ahead; once the ledger was heard only the dates of entries are held."""
    test = desk_with(is_clock_trusted=False)
    year_us = 365 * 24 * HOUR_S * 1_000_000
    test.clocks.wall_us += year_us
    assert test.desk.clock.now_us() == NOON_US + year_us
    test.desk.clock.heard(-year_us)
    assert test.desk.clock.now_us() == NOON_US
    test.clocks.pass_s(60)
    commit_sale(test.desk, test.manager, identified(test).with_amount(100_00))
    test.desk.clock.heard(-year_us - HOUR_S * 1_000_000)
    assert test.desk.clock.now_us() == NOON_US + 60_000_000 - HOUR_S * 1_000_000
    assert test.desk.clock.entry_us() == NOON_US + 60_000_000


def test_the_offset_of_the_ledger_is_till_time() -> None:
    """A wall clock that is two hours late shows the ledger's time once it was heard."""
    clocks = Clocks(wall_us=NOON_US - 2 * HOUR_S * 1_000_000)
    clock = clock_of(clocks)
    clock.heard(2 * HOUR_S * 1_000_000)
    assert clock.now_us() == NOON_US
    assert clock.local().hour == 12
