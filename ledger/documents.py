"""Publishing: what stores are told in signed documents, each with a rising number and an end.

A number is taken under one lock, so whoever has seen n has seen all up to n. The row of a document is per store: a till gets
its own store's and the coalition's, never another merchant's prices.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from sqlalchemy import Connection, Row, func, insert, select
from sqlmodel import col

from ledger.forbidden import forbidden
from ledger.keys import DAY_US, Keys
from ledger.problems import DocumentError, NotKnownError
from ledger.rule_words import in_both
from ledger.schema import Merchant, PublishedDocument, Setting, Store
from ledger.schema_console import Suspended
from ledger.tutorial_marks import with_marks
from points.compliance import refusals
from points.errors import ProgrammeError
from points.examples import wrong_examples
from points.price_list import Goods, hidden_goods
from points.programme import Programme, parse_programme
from protocol import canonical
from protocol.authorisations import CHALLENGE_CHARACTERS, MAX_CHALLENGE_CHARACTERS, PAGE
from protocol.canonical import Model
from protocol.documents import (
    Document,
    DocumentsAnswer,
    HotList,
    Products,
    ProgrammeText,
    Staff,
    StoreSettings,
    Suspension,
)
from protocol.errors import OverlappingRangesError
from protocol.ranges import check_ranges
from protocol.signing import Signed, sign

_T = TypeVar("_T", bound=Model)
Kind = Literal["store", "programme", "products", "staff", "hot-list", "suspension"]
EVERY_STORE = ""
RELIED_ON_DAYS = 35
"""A till that hears nothing for so long earns and does not redeem."""
RENEWED_DAYS_BEFORE = 28

_LOCK = "documents"
_PAGE = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?")
_MAX_PAGE = MAX_CHALLENGE_CHARACTERS - CHALLENGE_CHARACTERS - len(PAGE)


def publish_store(connection: Connection, keys: Keys, settings: StoreSettings, now_us: int) -> int:
    """Settings of a store; a new store gets its merchant's programme and products with them. Raises `DocumentError`."""
    store = connection.execute(select(Store).where(col(Store.store) == settings.store)).first()
    if store is None:
        raise NotKnownError("store", settings.store)
    if store.merchant != settings.merchant:
        raise DocumentError(settings.store, "merchant", f"this store is of {store.merchant}")
    try:
        check_ranges(settings.ranges)
    except OverlappingRangesError as error:
        raise DocumentError(settings.store, "ranges", str(error)) from None
    _check_page(settings)
    _check_zone(settings)
    number = _publish(connection, keys, "store", settings.store, settings, (settings.store,), now_us)
    _inherit(connection, keys, settings, now_us)
    return number


def publish_programme(connection: Connection, keys: Keys, data: bytes, source: str, now_us: int) -> Programme:
    """Check a programme and give it to every store of its merchant. The same again changes nothing.

    Raises `DocumentError` as `check_programme` does.
    """
    programme = read_programme(data, source)
    stores = _stores_of(connection, programme.merchant)
    if is_published(connection, programme):
        return programme
    check_programme(connection, programme, data, source)
    _publish(connection, keys, "programme", programme.id, _text_of(programme), stores, now_us)
    return programme


def read_programme(data: bytes, source: str) -> Programme:
    """Raises `DocumentError` with file and key path for what `points` refuses."""
    try:
        return parse_programme(data, source)
    except ProgrammeError as error:
        raise DocumentError("", "", in_both(error.said)) from None


def is_published(connection: Connection, programme: Programme) -> bool:
    """Whether it stands so already, word by word."""
    return newest(connection, "programme", programme.id, ProgrammeText) == _text_of(programme)


def check_programme(connection: Connection, programme: Programme, data: bytes, source: str) -> None:
    """Raises `DocumentError` for a worked example that does not come true, for what may not be promised (all of it), for
    goods of his price list that hide in a category what they are, and for a version that is not a new one."""
    listed = newest(connection, "products", programme.merchant, Products)
    _need_in_the_open(
        (
            *wrong_examples(programme, data, source),
            *refusals(programme, data, source, forbidden(connection)),
            *hidden_goods(programme, _goods(listed), f"products of {programme.merchant}"),
        )
    )
    before = newest(connection, "programme", programme.id, ProgrammeText)
    if before is not None and before.version >= programme.version:
        raise DocumentError(source, "version", f"version {before.version} is published; this one must be higher")


def has_programme(connection: Connection, merchant: str) -> bool:
    """Whether a programme was ever published to a store of his."""
    found = select(col(PublishedDocument.number)).where(
        col(PublishedDocument.kind) == "programme",
        col(PublishedDocument.store).in_(_stores_of(connection, merchant)),
    )
    return connection.execute(found.limit(1)).first() is not None


def _text_of(programme: Programme) -> ProgrammeText:
    return ProgrammeText(
        programme=programme.id,
        version=programme.version,
        engine=programme.engine,
        document=canonical.encode(programme.to_document()).decode(),
    )


