"""自助积分: the points of a sale that had no member go to the first who claims them with its receipt.

The sale is booked on an account of its own, and a claim makes that account the claimer's as a merge does (`ledger.merging`):
what is there goes over, and what arrives later, the sale itself, its void or a refund, is swept after it. So a claim may come
before its sale, and points follow what happens to the sale whoever has them.
"""

from __future__ import annotations

from functools import partial

from sqlalchemy import Connection

from ledger import rows
from ledger.booking import expire
from ledger.chance import own_id
from ledger.clock import day_of
from ledger.counting import sales_behind
from ledger.database import Database
from ledger.documents import newest
from ledger.merging import CLAIMS, hand_over_visits, transfer
from ledger.persons import with_who_goes_on
from ledger.problems import MergeRefusedError, NotKnownError
from ledger.reserving import own_entry
from ledger.schema import Entry, Member
from ledger.schema_people import Merged, Unclaimed
from ledger.sessions import standing
from ledger.shelf import MemberKey, Shelf, load_accounts, lock_buckets, portions
from ledger.standing import reckon_merged
from ledger.unclaimed import add_accounts
from protocol.claims import Claim, ClaimAnswer, ClaimState, read_claim
from protocol.documents import Staff
from protocol.entries import Sale
from protocol.ids import bucket_of

MOST_A_DAY = 30
"""Claims of one member in 24 hours: nobody shops more often, and who collects receipts that others left is stopped."""

_DAY_US = 86_400 * 1_000_000


def claim(database: Database, member: str, code: str, now_us: int) -> ClaimAnswer:
    """For `member`, by the code of a receipt. Claimed by him before, it says so again.

    Raises `MergeRefusedError` where his account became another's at this moment.
    """
    found = read_claim(code)
    if found is None:
        return ClaimAnswer(state="unknown")
    return database.transact(
        partial(_claim, database=database, member=member, found=found, now_us=now_us), urgent=True
    )


def look_at(connection: Connection, code: str, now_us: int) -> tuple[ClaimState, Sale | None]:
    """What a claim stands for before anybody has made it: `claimed` where it could be made. The sale, where it has arrived."""
    found = read_claim(code)
    if found is None:
        return "unknown", None
    account = bucket_of(found.account), found.account
    known = rows.find(connection, Member, ("bucket", "member"), [account], "status")
    sale, is_voided = _sale_of(connection, account)
    if known == [("claimed",)]:
        return "taken", sale
    return _why_not(found, is_voided=is_voided, now_us=now_us) or ("claimed" if sale else "waits"), sale


def end_unclaimed(database: Database, today: str, now_us: int) -> int:
    """What nobody claimed before `today` (YYYY-MM-DD) becomes its issuer's breakage; how many accounts that were."""
    return sum(
        database.transact(partial(_end_some, buckets=buckets, today=today, now_us=now_us)) for buckets in portions()
    )


def _claim(connection: Connection, database: Database, member: str, found: Claim, now_us: int) -> ClaimAnswer:
    try:
        today, status = standing(connection, member)
    except NotKnownError:
        return ClaimAnswer(state="not-yours")
    if status != "active":
        return ClaimAnswer(state="not-yours")
    account, own = (bucket_of(found.account), found.account), (bucket_of(today), today)
    lock_buckets(connection, {account[0], own[0]})
    if standing(connection, member)[0] != today:
        raise MergeRefusedError("his account became another's at this moment: try again")
    known = rows.find(connection, Member, ("bucket", "member"), [account], "status, merged_into")
    sale, is_voided = _sale_of(connection, account)
    if known and known[0][0] == "claimed":
        return _answer(connection, account, sale) if known[0][1] == today else ClaimAnswer(state="taken")
    if why := _why_not(found, is_voided=is_voided, now_us=now_us):
        return ClaimAnswer(state=why, until=found.until)
    if sale is not None and _is_who_sold(connection, sale, today):
        return ClaimAnswer(state="not-yours")
    if _claimed_since(connection, own, now_us - _DAY_US) >= MOST_A_DAY:
        return ClaimAnswer(state="too-many")
    _take_over(connection, database, account, own, now_us, is_known=bool(known))
    return _answer(connection, account, sale)


