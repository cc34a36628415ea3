"""Programs written for pynetdicom 1.5 and earlier: what they name and pass is still understood."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydicom import Dataset
from pydicom.uid import UID

from pynetdicom import AE, build_context, evt, sop_class
from pynetdicom._old_names import OLD_NAMES
from pynetdicom.sop_class import (
    PatientRootQueryRetrieveInformationModelMove,
    Verification,
)

MOVE = PatientRootQueryRetrieveInformationModelMove

# PS3.6 Table A-1, and what it was called.
UIDS = {
    "1.2.840.10008.1.1": "VerificationSOPClass",
    "1.2.840.10008.1.20.1": "StorageCommitmentPushModelSOPClass",
    "1.2.840.10008.1.20.1.1": "StorageCommitmentPushModelSOPInstance",
    "1.2.840.10008.1.40": "ProceduralEventLoggingSOPClass",
    "1.2.840.10008.1.40.1": "ProceduralEventLoggingSOPInstance",
    "1.2.840.10008.1.42": "SubstanceAdministrationLoggingSOPClass",
    "1.2.840.10008.1.42.1": "SubstanceAdministrationLoggingSOPInstance",
    "1.2.840.10008.3.1.2.3.3": "ModalityPerformedProcedureStepSOPClass",
    "1.2.840.10008.3.1.2.3.4": "ModalityPerformedProcedureStepRetrieveSOPClass",
    "1.2.840.10008.3.1.2.3.5": "ModalityPerformedProcedureStepNotificationSOPClass",
    "1.2.840.10008.5.1.1.1": "BasicFilmSessionSOPClass",
    "1.2.840.10008.5.1.1.2": "BasicFilmBoxSOPClass",
    "1.2.840.10008.5.1.1.4": "BasicGrayscaleImageBoxSOPClass",
    "1.2.840.10008.5.1.1.4.1": "BasicColorImageBoxSOPClass BasicColourImageBoxSOPClass",
    "1.2.840.10008.5.1.1.9": "BasicGrayscalePrintManagementMetaSOPClass",
    "1.2.840.10008.5.1.1.14": "PrintJobSOPClass",
    "1.2.840.10008.5.1.1.15": "BasicAnnotationBoxSOPClass",
    "1.2.840.10008.5.1.1.16": "PrinterSOPClass",
    "1.2.840.10008.5.1.1.16.376": "PrinterConfigurationRetrievalSOPClass",
    "1.2.840.10008.5.1.1.17": "PrinterSOPInstance",
    "1.2.840.10008.5.1.1.17.376": "PrinterConfigurationRetrievalSOPInstance",
    "1.2.840.10008.5.1.1.18": "BasicColorPrintManagementMetaSOPClass",
    "1.2.840.10008.5.1.1.23": "PresentationLUTSOPClass",
    "1.2.840.10008.5.1.1.33": "MediaCreationManagementSOPClass",
    "1.2.840.10008.5.1.1.40": "DisplaySystemSOPClass",
    "1.2.840.10008.5.1.1.40.1": "DisplaySystemSOPInstance",
    "1.2.840.10008.5.1.4.1.1.1.1": "DigitalXRayImagePresentationStorage",
    "1.2.840.10008.5.1.4.1.1.1.1.1": "DigitalXRayImageProcessingStorage",
    "1.2.840.10008.5.1.4.1.1.1.2": "DigitalMammographyXRayImagePresentationStorage",
    "1.2.840.10008.5.1.4.1.1.1.2.1": "DigitalMammographyXRayImageProcessingStorage",
    "1.2.840.10008.5.1.4.1.1.1.3": "DigitalIntraOralXRayImagePresentationStorage",
    "1.2.840.10008.5.1.4.1.1.1.3.1": "DigitalIntraOralXRayImageProcessingStorage",
    "1.2.840.10008.5.1.4.1.1.3.1": "UltrasoundMultiframeImageStorage",
    "1.2.840.10008.5.1.4.1.1.7.1": "MultiframeSingleBitSecondaryCaptureImageStorage",
    "1.2.840.10008.5.1.4.1.1.7.2": "MultiframeGrayscaleByteSecondaryCaptureImageStorage",
    "1.2.840.10008.5.1.4.1.1.7.3": "MultiframeGrayscaleWordSecondaryCaptureImageStorage",
    "1.2.840.10008.5.1.4.1.1.7.4": "MultiframeTrueColorSecondaryCaptureImageStorage",
    "1.2.840.10008.5.1.4.1.1.11.3": "PseudocolorSoftcopyPresentationStageStorage",
    "1.2.840.10008.5.1.4.1.1.13.1.4": "BreastProjectionXRayImagePresentationStorage",
    "1.2.840.10008.5.1.4.1.1.13.1.5": "BreastProjectionXRayImageProcessingStorage",
    "1.2.840.10008.5.1.4.1.1.14.1": (
        "IntravascularOpticalCoherenceTomographyImagePresentationStorage"
    ),
    "1.2.840.10008.5.1.4.1.1.14.2": (
        "IntravascularOpticalCoherenceTomographyImageProcessingStorage"
    ),
    "1.2.840.10008.5.1.4.1.1.77.1.5.8": (
        "OphthlamicOpticalCoherenceTomographyBScanVolumeAnalysisStorage"
    ),
    "1.2.840.10008.5.1.4.1.1.79.1": "MacularGridThicknessAndVolumeReport",
    "1.2.840.10008.5.1.4.1.1.88.40": "ProcedureSRStorage",
    "1.2.840.10008.5.1.4.1.1.88.59": "KeyObjectSelectionStorage",
    "1.2.840.10008.5.1.4.1.1.88.70": "ImplantationPlanSRDocumentStorage",
    "1.2.840.10008.5.1.4.1.1.88.75": "PerformedImagingAgestAdministrationSRStorage",
    "1.2.840.10008.5.1.4.33": "InstanceAvailabilityNotificationSOPClass",
    "1.2.840.10008.5.1.4.34.5": "UPSGlobalSubscriptionSOPInstance",
    "1.2.840.10008.5.1.4.34.5.1": "UPSFilteredGlobalSubscriptionSOPInstance",
    "1.2.840.10008.5.1.4.34.6.1": "UnifiedProcedureStepPushSOPClass UnitedProcedureStepPush",
    "1.2.840.10008.5.1.4.34.6.2": "UnifiedProcedureStepWatchSOPClass UnitedProcedureStepWatch",
    "1.2.840.10008.5.1.4.34.6.3": "UnifiedProcedureStepPullSOPClass UnitedProcedureStepPull",
    "1.2.840.10008.5.1.4.34.6.4": "UnifiedProcedureStepEventSOPClass UnitedProcedureStepEvent",
    "1.2.840.10008.5.1.4.34.6.5": "UnifiedProcedureStepQuerySOPClass",
    "1.2.840.10008.5.1.4.41": "ProductCharacteristicsQueryInformationModelFind",
    "1.2.840.10008.5.1.4.42": "SubstanceApprovalQueryInformationModelFind",
}
OLD_TO_UID = {name: uid for uid, names in UIDS.items() for name in names.split()}


# Names of SOP classes.


def test_every_old_name_is_known() -> None:
    assert OLD_NAMES.keys() == OLD_TO_UID.keys()
    assert len(OLD_NAMES) == 63


@pytest.mark.parametrize("old", OLD_TO_UID)
def test_an_old_name_is_the_same_class_with_a_warning(old: str) -> None:
    new = OLD_NAMES[old]

    with pytest.warns(DeprecationWarning, match=f"'{old}' is called '{new}'") as warned:
        value = getattr(sop_class, old)

    assert value is getattr(sop_class, new)
    assert value == OLD_TO_UID[old]
    assert isinstance(value, UID)
    assert warned[0].filename == __file__


def test_an_old_name_can_be_imported() -> None:
    module: dict[str, Any] = {}
    with pytest.warns(DeprecationWarning, match="'VerificationSOPClass' is called 'Verification'"):
        exec("from pynetdicom.sop_class import VerificationSOPClass", module)

    assert module["VerificationSOPClass"] is Verification


def test_who_does_not_know_old_names_does_not_meet_them() -> None:
    everything: dict[str, Any] = {}
    exec("from pynetdicom.sop_class import *", everything)

    assert not OLD_NAMES.keys() & everything.keys()
    assert not OLD_NAMES.keys() & set(dir(sop_class))


def test_a_name_that_never_was_is_still_an_error() -> None:
    with pytest.raises(AttributeError, match=r"'pynetdicom\.sop_class' has no attribute 'Verify'"):
        sop_class.Verify  # type: ignore[attr-defined]  # noqa: B018  # that is the story
    with pytest.raises(ImportError, match="cannot import name 'Verify'"):
        exec("from pynetdicom.sop_class import Verify")


# Titles were bytes.


@pytest.fixture
def server() -> Iterator[Any]:
    ae = AE("SERVER")
    ae.add_supported_context(Verification)
    ae.add_supported_context(MOVE)
    running = ae.start_server(("127.0.0.1", 0), block=False)
    yield running
    running.shutdown()


def warns(name: str) -> Any:
    return pytest.warns(DeprecationWarning, match=f"'{name}' is given as bytes")


BYTES: Any = b"STORE_SCP       "


def _make() -> AE:
    return AE(BYTES)


def _assign() -> AE:
    ae = AE()
    ae.ae_title = BYTES
    return ae


@pytest.mark.parametrize("make", [_make, _assign])
def test_an_ae_may_be_titled_with_bytes(make: Callable[[], AE]) -> None:
    with warns("ae_title") as warned:
        ae = make()

    assert ae.ae_title == "STORE_SCP       "
    assert warned[0].filename == __file__


def test_a_server_may_be_titled_with_bytes() -> None:
    ae = AE()
    with warns("ae_title"):
        server = ae.start_server(
            ("127.0.0.1", 0), False, ae_title=BYTES, contexts=[build_context(Verification)]
        )
    server.shutdown()

    assert server.ae_title == "STORE_SCP       "


def test_a_peer_may_be_called_by_bytes(server: Any) -> None:
    called: list[str] = []
    known = threading.Event()

    def note(event: evt.Event) -> None:
        called.append(event.assoc.requestor.primitive.called_ae_title)
        known.set()

    server.bind(evt.EVT_REQUESTED, note)
    ae = AE()
    ae.add_requested_context(Verification)

    with warns("ae_title"):
        assoc = ae.associate("127.0.0.1", server.server_address[1], ae_title=BYTES)

    assert assoc.is_established
    assert known.wait(5)
    assert called == ["STORE_SCP"]
    assoc.release()


def test_peers_may_be_known_by_bytes(server: Any) -> None:
    titles: Any = [b"OTHER", b"PYNETDICOM"]
    with warns("require_calling_aet"):
        server.ae.require_calling_aet = titles
    ae = AE()
    ae.add_requested_context(Verification)

    assoc = ae.associate(*server.server_address[:2])

    assert server.ae.require_calling_aet == ["OTHER", "PYNETDICOM"]
    assert assoc.is_established
    assoc.release()


def test_a_destination_may_be_named_by_bytes(server: Any) -> None:
    destinations: list[str] = []

    def handle(event: evt.Event) -> Iterator[Any]:
        destinations.append(event.move_destination)
        yield None, None

    server.bind(evt.EVT_C_MOVE, handle)
    ae = AE()
    ae.add_requested_context(MOVE)
    assoc = ae.associate(*server.server_address[:2])
    identifier = Dataset()
    identifier.PatientID = "1"

    with warns("MoveDestination") as warned:
        responses = assoc.send_c_move(identifier, BYTES, MOVE)
    assert [status.Status for status, _ in responses] == [0xA801]

    assert destinations == ["STORE_SCP"]
    assert warned[0].filename == __file__
    assoc.release()


@pytest.mark.parametrize("title", [b"", b"SEVENTEEN_LETTERS", b"   ", b"BACK\\SLASH", b"\xc4"])
def test_bytes_must_be_a_title_too(title: Any) -> None:
    with warns("ae_title"), pytest.raises(ValueError, match=r"ae_title|codecs"):
        AE(title)
