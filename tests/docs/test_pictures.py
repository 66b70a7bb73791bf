"""The pictures of the READMEs."""

from __future__ import annotations

import re

import pytest

from docs.pictures.portable import portable
from docs.pictures.programmes import SHOPS
from docs.pictures.scenes import FOLDER, PICTURES, draw
from tests.docs.pages import links, page

_FILES = [f"{name}.{language}.svg" for name, _online, _act in PICTURES for language in ("zh", "en")]
_FILES += [shop.file for shop in SHOPS]


@pytest.mark.parametrize("name", _FILES)
def test_a_picture_is_there_and_asks_nobody_for_anything(name: str) -> None:
    """Every picture that `make pictures` draws is committed, and loads nothing from elsewhere."""
    svg = (FOLDER / name).read_text(encoding="utf-8")
    assert not re.findall(r"url\((?!#)|href=|<script", svg)
    assert re.search("[\u4e00-\u9fff]", svg)


def test_no_picture_is_left_over() -> None:
    """What nobody draws any more is deleted."""
    assert {path.name for path in FOLDER.glob("*.svg")} == set(_FILES)


@pytest.mark.parametrize(("readme", "language"), [("README.md", "en"), ("README.zh.md", "zh")])
def test_each_readme_shows_its_own_language(readme: str, language: str) -> None:
    """At least the counter, redeeming and a shift."""
    shown = [link for link in links(page(readme)) if link.endswith(".svg")]
    assert len(shown) >= 3
    assert all(link.endswith(f".{language}.svg") for link in shown)


def test_each_chinese_character_has_a_place_of_its_own() -> None:
    """Two cells further for each, so that columns hold where a viewer ignores `textLength`."""
    rich = '<text class="r1" x="12.2" y="20" textLength="85.4" clip-path="url(#a)">断网&#160;ab</text>'
    placed = re.findall(r'x="([\d.]+)"[^>]*>([^<]+)<', portable(rich))
    assert placed == [("14.4", "断"), ("38.8", "网"), ("73.2", "ab")]


def test_the_counter_can_be_drawn_today() -> None:
    """The scene still plays: the member, the amount and what it earns are in the picture of today's app."""
    svg = draw("counter-offline", "en")
    assert all(f">{word}</text>" in svg for word in ("gold", "128.50", "308.4"))
