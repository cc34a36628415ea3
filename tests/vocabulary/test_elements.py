"""Data elements without pydicom: what comes out is what pydicom makes, or nothing.

`None` always means that pydicom is asked instead, so the stories here ask it too and compare.
"""

import logging
import struct
import warnings
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import Dataset, dcmread
from pydicom.charset import convert_encodings
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import read_dataset
from pydicom.filewriter import write_dataset
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32, STANDARD_VR

from pynetdicom import _config, _elements, build_context, dsutils
from pynetdicom._blocking import run
from pynetdicom._options import Option
from pynetdicom.dimse_messages import DataSource
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.exceptions import NoAcceptedContextError
from pynetdicom.presentation import PresentationContext
from pynetdicom.services import store
from wire import strategies  # noqa: F401  # it says how hard to try

Value = Any

ID, LUT_DESCRIPTOR, SEQUENCE = 0x00100020, 0x00283002, 0x00400275
PRIVATE, PIXELS = 0x00411001, 0x7FE00010

both_encodings = pytest.mark.parametrize("is_implicit", [True, False], ids=["implicit", "explicit"])


def pydicom_writes(ds: Dataset, is_implicit: bool) -> bytes | None:
    """Return what pydicom makes of a data set, `None` if it refuses."""
    stream = DicomBytesIO()
    stream.is_implicit_VR, stream.is_little_endian = is_implicit, True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            write_dataset(stream, ds)
        except Exception:  # whatever it may be
            return None
    written: bytes = stream.getvalue()
    return written


