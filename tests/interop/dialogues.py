"""One conversation for each service class that a peer and we have (PS3.4).

Between them they use every operation, with and without data sets both ways, instances named by
either side, statuses of every kind with their remarks, and contexts that are not of the SOP class.
"""

from __future__ import annotations

from pydicom.dataset import Dataset
from pydicom.uid import UID

from interop.conversations import (
    Answer,
    Conversation,
    act,
    change,
    create,
    data,
    delete,
    find,
    look_at,
    report,
)
from pynetdicom import sop_class as sop

PENDING = 0xFF00
PENDING_WITHOUT_SOME_KEYS = 0xFF01
PROCESSING_FAILURE = 0x0110
ATTRIBUTE_LIST_ERROR = 0x0107
ATTRIBUTE_OUT_OF_RANGE = 0x0116
NO_SUCH_INSTANCE = 0x0112
PARTIAL_INVENTORY = 0xB001
IDENTIFIER_DOES_NOT_FIT = 0xA900

ROOT = "1.2.826.0.1.3680043.8.498.2"
STEP, STEP_2, SESSION, BOX, IMAGE, DISC, PLAN, NOTICE, LUT = (
    UID(f"{ROOT}.{number}") for number in range(1, 10)
)

PATIENT_NAME, PATIENT_ID = 0x0010_0010, 0x0010_0020
PRINTER_STATUS, PRINTER_NAME = 0x2110_0010, 0x2110_0030
STEP_STATE, STEP_STATUS, STEP_LABEL = 0x0074_1000, 0x0040_0252, 0x0074_1204


def _reference(class_uid: str, instance: str) -> Dataset:
    return data(ReferencedSOPClassUID=class_uid, ReferencedSOPInstanceUID=instance)


PERFORMED_STEP = Conversation(
    "modality performed procedure step",
    [sop.ModalityPerformedProcedureStep, sop.ModalityPerformedProcedureStepRetrieve],
    [
        create(
            sop.ModalityPerformedProcedureStep,
            STEP,
            data(
                SpecificCharacterSet="ISO_IR 192",
                PatientName="Händel^Georg Friedrich",
                PatientID="GFH-1",
                PerformedProcedureStepStatus="IN PROGRESS",
                PerformedSeriesSequence=[],
                ScheduledStepAttributesSequence=[data(StudyInstanceUID=f"{ROOT}.99")],
            ),
        ),
        change(
            sop.ModalityPerformedProcedureStep,
            STEP,
            data(PerformedProcedureStepStatus="COMPLETED"),
            Answer(0x0000, data(PerformedProcedureStepStatus="COMPLETED")),
        ),
        look_at(
            sop.ModalityPerformedProcedureStepRetrieve,
            STEP,
            (PATIENT_NAME, STEP_STATUS),
            Answer(0x0000, data(PatientName="HANDEL", PerformedProcedureStepStatus="COMPLETED")),
        ),
        look_at(
            sop.ModalityPerformedProcedureStepRetrieve,
            STEP_2,
            (PATIENT_NAME,),
            Answer(0x0001, data(PatientName="HANDEL")),
        ),
        change(
            sop.ModalityPerformedProcedureStep,
            STEP_2,
            data(PerformedProcedureStepStatus="DISCONTINUED"),
            Answer(
                PROCESSING_FAILURE,
                None,
                data(ErrorID=0xA710, ErrorComment="It may no longer be updated"),
            ),
        ),
    ],
)

STEPS_PUSHED = Conversation(
    "unified procedure step, push",
    [sop.UnifiedProcedureStepPush],
    [
        create(
            sop.UnifiedProcedureStepPush,
            STEP,
            data(ProcedureStepState="SCHEDULED", ProcedureStepLabel="Dose"),
            Answer(0xB300, data(ProcedureStepLabel="DOSE")),
        ),
        look_at(
            sop.UnifiedProcedureStepPush,
            STEP,
            (STEP_STATE,),
            Answer(0x0000, data(ProcedureStepState="SCHEDULED")),
        ),
        act(
            sop.UnifiedProcedureStepPush,
            STEP,
            2,
            data(ReasonForCancellation="Too late"),
            Answer(0xC311, None, data(ErrorComment="It is being performed")),
        ),
    ],
)

