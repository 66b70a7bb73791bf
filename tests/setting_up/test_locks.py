"""What sticks are made of is what was tested."""

from __future__ import annotations

import re

from tests.docs.pages import page


def pinned(file: str) -> dict[str, frozenset[str]]:
    """Hashes by name and version."""
    found = re.findall(r"^(\S+==[^ ;\\\n]+)((?:.*\\\n)+.*\n)", page(file), re.MULTILINE)
    return {name: frozenset(re.findall("sha256:([0-9a-f]{64})", hashes)) for name, hashes in found}


def test_a_counter_gets_the_versions_that_were_tested() -> None:
    """counter.lock is a part of requirements.lock, with all that the extra names."""
    tested, counter = pinned("requirements.lock"), pinned("counter.lock")
    assert {name: tested.get(name) for name in counter} == counter
    names = {name.partition("==")[0] for name in counter}
    assert names >= {"textual", "httpx", "pyserial", "filelock", "cryptography", "sqlmodel"}
    assert names.isdisjoint({"pytest", "fastapi", "mypy"})
    assert len(pinned("pip.lock")) == 1
