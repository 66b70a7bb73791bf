"""What tills ask, one function a route: the caller is known, the body is read, the answer is a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import select
from sqlmodel import col

from ledger import documents, enrolment, members, pooling, proofs, sessions
from ledger.allowances import grant_allowances
from ledger.answers import Lines, Reply
from ledger.auth import Caller
from ledger.cases import decisions_after
from ledger.claim_routes import claim_points
from ledger.deciding import Wanted, check_manager, decide
from ledger.feed import changes, digest, member_row
from ledger.fleet_routes import end_till, keep_heartbeat, list_tills
from ledger.known_sales import sales_for
from ledger.log import prove, sealed
from ledger.number_routes import give_numbers
from ledger.problems import BadRequestError, LogShorterError, NoMemberPageError, NotKnownError
from ledger.push import push
from ledger.receiving import find_till
from ledger.report_routes import read_store_report
from ledger.reserving import reserve
from ledger.restoring import take_evidence
from ledger.schema_received import EntryOutcome
from ledger.service import Service
from ledger.snapshots import sealed_snapshot
from ledger.training_routes import (
    begin_training,
    clear_training,
    keep_outage_report,
    keep_tutorial,
    read_outage_reports,
    show_training_code,
)
from ledger.visits import Scope, scope_of
from protocol.canonical import MAX_INTEGER, Model
from protocol.cases import DecideRequest, Decision, DecisionsAnswer
from protocol.checkpoints import Forgotten, LogProof
from protocol.claims import ClaimAnswer, ClaimRequest
from protocol.documents import DocumentsAnswer, StoreSettings
from protocol.enrolment import EnrolAnswer, EnrolRequest
from protocol.errors import ProofError, SignatureError
from protocol.feed import Changes, ChangesRequest, MemberRow
from protocol.fleet import (
    END_PATH,
    HEARTBEAT_PATH,
    TILLS_PATH,
    EndTillRequest,
    Heartbeat,
    HeartbeatKept,
    StoreTills,
    TillEnded,
)
from protocol.floor_table import FloorTable
from protocol.households import Drawn, DrawRequest, DrawVerdict, Pool, PooledKind, PoolRequest
from protocol.ids import BUCKETS
from protocol.joining import NUMBERS_PATH, NumberBlock, NumbersRequest
from protocol.look_up import LookUpRequest
from protocol.member_links import MemberLinkRequest, MemberLinkVerdict
from protocol.outage import OutageReport, OutageReportKept, OutageReports
from protocol.push import MAX_BATCH, Outcome, PushAnswer, PushBatch
from protocol.reports import STORE_REPORT_PATH, StoreReport
from protocol.reservations import AllowancesAnswer, AllowancesRequest, ReserveRequest, Verdict
from protocol.sales import SalesAnswer, SalesRequest
from protocol.training import TrainingAnswer, TrainingCleared, TrainingCode, TrainingCodeRequest, TrainingRequest
from protocol.tutorials import TutorialKept, TutorialPassed

Query = Mapping[str, str]


class Parameter(NamedTuple):
    """A query parameter: its name, a sentence, a JSON schema."""

    name: str
    means: str
    schema: dict[str, object]


class Route(NamedTuple):
    """One route of the service. `work` gets service, caller and the body's model, or the query where there is no body."""

    method: str
    path: str
    summary: str
    work: Callable[[Service, Caller, Any], Reply]
    reads: type[Model] | None = None
    answers: Any = None
    parameter: Parameter | None = None
    may_be_nothing: bool = False
    streams: bool = False
    is_bulk: bool = False
    is_enrolment: bool = False
    """Signed by the key that it brings."""
    in_training: bool = True
    """A training terminal may ask it too, of its own book."""
    ended_may: bool = False
    """A terminal that is revoked, retired or lost may still bring what it has."""


def push_entries(service: Service, caller: Caller, batch: PushBatch) -> PushAnswer:
    """An outcome per entry."""
    if batch.terminal != caller.terminal:
        raise BadRequestError(f"a journal of {batch.terminal[:64]}, signed by {caller.terminal}")
    answer = push(service.database, batch, service.clock())
    return sealed(service.database, service.keys, caller.terminal, answer, service.clock())