def pydicom_reads(data: bytes, is_implicit: bool) -> Dataset | None:
    """Return what pydicom makes of bytes, `None` if it refuses."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return read_dataset(BytesIO(data), is_implicit, True)
        except Exception:  # whatever it may be
            return None


def data_set(**values: Value) -> Dataset:
    ds = Dataset()
    for keyword, value in values.items():
        setattr(ds, keyword, value)
    return ds


def identifier() -> Dataset:
    """Return what a C-FIND is about: text, names, UIDs, numbers, nothing at all."""
    return data_set(
        QueryRetrieveLevel="STUDY",
        RetrieveAETitle="ARCHIVE",
        PatientName="Doe^Jane",
        PatientID="12345",
        PatientBirthDate="",
        PatientSize="1.80",
        StudyInstanceUID="1.2.3.4.5",
        StudyDate="20240229",
        StudyTime="120000.5",
        AccessionNumber="A1",
        ModalitiesInStudy=["CT", "MR", "SR"],
        ReferringPhysicianName="",
        NumberOfStudyRelatedInstances=512,
        StudyDescription="Thorax",
        SpecificCharacterSet="ISO_IR 100",
    )


# Writing.


@both_encodings
def test_an_identifier_is_written_as_pydicom_would(is_implicit: bool) -> None:
    written = _elements.write(identifier(), is_implicit)

    assert written is not None
    assert written == pydicom_writes(identifier(), is_implicit)


SIMPLE = {
    "nothing": {},
    "a name that is not ASCII": {"SpecificCharacterSet": "ISO_IR 192", "PatientName": "Ngô^Ánh"},
    "an ideographic name": {"SpecificCharacterSet": "ISO_IR 192", "PatientName": "Wang=王"},
    "several names": {"OtherPatientNames": ["A^B", "C"]},
    "text in Latin 1": {"SpecificCharacterSet": "ISO_IR 100", "StudyDescription": "Röntgen"},
    "text of lines": {"AdditionalPatientHistory": "a\\b\r\nc "},
    "numbers as they were typed": {"SeriesNumber": "007", "PatientWeight": "70.500"},
    "several numbers": {"ImagePositionPatient": [-1.5, "2.50", 3]},
    "no number": {"SeriesNumber": None, "Rows": None, "PatientWeight": ""},
    "binary numbers": {"Rows": 512, "SimpleFrameList": [1, 2], "EventTimeOffset": 0.25},
    "tags": {"FrameIncrementPointer": [0x00181063, 0x00181065]},
    "one tag": {"FrameIncrementPointer": 0x00181063},
    "bytes": {"EncapsulatedDocument": b"1234"},
    "several UIDs": {"RelatedGeneralSOPClassUID": ["1.2.3", "1.2.3.4"]},
    "a sequence": {"RequestAttributesSequence": [data_set(StudyID="1"), Dataset()]},
    "an empty sequence": {"RequestAttributesSequence": []},
    "a retired group length": {"SOPInstanceUID": "1.2", "StudyID": "1"},
}


@both_encodings
@pytest.mark.parametrize("values", SIMPLE.values(), ids=SIMPLE)
def test_what_is_simple_is_written(values: dict[str, Value], is_implicit: bool) -> None:
    ds = data_set(**values)
    ds.add_new(0x00080000, "UL", 100)

    written = _elements.write(ds, is_implicit)

    assert written is not None
    assert written == pydicom_writes(ds, is_implicit)


class UserDataset(Dataset):
    """What somebody has made of a Dataset."""


def two_character_sets() -> Dataset:
    ds = data_set(SpecificCharacterSet=["", "ISO 2022 IR 87"])
    ds.PatientName = "Yamada^Tarou=山田^太郎"
    return ds


def ambiguous() -> Dataset:
    return data_set(SmallestImagePixelValue=1, PixelRepresentation=0)


def element(tag: int, vr: str, value: Value, **attributes: Value) -> Dataset:
    ds = Dataset()
    ds[tag] = DataElement(tag, vr, value)
    vars(ds[tag]).update(attributes)
    return ds


def raw(vr: str | None, length: int, value: bytes | None) -> Dataset:
    """Return a data set that was read in Implicit VR, with one element."""
    tag = BaseTag(0x00111234)
    ds = Dataset({tag: RawDataElement(tag, vr, length, value, 0, True, True)})
    ds.set_original_encoding(True, True, "iso8859")
    return ds


NOT_SIMPLE = {
    "text outside its character set": lambda: data_set(PatientID="Ω"),
    "a code string outside ASCII": lambda: data_set(Modality="Ω"),
    "code extensions": two_character_sets,
    "an unknown character set": lambda: data_set(SpecificCharacterSet="ISO_IR 6666"),
    "an ambiguous VR": ambiguous,
    "bytes where text should be": lambda: element(0x00100020, "LO", b"12"),
    "bytes of odd length": lambda: element(0x00091001, "OB", b"1"),
    "a value in a file": lambda: element(0x7FE00010, "OB", BytesIO(b"12")),
    "an open value that is no sequence": lambda: element(
        0x7FE00010, "OB", b"1234", is_undefined_length=True
    ),
    "a number that is too large": lambda: element(0x00280010, "US", 70000),
    "a LUT descriptor that may be signed": lambda: element(LUT_DESCRIPTOR, "SS", [256, -1, 16]),
    "a name read with empty groups": lambda: element(0x00100010, "PN", b"Doe^Jane=="),
    "a value left in the file": lambda: raw(None, 12, None),
    "an open value of unknown kind": lambda: raw(None, 0xFFFFFFFF, b"1234"),
    "a kind of Dataset": UserDataset,
    "an unknown VR": lambda: element(0x00091001, "ZZ", "1"),
}


@pytest.mark.parametrize("make", NOT_SIMPLE.values(), ids=NOT_SIMPLE)
def test_what_is_not_simple_is_left_to_pydicom(make: Callable[[], Dataset]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ds = make()

        assert _elements.write(ds, True) is None
        assert dsutils.encode(ds, True, True) == pydicom_writes(ds, True)


def test_text_too_long_for_explicit_vr_is_left_to_pydicom() -> None:
    ds = data_set(OtherPatientIDs=["x" * 60] * 1200)

    assert _elements.write(ds, False) is None
    assert _elements.write(ds, True) == pydicom_writes(ds, True)


def test_a_data_set_that_cannot_be_encoded_is_logged_with_the_reason(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ds = data_set(PixelData=b"1234")

    with caplog.at_level(logging.ERROR):
        encoded = dsutils.encode(ds, True, True)

    assert encoded is None
    (record,) = caplog.records
    assert "Unable to encode" in record.message
    assert "7FE0,0010" in caplog.text


def test_only_the_simple_character_sets_are_known() -> None:
    known = _elements._CODECS

    assert {term: convert_encodings(term) for term in known} == {
        term: [codec] for term, codec in known.items()
    }
    assert all("~Az^= 09".encode(codec) == b"~Az^= 09" for codec in known.values())
    assert {"ISO_IR 6", "ISO_IR 100", "ISO_IR 138", "ISO_IR 192", "GB18030"} < known.keys()
    assert not {"ISO_IR 13", "ISO 2022 IR 6", "ISO 2022 IR 100"} & known.keys()


def test_the_table_of_vrs_is_pydicoms() -> None:
    assert set(_elements._IS_LONG) == {str(vr) for vr in STANDARD_VR}
    assert {vr.encode() for vr in EXPLICIT_VR_LENGTH_32} == _elements.LONG_VRS


# What was read and is written again.

PADDED = data_set(PatientID="1", PatientName="A^B", RequestAttributesSequence=[identifier()])
UNUSUAL_PADDING = struct.pack("<HH2sH", 0x0010, 0x0020, b"LO", 6) + b"12\0\0  "


@both_encodings
def test_values_that_nobody_decoded_go_out_as_they_came(is_implicit: bool) -> None:
    encoded = pydicom_writes(PADDED, is_implicit) or b""
    ds = pydicom_reads(encoded, is_implicit)

    assert ds is not None
    assert _elements.write(ds, is_implicit) == encoded


def test_values_that_nobody_decoded_keep_their_padding_in_implicit_vr() -> None:
    ds = pydicom_reads(UNUSUAL_PADDING, False)

    assert ds is not None
    assert _elements.write(ds, True) == struct.pack("<HHL", 0x0010, 0x0020, 6) + b"12\0\0  "


def test_sequences_that_nobody_decoded_become_implicit_too() -> None:
    encoded = pydicom_writes(PADDED, False) or b""
    ds = pydicom_reads(encoded, False)

    assert ds is not None
    assert _elements.write(ds, True) == pydicom_writes(PADDED, True)


def test_a_value_that_was_changed_goes_out_among_those_that_were_not() -> None:
    ds = pydicom_reads(pydicom_writes(identifier(), True) or b"", True)

    assert ds is not None
    ds.PatientID = "another"
    assert _elements.write(ds, True) == pydicom_writes(ds, True)


def test_values_in_a_character_set_that_was_changed_are_left_to_pydicom() -> None:
    ds = pydicom_reads(pydicom_writes(identifier(), True) or b"", True)

    assert ds is not None
    ds.SpecificCharacterSet = "ISO_IR 192"
    assert _elements.write(ds, True) is None


def test_values_whose_vr_has_to_be_found_out_are_left_to_pydicom() -> None:
    ds = pydicom_reads(pydicom_writes(identifier(), True) or b"", True)

    assert ds is not None
    assert _elements.write(ds, False) is None
    assert dsutils.encode(ds, False, True) == pydicom_writes(identifier(), False)


def test_encapsulated_pixel_data_stay_as_they_are() -> None:
    fragments = struct.pack("<HHL", 0xFFFE, 0xE000, 0) + struct.pack(
        "<HHL4s", 0xFFFE, 0xE000, 4, b"JPEG"
    )
    header = struct.pack("<HH2sHL", 0x7FE0, 0x0010, b"OB", 0, 0xFFFFFFFF)
    encoded = header + fragments + struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)
    ds = pydicom_reads(encoded, False)

    assert ds is not None
    assert _elements.write(ds, False) == encoded
    assert _elements.write(ds, True) is None


# Reading.


def same(ours: Dataset, theirs: Dataset) -> bool:
    """Tell whether two data sets were read alike, down to what is not decoded yet."""
    return (
        dict(ours.items()) == dict(theirs.items())
        and ours.original_encoding == theirs.original_encoding
        and ours.original_character_set == theirs.original_character_set
    )


@both_encodings
def test_an_identifier_is_read_as_pydicom_would(is_implicit: bool) -> None:
    data = pydicom_writes(identifier(), is_implicit) or b""

    ours, theirs = _elements.read(data, is_implicit), pydicom_reads(data, is_implicit)

    assert ours is not None
    assert theirs is not None
    assert same(ours, theirs)
    assert str(ours) == str(theirs)
    assert ours == theirs == identifier()


@both_encodings
def test_nothing_is_read_as_an_empty_data_set(is_implicit: bool) -> None:
    ds = _elements.read(b"", is_implicit)

    assert ds == Dataset()


def test_a_data_set_is_read_from_its_first_byte_wherever_the_stream_is() -> None:
    stream = BytesIO(pydicom_writes(identifier(), True) or b"")
    stream.read(20)

    assert dsutils.decode(stream, True, True) == identifier()


OPEN_SEQUENCE = element(0x00400275, "SQ", Sequence([identifier()]), is_undefined_length=True)
NOT_READ = {
    "an open sequence": pydicom_writes(OPEN_SEQUENCE, False),
    "half a header": b"\x10\x00\x20\x00LO",
    "half a long header": struct.pack("<HH2sH", 0x0042, 0x0011, b"OB", 0),
    "a value cut short": UNUSUAL_PADDING[:-1],
    "bytes behind the end": UNUSUAL_PADDING + b"\0\0",
    "the end of an item": struct.pack("<HHL", 0xFFFE, 0xE00D, 0),
    "another encoding": pydicom_writes(identifier(), True),
    "an unknown VR": UNUSUAL_PADDING.replace(b"LO", b"ZZ"),
    "code extensions": pydicom_writes(two_character_sets(), False),
    "a character set of bytes": struct.pack("<HH2sH", 8, 5, b"CS", 2) + b"\xff\xff",
    "a character set that is a number": struct.pack("<HH2sH", 8, 5, b"US", 2) + b"  ",
}


@pytest.mark.parametrize("data", NOT_READ.values(), ids=NOT_READ)
def test_what_is_not_simple_is_not_read(data: bytes) -> None:
    assert _elements.read(data, False) is None


def test_explicit_vr_in_the_place_of_implicit_is_left_to_pydicom() -> None:
    data = pydicom_writes(identifier(), False) or b""

    assert _elements.read(data, True) is None
    with pytest.warns(UserWarning, match="found explicit VR"):
        assert dsutils.decode(BytesIO(data), True, True) == identifier()


# From Explicit to Implicit VR.


def converted(data: bytes, more: int = 0) -> bytes | None:
    pieces = _elements.explicit_to_implicit(data, more)
    return None if pieces is None else b"".join(pieces)


def sample_files() -> dict[str, Path]:
    """Return pydicom's own samples that are in Explicit VR Little Endian."""
    folder = Path(pydicom.__file__).parent / "data"
    files = {}
    for path in sorted(folder.glob("**/*")):
        if path.is_file() and syntax_of(path) == ExplicitVRLittleEndian:
            files[path.name] = path
    return files


