"""The SOP classes by keyword, and which service class each belongs to (PS3.4, PS3.6 Annex A).

Every name is a static line, generated from `tools/tables/sop_classes.csv`, so that editors and
type checkers see it. `register_uid()` is the only one that adds names at run time.
There is no `__all__`: `from pynetdicom.sop_class import *` gives the registered names too.
"""

from keyword import iskeyword
from typing import TYPE_CHECKING, Self

from pydicom.uid import UID

from pynetdicom._old_names import OLD_NAMES
from pynetdicom.service_class import (
    ApplicationEventLoggingServiceClass,
    BasicWorklistManagementServiceClass,
    ColorPaletteQueryRetrieveServiceClass,
    DefinedProcedureProtocolQueryRetrieveServiceClass,
    DisplaySystemManagementServiceClass,
    HangingProtocolQueryRetrieveServiceClass,
    ImplantTemplateQueryRetrieveServiceClass,
    InstanceAvailabilityNotificationServiceClass,
    InventoryQueryRetrieveServiceClass,
    MediaCreationManagementServiceClass,
    NonPatientObjectStorageServiceClass,
    PrintManagementServiceClass,
    ProcedureStepServiceClass,
    ProtocolApprovalQueryRetrieveServiceClass,
    QueryRetrieveServiceClass,
    RelevantPatientInformationQueryServiceClass,
    RTMachineVerificationServiceClass,
    ServiceClass,
    StorageCommitmentServiceClass,
    StorageManagementServiceClass,
    StorageServiceClass,
    SubstanceAdministrationQueryServiceClass,
    UnifiedProcedureStepServiceClass,
    VerificationServiceClass,
)
from pynetdicom.utils import deprecated

# UIDs of service classes: a common extended negotiation item carries one (PS3.7 D.3.3.6).
_SERVICE_CLASSES: dict[str, type[ServiceClass]] = {
    "1.2.840.10008.4.2": StorageServiceClass,
    "1.2.840.10008.5.1.4.34.6": UnifiedProcedureStepServiceClass,
}


class SOPClass(UID):
    """The UID of a SOP class, which knows its service class (PS3.4 6).

    The value is taken as it is: no look at the components, unlike `UID`.

    Args:
        uid: The UID.
        service_class: The service class; `None` looks for what is known of `uid`.
        operation: The only operation of this SOP class, such as `"C-MOVE"`; "" for all those
            of the service class. A query/retrieve information model has a SOP class for each.
    """

    _service_class: type[ServiceClass]
    _operation: str

    def __new__(
        cls, uid: str, service_class: type[ServiceClass] | None = None, operation: str = ""
    ) -> Self:
        """Make the UID. The class describes the arguments."""
        # Past `UID.__new__()`, whose validation would be most of this module's import time.
        if not isinstance(uid, str):
            raise TypeError(f"a SOP class UID is a str, not {type(uid).__name__}")

        self = str.__new__(cls, uid.strip())
        if service_class is None:
            known = _SOP_CLASSES.get(self)
            service_class = known.service_class if known else uid_to_service_class(self)
            operation = known._operation if known else ""
        self._service_class = service_class
        self._operation = operation
        return self

    @property
    def service_class(self) -> type[ServiceClass]:
        """The service class; plain `ServiceClass` if it is not known."""
        return self._service_class

    @property
    def operations(self) -> tuple[str, ...]:
        """The DIMSE operations that may be asked for, such as `("C-FIND",)`."""
        return (self._operation,) if self._operation else self._service_class.operations


# generated: begin sop_classes DICOM 2025b

# VerificationServiceClass (PS3.4 A)
Verification: SOPClass = SOPClass("1.2.840.10008.1.1", VerificationServiceClass)

# QueryRetrieveServiceClass (PS3.4 C)
RepositoryQuery: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.201.6", QueryRetrieveServiceClass, "C-FIND"
)
PatientRootQueryRetrieveInformationModelFind: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.2.1.1", QueryRetrieveServiceClass, "C-FIND"
)
PatientRootQueryRetrieveInformationModelMove: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.2.1.2", QueryRetrieveServiceClass, "C-MOVE"
)
PatientRootQueryRetrieveInformationModelGet: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.2.1.3", QueryRetrieveServiceClass, "C-GET"
)
StudyRootQueryRetrieveInformationModelFind: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.2.2.1", QueryRetrieveServiceClass, "C-FIND"
)
StudyRootQueryRetrieveInformationModelMove: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.2.2.2", QueryRetrieveServiceClass, "C-MOVE"
)
StudyRootQueryRetrieveInformationModelGet: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.2.2.3", QueryRetrieveServiceClass, "C-GET"
)
PatientStudyOnlyQueryRetrieveInformationModelFind: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.2.3.1", QueryRetrieveServiceClass, "C-FIND"
)
PatientStudyOnlyQueryRetrieveInformationModelMove: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.2.3.2", QueryRetrieveServiceClass, "C-MOVE"
)
PatientStudyOnlyQueryRetrieveInformationModelGet: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.2.3.3", QueryRetrieveServiceClass, "C-GET"
)

# QueryRetrieveServiceClass (PS3.4 Y)
CompositeInstanceRootRetrieveMove: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.2.4.2", QueryRetrieveServiceClass, "C-MOVE"
)
CompositeInstanceRootRetrieveGet: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.2.4.3", QueryRetrieveServiceClass, "C-GET"
)

# QueryRetrieveServiceClass (PS3.4 Z)
CompositeInstanceRetrieveWithoutBulkDataGet: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.2.5.3", QueryRetrieveServiceClass, "C-GET"
)

