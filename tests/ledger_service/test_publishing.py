"""Documents: what is refused says file and key; what is published is numbered, signed, inherited and renewed."""

from __future__ import annotations

import msgspec
import pytest

from config import data
from ledger import documents
from ledger.coalition import load_coalition, read_coalition
from ledger.keys import DAY_US
from ledger.merchants import add_store
from ledger.problems import DocumentError, NotKnownError
from ledger.sheets import read_products, read_staff
from protocol.documents import Document, Product, Products, ProgrammeText, Staff, StoreSettings
from protocol.pins import pin_fits
from protocol.ranges import CodeRange
from tests.ledger_service.town import COALITION, NOW_US, STORE, Town

SUPERMARKET = (data("programmes") / "supermarket.toml").read_bytes()


def changed(old: str, new: str) -> bytes:
    text = SUPERMARKET.decode()
    assert old in text
    return text.replace(old, new, 1).encode()


@pytest.mark.parametrize(
    ("programme", "expected"),
    [
        (b"id = ", "market.toml"),
        (changed("version = 1", "version = 1\nsurprise = 1"), r"market.toml:\d+: surprise"),
        (changed('default_category = "general"', 'default_category = "none"'), r"market.toml:\d+: default_category"),
        (changed("engine = 1", "engine = 99"), r"market.toml:\d+: engine"),
    ],
)
def test_a_programme_that_does_not_load_is_refused_with_its_key(
    sqlite_town: Town, programme: bytes, expected: str
) -> None:
    """File, line and key path stand in the sentence; nothing is published."""
    town = sqlite_town
    with town.database.read() as connection:
        before = documents.documents_after(connection, town.keys, STORE, 0)
    with pytest.raises(DocumentError, match=expected), town.database.write() as connection:
        documents.publish_programme(connection, town.keys, programme, "market.toml", town.clock())
    with town.database.read() as connection:
        assert documents.documents_after(connection, town.keys, STORE, 0) == before


def test_a_programme_whose_example_does_not_come_true_is_refused(sqlite_town: Town) -> None:
    """The merchant's own worked example is played before anything is signed."""
    wrong = changed("awarded = { points = 300 }", "awarded = { points = 301 }").replace(
        b"version = 1", b"version = 2", 1
    )
    with pytest.raises(DocumentError, match="example"), sqlite_town.database.write() as connection:
        documents.publish_programme(connection, sqlite_town.keys, wrong, "market.toml", sqlite_town.clock())


def test_what_may_not_be_promised_is_not_published(sqlite_town: Town) -> None:
    """Cash for points, and what this coalition forbids beside; nothing is published, and every reason is told."""
    town = sqlite_town
    promises = changed("version = 1", "version = 2").replace("不退换".encode(), "可提现".encode())
    with (
        pytest.raises(DocumentError, match=r"market.toml:\d+: reward\[2\].refund.zh.*A3"),
        town.database.write() as connection,
    ):
        documents.publish_programme(connection, town.keys, promises, "market.toml", town.clock())
    bar = changed("version = 1", "version = 2").replace(b'en = "drinks" }', b'en = "drinks" }\nnature = "alcohol"')
    rule = (
        '\n[[forbidden]]\nnature = "alcohol"\napplies_to = "both"\nreason = { zh = "联盟约定", en = "as agreed" }\n'
    )
    programmes = {name: (data("programmes") / name).read_bytes() for name in ("supermarket.toml", "restaurant.toml")}
    load_coalition(town.database, town.keys, (COALITION + rule).encode(), programmes, town.clock())
    with pytest.raises(DocumentError, match="as agreed") as refused, town.database.write() as connection:
        documents.publish_programme(connection, town.keys, bar, "market.toml", town.clock())
    assert len(str(refused.value).splitlines()) >= 2
    with pytest.raises(DocumentError, match=r"forbidden\[0\].nature"):
        load_coalition(
            town.database, town.keys, (COALITION + rule.replace("alcohol", "beer")).encode(), programmes, town.clock()
        )


@pytest.mark.parametrize("zone", ["Asia/Atlantis", "/etc/passwd", "../../etc/passwd", "."])
def test_a_store_in_no_time_zone_is_refused(sqlite_town: Town, zone: str) -> None:
    """Every till would reckon its days by it."""
    with sqlite_town.database.write() as connection:
        settings = documents.newest(connection, "store", STORE, StoreSettings)
        assert settings is not None
        wrong = msgspec.structs.replace(settings, time_zone=zone)
        with pytest.raises(DocumentError, match="time_zone"):
            documents.publish_store(connection, sqlite_town.keys, wrong, sqlite_town.clock())