def syntax_of(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return dsutils.read_header(file).transfer_syntax
    except (pydicom.errors.InvalidDicomError, UnicodeError):
        return None


def data_set_of(path: Path) -> bytes:
    _, offset = dsutils.split_dataset(path)
    return path.read_bytes()[offset:]


SAMPLES = sample_files()
# They end too early, or their elements are not in order.
BROKEN = {"MR_truncated.dcm", "winter.dcm", "DICOMDIR-nooffset"}
# pydicom drops empty groups of names, and escapes at the end; the values are equal.
NORMALIZED = {"chrKoreanMulti.dcm", "chrX1.dcm", "chrX2.dcm"}
NORMALIZED |= {"chrSQEncoding.dcm", "chrSQEncoding1.dcm"}


@pytest.mark.parametrize("name", sorted(SAMPLES.keys() - BROKEN - NORMALIZED))
def test_a_file_is_converted_as_pydicom_would(name: str) -> None:
    path = SAMPLES[name]

    assert converted(data_set_of(path)) == pydicom_writes(dcmread(path), True)


@pytest.mark.parametrize("name", sorted(SAMPLES.keys() & NORMALIZED))
def test_a_file_that_pydicom_normalizes_keeps_its_bytes_and_its_values(name: str) -> None:
    ours = converted(data_set_of(SAMPLES[name]))
    theirs = pydicom_writes(dcmread(SAMPLES[name]), True)

    assert ours != theirs
    assert pydicom_reads(ours or b"", True) == pydicom_reads(theirs or b"", True)


@pytest.mark.parametrize("name", sorted(SAMPLES.keys() & BROKEN))
def test_a_broken_file_is_left_to_pydicom(name: str) -> None:
    assert converted(data_set_of(SAMPLES[name])) is None


def test_there_are_samples_of_each_kind() -> None:
    assert SAMPLES.keys() > BROKEN | NORMALIZED


UNDEFINED = 0xFFFFFFFF
END_OF_ITEM = struct.pack("<HHL", 0xFFFE, 0xE00D, 0)
END_OF_SEQUENCE = struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)