def publish_products(connection: Connection, keys: Keys, products: Products, now_us: int) -> int:
    """The price list of a merchant, whole, to every store of his. Raises `DocumentError`, also for goods that hide in a
    category what they are."""
    seen: set[str] = set()
    for place, product in enumerate(products.products):
        if product.code in seen:
            raise DocumentError(products.merchant, f"products[{place}].code", f"{product.code} is there twice")
        seen.add(product.code)
    stores = _stores_of(connection, products.merchant)
    for programme in _programmes_of(connection, stores):
        _need_in_the_open(tuple(hidden_goods(programme, _goods(products), products.merchant)))
    return _publish(connection, keys, "products", products.merchant, products, stores, now_us)


def _programmes_of(connection: Connection, stores: Iterable[str]) -> Iterator[Programme]:
    """In force in these stores, each once; none for a merchant who has none yet."""
    settings = (newest(connection, "store", store, StoreSettings) for store in stores)
    for id_ in dict.fromkeys(one.programme for one in settings if one is not None):
        if (text := newest(connection, "programme", id_, ProgrammeText)) is not None:
            yield Programme.from_document(msgspec.json.decode(text.document), id_)


def _goods(products: Products | None) -> tuple[Goods, ...]:
    return tuple(Goods(one.code, one.name, one.category) for one in products.products) if products else ()


def _need_in_the_open(wrong: Sequence[ProgrammeError]) -> None:
    """Raises `DocumentError` with all of them, in both languages."""
    if wrong:
        raise DocumentError("", "", "\n".join(in_both(one.said) for one in wrong))


def publish_staff(connection: Connection, keys: Keys, staff: Staff, now_us: int) -> int:
    """All who work in a store; who is not in it can no longer sign in."""
    if connection.execute(select(col(Store.store)).where(col(Store.store) == staff.store)).first() is None:
        raise NotKnownError("store", staff.store)
    return _publish(connection, keys, "staff", staff.store, with_marks(connection, staff), (staff.store,), now_us)


def publish_hot_list(connection: Connection, keys: Keys, members: Iterable[str], now_us: int) -> int:
    """Members with whom nothing is redeemed offline, in the whole coalition."""
    listed = HotList(members=tuple(sorted(set(members))))
    return _publish(connection, keys, "hot-list", "all", listed, (EVERY_STORE,), now_us)


def publish_suspension(connection: Connection, keys: Keys, suspension: Suspension, merchant: str, now_us: int) -> int:
    """Tell the stores of a merchant that he or a programme of his is stopped, or goes on."""
    name = f"{suspension.what}/{suspension.id}"
    return _publish(connection, keys, "suspension", name, suspension, _stores_of(connection, merchant), now_us)


def merchant_of_programme(connection: Connection, programme: str) -> str:
    """Raises `NotKnownError` for one that was never published."""
    found = newest(connection, "programme", programme, ProgrammeText)
    if found is None:
        raise NotKnownError("programme", programme)
    return Programme.from_document(msgspec.json.decode(found.document), programme).merchant


def documents_after(connection: Connection, keys: Keys, store: str, after: int) -> DocumentsAnswer:
    """What this store's till lacks above `after`: the newest of each (kind, id), rising. `newest` is the ledger's number."""
    newest_number = connection.execute(select(func.max(col(PublishedDocument.number)))).scalar_one() or 0
    rows = connection.execute(
        _newest_of((store, EVERY_STORE)).where(
            col(PublishedDocument.number) > after, col(PublishedDocument.number) <= newest_number
        )
    )
    documents = tuple(msgspec.json.decode(row.signed, type=Signed) for row in rows)
    return DocumentsAnswer(documents=documents, certificates=keys.certificates, newest=newest_number)


def newest(connection: Connection, kind: Kind, id_: str, content: type[_T]) -> _T | None:
    """What stands now in a document, or None where there is none."""
    found = connection.execute(
        select(col(PublishedDocument.signed))
        .where(col(PublishedDocument.kind) == kind, col(PublishedDocument.id) == id_)
        .order_by(col(PublishedDocument.number).desc())
        .limit(1)
    ).scalar_one_or_none()
    return None if found is None else msgspec.json.decode(_document(found).content, type=content)


def newest_rows(connection: Connection, stores: Sequence[str]) -> list[Row[Any]]:
    """Rows of `PublishedDocument`: the newest of each (kind, id) for these stores, rising."""
    return list(connection.execute(_newest_of(stores)))


def every(connection: Connection, kind: Kind, content: type[_T]) -> list[_T]:
    """What stands now in all documents of a kind."""
    found = connection.execute(_newest_of(None).where(col(PublishedDocument.kind) == kind))
    return [msgspec.json.decode(_document(row.signed).content, type=content) for row in found]


def renew(connection: Connection, keys: Keys, now_us: int) -> int:
    """Publish again what would run out: how many. Called daily by the service."""
    due = now_us + RENEWED_DAYS_BEFORE * DAY_US
    old = [row for row in connection.execute(_newest_of(None)) if _document(row.signed).valid_until < due]
    for row in old:
        _insert(connection, keys, row.kind, row.id, _document(row.signed).content, row.store, now_us)
    return len(old)


