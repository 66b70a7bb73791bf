"""A process that prepares an upgrade, and is killed before a step of it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from till.installer.versions import Programme
from till.upgrading import Upgrade


def main() -> None:
    """Programme, till, bundle, and the step."""
    programme, folder, file, step = sys.argv[1:]

    def tell(name: str) -> None:
        if name == step:
            os._exit(9) if sys.platform == "win32" else os.kill(os.getpid(), 9)

    Upgrade(Programme(Path(programme)), Path(folder), tell).prepare(Path(file))


if __name__ == "__main__":
    main()