def explicit(tag: int, vr: bytes, value: bytes, length: int | None = None) -> bytes:
    length = len(value) if length is None else length
    if vr in _elements.LONG_VRS:
        return struct.pack("<HH2sHL", tag >> 16, tag & 0xFFFF, vr, 0, length) + value
    return struct.pack("<HH2sH", tag >> 16, tag & 0xFFFF, vr, length) + value


def implicit(tag: int, value: bytes, length: int | None = None) -> bytes:
    length = len(value) if length is None else length
    return struct.pack("<HHL", tag >> 16, tag & 0xFFFF, length) + value


def item(content: bytes, length: int | None = None) -> bytes:
    return implicit(0xFFFEE000, content, length)


LONG_TEXT = explicit(SEQUENCE - 1, b"UT", b"ab")
LONG_TEXT_IN_IMPLICIT = implicit(SEQUENCE - 1, b"ab")
OPEN_ITEM = item(implicit(ID, b"1 ") + END_OF_ITEM, UNDEFINED)

CONVERTED = {
    "nothing": (b"", b""),
    "an element": (explicit(ID, b"LO", b"1 "), implicit(ID, b"1 ")),
    "an element with a long header": (LONG_TEXT, LONG_TEXT_IN_IMPLICIT),
    "a group length": (explicit(0x00100000, b"UL", b"1234") + LONG_TEXT, LONG_TEXT_IN_IMPLICIT),
    "a sequence": (
        explicit(SEQUENCE, b"SQ", item(LONG_TEXT) + item(b"")),
        implicit(SEQUENCE, item(LONG_TEXT_IN_IMPLICIT) + item(b"")),
    ),
    "an open sequence": (
        explicit(SEQUENCE, b"SQ", item(LONG_TEXT) + END_OF_SEQUENCE, UNDEFINED),
        implicit(SEQUENCE, item(LONG_TEXT_IN_IMPLICIT) + END_OF_SEQUENCE, UNDEFINED),
    ),
    "an open item": (
        explicit(SEQUENCE, b"SQ", item(LONG_TEXT + END_OF_ITEM, UNDEFINED)),
        implicit(SEQUENCE, item(LONG_TEXT_IN_IMPLICIT + END_OF_ITEM, UNDEFINED)),
    ),
    "an open sequence of unknown VR, which holds Implicit VR": (
        explicit(PRIVATE, b"UN", OPEN_ITEM + END_OF_SEQUENCE, UNDEFINED),
        implicit(PRIVATE, OPEN_ITEM + END_OF_SEQUENCE, UNDEFINED),
    ),
    "an open sequence within an unknown one": (
        explicit(
            PRIVATE,
            b"UN",
            item(implicit(SEQUENCE, OPEN_ITEM + END_OF_SEQUENCE, UNDEFINED)) + END_OF_SEQUENCE,
            UNDEFINED,
        ),
        implicit(
            PRIVATE,
            item(implicit(SEQUENCE, OPEN_ITEM + END_OF_SEQUENCE, UNDEFINED)) + END_OF_SEQUENCE,
            UNDEFINED,
        ),
    ),
    "an unknown value": (explicit(PRIVATE, b"UN", OPEN_ITEM), implicit(PRIVATE, OPEN_ITEM)),
}


