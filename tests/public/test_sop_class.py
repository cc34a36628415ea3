"""SOP classes by name and by UID, and the service classes they belong to."""

import copy
import pickle
from collections.abc import Callable, Iterator

import pytest
from pydicom.uid import UID

from pynetdicom import service_class as services
from pynetdicom import sop_class, status
from pynetdicom.service_class import (
    BasicWorklistManagementServiceClass,
    HangingProtocolQueryRetrieveServiceClass,
    InventoryQueryRetrieveServiceClass,
    PrintManagementServiceClass,
    QueryRetrieveServiceClass,
    ServiceClass,
    StorageManagementServiceClass,
    StorageServiceClass,
    UnifiedProcedureStepServiceClass,
    VerificationServiceClass,
)
from pynetdicom.sop_class import (
    CTImageStorage,
    PatientRootQueryRetrieveInformationModelMove,
    PrinterInstance,
    SOPClass,
    Verification,
    register_uid,
    uid_to_service_class,
    uid_to_sop_class,
)

PRIVATE = "1.2.826.0.1.3680043.9.3811.9.1"
RETIRED_ULTRASOUND = "1.2.840.10008.5.1.4.1.1.6"


@pytest.fixture
def registry() -> Iterator[None]:
    """The test may register UIDs; they are forgotten afterwards."""
    names = dict(vars(sop_class))
    classes = dict(sop_class._SOP_CLASSES)
    families = {service: dict(family) for service, family in sop_class._FAMILIES.items()}
    yield
    for name in set(vars(sop_class)) - set(names):
        delattr(sop_class, name)
    vars(sop_class).update(names)
    restore(sop_class._SOP_CLASSES, classes)
    for service in set(sop_class._FAMILIES) - set(families):
        del sop_class._FAMILIES[service]
    for service, family in families.items():
        restore(sop_class._FAMILIES[service], family)


def restore(current: dict[str, SOPClass], before: dict[str, SOPClass]) -> None:
    current.clear()
    current.update(before)


# A SOP class


def test_a_sop_class_is_a_uid_that_knows_its_service() -> None:
    assert isinstance(CTImageStorage, UID)
    assert CTImageStorage == "1.2.840.10008.5.1.4.1.1.2"
    assert hash(CTImageStorage) == hash("1.2.840.10008.5.1.4.1.1.2")
    assert CTImageStorage.name == "CT Image Storage"
    assert CTImageStorage.service_class is StorageServiceClass


def test_a_sop_class_made_from_a_known_uid_is_as_good_as_the_known_one() -> None:
    made = SOPClass(str(PatientRootQueryRetrieveInformationModelMove))

    assert made.service_class is QueryRetrieveServiceClass
    assert made.operations == ("C-MOVE",)


def test_a_sop_class_made_from_an_unknown_uid_has_no_service() -> None:
    made = SOPClass(PRIVATE)

    assert made.service_class is ServiceClass
    assert made.operations == ()


def test_a_sop_class_drops_the_blanks_around_its_uid() -> None:
    assert SOPClass(" 1.2.840.10008.1.1 ") == Verification


@pytest.mark.parametrize("uid", [None, 1.2, b"1.2.840.10008.1.1"])
def test_a_sop_class_is_made_from_text_only(uid: str) -> None:
    with pytest.raises(TypeError, match="is a str"):
        SOPClass(uid)


def pickled(sop: SOPClass) -> SOPClass:
    restored = pickle.loads(pickle.dumps(sop))
    assert isinstance(restored, SOPClass)
    return restored


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickled])
def test_a_duplicate_knows_its_service_and_operation(
    duplicate: Callable[[SOPClass], SOPClass],
) -> None:
    again = duplicate(PatientRootQueryRetrieveInformationModelMove)

    assert again == PatientRootQueryRetrieveInformationModelMove
    assert type(again) is SOPClass
    assert again.service_class is QueryRetrieveServiceClass
    assert again.operations == ("C-MOVE",)


