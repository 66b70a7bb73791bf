"""Debian's Chromium, without a window, driven by its own driver: a phone's browser for the member's page."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import zxingcpp
from PIL import Image

if TYPE_CHECKING:
    from selenium.webdriver.chrome.webdriver import WebDriver

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
IS_HERE = CHROMIUM is not None and DRIVER is not None
WIDTH, HEIGHT = 320, 640
"""CSS pixels of the smallest phone that is still sold, one pixel of glass for each: the hardest screen to scan from."""


def report() -> str:
    """For pytest's header."""
    found = f"in {CHROMIUM}" if IS_HERE else "left out: chromium and chromium-driver are not installed"
    return f"member's page: {found}"


@contextmanager
def phone_browser(language: str = "zh-CN") -> Iterator[WebDriver]:
    """A phone of the smallest size, whose owner reads `language`."""
    from selenium.webdriver import Chrome, ChromeOptions
    from selenium.webdriver.chrome.service import Service

    assert CHROMIUM is not None
    assert DRIVER is not None
    options = ChromeOptions()
    options.binary_location = CHROMIUM
    # Tests may run as root, in containers with a small /dev/shm; nothing but our own server is opened.
    for flag in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", f"--accept-lang={language}"):
        options.add_argument(flag)
    driver = Chrome(options, Service(DRIVER))
    try:
        resize(driver, WIDTH, HEIGHT)
        yield driver
    finally:
        driver.quit()


def resize(driver: WebDriver, width: int, height: int) -> None:
    """A screen of so many pixels."""
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": True}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def cut_network(driver: WebDriver, *, is_cut: bool = True) -> None:
    """No network for the pages that are open."""
    driver.execute_cdp_cmd("Network.enable", {})
    nothing = {"offline": is_cut, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    driver.execute_cdp_cmd("Network.emulateNetworkConditions", nothing)


def picture(driver: WebDriver) -> Image.Image:
    """What the screen shows, as pixels."""
    return Image.open(io.BytesIO(driver.get_screenshot_as_png()))


def scanned(driver: WebDriver) -> str:
    """The one code that a scanner in front of the screen reads; empty where there is none."""
    return read_pixels(picture(driver))


def read_pixels(image: Image.Image) -> str:
    """The one code in a picture, dark on light; empty where there is none."""
    found = zxingcpp.read_barcodes(image.convert("L"), try_invert=False)
    assert len(found) <= 1, found
    return str(found[0].text) if found else ""
