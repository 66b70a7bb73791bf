"""A coalition from one TOML file: merchants with their programmes and products, stores with their staff, members.

What is there already is left as it is, so a file may be loaded again after it has grown. A person's points are an entry of
the ledger, booked in the transaction in which he joins.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from sqlalchemy import Connection, select
from sqlmodel import col

from ledger import documents, members
from ledger.acts import record
from ledger.database import Database
from ledger.forbidden import forbidden_in, set_forbidden
from ledger.habits import bring_habits
from ledger.keys import Keys
from ledger.merchants import add_merchant, add_store, set_price
from ledger.opening import Opening
from ledger.problems import DocumentError
from ledger.schema import Merchant, Store
from protocol.business_days import DEFAULT_ZONE, MIDNIGHT, Calendar, DayEnd
from protocol.canonical import Count, Model, Name, Positive, Text
from protocol.check_digits import gtin_ok
from protocol.documents import (
    AllowancePolicy,
    ApprovalPolicy,
    Attributes,
    FloorPolicy,
    HotList,
    Product,
    Products,
    ProgrammeText,
    Role,
    Staff,
    StaffMember,
    StoreSettings,
)
from protocol.look_up import LookUpKey
from protocol.names import clean
from protocol.pins import hash_pin
from protocol.ranges import CodeRange

Pin = Annotated[str, msgspec.Meta(pattern=r"^([0-9]{4,8})?$")]
MAX_BYTES = 32 * 1024 * 1024


class KindTable(Model, kw_only=True):
    """A kind of points and what accepting one is worth today, in 1/1000 fen, wherever it was earned."""

    code: Name
    price_mfen: Positive


class MerchantTable(Model, kw_only=True):
    """`programme`: a path, relative to the coalition's file."""

    id: Name
    name: Text
    programme: str


class StaffTable(Model, kw_only=True):
    """`member`: the own number of who works there."""

    staff: Name
    name: Text
    roles: tuple[Role, ...]
    pin: Pin
    member: str = ""


class StoreTable(Model, kw_only=True):
    """As `protocol.documents.StoreSettings`, with the people who work there."""

    id: Name
    merchant: Name
    name: Text
    industry: Name
    look_ups: tuple[LookUpKey, ...] = ("phone", "member")
    reference: Literal["receipt", "table", "work-order"] = "receipt"
    usual_amount_fen: Count = 0
    static_daily_points: Count = 0
    households: bool = False
    tutorial_required: bool = False
    floor: FloorPolicy = FloorPolicy()
    allowance: AllowancePolicy = AllowancePolicy()
    approvals: ApprovalPolicy = ApprovalPolicy()
    member_page: Text = ""
    claim_days: Annotated[int, msgspec.Meta(ge=0, le=366)] = 0
    ranges: tuple[CodeRange, ...] = ()
    time_zone: Name = DEFAULT_ZONE
    day_ends: DayEnd = MIDNIGHT
    staff: tuple[StaffTable, ...] = ()


class ProductTable(Model, kw_only=True):
    merchant: Name
    code: Name
    name: Text
    category: Name
    price_fen: Count
    attributes: Attributes = {}


class OpeningTable(Model, kw_only=True):
    """`ends_in_days` from the day of loading; 0 never ends."""

    kind: Name = "points"
    points: Positive
    issuer: Name
    ends_in_days: Count = 0


class UsualTable(Model, kw_only=True):
    """What a member took when he redeemed in a store last: worth an allowance there."""

    store: Name
    kind: Name = "points"
    points: Positive


class MemberTable(Model, kw_only=True):
    member: Name
    name: Text
    phone: str = ""
    pin: Pin = ""
    tier: str = ""
    plate: str = ""
    opening: tuple[OpeningTable, ...] = ()
    usual: tuple[UsualTable, ...] = ()
    stores: tuple[Name, ...] = ()
    """Where he is known; the others' tills are told his number alone until he comes."""


