"""The line that an error names is the one that its author has to look at."""

from __future__ import annotations

import pytest

from points import ProgrammeError, parse_programme
from points.places import line_of
from tests.points.test_programme_document import SAMPLE

TEXT = """id = "a"
[[kind]]
code = "points"

[[campaign]]
id = "one"
[[campaign.reward]]
reward = "voucher"
[[campaign.reward]]
reward = "mug"
points = 3

[[campaign]]
id = "two"
[[campaign.reward]]
reward = "bag"
[[example]]
line = [{ category = "fresh", amount_fen = 1 }]
"""


@pytest.mark.parametrize(
    ("key_path", "line"),
    [
        ("id", 1), ("kind[0].code", 3), ("campaign[0].reward[1].points", 11), ("campaign[1].reward[0].reward", 16),
        ("campaign[1].reward[0].points", 15), ("campaign[1]", 13), ("example[0].line[0].category", 18),
        ("kind[0].validity.months", 2), ("kind", 0), ("nothing", 0), ("", 0),
    ],
)  # fmt: skip
def test_a_key_is_found_or_its_table(key_path: str, line: int) -> None:
    """The key's own line; where it is missing, that of the table in which it is missing."""
    assert line_of(TEXT, key_path) == line


@pytest.mark.parametrize(
    ("old", "new", "key_path"),
    [
        ("value_fen = 20_00", "value_fen = 20.00", "reward[0].value_fen"),
        ('multiplier = "1.2"', 'multiplier = "0"', "tier[2].multiplier"),
        ('category = "fresh"', 'category = "frsh"', "holding_discount[0].category"),
    ],
)
def test_an_error_names_file_line_and_key(old: str, new: str, key_path: str) -> None:
    """shop.toml:118: reward[0].value_fen: why."""
    broken = SAMPLE.replace(old, new, 1)
    (line,) = [number for number, row in enumerate(broken.splitlines(), start=1) if row == new]
    with pytest.raises(ProgrammeError) as refused:
        parse_programme(broken, "shop.toml")
    assert str(refused.value).startswith(f"shop.toml:{line}: {key_path}: ")
    assert refused.value.line == line
