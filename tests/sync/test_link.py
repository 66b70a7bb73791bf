"""The link as a pure function: what the status line says after what happened."""

from __future__ import annotations

import pytest

from sync.errors import Cause
from sync.link import SLOW_FROM_US, Answered, Counted, Failed, Happening, LinkState, Refreshed, Sending, Stuck, after

QUICK = Answered(20_000)


def run(*happenings: Happening, link: LinkState | None = None) -> LinkState:
    """The link after these, one a second."""
    link = link or LinkState()
    for second, happening in enumerate(happenings, 1):
        link = after(link, happening, second * 1_000_000)
    return link


def test_an_answer_makes_it_online() -> None:
    """Nothing is known at the start; the first signed answer changes that."""
    assert LinkState().condition == "offline"
    link = run(QUICK)
    assert (link.condition, link.cause, link.since_us) == ("online", None, 1_000_000)


def test_one_lost_call_is_slow_and_two_are_offline() -> None:
    """A packet lost by a radio is no outage; the outage's length counts from its first failure."""
    link = run(QUICK, Failed("no-answer"))
    assert (link.condition, link.cause) == ("slow", "no-answer")
    link = run(QUICK, Failed("no-answer"), Failed("no-answer"), Failed("no-answer"))
    assert (link.condition, link.since_us) == ("offline", 2_000_000)


@pytest.mark.parametrize("cause", ["unplugged", "dns", "certificate-time", "certificate", "revoked"])
def test_what_is_certain_is_offline_at_once(cause: Cause) -> None:
    """A pulled cable does not need a second failure."""
    link = run(QUICK, Failed(cause))
    assert (link.condition, link.cause) == ("offline", cause)


def test_a_log_in_page_is_said_at_once() -> None:
    """Somebody has to press a button; until then it counts as offline."""
    link = run(QUICK, Failed("portal"))
    assert (link.condition, link.is_reachable) == ("portal", False)


def test_a_long_answer_is_slow() -> None:
    """Answers come, but an online redemption would feel them."""
    assert run(QUICK, Answered(SLOW_FROM_US + 1)).condition == "slow"
    assert run(QUICK, Answered(SLOW_FROM_US + 1), QUICK).condition == "online"


def test_recovering_lasts_until_the_journal_is_empty() -> None:
    """断网 → 网络已恢复 正在上传 20/37 → 联网正常."""
    link = run(QUICK, Failed("unplugged"), Counted(37, 0), QUICK)
    assert (link.condition, link.sending) == ("recovering", None)
    link = run(Counted(17, 0, 37), link=link)
    assert (link.condition, link.sending, link.waiting) == ("recovering", Sending(20, 37), 17)
    link = run(QUICK, Counted(0, 0, 37), link=link)
    assert (link.condition, link.sending, link.waiting) == ("online", None, 0)


def test_a_recovery_that_fails_goes_on_with_the_outage() -> None:
    """A link that comes and goes is offline while it is gone, and sends nothing."""
    link = run(QUICK, Failed("unplugged"), Counted(5, 0), QUICK, Counted(4, 0, 5), Failed("no-answer"))
    assert (link.condition, link.sending) == ("offline", None)


def test_a_sale_while_online_changes_only_the_count() -> None:
    """One entry on its way is no reason to speak of recovering."""
    link = run(QUICK, Counted(1, 0), QUICK, Counted(0, 2))
    assert (link.condition, link.waiting, link.quarantined) == ("online", 0, 2)


def test_the_age_of_balances_never_goes_back() -> None:
    """A late report of an older pull does not make them younger or older."""
    assert run(Refreshed(50), Refreshed(40)).as_of_us == 50


def test_since_stays_while_the_condition_does() -> None:
    """Twelve minutes offline are counted from their beginning, whatever the cause becomes meanwhile."""
    link = run(QUICK, Failed("unplugged"), Failed("dns"), Failed("no-answer"))
    assert (link.since_us, link.cause) == (2_000_000, "no-answer")


def test_a_journal_that_is_stuck_is_said_while_the_network_is_well() -> None:
    """Pulling goes on though nothing is pushed any more: both are true, and both are said."""
    link = run(QUICK, Counted(3, 0), Stuck("journal-forked"), QUICK)
    assert (link.condition, link.stuck, link.waiting) == ("online", "journal-forked", 3)
    assert run(Stuck(""), link=link).stuck == ""
