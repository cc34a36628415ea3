"""The small modules of pynetdicom2: UIDs, statuses, errors, encoding."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydicom import Dataset
from pydicom.uid import UID

from pynetdicom.compat.pynetdicom2 import (
    dimsemessages,
    dsutils,
    exceptions,
    sopclass,
    statuses,
    uids,
)


def constants() -> dict[str, UID]:
    return {name: value for name, value in vars(uids).items() if isinstance(value, UID)}


def test_there_are_names_for_176_uids() -> None:
    assert len(constants()) == len(set(constants().values())) == 176
    assert len(uids.STORAGE_SOP_CLASSES) == 139
    assert all(name == name.upper() for name in constants())


@pytest.mark.parametrize(
    ("name", "uid"),
    [
        ("VERIFICATION_SOP_CLASS", "1.2.840.10008.1.1"),
        ("CT_IMAGE_STORAGE", "1.2.840.10008.5.1.4.1.1.2"),
        ("DX_IMAGE_STORAGE_FOR_PRESENTATION", "1.2.840.10008.5.1.4.1.1.1.1"),
        ("STUDY_ROOT_GET_SOP_CLASS", "1.2.840.10008.5.1.4.1.2.2.3"),
        ("MODALITY_WORK_LIST_INFORMATION_FIND_SOP_CLASS", "1.2.840.10008.5.1.4.31"),
        ("STORAGE_COMMITMENT_SOP_CLASS", "1.2.840.10008.1.20.1"),
        ("RLE_LOSSLESS", "1.2.840.10008.1.2.5"),
    ],
)
def test_a_name_has_its_uid_and_the_services_give_it_too(name: str, uid: str) -> None:
    assert getattr(uids, name) == uid
    assert getattr(sopclass, name) == uid


@pytest.mark.parametrize(
    ("service", "classes"),
    [
        ("verification_scu", 1),
        ("verification_scp", 1),
        ("storage_scu", 0),
        ("storage_scp", 139),
        ("qr_find_scu", 2),
        ("qr_find_scp", 2),
        ("qr_get_scu", 3),
        ("qr_move_scu", 3),
        ("qr_move_scp", 3),
        ("modality_work_list_scu", 1),
        ("modality_work_list_scp", 1),
        ("storage_commitment_scu", 1),
        ("StorageCommitment", 1),
    ],
)
def test_a_service_says_for_what_it_is(service: str, classes: int) -> None:
    found = getattr(sopclass, service)

    assert isinstance(found.sop_classes, list)
    assert len(found.sop_classes) == classes
    assert getattr(found, "store_in_file", False) is (service == "storage_scp")


def test_decorators_make_a_service_of_a_function() -> None:
    @sopclass.store_in_file
    @sopclass.sop_classes(["1.2.3"])
    def service() -> None: ...

    assert service.sop_classes == ["1.2.3"]  # type: ignore[attr-defined]  # set by the decorators
    assert service.store_in_file is True  # type: ignore[attr-defined]  # the same


@pytest.mark.parametrize(
    ("name", "code", "kind"),
    [
        ("SUCCESS", 0x0000, "Success"),
        ("PROCESSING_FAILURE", 0x0110, "Failure"),
        ("C_STORE_OUT_OF_RESOURCES", 0xA700, "Failure"),
        ("C_STORE_CANNON_UNDERSTAND", 0xC000, "Failure"),
        ("C_STORE_CANNOT_UNDERSTAND", 0xC000, "Failure"),
        ("C_STORE_ELEMENTS_DISCARDED", 0xB006, "Warning"),
        ("C_FIND_OUT_OF_RESOURCES", 0xA700, "Failure"),
        ("C_FIND_UNABLE_TO_PROCESS", 0xC000, "Failure"),
        ("C_FIND_PENDING", 0xFF00, "Pending"),
        ("C_FIND_PENDING_WARNING", 0xFF01, "Pending"),
        ("C_GET_UNABLE_TO_PROCESS", 0xC000, "Failure"),
        ("C_GET_PENDING", 0xFF00, "Pending"),
        ("C_GET_WARNING", 0xB000, "Warning"),
        ("C_MOVE_DESTINATION_UNKNOWN", 0xA801, "Failure"),
        ("C_MOVE_UNABLE_TO_PROCESS", 0xC000, "Failure"),
        ("C_MOVE_PENDING", 0xFF00, "Pending"),
        ("C_MOVE_WARNING", 0xB000, "Warning"),
    ],
)
def test_a_status_has_a_code_and_a_kind(name: str, code: int, kind: str) -> None:
    status = getattr(statuses, name)

    assert int(status) == code
    assert status == code == statuses.Status(code)
    assert status.status_type == kind
    assert getattr(status, f"is_{kind.lower()}") is True
    assert repr(status) == f"Status(0x{code:X})"
    assert str(status) == f"(0x{code:X}) {kind}: {status.description}"


def test_what_a_status_means_depends_on_the_message() -> None:
    assert statuses.Status(0xFF00, dimsemessages.CMoveRSPMessage).is_pending
    assert statuses.Status(0xFF00).description == "Unknown Status"
    assert statuses.Status(0xFF00).is_failure
    assert statuses.Status(0xFE00).is_cancel


@pytest.fixture
def _forgotten() -> Iterator[None]:
    before = list(statuses._added)
    yield
    statuses._added[:] = before


@pytest.mark.usefixtures("_forgotten")
def test_programs_add_statuses_of_their_own() -> None:
    kind = dimsemessages.NActionRSPMessage

    statuses.add_status(0xB600, "Warning", "Nearly", end=0xB60F, command=kind)
    statuses.add_status(0x0D00, "Failure", "Broken")

    assert statuses.Status(0xB605, kind).description == "Nearly"
    assert statuses.Status(0xB605).description == "Unknown Status"
    assert statuses.Status(0x0D00, kind).description == "Broken"


def test_errors_have_their_families_and_values() -> None:
    rejected = exceptions.AssociationRejectedError(1, 2, 3)
    aborted = exceptions.AssociationAbortedError(source=2, reason_diag=6)

    assert (rejected.result, rejected.source, rejected.diagnostic) == (1, 2, 3)
    assert (aborted.source, aborted.reason_diag) == (2, 6)
    assert str(rejected) == "result 1, source 2, diagnostic 3"
    assert isinstance(rejected, exceptions.AssociationError)
    assert isinstance(aborted, exceptions.AssociationError)
    assert issubclass(exceptions.AssociationReleasedError, exceptions.AssociationError)
    others = [
        exceptions.AssociationError,
        exceptions.ClassNotSupportedError,
        exceptions.PDUProcessingError,
        exceptions.DIMSEProcessingError,
        exceptions.DCMTimeoutError,
        exceptions.EventHandlingError,
    ]
    assert all(kind.__base__ is exceptions.NetDICOMError for kind in others)


@pytest.mark.parametrize(
    ("implicit", "little", "data"),
    [
        (True, True, b"\x10\x00\x10\x00\x04\x00\x00\x00A^B "),
        (False, True, b"\x10\x00\x10\x00PN\x04\x00A^B "),
        (False, False, b"\x00\x10\x00\x10PN\x00\x04A^B "),
    ],
)
def test_data_sets_and_elements_are_encoded_and_decoded(
    implicit: bool, little: bool, data: bytes
) -> None:
    ds = Dataset()
    ds.PatientName = "A^B"

    assert dsutils.encode(ds, implicit, little) == data
    assert dsutils.encode_element(ds["PatientName"], implicit, little) == data
    assert dsutils.decode(data, implicit, little) == ds


def test_a_data_set_that_cannot_be_encoded_is_an_error() -> None:
    ds = Dataset()
    ds.PixelData = b"\0\0"  # without Bits Allocated its value representation is not known

    with pytest.raises(exceptions.DIMSEProcessingError):
        dsutils.encode(ds, True, True)
