"""The smallest Textual app, for comparison: `python -m bench.shop.empty_app [MODULE…]` imports modules and paints one word."""

from __future__ import annotations

import importlib
import sys
from contextlib import suppress

from textual.app import App, ComposeResult
from textual.widgets import Static

WORD = "empty-app-is-ready"


class EmptyApp(App[None]):
    """One word."""

    def compose(self) -> ComposeResult:
        """The word."""
        yield Static(WORD)


if __name__ == "__main__":
    for module in sys.argv[1:]:
        with suppress(ImportError):  # tried by somebody, and not there
            importlib.import_module(module)
    EmptyApp().run(mouse=False)