def test_a_query_model_is_for_one_operation_and_other_classes_for_all_of_their_service() -> None:
    assert sop_class.RepositoryQuery.operations == ("C-FIND",)
    assert sop_class.CompositeInstanceRetrieveWithoutBulkDataGet.operations == ("C-GET",)
    assert sop_class.InventoryMove.operations == ("C-MOVE",)
    assert sop_class.StorageCommitmentPushModel.operations == ("N-ACTION", "N-EVENT-REPORT")


# Looking up


def test_a_known_uid_gives_the_constant_itself() -> None:
    assert uid_to_sop_class("1.2.840.10008.5.1.4.1.1.2") is CTImageStorage


@pytest.mark.parametrize(
    ("uid", "service_class"),
    [
        ("1.2.840.10008.1.1", VerificationServiceClass),
        (UID("1.2.840.10008.5.1.4.1.1.2"), StorageServiceClass),
        (CTImageStorage, StorageServiceClass),
        ("1.2.840.10008.5.1.4.34.6.1", UnifiedProcedureStepServiceClass),
        ("1.2.840.10008.4.2", StorageServiceClass),
        ("1.2.840.10008.5.1.4.34.6", UnifiedProcedureStepServiceClass),
        ("1.2.840.10008.1.3.10", ServiceClass),
        (RETIRED_ULTRASOUND, StorageServiceClass),
        (PrinterInstance, ServiceClass),
        (PRIVATE, ServiceClass),
        ("", ServiceClass),
        ("no UID", ServiceClass),
    ],
)
def test_a_uid_leads_to_its_service(uid: str, service_class: type[ServiceClass]) -> None:
    assert uid_to_service_class(uid) is service_class
    assert uid_to_sop_class(uid).service_class is service_class


def test_a_known_instance_is_a_plain_uid() -> None:
    assert type(PrinterInstance) is UID
    assert PrinterInstance == "1.2.840.10008.5.1.1.17"


@pytest.mark.parametrize(
    ("public", "standard"),
    [
        (
            "PseudoColorSoftcopyPresentationStageStorage",
            "PseudoColorSoftcopyPresentationStateStorage",
        ),
        (
            "VariableModalityLUTSoftcopyPresentationStageStorage",
            "VariableModalityLUTSoftcopyPresentationStateStorage",
        ),
        (
            "OphthlamicOpticalCoherenceTomographyBscanVolumeAnalysisStorage",
            "OphthalmicOpticalCoherenceTomographyBscanVolumeAnalysisStorage",
        ),
        ("ModalityWorklistInformationFind", "ModalityWorklistInformationModelFind"),
    ],
)
def test_a_misspelt_name_and_the_name_in_the_standard_are_the_same(
    public: str, standard: str
) -> None:
    assert getattr(sop_class, public) is getattr(sop_class, standard)


# Families