class CoalitionFile(Model, kw_only=True):
    """The whole file; the tables are named in the singular, as in a programme."""

    name: Text
    kind: tuple[KindTable, ...] = ()
    merchant: tuple[MerchantTable, ...]
    store: tuple[StoreTable, ...]
    product: tuple[ProductTable, ...] = ()
    member: tuple[MemberTable, ...] = ()
    known_everywhere: bool = False
    """Members who name no store are known in all of this file: a coalition for showing, where nobody is a number alone."""
    hot_list: tuple[Name, ...] = ()
    forbidden: tuple[dict[str, object], ...] = ()
    """As `points.natures.Forbidden`."""


class Loaded(NamedTuple):
    """How much of a file was new."""

    merchants: int
    stores: int
    products: int
    members: int


def read_coalition(data: bytes, source: str) -> CoalitionFile:
    """Raises `DocumentError` with file and key path."""
    if len(data) > MAX_BYTES:
        raise DocumentError(source, "", f"more than {MAX_BYTES} bytes")
    try:
        coalition = msgspec.convert(tomllib.loads(data.decode()), CoalitionFile)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DocumentError(source, "", str(error)) from None
    except msgspec.ValidationError as error:
        why, _, path = str(error).partition(" - at ")
        raise DocumentError(source, path.strip("`").removeprefix("$."), why) from None
    for place, product in enumerate(coalition.product):
        if len(product.code) == 13 and not gtin_ok(product.code):
            raise DocumentError(source, f"product[{place}].code", f"{product.code} has a wrong check digit")
    return coalition


def load_coalition(
    database: Database,
    keys: Keys,
    data: bytes,
    programmes: Mapping[str, bytes],
    now_us: int,
    source: str = "coalition",
    page: str = "",
) -> Loaded:
    """Bring the books to what the file says. `programmes`: the bytes of every path that the file names.

    `page`: the `member_page` of stores for which the file has none.

    Raises `DocumentError` and other `ProblemError`s; merchants, stores and documents come all together or not at all, each
    member by himself.
    """
    coalition = read_coalition(data, source)
    stores, staff = _stores(coalition, programmes, source, page), _staff_by_store(coalition)
    with database.write() as connection:
        for kind in coalition.kind:
            set_price(connection, kind.code, kind.price_mfen)
        if coalition.forbidden:
            set_forbidden(connection, forbidden_in(coalition.forbidden, source))
        new_merchants = sum(_new_merchant(connection, merchant) for merchant in coalition.merchant)
        new_stores = [settings for settings in stores if _new_store(connection, settings)]
        for settings in new_stores:
            documents.publish_store(connection, keys, settings, now_us)
            documents.publish_staff(connection, keys, staff[settings.store], now_us)
        for merchant in coalition.merchant:
            _first_programme(connection, keys, merchant, programmes[merchant.programme], now_us)
            _publish_products(connection, keys, coalition, merchant.id, now_us)
        if documents.newest(connection, "hot-list", "all", HotList) != HotList(
            members=tuple(sorted(coalition.hot_list))
        ):
            documents.publish_hot_list(connection, keys, coalition.hot_list, now_us)
    return Loaded(new_merchants, len(new_stores), len(coalition.product), _join_all(database, coalition, now_us))


def _stores(coalition: CoalitionFile, programmes: Mapping[str, bytes], source: str, page: str) -> list[StoreSettings]:
    merchants = {merchant.id: merchant for merchant in coalition.merchant}
    programme_ids = {id_: _programme_id(programmes, merchant, source) for id_, merchant in merchants.items()}
    for place, store in enumerate(coalition.store):
        if store.merchant not in merchants:
            raise DocumentError(source, f"store[{place}].merchant", f"there is no merchant {store.merchant}")
    return [
        _settings(store, merchants[store.merchant], programme_ids[store.merchant], page) for store in coalition.store
    ]


def _staff_by_store(coalition: CoalitionFile) -> dict[str, Staff]:
    with ThreadPoolExecutor() as threads:  # Argon2 works outside the interpreter's lock
        return dict(zip((store.id for store in coalition.store), threads.map(_staff, coalition.store), strict=True))


def _programme_id(programmes: Mapping[str, bytes], merchant: MerchantTable, source: str) -> str:
    data = programmes.get(merchant.programme)
    if data is None:
        raise DocumentError(source, f"merchant {merchant.id}.programme", f"there is no file {merchant.programme}")
    programme = documents.read_programme(data, merchant.programme)
    if programme.merchant != merchant.id:
        raise DocumentError(merchant.programme, "merchant", f"is {programme.merchant}, not {merchant.id}")
    return programme.id


