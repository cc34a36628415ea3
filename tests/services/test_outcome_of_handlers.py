"""What a handler returned becomes the status of a response (PS3.7 Annex C)."""

from typing import Any

import pytest
from pydicom import Dataset

from pynetdicom.dimse_primitives import C_ECHO, C_GET, C_STORE, N_CREATE, N_GET
from pynetdicom.service_class import (
    PrintManagementServiceClass,
    QueryRetrieveServiceClass,
    StorageServiceClass,
    VerificationServiceClass,
)
from pynetdicom.services.outcome import set_status
from pynetdicom.status import Status


def _status(code: Any = None, **details: Any) -> Dataset:
    status = Dataset()
    for keyword, value in {"Status": code, **details}.items():
        if value is not None:
            setattr(status, keyword, value)
    return status


@pytest.mark.parametrize("code", [0x0000, 0xA700, 0xB000, 0xC123, Status.SUCCESS])
def test_a_number_is_the_status(code: int, caplog: pytest.LogCaptureFixture) -> None:
    response = C_STORE()

    set_status(response, code, StorageServiceClass)

    assert response.Status == code
    assert type(response.Status) is int
    assert caplog.text == ""


def test_a_data_set_brings_details_along() -> None:
    response = C_STORE()
    status = _status(0xA900, ErrorComment="too thin", OffendingElement=[0x00180050])

    set_status(response, status, StorageServiceClass)

    assert response.Status == 0xA900
    assert response.ErrorComment == "too thin"
    assert response.OffendingElement == [0x00180050]


def test_counts_may_come_from_the_handler() -> None:
    response = C_GET()

    set_status(response, _status(0xFF00, NumberOfFailedSuboperations=3), QueryRetrieveServiceClass)

    assert response.NumberOfFailedSuboperations == 3


def test_details_that_the_response_has_no_place_for_are_left_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    response = C_ECHO()

    set_status(response, _status(0x0122, ErrorID=3, PatientName="A"), VerificationServiceClass)

    assert response.Status == 0x0122
    assert "A C-ECHO status cannot hold 'Error ID'" in caplog.text
    assert "A C-ECHO status cannot hold 'Patient's Name'" in caplog.text
    assert not hasattr(response, "PatientName")


def test_a_detail_that_cannot_be_sent_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    response = N_CREATE()

    set_status(response, _status(0x0110, ErrorComment=["a", "b"]), PrintManagementServiceClass)

    assert response.Status == 0x0110
    assert response.ErrorComment is None
    assert "The status holds a bad 'Error Comment'" in caplog.text


def test_a_data_set_without_a_status_is_c001(caplog: pytest.LogCaptureFixture) -> None:
    response = N_GET()

    set_status(response, _status(ErrorComment="?"), PrintManagementServiceClass)

    assert (response.Status, response.ErrorComment) == (0xC001, "?")
    assert "without a Status element" in caplog.text


def test_c001_may_be_meant(caplog: pytest.LogCaptureFixture) -> None:
    response = C_STORE()

    set_status(response, _status(0xC001), StorageServiceClass)

    assert response.Status == 0xC001
    assert "without a Status element" not in caplog.text


@pytest.mark.parametrize("returned", [None, "0x0000", 0.0, -1, 0x10000, [0], (0x0000, None)])
def test_what_is_no_status_is_c002(returned: Any, caplog: pytest.LogCaptureFixture) -> None:
    response = C_STORE()

    set_status(response, returned, StorageServiceClass)

    assert response.Status == 0xC002
    assert "Invalid status returned by callback" in caplog.text


def test_a_status_that_the_service_does_not_know_is_sent_with_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    response = C_STORE()

    set_status(response, 0x1234, StorageServiceClass)

    assert response.Status == 0x1234
    assert "Unknown status value returned by callback - 0x1234" in caplog.text


def test_operations_of_a_service_know_different_statuses(caplog: pytest.LogCaptureFixture) -> None:
    set_status(C_GET(), 0xA702, QueryRetrieveServiceClass)
    assert caplog.text == ""

    set_status(C_GET(), 0xA801, QueryRetrieveServiceClass)
    assert "Unknown status value returned by callback - 0xA801" in caplog.text
