"""docs/one-sale.md names functions that exist, in the rooms that it says."""

from __future__ import annotations

import re
from functools import reduce
from importlib import import_module

import pytest

from tests.docs.pages import page

_NAMED = re.findall(
    r"`((?:devices|config|local_db|points|protocol|sync|till|terminal|ledger)\.[\w.]+)`", page("docs/one-sale.md")
)


@pytest.mark.parametrize("name", dict.fromkeys(_NAMED))
def test_the_function_exists(name: str) -> None:
    """A step of the page is a function of the code."""
    parts = name.split(".")
    module = import_module(".".join(parts[:2]))
    assert len(parts) > 2
    assert callable(reduce(getattr, parts[2:], module))


def test_the_page_tells_the_whole_way() -> None:
    """Every room of the shop and the ledger has its step, and the steps are numbered without a gap."""
    assert {name.split(".")[0] for name in _NAMED} == {
        "devices", "local_db", "points", "protocol", "sync", "till", "terminal", "ledger",
    }  # fmt: skip
    steps = [int(number) for number in re.findall(r"^(\d+)\. ", page("docs/one-sale.md"), re.MULTILINE)]
    assert steps == list(range(1, len(steps) + 1))