def _settings(store: StoreTable, merchant: MerchantTable, programme: str, page: str) -> StoreSettings:
    alike: dict[str, Any] = {
        name: getattr(store, name) for name in StoreSettings.__struct_fields__ if hasattr(store, name)
    }
    return StoreSettings(
        **alike | {
            "store": store.id, "name": clean(store.name), "merchant": merchant.id, "merchant_name": clean(merchant.name),
            "programme": programme, "member_page": store.member_page or page,
        }
    )  # fmt: skip


def _staff(store: StoreTable) -> Staff:
    people = [
        StaffMember(
            staff=one.staff, name=clean(one.name), roles=one.roles, pin_hash=hash_pin(one.pin), member=one.member
        )
        for one in store.staff
    ]
    return Staff(store=store.id, staff=tuple(people))


def _new_merchant(connection: Connection, merchant: MerchantTable) -> bool:
    if connection.execute(select(col(Merchant.merchant)).where(col(Merchant.merchant) == merchant.id)).first():
        return False
    add_merchant(connection, merchant.id, merchant.name)
    return True


def _new_store(connection: Connection, settings: StoreSettings) -> bool:
    if connection.execute(select(col(Store.store)).where(col(Store.store) == settings.store)).first():
        return False
    add_store(connection, settings.store, settings.merchant, settings.name)
    return True


def _first_programme(connection: Connection, keys: Keys, merchant: MerchantTable, data: bytes, now_us: int) -> None:
    """A coalition begins with the programmes of its file. From then on two people publish: what is there already stays, and a
    newer version in the file is refused, so that nobody takes it for published."""
    if not documents.has_programme(connection, merchant.id):
        found = documents.publish_programme(connection, keys, data, merchant.programme, now_us)
        if documents.is_published(connection, found):
            record(connection, "", "programme-loaded", now_us, programme=found.id, version=found.version)
        return
    found = documents.read_programme(data, merchant.programme)
    known = documents.newest(connection, "programme", found.id, ProgrammeText)
    if known is None or known.version < found.version:
        why = f"{merchant.id} has a programme: propose version {found.version}, and another operator approves it"
        raise DocumentError(merchant.programme, "version", why)


def _publish_products(
    connection: Connection, keys: Keys, coalition: CoalitionFile, merchant: str, now_us: int
) -> None:
    listed = tuple(
        Product(code=product.code, name=clean(product.name), category=product.category, price_fen=product.price_fen,
                attributes=product.attributes)
        for product in coalition.product
        if product.merchant == merchant
    )  # fmt: skip
    products = Products(merchant=merchant, products=listed)
    if listed and documents.newest(connection, "products", merchant, Products) != products:
        documents.publish_products(connection, keys, products, now_us)


def _join_all(database: Database, coalition: CoalitionFile, now_us: int) -> int:
    """How many are new."""
    with database.read() as connection:
        fresh = [person for person in coalition.member if members.find(connection, "member", person.member) is None]
    today = Calendar().day(now_us)
    everywhere = tuple(store.id for store in coalition.store) if coalition.known_everywhere else ()
    people = [_person(person, today, everywhere) for person in fresh]
    with ThreadPoolExecutor() as threads:
        joined = sum(1 for _ in threads.map(lambda person: members.join(database, person, now_us), people))
    with database.write() as connection:
        for person in (one for one in fresh if one.usual):
            usual = [(known.store, known.kind, known.points) for known in person.usual]
            bring_habits(connection, person.member, usual, now_us)
    return joined


def _person(table: MemberTable, today: date, everywhere: tuple[str, ...]) -> members.Person:
    opening = tuple(
        Opening(
            brought.kind,
            brought.points,
            brought.issuer,
            (today + timedelta(days=brought.ends_in_days)).isoformat() if brought.ends_in_days else "",
        )
        for brought in table.opening
    )
    return members.Person(
        table.name, table.phone, table.pin, table.tier, table.plate, table.member, opening, table.stores or everywhere
    )
