"""The ledger as a till sees it: one method a route, each within a deadline, each answer verified before it is believed."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import NamedTuple, Self, TypeVar

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol import PROTOCOL_VERSION, canonical
from protocol.canonical import Model
from protocol.cases import DecideRequest, Decision, DecisionsAnswer
from protocol.checkpoints import Forgotten, LogProof
from protocol.documents import DocumentsAnswer
from protocol.errors import NotCanonicalError, SignatureError
from protocol.feed import Changes, ChangesRequest, MemberRow, Vector
from protocol.floor_table import FloorTable
from protocol.households import DrawRequest, DrawVerdict, Pool, PoolRequest
from protocol.http_signing import VERSION_HEADER, answered_at, sign_request, verify_answer
from protocol.look_up import LookUpRequest
from protocol.member_links import MemberLinkRequest, MemberLinkVerdict
from protocol.outage import OutageReport, OutageReportKept, OutageReports
from protocol.push import MAX_BODY_BYTES, PushAnswer, PushBatch
from protocol.reservations import AllowancesAnswer, AllowancesRequest, Reservation, ReserveRequest, Verdict
from protocol.sales import SalesAnswer, SalesRequest
from protocol.signing import KeyRing, Signed
from protocol.training import TrainingAnswer, TrainingCleared, TrainingCode, TrainingCodeRequest, TrainingRequest
from sync import border
from sync.errors import FinalSyncError, NotTheLedgerError, UnknownKeyError
from sync.identity import Identity
from sync.machine import THIS_MACHINE, Machine
from sync.packing import PACK_FROM_BYTES, pack, unpack
from sync.snapshot_stream import Keep, Page, read_snapshot
from sync.transport import DeadlineTransport, deadline

RESERVE_TIMEOUT_S = 0.8
"""What a cashier may be asked to wait (DESIGN, promise 9)."""

LOOK_UP_TIMEOUT_S = 2.0
LINK_TIMEOUT_S = 3.0
PUSH_TIMEOUT_S = 20.0
CALL_TIMEOUT_S = 10.0
SNAPSHOT_TIMEOUT_S = 900.0
"""A million members, 25 MB, over a line of 256 kbit/s."""

_STALL_S = 10.0
"""A peer that is silent for so long within a longer call is gone."""

_POLL = "/v1/changes?d="

_T = TypeVar("_T")


class Contact(NamedTuple):
    """What a verified answer says about time: the ledger's when it answered, its distance from ours, what the call took.

    `bound_us`: how wrong the distance may be at most.
    """

    ledger_us: int
    offset_us: int
    took_us: int
    bound_us: int


class LedgerClient:
    """One connection pool to the ledger. Every method raises `TransientSyncError` or `FinalSyncError` and nothing else."""

    def __init__(
        self,
        identity: Identity,
        key: Ed25519PrivateKey,
        *,
        transport: httpx.BaseTransport | None = None,
        machine: Machine = THIS_MACHINE,
    ) -> None:
        """A till that is not enrolled signs as the `key_id` of its key."""
        self.identity = identity
        self.contact: Contact | None = None
        self.ring = identity.ring()
        self._key, self._machine = key, machine
        self._transport = transport or machine.transport(tls=identity.url.startswith("https:"))
        self._http = httpx.Client(
            base_url=identity.url,
            transport=self._transport,
            timeout=_STALL_S,
            follow_redirects=False,
            headers={VERSION_HEADER: PROTOCOL_VERSION},
        )
        for name in ("accept", "accept-encoding", "connection", "user-agent"):  # httpx's own; a poll has 600 bytes
            del self._http.headers[name]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def abort(self) -> None:
        """End calls that are under way in another thread: they raise `TransientSyncError`."""
        if isinstance(self._transport, DeadlineTransport):
            self._transport.abort()

    def push(self, batch: PushBatch) -> PushAnswer:
        """An outcome for each entry of the batch."""
        return self._ask("POST", "/v1/push", batch, PushAnswer, PUSH_TIMEOUT_S)

    def outcomes(self, first_seq: int, timeout_s: float = CALL_TIMEOUT_S) -> PushAnswer:
        """First outcomes again from an entry on, and where our chain stands at the ledger."""
        return self._ask("GET", f"/v1/outcomes?from={first_seq}", None, PushAnswer, timeout_s)

    def proof(self, size: int) -> LogProof:
        """That the ledger's log continues the one of so many entries, and has our newest one."""
        return self._ask("GET", f"/v1/proof?from={size}", None, LogProof, CALL_TIMEOUT_S)

    def forgotten(self, checkpoint: Signed) -> PushAnswer:
        """Show the ledger what it signed and does not continue; where our chain stands after that."""
        return self._ask("POST", "/v1/forgotten", Forgotten(checkpoint=checkpoint), PushAnswer, CALL_TIMEOUT_S)

    def reserve(self, request: ReserveRequest, timeout_s: float = RESERVE_TIMEOUT_S) -> Verdict:
        """Yes or no, in 800 ms. A `TransientSyncError` is neither: the next rung with the same id."""
        return self._ask("POST", "/v1/reserve", request, Verdict, timeout_s)  # type: ignore[arg-type]

    def decide(self, request: DecideRequest) -> Decision:
        """The decision about an entry that waits: this one, or the one that was made before."""
        return self._ask("POST", "/v1/decide", request, Decision, CALL_TIMEOUT_S)

    def decisions(self, after: int) -> DecisionsAnswer:
        """What was decided about our entries, above a number."""
        return self._ask("GET", f"/v1/decisions?after={after}", None, DecisionsAnswer, CALL_TIMEOUT_S)

    def has_moved(self, vector: Vector) -> bool:
        """Whether there is anything to pull: one request of less than 600 bytes with its answer."""
        return bool(self._call("GET", _POLL + vector.digest(), None, CALL_TIMEOUT_S))

    def allowances(self, shift: str) -> tuple[Reservation, ...]:
        """Points set aside here for an outage: those that were granted now."""
        return self._ask(
            "POST", "/v1/allowances", AllowancesRequest(shift=shift), AllowancesAnswer, CALL_TIMEOUT_S
        ).granted

    def changes(self, vector: Vector) -> Changes:
        """The next page of what moved since `vector`."""
        request = ChangesRequest(numbers=vector.numbers, documents=vector.documents, epoch=vector.epoch)
        return self._ask("POST", "/v1/changes", request, Changes, CALL_TIMEOUT_S)

    def begin_training(self, request: TrainingRequest) -> TrainingAnswer:
        """A terminal and a book to train in; asked by a terminal of the books."""
        return self._ask("POST", "/v1/training", request, TrainingAnswer, CALL_TIMEOUT_S)

    def training_code(self, member: str) -> str:
        """What the phone of a training member shows now; asked by a training terminal."""
        return self._ask(
            "POST", "/v1/training/code", TrainingCodeRequest(member=member), TrainingCode, CALL_TIMEOUT_S
        ).code

    def clear_training(self, terminal: str) -> None:
        """Delete the book of a training terminal that we began."""
        self._ask("POST", "/v1/training/clear", TrainingCleared(terminal=terminal), TrainingCleared, CALL_TIMEOUT_S)

    def send_outage_report(self, report: OutageReport) -> OutageReportKept:
        """What we found when we tried to survive an outage."""
        return self._ask("POST", "/v1/outage-report", report, OutageReportKept, CALL_TIMEOUT_S)

    def outage_reports(self) -> OutageReports:
        """The same of all tills of our store."""
        return self._ask("GET", "/v1/outage-reports", None, OutageReports, CALL_TIMEOUT_S)

    def documents(self, after: int) -> DocumentsAnswer:
        """Signed documents above a number, and all key certificates.

        The one call that a till can make whose certificates have all run out: the answer brings those that verify it,
        themselves signed by the pinned root.
        """

        def keys_of(answer: bytes) -> KeyRing:
            self.identity = self.identity.with_certificates(_decode(answer, DocumentsAnswer).certificates)
            return self.identity.ring()

        target = f"/v1/documents?after={after}"
        return _decode(self._call("GET", target, None, CALL_TIMEOUT_S, keys_of), DocumentsAnswer)

    def trust(self, identity: Identity) -> None:
        """Go on with an identity that has more certificates."""
        self.identity, self.ring = identity, identity.ring()

    def look_up(self, request: LookUpRequest) -> MemberRow | None:
        """Who this is, or None for nobody."""
        try:
            return self._ask("POST", "/v1/look-up", request, MemberRow, LOOK_UP_TIMEOUT_S)
        except FinalSyncError as error:
            if error.code == "unknown-member":
                return None
            raise

    def sales(self, request: SalesRequest) -> SalesAnswer:
        """Sales of our merchant, with what came back of them."""
        return self._ask("POST", "/v1/sales", request, SalesAnswer, LOOK_UP_TIMEOUT_S)

    def link_member(self, request: MemberLinkRequest) -> MemberLinkVerdict:
        """A link that opens the member's page once, or why not. It is a secret: for the screen alone."""
        return self._ask("POST", "/v1/member-link", request, MemberLinkVerdict, LINK_TIMEOUT_S)  # type: ignore[arg-type]

    def pool(self, request: PoolRequest) -> Pool:
        """What the member's household shares."""
        return self._ask("POST", "/v1/pool", request, Pool, LOOK_UP_TIMEOUT_S)

    def draw(self, request: DrawRequest) -> DrawVerdict:
        """Points from the pool, or why not."""
        return self._ask("POST", "/v1/draw", request, DrawVerdict, LINK_TIMEOUT_S)  # type: ignore[arg-type]

    def floor_table(self) -> FloorTable:
        """What redeeming in an outage would cost this store. The ledger may need longer than the call, and has it then."""
        return self._ask("GET", "/v1/floor-table", None, FloorTable, CALL_TIMEOUT_S)

    def snapshot(self, first: int = 0, keep: Keep = lambda _lines, _part: None) -> Generator[Page]:
        """All members, page by page. Nothing of it may be used unless the iterator ends without an error."""
        with _border(), deadline(SNAPSHOT_TIMEOUT_S):
            request = self._signed("GET", f"/v1/snapshot?from={first}", b"")
            sent_us, started = self._machine.wall_us(), self._machine.monotonic_ns()
            response = self._http.send(request, stream=True)
            try:
                if not response.is_success:
                    raise self._refusal(response, self._read(response), sent_us, started)
                self._verify(response, b"", sent_us, started)
                encoding = response.headers.get("content-encoding", "")
                yield from read_snapshot(response.iter_raw(), encoding, self.ring, first, keep)
            finally:
                response.close()

    def enrol(self, body: Model, kind: type[_T], learn: Callable[[_T], KeyRing]) -> _T:
        """The one call whose answer brings the keys to verify it with.

        `learn` gives the ring after it has checked the pinned root, or raises `SignatureError`.
        """

        def keys_of(answer: bytes) -> KeyRing:
            return learn(_decode(answer, kind))

        return _decode(self._call("POST", "/v1/enrol", body, CALL_TIMEOUT_S, keys_of), kind)

    def ask(self, target: str, body: Model | None, kind: type[_T]) -> _T:
        """A call that no sale waits for; by POST where there is a body."""
        return self._ask("GET" if body is None else "POST", target, body, kind, CALL_TIMEOUT_S)

    def _ask(self, method: str, target: str, body: Model | None, kind: type[_T], timeout_s: float) -> _T:
        return _decode(self._call(method, target, body, timeout_s), kind)

    def _call(
        self,
        method: str,
        target: str,
        body: Model | None,
        timeout_s: float,
        keys_of: Callable[[bytes], KeyRing] | None = None,
    ) -> bytes:
        with _border(), deadline(timeout_s):
            request = self._signed(method, target, b"" if body is None else canonical.encode(body))
            sent_us, started = self._machine.wall_us(), self._machine.monotonic_ns()
            response = self._http.send(request, stream=True)
            try:
                raw = self._read(response)
            finally:
                response.close()
            if not response.is_success:
                raise self._refusal(response, raw, sent_us, started)
            answer = unpack(raw, response.headers.get("content-encoding", ""), MAX_BODY_BYTES)
            if keys_of is not None:
                self.ring = self._learned(response, answer, keys_of)
            self._verify(response, raw, sent_us, started)
            return answer

    def _signed(self, method: str, target: str, body: bytes) -> httpx.Request:
        headers = {} if target.startswith(_POLL) else {"accept-encoding": "zstd"}
        if body:
            headers["content-type"] = "application/json"
        if len(body) >= PACK_FROM_BYTES:
            body, headers["content-encoding"] = pack(body), "zstd"
        request = self._http.build_request(method, target, content=body or None, headers=headers)
        sign_request(request, body, terminal=self.identity.terminal, key=self._key, nonce=self._machine.nonce())
        return request

    def _read(self, response: httpx.Response) -> bytes:
        raw = bytearray()
        for piece in response.iter_raw():
            raw += piece
            if len(raw) > MAX_BODY_BYTES:
                raise NotTheLedgerError("not-the-ledger", f"more than {MAX_BODY_BYTES} bytes")
        return bytes(raw)

    def _verify(self, response: httpx.Response, raw: bytes, sent_us: int, started_ns: int) -> None:
        """Believe the answer, and take its time: that of some moment in the call, so of its middle, give or take one half.

        A wall clock that was changed meanwhile makes the half as long as the change.
        """
        unknown: list[str] = []

        def public_of(key: str) -> bytes:
            unknown.append(key)
            public = self.ring.public(key)
            unknown.clear()
            return public

        try:
            verify_answer(response, raw, public_of)
            ledger_us = answered_at(response)
        except SignatureError as error:
            if unknown:
                raise UnknownKeyError(str(error), border.problem_code(raw)) from None
            raise border.of_stranger(response, raw, str(error)) from None
        took_us, read_us = (self._machine.monotonic_ns() - started_ns) // 1_000, self._machine.wall_us()
        bound_us = (max(took_us, abs(read_us - sent_us)) + 1) // 2
        self.contact = Contact(ledger_us, ledger_us - (sent_us + read_us) // 2, took_us, bound_us)

    def _refusal(self, response: httpx.Response, raw: bytes, sent_us: int, started_ns: int) -> Exception:
        """The error that a refusal stands for, if it is the ledger's; raises `NotTheLedgerError` where it is not."""
        self._verify(response, raw, sent_us, started_ns)
        return border.of_refusal(response, unpack(raw, response.headers.get("content-encoding", ""), MAX_BODY_BYTES))

    def _learned(self, response: httpx.Response, answer: bytes, keys_of: Callable[[bytes], KeyRing]) -> KeyRing:
        try:
            return keys_of(answer)
        except (SignatureError, FinalSyncError) as error:
            raise border.of_stranger(response, answer, str(error)) from None


@contextmanager
def _border() -> Iterator[None]:
    try:
        yield
    except httpx.HTTPError as error:
        raise border.of_httpx(error) from error


def _decode(body: bytes, kind: type[_T]) -> _T:
    """What the ledger signed and we cannot read is of a version that we do not know."""
    try:
        return canonical.decode(body, kind)
    except (msgspec.MsgspecError, NotCanonicalError, UnicodeDecodeError) as error:
        raise FinalSyncError("version", f"an answer that this version cannot read: {error}") from None
