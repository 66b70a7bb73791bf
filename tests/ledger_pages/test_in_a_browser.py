"""The page in a real browser on the smallest phone, and the codes on its screen read by a scanner, from pixels."""

from __future__ import annotations

import asyncio
import io
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
import uvicorn
from PIL import Image
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from devices.qr import qr_matrix, qr_png
from docs.pictures.portable import portable
from ledger import documents
from ledger.app import create_app
from ledger.feed import member_row
from ledger.serving import Server
from protocol.authorisations import Authorisation, Challenge, challenge_text, kind_tag, quote_tag, read, terminal_tag
from protocol.claims import new_claim
from protocol.documents import StoreSettings
from protocol.feed import Balance
from protocol.ids import bucket_of, new_id
from protocol.signing import public_bytes
from sync.client import LedgerClient
from sync.identity import Identity
from terminal import i18n
from terminal.dialogs.member_pin import MemberPin
from terminal.widgets.qr_panel import QrPanel
from tests.browsers import HEIGHT, WIDTH, cut_network, phone_browser, read_pixels, resize, scanned
from tests.desks import TestDesk, make_desk
from tests.desks import member_row as cached_row
from tests.ledger_pages.phones import link
from tests.ledger_pages.test_pages import push
from tests.ledger_pages.test_vouchers import issue
from tests.ledger_service.town import MEMBER, NOW_US, PIN, STORE, Town, build_town
from tests.terminal.stage import ONLINE, make_stage
from till.draft import SaleDraft
from till.scanning import MemberConfirmed, MemberIdentified, VoucherScanned, scan

DEADLINE_S = 40
PAGES = ("/", "/points", "/history", "/rewards", "/vouchers", "/green", "/household", "/me")


@dataclass
class Running:
    """The town's service on a socket; its time begins at the town's noon and runs."""

    town: Town
    url: str

    def now_us(self) -> int:
        return self.town.clock()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    town = build_town(f"sqlite:///{tmp_path_factory.mktemp('page')}/books.db")
    begun_ns = time.monotonic_ns()
    town.clock = lambda: NOW_US + (time.monotonic_ns() - begun_ns) // 1_000  # type: ignore[assignment]  # it runs
    heard = threading.Event()
    ports: list[int] = []

    def listens(_host: str, port: int) -> None:
        ports.append(port)
        heard.set()

    app = create_app(town.database, town.keys, town.clock)
    server = Server(uvicorn.Config(app, "127.0.0.1", 0, log_config=None, access_log=False), listens)
    thread = threading.Thread(target=server.run)
    thread.start()
    assert heard.wait(DEADLINE_S)
    yield Running(town, f"http://127.0.0.1:{ports[0]}")
    server.should_exit = True
    thread.join(DEADLINE_S)
    town.database.close()


@pytest.fixture
def phone(running: Running) -> Iterator[WebDriver]:
    """Signed in through the link and its button."""
    with phone_browser() as driver:
        driver.get(running.url + link(running.town))
        press(driver, "打开我的会员页")
        until(driver, "结账时出示")
        yield driver


def press(driver: WebDriver, word: str) -> None:
    """The button or link that says it."""
    driver.find_element(By.XPATH, f"//button[.='{word}'] | //a[.='{word}']").click()


def follow(driver: WebDriver, word: str) -> None:
    """The link that says it, wherever on the page it is: the menu lies over the lower end of what is seen."""
    found = driver.find_element(By.XPATH, f"//a[.='{word}']")
    driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", found)
    found.click()


def says(driver: WebDriver) -> str:
    """What a person sees."""
    return driver.find_element(By.TAG_NAME, "body").text


def until(driver: WebDriver, word: str, timeout_s: float = DEADLINE_S) -> None:
    # While one page gives way to the next, its body may be gone between two looks.
    wait = WebDriverWait(driver, timeout_s, 0.2, (StaleElementReferenceException,))
    wait.until(lambda _driver: word in says(driver), f"no {word}")


def test_the_code_on_the_screen_identifies_him_at_a_till(running: Running, phone: WebDriver, tmp_path: Path) -> None:
    """Read from pixels by a till without a network: the member, with proof; 15 s later a newer code, which confirms him."""
    till = make_desk(tmp_path, members=[cached_row(MEMBER)])
    till.desk.keys = running.town.keys.ring
    set_clock(till, running)
    first = scanned(phone)
    identified = scan(till.desk, first, SaleDraft())
    assert isinstance(identified, MemberIdentified)
    assert (identified.member.member, identified.proof.proof, identified.proof.is_timely) == (MEMBER, "dynamic", True)
    WebDriverWait(phone, DEADLINE_S, 0.5).until(lambda _phone: scanned(phone) not in ("", first), "no newer code")
    set_clock(till, running)
    confirmed = scan(till.desk, scanned(phone), SaleDraft(member=identified.member, proof=identified.proof))
    assert isinstance(confirmed, MemberConfirmed)
    till.close()