# StorageServiceClass (PS3.4 B)
ComputedRadiographyImageStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.1", StorageServiceClass
)
DigitalXRayImageStorageForPresentation: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.1.1", StorageServiceClass
)
DigitalXRayImageStorageForProcessing: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.1.1.1", StorageServiceClass
)
DigitalMammographyXRayImageStorageForPresentation: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.1.2", StorageServiceClass
)
DigitalMammographyXRayImageStorageForProcessing: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.1.2.1", StorageServiceClass
)
DigitalIntraOralXRayImageStorageForPresentation: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.1.3", StorageServiceClass
)
DigitalIntraOralXRayImageStorageForProcessing: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.1.3.1", StorageServiceClass
)
CTImageStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.2", StorageServiceClass)
EnhancedCTImageStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.2.1", StorageServiceClass)
LegacyConvertedEnhancedCTImageStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.2.2", StorageServiceClass
)
UltrasoundMultiFrameImageStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.3.1", StorageServiceClass
)
MRImageStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.4", StorageServiceClass)
EnhancedMRImageStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.4.1", StorageServiceClass)
MRSpectroscopyStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.4.2", StorageServiceClass)
EnhancedMRColorImageStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.4.3", StorageServiceClass)
LegacyConvertedEnhancedMRImageStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.4.4", StorageServiceClass
)
UltrasoundImageStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.6.1", StorageServiceClass)
EnhancedUSVolumeStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.6.2", StorageServiceClass)
PhotoacousticImageStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.6.3", StorageServiceClass)
SecondaryCaptureImageStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.7", StorageServiceClass)
MultiFrameSingleBitSecondaryCaptureImageStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.7.1", StorageServiceClass
)
MultiFrameGrayscaleByteSecondaryCaptureImageStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.7.2", StorageServiceClass
)
MultiFrameGrayscaleWordSecondaryCaptureImageStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.7.3", StorageServiceClass
)
MultiFrameTrueColorSecondaryCaptureImageStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.7.4", StorageServiceClass
)
TwelveLeadECGWaveformStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.9.1.1", StorageServiceClass
)
GeneralECGWaveformStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.9.1.2", StorageServiceClass)
AmbulatoryECGWaveformStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.9.1.3", StorageServiceClass
)
General32bitECGWaveformStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.9.1.4", StorageServiceClass
)
HemodynamicWaveformStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.9.2.1", StorageServiceClass
)
CardiacElectrophysiologyWaveformStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.9.3.1", StorageServiceClass
)
BasicVoiceAudioWaveformStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.9.4.1", StorageServiceClass
)
GeneralAudioWaveformStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.9.4.2", StorageServiceClass
)
ArterialPulseWaveformStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.9.5.1", StorageServiceClass
)
RespiratoryWaveformStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.9.6.1", StorageServiceClass
)
MultichannelRespiratoryWaveformStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.9.6.2", StorageServiceClass
)
RoutineScalpElectroencephalogramWaveformStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.9.7.1", StorageServiceClass
)
ElectromyogramWaveformStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.9.7.2", StorageServiceClass
)
ElectrooculogramWaveformStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.9.7.3", StorageServiceClass
)
SleepElectroencephalogramWaveformStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.9.7.4", StorageServiceClass
)
BodyPositionWaveformStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.9.8.1", StorageServiceClass
)
WaveformPresentationStateStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.9.100.1", StorageServiceClass
)
WaveformAcquisitionPresentationStateStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.9.100.2", StorageServiceClass
)
GrayscaleSoftcopyPresentationStateStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.11.1", StorageServiceClass
)
ColorSoftcopyPresentationStateStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.11.2", StorageServiceClass
)
PseudoColorSoftcopyPresentationStageStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.11.3", StorageServiceClass
)
BlendingSoftcopyPresentationStateStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.11.4", StorageServiceClass
)
XAXRFGrayscaleSoftcopyPresentationStateStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.11.5", StorageServiceClass
)
GrayscalePlanarMPRVolumetricPresentationStateStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.11.6", StorageServiceClass
)
CompositingPlanarMPRVolumetricPresentationStateStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.11.7", StorageServiceClass
)
AdvancedBlendingPresentationStateStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.11.8", StorageServiceClass
)
VolumeRenderingVolumetricPresentationStateStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.11.9", StorageServiceClass
)
SegmentedVolumeRenderingVolumetricPresentationStateStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.11.10", StorageServiceClass
)
MultipleVolumeRenderingVolumetricPresentationStateStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.11.11", StorageServiceClass
)
VariableModalityLUTSoftcopyPresentationStageStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.11.12", StorageServiceClass
)
XRayAngiographicImageStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.12.1", StorageServiceClass
)
EnhancedXAImageStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.12.1.1", StorageServiceClass)
XRayRadiofluoroscopicImageStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.12.2", StorageServiceClass
)
EnhancedXRFImageStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.12.2.1", StorageServiceClass)
XRay3DAngiographicImageStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.13.1.1", StorageServiceClass
)
XRay3DCraniofacialImageStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.13.1.2", StorageServiceClass
)
BreastTomosynthesisImageStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.13.1.3", StorageServiceClass
)
BreastProjectionXRayImageStorageForPresentation: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.13.1.4", StorageServiceClass
)
BreastProjectionXRayImageStorageForProcessing: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.13.1.5", StorageServiceClass
)
IntravascularOpticalCoherenceTomographyImageStorageForPresentation: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.14.1", StorageServiceClass
)
IntravascularOpticalCoherenceTomographyImageStorageForProcessing: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.14.2", StorageServiceClass
)
NuclearMedicineImageStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.20", StorageServiceClass)
ParametricMapStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.30", StorageServiceClass)
RawDataStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.66", StorageServiceClass)
SpatialRegistrationStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.66.1", StorageServiceClass)
SpatialFiducialsStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.66.2", StorageServiceClass)
DeformableSpatialRegistrationStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.66.3", StorageServiceClass
)
SegmentationStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.66.4", StorageServiceClass)
SurfaceSegmentationStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.66.5", StorageServiceClass)
TractographyResultsStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.66.6", StorageServiceClass)
LabelMapSegmentationStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.66.7", StorageServiceClass
)
HeightMapSegmentationStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.66.8", StorageServiceClass
)
RealWorldValueMappingStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.67", StorageServiceClass)
SurfaceScanMeshStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.68.1", StorageServiceClass)
SurfaceScanPointCloudStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.68.2", StorageServiceClass
)
VLEndoscopicImageStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.77.1.1", StorageServiceClass)
VideoEndoscopicImageStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.77.1.1.1", StorageServiceClass
)
VLMicroscopicImageStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.77.1.2", StorageServiceClass
)
VideoMicroscopicImageStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.77.1.2.1", StorageServiceClass
)
VLSlideCoordinatesMicroscopicImageStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.77.1.3", StorageServiceClass
)
VLPhotographicImageStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.77.1.4", StorageServiceClass
)
VideoPhotographicImageStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.77.1.4.1", StorageServiceClass
)
OphthalmicPhotography8BitImageStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.77.1.5.1", StorageServiceClass
)
OphthalmicPhotography16BitImageStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.77.1.5.2", StorageServiceClass
)
StereometricRelationshipStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.77.1.5.3", StorageServiceClass
)
OphthalmicTomographyImageStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.77.1.5.4", StorageServiceClass
)
WideFieldOphthalmicPhotographyStereographicProjectionImageStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.77.1.5.5", StorageServiceClass
)
WideFieldOphthalmicPhotography3DCoordinatesImageStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.77.1.5.6", StorageServiceClass
)
OphthalmicOpticalCoherenceTomographyEnFaceImageStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.77.1.5.7", StorageServiceClass
)
OphthlamicOpticalCoherenceTomographyBscanVolumeAnalysisStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.77.1.5.8", StorageServiceClass
)
VLWholeSlideMicroscopyImageStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.77.1.6", StorageServiceClass
)
DermoscopicPhotographyImageStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.77.1.7", StorageServiceClass
)
ConfocalMicroscopyImageStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.77.1.8", StorageServiceClass
)
ConfocalMicroscopyTiledPyramidalImageStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.77.1.9", StorageServiceClass
)
LensometryMeasurementsStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.78.1", StorageServiceClass
)
AutorefractionMeasurementsStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.78.2", StorageServiceClass
)
KeratometryMeasurementsStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.78.3", StorageServiceClass
)
SubjectiveRefractionMeasurementsStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.78.4", StorageServiceClass
)
VisualAcuityMeasurementsStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.78.5", StorageServiceClass
)
SpectaclePrescriptionReportStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.78.6", StorageServiceClass
)
OphthalmicAxialMeasurementsStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.78.7", StorageServiceClass
)
IntraocularLensCalculationsStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.78.8", StorageServiceClass
)
MacularGridThicknessAndVolumeReportStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.79.1", StorageServiceClass
)
OphthalmicVisualFieldStaticPerimetryMeasurementsStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.80.1", StorageServiceClass
)
OphthalmicThicknessMapStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.81.1", StorageServiceClass
)
CornealTopographyMapStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.82.1", StorageServiceClass
)
BasicTextSRStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.88.11", StorageServiceClass)
EnhancedSRStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.88.22", StorageServiceClass)
ComprehensiveSRStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.88.33", StorageServiceClass)
Comprehensive3DSRStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.88.34", StorageServiceClass)
ExtensibleSRStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.88.35", StorageServiceClass)
ProcedureLogStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.88.40", StorageServiceClass)
MammographyCADSRStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.88.50", StorageServiceClass)
KeyObjectSelectionDocumentStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.88.59", StorageServiceClass
)
ChestCADSRStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.88.65", StorageServiceClass)
XRayRadiationDoseSRStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.88.67", StorageServiceClass
)
RadiopharmaceuticalRadiationDoseSRStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.88.68", StorageServiceClass
)
ColonCADSRStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.88.69", StorageServiceClass)
ImplantationPlanSRStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.88.70", StorageServiceClass)
AcquisitionContextSRStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.88.71", StorageServiceClass
)
SimplifiedAdultEchoSRStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.88.72", StorageServiceClass
)
PatientRadiationDoseSRStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.88.73", StorageServiceClass
)
PlannedImagingAgentAdministrationSRStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.88.74", StorageServiceClass
)
PerformedImagingAgentAdministrationSRStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.88.75", StorageServiceClass
)
EnhancedXRayRadiationDoseSRStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.88.76", StorageServiceClass
)
WaveformAnnotationSRStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.88.77", StorageServiceClass
)
ContentAssessmentResultsStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.90.1", StorageServiceClass
)
MicroscopyBulkSimpleAnnotationsStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.91.1", StorageServiceClass
)
EncapsulatedPDFStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.104.1", StorageServiceClass)
EncapsulatedCDAStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.104.2", StorageServiceClass)
EncapsulatedSTLStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.104.3", StorageServiceClass)
EncapsulatedOBJStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.104.4", StorageServiceClass)
EncapsulatedMTLStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.104.5", StorageServiceClass)
PositronEmissionTomographyImageStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.128", StorageServiceClass
)
LegacyConvertedEnhancedPETImageStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.128.1", StorageServiceClass
)
EnhancedPETImageStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.130", StorageServiceClass)
BasicStructuredDisplayStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.131", StorageServiceClass
)
CTPerformedProcedureProtocolStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.200.2", StorageServiceClass
)
XAPerformedProcedureProtocolStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.200.8", StorageServiceClass
)
RTImageStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.481.1", StorageServiceClass)
RTDoseStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.481.2", StorageServiceClass)
RTStructureSetStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.481.3", StorageServiceClass)
RTBeamsTreatmentRecordStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.481.4", StorageServiceClass
)
RTPlanStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.481.5", StorageServiceClass)
RTBrachyTreatmentRecordStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.481.6", StorageServiceClass
)
RTTreatmentSummaryRecordStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.481.7", StorageServiceClass
)
RTIonPlanStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.481.8", StorageServiceClass)
RTIonBeamsTreatmentRecordStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.481.9", StorageServiceClass
)
RTPhysicianIntentStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.481.10", StorageServiceClass)
RTSegmentAnnotationStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.481.11", StorageServiceClass
)
RTRadiationSetStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.481.12", StorageServiceClass)
CArmPhotonElectronRadiationStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.481.13", StorageServiceClass
)
TomotherapeuticRadiationStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.481.14", StorageServiceClass
)
RoboticArmRadiationStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.481.15", StorageServiceClass
)
RTRadiationRecordSetStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.481.16", StorageServiceClass
)
RTRadiationSalvageRecordStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.481.17", StorageServiceClass
)
TomotherapeuticRadiationRecordStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.481.18", StorageServiceClass
)
CArmPhotonElectronRadiationRecordStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.481.19", StorageServiceClass
)
RoboticArmRadiationRecordStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.481.20", StorageServiceClass
)
RTRadiationSetDeliveryInstructionStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.481.21", StorageServiceClass
)
RTTreatmentPreparationStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.481.22", StorageServiceClass
)
EnhancedRTImageStorage: SOPClass = SOPClass("1.2.840.10008.5.1.4.1.1.481.23", StorageServiceClass)
EnhancedContinuousRTImageStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.481.24", StorageServiceClass
)
RTPatientPositionAcquisitionInstructionStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.481.25", StorageServiceClass
)
RTBeamsDeliveryInstructionStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.34.7", StorageServiceClass
)
RTBrachyApplicationSetupDeliveryInstructionsStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.34.10", StorageServiceClass
)

