"""A small coalition in a database, and tills that push real chains to it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from random import Random
from typing import Any
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import insert, select
from sqlmodel import SQLModel

from ledger import schema
from ledger.database import Database
from ledger.documents import Kind as DocumentKind
from ledger.feed import advance, member_row
from ledger.push import push
from ledger.reserving import reserve
from ledger.verify import verify
from points.programme import parse_programme
from protocol import canonical, chain, entries
from protocol.authorisations import terminal_tag
from protocol.canonical import Model
from protocol.documents import AllowancePolicy, Document, HotList, ProgrammeText, StoreSettings
from protocol.entries import Award, Clock, Entry, Redemption, Refund, Returned, Sale, ShiftOpened, Void
from protocol.feed import Balance
from protocol.ids import bucket_of, new_id
from protocol.push import Outcome, PushAnswer, PushBatch, SentEntry
from protocol.reservations import ReserveRequest, Verdict
from protocol.signing import public_bytes, sign

NOW_US = 1_790_000_000_000_000
DAY = "2026-11-21"
PROGRAMME = "fresh"
KIND = "points"
MERCHANTS = {"S1": "M1", "S2": "M2"}

_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


class Shop:
    """The coalition: two merchants, a store of each, a programme with two kinds of points."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.random = Random(7)
        self._ticks, self._documents = count(1), count(1)
        self._insert(schema.Merchant, [{"merchant": m, "name": m} for m in MERCHANTS.values()])
        self._insert(schema.Store, [{"store": s, "merchant": m, "name": s} for s, m in MERCHANTS.items()])
        self.publish()

    def publish(self, version: int = 1, kinds: Sequence[str] = (KIND, "gold")) -> None:
        """A programme, as documents carry it; only its kinds matter to the books."""
        document = canonical.encode({"kind": [{"code": kind} for kind in kinds]}).decode()
        text = ProgrammeText(programme=PROGRAMME, version=version, engine=1, document=document)
        self._publish("programme", PROGRAMME, text)

    def publish_whole(self, toml: str, version: int = 2) -> None:
        """A programme with rules that the books go by; `toml` is what stands behind the head."""
        head = (
            f'id = "{PROGRAMME}"\nversion = {version}\nengine = 1\nmerchant = "m1"\nindustry = "supermarket"\n'
            'valid_from = "2026-01-01"\nvalid_until = "2027-12-31"\nname = { zh = "生鲜", en = "Fresh" }\n'
            'default_category = "food"\n'
        )
        programme = parse_programme(head + toml, "fresh.toml")
        document = canonical.encode(programme.to_document()).decode()
        self._publish(
            "programme", PROGRAMME, ProgrammeText(programme=PROGRAMME, version=version, engine=1, document=document)
        )

    def allow(self, store: str = "S1", **policy: int) -> None:
        """The store's settings, with its policy of allowances."""
        self.settle(store, allowance=AllowancePolicy(**policy))

    def settle(self, store: str, **settled: Any) -> None:
        """The store's settings."""
        settings = StoreSettings(
            store=store, name=store, merchant=MERCHANTS[store], merchant_name=MERCHANTS[store], industry="supermarket",
            programme=PROGRAMME, **settled,
        )  # fmt: skip
        self._publish("store", store, settings)

    def warn_of(self, *members: str) -> None:
        """The hot list."""
        self._publish("hot-list", "all", HotList(members=members))

    def _publish(self, kind: DocumentKind, identity: str, content: Model) -> None:
        envelope = Document(
            kind=kind,
            id=identity,
            number=next(self._documents),
            valid_until=NOW_US,
            content=msgspec.Raw(canonical.encode(content)),
        )
        signed = canonical.encode(sign("document", envelope, _KEY)).decode()
        row: dict[str, object] = {
            "number": envelope.number, "kind": kind, "id": identity, "store": "", "signed": signed,
        }  # fmt: skip
        self._insert(schema.PublishedDocument, [row])

    def join(self, member: str, **columns: Any) -> str:
        """A new member."""
        with self.database.write() as connection:
            position = advance(connection, bucket_of(member))
            row = {
                "bucket": bucket_of(member),
                "member": member,
                "position": position,
                "name": f"{member[0]}*",
                **columns,
            }
            defaults = {name: field.default for name, field in schema.Member.model_fields.items() if name not in row}
            connection.execute(insert(schema.Member), [{**defaults, **row}])
        return member

    def till(self, terminal: str = "T1", store: str = "S1") -> Till:
        """A till that is enrolled."""
        till = Till(self, terminal, store)
        row = {"terminal": terminal, "store": store, "name": terminal, "public": public_bytes(till.key)}
        times = {"enrolled_at": NOW_US, "seen_at": NOW_US, "status": "active", "head_seq": 0, "booked_seq": 0}
        self._insert(
            schema.Terminal, [{**row, **times, "head": b"", "head_signature": b"", "tag": terminal_tag(terminal)}]
        )
        return till

    def balance(self, member: str, kind: str = KIND) -> tuple[int, int, int]:
        """(available, reserved, owed)."""
        with self.database.read() as connection:
            row = member_row(connection, member)
        assert row is not None
        found = row.balances.get(kind, Balance())
        return found.available, found.reserved, found.owed

    def everything(self) -> dict[str, list[tuple[object, ...]]]:
        """All rows of the books, table by table: to see that nothing changed."""
        with self.database.read() as connection:
            return {
                name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
                for name, table in schema.Books.metadata.tables.items()
                if name in (*schema.HOT_TABLES, "received", "outcome", "branch", "reference_claim", "entry_case")
            }

    def tick(self) -> int:
        """A later time, in µs UTC."""
        return NOW_US + next(self._ticks) * 1_000_000

    def assert_well(self) -> None:
        """Every sum and every chain holds."""
        assert verify(self.database) == []

    def _insert(self, table: type[SQLModel], values: list[dict[str, object]]) -> None:
        with self.database.write() as connection:
            connection.execute(insert(table), values)


