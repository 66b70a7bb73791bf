"""No page leads nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import ROOT, all_pages, headings, links


@pytest.mark.parametrize("path", all_pages(), ids=lambda path: path.name)
def test_links_and_pictures_resolve(path: Path) -> None:
    """Every link within the repository leads to a file, and every anchor to a heading."""
    for link in links(path.read_text(encoding="utf-8")):
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        assert not anchor or anchor in headings(target.read_text(encoding="utf-8")), link
