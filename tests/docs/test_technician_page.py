"""docs/technician.md knows every setting, code, profile and exit code."""

from __future__ import annotations

from config import data
from config.settings import Settings
from devices.display_profiles import read_displays
from devices.pin_pad import read_pin_pads
from devices.printer_profiles import read_printers
from devices.profiles import read_profiles
from terminal.machine_sentences import MACHINE
from terminal.sentences import REASONS
from terminal.technician_sentences import TECHNICIAN
from tests.docs.pages import code_spans, first_cells, page
from till.commands.options import Exit
from till.ledger_sentences import LEDGER, STORE_TILLS

PAGE = page("docs/technician.md")


def test_every_setting_is_explained_with_its_default() -> None:
    """No setting without a line, no line without a setting."""
    heading = "## Settings: `till.toml`"
    assert {cell.strip("`") for cell in first_cells(PAGE, heading)} == set(Settings.__struct_fields__)
    for name in Settings.__struct_fields__:
        default = getattr(Settings(), name)
        shown = f'"{default}"' if isinstance(default, str) else str(default)
        assert f"| `{name}` | `{shown}` |" in PAGE, name


def test_every_code_that_a_technician_meets_is_explained() -> None:
    """What the screen can say of machine, ledger and waiting entries has a line."""
    assert {*MACHINE, *LEDGER, *STORE_TILLS, *REASONS, *TECHNICIAN} <= code_spans(PAGE)


def test_every_profile_is_in_the_table() -> None:
    """And none that is not shipped."""
    shipped = read_profiles(data("scanners")).profiles
    told = {cell.strip("`") for cell in first_cells(PAGE, "## Scanners")}
    assert set(shipped) <= told
    for profile in shipped.values():
        line = profile.line
        assert profile.is_keyboard or f"{line.baud} {line.bytesize}{line.parity}{line.stopbits}" in PAGE


def test_every_printer_is_in_the_table() -> None:
    """And its paper is as wide as it says."""
    assert set(read_printers(data("printers")).profiles) <= code_spans(PAGE)


def test_every_display_and_keypad_is_in_the_table() -> None:
    """With its line, where displays differ in it."""
    displays = read_displays(data("displays")).profiles
    assert {*displays, *read_pin_pads(data("pin_pads")).profiles} <= code_spans(PAGE)
    for one in displays.values():
        assert f"{one.line.bytesize}{one.line.parity}{one.line.stopbits}" in PAGE


def test_the_exit_codes_are_those_of_the_commands() -> None:
    """Every exit code has its word."""
    line = next(line for line in PAGE.splitlines() if line.startswith("Exit codes:"))
    assert all(f" {int(code)} " in line for code in Exit)
