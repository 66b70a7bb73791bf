"""Every call against the ledger's real application: what the two rooms say to each other, they understand."""

from __future__ import annotations

import secrets
import time

import httpx
import pytest

from ledger.app import create_app
from ledger.keys import Keys, with_new_key
from ledger.service import LINK_BURST
from protocol.feed import SnapshotPart, Vector
from protocol.ids import BUCKETS, bucket_of, new_id
from protocol.look_up import LookUpRequest
from protocol.member_links import MemberLink, MemberLinkRequest
from protocol.reservations import Granted, Refused, ReserveRequest
from protocol.sales import SalesRequest
from sync.client import LedgerClient
from sync.errors import FinalSyncError, NotTheLedgerError, TransientSyncError
from sync.machine import Machine
from sync.push import Pusher
from tests.sync.books import KIND, STORE, AsgiTransport, Books, over_asgi
from tests.sync.tills import Till


def test_what_is_pushed_is_in_the_books(till: Till, client: LedgerClient, books: Books) -> None:
    """A sale pushed is booked, its outcome is marked, and pushing again finds nothing."""
    member = books.join()
    row = till.sale(member, award=308)

    pushed = Pusher(till.journal, client).push_once()

    assert [(o.seq, o.id, o.status) for o in pushed.outcomes] == [(1, row.id, "booked")]
    assert books.available(member) == 308
    assert (till.journal.waiting(), till.journal.sent()) == (0, 1)
    assert Pusher(till.journal, client).push_once().outcomes == ()


def test_nothing_to_sync_is_one_small_request(till: Till, asgi: AsgiTransport) -> None:
    """A poll that finds nothing moves at most 600 bytes, headers and request line with them (DESIGN 11)."""
    seen: list[tuple[httpx.Request, httpx.Response]] = []

    def watch(request: httpx.Request) -> httpx.Response:
        answer = asgi.handle_request(request)
        seen.append((request, answer))
        return answer

    with till.client(httpx.MockTransport(watch)) as client:
        vector = Vector().moved_to({}, client.documents(0).newest, client.changes(Vector()).epoch)
        seen.clear()
        assert not client.has_moved(vector)

    ((request, answer),) = seen
    lines = [f"{request.method} {request.url.raw_path.decode()} HTTP/1.1", "HTTP/1.1 204 No Content", "", ""]
    lines += [f"{name}: {value}" for headers in (request.headers, answer.headers) for name, value in headers.items()]
    assert len("\r\n".join(lines)) + 2 <= 600


def test_the_table_of_the_floor_is_of_this_store(client: LedgerClient, books: Books) -> None:
    """Nobody has redeemed here yet: an example, marked as one."""
    books.publish()
    table = client.floor_table()
    assert (table.store, table.is_example, table.redemptions) == (STORE, True, 0)


def test_changes_name_what_moved(till: Till, client: LedgerClient, books: Books) -> None:
    """After a member joined his bucket has moved, and his row is all that comes."""
    assert client.has_moved(Vector())
    member = books.join()
    page = client.changes(Vector())
    assert [row.member for row in page.rows] == [member]
    assert page.read[bucket_of(member)] == page.rows[0].position
    assert not page.more


def test_snapshot_holds_every_member(till: Till, client: LedgerClient, books: Books) -> None:
    """A snapshot brings each member once, and ends with the numbers of all buckets."""
    members = {books.join() for _ in range(25)}
    *pages, part = client.snapshot()
    assert isinstance(part, SnapshotPart)
    assert part.end == BUCKETS
    found = [row.member for page in pages if not isinstance(page, SnapshotPart) for row in page]
    assert sorted(found) == sorted(members)


def test_online_reservation(till: Till, client: LedgerClient, books: Books) -> None:
    """The ledger grants what is there and refuses what is not, both signed."""
    member = books.join()
    till.sale(member, award=100)
    Pusher(till.journal, client).push_once()

    granted, refused = client.reserve(reserve_request(member, 60)), client.reserve(reserve_request(member, 60))

    assert isinstance(granted, Granted)
    assert isinstance(refused, Refused)
    assert (refused.reason, refused.spendable) == ("not-enough-points", 40)