def ask_reservation(service: Service, caller: Caller, request: ReserveRequest) -> Model:
    """Yes or no, after the member's proof was checked."""
    now_us = service.clock()
    reason = proofs.refusal(service.database, service.keys, caller, request, now_us)
    return reserve(service.database, caller.terminal, request, now_us, reason)


def ask_allowances(service: Service, caller: Caller, _request: AllowancesRequest) -> AllowancesAnswer:
    """Points of members who usually redeem here, for an outage."""
    return AllowancesAnswer(granted=grant_allowances(service.database, caller.terminal, service.clock()))


def make_decision(service: Service, caller: Caller, request: DecideRequest) -> Decision:
    """About an entry of the terminal that asks, by a manager of its store; the one that was made before, where one was."""
    with service.database.read() as connection:
        check_manager(connection, caller.store, request.staff)
    wanted = Wanted(
        caller.terminal, request.seq, request.choice, request.staff, request.why, caller.terminal, by=request.by,
        correction=request.correction, entry=request.entry,
    )  # fmt: skip
    return decide(service.database, wanted, service.clock()).decision


def read_decisions(service: Service, caller: Caller, query: Query) -> DecisionsAnswer:
    """What was decided about entries of the terminal that asks."""
    with service.database.read() as connection:
        return decisions_after(connection, caller.terminal, _number(query, "after", 0))


def link_member(service: Service, caller: Caller, request: MemberLinkRequest) -> Model:
    """A link that opens the member's page once, after the member's own proof was checked."""
    service.links.take(caller.terminal, service.clock())
    with service.database.read() as connection:
        settings = documents.newest(connection, "store", caller.store, StoreSettings)
    if settings is None or not settings.member_page:
        raise NoMemberPageError(caller.store)
    now_us = service.clock()
    refused = proofs.own_refusal(service.database, service.keys, request, now_us)
    return refused or sessions.make_link(service.database, settings.member_page, request.member, now_us)


def show_pool(service: Service, caller: Caller, request: PoolRequest) -> Pool:
    """What a member could draw from his household's pool."""
    service.look_ups.take(caller.terminal, service.clock())
    with service.database.read() as connection:
        found = pooling.pool_for(connection, request.member, service.clock())
    if found is None:
        raise NotKnownError("household", f"of {request.member}")
    return Pool(
        kinds=tuple(
            PooledKind(kind=kind, points=points, drawable=found.drawable[kind])
            for kind, points in found.points.items()
        )
    )


def draw_points(service: Service, caller: Caller, request: DrawRequest) -> Model:
    """From the pool to the member, after his own proof was checked."""
    service.look_ups.take(caller.terminal, service.clock())
    now_us = service.clock()
    if refused := proofs.own_refusal(service.database, service.keys, request, now_us):
        return refused
    with service.database.read() as connection:
        till = find_till(connection, caller.terminal)
    moving = pooling.Moving(request.draw, request.member, request.kind, request.points, till)
    left = pooling.draw(service.database, moving, now_us)
    return Drawn(kind=request.kind, points=request.points, left=left)


def read_floor_table(service: Service, caller: Caller, _query: Query) -> FloorTable:
    """What redeeming in an outage would have brought and cost the store of the terminal that asks."""
    return service.floor_tables.table(service.database, caller.store, service.clock())


def poll(service: Service, _caller: Caller, query: Query) -> Changes | None:
    """Nothing moved (204), or it did: ask by POST what."""
    seen = query.get("d", "")
    if digest(service.database) == seen:
        return None
    return Changes(more=True)


def read_changes(service: Service, caller: Caller, request: ChangesRequest) -> Changes:
    """Rows since a vector."""
    if len(request.numbers) != BUCKETS:
        raise BadRequestError(f"a vector has {BUCKETS} numbers")
    return changes(service.database, request, _scope(service, caller))


def read_snapshot(service: Service, caller: Caller, query: Query) -> Lines:
    """Every member from a bucket on, a line each, in parts that end with the ledger's signature over them."""
    first = _number(query, "from", 0)
    if first >= BUCKETS:
        raise BadRequestError(f"there are {BUCKETS} buckets")
    return Lines(sealed_snapshot(service.database, service.keys, service.clock, _scope(service, caller), first))