class Till:
    """A till with a real key and a real chain. `payloads` is its journal."""

    def __init__(self, shop: Shop, terminal: str, store: str) -> None:
        self.shop, self.terminal, self.store = shop, terminal, store
        self.key = Ed25519PrivateKey.from_private_bytes(key_seed(terminal))
        self.payloads: list[bytes] = []
        self.hashes: list[bytes] = [chain.genesis(terminal, public_bytes(self.key))]

    def append(self, payload: bytes | Entry) -> int:
        """Write into the journal; the seq."""
        payload = payload if isinstance(payload, bytes) else entries.encode_entry(payload)
        seq = len(self.payloads) + 1
        self.payloads.append(payload)
        self.hashes.append(chain.link(self.hashes[-1], self.terminal, seq, chain.payload_hash(payload)))
        return seq

    def batch(self, first: int = 1, last: int | None = None) -> PushBatch:
        """Entries `first`…`last` (default: all), signed."""
        last = last or len(self.payloads)
        sent = tuple(SentEntry(payload=payload.decode()) for payload in self.payloads[first - 1 : last])
        return self.signed(first, self.hashes[first - 1], sent, self.hashes[last])

    def signed(self, first: int, previous: bytes, sent: tuple[SentEntry, ...], head: bytes) -> PushBatch:
        """A batch with this till's signature over its head."""
        stated = chain.Head(terminal=self.terminal, seq=first + len(sent) - 1, hash=head.hex())
        return PushBatch(
            terminal=self.terminal,
            first_seq=first,
            previous=previous.hex(),
            entries=sent,
            head=head.hex(),
            head_signature=self.key.sign(stated.signed_bytes()),
        )

    def push(self, first: int = 1, last: int | None = None) -> PushAnswer:
        """Send entries to the ledger."""
        return push(self.shop.database, self.batch(first, last), self.shop.tick())

    def send(self, entry: Entry | bytes) -> Outcome:
        """Append one entry and push it."""
        seq = self.append(entry)
        return self.push(seq, seq).outcomes[0]

    def id(self, holder: str) -> UUID:
        """A new id in the holder's bucket."""
        return new_id(self.shop.tick() // 1_000, bucket_of(holder), self.shop.random.getrandbits(64))

    def sale(
        self, member: str, award: int = 0, redeem: int = 0, *, kind: str = KIND, expires_on: str = "2028-11-21",
        nonce: str = "", draws_on: UUID | None = None, **changes: Any,
    ) -> Sale:  # fmt: skip
        """A sale of a member; points of one kind."""
        awards = (Award(kind=kind, points=award, expires_on=expires_on),) if award else ()
        taken = Redemption(
            reward="r",
            kind=kind,
            points=max(redeem, 1),
            off_bill_fen=1,
            authority="floor",
            proof="static",
            nonce=nonce,
            reservation=draws_on,
        )
        sale = Sale(
            **self._header(member),
            member=member,
            gross_fen=10_000,
            due_fen=10_000,
            programme=PROGRAMME,
            programme_version=1,
            engine=1,
            awards=awards,
            redemptions=(taken,) if redeem else (),
        )
        return msgspec.structs.replace(sale, **changes)

    def void(self, sale: Sale, **changes: Any) -> Void:
        """Takes a sale back."""
        void = Void(**self._header(sale.member), member=sale.member, voids=sale.id)
        return msgspec.structs.replace(void, **changes)

    def refund(
        self, sale: Sale, given_back: int = 0, taken_back: int = 0, *, kind: str = KIND, **changes: Any
    ) -> Refund:
        """Brings goods of a sale back; points of one kind."""
        refund = Refund(
            **self._header(sale.member), member=sale.member, refunds=sale.id,
            given_back={kind: given_back} if given_back else {}, taken_back={kind: taken_back} if taken_back else {},
        )  # fmt: skip
        return msgspec.structs.replace(refund, **changes)

    def returned(self, member: str, reservation: UUID) -> Returned:
        """Gives a reservation back."""
        return Returned(**self._header(member), member=member, reservation=reservation)

    def shift(self) -> ShiftOpened:
        """An entry without a member."""
        return ShiftOpened(**self._header(self.terminal), number=1)

    def reserve(self, sale: Sale, points: int, **changes: Any) -> Verdict:
        """Ask for points under the id of a sale."""
        request = ReserveRequest(id=sale.id, member=sale.member, kind=KIND, points=points, proof="static")
        return reserve(
            self.shop.database, self.terminal, msgspec.structs.replace(request, **changes), self.shop.tick()
        )

    def _header(self, holder: str) -> dict[str, Any]:
        now = self.shop.tick()
        return {
            "id": self.id(holder), "store": self.store, "occurred_at": now, "business_day": DAY,
            "clock": Clock(wall=now, boot="b", mono_us=now),
        }  # fmt: skip


def key_seed(terminal: str) -> bytes:
    """32 bytes for a key, the same for a terminal in every run."""
    return terminal.encode().ljust(32, b"\0")[:32]