def test_a_version_is_published_once(town: Town) -> None:
    """The same again changes nothing, another text under the same version is refused, a higher one replaces it."""
    with town.database.write() as connection:
        number = documents.documents_after(connection, town.keys, STORE, 0).newest
        documents.publish_programme(connection, town.keys, SUPERMARKET, "market.toml", town.clock())
        assert documents.documents_after(connection, town.keys, STORE, 0).newest == number
        changed_text = changed("青穗超市积分", "青穗积分")
        with pytest.raises(DocumentError, match="version"):
            documents.publish_programme(connection, town.keys, changed_text, "market.toml", town.clock())
        second = changed("version = 1", "version = 2")
        documents.publish_programme(connection, town.keys, second, "market.toml", town.clock())
        found = documents.newest(connection, "programme", "qingsui-market", ProgrammeText)
    assert found is not None
    assert found.version == 2


def test_a_new_store_inherits_what_its_merchant_published(town: Town) -> None:
    """Programme and products come with the settings, each under a number of its own."""
    with town.database.write() as connection:
        add_store(connection, "renmin", "qingsui", "人民路店")
        settings = documents.newest(connection, "store", STORE, StoreSettings)
        assert settings is not None
        fresh = msgspec.structs.replace(settings, store="renmin", name="人民路店")
        documents.publish_store(connection, town.keys, fresh, town.clock())
        answer = documents.documents_after(connection, town.keys, "renmin", 0)
    found = [town.keys.ring.open(signed, "document", Document) for signed in answer.documents]
    assert {document.kind for document in found} == {"store", "programme", "products", "hot-list"}


def test_a_coalitions_products_have_the_attributes_of_its_file(sqlite_town: Town) -> None:
    """Rules go by them at the till."""
    with sqlite_town.database.read() as connection:
        found = documents.newest(connection, "products", "qingsui", Products)
    assert found is not None
    assert [product.attributes for product in found.products] == [{"kwh-year": 12}]


def test_ranges_that_can_meet_are_refused(sqlite_town: Town) -> None:
    """With an example of a code that both would take."""
    town = sqlite_town
    with town.database.write() as connection:
        settings = documents.newest(connection, "store", STORE, StoreSettings)
        assert settings is not None
        ranges = (
            CodeRange(id="cards", prefix="88", length=10, means="member"),
            CodeRange(id="coupons", prefix="881", length=10, means="coupon"),
        )
        bad = msgspec.structs.replace(settings, ranges=ranges)
        with pytest.raises(DocumentError, match="8810000000"):
            documents.publish_store(connection, town.keys, bad, town.clock())


def test_what_would_run_out_is_published_again(town: Town) -> None:
    """A week after publishing everything is signed anew with a later end; a second time changes nothing."""
    later = town.clock() + 8 * DAY_US
    with town.database.write() as connection:
        before = documents.documents_after(connection, town.keys, STORE, 0)
        assert documents.renew(connection, town.keys, later) > 0
        after = documents.documents_after(connection, town.keys, STORE, before.newest)
        assert documents.renew(connection, town.keys, later) == 0
    ends = [town.keys.ring.open(signed, "document", Document).valid_until for signed in after.documents]
    assert len(after.documents) == len(before.documents)
    assert set(ends) == {later + documents.RELIED_ON_DAYS * DAY_US}


def test_goods_that_hide_in_a_category_are_not_published(sqlite_town: Town) -> None:
    """Neither in a new price list, nor under a new programme that knows their category no more; in both languages."""

    def listed(category: str) -> Products:
        return Products(
            merchant="qingsui",
            products=(Product(code="6901", name="香烟", category=category, price_fen=15_00),),
        )  # fmt: skip

    with sqlite_town.database.write() as connection:
        with pytest.raises(DocumentError, match=r"6901 香烟 says that it is tobacco.*\n.*从名称看属于 tobacco"):
            documents.publish_products(connection, sqlite_town.keys, listed("grocery"), NOW_US)
        documents.publish_products(connection, sqlite_town.keys, listed("tobacco"), NOW_US)
        text = (data("programmes") / "supermarket.toml").read_text("utf-8")
        newer = text.replace("version = 1\n", "version = 9\n", 1).replace('"tobacco"', '"smoke"')
        newer = newer.replace('nature = "smoke"', 'nature = "tobacco"')
        with pytest.raises(DocumentError, match="products of qingsui"):
            documents.publish_programme(connection, sqlite_town.keys, newer.encode(), "newer.toml", NOW_US)


def test_staff_have_slow_hashes(sqlite_town: Town) -> None:
    """A PIN is published as Argon2id; it fits itself and no other."""
    with sqlite_town.database.read() as connection:
        staff = documents.newest(connection, "staff", STORE, Staff)
    assert staff is not None
    pin_hash = staff.staff[0].pin_hash
    assert pin_hash.startswith("$argon2id$")
    assert (pin_fits(pin_hash, "1023"), pin_fits(pin_hash, "1024"), pin_fits("", "1023")) == (True, False, False)