# BasicWorklistManagementServiceClass (PS3.4 K)
ModalityWorklistInformationFind: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.31", BasicWorklistManagementServiceClass
)

# RelevantPatientInformationQueryServiceClass (PS3.4 Q)
GeneralRelevantPatientInformationQuery: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.37.1", RelevantPatientInformationQueryServiceClass
)
BreastImagingRelevantPatientInformationQuery: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.37.2", RelevantPatientInformationQueryServiceClass
)
CardiacRelevantPatientInformationQuery: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.37.3", RelevantPatientInformationQueryServiceClass
)

# SubstanceAdministrationQueryServiceClass (PS3.4 V)
ProductCharacteristicsQuery: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.41", SubstanceAdministrationQueryServiceClass
)
SubstanceApprovalQuery: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.42", SubstanceAdministrationQueryServiceClass
)

# NonPatientObjectStorageServiceClass (PS3.4 GG)
CTDefinedProcedureProtocolStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.200.1", NonPatientObjectStorageServiceClass
)
ProtocolApprovalStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.200.3", NonPatientObjectStorageServiceClass
)
XADefinedProcedureProtocolStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.200.7", NonPatientObjectStorageServiceClass
)
InventoryStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.201.1", NonPatientObjectStorageServiceClass
)
HangingProtocolStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.38.1", NonPatientObjectStorageServiceClass
)
ColorPaletteStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.39.1", NonPatientObjectStorageServiceClass
)
GenericImplantTemplateStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.43.1", NonPatientObjectStorageServiceClass
)
ImplantAssemblyTemplateStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.44.1", NonPatientObjectStorageServiceClass
)
ImplantTemplateGroupStorage: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.45.1", NonPatientObjectStorageServiceClass
)