def _check_zone(settings: StoreSettings) -> None:
    """Every till will reckon its days by it."""
    try:
        ZoneInfo(settings.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise DocumentError(settings.store, "time_zone", f"{settings.time_zone} is no time zone") from None


def _check_page(settings: StoreSettings) -> None:
    """The till writes it in capitals before a challenge, into a QR that has room for no more."""
    page = settings.member_page
    if page and (_PAGE.fullmatch(page) is None or len(page) > _MAX_PAGE):
        why = f"an address without a path, https://p.example.com, of at most {_MAX_PAGE} characters"
        raise DocumentError(settings.store, "member_page", why)


def _publish(
    connection: Connection, keys: Keys, kind: Kind, id_: str, content: Model, stores: Sequence[str], now_us: int
) -> int:
    """One row for each store; the last number."""
    raw = msgspec.Raw(canonical.encode(content))
    number = 0
    for store in stores:
        number = _insert(connection, keys, kind, id_, raw, store, now_us)
    return number


def _insert(
    connection: Connection, keys: Keys, kind: Kind, id_: str, content: msgspec.Raw, store: str, now_us: int
) -> int:
    number = _next_number(connection)
    document = Document(
        kind=kind, id=id_, number=number, valid_until=now_us + RELIED_ON_DAYS * DAY_US, content=content
    )
    signed = canonical.encode(sign("document", document, keys.current(now_us).private)).decode()
    connection.execute(insert(PublishedDocument).values(number=number, kind=kind, id=id_, store=store, signed=signed))
    return number


def _next_number(connection: Connection) -> int:
    """One above the last, under a lock that is held until the transaction ends."""
    take_lock(connection)
    return (connection.execute(select(func.max(col(PublishedDocument.number)))).scalar_one() or 0) + 1


def take_lock(connection: Connection) -> None:
    """Nobody else publishes, proposes or stops until the transaction ends."""
    lock = select(col(Setting.value)).where(col(Setting.key) == _LOCK).with_for_update()
    if connection.execute(lock).first() is None:
        raise NotKnownError("setting", _LOCK)


def make_lock(connection: Connection) -> None:
    """The row under which numbers are taken, made once."""
    if connection.execute(select(col(Setting.value)).where(col(Setting.key) == _LOCK)).first() is None:
        connection.execute(insert(Setting).values(key=_LOCK, value=""))


def _inherit(connection: Connection, keys: Keys, settings: StoreSettings, now_us: int) -> None:
    """What the merchant published before this store was there."""
    has = {(row.kind, row.id) for row in connection.execute(_newest_of((settings.store,)))}
    siblings = tuple(store for store in _stores_of(connection, settings.merchant) if store != settings.store)
    inherited: dict[tuple[str, str], Row[Any]] = {
        (row.kind, row.id): row
        for row in connection.execute(_newest_of(siblings))
        if row.kind in ("programme", "products", "suspension") and (row.kind, row.id) not in has
    }
    for row in inherited.values():
        _insert(connection, keys, row.kind, row.id, _document(row.signed).content, settings.store, now_us)
    if not siblings:
        _tell_of_suspension(connection, keys, settings, now_us)


def _tell_of_suspension(connection: Connection, keys: Keys, settings: StoreSettings, now_us: int) -> None:
    """A merchant's first store, where he was suspended before he had one."""
    his = (col(Suspended.what) == "merchant", col(Suspended.id) == settings.merchant)
    since = connection.execute(select(col(Suspended.since)).where(*his)).scalar_one_or_none()
    told = newest(connection, "suspension", f"merchant/{settings.merchant}", Suspension)
    if since and told is None:
        suspension = Suspension(what="merchant", id=settings.merchant, suspended_at=since)
        publish_suspension(connection, keys, suspension, settings.merchant, now_us)


def _newest_of(stores: Sequence[str] | None) -> Any:
    """The newest row of each (kind, id, store), rising; of these stores, or of all."""
    last = select(func.max(col(PublishedDocument.number))).group_by(
        col(PublishedDocument.kind), col(PublishedDocument.id), col(PublishedDocument.store)
    )
    if stores is not None:
        last = last.where(col(PublishedDocument.store).in_(stores))
    return (
        select(PublishedDocument)
        .where(col(PublishedDocument.number).in_(last))
        .order_by(col(PublishedDocument.number))
    )


def _stores_of(connection: Connection, merchant: str) -> tuple[str, ...]:
    if connection.execute(select(col(Merchant.merchant)).where(col(Merchant.merchant) == merchant)).first() is None:
        raise NotKnownError("merchant", merchant)
    rows = connection.execute(
        select(col(Store.store)).where(col(Store.merchant) == merchant).order_by(col(Store.store))
    )
    return tuple(rows.scalars())


def _document(signed: str) -> Document:
    return msgspec.json.decode(msgspec.json.decode(signed, type=Signed).body, type=Document)
