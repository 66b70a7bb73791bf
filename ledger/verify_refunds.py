"""Refunds beside the books: what is written of each is what its postings say, and all of a sale are no more than the sale."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from ledger import rows


def verify_refunds(connection: Connection) -> Iterator[str]:
    """Findings, in words."""
    said = (
        "SELECT bucket, entry, code AS kind, sum(CASE what WHEN 'given' THEN amount ELSE 0 END) AS given,"
        " sum(CASE what WHEN 'taken' THEN amount WHEN 'added' THEN -amount ELSE 0 END) AS taken,"
        " sum(CASE what WHEN 'ended' THEN amount ELSE 0 END) AS ended"
        " FROM refund WHERE what IN ('given', 'taken', 'added', 'ended') GROUP BY bucket, entry, code"
    )
    posted = (
        "SELECT p.bucket, p.entry, p.kind, sum(CASE p.account WHEN 'clearing' THEN -p.points ELSE 0 END) AS given,"
        " sum(CASE p.account WHEN 'issuance' THEN p.points ELSE 0 END) AS taken,"
        " sum(CASE p.account WHEN 'breakage' THEN -p.points ELSE 0 END) AS ended FROM posting p"
        " JOIN entry e ON e.bucket = p.bucket AND e.id = p.entry AND e.type = 'refund'"
        " GROUP BY p.bucket, p.entry, p.kind"
    )
    both = (
        f"SELECT bucket, entry, kind, given, taken, ended, 0 AS g, 0 AS t, 0 AS e FROM ({said}) AS s"
        f" UNION ALL SELECT bucket, entry, kind, 0, 0, 0, given, taken, ended FROM ({posted}) AS p"
    )
    for entry, kind, given, taken, ended, g, t, e in rows.fetch(
        connection,
        f"SELECT entry, kind, sum(given), sum(taken), sum(ended), sum(g), sum(t), sum(e) FROM ({both}) AS b"
        " GROUP BY bucket, entry, kind HAVING sum(given) <> sum(g) OR sum(taken) <> sum(t) OR sum(ended) <> sum(e)",
    ):
        yield (
            f"refund {bytes(entry).hex()}, {kind!r}: gave {given} back and took {taken}, {ended} of them ended before,"
            f" its postings say {g}, {t} and {e}"
        )
    for merchant, kind, points in rows.fetch(
        connection,
        "SELECT holder, kind, sum(points) FROM posting WHERE account = 'breakage' GROUP BY holder, kind"
        " HAVING sum(points) < 0 ORDER BY holder, kind",
    ):
        yield f"merchant {merchant}, {kind!r}: {-points} points more were taken out of breakage than had ended"
    # What a person accepted of a sale later is issued under an id of its own, so that only what a sale took is compared here.
    for sale, kind, given, taken in rows.fetch(
        connection,
        "SELECT r.sale, r.code, sum(r.amount), coalesce((SELECT sum(p.points) FROM posting p WHERE p.bucket = r.bucket"
        " AND p.entry = r.sale AND p.account = 'clearing' AND p.kind = r.code), 0) FROM refund r WHERE r.what = 'given'"
        " GROUP BY r.bucket, r.sale, r.code HAVING sum(r.amount) > coalesce((SELECT sum(p.points) FROM posting p"
        " WHERE p.bucket = r.bucket AND p.entry = r.sale AND p.account = 'clearing' AND p.kind = r.code), 0)",
    ):
        yield f"sale {bytes(sale).hex()}, {kind!r}: {given} points were given back, it had taken {taken}"
