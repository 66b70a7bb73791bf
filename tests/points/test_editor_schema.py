"""Editors are told what `parse_programme` takes: every sample is right by the schema, and common mistakes are not."""

from __future__ import annotations

import json
import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from config import data
from points.editor_schema import editor_schema
from tests.points.test_programme_document import SAMPLE

FILE = Path(__file__).parents[2] / "docs" / "programme.schema.json"
SAMPLES = [f"{industry}.toml" for industry in ("supermarket", "restaurant", "4s")]


def read(text: str) -> Any:
    """As an editor sees it: dates are texts."""
    return json.loads(json.dumps(tomllib.loads(text), default=_as_text))


def _as_text(value: object) -> str:
    assert isinstance(value, date | datetime)
    return value.isoformat()


VALIDATOR = jsonschema_rs.validator_for(editor_schema(), validate_formats=False)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_is_right(name: str) -> None:
    """And names the schema for editors that look for it."""
    text = (data("programmes") / name).read_text("utf-8")
    assert [error.message for error in VALIDATOR.iter_errors(read(text))] == []
    directive, _, path = text.splitlines()[0].partition(" ")
    assert directive == "#:schema"
    assert (Path(str(data("programmes"))) / path).resolve() == FILE


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("value_fen = 20_00", "value_fen = 20.5"), ('multiplier = "1.2"', "multiplier = 1.2"),
        ('form = "voucher"', 'form = "lottery"'), ("floor_allowed = true", "flor_allowed = true"),
        ("validity = { months = 24 }", "validity = { months = 24, days = 3 }"),
        ("validity = { months = 24 }", "validity = { grace_days = 90 }"),
        ("validity = { months = 24 }", 'validity = "always"'), ("percent_off = 10", "percent_off = 100"),
        ('id = "qingsui-market"', 'id = "Qingsui Market"'), ("version = 1\n", ""),
    ],
)  # fmt: skip
def test_common_mistakes_are_marked(old: str, new: str) -> None:
    """Before anything is run."""
    broken = SAMPLE.replace(old, new, 1)
    assert broken != SAMPLE
    assert not VALIDATOR.is_valid(read(broken))


def test_never_days_and_the_end_of_a_year_are_validities_too() -> None:
    """Not months alone."""
    for validity in ('"never"', "{ days = 90 }", "{ year_end = 0 }", "{ year_end = 1, grace_days = 90 }"):
        assert VALIDATOR.is_valid(read(SAMPLE.replace("{ months = 24 }", validity, 1)))


def test_the_file_in_the_docs_is_this_one() -> None:
    """`till programme schema > docs/programme.schema.json` makes it anew."""
    assert json.loads(FILE.read_text("utf-8")) == editor_schema()
