"""The names that SOP classes and instances had up to pynetdicom 1.5, and what they are called now.

`sop_class` finds them when they are asked for, with a warning. They are neither attributes of it
nor listed by `dir()`, so that nobody who does not know them learns them.
"""

from typing import Final

# Where the old name is the new one with this behind it, instead of "Instance".
_SUFFIX = "SOPClass"
_INSTANCE_SUFFIX = "SOPInstance"

_WITH_SUFFIX = """
BasicAnnotationBox BasicColorImageBox BasicColorPrintManagementMeta BasicFilmBox BasicFilmSession
BasicGrayscaleImageBox BasicGrayscalePrintManagementMeta DisplaySystem
InstanceAvailabilityNotification MediaCreationManagement ModalityPerformedProcedureStep
ModalityPerformedProcedureStepNotification ModalityPerformedProcedureStepRetrieve PresentationLUT
PrintJob Printer PrinterConfigurationRetrieval ProceduralEventLogging StorageCommitmentPushModel
SubstanceAdministrationLogging UnifiedProcedureStepEvent UnifiedProcedureStepPull
UnifiedProcedureStepPush UnifiedProcedureStepQuery UnifiedProcedureStepWatch Verification
""".split()

_INSTANCES = """
DisplaySystem PrinterConfigurationRetrieval Printer ProceduralEventLogging
StorageCommitmentPushModel SubstanceAdministrationLogging UPSFilteredGlobalSubscription
UPSGlobalSubscription
""".split()

# Where the order was another: "ImagePresentationStorage" is "ImageStorageForPresentation" now.
_FOR = """
BreastProjectionXRayImage DigitalIntraOralXRayImage DigitalMammographyXRayImage DigitalXRayImage
IntravascularOpticalCoherenceTomographyImage
""".split()

_SPELT_OTHERWISE = {
    "KeyObjectSelectionStorage": "KeyObjectSelectionDocumentStorage",
    "MacularGridThicknessAndVolumeReport": "MacularGridThicknessAndVolumeReportStorage",
    "MultiframeGrayscaleByteSecondaryCaptureImageStorage": (
        "MultiFrameGrayscaleByteSecondaryCaptureImageStorage"
    ),
    "MultiframeGrayscaleWordSecondaryCaptureImageStorage": (
        "MultiFrameGrayscaleWordSecondaryCaptureImageStorage"
    ),
    "MultiframeSingleBitSecondaryCaptureImageStorage": (
        "MultiFrameSingleBitSecondaryCaptureImageStorage"
    ),
    "MultiframeTrueColorSecondaryCaptureImageStorage": (
        "MultiFrameTrueColorSecondaryCaptureImageStorage"
    ),
    "OphthlamicOpticalCoherenceTomographyBScanVolumeAnalysisStorage": (
        "OphthlamicOpticalCoherenceTomographyBscanVolumeAnalysisStorage"
    ),
    "PerformedImagingAgestAdministrationSRStorage": "PerformedImagingAgentAdministrationSRStorage",
    "ProcedureSRStorage": "ProcedureLogStorage",
    "ProductCharacteristicsQueryInformationModelFind": "ProductCharacteristicsQuery",
    "PseudocolorSoftcopyPresentationStageStorage": "PseudoColorSoftcopyPresentationStageStorage",
    "SubstanceApprovalQueryInformationModelFind": "SubstanceApprovalQuery",
    "UltrasoundMultiframeImageStorage": "UltrasoundMultiFrameImageStorage",
    # Of 1.0 to 1.4.
    "BasicColourImageBoxSOPClass": "BasicColorImageBox",
    "ImplantationPlanSRDocumentStorage": "ImplantationPlanSRStorage",
    "UnitedProcedureStepEvent": "UnifiedProcedureStepEvent",
    "UnitedProcedureStepPull": "UnifiedProcedureStepPull",
    "UnitedProcedureStepPush": "UnifiedProcedureStepPush",
    "UnitedProcedureStepWatch": "UnifiedProcedureStepWatch",
}

OLD_NAMES: Final[dict[str, str]] = {
    **{name + _SUFFIX: name for name in _WITH_SUFFIX},
    **{name + _INSTANCE_SUFFIX: f"{name}Instance" for name in _INSTANCES},
    **{
        f"{name}{purpose}Storage": f"{name}StorageFor{purpose}"
        for name in _FOR
        for purpose in ("Presentation", "Processing")
    },
    **_SPELT_OTHERWISE,
}
