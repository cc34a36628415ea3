"""What can be asked for: levels, information models, and the attributes of each level (PS3.4 C.6).

Tables alone. The attributes here are the ones the index has columns for; whatever else a query
names is an optional key that is not supported.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from pydicom.datadict import dictionary_VM, dictionary_VR, tag_for_keyword
from pydicom.tag import BaseTag, Tag

from pynetdicom.sop_class import (
    ModalityWorklistInformationFind,
    PatientRootQueryRetrieveInformationModelFind,
    PatientRootQueryRetrieveInformationModelGet,
    PatientRootQueryRetrieveInformationModelMove,
    PatientStudyOnlyQueryRetrieveInformationModelFind,
    PatientStudyOnlyQueryRetrieveInformationModelGet,
    PatientStudyOnlyQueryRetrieveInformationModelMove,
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
    UnifiedProcedureStepPull,
    UnifiedProcedureStepQuery,
    UnifiedProcedureStepWatch,
)


class Level(IntEnum):
    """A query/retrieve level, by the value of Query/Retrieve Level (0008,0052)."""

    PATIENT = 0
    STUDY = 1
    SERIES = 2
    IMAGE = 3


_PATIENT_ROOT: Final = tuple(Level)
_STUDY_ROOT: Final = (Level.STUDY, Level.SERIES, Level.IMAGE)
_PATIENT_STUDY_ONLY: Final = (Level.PATIENT, Level.STUDY)

# The levels that each SOP class has.
FIND: Final[Mapping[str, tuple[Level, ...]]] = {
    PatientRootQueryRetrieveInformationModelFind: _PATIENT_ROOT,
    StudyRootQueryRetrieveInformationModelFind: _STUDY_ROOT,
    PatientStudyOnlyQueryRetrieveInformationModelFind: _PATIENT_STUDY_ONLY,
}
GET: Final[Mapping[str, tuple[Level, ...]]] = {
    PatientRootQueryRetrieveInformationModelGet: _PATIENT_ROOT,
    StudyRootQueryRetrieveInformationModelGet: _STUDY_ROOT,
    PatientStudyOnlyQueryRetrieveInformationModelGet: _PATIENT_STUDY_ONLY,
}
MOVE: Final[Mapping[str, tuple[Level, ...]]] = {
    PatientRootQueryRetrieveInformationModelMove: _PATIENT_ROOT,
    StudyRootQueryRetrieveInformationModelMove: _STUDY_ROOT,
    PatientStudyOnlyQueryRetrieveInformationModelMove: _PATIENT_STUDY_ONLY,
}
# There are no worklists and procedure steps here, which is what a query for them is told.
ALWAYS_EMPTY: Final = (
    ModalityWorklistInformationFind,
    UnifiedProcedureStepPull,
    UnifiedProcedureStepWatch,
    UnifiedProcedureStepQuery,
)

# The attributes that the objects have (PS3.4 C.6.1.1), the unique key first.
STORED: Final[Mapping[Level, tuple[str, ...]]] = {
    Level.PATIENT: (
        "PatientID",
        "PatientName",
        "IssuerOfPatientID",
        "PatientBirthDate",
        "PatientBirthTime",
        "PatientSex",
        "OtherPatientIDs",
        "OtherPatientNames",
        "EthnicGroup",
    ),
    Level.STUDY: (
        "StudyInstanceUID",
        "StudyDate",
        "StudyTime",
        "AccessionNumber",
        "StudyID",
        "ReferringPhysicianName",
        "StudyDescription",
        "NameOfPhysiciansReadingStudy",
        "AdmittingDiagnosesDescription",
        "PatientAge",
        "PatientSize",
        "PatientWeight",
        "Occupation",
    ),
    Level.SERIES: (
        "SeriesInstanceUID",
        "Modality",
        "SeriesNumber",
        "SeriesDate",
        "SeriesTime",
        "SeriesDescription",
        "BodyPartExamined",
        "Laterality",
        "ProtocolName",
        "PatientPosition",
        "PerformingPhysicianName",
        "OperatorsName",
        "Manufacturer",
        "ManufacturerModelName",
        "StationName",
        "InstitutionName",
        "InstitutionalDepartmentName",
        "FrameOfReferenceUID",
        "PerformedProcedureStepStartDate",
        "PerformedProcedureStepStartTime",
    ),
    Level.IMAGE: (
        "SOPInstanceUID",
        "SOPClassUID",
        "InstanceNumber",
        "InstanceCreationDate",
        "InstanceCreationTime",
        "AcquisitionDate",
        "AcquisitionTime",
        "AcquisitionDateTime",
        "AcquisitionNumber",
        "ContentDate",
        "ContentTime",
        "ImageType",
        "NumberOfFrames",
        "Rows",
        "Columns",
        "BitsAllocated",
        "PhotometricInterpretation",
        "AvailableTransferSyntaxUID",
    ),
}
# Those that the archive works out when it is asked for them (PS3.4 C.3.4).
COUNTED: Final[Mapping[str, tuple[Level, Level]]] = {
    "NumberOfPatientRelatedStudies": (Level.PATIENT, Level.STUDY),
    "NumberOfPatientRelatedSeries": (Level.PATIENT, Level.SERIES),
    "NumberOfPatientRelatedInstances": (Level.PATIENT, Level.IMAGE),
    "NumberOfStudyRelatedSeries": (Level.STUDY, Level.SERIES),
    "NumberOfStudyRelatedInstances": (Level.STUDY, Level.IMAGE),
    "NumberOfSeriesRelatedInstances": (Level.SERIES, Level.IMAGE),
}
# The values that an attribute of a lower level has: collected at, taken from, which.
COLLECTED: Final[Mapping[str, tuple[Level, Level, str]]] = {
    "ModalitiesInStudy": (Level.STUDY, Level.SERIES, "Modality"),
    "SOPClassesInStudy": (Level.STUDY, Level.IMAGE, "SOPClassUID"),
}


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute that the archive can tell.

    Attributes:
        vr: Its value representation; of two possible ones the first.
        is_multiple: Whether it may have several values.
        is_stored: Whether it comes from the objects; otherwise it is worked out.
    """

    keyword: str
    level: Level
    tag: BaseTag
    vr: str
    is_multiple: bool
    is_stored: bool


def _attribute(keyword: str, level: Level, *, is_stored: bool) -> Attribute:
    number = tag_for_keyword(keyword)
    assert number is not None, keyword
    vr = dictionary_VR(number).partition(" or ")[0]
    is_multiple = dictionary_VM(number) != "1"
    return Attribute(keyword, level, Tag(number), vr, is_multiple, is_stored)


ATTRIBUTES: Final[Mapping[str, Attribute]] = {
    **{
        keyword: _attribute(keyword, level, is_stored=True)
        for level, keywords in STORED.items()
        for keyword in keywords
    },
    **{
        keyword: _attribute(keyword, level, is_stored=False)
        for keyword, level in (
            *((keyword, level) for keyword, (level, _) in COUNTED.items()),
            *((keyword, level) for keyword, (level, _, _) in COLLECTED.items()),
        )
    },
}
BY_TAG: Final[Mapping[int, Attribute]] = {each.tag: each for each in ATTRIBUTES.values()}
UNIQUE_KEYS: Final[Mapping[Level, Attribute]] = {
    level: ATTRIBUTES[keywords[0]] for level, keywords in STORED.items()
}
