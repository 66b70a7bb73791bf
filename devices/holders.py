"""Which programs have a port open: Linux says so in /proc, for the processes of this account. Elsewhere nobody knows."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")


def programs_on(device: str, proc: Path = PROC) -> list[str]:
    """`name (pid)` of each other program that has `device` open; empty where that cannot be known."""
    if not proc.is_dir():
        return []
    wanted = str(Path(device).resolve())
    return [f"{_name(process)} ({process.name})" for process in _others(proc) if wanted in _open_files(process)]


def _others(proc: Path) -> Iterator[Path]:
    own = str(os.getpid())
    for process in sorted(proc.iterdir()):
        if process.name.isdigit() and process.name != own:
            yield process


def _open_files(process: Path) -> set[str]:
    """Empty for another account's, and for one that ended meanwhile."""
    found = set()
    try:
        for descriptor in (process / "fd").iterdir():
            try:
                found.add(str(descriptor.readlink()))
            except OSError:
                continue
    except OSError:
        return set()
    return found


def _name(process: Path) -> str:
    try:
        return (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return "?"