# The messages name the Push class, whichever context they go by (PS3.4 CC.3.1).
STEPS_PULLED = Conversation(
    "unified procedure step, pull",
    [sop.UnifiedProcedureStepPull],
    [
        find(
            sop.UnifiedProcedureStepPull,
            data(ProcedureStepState="SCHEDULED", SOPInstanceUID="", ProcedureStepLabel=""),
            Answer(PENDING, data(ProcedureStepState="SCHEDULED", ProcedureStepLabel="One")),
            Answer(PENDING, data(ProcedureStepState="SCHEDULED", ProcedureStepLabel="Two")),
        ),
        act(
            sop.UnifiedProcedureStepPush,
            STEP_2,
            1,
            data(TransactionUID=f"{ROOT}.77", ProcedureStepState="IN PROGRESS"),
        ),
        change(
            sop.UnifiedProcedureStepPush,
            STEP_2,
            data(TransactionUID=f"{ROOT}.77", ProcedureStepLabel="Three"),
            Answer(0xB305, data(ProcedureStepLabel="THREE")),
        ),
        look_at(
            sop.UnifiedProcedureStepPush,
            STEP_2,
            (STEP_LABEL, STEP_STATE),
            Answer(0x0000, data(ProcedureStepLabel="THREE")),
        ),
    ],
)

STEPS_WATCHED = Conversation(
    "unified procedure step, watch and query",
    [sop.UnifiedProcedureStepWatch, sop.UnifiedProcedureStepQuery],
    [
        act(
            sop.UnifiedProcedureStepPush,
            sop.UPSGlobalSubscriptionInstance,
            3,
            data(ReceivingAE="WATCHER", DeletionLock="FALSE"),
            Answer(0xB301),
        ),
        act(
            sop.UnifiedProcedureStepPush,
            sop.UPSGlobalSubscriptionInstance,
            5,
            data(ReceivingAE="WATCHER"),
        ),
        find(
            sop.UnifiedProcedureStepWatch,
            data(ProcedureStepState=""),
            Answer(PENDING_WITHOUT_SOME_KEYS, data(ProcedureStepState="CANCELED")),
        ),
        find(sop.UnifiedProcedureStepQuery, data(ProcedureStepState="COMPLETED")),
    ],
)

# The context is that of the meta class, the messages name its members (PS3.4 H.3.2).
_PRINT = sop.BasicGrayscalePrintManagementMeta

PRINT = Conversation(
    "print management",
    [_PRINT, sop.PresentationLUT, sop.PrinterConfigurationRetrieval],
    [
        look_at(
            sop.Printer,
            sop.PrinterInstance,
            (PRINTER_STATUS, PRINTER_NAME),
            Answer(0x0000, data(PrinterStatus="NORMAL", PrinterName="Darkroom")),
            _PRINT,
        ),
        look_at(
            sop.PrinterConfigurationRetrieval,
            sop.PrinterConfigurationRetrievalInstance,
            (),
            Answer(0x0000, data(PrinterConfigurationSequence=[data(MaximumMemoryAllocation=1)])),
        ),
        create(
            sop.BasicFilmSession,
            None,
            data(NumberOfCopies=1, FilmDestination="MAGAZINE"),
            Answer(0x0000, data(AffectedSOPInstanceUID=SESSION, NumberOfCopies=1)),
            _PRINT,
        ),
        create(
            sop.BasicFilmBox,
            BOX,
            data(
                ImageDisplayFormat="STANDARD\\1,1",
                ReferencedFilmSessionSequence=[_reference(sop.BasicFilmSession, SESSION)],
            ),
            Answer(
                0xB605,
                data(ReferencedImageBoxSequence=[_reference(sop.BasicGrayscaleImageBox, IMAGE)]),
            ),
            _PRINT,
        ),
        change(
            sop.BasicGrayscaleImageBox,
            IMAGE,
            data(
                ImageBoxPosition=1,
                BasicGrayscaleImageSequence=[
                    data(Rows=200, Columns=200, PixelAspectRatio=[1, 1], BitsAllocated=8)
                ],
            ),
            Answer(0xB60A),
            _PRINT,
        ),
        create(sop.PresentationLUT, LUT, data(PresentationLUTShape="IDENTITY")),
        act(sop.BasicFilmBox, BOX, 1, None, meta=_PRINT),
        act(sop.BasicFilmSession, SESSION, 1, None, Answer(0xC600), _PRINT),
        delete(sop.BasicFilmBox, BOX, meta=_PRINT),
        delete(sop.BasicFilmSession, SESSION, Answer(NO_SUCH_INSTANCE), _PRINT),
    ],
)

COMMITMENT_TRANSACTION = f"{ROOT}.55"
COMMITMENT_REQUEST = data(
    TransactionUID=COMMITMENT_TRANSACTION,
    ReferencedSOPSequence=[
        _reference(sop.CTImageStorage, f"{ROOT}.56"),
        _reference(sop.MRImageStorage, f"{ROOT}.57"),
    ],
)
COMMITMENT_RESULT = data(
    TransactionUID=COMMITMENT_TRANSACTION,
    ReferencedSOPSequence=[_reference(sop.CTImageStorage, f"{ROOT}.56")],
    FailedSOPSequence=[
        data(
            ReferencedSOPClassUID=sop.MRImageStorage,
            ReferencedSOPInstanceUID=f"{ROOT}.57",
            FailureReason=NO_SUCH_INSTANCE,
        )
    ],
)

