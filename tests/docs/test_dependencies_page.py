"""docs/dependencies.md explains every dependency, and nothing that is none."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from tests.docs.pages import ROOT, first_cells, page

_PAGE = page("docs/dependencies.md")
_PROJECT = tomllib.loads(page("pyproject.toml"))["project"]
_SECTIONS = {
    "## At the till and at the ledger": _PROJECT["dependencies"],
    "## Only at the counter (extra `counter`)": _PROJECT["optional-dependencies"]["counter"],
    "## Only at the ledger (extra `ledger`)": _PROJECT["optional-dependencies"]["ledger"],
    "## Only for the simulation (extra `simulation`)": _PROJECT["optional-dependencies"]["simulation"],
    "## Only for development (extra `dev`)": _PROJECT["optional-dependencies"]["dev"],
}


def _name(requirement: str) -> str:
    found = re.match(r"[\w.-]+", requirement)
    assert found is not None
    return found[0]


def test_every_dependency_is_explained_in_its_section() -> None:
    """The page and pyproject.toml name the same packages."""
    for heading, requirements in _SECTIONS.items():
        explained = {cell.strip("`") for cell in first_cells(_PAGE, heading)}
        assert explained == {_name(requirement) for requirement in requirements} - {_PROJECT["name"]}, heading


def test_private_names_are_where_the_page_says() -> None:
    """A debt that was paid leaves the page."""
    section = _PAGE.split("## Private names of others")[1]
    for where, names in re.findall(r"^\| `([^`]+)` \| (.*?) \|", section, re.MULTILINE):
        source = "".join(file.read_text(encoding="utf-8") for file in _files(ROOT / where))
        for name in re.findall(r"`(?:[\w.]+\.)?(_\w+)`", names):
            assert name in source, f"{where}: {name}"


def _files(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(path.rglob("*.py"))
