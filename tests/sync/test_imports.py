"""What the counter's start must not wait for."""

from __future__ import annotations

import subprocess
import sys


def test_the_agent_leaves_httpx_for_later() -> None:
    """Importing the background costs neither httpx nor zstandard: they come in its own threads (STYLE, first paint)."""
    code = "import sys, sync.agent, sync.link, sync.events; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"httpx", "httpcore", "zstandard", "http_message_signatures", "textual"} & set(found)