COMMITMENT = Conversation(
    "storage commitment",
    [sop.StorageCommitmentPushModel],
    [
        act(
            sop.StorageCommitmentPushModel,
            sop.StorageCommitmentPushModelInstance,
            1,
            COMMITMENT_REQUEST,
        ),
    ],
)

INVENTORY = Conversation(
    "storage management",
    [sop.InventoryCreation],
    [
        act(
            sop.InventoryCreation,
            sop.StorageManagementInstance,
            1,
            data(TransactionUID=f"{ROOT}.58", ScopeOfInventorySequence=[]),
            Answer(0xB010, data(TransactionUID=f"{ROOT}.58", TransactionStatus="PROCESSING")),
        ),
        act(
            sop.InventoryCreation,
            sop.StorageManagementInstance,
            3,
            data(TransactionUID=f"{ROOT}.59"),
            Answer(NO_SUCH_INSTANCE),
        ),
    ],
)

LOGGING = Conversation(
    "application event logging",
    [sop.ProceduralEventLogging, sop.SubstanceAdministrationLogging],
    [
        act(
            sop.ProceduralEventLogging,
            sop.ProceduralEventLoggingInstance,
            1,
            data(PatientID="GFH-1", ProcedureStepLabel="Catheter in place"),
            Answer(0xB101),
        ),
        act(
            sop.SubstanceAdministrationLogging,
            sop.SubstanceAdministrationLoggingInstance,
            1,
            data(PatientID="GFH-1", AdministrationRouteCodeSequence=[]),
            Answer(0xC104, None, data(ErrorComment="Who is that?")),
        ),
    ],
)

AVAILABILITY = Conversation(
    "instance availability notification",
    [sop.InstanceAvailabilityNotification],
    [
        create(
            sop.InstanceAvailabilityNotification,
            NOTICE,
            data(
                StudyInstanceUID=f"{ROOT}.60",
                ReferencedSeriesSequence=[
                    data(SeriesInstanceUID=f"{ROOT}.61", ReferencedSOPSequence=[])
                ],
            ),
        ),
    ],
)

MEDIA = Conversation(
    "media creation",
    [sop.MediaCreationManagement],
    [
        create(
            sop.MediaCreationManagement,
            None,
            data(StorageMediaFileSetID="DISC", ReferencedSOPSequence=[]),
            Answer(0x0000, data(AffectedSOPInstanceUID=DISC, StorageMediaFileSetID="DISC 1")),
        ),
        act(sop.MediaCreationManagement, DISC, 1, data(NumberOfCopies=2, RequestPriority="LOW")),
        look_at(
            sop.MediaCreationManagement,
            DISC,
            (0x2100_0020,),
            Answer(0x0001, data(ExecutionStatus="PENDING")),
        ),
        act(sop.MediaCreationManagement, DISC, 2, None, Answer(0xC201)),
    ],
)

VERIFICATION = Conversation(
    "RT machine verification",
    [sop.RTConventionalMachineVerification, sop.RTIonMachineVerification],
    [
        create(sop.RTConventionalMachineVerification, PLAN, data(BeamName="AP")),
        change(
            sop.RTConventionalMachineVerification,
            PLAN,
            data(BeamName="LAT"),
            Answer(ATTRIBUTE_LIST_ERROR, data(BeamName="AP")),
        ),
        look_at(
            sop.RTConventionalMachineVerification,
            PLAN,
            (0x0074_1036,),
            Answer(0x0000, data(TreatmentVerificationStatus="NOT_VERIFIED")),
        ),
        delete(sop.RTConventionalMachineVerification, PLAN),
        act(
            sop.RTIonMachineVerification,
            PLAN,
            1,
            data(BeamName="AP"),
            Answer(0xC113, None, data(ErrorID=7, ErrorComment="No such beam")),
        ),
    ],
)

DISPLAY = Conversation(
    "display system management",
    [sop.DisplaySystem],
    [
        look_at(
            sop.DisplaySystem,
            sop.DisplaySystemInstance,
            (0x0028_7001, 0x0008_0070),
            Answer(ATTRIBUTE_OUT_OF_RANGE, data(Manufacturer="Camera obscura")),
        ),
    ],
)

