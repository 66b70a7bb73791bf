"""Seeds of the simulation: every promise after every event; each seed twice, and both runs the same."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from simulation.campaign import DIFFERS, Plan, run
from simulation.coalition import build
from simulation.seed import play, workshop

SEEDS = int(os.environ.get("TILL_SEEDS", "500"))
PARTS = 25
"""Spread over the test processes."""

TILLS, OPERATIONS = 2, 8
"""Few, so that all seeds twice cost at most four minutes of one core; the long days below have more of both."""


@pytest.mark.parametrize("part", range(PARTS))
def test_every_promise_holds_in_every_seed(part: int) -> None:
    """A failing seed says in one line how to play it again."""
    report = run(range(part, SEEDS, PARTS), Plan(TILLS, OPERATIONS), jobs=1)
    assert not report.failures, report.text()
    assert report.seeds == len(range(part, SEEDS, PARTS))
    assert report.checks[DIFFERS] == report.seeds


def test_a_long_day_meets_every_fault() -> None:
    """What is not met is not tested: some seeds of many operations have each class of fault, and each kind of answer."""
    report = run(range(9_000, 9_006), Plan(tills=3, operations=60, is_checked=False), jobs=1)
    assert not report.failures, report.text()
    assert {"request_lost", "answer_lost", "duplicated", "late", "outage"} <= report.faults.keys()
    assert {"booked", "recorded"} <= report.outcomes.keys()


def test_another_interpreter_plays_the_same_seed() -> None:
    """Nothing hangs on hashes of strings, on addresses or on what was imported before."""
    code = (
        "from simulation.campaign import *\nfrom simulation.coalition import build\n"
        "from simulation.seed import play, workshop\n"
        "with workshop() as folder: print(play(7, 15, build(folder, 2)).trace)"
    )
    environment = os.environ | {"PYTHONHASHSEED": "4711"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    with workshop() as folder:
        assert play(7, 15, build(folder, 2)).trace == done.stdout.strip()