@pytest.mark.parametrize(("before", "after"), CONVERTED.values(), ids=CONVERTED)
def test_only_the_heads_of_elements_change(before: bytes, after: bytes) -> None:
    assert converted(before) == after
    assert pydicom_writes(pydicom_reads(before, False) or Dataset(), True) == after


UNCLEAR = {
    "a value of odd length": explicit(ID, b"LO", b"1"),
    "a value longer than the data set": explicit(ID, b"LO", b"1 ", 4),
    "half a header": explicit(ID, b"LO", b"1 ") + b"\0\0\0\0",
    "an unknown VR": explicit(ID, b"ZZ", b"1 "),
    "elements out of order": explicit(ID, b"LO", b"1 ") + explicit(ID - 1, b"LO", b"1 "),
    "an element that comes twice": explicit(ID, b"LO", b"1 ") * 2,
    "encapsulated pixel data": explicit(PIXELS, b"OB", item(b"") + END_OF_SEQUENCE, UNDEFINED),
    "an unknown value that holds Explicit VR": explicit(PRIVATE, b"UN", item(LONG_TEXT)),
    "an item outside a sequence": item(b""),
    "the end of no item": END_OF_ITEM,
    "a sequence without items": explicit(SEQUENCE, b"SQ", LONG_TEXT),
    "a sequence that does not end": explicit(SEQUENCE, b"SQ", item(b""), UNDEFINED),
    "an item that does not end": explicit(SEQUENCE, b"SQ", item(LONG_TEXT, UNDEFINED)),
    "an item longer than its sequence": explicit(SEQUENCE, b"SQ", item(LONG_TEXT), 20) + LONG_TEXT,
    "an item longer than the data set": explicit(SEQUENCE, b"SQ", item(b"", 4)),
    "an open item longer than its sequence": explicit(
        SEQUENCE, b"SQ", item(LONG_TEXT + END_OF_ITEM, UNDEFINED), 8
    ),
}