PATIENT_INFORMATION = Conversation(
    "relevant patient information",
    [
        sop.GeneralRelevantPatientInformationQuery,
        sop.BreastImagingRelevantPatientInformationQuery,
        sop.CardiacRelevantPatientInformationQuery,
    ],
    [
        find(
            sop.GeneralRelevantPatientInformationQuery,
            data(PatientID="GFH-1", PatientName="", ContentSequence=[]),
            Answer(
                PENDING,
                data(
                    PatientID="GFH-1",
                    PatientName="HANDEL",
                    ContentSequence=[data(RelationshipType="CONTAINS", ValueType="TEXT")],
                ),
            ),
        ),
        find(sop.BreastImagingRelevantPatientInformationQuery, data(PatientID="NOBODY")),
        find(
            sop.CardiacRelevantPatientInformationQuery,
            data(PatientID="GFH*"),
            Answer(
                IDENTIFIER_DOES_NOT_FIT,
                None,
                data(OffendingElement=PATIENT_ID, ErrorComment="One patient, please"),
            ),
        ),
    ],
)

SUBSTANCES = Conversation(
    "substance administration",
    [sop.ProductCharacteristicsQuery, sop.SubstanceApprovalQuery],
    [
        find(
            sop.ProductCharacteristicsQuery,
            data(ProductPackageIdentifier="4711", ProductName=""),
            Answer(PENDING, data(ProductPackageIdentifier="4711", ProductName="Water")),
        ),
        find(
            sop.SubstanceApprovalQuery,
            data(PatientID="GFH-1", SubstanceAdministrationApproval=""),
            Answer(PENDING, data(PatientID="GFH-1", SubstanceAdministrationApproval="APPROVED")),
        ),
    ],
)

REPOSITORY = Conversation(
    "repository and palette queries",
    [sop.RepositoryQuery, sop.ColorPaletteInformationModelFind],
    [
        find(
            sop.RepositoryQuery,
            data(QueryRetrieveLevel="STUDY", StudyInstanceUID="", PatientID=""),
            Answer(PENDING, data(StudyInstanceUID=f"{ROOT}.71", PatientID="A")),
            Answer(PARTIAL_INVENTORY),
        ),
        find(
            sop.ColorPaletteInformationModelFind,
            data(SOPInstanceUID="", ContentLabel=""),
            Answer(PENDING, data(SOPInstanceUID=f"{ROOT}.72", ContentLabel="RAINBOW")),
        ),
    ],
)

WORKLIST = Conversation(
    "modality worklist",
    [sop.ModalityWorklistInformationFind],
    [
        find(
            sop.ModalityWorklistInformationFind,
            data(PatientName="H*", ScheduledProcedureStepSequence=[data(Modality="MR")]),
            Answer(
                PENDING,
                data(PatientName="HANDEL", ScheduledProcedureStepSequence=[data(Modality="MR")]),
            ),
            Answer(
                PENDING,
                data(PatientName="HASSE", ScheduledProcedureStepSequence=[data(Modality="MR")]),
            ),
        ),
    ],
)

CONVERSATIONS = (
    WORKLIST,
    PERFORMED_STEP,
    STEPS_PUSHED,
    STEPS_PULLED,
    STEPS_WATCHED,
    PRINT,
    COMMITMENT,
    INVENTORY,
    LOGGING,
    AVAILABILITY,
    MEDIA,
    VERIFICATION,
    DISPLAY,
    PATIENT_INFORMATION,
    SUBSTANCES,
    REPOSITORY,
)

# What SCPs tell SCUs; so whoever opens an association to say it needs the SCP role (PS3.7 D.3.3.4).
EVENTS = Conversation(
    "events",
    [
        sop.ModalityPerformedProcedureStepNotification,
        sop.UnifiedProcedureStepEvent,
        sop.Printer,
        sop.StorageCommitmentPushModel,
        sop.InventoryCreation,
        sop.RTConventionalMachineVerification,
    ],
    [
        report(sop.ModalityPerformedProcedureStepNotification, STEP, 1, None),
        report(
            sop.UnifiedProcedureStepPush,
            STEP,
            1,
            data(ProcedureStepState="CANCELED", ReasonForCancellation="Too late"),
        ),
        report(
            sop.Printer,
            sop.PrinterInstance,
            2,
            data(PrinterStatusInfo="SUPPLY LOW"),
            Answer(0x0000, data(PrinterName="Darkroom")),
        ),
        report(
            sop.StorageCommitmentPushModel,
            sop.StorageCommitmentPushModelInstance,
            2,
            COMMITMENT_RESULT,
            Answer(PROCESSING_FAILURE, None, data(ErrorComment="Never asked for")),
        ),
        report(
            sop.InventoryCreation,
            sop.StorageManagementInstance,
            1,
            data(TransactionUID=f"{ROOT}.58", TransactionStatus="COMPLETE"),
        ),
        report(sop.RTConventionalMachineVerification, PLAN, 1, data(BeamName="AP")),
    ],
)