FAMILIES = [
    ("_VERIFICATION_CLASSES", 1, "VerificationServiceClass"),
    ("_STORAGE_CLASSES", 170, "StorageServiceClass"),
    ("_QR_CLASSES", 13, "QueryRetrieveServiceClass"),
    ("_BASIC_WORKLIST_CLASSES", 1, "BasicWorklistManagementServiceClass"),
    ("_RELEVANT_PATIENT_QUERY_CLASSES", 3, "RelevantPatientInformationQueryServiceClass"),
    ("_SUBSTANCE_ADMINISTRATION_CLASSES", 2, "SubstanceAdministrationQueryServiceClass"),
    ("_NON_PATIENT_OBJECT_CLASSES", 9, "NonPatientObjectStorageServiceClass"),
    ("_HANGING_PROTOCOL_CLASSES", 3, "HangingProtocolQueryRetrieveServiceClass"),
    ("_COLOR_PALETTE_CLASSES", 3, "ColorPaletteQueryRetrieveServiceClass"),
    ("_IMPLANT_TEMPLATE_CLASSES", 9, "ImplantTemplateQueryRetrieveServiceClass"),
    ("_DEFINED_PROCEDURE_CLASSES", 3, "DefinedProcedureProtocolQueryRetrieveServiceClass"),
    ("_PROTOCOL_APPROVAL_CLASSES", 3, "ProtocolApprovalQueryRetrieveServiceClass"),
    ("_INVENTORY_CLASSES", 3, "InventoryQueryRetrieveServiceClass"),
    ("_DISPLAY_SYSTEM_CLASSES", 1, "DisplaySystemManagementServiceClass"),
    ("_PROCEDURE_STEP_CLASSES", 3, "ProcedureStepServiceClass"),
    ("_PRINT_MANAGEMENT_CLASSES", 12, "PrintManagementServiceClass"),
    ("_STORAGE_COMMITMENT_CLASSES", 1, "StorageCommitmentServiceClass"),
    ("_STORAGE_MANAGEMENT_CLASSES", 1, "StorageManagementServiceClass"),
    ("_APPLICATION_EVENT_CLASSES", 2, "ApplicationEventLoggingServiceClass"),
    ("_INSTANCE_AVAILABILITY_CLASSES", 1, "InstanceAvailabilityNotificationServiceClass"),
    ("_MEDIA_CREATION_CLASSES", 1, "MediaCreationManagementServiceClass"),
    ("_UNIFIED_PROCEDURE_STEP_CLASSES", 5, "UnifiedProcedureStepServiceClass"),
    ("_RT_MACHINE_VERIFICATION_CLASSES", 2, "RTMachineVerificationServiceClass"),
    ("_MEDIA_STORAGE_CLASSES", 1, "ServiceClass"),
]


@pytest.mark.parametrize(("family", "size", "service_class"), FAMILIES)
def test_a_family_has_the_sop_classes_of_one_service_by_keyword(
    family: str, size: int, service_class: str
) -> None:
    members = getattr(sop_class, family)

    assert len(members) == size
    assert {getattr(sop_class, keyword) for keyword in members} == set(members.values())
    assert {m.service_class for m in members.values()} == {getattr(services, service_class)}


def test_the_voi_lut_box_belongs_to_print_management() -> None:
    assert sop_class.VOILUTBox == "1.2.840.10008.5.1.1.22"
    assert sop_class._PRINT_MANAGEMENT_CLASSES["VOILUTBox"] is sop_class.VOILUTBox


def test_the_storage_list_leaves_room_for_eight_other_contexts() -> None:
    uids = sop_class._STORAGE_PRESENTATION_UIDS

    assert len(uids) == len(set(uids)) == 120
    assert list(uids) == sorted(uids)
    assert {uid.service_class for uid in uids} == {StorageServiceClass}


def test_the_storage_list_contains_common_and_retired_classes_but_not_the_rare_ones() -> None:
    uids = sop_class._STORAGE_PRESENTATION_UIDS
    nameless = set(uids) - set(sop_class._STORAGE_CLASSES.values())

    assert CTImageStorage in uids
    assert RETIRED_ULTRASOUND in uids
    assert sop_class.EncapsulatedSTLStorage not in uids
    assert len(nameless) == 14


# Registration


@pytest.mark.usefixtures("registry")
def test_a_registered_uid_is_known_by_its_keyword_and_its_uid() -> None:
    register_uid(PRIVATE, "PrivateImageStorage", StorageServiceClass)

    registered = sop_class.PrivateImageStorage  # type: ignore[attr-defined]  # made at run time
    assert registered == PRIVATE
    assert registered.service_class is StorageServiceClass
    assert uid_to_sop_class(PRIVATE) is registered
    assert uid_to_service_class(PRIVATE) is StorageServiceClass
    assert sop_class._STORAGE_CLASSES["PrivateImageStorage"] is registered


@pytest.mark.usefixtures("registry")
@pytest.mark.parametrize(
    "service_class",
    [
        ServiceClass,
        VerificationServiceClass,
        InventoryQueryRetrieveServiceClass,
        StorageManagementServiceClass,
        BasicWorklistManagementServiceClass,
        PrintManagementServiceClass,
    ],
)
def test_a_uid_can_be_registered_for_any_service(service_class: type[ServiceClass]) -> None:
    register_uid(PRIVATE, "PrivateClass", service_class)

    assert uid_to_service_class(PRIVATE) is service_class
    assert uid_to_sop_class(PRIVATE).operations == service_class.operations


