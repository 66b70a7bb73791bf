"""`till-ledger household`: the switch, what is in one, its end; and who earned what a sale used."""

from __future__ import annotations

from pathlib import Path

from ledger import households
from ledger.clock import wall_clock_us
from ledger.console import REFUSED
from ledger.database import Database
from ledger.pooling import Moving, draw, put_in
from protocol.ids import bucket_of, new_id
from tests.ledger_service.test_command_line import ask, folder, run
from tests.ledger_service.town import MEMBER, OTHER_MEMBER

__all__ = ["folder"]


def share(folder: Path) -> str:
    """A household of both members, with 300 of the first one's points in it, of which the other drew 200; its number."""
    database, now_us = Database(f"sqlite:///{folder}/ledger.db"), wall_clock_us()
    name = households.open_household(database, MEMBER, now_us)
    households.join_household(database, OTHER_MEMBER, households.invite(database, MEMBER, now_us), now_us)
    for how, member, points in ((put_in, MEMBER, 300), (draw, OTHER_MEMBER, 200)):
        how(database, Moving(new_id(now_us // 1_000, bucket_of(member), 1), member, "points", points), now_us)
    database.close()
    return name


def test_off_until_it_is_switched_on(folder: Path) -> None:
    """With ceilings; switched off, `show` says so; both are acts."""
    on = ask(folder, "household", "on", "--members", "4", "--points", "5000", "--monthly", "1000")
    assert on == {"members": 4, "points": 5000, "monthly": 1000}
    too_many = run(folder, "household", "on", "--members", "4", "--points", str(10**13), "--monthly", "1")
    assert (too_many.exit_code, "at most" in too_many.output) == (REFUSED, True)
    name = share(folder)
    assert run(folder, "household", "off").output == "households are off\n"
    assert run(folder, "household", "show", name).output.startswith(f"{name}  households are off\n")
    assert [act["what"] for act in ask(folder, "operator", "acts")["acts"]][-2:] == [
        "households-on",
        "households-off",
    ]


def test_show_and_close(folder: Path) -> None:
    """By its number or a member's: whose what is; closed, the points are back and nothing is left to show."""
    ask(folder, "household", "on", "--members", "4", "--points", "5000", "--monthly", "1000")
    name = share(folder)
    shown = ask(folder, "household", "show", OTHER_MEMBER)
    assert (shown["household"], shown["pool"], shown["shares"]) == (name, {"points": 100}, {MEMBER: {"points": 100}})
    assert run(folder, "household", "show", name).output.splitlines() == [
        name, "  100 points in the pool", f"  {MEMBER}  100 points of it", f"  {OTHER_MEMBER}  nothing of it",
        f"  {OTHER_MEMBER} drew 200 points", f"  {MEMBER} put in 300 points",
    ]  # fmt: skip
    assert ask(folder, "household", "close", name, "--reason", "asked for") == {"household": name, "points": 100}
    assert ask(folder, "member", "show", MEMBER)["balances"]["points"]["available"] == 800
    assert ask(folder, "operator", "acts")["acts"][-1]["facts"] == {"name": name, "reason": "asked for"}
    assert run(folder, "household", "show", name).exit_code == REFUSED
    assert run(folder, "household", "close", name).exit_code == REFUSED
    assert run(folder, "verify").output == "the books are right\n"