# HangingProtocolQueryRetrieveServiceClass (PS3.4 U)
HangingProtocolInformationModelFind: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.38.2", HangingProtocolQueryRetrieveServiceClass, "C-FIND"
)
HangingProtocolInformationModelMove: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.38.3", HangingProtocolQueryRetrieveServiceClass, "C-MOVE"
)
HangingProtocolInformationModelGet: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.38.4", HangingProtocolQueryRetrieveServiceClass, "C-GET"
)

# ColorPaletteQueryRetrieveServiceClass (PS3.4 X)
ColorPaletteInformationModelFind: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.39.2", ColorPaletteQueryRetrieveServiceClass, "C-FIND"
)
ColorPaletteInformationModelMove: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.39.3", ColorPaletteQueryRetrieveServiceClass, "C-MOVE"
)
ColorPaletteInformationModelGet: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.39.4", ColorPaletteQueryRetrieveServiceClass, "C-GET"
)

# ImplantTemplateQueryRetrieveServiceClass (PS3.4 BB)
GenericImplantTemplateInformationModelFind: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.43.2", ImplantTemplateQueryRetrieveServiceClass, "C-FIND"
)
GenericImplantTemplateInformationModelMove: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.43.3", ImplantTemplateQueryRetrieveServiceClass, "C-MOVE"
)
GenericImplantTemplateInformationModelGet: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.43.4", ImplantTemplateQueryRetrieveServiceClass, "C-GET"
)
ImplantAssemblyTemplateInformationModelFind: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.44.2", ImplantTemplateQueryRetrieveServiceClass, "C-FIND"
)
ImplantAssemblyTemplateInformationModelMove: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.44.3", ImplantTemplateQueryRetrieveServiceClass, "C-MOVE"
)
ImplantAssemblyTemplateInformationModelGet: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.44.4", ImplantTemplateQueryRetrieveServiceClass, "C-GET"
)
ImplantTemplateGroupInformationModelFind: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.45.2", ImplantTemplateQueryRetrieveServiceClass, "C-FIND"
)
ImplantTemplateGroupInformationModelMove: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.45.3", ImplantTemplateQueryRetrieveServiceClass, "C-MOVE"
)
ImplantTemplateGroupInformationModelGet: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.45.4", ImplantTemplateQueryRetrieveServiceClass, "C-GET"
)

