"""The explanation of a quote for programs, the same from the till and from the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from points.amounts import format_exact

if TYPE_CHECKING:
    from points.quote import Quote


def as_document(quote: Quote) -> dict[str, Any]:
    """A quote with all its steps: dicts, lists, integers and strings; exact figures as decimal text."""
    return {
        "gross_fen": quote.gross_fen,
        "due_fen": quote.due_fen,
        "steps": [
            {
                "rule": line.rule,
                "name": {"zh": line.name.zh, "en": line.name.en},
                "category": line.category,
                "kind": line.kind,
                "factor": format_exact(line.factor) if line.factor is not None else "",
                "amount_fen": format_exact(line.amount_fen),
                "count": line.count,
                "points": format_exact(line.points),
            }
            for line in quote.lines
        ],
        "awarded": {award.kind: award.points for award in quote.awards},
        "redeemed": [{"reward": one.reward_id, "kind": one.kind, "points": one.points} for one in quote.redemptions],
    }
