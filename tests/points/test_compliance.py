"""What may not be published: each rule with a file that breaks it, and a near miss that passes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from config import data
from points import Programme, ProgrammeError, parse_programme
from points.compliance import refusals
from points.natures import Forbidden
from points.price_list import hidden_goods, read_goods
from tests.points.test_programme_document import SAMPLE

WORKSHOP = (data("programmes") / "4s.toml").read_text("utf-8")
RESTAURANT = (data("programmes") / "restaurant.toml").read_text("utf-8")

PARK = """
id = "park"
version = 1
engine = 1
merchant = "park"
industry = "scenic"
valid_from = 2026-01-01
valid_until = 2026-12-31
name = { zh = "云岭景区积分", en = "Yunling points" }
default_category = "tickets"
[[kind]]
code = "points"
name = { zh = "积分", en = "points" }
validity = { months = 12 }
[[category]]
code = "tickets"
name = { zh = "门票", en = "admission tickets" }
nature = "ticket"
[[earn]]
kind = "points"
name = { zh = "1元积1分", en = "1 yuan = 1 point" }
per_fen = 1_00
points = 1
[[reward]]
form = "item"
id = "ticket"
name = { zh = "成人门票", en = "Admission ticket" }
kinds = ["points"]
points = 8_000
value_fen = 80_00
categories = ["tickets"]
conditions = { zh = "CONDITION-ZH", en = "CONDITION-EN" }
validity = { zh = "2026年12月31日前有效", en = "until 31 December 2026" }
refund = { zh = "入园前可退，积分原路退回", en = "before entry, points go back" }
"""


def found(text: str, *forbidden: Forbidden) -> list[str]:
    """Every refusal, as its author reads it."""
    return [str(one) for one in refusals(parse_programme(text, "shop.toml"), text, "shop.toml", forbidden)]


def swapped(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


def condition(zh: str, en: str) -> str:
    """The supermarket, with other conditions of its care set."""
    line = next(line for line in SAMPLE.splitlines() if "服务台领取" in line)
    return swapped(SAMPLE, line, f'conditions = {{ zh = "{zh}", en = "{en}" }}')


def of_campaign(zh: str, en: str) -> str:
    """The supermarket, with other conditions of its anniversary."""
    line = next(line for line in SAMPLE.splitlines() if "全部积分商品双倍" in line)
    return swapped(SAMPLE, line, f'conditions = {{ zh = "{zh}", en = "{en}" }}')


def of_ticket(zh: str, en: str) -> str:
    return swapped(swapped(PARK, "CONDITION-ZH", zh), "CONDITION-EN", en)


PLAIN = ("服务台领取", "at the desk")
SAME = ("与购票游客同等入园", "the same as a bought one")


@pytest.mark.parametrize("name", ["supermarket", "restaurant", "4s"])
def test_the_shipped_programmes_may_be_published(name: str) -> None:
    """As they are, also as bytes with the mark that Notepad writes."""
    text = (data("programmes") / f"{name}.toml").read_text("utf-8")
    assert found(text) == []
    marked = b"\xef\xbb\xbf" + text.encode()
    assert refusals(parse_programme(marked, name), marked, name) == ()


@pytest.mark.parametrize(
    ("write", "breaks", "passes", "rule"),
    [
        (condition, ("见店内公告", "at the desk"), ("库存以门店为准", "while the shop has any"), "A1"),
        (condition, ("服务台领取", "see in store"), ("服务台领取", "seen and collected in store"), "A1"),
        (condition, ("以本店解释为准", "at the desk"), ("以识别会员时为准", "when he is identified"), "A1"),
        (condition, ("详情请咨询店员", "at the desk"), ("含30分钟造型咨询，需致电预约", "by appointment"), "A1"),
        (condition, ("服务台领取", "terms and conditions apply"), ("服务台领取", "no other conditions apply"), "A1"),
        (condition, ("最终解释权归本店", "at the desk"), PLAIN, "消费者权益保护法"),
        (condition, ("at the desk", "at the desk"), ("服务台 Mini 领取", "at the desk"), "no Chinese words"),
        (condition, ("服务台领取", "服务台领取"), PLAIN, "no English words"),
        (condition, ("服务台领取", "-"), PLAIN, "no English words"),
        (of_campaign, ("消费抽奖得积分", "points"), ("不设抽奖，人人双倍", "points, no lucky draw"), "A3"),
        (of_campaign, ("双倍", "with a lucky draw"), ("双倍，颜色随机", "double points, any colour"), "A3"),
        (condition, ("含盲盒一个", "at the desk"), ("礼盒一个", "one gift box"), "A3"),
        (condition, ("积分可提现", "at the desk"), ("不可转让、提现或兑换现金", "never for cash"), "A3"),
        (condition, ("不仅可提现", "not only for cash"), ("不可提现", "no change and no cash back"), "A3"),
        (condition, ("无门槛提现", "at the desk"), ("无门槛", "no minimum"), "A3"),
        (condition, ("服务台领取", "or cash back at the till"), ("服务台领取", "pay in cash or by phone"), "A3"),
        (of_campaign, ("邀请一位好友得500积分", "points"), ("与好友同来也双倍", "double, with friends too"), "禁止传销条例"),
        (of_campaign, ("老客", "for every referral"), ("主厨推荐双倍", "what we refer to as the menu"), "A3"),
        (of_campaign, ("办卡即送高额积分", "points"), ("会员卡消费双倍", "double with a member's card"), "P12"),
        (of_campaign, ("双倍", "when you open a card"), ("双倍，不以办卡为条件", "open all day, card or not"), "P12"),
        (condition, ("积分客户专用柜台", "at the desk"), ("会员均可在服务台领取", "all members"), "A4"),
        (condition, ("仅限工作日", "at the desk"), ("工作日和周末均可", "weekdays and weekends"), "A4"),
        (condition, ("非高峰时段领取", "at the desk"), ("随时领取", "at any hour"), "A4"),
        (condition, ("服务台领取", "not on weekends"), ("服务台领取", "no black-out dates"), "A4"),
        (of_ticket, ("仅9:00入园", "as it is"), SAME, "P10"),
        (of_ticket, ("上午10点前入园", "as it is"), ("入园时段与购票一致", "one person"), "P10"),
        (of_ticket, ("一人一票", "enter after 2 pm"), ("一人一票", "the same hours as a bought ticket"), "P10"),
        (of_ticket, ("节假日不可用", "as it is"), ("周末、节假日同样可用", "weekends and holidays too"), "P10"),
    ],
)  # fmt: skip
def test_words_that_promise_what_may_not_be(
    write: Callable[[str, str], str], breaks: tuple[str, str], passes: tuple[str, str], rule: str
) -> None:
    """Of each pair the first is refused with its rule, the second is not."""
    refused = found(write(*breaks))
    assert refused
    assert any(rule in sentence for sentence in refused)
    assert found(write(*passes)) == []


def test_a_refusal_names_file_line_key_and_the_words() -> None:
    """What its author has to look for."""
    text = condition("可提现", "at the desk")
    line = 1 + next(number for number, line in enumerate(text.splitlines()) if "可提现" in line)
    assert found(text) == [
        f'shop.toml:{line}: reward[1].conditions.zh: says "提现": points are never turned into cash (A3)'
    ]


def test_every_mistake_is_told_at_once() -> None:
    """A person mends a file once."""
    both = swapped(condition("含抽奖", "at the desk"), 'zh = "不退换"', 'zh = "见店内公告"')
    assert len(found(both)) == 2


def test_validity_says_until_when() -> None:
    """ "None" is no answer to that, and is one to "which conditions?"."""
    line = next(line for line in SAMPLE.splitlines() if line.startswith("validity = { zh"))
    assert "A1" in found(swapped(SAMPLE, line, 'validity = { zh = "无", en = "none" }'))[0]
    assert found(condition("无", "none")) == []


def test_hours_are_nobodys_business_but_a_tickets() -> None:
    """A car wash may say when it opens; a campaign for tickets may say when they are cheaper."""
    assert found(condition("8:30至21:00服务台领取", "8:30 to 21:00 at the desk")) == []


def test_money_off_may_be_for_some_days() -> None:
    """A coupon is a price, and no service of a second class."""
    line = next(line for line in RESTAURANT.splitlines() if "每单一张" in line)
    assert found(swapped(RESTAURANT, line, 'conditions = { zh = "仅限工作日", en = "weekdays only" }')) == []


# --- what goods are ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nature", "zh", "en"),
    [
        ("stored-value", "储值卡充值", "top-up"),
        ("account-opening", "开户费", "account-opening fee"),
        ("lottery", "彩票", "lottery tickets"),
        ("tobacco", "香烟", "cigarettes"),
        ("infant-formula", "婴儿奶粉（1段）", "infant formula"),
        ("prescription-drug", "处方药", "prescription drugs"),
    ],
)
def test_what_neither_earns_nor_is_paid_with_points(nature: str, zh: str, en: str) -> None:
    """A category that hides its nature, one that says it and is used, and one that says it and is excluded."""
    hidden = RESTAURANT + f'\n[[category]]\ncode = "x"\nname = {{ zh = "{zh}", en = "{en}" }}\n'
    assert f'write nature = "{nature}"' in found(hidden)[0]
    # Of the ways to pay, only the coupon reaches it: the others are things.
    used = found(hidden + f'nature = "{nature}"\n')
    assert [("earns points" in one, "reward coupon-200-50" in one) for one in used] == [(True, False), (False, True)]
    reason = '\n[[exclusion]]\ncategories = ["x"]\napplies_to = "both"\nreason = { zh = "依法", en = "by law" }\n'
    assert found(hidden + f'nature = "{nature}"\n' + reason) == []


@pytest.mark.parametrize("name", ["非处方药", "保险杠", "充值电池", "小票打印", "恒温柜"])
def test_what_only_sounds_like_it(name: str) -> None:
    """A bumper is no insurance."""
    assert found(RESTAURANT + f'\n[[category]]\ncode = "x"\nname = {{ zh = "{name}", en = "goods" }}\n') == []


GOODS = """code,name,category,price_fen
1,红塔山香烟一条,grocery,95_00
2,散装大米,grocery,5_00
3,香烟,tobacco,15_00
4,超市购物卡100元,general,100_00
5,杜蕾斯保险套,general,39_00
6,老年配方奶粉,grocery,99_00
7,金领冠奶粉1段,baby,300_00
8,"门票
家庭套票",nowhere,80_00
"""


def test_a_product_does_not_hide_in_a_category() -> None:
    """A carton of cigarettes filed under groceries earns points: found by its name, with its line and the rule."""
    goods = read_goods(GOODS.encode("gb18030"), "goods.csv")
    wrong = [str(one) for one in hidden_goods(parse_programme(SAMPLE, "shop.toml"), goods, "goods.csv")]
    assert [one.partition(" says")[0] for one in wrong] == [
        "goods.csv:2: products[0]: 1 红塔山香烟一条", "goods.csv:5: products[3]: 4 超市购物卡100元",
        "goods.csv:8: products[6]: 7 金领冠奶粉1段", "goods.csv:10: products[7]: 8 门票 家庭套票",
    ]  # fmt: skip
    assert ["A3" in one or "P10" in one for one in wrong] == [True] * 4


@pytest.mark.parametrize(
    ("data", "why"),
    [(b"code,name\n1,x\n", "x.csv:1: there is no column category"), (b"\xff\xff\xff", "neither UTF-8"),
     (b"code,name,category\n\"" + b"x" * 200_000, "x.csv:2: not CSV"), (b" " * 40_000_000, "longer than")],
    ids=["column", "bytes", "field", "long"],
)  # fmt: skip
def test_what_is_no_price_list_is_refused(data: bytes, why: str) -> None:
    """With its line, where there is one."""
    with pytest.raises(ProgrammeError, match=why):
        read_goods(data, "x.csv")


def test_a_thing_for_points_says_what_it_is() -> None:
    """A carton of cigarettes as a reward: refused by its name, and by its category."""
    gift = swapped(
        SAMPLE, 'name = { zh = "洗护礼盒", en = "Care set" }', 'name = { zh = "香烟一条", en = "Cigarettes" }'
    )
    assert "name a category of that nature" in found(gift)[0]
    gift = swapped(gift, "value_fen = 49_00", 'value_fen = 49_00\ncategories = ["tobacco"]')
    assert found(gift)
    assert all("A3" in sentence for sentence in found(gift))


def test_who_returns_a_premium_says_who_funds_it_and_by_which_law() -> None:
    """For every reward that can pay for insurance, named or not."""
    start, end = WORKSHOP.index("funder = "), WORKSHOP.index("# --- campaigns")
    nameless = WORKSHOP[:start] + WORKSHOP[end:]
    assert "name funder and legal_basis" in found(nameless)[0]
    start = WORKSHOP.index('[[reward]]\nform = "voucher"\nid = "insurance"')
    without = WORKSHOP[:start] + WORKSHOP[end:]
    everything = swapped(without, 'categories = ["repair", "maintenance", "accessories"]\n', "")
    assert ["reward[4]" in sentence for sentence in found(everything)] == [True]
    reason = '\n[[exclusion]]\ncategories = ["insurance"]\napplies_to = "redeeming"\nreason = { zh = "依法", en = "by law" }\n'
    assert found(everything + reason) == []


def test_a_premium_earns_nothing() -> None:
    """Points are a benefit beside the contract."""
    earning = swapped(WORKSHOP, '"accessories", "car-wash"]', '"accessories", "car-wash", "insurance"]')
    assert "insurance earns points" in found(earning)[0]


def test_a_coalition_forbids_more() -> None:
    """Its own list, with its own reason."""
    bar = RESTAURANT.replace(
        'name = { zh = "饮品", en = "drinks" }', 'name = { zh = "酒水", en = "bar" }\nnature = "alcohol"'
    )
    rule = Forbidden.model_validate(
        {"nature": "alcohol", "applies_to": "redeeming", "reason": {"zh": "联盟约定", "en": "agreed"}}
    )
    assert found(bar) == []
    assert "the coalition: agreed" in found(bar, rule)[0]
    reason = '\n[[exclusion]]\ncategories = ["drinks"]\napplies_to = "redeeming"\nreason = { zh = "约定", en = "agreed" }\n'
    assert found(bar + reason, rule) == []


def test_a_till_loads_what_was_signed_before() -> None:
    """The check is of publishing."""
    document = parse_programme(condition("可提现", "x"), "shop.toml").to_document()
    assert Programme.from_document(document).rewards[1].conditions.zh == "可提现"


def test_every_nature_is_explained_where_the_language_is_taught() -> None:
    """In docs/write-a-programme.md."""
    page = (Path(__file__).parents[2] / "docs" / "write-a-programme.md").read_text("utf-8")
    assert [
        nature
        for nature in Forbidden.model_json_schema()["properties"]["nature"]["enum"]
        if f"`{nature}`" not in page
    ] == []