@pytest.mark.parametrize("data", UNCLEAR.values(), ids=UNCLEAR)
def test_what_is_unclear_is_not_converted(data: bytes) -> None:
    assert converted(data) is None


def nested(depth: int) -> bytes:
    data = b""
    for _ in range(depth):
        data = explicit(SEQUENCE, b"SQ", item(data))
    return data


@pytest.mark.parametrize(("depth", "is_converted"), [(64, True), (65, False), (2000, False)])
def test_sequences_are_followed_down_to_a_limit(depth: int, is_converted: bool) -> None:
    assert (converted(nested(depth)) is not None) == is_converted


def test_large_values_are_not_copied() -> None:
    pixels = explicit(PIXELS, b"OW", bytes(0x20000))
    data = explicit(SEQUENCE, b"SQ", item(explicit(0x54001010, b"OW", bytes(0x10000)))) + pixels

    pieces = _elements.explicit_to_implicit(data)

    assert pieces is not None
    large = [piece for piece in pieces if len(piece) >= 0x10000]
    assert [piece.obj is data for piece in large if isinstance(piece, memoryview)] == [True, True]


@pytest.mark.parametrize("cut", [0, 2, 0x20000])
def test_the_rest_of_the_last_value_may_come_later(cut: int) -> None:
    data = LONG_TEXT + explicit(PIXELS, b"OW", bytes(0x20000))
    end = len(data) - cut

    start = converted(data[:end], more=cut)

    assert start is not None
    assert start + data[end:] == converted(data)


# Files that are sent in Implicit VR.


class Peer:
    """An association with somebody who accepted one transfer syntax."""

    is_established = True

    def __init__(self, syntax: str) -> None:
        self.context = build_context(CTImageStorage, syntax)
        self.context.context_id = 1
        self.context._as_scu = True
        self.received = b""

    def option(self, option: Option[bool]) -> bool:
        return option.of(self)

    def contexts_for(self, abstract_syntax: str) -> list[PresentationContext]:
        return [self.context] if abstract_syntax == CTImageStorage else []

    async def request(self, message: C_STORE, context_id: int, source: DataSource) -> C_STORE:
        remaining = source.length
        while remaining:
            size = min(remaining, 10000)
            self.received += source.read(size)
            remaining -= size
        response = C_STORE()
        response.Status = 0x0000
        return response


def image(**values: Value) -> Dataset:
    ds = data_set(SOPClassUID=CTImageStorage, SOPInstanceUID="1.2.3", **values)
    ds.add_new(0x7FE00010, "OW", bytes(range(256)) * 400)
    return ds


@pytest.fixture
def file_of(tmp_path: Path) -> Callable[[bytes], Path]:
    def write_file(encoded: bytes) -> Path:
        path = tmp_path / "image.dcm"
        meta = dsutils.create_file_meta(
            sop_class_uid=CTImageStorage,
            sop_instance_uid=pydicom.uid.UID("1.2.3"),
            transfer_syntax=ExplicitVRLittleEndian,
        )
        path.write_bytes(dsutils.encode_preamble(meta) + encoded)
        return path

    return write_file


