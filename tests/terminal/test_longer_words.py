"""Words that are longer by two fifths: neither another language nor the next edit of a sentence is cut off at 80x24."""

from __future__ import annotations

import gettext
import math
import re
from pathlib import Path

import pytest
from textual.geometry import Region

from terminal.screens.base import Dialog
from tests.terminal.stage import Stage
from tests.terminal.walk import walk
from till import i18n

BEGIN, END, MORE = "〔", "〕", "长"
_FACT = re.compile(r"\{.*?\}")
MAY_BE_CUT = {
    r"〔积分照常；[^〔〕]*\.\.": "the status line explains the state; the state itself and what waits stand before it",
    r"〔后台没有回应。[^〔〕]*\.\.": "whose figures these are stands in the frame above and over each column",
    r"〔生鲜9折[^〔〕]*\.\.": "what a rank would bring gives way to the next reward beside it",
    r"〔李\*\.\.": "of the last sale what became of it goes before who it was",
    r"〔(使用条件|活动时间|退货说明|兑换依据|付款方式)长*\.\.": "a column of labels; what they say stands whole beside them",
    r"〔(时|实付|积分|笔号|USB|上次联系|服务人员|使用中|已挂失|键盘口扫码枪)长* {2}": "columns as wide as cells",
    r"\[VIP\]: 〔|〔厂家不在\.\.": "what a port seems to be: the technician listens on it",
    r"〔姓名（可不填）长* {2}|〔月-日 时间[^〔〕]* │": "the hint in a field; the line below says what to type",
    r"〔已存本机，联网后自动上传长* +│": "the end of a receipt that can be scrolled",
}
"""What goes before what, where there is no room for both."""


class Longer(gettext.NullTranslations):
    """Each message between two marks, with so much more in it."""

    def __init__(self, catalogue: gettext.NullTranslations) -> None:
        super().__init__()
        self._catalogue = catalogue

    def gettext(self, message: str) -> str:
        text = self._catalogue.gettext(message)
        words = text.strip()
        if not words:
            return text
        blank = text[: len(text) - len(text.lstrip())]
        return f"{blank}{BEGIN}{words}{MORE * math.ceil(0.4 * len(_FACT.sub('', words)))}{END}"


async def test_nothing_that_is_longer_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On every screen, and in every dialog within its own box: each message that begins there ends there."""
    voice_of = i18n._voice_of

    def longer(language: i18n.Language) -> i18n._Voice:
        return i18n._Voice(language, Longer(voice_of(language).catalogue))

    monkeypatch.setattr(i18n, "_voice_of", longer)
    cut: dict[str, tuple[int, str]] = {}

    async def look(stage: Stage, name: str) -> None:
        text = shown(stage)
        allowed = sum(len(re.findall(known, text)) for known in MAY_BE_CUT)
        missing = text.count(BEGIN) - text.count(END) - allowed
        if missing > 0:
            cut[name] = missing, text

    await walk(tmp_path, "zh-CN", (80, 24), look=look)
    assert cut == {}, "\n".join(f"{name}: {missing}\n{text}" for name, (missing, text) in cut.items())


def shown(stage: Stage) -> str:
    """What stands on the screen that is open; of a dialog, in its box."""
    screen = stage.app.screen
    region = screen.query_one(".box").region if isinstance(screen, Dialog) else Region(0, 0, 80, 24)
    strips = screen._compositor.render_strips()
    return "\n".join(
        strip.crop(region.x, region.right).text for y, strip in enumerate(strips) if region.y <= y < region.bottom
    )