def test_spreadsheets_are_read_as_they_come() -> None:
    """UTF-8 with a mark or GB 18030; controls are taken out, markup stays text."""
    text = "code,name,category,price_fen\n6901,大米[红]\x1b,grocery,3990\n"
    for encoding in ("utf-8-sig", "gb18030"):
        product = read_products(text.encode(encoding), "goods.csv", "qingsui").products[0]
        assert (product.name, product.price_fen) == ("大米[红]", 3990)
    people = read_staff("staff,name,roles,pin\n1,王芳,cashier manager,1234\n".encode(), "staff.csv", STORE)
    assert (people.staff[0].roles, people.staff[0].member) == (("cashier", "manager"), "")


def test_attributes_of_products_come_in_a_column_of_their_own() -> None:
    """For whoever has some; a list without the column has none, and so has an empty cell."""
    text = "code,name,category,price_fen,attributes\n1,灯,lamps,990,kwh-year=30  energy-grade=1\n2,盆,general,990,\n"
    lamp, pot = read_products(text.encode(), "goods.csv", "qingsui").products
    assert (lamp.attributes, pot.attributes) == ({"kwh-year": 30, "energy-grade": 1}, {})


@pytest.mark.parametrize(
    ("sheet", "expected"),
    [
        ("code,name\n1,x\n", "line 1: there is no column category"),
        ("code,name,category,price_fen\n1,x,y,9.90\n", "line 2"),
        ("code,name,category,price_fen\n1,x,y,-1\n", "line 2"),
        ("code,name,category,price_fen\n,x,y,1\n", "line 2"),
        ("code,name,category,price_fen,attributes\n1,x,y,1,kwh-year\n", "line 2.*written as kwh-year=30"),
        ("code,name,category,price_fen,attributes\n1,x,y,1,kwh=-3\n", "line 2.*written as kwh-year=30"),
        ("code,name,category,price_fen,attributes\n1,x,y,1,KWh=3\n", "line 2"),
    ],
)
def test_a_wrong_line_is_named(sheet: str, expected: str) -> None:
    """File and line stand in the refusal."""
    with pytest.raises(DocumentError, match=expected):
        read_products(sheet.encode(), "goods.csv", "qingsui")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('tier = "gold"', "tier = 1", r"member\[0\].tier|member\[...\].tier"),
        ("price_fen = 39_90", "price_fen = 39.9", "price_fen"),
        ('merchant = "banshao"\nname', 'merchant = "nobody"\nname', r"store\[1\].merchant"),
        ('pin = "1023"', 'pin = "abc"', "pin"),
        ("static_daily_points", "static_points", "static_points"),
    ],
)
def test_a_wrong_key_of_a_coalition_is_named(sqlite_town: Town, old: str, new: str, expected: str) -> None:
    """A misspelt or mistyped key is refused with its path."""
    assert old in COALITION
    programmes = {name: (data("programmes") / name).read_bytes() for name in ("supermarket.toml", "restaurant.toml")}
    text = COALITION.replace(old, new, 1).encode()
    with pytest.raises(DocumentError, match=expected):
        load_coalition(sqlite_town.database, sqlite_town.keys, text, programmes, sqlite_town.clock())


def test_a_coalition_is_loaded_again_without_harm(town: Town) -> None:
    """Nothing is new the second time, and no document moves."""
    programmes = {name: (data("programmes") / name).read_bytes() for name in ("supermarket.toml", "restaurant.toml")}
    with town.database.read() as connection:
        before = documents.documents_after(connection, town.keys, STORE, 0)
    loaded = load_coalition(town.database, town.keys, COALITION.encode(), programmes, town.clock())
    assert (loaded.merchants, loaded.stores, loaded.members) == (0, 0, 0)
    with town.database.read() as connection:
        assert documents.documents_after(connection, town.keys, STORE, 0) == before


def test_the_demo_has_what_the_demo_needs() -> None:
    """A store for each sample programme with a cashier, a manager and a technician, some thirty products, two dozen members."""
    coalition = read_coalition((data("coalition") / "demo.toml").read_bytes(), "demo.toml")
    assert {store.industry for store in coalition.store} == {
        file.name.removesuffix(".toml") for file in data("programmes").iterdir()
    }
    for store in coalition.store:
        assert {role for person in store.staff for role in person.roles} >= {"cashier", "manager", "technician"}
    assert len(coalition.product) >= 30
    assert len(coalition.member) >= 24
    assert all(person.phone.startswith("1390000") for person in coalition.member)
    assert "张三[VIP]" in {person.name for person in coalition.member}


def test_nobody_publishes_for_a_store_that_is_not_there(sqlite_town: Town) -> None:
    """Staff of an unknown store is refused."""
    with pytest.raises(NotKnownError), sqlite_town.database.write() as connection:
        documents.publish_staff(connection, sqlite_town.keys, Staff(store="nowhere", staff=()), sqlite_town.clock())
