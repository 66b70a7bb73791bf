"""A receipt on paper: the rows of the screen, the codes that belong to it, and what a copy says of itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from devices.slip import Block, Code, Line, Pair, Rule, Slip
from till.i18n import _
from till.receipt_words import ReceiptRows
from till.report_words import ReportRow, Section
from till.training_words import mark

MOST_CODES: Final = 4
"""A sale may give twenty vouchers; the paper of twenty codes is a metre long. Their member's page shows them."""


def receipt_slip(
    rows: ReceiptRows,
    witness: str,
    vouchers: Iterable[tuple[str, str]] = (),
    *,
    is_copy: bool = False,
    claim: str = "",
) -> Slip:
    """One piece of paper. `witness`: what proves the sale; `vouchers`: the code of each and what it is for; `claim`: the code
    of a receipt without a member."""
    codes = tuple(vouchers)
    blocks: list[Block] = [Line(rows.store, is_big=True, is_centred=True)]
    if rows.mark:
        blocks.append(Line(mark(), is_big=True, is_centred=True))
    if is_copy:
        blocks.append(Line(_("Copy"), is_bold=True, is_centred=True))
    for part in (rows.head, rows.goods, rows.points):
        blocks += [Rule(), *_blocks(part)]
    blocks.append(Rule())
    if len(codes) <= MOST_CODES:
        blocks += [Code(text, caption) for text, caption in codes]
    else:
        blocks.append(Line(_("The codes of the vouchers are on the member's page")))
    if claim:
        blocks.append(Code(claim, _("Scan with your phone to claim the points")))
    proof = Code(witness, _("Proof of this receipt  {number}").format(number=rows.foot))
    return (*blocks, proof, *([Line(rows.mark, is_big=True, is_centred=True)] if rows.mark else []))


def way_slip(store: str, way: Iterable[str], said: str, *, is_training: bool = False) -> Slip:
    """What was found of a sale, for its customer: `way` line by line, and the sentence."""
    blocks: list[Block] = [Line(store, is_big=True, is_centred=True)]
    if is_training:
        blocks.append(Line(mark(), is_big=True, is_centred=True))
    blocks += [Line(_("About your points"), is_bold=True, is_centred=True), Rule(), *(Line(line) for line in way)]
    return (*blocks, Rule(), Line(said, is_bold=True))


def report_slip(store: str, title: str, sections: Iterable[Section]) -> Slip:
    """A report of a shift or of a day, section by section."""
    blocks: list[Block] = [Line(store, is_big=True, is_centred=True), Line(title, is_bold=True, is_centred=True)]
    for section in sections:
        blocks += [Rule(), *_blocks(section.shown)]
    return (*blocks, Rule())


def _blocks(rows: Iterable[ReportRow]) -> Iterator[Block]:
    for row in rows:
        is_bold = row.tone in ("strong", "points")
        yield Pair(row.drawn, row.value, is_bold) if row.value else Line(row.label, is_bold=is_bold)


def test_slip(profile: str) -> Slip:
    """What a technician looks at: Chinese, marks that printers break, the width, bold and large, a code, the cut."""
    return (
        Line(_("Test print"), is_big=True, is_centred=True),
        Line(profile, is_centred=True),
        Rule(),
        Line(_("The rule is as wide as the paper")),
        Pair(_("Chinese, marks, money"), "￥1,234.50"),
        Line("会员：张伟，积分！（双倍）【满200减50】", is_bold=True),
        Line("，。！￥Ａ①℃"),
        Code("https://example.com/TILL", _("Is this code read by a phone?")),
    )
