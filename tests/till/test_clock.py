"""Promise 8: clocks may lie."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import example, given
from hypothesis import strategies as st

from protocol import canonical
from protocol.dynamic_codes import CLOCK_TOLERANCE_S, LIFETIME_S, make, read
from protocol.errors import CodeError
from tests.desks import MEMBER, NOON_US, Clocks, TestDesk, member_row
from tests.protocol.makers import ring
from tests.till.test_selling import identified
from till.boots import boot_id, running_ns
from till.clock import DRIFT_PPM, MAX_ERROR_US, Heard, TillClock
from till.composition import HEARD_FACT, resumed_clock
from till.selling import commit_sale

HOUR_S = 3_600
HOUR_US = HOUR_S * 1_000_000
DAY_US = 24 * HOUR_US
RESET_TO_1970_US = 90_000_000
RESET_TO_2106_US = 2**32 * 1_000_000
LATEST_S = LIFETIME_S + 2 * CLOCK_TOLERANCE_S
"""So long after it was made a code is taken at the most: its minute, what is allowed for clocks, and the clock's own error."""


def clock_of(clocks: Clocks, boot: str = "boot-1") -> TillClock:
    return TillClock(wall_ns=lambda: clocks.wall_us * 1000, mono_ns=lambda: clocks.mono_us * 1000, boot=boot)


def trusts(clock: TillClock) -> bool:
    return clock.is_trusted


def doubt(clock: TillClock) -> str:
    return clock.doubt


@pytest.mark.parametrize("was_heard", [True, False])
def test_till_time_never_goes_back(was_heard: bool) -> None:
    """A wall clock set back an hour: till time is never before the last entry, and goes on from there."""
    clocks = Clocks()
    clock = clock_of(clocks)
    if was_heard:
        clock.heard(0)
    clock.wrote(clock.entry_us())
    clocks.wall_us -= HOUR_US
    assert clock.now_us() == NOON_US
    clocks.pass_s(60)
    assert clock.now_us() == clock.entry_us() == NOON_US + 60_000_000
    assert not trusts(clock)


def test_a_jump_switches_trust_off_and_the_ledger_switches_it_on() -> None:
    """Wall and monotonic clock disagree by an hour: nothing that stands on the clock goes on until contact."""
    clocks = Clocks()
    clock = clock_of(clocks)
    clock.heard(0)
    clocks.pass_s(HOUR_S)
    assert trusts(clock)
    clocks.wall_us += HOUR_S * 1_000_000
    assert doubt(clock) == "jump"
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
    clock.resume(Heard(wall=NOON_US, boot="boot-0", mono_us=1, offset_us=7), NOON_US)
    assert doubt(clock) == "unheard"
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


def test_a_clock_put_right_again_is_trusted_again() -> None:
    """A year ahead for a minute, looked at and put back: no trace is left, for nothing was written under it."""
    clocks = Clocks()
    clock = clock_of(clocks)
    clock.heard(0)
    clocks.wall_us += 365 * DAY_US
    clock.now_us()
    clocks.wall_us -= 365 * DAY_US
    assert trusts(clock)
    assert clock.now_us() == NOON_US


def test_half_a_minute_in_small_steps_is_half_a_minute() -> None:
    """What was moved since the last contact counts, not what was moved at once."""
    clocks = Clocks()
    clock = clock_of(clocks)
    clock.heard(0)
    for _ in range(30):
        assert trusts(clock)
        clocks.pass_s(1)
        clocks.wall_us += 1_000_000
    assert doubt(clock) == "jump"


def test_a_leap_second_and_a_step_of_time_synchronisation_cost_no_trust() -> None:
    """They are part of what the clock may be off by."""
    clocks = Clocks()
    clock = clock_of(clocks)
    clock.heard(0)
    clocks.wall_us -= 1_000_000
    clocks.wall_us += 400_000
    assert trusts(clock)


