"""All that a call of the counter may refuse with. Each has a `code` or a `cause` for its sentence, and most have `facts`."""

from __future__ import annotations

from devices.errors import DeviceError
from local_db.errors import LocalDbError
from points import PointsError
from protocol.errors import ProtocolError
from sync.errors import SyncError
from till.errors import RefusedError

REFUSALS = (RefusedError, PointsError, ProtocolError, LocalDbError, DeviceError, SyncError)