@pytest.mark.usefixtures("registry")
def test_a_uid_can_be_registered_for_a_service_of_the_users_own() -> None:
    class PrivateServiceClass(ServiceClass):
        operations = ("N-GET",)

    register_uid(PRIVATE, "PrivateClass", PrivateServiceClass, "N-GET")

    assert uid_to_service_class(PRIVATE) is PrivateServiceClass
    assert uid_to_sop_class(PRIVATE).operations == ("N-GET",)


@pytest.mark.usefixtures("registry")
@pytest.mark.parametrize("operation", ["C-FIND", "C-GET", "C-MOVE"])
@pytest.mark.parametrize(
    "service_class",
    [
        QueryRetrieveServiceClass,
        HangingProtocolQueryRetrieveServiceClass,
        InventoryQueryRetrieveServiceClass,
    ],
)
def test_a_query_model_is_registered_for_one_operation(
    service_class: type[ServiceClass], operation: str
) -> None:
    register_uid(PRIVATE, "PrivateModel", service_class, operation)

    assert uid_to_sop_class(PRIVATE).service_class is service_class
    assert uid_to_sop_class(PRIVATE).operations == (operation,)


@pytest.mark.usefixtures("registry")
@pytest.mark.parametrize(
    ("service_class", "operation"),
    [
        (QueryRetrieveServiceClass, ""),
        (QueryRetrieveServiceClass, "c-find"),
        (HangingProtocolQueryRetrieveServiceClass, "C-STORE"),
        (BasicWorklistManagementServiceClass, "C-MOVE"),
        (StorageServiceClass, "C-FIND"),
        (ServiceClass, "C-ECHO"),
    ],
)
def test_an_operation_that_the_service_does_not_have_is_refused(
    service_class: type[ServiceClass], operation: str
) -> None:
    with pytest.raises(ValueError, match="is not an operation of"):
        register_uid(PRIVATE, "PrivateModel", service_class, operation)

    assert not hasattr(sop_class, "PrivateModel")


@pytest.mark.parametrize("keyword", ["Private-Storage", "2DStorage", "", "class", "None"])
def test_a_keyword_that_cannot_be_a_name_is_refused(keyword: str) -> None:
    with pytest.raises(ValueError, match="identifier"):
        register_uid(PRIVATE, keyword, StorageServiceClass)


@pytest.mark.parametrize("keyword", ["uid_to_sop_class", "SOPClass", "__name__", "_QR_CLASSES"])
def test_a_keyword_that_hides_a_part_of_the_module_is_refused(keyword: str) -> None:
    before = getattr(sop_class, keyword)

    with pytest.raises(ValueError, match="hide"):
        register_uid(PRIVATE, keyword, StorageServiceClass)

    assert getattr(sop_class, keyword) is before


@pytest.mark.parametrize("service_class", [StorageServiceClass(), int, "StorageServiceClass"])
def test_only_a_service_class_is_one(service_class: type[ServiceClass]) -> None:
    with pytest.raises(TypeError, match="service_class is a class"):
        register_uid(PRIVATE, "PrivateClass", service_class)


@pytest.mark.usefixtures("registry")
def test_a_uid_may_be_registered_again() -> None:
    register_uid(PRIVATE, "PrivateClass", BasicWorklistManagementServiceClass)

    register_uid(PRIVATE, "PrivateClass", PrintManagementServiceClass)

    assert uid_to_service_class(PRIVATE) is PrintManagementServiceClass


@pytest.mark.usefixtures("registry")
def test_storage_keeps_its_uids_when_another_service_wants_them() -> None:
    register_uid(CTImageStorage, "CTWorklist", BasicWorklistManagementServiceClass)

    assert uid_to_sop_class(CTImageStorage) is CTImageStorage
    assert sop_class.CTWorklist is CTImageStorage  # type: ignore[attr-defined]  # made at run time


