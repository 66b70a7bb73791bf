"""`till programme explain`: a quote in words, every step from the basket to the points with its factor and its rounding."""

from __future__ import annotations

from collections.abc import Iterator

from points import ExplainedLine, Programme, Quote, format_exact, format_fen
from points.explain import BASES
from till.counting import units_text
from till.i18n import _, either
from till.text import cells, harmless, money, points_text

_NAME, _WHERE, _HOW, _RESULT = 34, 18, 12, 12


def explained(quote: Quote, programme: Programme) -> Iterator[str]:
    """The bill first, then each kind of points that something was said about; exact figures, and the rounding at the end."""
    yield _line(_("Bill"), right=money(quote.gross_fen))
    silent = [line for line in quote.lines if not line.points]
    for line in silent:
        if line.rule != "excluded":
            yield _line(_name(line), _category(line, programme), _factor(line), _amount(line))
    yield _line(_("To pay"), right=money(quote.due_fen))
    for line in silent:
        if line.rule == "excluded":
            yield _line(_name(line), _category(line, programme), _amount(line), "0")
    for kind in programme.kinds:
        steps = [line for line in quote.lines if line.kind == kind.code and line.points]
        if not steps:
            continue
        yield ""
        yield harmless(either(kind.name))
        for line in steps:
            yield _line(_name(line), _category(line, programme), _how(line), _signed(line))
        yield _line(_("Points earned"), right=points_text(quote.awarded(kind.code)))
        yield from _ends(quote, kind.code)


def _name(line: ExplainedLine) -> str:
    return harmless(either(line.name))


def _category(line: ExplainedLine, programme: Programme) -> str:
    named = programme.category_by_code.get(line.category)
    return harmless(either(named.name)) if named else harmless(line.category)


def _how(line: ExplainedLine) -> str:
    """What earns, money or units; a visit and an activity are told by their names."""
    if line.rule == "earn":
        return _amount(line)
    return units_text(line.count, line.unit) if line.rule in ("quantity", "attribute") else _factor(line)


def _factor(line: ExplainedLine) -> str:
    """The rate of an earn rule is in its name, in yuan; a multiplier is said."""
    return f"x {format_exact(line.factor)}" if line.factor is not None and line.rule not in BASES else ""


def _amount(line: ExplainedLine) -> str:
    return format_fen(int(line.amount_fen)) if line.amount_fen else ""


def _signed(line: ExplainedLine) -> str:
    """What a step adds or takes; the first one is what there is."""
    text = format_exact(line.points)
    return f"+{text}" if line.points > 0 and line.rule not in BASES else text


def _ends(quote: Quote, kind: str) -> Iterator[str]:
    for award in quote.awards:
        if award.kind == kind and award.expires_on:
            yield _line(_("Can be used until"), right=award.expires_on.isoformat())


def _line(left: str, where: str = "", how: str = "", right: str = "") -> str:
    return f"  {_padded(left, _NAME)}{_padded(where, _WHERE)}{_padded(how, _HOW)}{right:>{_RESULT}}".rstrip()


def _padded(text: str, width: int) -> str:
    """Wide characters take two columns; a text that is too long pushes the rest on rather than losing its end."""
    return text + " " * max(1, width - cells(text)) if text else " " * width