# DefinedProcedureProtocolQueryRetrieveServiceClass (PS3.4 HH)
DefinedProcedureProtocolInformationModelFind: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.20.1", DefinedProcedureProtocolQueryRetrieveServiceClass, "C-FIND"
)
DefinedProcedureProtocolInformationModelMove: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.20.2", DefinedProcedureProtocolQueryRetrieveServiceClass, "C-MOVE"
)
DefinedProcedureProtocolInformationModelGet: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.20.3", DefinedProcedureProtocolQueryRetrieveServiceClass, "C-GET"
)

# ProtocolApprovalQueryRetrieveServiceClass (PS3.4 II)
ProtocolApprovalInformationModelFind: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.200.4", ProtocolApprovalQueryRetrieveServiceClass, "C-FIND"
)
ProtocolApprovalInformationModelMove: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.200.5", ProtocolApprovalQueryRetrieveServiceClass, "C-MOVE"
)
ProtocolApprovalInformationModelGet: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.200.6", ProtocolApprovalQueryRetrieveServiceClass, "C-GET"
)

# InventoryQueryRetrieveServiceClass (PS3.4 JJ)
InventoryFind: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.201.2", InventoryQueryRetrieveServiceClass, "C-FIND"
)
InventoryMove: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.201.3", InventoryQueryRetrieveServiceClass, "C-MOVE"
)
InventoryGet: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.201.4", InventoryQueryRetrieveServiceClass, "C-GET"
)

# DisplaySystemManagementServiceClass (PS3.4 EE)
DisplaySystem: SOPClass = SOPClass("1.2.840.10008.5.1.1.40", DisplaySystemManagementServiceClass)

# ProcedureStepServiceClass (PS3.4 F)
ModalityPerformedProcedureStep: SOPClass = SOPClass(
    "1.2.840.10008.3.1.2.3.3", ProcedureStepServiceClass
)
ModalityPerformedProcedureStepRetrieve: SOPClass = SOPClass(
    "1.2.840.10008.3.1.2.3.4", ProcedureStepServiceClass
)
ModalityPerformedProcedureStepNotification: SOPClass = SOPClass(
    "1.2.840.10008.3.1.2.3.5", ProcedureStepServiceClass
)

# PrintManagementServiceClass (PS3.4 H)
BasicFilmSession: SOPClass = SOPClass("1.2.840.10008.5.1.1.1", PrintManagementServiceClass)
BasicFilmBox: SOPClass = SOPClass("1.2.840.10008.5.1.1.2", PrintManagementServiceClass)
BasicGrayscaleImageBox: SOPClass = SOPClass("1.2.840.10008.5.1.1.4", PrintManagementServiceClass)
BasicColorImageBox: SOPClass = SOPClass("1.2.840.10008.5.1.1.4.1", PrintManagementServiceClass)
BasicGrayscalePrintManagementMeta: SOPClass = SOPClass(
    "1.2.840.10008.5.1.1.9", PrintManagementServiceClass
)
PrintJob: SOPClass = SOPClass("1.2.840.10008.5.1.1.14", PrintManagementServiceClass)
BasicAnnotationBox: SOPClass = SOPClass("1.2.840.10008.5.1.1.15", PrintManagementServiceClass)
Printer: SOPClass = SOPClass("1.2.840.10008.5.1.1.16", PrintManagementServiceClass)
PrinterConfigurationRetrieval: SOPClass = SOPClass(
    "1.2.840.10008.5.1.1.16.376", PrintManagementServiceClass
)
BasicColorPrintManagementMeta: SOPClass = SOPClass(
    "1.2.840.10008.5.1.1.18", PrintManagementServiceClass
)
VOILUTBox: SOPClass = SOPClass("1.2.840.10008.5.1.1.22", PrintManagementServiceClass)
PresentationLUT: SOPClass = SOPClass("1.2.840.10008.5.1.1.23", PrintManagementServiceClass)

# StorageCommitmentServiceClass (PS3.4 J)
StorageCommitmentPushModel: SOPClass = SOPClass(
    "1.2.840.10008.1.20.1", StorageCommitmentServiceClass
)

# StorageManagementServiceClass (PS3.4 KK)
InventoryCreation: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.1.1.201.5", StorageManagementServiceClass
)

# ApplicationEventLoggingServiceClass (PS3.4 P)
ProceduralEventLogging: SOPClass = SOPClass(
    "1.2.840.10008.1.40", ApplicationEventLoggingServiceClass
)
SubstanceAdministrationLogging: SOPClass = SOPClass(
    "1.2.840.10008.1.42", ApplicationEventLoggingServiceClass
)

# InstanceAvailabilityNotificationServiceClass (PS3.4 R)
InstanceAvailabilityNotification: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.33", InstanceAvailabilityNotificationServiceClass
)

# MediaCreationManagementServiceClass (PS3.4 S)
MediaCreationManagement: SOPClass = SOPClass(
    "1.2.840.10008.5.1.1.33", MediaCreationManagementServiceClass
)

# UnifiedProcedureStepServiceClass (PS3.4 CC)
UnifiedProcedureStepPush: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.34.6.1", UnifiedProcedureStepServiceClass
)
UnifiedProcedureStepWatch: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.34.6.2", UnifiedProcedureStepServiceClass
)
UnifiedProcedureStepPull: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.34.6.3", UnifiedProcedureStepServiceClass
)
UnifiedProcedureStepEvent: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.34.6.4", UnifiedProcedureStepServiceClass
)
UnifiedProcedureStepQuery: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.34.6.5", UnifiedProcedureStepServiceClass
)

# RTMachineVerificationServiceClass (PS3.4 DD)
RTConventionalMachineVerification: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.34.8", RTMachineVerificationServiceClass
)
RTIonMachineVerification: SOPClass = SOPClass(
    "1.2.840.10008.5.1.4.34.9", RTMachineVerificationServiceClass
)

# ServiceClass (PS3.4 I)
MediaStorageDirectoryStorage: SOPClass = SOPClass("1.2.840.10008.1.3.10", ServiceClass)

