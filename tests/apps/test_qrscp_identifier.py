"""What an identifier may ask for (PS3.4 C.4.1.2, C.4.2.2)."""

from typing import Any

import pytest
from pydicom import Dataset
from pydicom.config import IGNORE
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement
from pydicom.tag import Tag

from pynetdicom.apps.qrscp.identifier import IdentifierError, read_query, read_retrieval
from pynetdicom.apps.qrscp.model import Level

PATIENT_ROOT = tuple(Level)
STUDY_ROOT = (Level.STUDY, Level.SERIES, Level.IMAGE)
PATIENT_STUDY_ONLY = (Level.PATIENT, Level.STUDY)


def identifier(level: str | None, **keys: Any) -> Dataset:
    dataset = Dataset()
    if level is not None:
        keys["QueryRetrieveLevel"] = level
    for keyword, value in keys.items():
        tag = Tag(keyword)
        vr = dictionary_VR(tag)
        dataset[tag] = DataElement(tag, vr, value, validation_mode=IGNORE)
    return dataset


def returned(dataset: Dataset, levels: tuple[Level, ...] = STUDY_ROOT) -> list[str]:
    query = read_query(dataset, levels, is_relational=False)
    return [attribute.keyword for attribute in query.returned]


@pytest.mark.parametrize(
    ("dataset", "levels", "keywords"),
    [
        (identifier("PATIENT"), PATIENT_ROOT, ["PatientID"]),
        (identifier("STUDY", PatientID="A"), PATIENT_ROOT, ["PatientID", "StudyInstanceUID"]),
        (identifier("STUDY"), STUDY_ROOT, ["StudyInstanceUID"]),
        (
            identifier("SERIES", StudyInstanceUID="1"),
            STUDY_ROOT,
            ["StudyInstanceUID", "SeriesInstanceUID"],
        ),
    ],
)
def test_unique_keys_are_returned_whether_asked_for_or_not(
    dataset: Dataset, levels: tuple[Level, ...], keywords: list[str]
) -> None:
    assert returned(dataset, levels) == keywords


def test_what_is_asked_for_is_returned_also_of_levels_above() -> None:
    dataset = identifier("STUDY", StudyDate="", PatientName="A*", ModalitiesInStudy="")

    assert set(returned(dataset)) == {
        "StudyInstanceUID",
        "StudyDate",
        "PatientName",
        "ModalitiesInStudy",
    }


@pytest.mark.parametrize(
    ("dataset", "is_supported"),
    [
        (identifier("STUDY", SpecificCharacterSet="ISO_IR 192", RetrieveAETitle=""), True),
        (identifier("STUDY", StudyComments=""), False),
        (identifier("STUDY", ProcedureCodeSequence=[]), False),
        (identifier("STUDY", NumberOfFrames=""), False),
    ],
)
def test_keys_that_are_not_supported_are_told_of(dataset: Dataset, is_supported: bool) -> None:
    query = read_query(dataset, STUDY_ROOT, is_relational=False)

    assert query.is_supported is is_supported
    assert [attribute.keyword for attribute in query.returned] == ["StudyInstanceUID"]


def test_availability_is_told_when_asked_for() -> None:
    asked = identifier("STUDY", InstanceAvailability="")

    assert read_query(asked, STUDY_ROOT, is_relational=False).asks_availability
    assert not read_query(identifier("STUDY"), STUDY_ROOT, is_relational=False).asks_availability


STRANGE_LEVELS = [
    (identifier(None), STUDY_ROOT, "QueryRetrieveLevel is none of STUDY, SERIES, IMAGE"),
    (identifier("study"), STUDY_ROOT, "QueryRetrieveLevel is none of STUDY, SERIES, IMAGE"),
    (identifier("PATIENT"), STUDY_ROOT, "QueryRetrieveLevel is none of STUDY, SERIES, IMAGE"),
    (identifier("IMAGE"), PATIENT_STUDY_ONLY, "QueryRetrieveLevel is none of PATIENT, STUDY"),
]


