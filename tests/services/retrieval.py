"""C-GET and C-MOVE requests, and what a provider's handler makes of them.

A C-GET stores over the exchange itself, a C-MOVE over that to the destination.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydicom import Dataset

from pynetdicom import evt
from pynetdicom.dimse_primitives import C_GET, C_MOVE, C_STORE
from pynetdicom.sop_class import (
    CTImageStorage,
    PatientRootQueryRetrieveInformationModelGet,
    PatientRootQueryRetrieveInformationModelMove,
)
from pynetdicom.testing import build
from services.dialogue import (
    Handler,
    ScriptedExchange,
    encoded,
    image,
    patient,
    serve_one,
    talk,
)

GET = PatientRootQueryRetrieveInformationModelGet
MOVE = PatientRootQueryRetrieveInformationModelMove
QUERY = patient("*")
PLACE = ("pacs.example", 104)


def failed_list(*uids: str) -> Dataset:
    identifier = Dataset()
    identifier.FailedSOPInstanceUIDList = list(uids)
    return identifier


def get_request(model: str = GET, message_id: int = 1) -> C_GET:
    return build(
        C_GET,
        MessageID=message_id,
        AffectedSOPClassUID=model,
        Priority=1,
        Identifier=encoded(QUERY),
    )


def move_request(message_id: int = 1) -> C_MOVE:
    return build(
        C_MOVE,
        MessageID=message_id,
        AffectedSOPClassUID=MOVE,
        Priority=1,
        Identifier=encoded(QUERY),
        MoveDestination="DESTINATION",
    )


class Got:
    """What a provider's handler made of a C-GET or C-MOVE request."""

    def __init__(self, exchange: ScriptedExchange) -> None:
        self.exchange = exchange
        self.responses = [said for said in exchange.said if said.message.is_response]
        where = exchange.destination or exchange
        self.stores = [said for said in where.said if isinstance(said.message, C_STORE)]

    @property
    def statuses(self) -> list[int]:
        return [said.message.Status for said in self.responses]

    @property
    def counts(self) -> list[tuple[int | None, ...]]:
        """Remaining, completed, failed and warning of each response."""
        return [
            (
                said.message.NumberOfRemainingSuboperations,
                said.message.NumberOfCompletedSuboperations,
                said.message.NumberOfFailedSuboperations,
                said.message.NumberOfWarningSuboperations,
            )
            for said in self.responses
        ]

    @property
    def failed(self) -> list[str] | None:
        """The list of failed instances in the last response."""
        identifier = self.responses[-1].data_set
        if identifier is None:
            return None
        uids = identifier.FailedSOPInstanceUIDList or []
        return [uids] if isinstance(uids, str) else list(uids)


Serve = Callable[..., Got]


def got(handler: Handler | None, peer: list[Any] | None = None, **details: Any) -> Got:
    """Let a handler serve a C-GET; the peer says this to what is stored."""
    exchange = talk(GET, CTImageStorage, peer=peer, **details)
    exchange.handlers = {evt.EVT_C_GET: handler} if handler else {}
    serve_one(exchange, get_request())
    return Got(exchange)


def moved(handler: Handler | None, peer: list[Any] | None = None, **details: Any) -> Got:
    """Let a handler serve a C-MOVE; the destination says this to what is stored."""
    exchange = talk(MOVE, destination=talk(CTImageStorage, peer=peer), **details)
    exchange.handlers = {evt.EVT_C_MOVE: handler} if handler else {}
    serve_one(exchange, move_request())
    return Got(exchange)


def moved_there(handler: Handler, peer: list[Any] | None = None, **details: Any) -> Got:
    """Let a handler that knows no destinations serve a C-MOVE."""

    def handle(event: evt.Event) -> Iterator[Any]:
        yield PLACE
        yield from handler(event)

    return moved(handle, peer, **details)


SERVED = pytest.mark.parametrize("serve", [got, moved_there], ids=["C-GET", "C-MOVE"])

ONE, TWO, THREE = ((0xFF00, image(f"1.{number}")) for number in (1, 2, 3))
