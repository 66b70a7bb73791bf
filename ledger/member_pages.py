"""Where members reach the ledger's page, as the stores' settings say."""

from __future__ import annotations

from sqlalchemy import select
from sqlmodel import col

from ledger import documents
from ledger.database import Database
from ledger.problems import BadRequestError
from ledger.schema import Store
from protocol.documents import StoreSettings


def page_of_all(database: Database) -> str:
    """The one address that stores name. Raises `BadRequestError` where there is none, or there are several."""
    with database.read() as connection:
        stores = connection.execute(select(col(Store.store))).scalars()
        settings = [documents.newest(connection, "store", store, StoreSettings) for store in stores]
    pages = {found.member_page for found in settings if found is not None and found.member_page}
    if len(pages) != 1:
        raise BadRequestError(
            "no store names a member_page" if not pages else "the stores name several: --page says which"
        )
    return pages.pop()