def _why_not(found: Claim, *, is_voided: bool, now_us: int) -> ClaimState | None:
    if found.until < day_of(now_us):
        return "ended"
    return "voided" if is_voided else None


def _sale_of(connection: Connection, account: MemberKey) -> tuple[Sale | None, bool]:
    """The sale that was booked on an account, if it has arrived; and whether it was voided."""
    columns = "bucket, id, voided_by"
    found = rows.find(connection, Entry, ("bucket", "member"), [account], columns, "t.type = 'sale'", "entry_member")
    sales = sales_behind(connection, [(bucket, bytes(identity)) for bucket, identity, _voided_by in found])
    return next(iter(sales.values()), None), any(voided_by for _bucket, _id, voided_by in found)


def _is_who_sold(connection: Connection, sale: Sale, member: str) -> bool:
    """Nobody gives himself points: also not with the receipts that customers leave behind."""
    known = newest(connection, "staff", sale.store, Staff)
    own = [one.member for one in (known.staff if known else ()) if one.staff == sale.by and one.member]
    return member in with_who_goes_on(connection, own)


def _claimed_since(connection: Connection, own: MemberKey, since_us: int) -> int:
    found = rows.find(connection, Merged, ("bucket", "member"), [own], "merged_at", CLAIMS)
    return sum(merged_at > since_us for (merged_at,) in found)


def _take_over(
    connection: Connection, database: Database, account: MemberKey, own: MemberKey, now_us: int, *, is_known: bool
) -> None:  # fmt: skip
    if not is_known:
        add_accounts(connection, [account], "claimed", own[1])
    rows.update(connection, Member, ("status", "merged_into"), [(*account, "claimed", own[1])])
    rows.delete(connection, Unclaimed, [account])
    rows.insert(connection, Merged, [(*own, account[1], account[0], now_us)])
    hand_over_visits(connection, account, own)
    database.terms = terms = database.terms.refreshed(connection)
    reckon_merged(connection, terms, account, own, day_of(now_us)[:7])
    transfer(connection, account, own, now_us)


def _answer(connection: Connection, account: MemberKey, sale: Sale | None) -> ClaimAnswer:
    """What went over from the account, whenever it did."""
    if sale is None:
        return ClaimAnswer(state="waits")
    moved = rows.fetch(
        connection,
        "SELECT p.kind, sum(p.points) FROM entry e JOIN posting p ON p.bucket = e.bucket AND p.entry = e.id"
        " WHERE e.bucket = ? AND e.member = ? AND e.type = 'transfer' AND p.account = 'transfer' GROUP BY p.kind",
        *account,
    )
    return ClaimAnswer(state="claimed", points={kind: int(points) for kind, points in moved if points > 0})


def _end_some(connection: Connection, buckets: range, today: str, now_us: int) -> int:
    due = rows.fetch(
        connection,
        "SELECT bucket, member FROM unclaimed WHERE bucket BETWEEN ? AND ? AND until < ? ORDER BY bucket, member",
        buckets[0], buckets[-1], today,
    )  # fmt: skip
    if not due:
        return 0
    shelf = Shelf(lock_buckets(connection, (bucket for bucket, _member in due)))
    still = rows.find(connection, Unclaimed, ("bucket", "member"), due, "bucket, member")
    load_accounts(connection, shelf, still, still)
    for bucket, member in still:
        identity = own_id(now_us, bucket)
        booking = expire(shelf.accounts[bucket, member], identity, today, is_over=True)
        if booking.postings:
            entry = own_entry(identity, "expire", member, now_us, shelf.next_position(bucket))
            shelf.add(bucket, entry, member, booking)
    shelf.store(connection)
    rows.delete(connection, Unclaimed, still)
    return len(still)