def test_a_vouchers_code_is_read_from_the_screen(running: Running, phone: WebDriver, tmp_path: Path) -> None:
    """By way of the first page; a till without a network believes it, and the page fits."""
    sale = asyncio.run(issue(running.town, running.town.till()))
    held = {"wash-voucher": Balance(available=1)}
    till = make_desk(tmp_path, industry="later", members=[cached_row(MEMBER, balances=held)])
    till.desk.keys = running.town.keys.ring
    set_clock(till, running)
    phone.get(running.url + "/")
    follow(phone, "我的券")
    until(phone, "1 张 洗车券")
    follow(phone, "出示券码")
    until(phone, "只能用一次，谁出示谁用")
    assert phone.execute_script("return document.documentElement.scrollWidth") <= WIDTH
    found = scan(till.desk, scanned(phone), SaleDraft())
    assert isinstance(found, VoucherScanned)
    assert (found.member.member, found.proof.is_timely, found.rewards) == (sale.member, True, ("wash",))
    till.close()


def test_without_a_network_it_says_so_and_hides_a_dead_code(phone: WebDriver) -> None:
    """In words within a renewal; a minute old the code is gone; with the network everything is well again."""
    cut_network(phone)
    until(phone, "没有网络：会员码无法更新")
    assert scanned(phone) != ""
    phone.execute_script("var real = Date.now; Date.now = function () { return real() + 45000; };")
    until(phone, "没有网络：会员码已过期")
    assert scanned(phone) == ""
    cut_network(phone, is_cut=False)
    WebDriverWait(phone, DEADLINE_S, 0.5).until(lambda _phone: scanned(phone) != "", "no code")
    assert "没有网络" not in says(phone)


def test_a_tills_screen_opens_the_page(running: Running, tmp_path: Path) -> None:
    """The member types his PIN at the till. Its screen, 80x24, is drawn as a picture; a phone reads the link from the pixels,
    opens it and presses the button.
    """
    name_page(running)
    screen = tmp_path / "screen.svg"
    screen.write_text(asyncio.run(screen_with_link(running, tmp_path / "till")), encoding="utf-8")
    with phone_browser() as phone:
        resize(phone, 1_000, 700)
        phone.get(screen.as_uri())
        address = scanned(phone)
        assert address.startswith(running.url.upper() + "/L/")
        resize(phone, WIDTH, HEIGHT)
        phone.get(address)
        press(phone, "打开我的会员页")
        until(phone, "结账时出示")
        assert "张*丰" in says(phone)


async def screen_with_link(running: Running, folder: Path) -> str:
    """What a till shows that asked the running ledger for a link."""
    till = running.town.till()
    identity = Identity(
        terminal=till.terminal, store=STORE, name="02号机", url=running.url, public=public_bytes(till.key),
        root_public=running.town.keys.root_public, certificates=running.town.keys.certificates,
    )  # fmt: skip
    stage = make_stage(folder, language="zh-CN", member_page=running.url)
    try:
        with LedgerClient(identity, till.key) as client:
            stage.desk.ledger.links = client.link_member
            async with stage.run():
                await stage.sign_in("1023")
                await stage.go(ONLINE)
                await stage.scan_member()
                await stage.more("会员页二维码")
                await stage.until(lambda: stage.shows(MemberPin))
                await stage.press(PIN + "\n")
                await stage.until(lambda: bool(stage.app.screen.query(QrPanel)))
                await stage.settle()
                return portable(stage.app.export_screenshot())
    finally:
        stage.close()
        i18n.use("en")


def name_page(running: Running) -> None:
    """The store's settings name the service that runs here."""
    town = running.town
    with town.database.write() as connection:
        known = documents.newest(connection, "store", STORE, StoreSettings)
        assert known is not None
        documents.publish_store(
            connection, town.keys, msgspec.structs.replace(known, member_page=running.url), town.clock()
        )


