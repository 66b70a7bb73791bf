"""The last line: which keys do what here. What cannot be done now is grey; what this person may not do is not shown, and what
there is no room for is in the help alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

from terminal.commands import Command, key_name
from terminal.i18n import _, either
from terminal.text import harmless

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from till.app import DemoKey


class KeyLine(Widget):
    """Written from the same declarations as the bindings."""

    DEFAULT_CSS = """
    KeyLine { height: auto; max-height: 2; padding: 0 1; }
    """

    def __init__(
        self, commands: tuple[Command, ...], keymap: Mapping[str, str], demo_keys: tuple[DemoKey, ...] = (), *,
        is_training: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        self._is_training = is_training
        self._commands, self._keymap, self._demo_keys = commands, keymap, demo_keys

    def render(self) -> Content:
        rows = [self._fitting(self.content_size.width)]
        if self._demo_keys:
            demo = [_entry(_key(key.key), harmless(_label(key), 24), "$accent") for key in self._demo_keys]
            whose = _("Training:") if self._is_training else _("Demo:")
            rows.append(Content("  ").join([Content.styled(whose, "$quiet"), *demo]))
        return Content("\n").join(rows)

    def _fitting(self, width: int) -> Content:
        """As many as stand in one row; what may be left out goes first, from the right."""
        shown = list(self._commands)
        spare = [command for command in shown if not command.in_line]
        while (row := self._row(shown)).cell_length > width and spare:
            shown.remove(spare.pop())
        return row

    def _row(self, commands: Iterable[Command]) -> Content:
        keys = [_entry(key_name(command, self._keymap), _(command.label), "$primary") for command in commands]
        return Content(" ").join(keys)


def _entry(key: str, label: str, style: str) -> Content:
    gap = "" if label and ord(label[0]) > 0x2E80 else " "
    return Content.assemble((key, f"bold {style}"), (gap + label, "$foreground"))


def _key(key: str) -> str:
    return "+".join(part.capitalize() for part in key.split("+"))


def _label(key: DemoKey) -> str:
    return either(_Label(key))


class _Label:
    """A demo key's label, the way `either` reads one."""

    def __init__(self, key: DemoKey) -> None:
        self.zh, self.en = key.label_zh, key.label_en
