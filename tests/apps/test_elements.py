"""Elements given as text become a data set, or it is said what is wrong with them."""

import argparse
import logging
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset
from pydicom.tag import Tag

from apps.stage import CT
from pynetdicom.apps.common import ElementPath, create_dataset


def made(*paths: str) -> Dataset:
    return create_dataset(argparse.Namespace(file=None, keyword=list(paths)))


@pytest.mark.parametrize(
    ("path", "keyword", "value"),
    [
        ("PatientName=CITIZEN^*", "PatientName", "CITIZEN^*"),
        ("(0010,0010)=CITIZEN^*", "PatientName", "CITIZEN^*"),
        ("(0010, 0010)=A=B", "PatientName", "A=B"),
        ("QueryRetrieveLevel=STUDY", "QueryRetrieveLevel", "STUDY"),
        ("ModalitiesInStudy=CT\\MR", "ModalitiesInStudy", ["CT", "MR"]),
        ("SeriesNumber=3", "SeriesNumber", 3),
        ("Rows=512", "Rows", 512),
        ("FrameIncrementPointer=(0018,1063)", "FrameIncrementPointer", Tag(0x00181063)),
        ("RecommendedDisplayFrameRateInFloat=2.5", "RecommendedDisplayFrameRateInFloat", 2.5),
        ("SimpleFrameList=1\\2", "SimpleFrameList", [1, 2]),
    ],
)
def test_an_element_has_the_value_that_was_given(path: str, keyword: str, value: Any) -> None:
    assert made(path)[keyword].value == value


@pytest.mark.parametrize("path", ["PatientID", "PatientID=", "Rows=", "PixelData="])
def test_an_element_without_value_matches_everything(path: str) -> None:
    (element,) = made(path)

    assert element.is_empty


def test_elements_of_items_are_named_with_the_item() -> None:
    dataset = made(
        "ScheduledProcedureStepSequence[0].Modality=CT",
        "ScheduledProcedureStepSequence[0].ScheduledProtocolCodeSequence[0].CodeValue=1",
        "(0040,0100)[1].Modality=MR",
    )

    first, second = dataset.ScheduledProcedureStepSequence
    assert first.Modality == "CT"
    assert first.ScheduledProtocolCodeSequence[0].CodeValue == "1"
    assert second.Modality == "MR"


def test_a_sequence_may_be_empty_or_have_an_empty_item() -> None:
    dataset = made("ScheduledProcedureStepSequence", "ReferencedStudySequence[0]")

    assert len(dataset.ScheduledProcedureStepSequence) == 0
    assert list(dataset.ReferencedStudySequence) == [Dataset()]


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ("PatientsNam=A", "'PatientsNam' is no keyword of the standard"),
        ("(0010,0011)=A", "is no element of the standard"),
        ("(0009,0010)=A", "is a private element"),
        ("(0010;0010)=A", "is no element: Keyword or"),
        ("", "is no element"),
        ("PatientName.PatientID=1", "only items of sequences have elements"),
        ("ScheduledProcedureStepSequence.Modality=CT", "only items of sequences have elements"),
        ("PatientName[0]=A", "only sequences have items"),
        ("ScheduledProcedureStepSequence[0]=CT", "a sequence has items, no value"),
        ("ScheduledProcedureStepSequence[1].Modality=CT", "item 0 comes first"),
        ("Rows=many", "the value does not fit Rows"),
        ("PixelData=1", "a binary value cannot be given as text"),
    ],
)
def test_what_is_wrong_is_said(caplog: pytest.LogCaptureFixture, path: str, complaint: str) -> None:
    args = argparse.Namespace(file=None, keyword=[path])

    with pytest.raises(ValueError, match=r"."):
        create_dataset(args, logging.getLogger("test"))

    assert complaint in caplog.text


def test_elements_have_precedence_over_those_of_a_file() -> None:
    args = argparse.Namespace(file=str(CT), keyword=["PatientID=other"])

    dataset = create_dataset(args)

    assert (dataset.PatientID, dataset.Modality) == ("other", "CT")


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        create_dataset(argparse.Namespace(file=str(tmp_path / "gone"), keyword=None))


def test_a_path_tells_what_it_is() -> None:
    path = ElementPath("PatientName=A")

    assert (path.tag, path.keyword, path.VR, path.value) == (0x00100010, "PatientName", "PN", "A")
    assert str(path) == "PatientName=A"
