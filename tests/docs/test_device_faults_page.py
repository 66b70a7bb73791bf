"""The page of faults names each fault once, and a test that makes it; or says that only a device can show it."""

from __future__ import annotations

import re

from tests.docs.pages import ROOT

FAULTS = {
    *range(1, 20),
    *range(20, 36),
    *range(40, 51),
    *range(60, 66),
    *range(70, 81),
    *range(90, 95),
    *range(100, 105),
}
"""Of ports, lines, data, commands, printers, displays and settings."""
_ROW = re.compile(r"^\| D(\d+) \| [^|]+ \| ([^|]+) \| (?:`([^`:]+)::(\w+)`|–) \|$", re.MULTILINE)


def test_each_fault_has_its_test_or_is_on_site() -> None:
    """Tests are found by name in the file that is named; the number is in the test's name too."""
    rows = _ROW.findall((ROOT / "docs/device-faults.md").read_text(encoding="utf-8"))
    assert sorted(int(number) for number, *_ in rows) == sorted(FAULTS)
    for number, does, file, test in rows:
        if not file:
            assert "On site" in does
            continue
        assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8")
        assert f"_d{number}_" in f"_{test}"
