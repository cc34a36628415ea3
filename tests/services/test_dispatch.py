"""Which conversation serves a request, and when none does."""

from typing import Any

import pytest
from pydicom.uid import UID

from pynetdicom import _config, evt
from pynetdicom.dimse_primitives import (
    C_ECHO,
    C_FIND,
    C_GET,
    C_MOVE,
    C_STORE,
    N_ACTION,
    N_DELETE,
    N_EVENT_REPORT,
    N_GET,
    N_SET,
)
from pynetdicom.sop_class import (
    BasicFilmSession,
    CTImageStorage,
    MediaStorageDirectoryStorage,
    PatientRootQueryRetrieveInformationModelFind,
    Verification,
)
from pynetdicom.testing import build
from services.dialogue import encoded, image, patient, serve_one, talk

MODEL = PatientRootQueryRetrieveInformationModelFind
PRIVATE = UID("1.2.3.999")
STORAGE_SERVICE = UID("1.2.840.10008.4.2")


def store(sop_class: UID) -> Any:
    return build(
        C_STORE,
        MessageID=1,
        AffectedSOPClassUID=sop_class,
        AffectedSOPInstanceUID="1.2.3",
        DataSet=encoded(image()),
    )


def test_a_request_by_a_context_that_was_not_accepted_aborts() -> None:
    exchange = talk(Verification)

    serve_one(exchange, build(C_ECHO, MessageID=1, AffectedSOPClassUID=Verification), 3)

    assert exchange.is_aborted


@pytest.mark.parametrize(
    "request_",
    [
        build(C_ECHO, MessageID=1, AffectedSOPClassUID=CTImageStorage),
        build(C_FIND, MessageID=1, AffectedSOPClassUID=CTImageStorage, Identifier=encoded(image())),
        build(N_GET, MessageID=1, RequestedSOPClassUID=CTImageStorage),
        store(Verification),
        store(MediaStorageDirectoryStorage),
        store(PRIVATE),
        build(C_ECHO, MessageID=1),
    ],
    ids=lambda request_: request_.msg_type,
)
def test_a_request_that_its_service_does_not_know_aborts_with_a_hint(
    request_: Any, caplog: pytest.LogCaptureFixture
) -> None:
    exchange = talk(CTImageStorage)

    serve_one(exchange, request_)

    assert exchange.is_aborted
    assert exchange.said == []
    assert "register_uid() tells us" in caplog.text


def test_the_class_of_the_message_decides_not_that_of_the_context() -> None:
    model = PatientRootQueryRetrieveInformationModelFind
    exchange = talk(Verification, handlers={evt.EVT_C_FIND: lambda event: []})
    identifier = encoded(patient("*"))

    serve_one(
        exchange, build(C_FIND, MessageID=1, AffectedSOPClassUID=model, Identifier=identifier)
    )

    assert exchange.statuses == [0x0000]


def test_a_class_may_be_negotiated_into_a_service() -> None:
    exchange = talk(PRIVATE, handlers={evt.EVT_C_STORE: lambda event: 0x0000})
    exchange.common_extended = {PRIVATE: (STORAGE_SERVICE, [])}

    serve_one(exchange, store(PRIVATE))

    assert exchange.statuses == [0x0000]


def test_unrestricted_storage_stores_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_config, "UNRESTRICTED_STORAGE_SERVICE", True)
    exchange = talk(PRIVATE, handlers={evt.EVT_C_STORE: lambda event: 0x0000})

    serve_one(exchange, store(PRIVATE))

    assert exchange.statuses == [0x0000]


QUERY = {"AffectedSOPClassUID": MODEL, "Identifier": encoded(patient("*"))}
INSTANCE = {"RequestedSOPClassUID": BasicFilmSession, "RequestedSOPInstanceUID": "1.2.3"}
COMPLETE: list[tuple[Any, dict[str, Any]]] = [
    (C_STORE, {"AffectedSOPClassUID": CTImageStorage, "AffectedSOPInstanceUID": "1.2.3"}),
    (C_FIND, QUERY),
    (C_GET, QUERY),
    (C_MOVE, {**QUERY, "MoveDestination": "PACS"}),
    (N_GET, INSTANCE),
    (N_SET, {**INSTANCE, "ModificationList": encoded(patient("A"))}),
    (N_ACTION, {**INSTANCE, "ActionTypeID": 1}),
    (N_DELETE, INSTANCE),
    (
        N_EVENT_REPORT,
        {
            "AffectedSOPClassUID": BasicFilmSession,
            "AffectedSOPInstanceUID": "1.2.3",
            "EventTypeID": 1,
        },
    ),
]


@pytest.mark.parametrize(
    ("kind", "parameters", "left_out"),
    [
        (kind, parameters, keyword)
        for kind, parameters in COMPLETE
        for keyword in parameters
        if not keyword.endswith("SOPClassUID")
    ],
)
def test_a_request_that_lacks_something_is_0120(
    kind: Any, parameters: dict[str, Any], left_out: str, caplog: pytest.LogCaptureFixture
) -> None:
    exchange = talk(Verification)
    rest = {keyword: value for keyword, value in parameters.items() if keyword != left_out}

    serve_one(exchange, build(kind, MessageID=1, **rest))

    assert exchange.statuses == [0x0120]
    assert not exchange.is_aborted
    assert left_out in caplog.text
