"""A desk for every test, closed behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.desks import TestDesk, make_desk
from till import i18n


@pytest.fixture(autouse=True)
def _language() -> None:
    """English, unless a test says otherwise: none goes by what another one left behind."""
    i18n.use("en")


@pytest.fixture
def desk_with(tmp_path: Path) -> Iterator[Callable[..., TestDesk]]:
    """Makes desks with the settings a test asks for."""
    made: list[TestDesk] = []

    def make(**settings: Any) -> TestDesk:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(make_desk(folder, **settings))
        return made[-1]

    yield make
    for one in made:
        one.close()
