"""The store's pages in a real browser, on a desk and on a phone, and on paper: printed, and the paper's text read back."""

from __future__ import annotations

import asyncio
import base64
import io
from collections.abc import Iterator

import pytest
from pypdf import PdfReader
from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.common.by import By

from ledger.store_pages.menu import ENTRIES
from tests.browsers import phone_browser, resize
from tests.ledger_pages.office import MANAGER, PIN, beats, employ, trade
from tests.ledger_pages.test_in_a_browser import Running, press, running, says, until
from tests.ledger_service.town import STORE

__all__ = ["running"]

DESK, PHONE = (1280, 800), (390, 844)


@pytest.fixture(scope="module")
def busy(running: Running) -> Running:
    """A store with a day behind it."""
    employ(running.town)
    till, idle = running.town.till(), running.town.till()
    asyncio.run(trade(running.town, till))
    beats(running.town, till)
    beats(running.town, idle, entries=2, waiting=2, waiting_fen=823_000)
    return running


@pytest.fixture
def manager(busy: Running) -> Iterator[WebDriver]:
    """Signed in by typing and pressing."""
    with phone_browser() as driver:
        resize(driver, *DESK)
        driver.get(f"{busy.url}/store/sign-in?store={STORE}")
        for name, typed in (("staff", MANAGER), ("pin", PIN)):
            driver.find_element(By.NAME, name).send_keys(typed)
        press(driver, "登录")
        until(driver, "积分抵扣")
        yield driver


def test_every_page_fits_a_desk_and_a_phone(busy: Running, manager: WebDriver) -> None:
    """In both languages; nothing lies outside, a thumb hits every link of the menu, and the browser complains of nothing."""
    for size in (DESK, PHONE):
        resize(manager, *size)
        for entry in ENTRIES:
            for language in ("en", "zh-CN"):
                manager.get(f"{busy.url}{entry.path}?lang={language}")
                assert ("退出" in says(manager)) == (language == "zh-CN")
                assert manager.execute_script("return document.documentElement.scrollWidth") <= size[0]
                for element in manager.find_elements(By.CSS_SELECTOR, "button, nav a"):
                    assert element.size["height"] >= 44
    assert [entry["message"] for entry in manager.get_log("browser")] == []  # type: ignore[no-untyped-call]


def test_the_day_is_printed(busy: Running, manager: WebDriver) -> None:
    """One sheet of A4 without menu and buttons, with the figures of the page."""
    manager.get(f"{busy.url}/store/day")
    paper = manager.execute_cdp_cmd(
        "Page.printToPDF", {"paperWidth": 8.27, "paperHeight": 11.69, "printBackground": False}
    )
    pages = PdfReader(io.BytesIO(base64.b64decode(paper["data"]))).pages
    text = "\n".join(page.extract_text() for page in pages)
    assert len(pages) == 1
    for word in ("中山路店", "积分抵扣", "20.00", "167.50", "按时段", "1023", "后台数据，截至"):
        assert word in text
    for word in ("退出", "下载表格", "收银机 撤销"):
        assert word not in text


def test_signing_out_leaves_nothing(busy: Running, manager: WebDriver) -> None:
    """Neither by the address nor by going back."""
    press(manager, "退出")
    until(manager, "工号")
    manager.get(f"{busy.url}/store/day")
    assert "积分抵扣" not in says(manager)
    manager.back()
    assert "积分抵扣" not in says(manager)