def read_documents(service: Service, caller: Caller, query: Query) -> DocumentsAnswer:
    """What this store was told since a number."""
    with service.database.read() as connection:
        return documents.documents_after(connection, service.keys, caller.store, _number(query, "after", 0))


def look_up(service: Service, caller: Caller, request: LookUpRequest) -> MemberRow:
    """The member with this phone or plate, by name even where he was never before; his phone's hash is nobody's business."""
    service.look_ups.take(caller.terminal, service.clock())
    scope = _scope(service, caller)
    with service.database.read() as connection:
        member = members.find(connection, request.by, request.value)
        row = member_row(connection, member, scope) if member is not None else None
        if row is not None and row.merged_into:
            row = member_row(connection, row.merged_into, scope)
    if row is None:
        raise NotKnownError("member", f"with this {request.by}")
    return msgspec.structs.replace(row, phone_key="")


def find_sales(service: Service, caller: Caller, request: SalesRequest) -> SalesAnswer:
    """Sales of the caller's merchant of which goods come back."""
    service.look_ups.take(caller.terminal, service.clock())
    with service.database.read() as connection:
        return sales_for(connection, find_till(connection, caller.terminal).merchant, request)


def read_outcomes(service: Service, caller: Caller, query: Query) -> PushAnswer:
    """First outcomes again, for a till that lost the answers."""
    first = _number(query, "from", 1)
    with service.database.read() as connection:
        till = find_till(connection, caller.terminal)
        rows = connection.execute(
            select(col(EntryOutcome.outcome))
            .where(col(EntryOutcome.terminal) == caller.terminal, col(EntryOutcome.seq) >= first)
            .order_by(col(EntryOutcome.seq))
            .limit(MAX_BATCH)
        )
        outcomes = tuple(msgspec.json.decode(row.outcome, type=Outcome) for row in rows)
    answer = PushAnswer(outcomes=outcomes, again=len(outcomes), acknowledged=till.head_seq, head=till.head.hex())
    return sealed(service.database, service.keys, caller.terminal, answer, service.clock())


def read_proof(service: Service, caller: Caller, query: Query) -> LogProof:
    """That the log continues the one that the terminal knows, and has its newest entry."""
    try:
        return prove(service.database, service.keys, caller.terminal, _number(query, "from", 0), service.clock())
    except ProofError as error:
        raise LogShorterError(str(error)) from None


def hear_forgotten(service: Service, caller: Caller, request: Forgotten) -> PushAnswer:
    """These books are older than what this ledger signed: from now on they count another epoch. Where the chain stands now."""
    try:
        take_evidence(service.database, service.keys, caller.terminal, request.checkpoint, service.clock())
    except SignatureError:
        raise BadRequestError("not a checkpoint that this ledger signed") from None
    return read_outcomes(service, caller, {"from": str(MAX_INTEGER)})


def enrol_terminal(service: Service, _caller: Caller, request: EnrolRequest) -> EnrolAnswer:
    """Pair a till; it has no id yet."""
    with service.database.write(urgent=True) as connection:
        return enrolment.enrol(connection, service.keys, request, service.clock())


def _scope(service: Service, caller: Caller) -> Scope:
    with service.database.read() as connection:
        return scope_of(connection, caller.store, service.clock(), caller.terminal)


def _number(query: Query, name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and int(text) <= MAX_INTEGER):
        raise BadRequestError(f"{name} is a whole number")
    return int(text)


_DIGEST = Parameter("d", "`Vector.digest()` of the reader", {"type": "string", "maxLength": 22})
_AFTER = Parameter(
    "after", "the newest number the reader has", {"type": "integer", "minimum": 0, "maximum": MAX_INTEGER}
)
_FROM_BUCKET = {"type": "integer", "minimum": 0, "maximum": BUCKETS - 1}
_BUCKET = Parameter("from", "the first bucket, after the parts that the reader has", _FROM_BUCKET)
_SIZE = Parameter(
    "from", "the size of the log that the reader knows", {"type": "integer", "minimum": 0, "maximum": MAX_INTEGER}
)
_DAY = Parameter("day", "the business day; the one that goes on otherwise", {"type": "string", "format": "date"})
_FROM = Parameter("from", "the first seq", {"type": "integer", "minimum": 0, "maximum": MAX_INTEGER})

