"""The paper of a sale that gave a voucher has its code: what is scanned from it is taken as what the till's screen shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from devices.paper_sheet import CodeRow
from devices.printer_simulator import PrinterSimulator
from points import Choice
from tests.desks import MEMBER, TestDesk
from tests.till.test_later_visits import choosing, workshop
from tests.till.test_printing import opened
from till import i18n
from till.draft import SaleDraft
from till.events import ReceiptPrinted
from till.redeeming import redeem_and_commit
from till.scanning import VoucherScanned

Make = Callable[..., TestDesk]


@pytest.fixture(autouse=True)
def _in_chinese() -> Iterator[None]:
    before = i18n.language()
    i18n.use("zh-CN")
    yield
    i18n.use(before)


def test_the_code_of_a_voucher_is_on_the_paper_of_its_sale(desk_with: Make) -> None:
    """With what it is and until when, beside the code that proves the sale; the copy has it too."""
    test = workshop(desk_with)
    receipt = redeem_and_commit(test.desk, test.manager, choosing(test, Choice("wash-issue", 800)), is_online=True)
    with PrinterSimulator() as simulated, opened(test, simulated, asked=True) as shop:
        shop.printer.print_again(receipt)
        shop.until(ReceiptPrinted(receipt.seq))
        sheet = simulated.sheet
        assert "洗车券 1张\n有效期至2026年12月14日\n\n本单凭证" in sheet.text
        voucher, _witness = (row.text for row in sheet.rows if isinstance(row, CodeRow))
        found = shop.counter.scan(voucher, SaleDraft())
        assert isinstance(found, VoucherScanned)
        assert (found.member.member, found.rewards) == (MEMBER, ("wash",))