# The keywords of PS3.6 where the names above differ from them.
PseudoColorSoftcopyPresentationStateStorage: SOPClass = PseudoColorSoftcopyPresentationStageStorage
VariableModalityLUTSoftcopyPresentationStateStorage: SOPClass = (
    VariableModalityLUTSoftcopyPresentationStageStorage
)
OphthalmicOpticalCoherenceTomographyBscanVolumeAnalysisStorage: SOPClass = (
    OphthlamicOpticalCoherenceTomographyBscanVolumeAnalysisStorage
)
RoboticRadiationRecordStorage: SOPClass = RoboticArmRadiationRecordStorage
RTBrachyApplicationSetupDeliveryInstructionStorage: SOPClass = (
    RTBrachyApplicationSetupDeliveryInstructionsStorage
)
ModalityWorklistInformationModelFind: SOPClass = ModalityWorklistInformationFind
ColorPaletteQueryRetrieveInformationModelFind: SOPClass = ColorPaletteInformationModelFind
ColorPaletteQueryRetrieveInformationModelMove: SOPClass = ColorPaletteInformationModelMove
ColorPaletteQueryRetrieveInformationModelGet: SOPClass = ColorPaletteInformationModelGet

# Well-known SOP instances (PS3.6 Annex A).
HotIronPalette: UID = UID("1.2.840.10008.1.5.1")
PETPalette: UID = UID("1.2.840.10008.1.5.2")
HotMetalBluePalette: UID = UID("1.2.840.10008.1.5.3")
PET20StepPalette: UID = UID("1.2.840.10008.1.5.4")
SpringPalette: UID = UID("1.2.840.10008.1.5.5")
SummerPalette: UID = UID("1.2.840.10008.1.5.6")
FallPalette: UID = UID("1.2.840.10008.1.5.7")
WinterPalette: UID = UID("1.2.840.10008.1.5.8")
StorageCommitmentPushModelInstance: UID = UID("1.2.840.10008.1.20.1.1")
ProceduralEventLoggingInstance: UID = UID("1.2.840.10008.1.40.1")
SubstanceAdministrationLoggingInstance: UID = UID("1.2.840.10008.1.42.1")
PrinterInstance: UID = UID("1.2.840.10008.5.1.1.17")
PrinterConfigurationRetrievalInstance: UID = UID("1.2.840.10008.5.1.1.17.376")
DisplaySystemInstance: UID = UID("1.2.840.10008.5.1.1.40.1")
StorageManagementInstance: UID = UID("1.2.840.10008.5.1.4.1.1.201.1.1")
UPSGlobalSubscriptionInstance: UID = UID("1.2.840.10008.5.1.4.34.5")
UPSFilteredGlobalSubscriptionInstance: UID = UID("1.2.840.10008.5.1.4.34.5.1")

# Retired storage classes, which old archives still send (PS3.6 Annex A).
_RETIRED_STORAGE_CLASSES = {
    "StoredPrintStorage": SOPClass("1.2.840.10008.5.1.1.27", StorageServiceClass),
    "HardcopyGrayscaleImageStorage": SOPClass("1.2.840.10008.5.1.1.29", StorageServiceClass),
    "HardcopyColorImageStorage": SOPClass("1.2.840.10008.5.1.1.30", StorageServiceClass),
    "UltrasoundMultiFrameImageStorageRetired": SOPClass(
        "1.2.840.10008.5.1.4.1.1.3", StorageServiceClass
    ),
    "NuclearMedicineImageStorageRetired": SOPClass(
        "1.2.840.10008.5.1.4.1.1.5", StorageServiceClass
    ),
    "UltrasoundImageStorageRetired": SOPClass("1.2.840.10008.5.1.4.1.1.6", StorageServiceClass),
    "StandaloneOverlayStorage": SOPClass("1.2.840.10008.5.1.4.1.1.8", StorageServiceClass),
    "StandaloneCurveStorage": SOPClass("1.2.840.10008.5.1.4.1.1.9", StorageServiceClass),
    "StandaloneModalityLUTStorage": SOPClass("1.2.840.10008.5.1.4.1.1.10", StorageServiceClass),
    "StandaloneVOILUTStorage": SOPClass("1.2.840.10008.5.1.4.1.1.11", StorageServiceClass),
    "XRayAngiographicBiPlaneImageStorage": SOPClass(
        "1.2.840.10008.5.1.4.1.1.12.3", StorageServiceClass
    ),
    "VLImageStorageTrial": SOPClass("1.2.840.10008.5.1.4.1.1.77.1", StorageServiceClass),
    "VLMultiFrameImageStorageTrial": SOPClass("1.2.840.10008.5.1.4.1.1.77.2", StorageServiceClass),
    "StandalonePETCurveStorage": SOPClass("1.2.840.10008.5.1.4.1.1.129", StorageServiceClass),
}

