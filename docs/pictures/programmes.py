"""A picture of each shipped programme at its counter, in Chinese, with people and goods of the demo's coalition."""

from __future__ import annotations

import asyncio
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config import data
from docs.pictures.stage import MEMBER, MINUTE_US, Scene
from protocol.documents import Product
from protocol.feed import Balance, MemberRow, Standing
from tests.desks import TestDesk, make_desk


@dataclass(frozen=True)
class Shop:
    """What is seen: who comes with how many points, what he buys, and what is pressed then."""

    programme: str
    points: Mapping[str, int]
    goods: tuple[str, ...] = ()
    """By the names that they have in the demo's coalition."""
    typed: str = ""
    tier: str = ""
    offers: tuple[str, ...] = ()
    standing: Standing = field(default_factory=Standing)

    @property
    def file(self) -> str:
        """The picture's name."""
        return f"programme-{self.programme}.zh.svg"


SHOPS = (
    Shop("supermarket", {"points": 5_240, "next-visit": 24}, ("散称苹果 500克", "东北大米 5公斤"), tier="gold"),
    Shop("restaurant", {"points": 240}, ("招牌牛肉面", "酸梅汤")),
    Shop("4s", {"points": 12_000}, ("更换刹车片",)),
    Shop("services", {"points": 6_200, "car-wash-voucher": 1}, typed="{f2}"),
    Shop("hotel", {"points": 20_500}, ("标准房一晚", "自助晚餐")),
    Shop("jewellery", {"points": 10_400}, ("珍珠耳环",), "{f2}", offers=("design-consultation",)),
    Shop("department-store", {"points": 1_320}, ("羊毛围巾",), tier="silver",
         standing=Standing(tier="silver", month="2026-11", spent_fen=16_800_00, visits=16)),
    Shop("apparel", {"points": 1_000}, ("亚麻连衣裙", "棉布衬衫"), offers=("dresses-double",)),
    Shop("scenic", {"points": 4_000}, ("成人票", "成人票")),
    Shop("airline", {"miles": 12_500}, ("经济舱 单程", "机建燃油")),
    Shop("bank", {"points": 6_100}, typed="1280"),
    Shop("green-home", {"points": 310, "green": 260}, ("节能灯泡 9瓦", "节能灯泡 9瓦", "节水花洒")),
    Shop("corner-shop", {"points": 450}, typed="36.80"),
)  # fmt: skip


def draw_shop(shop: Shop) -> str:
    """Its picture as SVG."""
    with tempfile.TemporaryDirectory() as folder:
        coalition = tomllib.loads((data("coalition") / "demo.toml").read_text(encoding="utf-8"))
        store = next(row for row in coalition["store"] if row["industry"] == shop.programme)
        products = [_product(row) for row in coalition["product"] if row["merchant"] == store["merchant"]]
        codes = {product.name: product.code for product in products}
        desk = _make_till(Path(folder), shop, store, products)
        try:
            scene = Scene(desk, Path(folder), "zh-CN", is_online=True)
            return asyncio.run(scene.take(lambda shown: _sell(shown, shop, codes)))
        finally:
            desk.close()


async def _sell(scene: Scene, shop: Shop, codes: Mapping[str, str]) -> None:
    await scene.sign_in("1023")
    await scene.scan_phone(MEMBER)
    for name in shop.goods:
        await scene.scan(codes[name])
    await scene.type(shop.typed)


def _make_till(folder: Path, shop: Shop, store: dict[str, Any], products: list[Product]) -> TestDesk:
    row = MemberRow(
        member=MEMBER, position=10, name="张*丰", last4="1234", tier=shop.tier,
        balances={kind: Balance(available=points) for kind, points in shop.points.items()},
        offers=dict.fromkeys(shop.offers, "2026-12-31"), standing=shop.standing,
    )  # fmt: skip
    desk = make_desk(
        folder, industry=shop.programme, store_name=store["name"], members=[row], products=products, at_us=MINUTE_US
    )
    desk.desk.seen_until(MINUTE_US - 60_000_000)
    return desk


def _product(row: dict[str, Any]) -> Product:
    return Product(
        code=row["code"], name=row["name"], category=row["category"], price_fen=row["price_fen"],
        attributes=row.get("attributes", {}),
    )  # fmt: skip
