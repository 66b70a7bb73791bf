"""The command line, and the document that it writes into."""

from __future__ import annotations

from importlib import import_module

import pytest
from click.testing import CliRunner

from bench.cli import ratios
from bench.measures import NAMES
from bench.replay.command import replay
from bench.tables import MEASUREMENTS


@pytest.mark.parametrize("name", NAMES)
def test_each_name_is_a_measurement(name: str) -> None:
    """What the command line offers can be measured."""
    assert callable(import_module(f"bench.measures.{name}").measure)


def test_an_unknown_name_is_refused() -> None:
    """Nothing is measured under a name that there is not."""
    assert CliRunner().invoke(ratios, ["no-such-measurement"]).exit_code == 2


def test_a_part_is_never_written_as_the_whole() -> None:
    """docs/measurements.md holds whole runs only."""
    answer = CliRunner().invoke(ratios, ["--write", "journal"])
    assert answer.exit_code == 2
    assert "whole run" in answer.output


def test_a_replay_needs_a_basket() -> None:
    """Nothing is not a replay."""
    assert CliRunner().invoke(replay, ["--baskets", "0"]).exit_code == 2


@pytest.mark.parametrize("part", ["ratios", "replay", "floor"])
def test_the_document_has_a_place_for_each_result(part: str) -> None:
    """Both commands find their markers."""
    text = MEASUREMENTS.read_text(encoding="utf-8")
    assert text.index(f"<!-- {part} -->") < text.index(f"<!-- /{part} -->")
