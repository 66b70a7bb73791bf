"""Words by which a programme would promise what it may not, or hide what it must say: data, with the rule that each breaks.

Only where no structure can do it: nothing in a programme could pay out cash, draw lots or ask at what hour a guest enters, so
such a promise could stand in its texts alone. Chinese and English stand side by side in each pattern.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from points.sentences import Sentence


class Wording(NamedTuple):
    """A pattern of words, and the sentence with its rule for whoever wrote them."""

    pattern: re.Pattern[str]
    why: Sentence


def _wording(why: Sentence, *patterns: str) -> Wording:
    return Wording(re.compile("|".join(patterns), re.IGNORECASE), why)


PROMISES: Final = (
    _wording(
        Sentence("rewards are never a matter of chance (A3)"),
        r"抽奖|摇奖|摇号|盲盒|福袋|转盘|刮刮乐|刮奖|扭蛋|彩票|中奖|开奖|随机(?:奖|礼|金额|积分|立减|免单)",
        r"lotter(?:y|ies)|lucky (?:draw|dip|bag|wheel)|prize draw|raffle|(?:blind|mystery) (?:box|bag)(?:es)?|sweepstakes?",
        r"scratch ?cards?|spin the wheel|random (?:rewards?|prizes?|gifts?|amounts?|points)",
    ),
    _wording(
        Sentence("points are never turned into cash (A3)"),
        r"提现|套现|折现|返现|兑现金|换现金|换成现金|换取现金|现金红包|微信红包|转账",
        r"cash[- ]?back|cash[- ]?out|cashed|(?:for|into|as) cash\b|money back|(?:bank|money) transfers?",
    ),
    _wording(
        Sentence("nobody gets points for bringing people in (A3; 禁止传销条例 第七条)"),
        r"拉新|拉人|邀请[^，。；]{0,4}(?:好友|朋友|新人|新会员|新用户)|推荐[^，。；]{0,4}(?:好友|朋友|新人|新会员|新用户|新客)",
        r"介绍[^，。；]{0,4}(?:好友|朋友|新人|新会员)|老带新|裂变|下线|团队奖|人头",
        r"referrals?|refer (?:a|your) |recruit\w*|(?:invite|bring) (?:a |your )?friends?|member[- ]gets?[- ]member|downlines?",
    ),
    _wording(
        Sentence("points come from spending, never from opening an account or a card (A3, P12)"),
        r"开户|开卡|办卡|绑卡|首绑|激活(?:银行|信用)?卡",
        r"open(?:ing|s)? (?:an? |your )?(?:new )?(?:bank |credit |debit )?(?:account|card)|(?:account|card)[- ]opening",
        r"new card (?:bonus|gift)|sign[- ]?up bonus",
    ),
    _wording(
        Sentence("whose word is final is the law's to say (A1; 消费者权益保护法 第二十六条)"),
        r"(?:最终|一切)解释权", r"final (?:interpretation|say|decision)|right of interpretation",
    ),
)  # fmt: skip
"""What no text of a programme promises."""

EMPTY: Final = _wording(
    Sentence("key rules are said here, not elsewhere and not later (A1)"),
    r"见(?:店内|门店|本店|店堂|现场|柜台|官网|网站|公众号|小程序)",
    r"见[^，。；]{0,8}(?:公告|海报|官网|公众号|小程序|须知|细则|规则|说明)",
    r"以[^，。；]{0,10}(?:公告|通知|公示|海报|规定|规则|解释|说明)为准|按[^，。；]{0,6}(?:规定|规则)(?:执行|办理)?$",
    r"(?:详情|详细|具体|规则)[^，。；]{0,8}(?:咨询|询问|致电)|请(?:咨询|询问|洽)|详询|请询",
    r"不?另行(?:通知|公布|公告)|待定|待公布|视情况",
    r"\bsee (?:in[- ]?store|(?:the |our )?(?:store|shop|counter|website|site|app|notices?|posters?|staff|terms|leaflet))",
    r"\bask (?:us|in|at|the|our|staff|a member)|for (?:more |further )?details|t ?& ?cs?\b|\btb[adc]\b|\bn/a\b",
    r"(?:terms|conditions|restrictions)[^,.;]{0,20} apply|subject to change|to be (?:announced|determined)",
    r"without (?:prior )?notice|as (?:announced|posted|notified)|according to (?:the )?(?:store|shop|house)",
)  # fmt: skip
"""Shells: texts that send the member elsewhere for what he must know before he agrees."""

NO_VALIDITY: Final = re.compile(r"\s*(?:无|没有|不限|none|no|unlimited|no limit)[.。]?\s*", re.IGNORECASE)
"""Not an answer to "until when?"."""

SECOND_CLASS: Final = _wording(
    Sentence("what is redeemed is worth what a bought one is (A4)"),
    r"(?:兑换|积分)(?:客户|会员|用户|顾客|客人|者)?(?:专用|专场|专座|专窗|通道)|非高峰|错峰|闲时",
    r"简化版|简版|缩减|降级|次等|(?:仅限|只限|限|仅|只能在|仅可在)(?:工作日|平日|平时|淡季|周一至周[四五])",
    r"(?:周末|周六|周日|节假日|法定假日|黄金周|旺季|高峰)[^，。；]{0,6}(?:除外|不可|不能|不适用|停用|不参)",
    r"off[- ]?peak|(?:low|quiet|slack)[- ](?:season|hours?)|black-?out (?:dates|days)|weekdays only|only (?:on )?weekdays",
    r"(?:redeem\w*|points) (?:guests?|customers?|members?|holders?)'? only|(?:separate|special) (?:queue|line|entrance|seats)",
    r"(?:reduced|lesser|simplified) (?:service|version|portion)",
    r"(?:not|except|excluding)[^,.;]{0,24}(?:weekends?|holidays?|saturdays?|sundays?|high season|peak)",
)  # fmt: skip
"""Restrictions of a thing or a service that who pays money for it does not have."""

ENTRY_HOURS: Final = _wording(
    Sentence("a redeemed ticket has exactly the hours of a bought one; say that they are the same, and no hours (P10)"),
    r"\d ?[:：]\d\d|\d ?[点时](?:前|后|至|到|起|以)|时段|分时|限时|指定(?:时间|日期)|入园时间|入场时间",
    r"上午|下午|早上|早间|晚上|夜间|清晨|傍晚|工作日|平日|周末|周[一二三四五六日]|节假日|黄金周|旺季|淡季",
    r"\d ?[ap]\.?m\b|o'clock|mornings?|afternoons?|evenings?|weekdays?|weekends?|holidays?|seasons?|time ?slots?",
    r"(?:enter|entry|admission)[^,.;]{0,16}(?:hours?|times?|(?:before|after|from|until) \d)|(?:before|after) noon",
)  # fmt: skip
"""Anything about hours and days in the texts of a ticket."""

AS_BOUGHT: Final = re.compile(
    r"[与和同跟].{0,16}(?:相同|一致|同等|一样|无异)|同样"
    r"|\bsame\b.{0,40}\bas\b|\bas (?:a |an |any )?(?:bought|paid|purchased)|(?:weekends?|holidays?).{0,20}(?:included|too)\b",
    re.IGNORECASE,
)
"""A clause that says it is as a bought one."""

DENIED: Final = re.compile(
    r"(?:不[可得能予会是设支持参与加含限于提供]*|禁止|严禁|谢绝|非|没有|无)(?:[\u3400-\u9fff]{1,6}[、或和及])*"
    r"(?:以|用于|任何|形式的?|进行|兑换|兑|参与|参加|作为)*$"
    r"|\b(?:no|not|never|nor|neither|without|cannot|can't)\b(?! only)(?:\s+[\w'-]+){0,3}\s*$",
    re.IGNORECASE,
)
"""What stands right before words that it takes back: 不可兑换现金, never for cash. Not 不仅可提现, not only."""

CLAUSES: Final = re.compile(r"[，。；！？,;.!?（）()]\s*(?!\d)")
"""Where one clause ends and the next begins; not between the digits of a number."""
