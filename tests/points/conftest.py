"""The shipped sample programmes, parsed once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from points import Programme, parse_programme

PROGRAMMES = Path(__file__).parents[2] / "config" / "programmes"


def _sample(name: str) -> Programme:
    path = PROGRAMMES / f"{name}.toml"
    return parse_programme(path.read_bytes(), path.name)


@pytest.fixture(scope="session")
def supermarket() -> Programme:
    return _sample("supermarket")


@pytest.fixture(scope="session")
def restaurant() -> Programme:
    return _sample("restaurant")


@pytest.fixture(scope="session")
def workshop() -> Programme:
    return _sample("4s")


@pytest.fixture(scope="session")
def sample() -> Callable[[str], Programme]:
    """By the name of its file."""
    return _sample
