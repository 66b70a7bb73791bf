"""docs/write-a-programme.md teaches every part of a programme, and its example comes true."""

from __future__ import annotations

import re
from pathlib import Path

from config import data
from points import parse_programme
from points.editor_schema import editor_schema
from points.examples import differences

PAGE = (Path(__file__).parents[2] / "docs" / "write-a-programme.md").read_text("utf-8")


def test_every_table_and_form_is_taught() -> None:
    """What the schema knows, the page names."""
    schema = editor_schema()
    tables = {name for name, what in schema["properties"].items() if what.get("type") == "array"}
    assert set(re.findall(r"^\| `\[\[(\w+)\]\]`", PAGE, re.MULTILINE)) == tables
    ways = [way["$ref"].removeprefix("#/$defs/") for way in schema["properties"]["earn"]["items"]["oneOf"]]
    by = {schema["$defs"][way]["properties"]["by"]["const"] for way in ways}
    earning = PAGE.split("## Earning")[1].split("## ")[0]
    assert set(re.findall(r"^\| `([\w-]+)`", earning, re.MULTILINE)) == by | {"by"}
    forms = set(schema["properties"]["reward"]["items"]["discriminator"]["mapping"])
    assert set(re.findall(r"^\| `([\w-]+)` \|", PAGE.split("## Rewards")[1].split("## ")[0], re.MULTILINE)) >= forms


def test_the_examples_come_true() -> None:
    """Each block of the page, in the supermarket's programme."""
    text = (data("programmes") / "supermarket.toml").read_text("utf-8")
    names = []
    for block in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL):
        programme = parse_programme(f"{text}\n{block}", "page")
        assert differences(programme, programme.examples[-1]) == ()
        names.append(programme.examples[-1].name.en)
    assert names == [
        "100 yuan with a black card",
        "two lamps that save 30 kWh each",
        "800 points for a car-wash voucher",
        "100 yuan on the eve of 2027",
        "1,200 points = 24 yuan; points on what is paid",
    ]
