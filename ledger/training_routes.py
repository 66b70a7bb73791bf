"""What a till asks beside its business: a book to train in, and to tell what it found when it tried to survive an outage."""

from __future__ import annotations

from ledger import outage_reports
from ledger.auth import Caller
from ledger.problems import BadRequestError, NotKnownError
from ledger.service import Service
from ledger.training import TrainingBooks
from protocol.outage import MAX_CHECKS, OutageReport, OutageReportKept, OutageReports
from protocol.training import TrainingAnswer, TrainingCleared, TrainingRequest


def begin_training(service: Service, caller: Caller, request: TrainingRequest) -> TrainingAnswer:
    """A book, a terminal and members for a till that is going to train."""
    service.trainings.take(caller.terminal, service.clock())
    return _books(service).begin(service.database, caller, request)


def clear_training(service: Service, caller: Caller, request: TrainingCleared) -> TrainingCleared:
    """Delete a book of the till that asks."""
    return _books(service).clear(caller, request.terminal)


def keep_outage_report(service: Service, caller: Caller, report: OutageReport) -> OutageReportKept:
    """The newest report of the till that asks."""
    if report.terminal != caller.terminal or len(report.checks) > MAX_CHECKS:
        raise BadRequestError(f"a report of {report.terminal[:64]} with {len(report.checks)} checks")
    with service.database.write() as connection:
        outage_reports.keep(connection, report)
    return OutageReportKept(at=report.at)


def read_outage_reports(service: Service, caller: Caller, _query: object) -> OutageReports:
    """The newest reports of the store of the till that asks."""
    with service.database.read() as connection:
        return outage_reports.of_store(connection, caller.store)


def _books(service: Service) -> TrainingBooks:
    if service.training is None:
        raise NotKnownError("training", "at this ledger")
    return service.training
