"""What the pages for people at the counter quote is what the screen says, in both languages."""

from __future__ import annotations

import io

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from terminal.locales.build import po_file
from tests.docs.pages import first_cells, page

_PLACES = (
    ("cashier", "## What it says, and what to do", "## 屏幕上的话，怎么办"),
    ("manager", "## What waits for a person", "## 待处理"),
)


@pytest.fixture(scope="module")
def chinese() -> Catalog:
    return read_po(io.BytesIO(po_file("zh_CN").read_bytes()), locale="zh_CN")


def _in_chinese(catalog: Catalog, english: str) -> str:
    found = catalog.get(english)
    assert found is not None, english
    return str(found.string)


@pytest.mark.parametrize("place", _PLACES, ids=lambda place: place[0])
def test_the_pages_quote_the_screen_word_for_word(place: tuple[str, str, str], chinese: Catalog) -> None:
    """Every sentence in the tables is one of the screen's."""
    name, english_heading, chinese_heading = place
    quoted = first_cells(page(f"docs/{name}.md"), english_heading)
    assert len(quoted) > 5
    assert first_cells(page(f"docs/{name}.zh.md"), chinese_heading) == [_in_chinese(chinese, one) for one in quoted]


def test_the_report_has_the_same_words(chinese: Catalog) -> None:
    """Every line of the shift report that a page explains is named as on the screen."""
    english = [word for cell in first_cells(page("docs/manager.md"), "## The report") for word in _words(cell)]
    translated = [word for cell in first_cells(page("docs/manager.zh.md"), "## 交班单") for word in cell.split("、")]
    assert translated == [_in_chinese(chinese, word) for word in english]


def _words(cell: str) -> list[str]:
    """`Sales, Voided` are two; `small amount, offline` is one."""
    return cell.split(", ") if cell[0].isupper() and "borne" not in cell else [cell]