@pytest.mark.parametrize("reset_us", [RESET_TO_1970_US, RESET_TO_2106_US])
def test_a_reset_clock_goes_on_from_the_last_entry(reset_us: int) -> None:
    """A flat battery, no network: 1970 and 2106 are not believed, time does not stand still, and contact heals it."""
    clocks = Clocks()
    before = clock_of(clocks)
    heard = before.heard(0)
    clocks.pass_s(HOUR_S)
    before.wrote(before.entry_us())
    clocks.wall_us, clocks.mono_us = reset_us, 5_000_000
    clock = clock_of(clocks, "boot-2")
    clock.resume(heard, NOON_US + HOUR_US)
    assert doubt(clock) == "unheard"
    assert clock.now_us() == NOON_US + HOUR_US
    clocks.pass_s(600)
    assert clock.entry_us() == NOON_US + HOUR_US + 600_000_000
    clock.heard(NOON_US + 2 * HOUR_US - clocks.wall_us)
    assert trusts(clock)
    assert clock.now_us() == NOON_US + 2 * HOUR_US


def test_a_clock_set_by_hand_after_a_reset_shows_the_time_and_wins_no_trust() -> None:
    """Without a network somebody types the right time: receipts and days are right again, redeeming waits for the ledger."""
    clocks = Clocks(wall_us=RESET_TO_1970_US)
    clock = clock_of(clocks, "boot-2")
    clock.resume(None, NOON_US)
    clocks.wall_us = NOON_US + 3 * HOUR_US
    assert clock.now_us() == NOON_US + 3 * HOUR_US
    assert doubt(clock) == "unheard"


def test_a_boot_that_kept_its_name_is_found_by_its_running_clock() -> None:
    """Where a system does not count its starts, the running clock began anew."""
    clocks = Clocks(mono_us=10 * HOUR_US)
    heard = clock_of(clocks).heard(0)
    clocks.wall_us, clocks.mono_us = NOON_US + 60_000_000, 30_000_000
    clock = clock_of(clocks)
    clock.resume(heard, NOON_US)
    assert doubt(clock) == "unheard"
    clocks.pass_s(11 * HOUR_S)
    assert doubt(clock) == "jump"


def test_drift_of_a_week_ends_trust_while_the_minute_is_still_right() -> None:
    """500 ppm are 302 s in a week: trust ends after 16 h 40 min, when they may be the 30 s that a code's minute allows."""
    clocks = Clocks()
    clock = clock_of(clocks)
    clock.heard(0)
    clocks.pass_s(16 * HOUR_S + 39 * 60)
    assert trusts(clock)
    clocks.pass_s(120)
    assert doubt(clock) == "drift"
    assert clock.unheard_us() == (16 * HOUR_S + 41 * 60) * 1_000_000
    assert 7 * DAY_US * DRIFT_PPM // 1_000_000 == 302_400_000


