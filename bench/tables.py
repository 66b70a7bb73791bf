"""Figures for people (a table), for programs (JSON), and for docs/measurements.md (the part between its markers)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.figures import Figure, Unit

MEASUREMENTS = Path(__file__).parent.parent / "docs" / "measurements.md"
"""What both commands write their results into, each between markers of its own."""

_SUFFIX: Mapping[Unit, str] = {
    "x": " x", "ms": " ms", "s": " s", "MB": " MB", "bytes": " bytes", "requests": "", "/s": "/s",
}  # fmt: skip
_HEAD = ("bench", "what", "ours", "other side", "value", "quartiles", "bound", "")


def _number(value: float, unit: Unit) -> str:
    digits = 2 if unit in ("x", "s") else 1 if unit == "ms" else 0
    return f"{value:,.{digits}f}{_SUFFIX[unit]}"


def cells(figure: Figure) -> tuple[str, ...]:
    """One line of the table."""
    value, unit = figure.value, figure.unit
    sign = {"most": "<=", "least": ">="}
    bound = f"{sign[figure.bound.way]} {_number(figure.bound.limit, unit)}" if figure.bound else ""
    quartiles = f"{_number(value.low, unit)} .. {_number(value.high, unit)}" if value.low != value.high else ""
    return (
        figure.bench, figure.what, figure.ours, figure.other, _number(value.median, unit), quartiles, bound,
        figure.verdict,
    )  # fmt: skip


def as_text(figures: Sequence[Figure]) -> str:
    """Columns, with the notes beneath."""
    rows = [_HEAD, *(cells(figure) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines += [f"  {figure.bench}, {figure.what}: {figure.note}" for figure in figures if figure.note]
    return "\n".join(lines)


def as_json(figure: Figure) -> dict[str, Any]:
    """One figure as plain values."""
    document = asdict(figure) | {"verdict": figure.verdict}
    document["value"] = figure.value._asdict()
    document["bound"] = figure.bound._asdict() if figure.bound else None
    return document


def as_markdown(figures: Iterable[Figure], facts: Mapping[str, str]) -> str:
    """A table of facts and one of figures; misses are bold."""
    figures = list(figures)
    lines = [*(f"- {name}: {value}" for name, value in facts.items()), "", _row(_HEAD), _row(["---"] * len(_HEAD))]
    for figure in figures:
        *shown, verdict = cells(figure)
        lines.append(_row([*shown, f"**{verdict}**" if verdict == "MISSED" else verdict]))
    noted = [f"- {figure.bench}, {figure.what}: {figure.note}" for figure in figures if figure.note]
    return "\n".join([*lines, *([""] if noted else []), *noted])


def write_between(path: Path, name: str, text: str) -> None:
    """Replace what stands between the markers `<!-- name -->` and `<!-- /name -->`; both have to be there."""
    document = path.read_text(encoding="utf-8")
    pattern = re.compile(f"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    if not pattern.search(document):
        raise LookupError(f"{path} has no part between <!-- {name} --> and <!-- /{name} -->")
    path.write_text(pattern.sub(lambda found: f"{found[1]}{text}\n{found[2]}", document), encoding="utf-8")


def _row(columns: Iterable[str]) -> str:
    return f"| {' | '.join(columns)} |"