@pytest.mark.parametrize(
    ("dataset", "levels", "complaint"),
    [
        *STRANGE_LEVELS,
        (identifier("STUDY"), PATIENT_ROOT, "PatientID is missing"),
        (identifier("SERIES"), STUDY_ROOT, "StudyInstanceUID is missing"),
        (
            identifier("STUDY", PatientID="A*"),
            PATIENT_ROOT,
            "PatientID above STUDY must have one value",
        ),
        (
            identifier("SERIES", StudyInstanceUID=["1", "2"]),
            STUDY_ROOT,
            "StudyInstanceUID above SERIES must have one value",
        ),
        (identifier("STUDY", Modality="CT"), STUDY_ROOT, "Modality is a key below STUDY"),
        (identifier("STUDY", StudyDate="soon"), STUDY_ROOT, "StudyDate: not a value of VR DA or"),
    ],
)
def test_queries_that_do_not_fit_are_refused(
    dataset: Dataset, levels: tuple[Level, ...], complaint: str
) -> None:
    with pytest.raises(IdentifierError, match=complaint) as refused:
        read_query(dataset, levels, is_relational=False)

    assert len(refused.value.comment) <= 64


def test_relational_queries_have_keys_of_any_level() -> None:
    dataset = identifier("STUDY", Modality="CT", PatientName="")

    query = read_query(dataset, PATIENT_ROOT, is_relational=True)

    assert [each.attribute.keyword for each in query.conditions] == ["Modality"]
    assert query.is_supported


@pytest.mark.parametrize(
    ("dataset", "levels", "complaint"),
    [
        *STRANGE_LEVELS,
        (identifier("PATIENT"), PATIENT_ROOT, "PatientID is missing"),
        (identifier("STUDY", PatientID="A"), PATIENT_ROOT, "StudyInstanceUID is missing"),
        (identifier("STUDY", StudyInstanceUID="1.2"), PATIENT_ROOT, "PatientID is missing"),
        (identifier("STUDY", StudyInstanceUID="1.*"), STUDY_ROOT, "StudyInstanceUID: not a UID"),
        (
            identifier("STUDY", StudyInstanceUID="1", PatientName="A"),
            STUDY_ROOT,
            "PatientName is no unique key",
        ),
        (
            identifier("STUDY", StudyInstanceUID="1", StudyComments="A"),
            STUDY_ROOT,
            "StudyComments is no unique key",
        ),
        (
            identifier("STUDY", StudyInstanceUID="1", SeriesInstanceUID="1.1"),
            STUDY_ROOT,
            "SeriesInstanceUID is a key below STUDY",
        ),
    ],
)
def test_retrievals_that_would_send_something_else_are_refused(
    dataset: Dataset, levels: tuple[Level, ...], complaint: str
) -> None:
    with pytest.raises(IdentifierError, match=complaint):
        read_retrieval(dataset, levels, is_relational=False)


def test_a_retrieval_takes_wild_cards_by_the_letter() -> None:
    query = read_retrieval(identifier("PATIENT", PatientID="A*"), PATIENT_ROOT, is_relational=False)

    assert query.conditions[0].matches("A*")
    assert not query.conditions[0].matches("AB")


def test_a_retrieval_may_name_several_and_leave_other_keys_empty() -> None:
    dataset = identifier("STUDY", StudyInstanceUID=["1", "2"], PatientName="")

    query = read_retrieval(dataset, STUDY_ROOT, is_relational=False)

    assert [query.conditions[0].matches(uid) for uid in ("1", "2", "3")] == [True, True, False]


def test_relational_retrievals_need_no_keys_above() -> None:
    dataset = identifier("IMAGE", SOPInstanceUID="1.2")

    query = read_retrieval(dataset, PATIENT_ROOT, is_relational=True)

    assert [each.attribute.keyword for each in query.conditions] == ["SOPInstanceUID"]
