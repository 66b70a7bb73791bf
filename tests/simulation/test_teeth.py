"""The simulation has teeth: parts that are broken on purpose are found out, each within some seeds (docs/offline.md)."""

from __future__ import annotations

import re

import pytest

from simulation.coalition import build
from simulation.seed import play, workshop
from simulation.variants import VARIANTS
from tests.docs.pages import page

FOUND = {
    "not-yet-sent": "P4",
    "sent-afterwards": "P4",
    "marked-afterwards": "P4",
    "held-rows-replaced": "P4",
    "looks-before": "P4",
    "floor-without-sums": "P6",
    "ended-by-clock": "P6",
    "ended-by-pull": "P6",
    "known-for-a-while": "P2",
    "feed-by-sequence": "",
    "allowance-ended-by-clock": "P6",
    "allowance-ended-by-pull": "P6",
    "drawn-after-returned": "P6",
    "granted-again": "I10",
    "restored-untold": "",
    "full-disk-acknowledged": "P1",
}
"""Which promise is seen to be broken; empty where it shows in one of several."""

LISTED = dict(re.findall(r"^\| `([a-z-]+)` \| .* \| (\d+) \| ", page("docs/offline.md"), re.MULTILINE))
"""The seed that found it when the page was written. It is tried first: whatever changes draws moves the others."""

SEEDS, OPERATIONS = 60, 40


@pytest.mark.parametrize("name", FOUND)
def test_a_broken_part_is_found_out(name: str) -> None:
    """The rules that look fussy are there because a shorter one breaks a promise."""
    with workshop() as folder:
        template = build(folder, 3)
        for seed in dict.fromkeys((int(LISTED[name]), *range(SEEDS))):
            found = play(seed, OPERATIONS, template, breaks=name).findings
            if found:
                assert found[0].promise.startswith(FOUND[name])
                return
    pytest.fail(f"{name} was not found out in {SEEDS} seeds")


def test_every_broken_part_is_listed() -> None:
    """In the test above, and in the page."""
    assert set(FOUND) == set(VARIANTS) - {""}
    assert set(LISTED) == set(FOUND)
