"""Every code that can reach the counter has a sentence, in both languages, with its facts in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from devices.errors import DeviceError
from devices.framing import FaultKind
from local_db.errors import LocalDbError
from points.errors import AmountError, PointsError
from protocol.codes import UnknownCode
from protocol.push import Reason
from protocol.reservations import RefusalReason
from sync.errors import Cause, TransientSyncError
from sync.link import LinkState, Sending
from terminal import i18n
from terminal.link_words import clock_words, link_words
from terminal.locales.build import updated
from terminal.sentences import REASONS, SENTENCES
from terminal.words import ago, money, reason_sentence, sentence, sentence_of
from till.errors import RefusedError

ROOT = Path(__file__).parents[2]
ROOMS = ("till", "sync", "protocol", "points")
RAISED = ("RefusedError", "CodeError", "FinalSyncError", "JournalConflictError")


def tree_of(cls: type[Any]) -> Iterator[type[Any]]:
    yield cls
    for child in cls.__subclasses__():
        yield from tree_of(child)


def raised_codes() -> set[str]:
    """The first argument of every refusal in the source, both halves of a conditional one."""
    codes: set[str] = set()
    for room in ROOMS:
        for file in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in RAISED and node.args:
                    codes |= {
                        part.value for part in _ends(node.args[0]) if isinstance(part, ast.Constant)
                        and isinstance(part.value, str)
                    }  # fmt: skip
    return codes


def said_by_commands() -> set[str]:
    """Codes for which a command has its own words, keys of a table there: no screen meets them."""
    return {
        key.value
        for file in (ROOT / "till" / "commands").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }


def _ends(node: ast.expr) -> list[ast.expr]:
    return [*_ends(node.body), *_ends(node.orelse)] if isinstance(node, ast.IfExp) else [node]


def returned_reasons() -> set[str]:
    """Codes that the rungs of the ladder answer with instead of raising."""
    texts = {
        node.value
        for room in ("redeeming", "floor", "allowances")
        for returned in ast.walk(ast.parse((ROOT / "till" / f"{room}.py").read_text(encoding="utf-8")))
        if isinstance(returned, ast.Return)
        for node in ast.walk(returned)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {text for text in texts if re.fullmatch(r"[a-z]+(-[a-z]+)+", text)}


def all_codes() -> set[str]:
    reasons = get_args(UnknownCode.__annotations__["reason"]) or ("check-digit", "too-long", "foreign", "coupon")
    return (
        (raised_codes() - said_by_commands())
        | returned_reasons()
        | {f"reserve-{reason}" for reason in get_args(RefusalReason)}
        | {f"code-{reason}" for reason in reasons}
        | {cls.code for root in (PointsError, LocalDbError, DeviceError) for cls in tree_of(root)} - {"points"}
        | set(AmountError.SENTENCES)
        | set(get_args(Cause))
        | {str(kind) for kind in FaultKind}
    )


def test_walk_finds_what_it_looks_for() -> None:
    """The walk over the source is not empty-handed."""
    assert {"payment-code", "member-unknown", "member-unknown-offline", "dynamic-expired"} <= raised_codes()
    assert {"balance-too-old", "floor-per-member", "offline-not-possible"} <= returned_reasons()


@pytest.mark.parametrize("code", sorted(all_codes()))
def test_each_code_has_a_sentence_in_both_languages(code: str) -> None:
    """English in the source, Chinese in the catalogue, and they differ."""
    assert code in SENTENCES
    i18n.use("zh-CN")
    assert i18n._(SENTENCES[code]) != SENTENCES[code]


@pytest.mark.parametrize("reason", sorted(set(get_args(Reason)) - {""}))
def test_each_reason_of_the_ledger_has_a_sentence(reason: str) -> None:
    """Why an entry waits is said in words that a person can act on."""
    assert reason in REASONS
    i18n.use("zh-CN")
    assert reason_sentence(reason) != REASONS[reason]


def test_both_languages_use_the_same_facts() -> None:
    """A fact that a translation forgot, or misspelt, would be lost or shown as `?`."""
    i18n.use("zh-CN")
    different = [
        message for message in (*SENTENCES.values(), *REASONS.values())
        if set(re.findall(r"{(\w+)", i18n._(message))) != set(re.findall(r"{(\w+)", message))
    ]  # fmt: skip
    assert different == []


def test_facts_are_put_into_words() -> None:
    """Fen become yuan, seconds minutes, and a missing fact is a question mark, not a crash."""
    i18n.use("en")
    assert "¥1,285.00" in sentence_of(RefusedError("amount-unusual", amount_fen=128_500, usual_fen=50_000))
    assert "Try again in 5 min" in sentence("pin-locked", {"seconds": 299})
    assert "? tries left" in sentence("pin-wrong")
    assert sentence_of(TransientSyncError("portal")) == "The Wi-Fi wants a log-in. Tell the technician."
    assert "no-such-code" in sentence("no-such-code")


@pytest.mark.parametrize(
    ("link", "state", "meaning"),
    [
        (LinkState("online"), "联网正常", "数据已全部上传"),
        (LinkState("slow", "no-answer", waiting=2), "网络较慢  待上传 2笔", "积分、兑换照常"),
        (LinkState("offline", "no-answer", 1, waiting=37), "断网 12分钟  待上传 37笔", "积分照常；断网可兑的照常兑换"),
        (LinkState("offline", "certificate-time", 1), "断网 12分钟", "证书时间不对，请校准本机时钟"),
        (LinkState("recovering", None, 1, 17, Sending(20, 37)), "网络已恢复  正在上传 20/37", "正在上传，不影响收银"),
        (LinkState("portal", "portal", 1, 37), "Wi-Fi要登录  待上传 37笔", "Wi-Fi 已连上但要登录，暂按断网处理；请联系技术员"),
        (LinkState("online", quarantined=1), "联网正常", "有 1 笔需主管处理（F9 查看），不影响收银"),
        (LinkState(), "正在连接", "积分照常"),
        (LinkState("online", cache_trouble="full"), "联网正常", "收银机存储已满，余额暂不更新，照常收银积分；请告诉技术员"),
        (LinkState("online", cache_trouble="failed"), "联网正常", "本机余额无法更新，照常收银积分；请告诉技术员"),
        (LinkState("online", stuck="journal-forked"), "联网正常", "后台有本机的另一份流水，停用积分；技术员重新绑定（F9）"),
    ],
)  # fmt: skip
def test_link_is_said_in_words(link: LinkState, state: str, meaning: str) -> None:
    """The words of the status line, state by state."""
    i18n.use("zh-CN")
    words = link_words(link, 12 * 60_000_000 + 1)
    assert (words.state, words.meaning) == (state, meaning)


@pytest.mark.parametrize(
    ("link", "doubt", "meaning"),
    [
        (LinkState("offline", "no-answer", 1), "unheard", "积分照常；开机后时钟未校对，断网暂不能凭码兑换"),
        (LinkState("slow", "no-answer"), "jump", "积分照常；时钟被改过，断网暂不能凭码兑换"),
        (LinkState("offline", "dns", 1), "drift", "积分照常；时钟已 17小时 未校对，断网暂不能凭码兑换"),
        (LinkState(), "unheard", "积分照常；开机后时钟未校对，断网暂不能凭码兑换"),
        (LinkState("offline", "no-answer", 1), "", "积分照常；断网可兑的照常兑换"),
        (LinkState("online"), "jump", "数据已全部上传"),
        (LinkState("portal", "portal", 1), "jump", "Wi-Fi 已连上但要登录，暂按断网处理；请联系技术员"),
    ],
)  # fmt: skip
def test_a_clock_that_is_not_trusted_is_said_in_words(link: LinkState, doubt: str, meaning: str) -> None:
    """Why, and what is off, where it matters: not online, and not before what a technician could mend."""
    i18n.use("zh-CN")
    assert link_words(link, 1, clock_words(doubt, 17 * 3_600_000_000)).meaning == meaning


def test_lengths_of_time_are_coarse() -> None:
    """Minutes to two hours, hours to two days."""
    i18n.use("zh-CN")
    assert [ago(59), ago(60), ago(7_199), ago(7_200), ago(200_000)] == ["1分钟内", "1分钟", "119分钟", "2小时", "2天"]
    assert money(12850) == "128.50元"


NOT_SAID = (
    "总账",
    "底限",
    "超付",
    "待传",
    "本笔",
    "隔离",
    "X报表",
    "Z报表",
    "店长处理",
    "离线兑换",
    "离线大额",
    "已记账",
)


@pytest.mark.parametrize("word", NOT_SAID)
def test_the_counter_says_it_in_its_own_words(word: str) -> None:
    """Each has another word: 后台, 小额免联网兑换, 透支, 待上传, 本单, 待处理, 班中小计, 交班单, 主管, 断网, 已入账."""
    assert [message.id for message in updated("zh_CN") if word in str(message.string)] == []
