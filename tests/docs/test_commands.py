"""Every command and every key has its place in a page."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from ledger.cli import main as till_ledger
from protocol.documents import AllowancePolicy, ApprovalPolicy, FloorPolicy, StoreSettings
from terminal.commands import ALL, Command, key_name
from tests.docs.pages import DOCS, code_spans
from till.cli import main as till

_PAGES = {path.name: path.read_text(encoding="utf-8") for path in DOCS.glob("*.md")}


def _commands(name: str, command: click.Command) -> Iterator[str]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for part in command.list_commands(context):
            inner = command.get_command(context, part)
            assert inner is not None
            yield from _commands(f"{name} {part}", inner)
    else:
        yield name


@pytest.mark.parametrize("command", list(_commands("till", till)))
def test_every_command_of_the_till_is_in_the_technicians_page(command: str) -> None:
    """Written as it is typed."""
    spans = code_spans(_PAGES["technician.md"])
    assert any(span == command or span.startswith(f"{command} ") for span in spans)


@pytest.mark.parametrize("command", list(_commands("till-ledger", till_ledger)))
def test_every_command_of_the_ledger_is_in_the_operators_page(command: str) -> None:
    """Written with or without the program's name before it."""
    text = _PAGES["operator.md"]
    assert command in text or f"`{command.removeprefix('till-ledger ')}" in text


@pytest.mark.parametrize("command", ALL, ids=lambda command: command.id)
def test_every_key_is_explained_for_somebody(command: Command) -> None:
    """In a page of cashier, manager or technician."""
    key = key_name(command, {})
    readers = "".join(text for name, text in _PAGES.items() if name.startswith(("cashier", "manager", "technician")))
    assert f"| {key} |" in readers


def test_every_field_of_a_store_is_in_the_operators_page() -> None:
    """What an operator can set, he can look up."""
    spans = code_spans(_PAGES["operator.md"])
    for model in (StoreSettings, FloorPolicy, AllowancePolicy, ApprovalPolicy):
        assert set(model.__struct_fields__) <= spans