# What StoragePresentationContexts offers, in the order of the UIDs.
_STORAGE_PRESENTATION_UIDS = (
    _RETIRED_STORAGE_CLASSES["StoredPrintStorage"],
    _RETIRED_STORAGE_CLASSES["HardcopyGrayscaleImageStorage"],
    _RETIRED_STORAGE_CLASSES["HardcopyColorImageStorage"],
    ComputedRadiographyImageStorage,
    DigitalXRayImageStorageForPresentation,
    DigitalXRayImageStorageForProcessing,
    DigitalMammographyXRayImageStorageForPresentation,
    DigitalMammographyXRayImageStorageForProcessing,
    DigitalIntraOralXRayImageStorageForPresentation,
    DigitalIntraOralXRayImageStorageForProcessing,
    _RETIRED_STORAGE_CLASSES["StandaloneModalityLUTStorage"],
    EncapsulatedPDFStorage,
    EncapsulatedCDAStorage,
    _RETIRED_STORAGE_CLASSES["StandaloneVOILUTStorage"],
    GrayscaleSoftcopyPresentationStateStorage,
    ColorSoftcopyPresentationStateStorage,
    PseudoColorSoftcopyPresentationStageStorage,
    BlendingSoftcopyPresentationStateStorage,
    XAXRFGrayscaleSoftcopyPresentationStateStorage,
    XRayAngiographicImageStorage,
    EnhancedXAImageStorage,
    XRayRadiofluoroscopicImageStorage,
    EnhancedXRFImageStorage,
    _RETIRED_STORAGE_CLASSES["XRayAngiographicBiPlaneImageStorage"],
    PositronEmissionTomographyImageStorage,
    LegacyConvertedEnhancedPETImageStorage,
    _RETIRED_STORAGE_CLASSES["StandalonePETCurveStorage"],
    XRay3DAngiographicImageStorage,
    XRay3DCraniofacialImageStorage,
    BreastTomosynthesisImageStorage,
    EnhancedPETImageStorage,
    BasicStructuredDisplayStorage,
    IntravascularOpticalCoherenceTomographyImageStorageForPresentation,
    IntravascularOpticalCoherenceTomographyImageStorageForProcessing,
    CTImageStorage,
    EnhancedCTImageStorage,
    LegacyConvertedEnhancedCTImageStorage,
    NuclearMedicineImageStorage,
    _RETIRED_STORAGE_CLASSES["UltrasoundMultiFrameImageStorageRetired"],
    UltrasoundMultiFrameImageStorage,
    MRImageStorage,
    EnhancedMRImageStorage,
    MRSpectroscopyStorage,
    EnhancedMRColorImageStorage,
    LegacyConvertedEnhancedMRImageStorage,
    RTImageStorage,
    RTDoseStorage,
    RTStructureSetStorage,
    RTBeamsTreatmentRecordStorage,
    RTPlanStorage,
    RTBrachyTreatmentRecordStorage,
    RTTreatmentSummaryRecordStorage,
    RTIonPlanStorage,
    RTIonBeamsTreatmentRecordStorage,
    _RETIRED_STORAGE_CLASSES["NuclearMedicineImageStorageRetired"],
    _RETIRED_STORAGE_CLASSES["UltrasoundImageStorageRetired"],
    UltrasoundImageStorage,
    EnhancedUSVolumeStorage,
    RawDataStorage,
    SpatialRegistrationStorage,
    SpatialFiducialsStorage,
    DeformableSpatialRegistrationStorage,
    SegmentationStorage,
    SurfaceSegmentationStorage,
    RealWorldValueMappingStorage,
    SurfaceScanMeshStorage,
    SurfaceScanPointCloudStorage,
    SecondaryCaptureImageStorage,
    MultiFrameSingleBitSecondaryCaptureImageStorage,
    MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
    MultiFrameTrueColorSecondaryCaptureImageStorage,
    _RETIRED_STORAGE_CLASSES["VLImageStorageTrial"],
    VLEndoscopicImageStorage,
    VideoEndoscopicImageStorage,
    VLMicroscopicImageStorage,
    VideoMicroscopicImageStorage,
    VLSlideCoordinatesMicroscopicImageStorage,
    VLPhotographicImageStorage,
    VideoPhotographicImageStorage,
    OphthalmicPhotography8BitImageStorage,
    OphthalmicPhotography16BitImageStorage,
    StereometricRelationshipStorage,
    OphthalmicTomographyImageStorage,
    VLWholeSlideMicroscopyImageStorage,
    _RETIRED_STORAGE_CLASSES["VLMultiFrameImageStorageTrial"],
    LensometryMeasurementsStorage,
    AutorefractionMeasurementsStorage,
    KeratometryMeasurementsStorage,
    SubjectiveRefractionMeasurementsStorage,
    VisualAcuityMeasurementsStorage,
    SpectaclePrescriptionReportStorage,
    OphthalmicAxialMeasurementsStorage,
    IntraocularLensCalculationsStorage,
    MacularGridThicknessAndVolumeReportStorage,
    _RETIRED_STORAGE_CLASSES["StandaloneOverlayStorage"],
    OphthalmicVisualFieldStaticPerimetryMeasurementsStorage,
    OphthalmicThicknessMapStorage,
    BasicTextSRStorage,
    EnhancedSRStorage,
    ComprehensiveSRStorage,
    Comprehensive3DSRStorage,
    ProcedureLogStorage,
    MammographyCADSRStorage,
    KeyObjectSelectionDocumentStorage,
    ChestCADSRStorage,
    XRayRadiationDoseSRStorage,
    ColonCADSRStorage,
    ImplantationPlanSRStorage,
    _RETIRED_STORAGE_CLASSES["StandaloneCurveStorage"],
    TwelveLeadECGWaveformStorage,
    GeneralECGWaveformStorage,
    AmbulatoryECGWaveformStorage,
    HemodynamicWaveformStorage,
    CardiacElectrophysiologyWaveformStorage,
    BasicVoiceAudioWaveformStorage,
    GeneralAudioWaveformStorage,
    ArterialPulseWaveformStorage,
    RespiratoryWaveformStorage,
    RTBeamsDeliveryInstructionStorage,
)
# generated: end


# Where a UID was registered for several services, these have it, in this order.
_LOOKED_UP_FIRST = (VerificationServiceClass, QueryRetrieveServiceClass, StorageServiceClass)

# Every SOP class by its UID, and by service class and keyword.
_SOP_CLASSES: dict[str, SOPClass] = {}
_FAMILIES: dict[type[ServiceClass], dict[str, SOPClass]] = {}


def uid_to_sop_class(uid: str) -> SOPClass:
    """Return the SOP class with a UID; one of plain `ServiceClass` if there is none."""
    return _SOP_CLASSES.get(uid) or SOPClass(uid)


def uid_to_service_class(uid: str) -> type[ServiceClass]:
    """Return the service class of a SOP class UID or of a service class UID.

    Returns:
        The service class; plain `ServiceClass` for a UID that is not known.
    """
    sop_class = _SOP_CLASSES.get(uid)
    return sop_class._service_class if sop_class else _SERVICE_CLASSES.get(uid, ServiceClass)


