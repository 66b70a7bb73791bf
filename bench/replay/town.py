"""The town of a replay: a real ledger in a process, and real tills, each with a folder, a journal, a plug and a background.

The tills share this process and its clock; each pulls in a process of its own, as at the counter. The ledger's clock is the
machine's, business time lies in the past: so its keys are certified for both, and a plain card may redeem at the ledger
(a limit that never binds), because a dynamic code of business time would be months old there. Without the ledger a redemption
needs the phone's dynamic code, which the till checks by its own clock.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.replay.times import BusinessTime
from bench.shop.coalitions import Floor, Joining, write_coalition
from bench.shop.shops import fill_cache, pair
from config.settings import Settings
from ledger.database import Database
from ledger.keys import WorkingKey, load_keys, new_keys, save_keys, with_new_key
from ledger.settings import load_settings
from protocol.codes import member_code
from protocol.dynamic_codes import make
from till.composition import Till, open_till
from till.demo.plug import Plug
from till.demo.world import LedgerProcess

POLL_S = 5
FLOOR = Floor(per_redemption=1_000, per_member=1_500, per_terminal=40_000)
_NO_LIMIT = 1_000_000_000


@dataclass(frozen=True)
class Place:
    """One till and what can be done to it from outside."""

    till: Till
    plug: Plug
    folder: Path


@dataclass(frozen=True)
class Town:
    """Everything, running."""

    ledger: LedgerProcess
    ledger_folder: Path
    places: tuple[Place, ...]
    time: BusinessTime
    phones: WorkingKey

    @contextmanager
    def books(self) -> Iterator[Database]:
        """The ledger's database, beside its process."""
        with closing(Database(load_settings(self.ledger_folder).database)) as database:
            yield database

    def phone_code(self, member: str) -> str:
        """What the member's phone shows at this moment of business time."""
        return make(member, self.time.now_us // 1_000_000, secrets.token_bytes(8), self.phones.private)

    @staticmethod
    def card_code(member: str) -> str:
        """What his card says."""
        return member_code(member)


@contextmanager
def open_town(folder: Path, tills: int, members: Iterable[Joining], start_us: int) -> Iterator[Town]:
    """Make it in `folder`, and take it down again. Business time begins at `start_us`."""
    ledger_folder = folder / "ledger"
    save_keys(with_new_key(new_keys(start_us), time.time_ns() // 1_000), ledger_folder)
    ledger = LedgerProcess(ledger_folder)
    ledger.run("init")
    coalition = ledger_folder / "coalition.toml"
    write_coalition(coalition, tills, members, FLOOR, static_daily_points=_NO_LIMIT)
    ledger.run("coalition", "load", str(coalition))
    business = BusinessTime(start_us)
    with ExitStack() as opened:
        opened.callback(ledger.stop)
        port = ledger.serve()
        places = []
        for number in range(1, tills + 1):
            plug = Plug("127.0.0.1", port)
            opened.callback(plug.close)
            place = folder / f"till-{number:02d}"
            pair(ledger, f"http://127.0.0.1:{plug.port}", place, number)
            fill_cache(place)
            till = opened.enter_context(open_till(place, Settings(poll_s=POLL_S), business.clock()))
            places.append(Place(till, plug, place))
        oldest = min(load_keys(ledger_folder).working, key=lambda key: key.certificate.valid_from)
        yield Town(ledger, ledger_folder, tuple(places), business, oldest)