def test_look_up(till: Till, client: LedgerClient, books: Books) -> None:
    """A phone finds its member, another one nobody."""
    member = books.join(phone="13900001234")
    found = client.look_up(LookUpRequest(by="phone", value="139 0000 1234"))
    assert found is not None
    assert (found.member, found.last4) == (member, "1234")
    assert client.look_up(LookUpRequest(by="phone", value="13900009999")) is None


def test_sales_of_the_merchant(till: Till, client: LedgerClient, books: Books) -> None:
    """As they were sent, for goods that come back; none for what nobody sold."""
    member = books.join()
    row = till.sale(member, award=100)
    Pusher(till.journal, client).push_once()
    (known,) = client.sales(SalesRequest(by="sale", value=str(row.id))).sales
    assert (known.seq, known.payload.encode()) == (row.seq, row.payload)
    assert client.sales(SalesRequest(by="reference", value="none")).sales == ()


def test_a_link_to_the_members_page(client: LedgerClient, books: Books) -> None:
    """A link, a wrong PIN with the tries that are left, and a terminal that asks too often."""
    member = books.join(pin="1234")
    with pytest.raises(FinalSyncError) as no_page:
        client.link_member(link_request(member, "1234"))
    assert no_page.value.code == "no-member-page"
    books.publish(member_page="https://p.example.com")
    refused, made = (client.link_member(link_request(member, pin)) for pin in ("4321", "1234"))
    assert isinstance(refused, Refused)
    assert (refused.reason, refused.tries_left) == ("pin-wrong", 2)
    assert isinstance(made, MemberLink)
    assert made.address.startswith("HTTPS://P.EXAMPLE.COM/L/")
    with pytest.raises(TransientSyncError) as too_often:
        _ = [client.link_member(link_request(member, "1234")) for _ in range(2 * LINK_BURST)]
    assert too_often.value.cause == "too-many"


def test_every_answer_measures_the_clock(till: Till, asgi: AsgiTransport) -> None:
    """A till whose clock is an hour slow learns it from any answer, to within the call's length."""
    slow_us = 3_600_000_000

    class SlowMachine(Machine):
        def wall_us(self) -> int:
            return super().wall_us() - slow_us

    with LedgerClient(till.identity, till.key, transport=asgi, machine=SlowMachine()) as client:
        client.outcomes(1)
    assert client.contact is not None
    assert abs(client.contact.offset_us - slow_us) <= client.contact.took_us


def test_keys_that_were_changed_while_the_till_slept(till: Till, books: Books) -> None:
    """An answer by a key it never heard of is a stranger's; documents bring the certificate, and it believes again."""
    renewed = with_new_key(books.keys, time.time_ns() // 1_000)
    books.app = create_app(books.database, Keys(renewed.root, renewed.working[-1:], renewed.certificates))
    with over_asgi(books) as transport, till.client(transport) as client:
        with pytest.raises(NotTheLedgerError):
            client.changes(Vector())
        client.documents(0)
        client.changes(Vector())
        assert len(client.identity.certificates) == 2


def reserve_request(member: str, points: int) -> ReserveRequest:
    """For a redemption of one kind, under a new id."""
    entry_id = new_id(time.time_ns() // 1_000_000, bucket_of(member), secrets.randbits(64))
    return ReserveRequest(id=entry_id, member=member, kind=KIND, points=points, proof="static")


def link_request(member: str, pin: str) -> MemberLinkRequest:
    """With a PIN, under a new id."""
    identity = new_id(time.time_ns() // 1_000_000, bucket_of(member), secrets.randbits(64))
    return MemberLinkRequest(id=identity, member=member, proof="pin", evidence=pin)