@pytest.mark.usefixtures("registry")
def test_verification_comes_before_storage() -> None:
    register_uid(CTImageStorage, "CTEcho", VerificationServiceClass)

    assert uid_to_service_class(CTImageStorage) is VerificationServiceClass


# Service classes


@pytest.mark.parametrize(
    ("service_class", "operations"),
    [
        ("ServiceClass", ""),
        ("VerificationServiceClass", "C-ECHO"),
        ("StorageServiceClass", "C-STORE"),
        ("NonPatientObjectStorageServiceClass", "C-STORE"),
        ("QueryRetrieveServiceClass", "C-FIND C-GET C-MOVE"),
        ("HangingProtocolQueryRetrieveServiceClass", "C-FIND C-GET C-MOVE"),
        ("ColorPaletteQueryRetrieveServiceClass", "C-FIND C-GET C-MOVE"),
        ("ImplantTemplateQueryRetrieveServiceClass", "C-FIND C-GET C-MOVE"),
        ("DefinedProcedureProtocolQueryRetrieveServiceClass", "C-FIND C-GET C-MOVE"),
        ("ProtocolApprovalQueryRetrieveServiceClass", "C-FIND C-GET C-MOVE"),
        ("InventoryQueryRetrieveServiceClass", "C-FIND C-GET C-MOVE"),
        ("BasicWorklistManagementServiceClass", "C-FIND"),
        ("RelevantPatientInformationQueryServiceClass", "C-FIND"),
        ("SubstanceAdministrationQueryServiceClass", "C-FIND"),
        ("ProcedureStepServiceClass", "N-CREATE N-EVENT-REPORT N-GET N-SET"),
        (
            "PrintManagementServiceClass",
            "N-ACTION N-CREATE N-DELETE N-EVENT-REPORT N-GET N-SET",
        ),
        ("StorageCommitmentServiceClass", "N-ACTION N-EVENT-REPORT"),
        ("StorageManagementServiceClass", "N-ACTION N-EVENT-REPORT"),
        ("ApplicationEventLoggingServiceClass", "N-ACTION"),
        ("InstanceAvailabilityNotificationServiceClass", "N-CREATE"),
        ("MediaCreationManagementServiceClass", "N-ACTION N-CREATE N-GET"),
        (
            "UnifiedProcedureStepServiceClass",
            "C-FIND N-ACTION N-CREATE N-EVENT-REPORT N-GET N-SET",
        ),
        (
            "RTMachineVerificationServiceClass",
            "N-ACTION N-CREATE N-DELETE N-EVENT-REPORT N-GET N-SET",
        ),
        ("DisplaySystemManagementServiceClass", "N-GET"),
    ],
)
def test_a_service_class_names_its_operations(service_class: str, operations: str) -> None:
    assert sorted(getattr(services, service_class).operations) == operations.split()


@pytest.mark.parametrize(
    ("service_class", "operation", "table"),
    [
        (ServiceClass, "C-ECHO", "GENERAL_STATUS"),
        (StorageServiceClass, "C-STORE", "STORAGE_SERVICE_CLASS_STATUS"),
        (QueryRetrieveServiceClass, "C-FIND", "QR_FIND_SERVICE_CLASS_STATUS"),
        (QueryRetrieveServiceClass, "C-GET", "QR_GET_SERVICE_CLASS_STATUS"),
        (QueryRetrieveServiceClass, "C-MOVE", "QR_MOVE_SERVICE_CLASS_STATUS"),
        (InventoryQueryRetrieveServiceClass, "C-MOVE", "QR_MOVE_SERVICE_CLASS_STATUS"),
        (BasicWorklistManagementServiceClass, "C-FIND", "MODALITY_WORKLIST_SERVICE_CLASS_STATUS"),
    ],
)
def test_the_status_codes_are_those_of_the_operation(
    service_class: type[ServiceClass], operation: str, table: str
) -> None:
    assert service_class.statuses_of(operation) is getattr(status, table)