ROUTES = (
    Route("POST", "/v1/enrol", "Pair a till", enrol_terminal, EnrolRequest, EnrolAnswer, is_enrolment=True,
          in_training=False),
    Route("POST", "/v1/push", "Book entries of a journal", push_entries, PushBatch, PushAnswer, is_bulk=True,
          ended_may=True),
    Route("POST", "/v1/reserve", "Reserve points of a member", ask_reservation, ReserveRequest, Verdict, ended_may=True),
    Route("POST", "/v1/allowances", "Reserve in advance what members usually take", ask_allowances, AllowancesRequest,
          AllowancesAnswer),
    Route("GET", "/v1/changes", "Has anything moved?", poll, answers=Changes, parameter=_DIGEST, may_be_nothing=True),
    Route("POST", "/v1/changes", "What moved since a vector", read_changes, ChangesRequest, Changes),
    Route("GET", "/v1/snapshot", "All members", read_snapshot, parameter=_BUCKET, streams=True),
    Route("GET", "/v1/documents", "Signed documents of the store", read_documents, answers=DocumentsAnswer,
          parameter=_AFTER),
    Route("POST", "/v1/look-up", "Find a member by phone or plate", look_up, LookUpRequest, MemberRow),
    Route("POST", NUMBERS_PATH, "Numbers for members who join at the till", give_numbers, NumbersRequest, NumberBlock),
    Route("POST", "/v1/sales", "Sales of the merchant, with what came back of them", find_sales, SalesRequest, SalesAnswer),
    Route("POST", "/v1/member-link", "Open the member's page on the member's phone", link_member, MemberLinkRequest,
          MemberLinkVerdict),
    Route("POST", "/v1/claim", "Give a member the points of a receipt", claim_points, ClaimRequest, ClaimAnswer),
    Route("POST", "/v1/pool", "What a member's household shares", show_pool, PoolRequest, Pool),
    Route("POST", "/v1/draw", "Draw points from the pool of a member's household", draw_points, DrawRequest, DrawVerdict),
    Route("GET", "/v1/outcomes", "First outcomes again", read_outcomes, answers=PushAnswer, parameter=_FROM,
          ended_may=True),
    Route("POST", "/v1/decide", "Decide about an entry that waits", make_decision, DecideRequest, Decision),
    Route("GET", "/v1/decisions", "What was decided", read_decisions, answers=DecisionsAnswer, parameter=_AFTER),
    Route("GET", "/v1/floor-table", "What the floor would cost the store", read_floor_table, answers=FloorTable),
    Route("GET", "/v1/proof", "That the log is what it was, and has our newest entry", read_proof, answers=LogProof,
          parameter=_SIZE, ended_may=True),
    Route("POST", "/v1/forgotten", "A checkpoint that this ledger signed and cannot continue", hear_forgotten, Forgotten,
          PushAnswer, ended_may=True),
    Route("POST", HEARTBEAT_PATH, "How a till is", keep_heartbeat, Heartbeat, HeartbeatKept, ended_may=True,
          in_training=False),
    Route("GET", STORE_REPORT_PATH, "The store's day over all its tills", read_store_report, answers=StoreReport,
          parameter=_DAY, in_training=False),
    Route("GET", TILLS_PATH, "The tills of the store", list_tills, answers=StoreTills, in_training=False),
    Route("POST", END_PATH, "Retire, revoke or declare lost a till of the store", end_till, EndTillRequest, TillEnded,
          in_training=False),
    Route("POST", "/v1/training", "Begin to train, or to rehearse", begin_training, TrainingRequest, TrainingAnswer,
          in_training=False),
    Route("POST", "/v1/training/code", "What the phone of a training member shows", show_training_code, TrainingCodeRequest,
          TrainingCode),
    Route("POST", "/v1/training/clear", "Delete a training book", clear_training, TrainingCleared, TrainingCleared,
          in_training=False),
    Route("POST", "/v1/training/passed", "Somebody has passed the tutorial", keep_tutorial, TutorialPassed, TutorialKept,
          in_training=False),
    Route("POST", "/v1/outage-report", "What a till found when it tried to survive an outage", keep_outage_report,
          OutageReport, OutageReportKept, in_training=False),
    Route("GET", "/v1/outage-reports", "What the tills of the store found", read_outage_reports, answers=OutageReports,
          in_training=False),
)  # fmt: skip
