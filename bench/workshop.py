"""Where measurements work: a folder that goes away, and shops in it that several measurements share."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.shop.shops import Shop, open_shop

MILLION = 1_000_000
_TOUCHED = 100_000


class Workshop:
    """`members`: how many a full cache holds; less than a million is for trying things out."""

    source = Path(__file__).parent.parent
    """Where `python -m bench` works."""

    def __init__(self, members: int = MILLION) -> None:
        self.members = members
        self.changes = min(_TOUCHED, members // 10)
        """How many are pulled while something else is measured."""
        self._open = ExitStack()
        self._folder = Path(tempfile.mkdtemp(prefix="till-bench-"))
        self._shops: dict[int, Shop] = {}
        self._folders = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._open.close()
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    def folder(self) -> Path:
        """A new, empty folder."""
        self._folders += 1
        path = self._folder / str(self._folders)
        path.mkdir()
        return path

    def shop(self, members: int) -> Shop:
        """A ledger with so many members and a till paired with it, whose cache holds them all; made once."""
        if members not in self._shops:
            self._shops[members] = self._open.enter_context(open_shop(self.folder(), members))
        return self._shops[members]