def test_a_tills_challenge_is_allowed(running: Running, phone: WebDriver) -> None:
    """The challenge is read from the till's pixels, allowed on the phone, and the answer is read from the phone's pixels."""
    town = running.town
    till = town.till()
    identity = new_id(running.now_us() // 1_000, bucket_of(MEMBER), secrets.randbits(64))
    quote = quote_tag(identity, "voucher", "points", 300, 12_850)
    asks = Challenge(identity, 300, terminal_tag(till.terminal), kind_tag("points"), quote)
    shown = qr_png(qr_matrix(challenge_text(running.url, asks), "L", max_version=4), scale=3)
    phone.get(read_pixels(Image.open(io.BytesIO(shown))))
    page = says(phone)
    for word in ("青穗超市", "中山路店", "02号机", "300", "1,000", "700"):
        assert word in page
    assert balance(town) == (1_000, 0)
    press(phone, "允许")
    until(phone, "把手机给收银员扫一下")
    given = read(scanned(phone), town.keys.ring)
    assert given == Authorisation(identity, till.terminal, MEMBER, "points", 300, quote)
    assert balance(town) == (700, 300)
    phone.get(running.url + "/points")
    assert "300 分在 中山路店 02号机 待结账" in says(phone)


def test_a_tills_challenge_is_refused(running: Running, phone: WebDriver) -> None:
    """Nothing has happened."""
    before = balance(running.town)
    till = running.town.till()
    identity = new_id(running.now_us() // 1_000, bucket_of(MEMBER), secrets.randbits(64))
    asks = Challenge(identity, 100, terminal_tag(till.terminal), kind_tag("points"), b"abcdef")
    phone.get(challenge_text(running.url, asks))
    press(phone, "拒绝")
    until(phone, "没有动用任何积分")
    assert balance(running.town) == before


def test_every_page_fits_the_smallest_phone_in_both_languages(running: Running, phone: WebDriver) -> None:
    """320 pixels and nothing to the right of them; a thumb hits every button and every entry of the menu."""
    for language in ("zh-CN", "en"):
        for path in PAGES:
            phone.get(f"{running.url}{path}?lang={language}")
            assert ("会员码" in says(phone)) == (language == "zh-CN")
            assert phone.execute_script("return document.documentElement.scrollWidth") <= WIDTH
            for element in phone.find_elements(By.CSS_SELECTOR, "button, nav a, .button"):
                assert element.size["height"] >= 44
                assert element.size["width"] >= 44
            assert all(element.size["height"] < 60 for element in phone.find_elements(By.CSS_SELECTOR, "nav a"))


def test_nothing_is_complained_about(running: Running, phone: WebDriver) -> None:
    """The browser finds nothing that the policy of the page forbids, and nothing that is missing."""
    for path in PAGES:
        phone.get(running.url + path)
    assert [entry["message"] for entry in phone.get_log("browser")] == []  # type: ignore[no-untyped-call]


def test_without_javascript_the_page_is_loaded_again(running: Running, phone: WebDriver) -> None:
    """Every 15 s, with a new code."""
    phone.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    phone.get(running.url + "/")
    first = scanned(phone)
    assert first
    WebDriverWait(phone, DEADLINE_S, 0.5).until(lambda _phone: scanned(phone) not in ("", first), "no newer code")


def set_clock(till: TestDesk, running: Running) -> None:
    """The till has the ledger's time, as one that hears of it all day long."""
    till.clocks.wall_us = running.now_us()
    till.desk.clock.heard(0)


def balance(town: Town) -> tuple[int, int]:
    """(available, reserved) in the books."""
    with town.database.read() as connection:
        row = member_row(connection, MEMBER)
    assert row is not None
    return row.balances["points"].available, row.balances["points"].reserved


def test_the_points_of_a_receipt_are_claimed(running: Running, phone: WebDriver) -> None:
    """The address as the receipt has it: first a phone that nobody has signed in, then the member's. Everything fits."""
    claim = new_claim(secrets.randbits, "2026-11-28")
    address = claim.address(running.url)
    till = running.town.till()
    till.sell(claim.account, 128, identified="none", claim_until=claim.until)
    with phone_browser() as stranger:
        stranger.get(address)
        until(stranger, "收银机还没有上传这笔消费")
        assert stranger.execute_script("return document.documentElement.scrollWidth") <= WIDTH
    asyncio.run(push(till))
    phone.get(address)
    until(phone, "128 消费积分")
    assert phone.execute_script("return document.documentElement.scrollWidth") <= WIDTH
    press(phone, "领取积分")
    until(phone, "+128 消费积分")
    follow(phone, "查看我的积分")
    with running.town.database.read() as connection:
        row = member_row(connection, MEMBER)
    assert row is not None
    until(phone, f"{row.balances['points'].available:,}")  # other tests of this ledger took and gave some
