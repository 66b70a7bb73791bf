"""Verdicts, percentiles and the table."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.figures import Figure, Spread, at_least, at_most, percentile, ratios
from bench.tables import as_json, as_markdown, as_text, write_between


def test_a_miss_is_shown_as_a_miss() -> None:
    """A median beyond its bound is MISSED in every form of the table."""
    figure = Figure("journal", "commit p50", Spread.of([1.7, 1.8, 1.9]), "x", at_most(1.5))
    assert figure.verdict == "MISSED"
    assert "MISSED" in as_text([figure])
    assert "**MISSED**" in as_markdown([figure], {})
    assert as_json(figure)["verdict"] == "MISSED"


def test_a_bound_from_below_holds_at_the_bound() -> None:
    """At least means that or more."""
    assert Figure("push", "again", Spread.of([3.0]), "x", at_least(3)).verdict == "holds"
    assert Figure("push", "again", Spread.of([2.9]), "x", at_least(3)).verdict == "MISSED"


def test_a_ratio_is_taken_round_by_round() -> None:
    """A round in which both sides were slow says nothing about either."""
    assert ratios([2.0, 20.0, 2.0], [1.0, 10.0, 1.0]).median == 2.0


@pytest.mark.parametrize(("percent", "value"), [(50.0, 50.0), (99.0, 99.0), (100.0, 100.0)])
def test_percentiles_are_values_that_occurred(percent: float, value: float) -> None:
    """Nearest rank over 1 to 100."""
    assert percentile([float(number) for number in range(100, 0, -1)], percent) == value


def test_only_the_marked_part_is_written(tmp_path: Path) -> None:
    """What people wrote around the table stays; a document without markers is an error."""
    document = tmp_path / "m.md"
    document.write_text("before\n<!-- ratios -->\nold\n<!-- /ratios -->\nafter\n", encoding="utf-8")
    write_between(document, "ratios", "new")
    assert document.read_text(encoding="utf-8") == "before\n<!-- ratios -->\nnew\n<!-- /ratios -->\nafter\n"
    with pytest.raises(LookupError):
        write_between(document, "replay", "new")