@pytest.fixture
def no_pydicom(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail the test that lets pydicom read a file."""

    def refuse(path: Path) -> None:
        raise AssertionError(f"pydicom was asked to read {path}")

    monkeypatch.setattr(store, "dcmread", refuse)


def send(path: Path, peer: Any) -> int:
    status = run(store.send_c_store(peer, path))
    code: int = status.Status
    return code


LONG_SEQUENCE = [data_set(TextValue="x" * 40000)]


@pytest.mark.usefixtures("no_pydicom")
@pytest.mark.parametrize("items", [[], LONG_SEQUENCE], ids=["short", "longer than one read"])
def test_a_file_is_sent_in_implicit_vr_without_pydicom(
    file_of: Callable[[bytes], Path], items: list[Dataset]
) -> None:
    ds = image(PatientID="1", RequestAttributesSequence=items)
    path, peer = file_of(pydicom_writes(ds, False) or b""), Peer(ImplicitVRLittleEndian)

    status = send(path, peer)

    assert status == 0x0000
    assert peer.received == pydicom_writes(ds, True)


def test_a_file_with_more_before_its_pixels_than_may_be_held_is_left_to_pydicom(
    file_of: Callable[[bytes], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    ds = image(RequestAttributesSequence=LONG_SEQUENCE)
    path, peer = file_of(pydicom_writes(ds, False) or b""), Peer(ImplicitVRLittleEndian)
    monkeypatch.setattr(store, "_CONVERTED", 100)

    status = send(path, peer)

    assert status == 0x0000
    assert peer.received == pydicom_writes(ds, True)


def test_a_file_that_is_unclear_is_left_to_pydicom(file_of: Callable[[bytes], Path]) -> None:
    odd = explicit(0x7FE10010, b"OB", b"1")
    path = file_of((pydicom_writes(image(), False) or b"") + odd)
    peer = Peer(ImplicitVRLittleEndian)

    status = send(path, peer)

    assert status == 0x0000
    assert peer.received.endswith(implicit(0x7FE10010, b"1\0"))


@pytest.mark.usefixtures("no_pydicom")
def test_a_file_is_not_converted_when_its_own_encoding_is_insisted_on(
    file_of: Callable[[bytes], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = file_of(pydicom_writes(image(), False) or b"")
    monkeypatch.setattr(_config, "STORE_SEND_CHUNKED_DATASET", True)

    with pytest.raises(NoAcceptedContextError, match="Explicit VR Little Endian"):
        send(path, Peer(ImplicitVRLittleEndian))


# Whatever it is.


def some(values: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    return st.none() | values | st.lists(values, max_size=3)


def by_vr(text: str, digits: list[str]) -> dict[str, st.SearchStrategy[Value]]:
    numbers = st.integers(-2, 70000) | st.integers(-(2**64), 2**64) | st.floats()
    texts = some(st.text(text, max_size=8))
    return {
        **dict.fromkeys("AE AS CS DA DT LO LT PN SH ST TM UC UI UR UT".split(), texts),
        **dict.fromkeys("DS IS".split(), some(numbers | st.sampled_from(digits))),
        **dict.fromkeys("FD FL SL SS SV UL US UV".split(), some(numbers)),
        **dict.fromkeys("OB OD OF OL OV OW UN".split(), st.none() | st.binary(max_size=5)),
        "AT": some(st.integers(0, 0xFFFFFFFF)),
    }


ANY = by_vr("aB1 ^=\\\0\x1b\rÄΩ王", ["", "007", "+5 ", "1.50", "x"])
# Without what pydicom takes away when it decodes a value and encodes it again.
TIDY = by_vr("aB1^\\Ä", ["", "007", "1.50"])
del TIDY["UN"]
TAGS = st.sampled_from([ID, 0x00110010, PRIVATE, SEQUENCE, LUT_DESCRIPTOR, PIXELS])
CHARACTER_SETS = st.sampled_from(
    [
        None,
        "",
        "ISO_IR 6",
        "ISO_IR 100",
        "ISO_IR 192",
        "ISO_IR 13",
        "GB18030",
        ["", "ISO 2022 IR 87"],
    ]
)


@st.composite
def data_sets(
    draw: st.DrawFn, values: dict[str, st.SearchStrategy[Value]] = ANY, depth: int = 2
) -> Dataset:
    """Make a data set: right or wrong, whatever pydicom lets a user do."""
    ds = Dataset()
    if draw(st.booleans()):
        ds.SpecificCharacterSet = draw(CHARACTER_SETS)
    if draw(st.booleans()):
        ds.add_new(0x00080000, "UL", 100)
    for tag in draw(st.lists(TAGS, max_size=4, unique=True)):
        may_nest = depth > 0 and tag != PIXELS
        vrs = sorted(values) + ["SQ"] * 5 * may_nest
        vr = draw(st.sampled_from(["SS", "US"] if tag == LUT_DESCRIPTOR else vrs))
        items = st.lists(data_sets(values, depth - 1), max_size=2)
        value = draw(items if vr == "SQ" else values[vr])
        add(ds, tag, vr, value, is_open=draw(st.booleans()))
    ds.is_undefined_length_sequence_item = draw(st.booleans())
    return ds


def add(ds: Dataset, tag: int, vr: str, value: Value, *, is_open: bool) -> None:
    """Add an element if pydicom lets us."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ds.add_new(tag, vr, value)
        except Exception:  # whatever it may be
            return
    ds[tag].is_undefined_length = vr == "SQ" and is_open


@pytest.mark.slow
@given(data_sets(), st.booleans())
def test_any_data_set_is_written_as_pydicom_would_or_not_at_all(
    ds: Dataset, is_implicit: bool
) -> None:
    written = _elements.write(ds, is_implicit)

    assert written in (None, pydicom_writes(ds, is_implicit))
    assert _elements.write(ds, is_implicit) in (None, pydicom_writes(ds, is_implicit))


@pytest.mark.slow
@given(data_sets(), st.booleans(), st.sets(TAGS))
def test_any_data_set_that_was_read_is_written_as_it_was(
    ds: Dataset, is_implicit: bool, touched: set[int]
) -> None:
    data = pydicom_writes(ds, is_implicit) or b""
    ours, theirs = pydicom_reads(data, is_implicit), pydicom_reads(data, is_implicit)
    for tag in touched:
        look_at(ours, tag)
        look_at(theirs, tag)

    written = _elements.write(ours or Dataset(), is_implicit)

    expected = pydicom_writes(theirs or Dataset(), is_implicit)
    # It looks at empty elements for their VR, and refuses when it finds several.
    assert written in (None, expected) or expected is None


def look_at(ds: Dataset | None, tag: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            str((ds or Dataset()).get(tag))
        except Exception:  # whatever it may be
            return


@pytest.mark.slow
@given(data_sets(), st.booleans())
def test_any_data_set_is_read_as_pydicom_would_or_not_at_all(
    ds: Dataset, is_implicit: bool
) -> None:
    data = pydicom_writes(ds, is_implicit) or b""

    ours, theirs = _elements.read(data, is_implicit), pydicom_reads(data, is_implicit)

    assert ours is None or (theirs is not None and same(ours, theirs))


@pytest.mark.slow
@given(data_sets(), st.data(), st.booleans())
def test_any_bytes_are_read_as_pydicom_would_or_not_at_all(
    ds: Dataset, data: st.DataObject, is_implicit: bool
) -> None:
    garbage = bytearray(pydicom_writes(ds, data.draw(st.booleans())) or b"")
    position = data.draw(st.integers(0, len(garbage)))
    garbage[position : position + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))

    ours = _elements.read(bytes(garbage), is_implicit)
    theirs = pydicom_reads(bytes(garbage), is_implicit)

    assert ours is None or (theirs is not None and same(ours, theirs))


@pytest.mark.slow
@given(data_sets(TIDY))
def test_any_tidy_data_set_is_converted_as_pydicom_would_or_not_at_all(ds: Dataset) -> None:
    data = pydicom_writes(ds, False) or b""

    ours = converted(data)
    theirs = pydicom_writes(pydicom_reads(data, False) or Dataset(), True)

    assert ours in (None, theirs) or theirs is None


@pytest.mark.slow
@given(data_sets(), st.data())
def test_any_beginning_is_converted_like_the_whole_or_not_at_all(
    ds: Dataset, data: st.DataObject
) -> None:
    encoded = (pydicom_writes(ds, False) or b"") + explicit(0x7FE10010, b"OB", bytes(20))
    cut = data.draw(st.integers(0, len(encoded)))

    start = converted(encoded[:cut], more=len(encoded) - cut)

    assert start is None or start + encoded[cut:] == converted(encoded)
