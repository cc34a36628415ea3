"""What modalities write becomes text, or none; it never raises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import Dataset
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag

from apps.objects import elements
from pynetdicom.apps.qrscp.model import ATTRIBUTES
from pynetdicom.apps.qrscp.text import stored_text


def as_received(keyword: str, value: bytes, character_set: object = None) -> Dataset:
    """Return a data set with an element that nobody has decoded."""
    tag = Tag(keyword)
    vr = dictionary_VR(tag).partition(" or ")[0]
    dataset = elements(SpecificCharacterSet=character_set) if character_set else Dataset()
    dataset[tag] = RawDataElement(tag, vr, len(value), value, 0, False, True)
    return dataset


@pytest.mark.parametrize(
    ("keyword", "value", "expected"),
    [
        ("PatientName", b"Vivaldi^Antonio^^^ ", "Vivaldi^Antonio"),
        ("PatientName", b"^^^", ""),
        ("PatientID", b" 1\0", "1"),
        ("PatientID", b"1\\2", "1"),
        ("OtherPatientIDs", b"1 \\ 2", "1\\2"),
        ("StudyDate", b"2025.01.02", "20250102"),
        ("StudyDate", b"yesterday ", "yesterday"),
        ("StudyTime", b"10:11:12", "101112"),
        ("SeriesNumber", b"007 ", "7"),
        ("SeriesNumber", b"first ", ""),
        ("PatientWeight", b"70.5", "70.5"),
        ("PatientWeight", b"heavy ", ""),
        ("Rows", b"\0\2", "512"),
        ("Rows", b"\1", ""),
        ("Rows", b"", ""),
        ("StudyInstanceUID", b"1.2.3\0", "1.2.3"),
        ("Modality", b"\xff\xff", "\ufffd\ufffd"),
        ("StudyDescription", b"A" * 2000, "A" * 1024),
    ],
)
def test_values_as_the_index_writes_them(keyword: str, value: bytes, expected: str) -> None:
    assert stored_text(as_received(keyword, value), ATTRIBUTES[keyword]) == expected


@pytest.mark.parametrize(
    ("character_set", "value", "expected"),
    [
        (None, b"Muller", "Muller"),
        ("ISO_IR 100", "Müller".encode("latin-1"), "Müller"),
        ("ISO_IR 192", "山田^太郎".encode(), "山田^太郎"),
        ("GB18030", "王^小东".encode("gb18030"), "王^小东"),
        (
            ["", "ISO 2022 IR 87"],
            b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B",
            "Yamada^Tarou=山田^太郎",
        ),
        ("ISO_IR 192", b"\xff", "\ufffd"),
        ("KLINGON", b"tlh\xff", "tlh\xff"),
    ],
)
def test_text_in_its_character_set(character_set: object, value: bytes, expected: str) -> None:
    dataset = as_received("PatientName", value, character_set)

    assert stored_text(dataset, ATTRIBUTES["PatientName"]) == expected


def test_a_big_endian_number() -> None:
    dataset = Dataset()
    dataset[Tag("Rows")] = RawDataElement(Tag("Rows"), "US", 2, b"\2\0", 0, False, False)

    assert stored_text(dataset, ATTRIBUTES["Rows"]) == "512"


def test_what_is_not_there_or_no_text_is_empty() -> None:
    assert stored_text(Dataset(), ATTRIBUTES["PatientName"]) == ""
    assert stored_text(elements(PatientName=None), ATTRIBUTES["PatientName"]) == ""
    assert stored_text(elements(ImageType=["A", "B"]), ATTRIBUTES["ImageType"]) == "A\\B"


@given(st.sampled_from([k for k, a in ATTRIBUTES.items() if a.is_stored]), st.binary(max_size=20))
def test_any_bytes_become_some_text(keyword: str, value: bytes) -> None:
    text = stored_text(as_received(keyword, value, "ISO_IR 100"), ATTRIBUTES[keyword])

    assert text.isascii() or text.encode()
    assert "\0" not in text
