"""The page of the second screen in a real browser, on the two smallest screens that are sold, as read from a metre."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import msgspec
import pytest
from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait

from devices.second_screen import SecondScreen
from tests.browsers import phone_browser, resize, scanned
from till import i18n
from till.customer_view import CustomerView, Who
from till.second_screen import page_files, page_json
from till.terms_words import Term

NUMBERS = itertools.count()
SIZES = ((1024, 600), (800, 480))
LEAST_PX = 20
"""4 mm on a screen of 7 inches with 800 pixels across: what most people read from a metre."""
LONG = "无门槛；满1,000积分起，按比例抵扣；用于本单；不找零；不可兑换现金。"
NAME = "<b>张*丰</b>"

WHO = Who(NAME, "金卡 1.2倍", Term("可用积分", "12,345,678"))
VIEWS = {
    "welcome": CustomerView(page="welcome", store="中山路店", title="欢迎光临", step="请出示会员码"),
    "bare": CustomerView(page="sale", store="中山路店", who=WHO, step="再积 750 可兑 洗护礼盒"),
    "sale": CustomerView(
        page="sale", store="中山路店", who=WHO, lines=tuple(Term(f"有机纯牛奶 特价装 250ml {n}", "1,299.00") for n in range(6)),
        more="前面还有 12 项", sums=(Term("合计", "12,345.67元"), Term("应付", "12,345.67元"), Term("本单可得", "12,345 积分")),
        large=1, step="再积 750 可兑 洗护礼盒",
    ),
    "terms": CustomerView(
        page="terms", store="中山路店", who=WHO, title="兑换 洗护礼盒",
        sums=(Term("使用积分", "12,345,678"), Term("兑换后剩", "0"), Term("抵扣 20.00元", ""), Term("应付", "108.50元")),
        terms=(Term("使用条件", LONG), Term("活动时间", "2035年底前有效"), Term("退货说明", LONG), Term("兑换依据", LONG)),
        step="同意兑换请刷新会员码并出示，或输入积分密码", stars=8,
    ),
    "thanks": CustomerView(page="thanks", store="中山路店", title="谢谢惠顾", sums=(Term("实付", "12,345.67元"),)),
    "code": CustomerView(
        page="code", store="中山路店", who=WHO, qr="HTTPS://P.EXAMPLE.COM/" + "A" * 150, notes=("请用手机扫码，打开您的会员页",)
    ),
}  # fmt: skip

MEASURE = """
const texts = [...document.querySelectorAll("body *")].filter((one) => [...one.childNodes].some((node) => node.nodeType === 3));
const over = [...document.querySelectorAll("header, main, footer, .goods, .said")].filter(
  (one) => one.scrollHeight > one.clientHeight + 1 || one.scrollWidth > one.clientWidth + 1);
return {
  least: Math.min(...texts.map((one) => parseFloat(getComputedStyle(one).fontSize))),
  over: over.map((one) => one.className || one.tagName),
  outside: texts.map((one) => one.getBoundingClientRect()).filter(
    (box) => box.right > innerWidth + 1 || box.bottom > innerHeight + 1 || box.left < -1).length,
  bold: document.querySelectorAll("b, script:not([src])").length,
};
"""


@pytest.fixture(scope="module")
def driver() -> Iterator[WebDriver]:
    with phone_browser() as made:
        yield made


@pytest.fixture
def screen(driver: WebDriver) -> Iterator[SecondScreen]:
    """Served, and open in the browser."""
    i18n.use("zh-CN")
    made = SecondScreen(0, page_files())
    made.start()
    resize(driver, *SIZES[0])
    driver.get(made.address)
    yield made
    made.stop()
    i18n.use("en")


def see(driver: WebDriver, screen: SecondScreen, view: CustomerView) -> None:
    """Show it, under a name that no view before had, until the browser does."""
    view = msgspec.structs.replace(view, store=f"{view.store} {next(NUMBERS)}")
    screen.show(page_json(view))
    # By a script: an element that is held may be drawn anew before it is asked.
    name = "return document.querySelector('header .store')?.textContent"
    WebDriverWait(driver, 10, 0.02).until(lambda _: driver.execute_script(name) == view.store)


@pytest.mark.parametrize("name", VIEWS)
def test_read_from_a_metre(driver: WebDriver, screen: SecondScreen, name: str) -> None:
    """Nothing is cut off and nothing small, with the longest figures; a name is text, whatever it says."""
    view = VIEWS[name]
    for size in SIZES:
        resize(driver, *size)
        see(driver, screen, view)
        measured = driver.execute_script(MEASURE)
        assert measured["least"] >= LEAST_PX, (size, measured)
        assert (measured["over"], measured["outside"], measured["bold"]) == ([], 0, 0), (size, measured)
        if view.who is not None:
            assert NAME in driver.execute_script("return document.body.innerText")


def test_terms_that_are_too_long_are_turned_over(driver: WebDriver, screen: SecondScreen) -> None:
    """Not cut, not small: the rest comes by itself."""
    view = CustomerView(page="terms", store="店", who=WHO, title="兑换", terms=(Term("使用条件", LONG * 12),))
    resize(driver, *SIZES[1])
    see(driver, screen, view)
    measured = driver.execute_script(MEASURE)
    assert measured["least"] >= LEAST_PX
    assert measured["over"] == ["said"]
    assert driver.execute_script("return turning !== null")


@pytest.mark.parametrize("size", SIZES)
def test_a_phone_reads_the_code(driver: WebDriver, screen: SecondScreen, size: tuple[int, int]) -> None:
    """From pixels, with the longest link that there is."""
    resize(driver, *size)
    see(driver, screen, VIEWS["code"])
    assert scanned(driver) == VIEWS["code"].qr


def test_nothing_stays_when_the_till_is_gone(driver: WebDriver, screen: SecondScreen) -> None:
    """Killed or closed: the page takes itself down at once, and comes back with the till."""
    see(driver, screen, VIEWS["terms"])
    port = int(screen.address.rstrip("/").rpartition(":")[2])
    screen.stop()
    WebDriverWait(driver, 10, 0.02).until(lambda _: "请稍候" in driver.find_element("css selector", "body").text)
    assert NAME not in driver.page_source.replace("&lt;", "<").replace("&gt;", ">")
    again = SecondScreen(port, page_files())
    again.start()
    try:
        see(driver, again, VIEWS["welcome"])
    finally:
        again.stop()