@given(
    ran_s=st.integers(0, 8 * 24 * HOUR_S), ppm=st.integers(-DRIFT_PPM, DRIFT_PPM),
    jump_ms=st.integers(-60_000, 60_000), bound_ms=st.integers(0, 40_000), share=st.integers(-100, 100),
)  # fmt: skip
@example(ran_s=0, ppm=0, jump_ms=0, bound_ms=40_000, share=100)
def test_a_trusted_clock_is_never_further_off_than_a_code_allows(
    ran_s: int, ppm: int, jump_ms: int, bound_ms: int, share: int
) -> None:
    """Whatever drift, jump and round trip come together."""
    clocks = Clocks()
    clock = clock_of(clocks)
    clock.heard(bound_ms * 1_000 * share // 100, bound_ms * 1_000)
    ran_us = ran_s * 1_000_000 + ran_s * ppm
    clocks.wall_us += ran_us + jump_ms * 1_000
    clocks.mono_us += ran_us
    if trusts(clock):
        assert abs(clock.now_us() - (NOON_US + ran_s * 1_000_000)) <= MAX_ERROR_US + 1


@given(error_s=st.integers(-MAX_ERROR_US // 1_000_000, MAX_ERROR_US // 1_000_000), age_s=st.integers(0, 300))
def test_with_a_trusted_clock_the_minute_of_a_code_is_right(error_s: int, age_s: int) -> None:
    """However wrong it is: within its minute a code is taken, and two minutes after it was made it is not."""
    key = Ed25519PrivateKey.generate()
    issued_s = NOON_US // 1_000_000
    code = make(MEMBER, issued_s, bytes(8), key)
    is_taken = True
    try:
        read(code, ring(key), (issued_s + age_s + error_s) * 1_000_000)
    except CodeError:
        is_taken = False
    assert is_taken or age_s > LIFETIME_S
    assert not is_taken or age_s <= LATEST_S


def test_a_slow_answer_takes_nothing_from_a_good_measure() -> None:
    """An answer that took ten seconds may be five off: what is known better stays, and does not get worse."""
    clocks = Clocks()
    clock = clock_of(clocks)
    clock.heard(0, 20_000)
    clocks.pass_s(30)
    clock.heard(4_900_000, 5_000_000)
    assert clock.now_us() == clocks.wall_us
    clocks.pass_s(3 * HOUR_S)
    clock.heard(4_900_000, 5_000_000)
    assert clock.now_us() == clocks.wall_us + 4_900_000, "by now the old one may be off by more"


def test_a_slow_answer_heals_a_jump() -> None:
    """It contradicts what is known, and knows better than a clock that was changed."""
    clocks = Clocks()
    clock = clock_of(clocks)
    clock.heard(0, 20_000)
    clocks.wall_us += HOUR_US
    clock.heard(-HOUR_US + 2_000_000, 5_000_000)
    assert trusts(clock)
    assert clock.now_us() == NOON_US + 2_000_000


def test_a_ledger_whose_clock_jumps_is_followed() -> None:
    """Codes and documents go by its time, so till time does too; entries are never dated back."""
    clocks = Clocks()
    clock = clock_of(clocks)
    clock.heard(0, 20_000)
    clock.wrote(clock.entry_us())
    clock.heard(-2 * HOUR_US, 20_000)
    assert trusts(clock)
    assert clock.now_us() == NOON_US - 2 * HOUR_US
    assert clock.entry_us() == NOON_US


def test_sleep_is_no_jump() -> None:
    """The running clock counts while a laptop sleeps: eight hours with the lid closed look like eight hours at work."""
    uptime = Path("/proc/uptime")
    since_boot_s = float(uptime.read_text().split()[0]) if uptime.exists() else time.monotonic()
    assert abs(running_ns() / 1_000_000_000 - since_boot_s) < 1
    clocks = Clocks()
    clock = clock_of(clocks)
    clock.heard(0)
    clocks.pass_s(8 * HOUR_S)
    assert trusts(clock)


def test_a_machine_that_was_paused_has_jumped() -> None:
    """A virtual machine that stood still: the wall is put right when it goes on, and the running clock knows nothing of it."""
    clocks = Clocks()
    clock = clock_of(clocks)
    clock.heard(0)
    clocks.wall_us += 8 * HOUR_US
    assert doubt(clock) == "jump"
    assert clock.now_us() == NOON_US + 8 * HOUR_US


def test_two_programs_of_one_boot_read_the_same_boot_and_the_same_running_clock() -> None:
    """What one kept is an anchor for the next; the process is a real one."""
    told = subprocess.run(
        [sys.executable, "-c", "from till.boots import *; print(boot_id(), running_ns())"],
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    assert told[0] == boot_id() or not Path("/proc").exists()
    assert 0 <= running_ns() - int(told[1]) < 60_000_000_000


@pytest.mark.parametrize("zone", ["America/New_York", "UTC", "Pacific/Kiritimati"])
def test_the_time_zone_of_the_machine_changes_nothing(zone: str) -> None:
    """Summer time begins, somebody picks another zone: entries are UTC, and the day is the store's."""
    code = (
        "from till.clock import TillClock; from protocol.business_days import Calendar;"
        f"now = TillClock(wall_ns=lambda: {NOON_US}000, boot='b').now_us();"
        "print(now, Calendar().civil(now).isoformat(), Calendar().day(now))"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ | {"TZ": zone}
    ).stdout.split()
    assert said == [str(NOON_US), "2026-09-15T12:00:00", "2026-09-15"]
