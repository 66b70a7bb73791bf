"""Small programmes, one for each rule that is tried: the sample's head, and the tables that matter."""

from __future__ import annotations

from points import Programme, parse_programme

HEAD = """
id = "corner"
version = 1
engine = 1
merchant = "corner"
industry = "cafe"
valid_from = 2025-01-01
valid_until = 2035-12-31
name = { zh = "街角咖啡", en = "Corner Cafe" }
default_category = "general"
kind = [
    { code = "points", name = { zh = "消费积分", en = "points" }, validity = { months = 24 } },
    { code = "stamps", name = { zh = "印花", en = "stamps" }, validity = { days = 90 } },
    { code = "green", name = { zh = "绿色消费积分", en = "green points" }, validity = "never" },
]
category = [
    { code = "general", name = { zh = "商品", en = "goods" } },
    { code = "coffee", name = { zh = "咖啡", en = "coffee" } },
    { code = "lamps", name = { zh = "灯具", en = "lamps" } },
    { code = "gift-card", name = { zh = "购物卡", en = "gift cards" } },
]
group = [{ code = "led", name = { zh = "LED灯", en = "LED lamps" }, products = ["6901"] }]
exclusion = [
    { categories = ["gift-card"], applies_to = "both", reason = { zh = "购物卡不积分", en = "gift cards earn nothing" } },
]
tier = [
    { code = "plain", name = { zh = "普通", en = "plain" }, multiplier = "1" },
    { code = "gold", name = { zh = "金卡", en = "gold" }, multiplier = "1.5" },
]

[[earn]]
kind = "points"
name = { zh = "1元积1分", en = "1 yuan = 1 point" }
per_fen = 1_00
points = 1
"""


def words(text: str) -> str:
    """One text for both languages."""
    return f'{{ zh = "{text}", en = "{text}" }}'


def rule(by: str, keys: str, kind: str = "stamps") -> str:
    """An ``[[earn]]`` table."""
    return f'\n[[earn]]\nkind = "{kind}"\nby = "{by}"\nname = {words(by)}\n{keys}\n'


VOUCHER = f"""
[[reward]]
form = "voucher"
id = "voucher"
name = {words("券")}
kinds = ["points"]
points = 100
value_fen = 10_00
minimum_points = 100
step_points = 100
conditions = {words("不可兑换现金")}
validity = {words("长期有效")}
refund = {words("原路退回")}
"""
"""1 point is 0.10 yuan."""


def campaign(name: str, keys: str) -> str:
    """A campaign of June 2026 that agrees to meet others."""
    return (
        f'\n[[campaign]]\nid = "{name}"\nname = {words(name)}\nfrom = 2026-06-01\nuntil = 2026-06-30\n'
        f'conditions = {words(name)}\noverlap = "best"\n{keys}\n'
    )


def shop(*tables: str) -> Programme:
    """The café with these tables."""
    return parse_programme(HEAD + "".join(tables), "corner.toml")