def register_uid(
    uid: str, keyword: str, service_class: type[ServiceClass], dimse_msg_type: str = ""
) -> None:
    """Add a private SOP class, or one newer than this library, to a service.

    The keyword can be imported from `pynetdicom.sop_class` afterwards. A UID that belongs to
    verification, query/retrieve or storage stays there when it is registered for another service.

    Args:
        uid: The UID of the SOP class.
        keyword: The name for it.
        service_class: The class of the service, such as `StorageServiceClass`.
        dimse_msg_type: The one operation that the SOP class is for, such as `"C-FIND"`; must be
            given with `QueryRetrieveServiceClass`. "" for all operations of the service.

    Raises:
        TypeError: If `service_class` is not a class derived from `ServiceClass`.
        ValueError: If the keyword cannot be a name in this module, or the service does not have
            the operation.
    """
    if not keyword.isidentifier() or iskeyword(keyword):
        raise ValueError(f"the keyword {keyword!r} is not an identifier or is one of Python's own")
    if keyword in globals() and not isinstance(globals()[keyword], UID):
        raise ValueError(f"the keyword {keyword!r} would hide a part of pynetdicom.sop_class")
    if not (isinstance(service_class, type) and issubclass(service_class, ServiceClass)):
        raise TypeError(
            f"service_class is a class such as StorageServiceClass, not {service_class!r}"
        )

    _check_operation(service_class, dimse_msg_type)
    globals()[keyword] = _enter(keyword, SOPClass(uid, service_class, dimse_msg_type))


def _check_operation(service_class: type[ServiceClass], operation: str) -> None:
    needed = service_class is QueryRetrieveServiceClass
    if operation not in service_class.operations and (operation or needed):
        choice = ", ".join(service_class.operations) or "none"
        raise ValueError(
            f"dimse_msg_type {operation!r} is not an operation of {service_class.name}: {choice}"
        )


def _enter(keyword: str, sop_class: SOPClass) -> SOPClass:
    known = _SOP_CLASSES.get(sop_class, sop_class)
    if _rank(known) < _rank(sop_class):
        sop_class = known

    _SOP_CLASSES[sop_class] = sop_class
    _FAMILIES.setdefault(sop_class.service_class, {})[keyword] = sop_class
    return sop_class


def _rank(sop_class: SOPClass) -> int:
    first = _LOOKED_UP_FIRST
    service_class = sop_class.service_class
    return first.index(service_class) if service_class in first else len(first)


def _enter_all() -> None:
    for keyword, value in list(globals().items()):
        # The second name of a SOP class is not entered, so that families have one of each.
        if isinstance(value, SOPClass) and value not in _SOP_CLASSES:
            _enter(keyword, value)

    _SOP_CLASSES.update((value, value) for value in _RETIRED_STORAGE_CLASSES.values())


_enter_all()

if not TYPE_CHECKING:  # type checkers are to find misspelt names, and old ones

    def __getattr__(name: str) -> UID:
        """Return a SOP class or instance by the name it had up to pynetdicom 1.5."""
        new = OLD_NAMES.get(name)
        if new is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        deprecated(f"{name!r} is called {new!r} since pynetdicom 2.0")
        return globals()[new]


# The families of 3.x, by keyword. The last has no DIMSE service: a DICOMDIR is a file (PS3.4 I).
_VERIFICATION_CLASSES = _FAMILIES[VerificationServiceClass]
_QR_CLASSES = _FAMILIES[QueryRetrieveServiceClass]
_STORAGE_CLASSES = _FAMILIES[StorageServiceClass]
_BASIC_WORKLIST_CLASSES = _FAMILIES[BasicWorklistManagementServiceClass]
_RELEVANT_PATIENT_QUERY_CLASSES = _FAMILIES[RelevantPatientInformationQueryServiceClass]
_SUBSTANCE_ADMINISTRATION_CLASSES = _FAMILIES[SubstanceAdministrationQueryServiceClass]
_NON_PATIENT_OBJECT_CLASSES = _FAMILIES[NonPatientObjectStorageServiceClass]
_HANGING_PROTOCOL_CLASSES = _FAMILIES[HangingProtocolQueryRetrieveServiceClass]
_COLOR_PALETTE_CLASSES = _FAMILIES[ColorPaletteQueryRetrieveServiceClass]
_IMPLANT_TEMPLATE_CLASSES = _FAMILIES[ImplantTemplateQueryRetrieveServiceClass]
_DEFINED_PROCEDURE_CLASSES = _FAMILIES[DefinedProcedureProtocolQueryRetrieveServiceClass]
_PROTOCOL_APPROVAL_CLASSES = _FAMILIES[ProtocolApprovalQueryRetrieveServiceClass]
_INVENTORY_CLASSES = _FAMILIES[InventoryQueryRetrieveServiceClass]
_DISPLAY_SYSTEM_CLASSES = _FAMILIES[DisplaySystemManagementServiceClass]
_PROCEDURE_STEP_CLASSES = _FAMILIES[ProcedureStepServiceClass]
_PRINT_MANAGEMENT_CLASSES = _FAMILIES[PrintManagementServiceClass]
_STORAGE_COMMITMENT_CLASSES = _FAMILIES[StorageCommitmentServiceClass]
_STORAGE_MANAGEMENT_CLASSES = _FAMILIES[StorageManagementServiceClass]
_APPLICATION_EVENT_CLASSES = _FAMILIES[ApplicationEventLoggingServiceClass]
_INSTANCE_AVAILABILITY_CLASSES = _FAMILIES[InstanceAvailabilityNotificationServiceClass]
_MEDIA_CREATION_CLASSES = _FAMILIES[MediaCreationManagementServiceClass]
_UNIFIED_PROCEDURE_STEP_CLASSES = _FAMILIES[UnifiedProcedureStepServiceClass]
_RT_MACHINE_VERIFICATION_CLASSES = _FAMILIES[RTMachineVerificationServiceClass]
_MEDIA_STORAGE_CLASSES = _FAMILIES[ServiceClass]
