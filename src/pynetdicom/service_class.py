"""The service classes of PS3.4 as data: their names, status codes and DIMSE operations.

Nothing here does anything. The conversation that serves a request is found by the kind of the
request; what it looks up here is which operations are defined and which status codes are usual.
Users name these classes in `register_uid()`.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from pynetdicom.status import (
    APPLICATION_EVENT_LOGGING_SERVICE_CLASS_STATUS,
    GENERAL_STATUS,
    MEDIA_CREATION_MANAGEMENT_SERVICE_CLASS_STATUS,
    MODALITY_WORKLIST_SERVICE_CLASS_STATUS,
    NON_PATIENT_SERVICE_CLASS_STATUS,
    PRINT_JOB_MANAGEMENT_SERVICE_CLASS_STATUS,
    PROCEDURE_STEP_STATUS,
    QR_FIND_SERVICE_CLASS_STATUS,
    QR_GET_SERVICE_CLASS_STATUS,
    QR_MOVE_SERVICE_CLASS_STATUS,
    RELEVANT_PATIENT_SERVICE_CLASS_STATUS,
    RT_MACHINE_VERIFICATION_SERVICE_CLASS_STATUS,
    STORAGE_COMMITMENT_SERVICE_CLASS_STATUS,
    STORAGE_MANAGEMENT_SERVICE_CLASS_STATUS,
    STORAGE_SERVICE_CLASS_STATUS,
    SUBSTANCE_ADMINISTRATION_SERVICE_CLASS_STATUS,
    UNIFIED_PROCEDURE_STEP_SERVICE_CLASS_STATUS,
    VERIFICATION_SERVICE_CLASS_STATUS,
    StatusTable,
)


class ServiceClass:
    """A service class (PS3.4 Annexes A to KK); itself stands for those that are not known.

    Attributes:
        name: What PS3.4 calls it.
        statuses: The status codes that it defines, the general ones included.
        operations: The requests that its SOP classes may receive. C-CANCEL is not listed: it
            goes with C-FIND, C-GET and C-MOVE.
        statuses_by_operation: The operations whose status codes differ from `statuses`.
    """

    name: ClassVar[str] = "Unknown"
    statuses: ClassVar[StatusTable] = GENERAL_STATUS
    operations: ClassVar[tuple[str, ...]] = ()
    statuses_by_operation: ClassVar[Mapping[str, StatusTable]] = MappingProxyType({})

    @classmethod
    def statuses_of(cls, operation: str) -> StatusTable:
        """Return the status codes of one operation, such as `"C-MOVE"`."""
        return cls.statuses_by_operation.get(operation, cls.statuses)


class VerificationServiceClass(ServiceClass):
    """Is anybody there? (PS3.4 Annex A)."""

    name = "Verification"
    statuses = VERIFICATION_SERVICE_CLASS_STATUS
    operations: ClassVar[tuple[str, ...]] = ("C-ECHO",)


class StorageServiceClass(ServiceClass):
    """Keep a composite instance (PS3.4 Annex B)."""

    name = "Storage"
    statuses = STORAGE_SERVICE_CLASS_STATUS
    operations: ClassVar[tuple[str, ...]] = ("C-STORE",)


class NonPatientObjectStorageServiceClass(StorageServiceClass):
    """Keep an instance that belongs to no patient (PS3.4 Annex GG)."""

    name = "Non-Patient Object Storage"
    statuses = NON_PATIENT_SERVICE_CLASS_STATUS


class QueryRetrieveServiceClass(ServiceClass):
    """Find composite instances and have them sent (PS3.4 Annexes C, Y and Z)."""

    name = "Query/Retrieve"
    statuses = QR_FIND_SERVICE_CLASS_STATUS
    operations: ClassVar[tuple[str, ...]] = ("C-FIND", "C-GET", "C-MOVE")
    statuses_by_operation: ClassVar[Mapping[str, StatusTable]] = MappingProxyType(
        {"C-GET": QR_GET_SERVICE_CLASS_STATUS, "C-MOVE": QR_MOVE_SERVICE_CLASS_STATUS}
    )


class HangingProtocolQueryRetrieveServiceClass(QueryRetrieveServiceClass):
    """Find hanging protocols and have them sent (PS3.4 Annex U)."""

    name = "Hanging Protocol Query/Retrieve"


class ColorPaletteQueryRetrieveServiceClass(QueryRetrieveServiceClass):
    """Find color palettes and have them sent (PS3.4 Annex X)."""

    name = "Color Palette Query/Retrieve"


class ImplantTemplateQueryRetrieveServiceClass(QueryRetrieveServiceClass):
    """Find implant templates and have them sent (PS3.4 Annex BB)."""

    name = "Implant Template Query/Retrieve"


class DefinedProcedureProtocolQueryRetrieveServiceClass(QueryRetrieveServiceClass):
    """Find procedure protocols and have them sent (PS3.4 Annex HH)."""

    name = "Defined Procedure Protocol Query/Retrieve"


class ProtocolApprovalQueryRetrieveServiceClass(QueryRetrieveServiceClass):
    """Find protocol approvals and have them sent (PS3.4 Annex II)."""

    name = "Protocol Approval Query/Retrieve"


class InventoryQueryRetrieveServiceClass(QueryRetrieveServiceClass):
    """Find inventories of a repository and have them sent (PS3.4 Annex JJ)."""

    name = "Inventory Query/Retrieve"


class BasicWorklistManagementServiceClass(QueryRetrieveServiceClass):
    """Ask what is scheduled for a modality (PS3.4 Annex K)."""

    name = "Basic Worklist Management"
    statuses = MODALITY_WORKLIST_SERVICE_CLASS_STATUS
    operations: ClassVar[tuple[str, ...]] = ("C-FIND",)


class SubstanceAdministrationQueryServiceClass(QueryRetrieveServiceClass):
    """Ask whether a substance may be given, and what it is (PS3.4 Annex V)."""

    name = "Substance Administration Query"
    statuses = SUBSTANCE_ADMINISTRATION_SERVICE_CLASS_STATUS
    operations: ClassVar[tuple[str, ...]] = ("C-FIND",)


class RelevantPatientInformationQueryServiceClass(ServiceClass):
    """Ask what is known of one patient (PS3.4 Annex Q)."""

    name = "Relevant Patient Information Query"
    statuses = RELEVANT_PATIENT_SERVICE_CLASS_STATUS
    operations: ClassVar[tuple[str, ...]] = ("C-FIND",)


class ProcedureStepServiceClass(ServiceClass):
    """Report what a modality does (PS3.4 Annex F)."""

    name = "Modality Performed Procedure Step"
    statuses = PROCEDURE_STEP_STATUS
    operations: ClassVar[tuple[str, ...]] = ("N-CREATE", "N-SET", "N-GET", "N-EVENT-REPORT")


class PrintManagementServiceClass(ServiceClass):
    """Print on film (PS3.4 Annex H)."""

    name = "Print Management"
    statuses = PRINT_JOB_MANAGEMENT_SERVICE_CLASS_STATUS
    operations: ClassVar[tuple[str, ...]] = (
        "N-CREATE",
        "N-SET",
        "N-DELETE",
        "N-ACTION",
        "N-GET",
        "N-EVENT-REPORT",
    )


class StorageCommitmentServiceClass(ServiceClass):
    """Take over the responsibility for instances (PS3.4 Annex J)."""

    name = "Storage Commitment"
    statuses = STORAGE_COMMITMENT_SERVICE_CLASS_STATUS
    operations: ClassVar[tuple[str, ...]] = ("N-ACTION", "N-EVENT-REPORT")


class StorageManagementServiceClass(ServiceClass):
    """Have a repository make its inventory (PS3.4 Annex KK)."""

    name = "Storage Management"
    statuses = STORAGE_MANAGEMENT_SERVICE_CLASS_STATUS
    operations: ClassVar[tuple[str, ...]] = ("N-ACTION", "N-EVENT-REPORT")


class ApplicationEventLoggingServiceClass(ServiceClass):
    """Note an event in a log (PS3.4 Annex P)."""

    name = "Application Event Logging"
    statuses = APPLICATION_EVENT_LOGGING_SERVICE_CLASS_STATUS
    operations: ClassVar[tuple[str, ...]] = ("N-ACTION",)


class InstanceAvailabilityNotificationServiceClass(ServiceClass):
    """Tell that instances can be retrieved (PS3.4 Annex R)."""

    name = "Instance Availability Notification"
    operations: ClassVar[tuple[str, ...]] = ("N-CREATE",)


class MediaCreationManagementServiceClass(ServiceClass):
    """Have instances written to a disc (PS3.4 Annex S)."""

    name = "Media Creation Management"
    statuses = MEDIA_CREATION_MANAGEMENT_SERVICE_CLASS_STATUS
    operations: ClassVar[tuple[str, ...]] = ("N-CREATE", "N-GET", "N-ACTION")


class UnifiedProcedureStepServiceClass(ServiceClass):
    """Make, follow and do units of work (PS3.4 Annex CC)."""

    name = "Unified Worklist and Procedure Step"
    statuses = UNIFIED_PROCEDURE_STEP_SERVICE_CLASS_STATUS
    operations: ClassVar[tuple[str, ...]] = (
        "C-FIND",
        "N-CREATE",
        "N-SET",
        "N-GET",
        "N-ACTION",
        "N-EVENT-REPORT",
    )


class RTMachineVerificationServiceClass(ServiceClass):
    """Check that a treatment machine is set up as planned (PS3.4 Annex DD)."""

    name = "RT Machine Verification"
    statuses = RT_MACHINE_VERIFICATION_SERVICE_CLASS_STATUS
    operations: ClassVar[tuple[str, ...]] = (
        "N-CREATE",
        "N-SET",
        "N-GET",
        "N-ACTION",
        "N-DELETE",
        "N-EVENT-REPORT",
    )


class DisplaySystemManagementServiceClass(ServiceClass):
    """Ask for the state of a display (PS3.4 Annex EE)."""

    name = "Display System Management"
    operations: ClassVar[tuple[str, ...]] = ("N-GET",)
