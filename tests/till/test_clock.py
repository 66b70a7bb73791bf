"""Promise 8: clocks may lie."""

from __future__ import annotations

from protocol.entries import Clock
from tests.desks import NOON_US, Clocks
from till.clock import TillClock

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


def test_a_reboot_without_contact_is_not_trusted() -> None:
    """The same readings in another boot prove nothing."""
    last = Clock(wall=NOON_US, boot="boot-0", mono_us=1)
    clock = clock_of(Clocks())
    clock.resume(last, NOON_US, 0)
    assert not trusts(clock)


def test_a_restart_of_the_program_keeps_trust() -> None:
    """Within one boot the journal's last entry is an anchor."""
    clocks = Clocks()
    clock = clock_of(clocks)
    clock.resume(
        Clock(wall=clocks.wall_us - 1_000_000, boot="boot-1", mono_us=clocks.mono_us - 1_000_000), NOON_US, 0
    )
    assert trusts(clock)


def test_the_offset_of_the_ledger_is_till_time() -> None:
    """A wall clock that is two hours late shows the ledger's time once it was heard."""
    clocks = Clocks(wall_us=NOON_US - 2 * HOUR_S * 1_000_000)
    clock = clock_of(clocks)
    clock.heard(2 * HOUR_S * 1_000_000)
    assert clock.now_us() == NOON_US
    assert clock.local().hour == 12
