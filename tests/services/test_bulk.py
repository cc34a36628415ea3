"""What Composite Instance Retrieve Without Bulk Data leaves out (PS3.4 Z.1.3)."""

import pytest
from pydicom import DataElement, Dataset
from pydicom.tag import Tag
from pydicom.uid import ExplicitVRLittleEndian

from pynetdicom.services.bulk import without_bulk_data
from services.dialogue import image, patient

BULK = {
    "PixelData": (0x7FE00010, "OW"),
    "FloatPixelData": (0x7FE00008, "OF"),
    "DoubleFloatPixelData": (0x7FE00009, "OD"),
    "PixelDataProviderURL": (0x00287FE0, "UR"),
    "SpectroscopyData": (0x56000020, "OF"),
    "EncapsulatedDocument": (0x00420011, "OB"),
    "CurveData": (0x50003000, "OW"),
    "CurveData of another group": (0x500A3000, "OW"),
    "AudioSampleData": (0x5004200C, "OW"),
    "OverlayData": (0x60003000, "OW"),
    "OverlayData of another group": (0x60FE3000, "OW"),
}


@pytest.mark.parametrize("name", BULK)
def test_bulk_data_is_left_out_and_named(name: str, caplog: pytest.LogCaptureFixture) -> None:
    tag, vr = BULK[name]
    dataset = patient("A")
    dataset.add(DataElement(tag, vr, "x" if vr == "UR" else b"\0\0"))

    assert without_bulk_data(dataset) == patient("A")
    assert f"Bulk data is left out: {Tag(tag)}" in caplog.text


def test_the_instance_itself_keeps_its_bulk_data() -> None:
    dataset = image()
    dataset.EncapsulatedDocument = b"%PDF"

    without_bulk_data(dataset)

    assert dataset.EncapsulatedDocument == b"%PDF"


def test_what_describes_bulk_data_stays(caplog: pytest.LogCaptureFixture) -> None:
    dataset = Dataset()
    dataset.Rows = dataset.BitsAllocated = 8
    dataset.add(DataElement(0x60000010, "US", 8))  # overlay rows
    dataset.add(DataElement(0x50000005, "US", 2))  # curve dimensions

    assert without_bulk_data(dataset) == dataset
    assert caplog.text == ""


def _waveform(data: bytes | None) -> Dataset:
    item = Dataset()
    item.NumberOfWaveformChannels = 1
    item.WaveformBitsAllocated = 8
    if data is not None:
        item.add(DataElement(0x54001010, "OB", data))
    return item


def test_waveform_data_is_left_out_of_each_waveform(caplog: pytest.LogCaptureFixture) -> None:
    dataset = patient("A")
    dataset.WaveformSequence = [_waveform(b"\1\2"), _waveform(None)]

    slim = without_bulk_data(dataset)

    assert list(slim.WaveformSequence) == [_waveform(None), _waveform(None)]
    assert dataset.WaveformSequence[0].WaveformData == b"\1\2"
    assert "Bulk data is left out: (5400,1010)" in caplog.text


def test_waveforms_without_data_are_no_news(caplog: pytest.LogCaptureFixture) -> None:
    dataset = Dataset()
    dataset.WaveformSequence = [_waveform(None)]

    assert without_bulk_data(dataset) == dataset
    assert caplog.text == ""


def test_the_rest_can_be_sent_as_the_whole_could() -> None:
    dataset = image()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.set_original_encoding(False, True, "ISO_IR 100")

    slim = without_bulk_data(dataset)

    assert slim.file_meta == dataset.file_meta
    assert slim.original_encoding == (False, True)
    assert slim.original_character_set == "ISO_IR 100"
