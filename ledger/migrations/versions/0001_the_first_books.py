"""The first books.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """All tables of the first release."""
    _who_takes_part()
    _what_tills_sent()
    _the_books()
    _beside_members()
    _members_page()
    _stores_pages()
    _households()
    _standings()
    _newcomers()
    _the_log()
    _the_console()


def _the_console() -> None:
    op.create_table(
        "operator",
        sa.Column("name", _text(), nullable=False),
        sa.Column("pin_hash", _text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.BigInteger(), nullable=False),
        sa.Column("left_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "proposal",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("programme", _text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("source", _text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", _text(), nullable=False),
        sa.Column("proposed_by", _text(), nullable=False),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.Column("in_force_from", sa.BigInteger(), nullable=False),
        sa.Column("state", _text(), nullable=False),
        sa.Column("decided_by", _text(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("why", _text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'approved', 'published', 'withdrawn', 'failed')", name="proposal_state"
        ),
        sa.CheckConstraint(
            "state IN ('open', 'withdrawn') OR (length(decided_by) > 0 AND decided_by <> proposed_by)",
            name="proposal_is_approved_by_another",
        ),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "suspended",
        sa.Column("what", _text(), nullable=False),
        sa.Column("id", _text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("reason", _text(), nullable=False),
        sa.CheckConstraint("what IN ('merchant', 'programme')", name="suspended_what"),
        sa.PrimaryKeyConstraint("what", "id"),
    )
    op.create_table(
        "act",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=False),
        sa.Column("done_by", _text(), nullable=False),
        sa.Column("what", _text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )


def _the_log() -> None:
    op.create_table(
        "log_head",
        sa.Column("one", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("one"),
    )
    op.create_table(
        "log_tile",
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "number"),
    )
    op.create_table(
        "log_run",
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("terminal", _text(), nullable=False),
        sa.Column("first_seq", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("first"),
    )
    op.create_index("log_run_terminal", "log_run", ["terminal", "first_seq"], unique=True)
    op.create_table(
        "logged",
        sa.Column("terminal", _text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("terminal"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "epoch",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("epoch", _text(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("why", _text(), nullable=False),
        sa.Column("evidence", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )


def downgrade() -> None:
    """Books are never taken back; a backup is restored."""
    raise NotImplementedError


def _text() -> sa.String:
    return sa.String()


def _who_takes_part() -> None:
    op.create_table(
        "document",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("kind", _text(), nullable=False),
        sa.Column("id", _text(), nullable=False),
        sa.Column("store", _text(), nullable=False),
        sa.Column("signed", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "merchant",
        sa.Column("merchant", _text(), nullable=False),
        sa.Column("name", _text(), nullable=False),
        sa.Column("status", _text(), nullable=False),
        sa.PrimaryKeyConstraint("merchant"),
    )
    op.create_table(
        "settlement_price",
        sa.Column("kind", _text(), nullable=False),
        sa.Column("price_mfen", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind"),
    )
    op.create_table(
        "phone",
        sa.Column("phone", _text(), nullable=False),
        sa.Column("member", _text(), nullable=False),
        sa.PrimaryKeyConstraint("phone"),
    )
    op.create_index("phone_member", "phone", ["member"], unique=False)
    op.create_table(
        "setting",
        sa.Column("key", _text(), nullable=False),
        sa.Column("value", _text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "store",
        sa.Column("store", _text(), nullable=False),
        sa.Column("merchant", _text(), nullable=False),
        sa.Column("name", _text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merchant"],
            ["merchant.merchant"],
        ),
        sa.PrimaryKeyConstraint("store"),
    )
    op.create_table(
        "enrolment",
        sa.Column("code", _text(), nullable=False),
        sa.Column("store", _text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("terminal", _text(), nullable=False),
        sa.Column("replaces", _text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["store"],
            ["store.store"],
        ),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_table(
        "terminal",
        sa.Column("terminal", _text(), nullable=False),
        sa.Column("store", _text(), nullable=False),
        sa.Column("name", _text(), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("status", _text(), nullable=False),
        sa.Column("head_seq", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("head_signature", sa.LargeBinary(), nullable=False),
        sa.Column("booked_seq", sa.BigInteger(), nullable=False),
        sa.Column("enrolled_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("tag", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["store"],
            ["store.store"],
        ),
        sa.PrimaryKeyConstraint("terminal"),
    )
    op.create_index("ix_terminal_tag", "terminal", ["tag"], unique=False)


def _what_tills_sent() -> None:
    op.create_table(
        "heartbeat",
        sa.Column("terminal", _text(), nullable=False),
        sa.Column("heard_at", sa.BigInteger(), nullable=False),
        sa.Column("version", _text(), nullable=False),
        sa.Column("system", _text(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("waiting", sa.BigInteger(), nullable=False),
        sa.Column("waiting_fen", sa.BigInteger(), nullable=False),
        sa.Column("waiting_since", sa.BigInteger(), nullable=False),
        sa.Column("for_a_person", sa.BigInteger(), nullable=False),
        sa.Column("is_shift_open", sa.BigInteger(), nullable=False),
        sa.Column("ended", _text(), nullable=False),
        sa.Column("cache_as_of", sa.BigInteger(), nullable=False),
        sa.Column("programme", _text(), nullable=False),
        sa.Column("programme_version", sa.BigInteger(), nullable=False),
        sa.Column("rules_until", sa.BigInteger(), nullable=False),
        sa.Column("offset_us", sa.BigInteger(), nullable=False),
        sa.Column("doubt", _text(), nullable=False),
        sa.Column("scanner", _text(), nullable=False),
        sa.Column("scanner_code", _text(), nullable=False),
        sa.Column("scans", sa.BigInteger(), nullable=False),
        sa.Column("scan_errors", sa.BigInteger(), nullable=False),
        sa.Column("printer_code", _text(), nullable=False),
        sa.Column("disk_free_bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("terminal"),
    )
    op.create_table(
        "outage_report",
        sa.Column("terminal", _text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("result", _text(), nullable=False),
        sa.Column("rehearsed_at", sa.BigInteger(), nullable=False),
        sa.Column("report", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("terminal"),
    )
    op.create_table(
        "tutorial_pass",
        sa.Column("store", _text(), nullable=False),
        sa.Column("staff", _text(), nullable=False),
        sa.Column("passed_at", sa.BigInteger(), nullable=False),
        sa.Column("tasks", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=False),
        sa.Column("terminal", _text(), nullable=False),
        sa.PrimaryKeyConstraint("store", "staff"),
    )
    op.create_table(
        "branch",
        sa.Column("terminal", _text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("payload_hash", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("head_seq", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("head_signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("terminal", "seq", "hash"),
    )
    op.create_table(
        "outcome",
        sa.Column("terminal", _text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("status", _text(), nullable=False),
        sa.Column("outcome", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("terminal", "seq"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "outcome_quarantined",
        "outcome",
        ["terminal", "seq"],
        unique=False,
        sqlite_where=sa.text("status = 'quarantined'"),
        postgresql_where=sa.text("status = 'quarantined'"),
    )
    op.create_table(
        "received",
        sa.Column("terminal", _text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("payload_hash", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("terminal", "seq"),
    )
    op.create_table(
        "reference_claim",
        sa.Column("store", _text(), nullable=False),
        sa.Column("reference", _text(), nullable=False),
        sa.Column("terminal", _text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("store", "reference"),
    )
    _cases()


def _cases() -> None:
    op.create_table(
        "entry_case",
        sa.Column("terminal", _text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("branch", sa.LargeBinary(), nullable=False),
        sa.Column("store", _text(), nullable=False),
        sa.Column("merchant", _text(), nullable=False),
        sa.Column("reason", _text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("shortfall", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("by_entry", sa.LargeBinary(), nullable=False),
        sa.Column("decision", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("(number = 0) = (length(decision) = 0)", name="case_is_decided_once"),
        sa.PrimaryKeyConstraint("terminal", "seq", "branch"),
        sqlite_with_rowid=False,
    )
    for name, columns, unique, where in (
        ("entry_case_open", ["store", "opened_at"], False, "number = 0"),
        ("entry_case_decided", ["terminal", "number"], True, "number > 0"),
        ("entry_case_stands", ["by_entry"], True, "length(by_entry) > 0"),
    ):
        op.create_index(
            name, "entry_case", columns, unique=unique, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
        )


def _the_books() -> None:
    op.create_table(
        "bucket",
        sa.Column("bucket", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("bucket"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "entry",
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("terminal", _text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("type", _text(), nullable=False),
        sa.Column("member", _text(), nullable=False),
        sa.Column("store", _text(), nullable=False),
        sa.Column("merchant", _text(), nullable=False),
        sa.Column("reference", _text(), nullable=False),
        sa.Column("business_day", _text(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("shortfall", sa.BigInteger(), nullable=False),
        sa.Column("voided_by", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "id"),
        sqlite_with_rowid=False,
    )
    op.create_index("entry_member", "entry", ["bucket", "member", "position"], unique=False)
    op.create_table(
        "member",
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("member", _text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("name", _text(), nullable=False),
        sa.Column("last4", _text(), nullable=False),
        sa.Column("tier", _text(), nullable=False),
        sa.Column("status", _text(), nullable=False),
        sa.Column("merged_into", _text(), nullable=False),
        sa.Column("phone_key", _text(), nullable=False),
        sa.Column("pin_hash", _text(), nullable=False),
        sa.Column("pin_failures", sa.Integer(), nullable=False),
        sa.Column("joined_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "status IN ('active', 'blocked', 'revoked', 'merged', 'left', 'household', 'unclaimed', 'claimed')",
            name="member_status",
        ),
        sa.PrimaryKeyConstraint("bucket", "member"),
        sqlite_with_rowid=False,
    )
    op.create_index("member_feed", "member", ["bucket", "position"], unique=False)
    op.create_index(
        "member_unhashed",
        "member",
        ["bucket", "member"],
        unique=False,
        sqlite_where=sa.text("phone_key = '' AND last4 <> ''"),
        postgresql_where=sa.text("phone_key = '' AND last4 <> ''"),
    )
    op.create_table(
        "nonce",
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("nonce", _text(), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "nonce"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reservation",
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("terminal", _text(), nullable=False),
        sa.Column("member", _text(), nullable=False),
        sa.Column("kind", _text(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("points_left", sa.BigInteger(), nullable=False),
        sa.Column("granted_at", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("ended_by", sa.LargeBinary(), nullable=False),
        sa.Column("authority", _text(), nullable=False),
        sa.Column("called_back", sa.Integer(), nullable=False),
        sa.Column("holds", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(ended_by) = 0 OR points_left = 0", name="ended_reservation_is_empty"),
        sa.CheckConstraint("points_left >= 0 AND points_left <= points", name="reservation_left_within"),
        sa.PrimaryKeyConstraint("bucket", "id"),
        sqlite_with_rowid=False,
    )
    op.create_index("reservation_member", "reservation", ["bucket", "member"], unique=False)
    op.create_table(
        "balance",
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("member", _text(), nullable=False),
        sa.Column("kind", _text(), nullable=False),
        sa.Column("available", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("owed", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("available >= 0", name="available_not_negative"),
        sa.CheckConstraint("owed >= 0", name="owed_not_negative"),
        sa.CheckConstraint("reserved >= 0", name="reserved_not_negative"),
        sa.ForeignKeyConstraint(
            ["bucket", "member"],
            ["member.bucket", "member.member"],
        ),
        sa.PrimaryKeyConstraint("bucket", "member", "kind"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "lot",
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("member", _text(), nullable=False),
        sa.Column("kind", _text(), nullable=False),
        sa.Column("issuer", _text(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("points_left", sa.BigInteger(), nullable=False),
        sa.Column("expires_on", _text(), nullable=False),
        sa.Column("price_mfen", sa.Integer(), nullable=False),
        sa.Column("extended", sa.Integer(), nullable=False),
        sa.CheckConstraint("points > 0", name="lot_has_points"),
        sa.CheckConstraint("points_left >= 0 AND points_left <= points", name="lot_left_within"),
        sa.ForeignKeyConstraint(
            ["bucket", "entry"],
            ["entry.bucket", "entry.id"],
        ),
        sa.PrimaryKeyConstraint("bucket", "entry", "line"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "lot_open",
        "lot",
        ["bucket", "member"],
        unique=False,
        sqlite_where=sa.text("points_left > 0"),
        postgresql_where=sa.text("points_left > 0"),
    )
    op.create_table(
        "posting",
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("account", _text(), nullable=False),
        sa.Column("holder", _text(), nullable=False),
        sa.Column("kind", _text(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "account IN ('available', 'reserved', 'owed', 'issuance', 'clearing', 'breakage', 'shortfall', 'transfer')",
            name="posting_account",
        ),
        sa.CheckConstraint("points <> 0", name="posting_moves_something"),
        sa.ForeignKeyConstraint(
            ["bucket", "entry"],
            ["entry.bucket", "entry.id"],
        ),
        sa.PrimaryKeyConstraint("bucket", "entry", "line"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "refund",
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.Column("what", _text(), nullable=False),
        sa.Column("code", _text(), nullable=False),
        sa.Column("sale", sa.LargeBinary(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("what IN ('goods', 'money', 'given', 'taken', 'added', 'ended')", name="refund_what"),
        sa.CheckConstraint("amount > 0", name="refund_moves_something"),
        sa.ForeignKeyConstraint(
            ["bucket", "entry"],
            ["entry.bucket", "entry.id"],
        ),
        sa.ForeignKeyConstraint(
            ["bucket", "sale"],
            ["entry.bucket", "entry.id"],
        ),
        sa.PrimaryKeyConstraint("bucket", "entry", "what", "code"),
        sqlite_with_rowid=False,
    )
    op.create_index("refund_sale", "refund", ["bucket", "sale"], unique=False)
    op.create_table(
        "lot_use",
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.Column("lot_entry", sa.LargeBinary(), nullable=False),
        sa.Column("lot_line", sa.Integer(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bucket", "entry"],
            ["entry.bucket", "entry.id"],
        ),
        sa.ForeignKeyConstraint(
            ["bucket", "lot_entry", "lot_line"],
            ["lot.bucket", "lot.entry", "lot.line"],
        ),
        sa.PrimaryKeyConstraint("bucket", "entry", "lot_entry", "lot_line"),
        sqlite_with_rowid=False,
    )


def _beside_members() -> None:
    op.create_table(
        "horizon",
        sa.Column("bucket", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["bucket"], ["bucket.bucket"]),
        sa.PrimaryKeyConstraint("bucket"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "visit",
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("member", _text(), nullable=False),
        sa.Column("merchant", _text(), nullable=False),
        sa.Column("day", _text(), nullable=False),
        sa.ForeignKeyConstraint(["bucket", "member"], ["member.bucket", "member.member"]),
        sa.PrimaryKeyConstraint("bucket", "member", "merchant"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "habit",
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("member", _text(), nullable=False),
        sa.Column("store", _text(), nullable=False),
        sa.Column("kind", _text(), nullable=False),
        sa.Column("day", _text(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("points > 0", name="habit_is_of_points"),
        sa.ForeignKeyConstraint(["bucket", "member"], ["member.bucket", "member.member"]),
        sa.PrimaryKeyConstraint("bucket", "member", "store", "kind"),
        sqlite_with_rowid=False,
    )
    op.create_index("habit_of_store", "habit", ["store", "day"], unique=False)
    op.create_table(
        "merged",
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("member", _text(), nullable=False),
        sa.Column("source", _text(), nullable=False),
        sa.Column("source_bucket", sa.Integer(), nullable=False),
        sa.Column("merged_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["bucket", "member"], ["member.bucket", "member.member"]),
        sa.PrimaryKeyConstraint("bucket", "member", "source"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "unclaimed",
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("member", _text(), nullable=False),
        sa.Column("until", _text(), nullable=False),
        sa.ForeignKeyConstraint(["bucket", "member"], ["member.bucket", "member.member"]),
        sa.PrimaryKeyConstraint("bucket", "member"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ended",
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("member", _text(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["bucket", "member"], ["member.bucket", "member.member"]),
        sa.PrimaryKeyConstraint("bucket", "member"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "lot_origin",
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("from_bucket", sa.Integer(), nullable=False),
        sa.Column("from_entry", sa.LargeBinary(), nullable=False),
        sa.Column("from_line", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["bucket", "entry", "line"], ["lot.bucket", "lot.entry", "lot.line"]),
        sa.PrimaryKeyConstraint("bucket", "entry", "line"),
        sqlite_with_rowid=False,
    )
    op.create_index("lot_origin_from", "lot_origin", ["from_bucket", "from_entry"], unique=False)


def _stores_pages() -> None:
    op.create_table(
        "staff_tries",
        sa.Column("store", _text(), nullable=False),
        sa.Column("staff", _text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.BigInteger(), nullable=False),
        sa.Column("tried_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("store", "staff"),
    )
    op.create_table(
        "staff_session",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("store", _text(), nullable=False),
        sa.Column("staff", _text(), nullable=False),
        sa.Column("shows", _text(), nullable=False),
        sa.Column("pin_tag", sa.LargeBinary(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )


def _newcomers() -> None:
    op.create_table(
        "number_given",
        sa.Column("number", _text(), nullable=False),
        sa.Column("terminal", _text(), nullable=False),
        sa.Column("given_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sqlite_with_rowid=False,
    )
    op.create_index("number_given_to", "number_given", ["terminal"])
    op.create_table(
        "newcomer",
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("member", _text(), nullable=False),
        sa.Column("phone", _text(), nullable=False),
        sa.ForeignKeyConstraint(["bucket", "member"], ["member.bucket", "member.member"]),
        sa.PrimaryKeyConstraint("bucket", "member"),
        sqlite_with_rowid=False,
    )


def _households() -> None:
    op.create_table(
        "household",
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("household", _text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["bucket", "household"], ["member.bucket", "member.member"]),
        sa.PrimaryKeyConstraint("bucket", "household"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "seat",
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("member", _text(), nullable=False),
        sa.Column("household", _text(), nullable=False),
        sa.Column("joined_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["bucket", "member"], ["member.bucket", "member.member"]),
        sa.PrimaryKeyConstraint("bucket", "member"),
        sqlite_with_rowid=False,
    )
    op.create_index("seat_of_household", "seat", ["household"], unique=False)
    op.create_table(
        "invitation",
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("household", _text(), nullable=False),
        sa.Column("member", _text(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["bucket", "household"], ["household.bucket", "household.household"]),
        sa.PrimaryKeyConstraint("bucket", "hash"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pooled",
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("household", _text(), nullable=False),
        sa.Column("member", _text(), nullable=False),
        sa.ForeignKeyConstraint(["bucket", "entry", "line"], ["lot.bucket", "lot.entry", "lot.line"]),
        sa.PrimaryKeyConstraint("bucket", "entry", "line"),
        sqlite_with_rowid=False,
    )
    op.create_index("pooled_of", "pooled", ["bucket", "household", "member"], unique=False)


def _standings() -> None:
    op.create_table(
        "member_count",
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("member", _text(), nullable=False),
        sa.Column("merchant", _text(), nullable=False),
        sa.Column("name", _text(), nullable=False),
        sa.Column("period", _text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["bucket", "member"], ["member.bucket", "member.member"]),
        sa.PrimaryKeyConstraint("bucket", "member", "merchant", "name", "period"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "merchant_count",
        sa.Column("merchant", _text(), nullable=False),
        sa.Column("name", _text(), nullable=False),
        sa.Column("period", _text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("merchant", "name", "period"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "held",
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("member", _text(), nullable=False),
        sa.Column("merchant", _text(), nullable=False),
        sa.Column("reward", _text(), nullable=False),
        sa.Column("day", _text(), nullable=False),
        sa.Column("stock", sa.Integer(), nullable=False),
        sa.Column("others", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["bucket", "member"], ["member.bucket", "member.member"]),
        sa.PrimaryKeyConstraint("bucket", "id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "standing",
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("member", _text(), nullable=False),
        sa.Column("merchant", _text(), nullable=False),
        sa.Column("tier", _text(), nullable=False),
        sa.Column("spent_fen", sa.BigInteger(), nullable=False),
        sa.Column("visits", sa.BigInteger(), nullable=False),
        sa.Column("month", _text(), nullable=False),
        sa.Column("programme", _text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["bucket", "member"], ["member.bucket", "member.member"]),
        sa.PrimaryKeyConstraint("bucket", "member", "merchant"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tier_given",
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("member", _text(), nullable=False),
        sa.Column("given_at", sa.BigInteger(), nullable=False),
        sa.Column("tier", _text(), nullable=False),
        sa.Column("reason", _text(), nullable=False),
        sa.ForeignKeyConstraint(["bucket", "member"], ["member.bucket", "member.member"]),
        sa.PrimaryKeyConstraint("bucket", "member", "given_at"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "usual",
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("member", _text(), nullable=False),
        sa.Column("merchant", _text(), nullable=False),
        sa.Column("reward", _text(), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["bucket", "member"], ["member.bucket", "member.member"]),
        sa.PrimaryKeyConstraint("bucket", "member", "merchant", "reward"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "personal_offer",
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("member", _text(), nullable=False),
        sa.Column("merchant", _text(), nullable=False),
        sa.Column("id", _text(), nullable=False),
        sa.Column("until", _text(), nullable=False),
        sa.Column("offered_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["bucket", "member"], ["member.bucket", "member.member"]),
        sa.PrimaryKeyConstraint("bucket", "member", "merchant", "id"),
        sqlite_with_rowid=False,
    )


def _members_page() -> None:
    op.create_table(
        "page_link",
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("member", _text(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["bucket", "member"], ["member.bucket", "member.member"]),
        sa.PrimaryKeyConstraint("bucket", "hash"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "page_session",
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("member", _text(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("ended", _text(), nullable=False),
        sa.ForeignKeyConstraint(["bucket", "member"], ["member.bucket", "member.member"]),
        sa.PrimaryKeyConstraint("bucket", "hash"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "consent",
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("member", _text(), nullable=False),
        sa.Column("purpose", _text(), nullable=False),
        sa.Column("is_given", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["bucket", "member"], ["member.bucket", "member.member"]),
        sa.PrimaryKeyConstraint("bucket", "member", "purpose"),
        sqlite_with_rowid=False,
    )
