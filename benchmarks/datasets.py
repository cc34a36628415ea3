"""The objects that the benchmarks send: synthetic CT images with noise for pixels.

S: many of 10 KB. C: CT images of 525 KB. L: one multi-frame object of 256 MB. G: one of 1 GB.
"""

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import (
    UID,
    CTImageStorage,
    EnhancedCTImageStorage,
    ExplicitVRLittleEndian,
    generate_uid,
)

MEGABYTE = 1 << 20
PIXEL_DATA_HEAD = bytes.fromhex("e07f1000") + b"OW" + bytes(2)


@dataclass(frozen=True, slots=True)
class SetSize:
    """How many objects of which size a set holds."""

    objects: int
    rows: int
    frames: int = 1


# Square images of two bytes per pixel, so 512 rows are 512 KiB and 64 rows 8 KiB.
FULL = {
    "S": SetSize(2000, 64),
    "C": SetSize(200, 512),
    "L": SetSize(1, 512, 256 * MEGABYTE // 524288),
    "G": SetSize(1, 512, 1024 * MEGABYTE // 524288),
}
# G is only as large as L here: enough to see whether memory grows with the object.
QUICK = {
    "S": SetSize(1000, 64),
    "C": SetSize(100, 512),
    "L": FULL["L"],
    "G": FULL["L"],
}


def make_set(folder: Path, size: SetSize) -> None:
    """Write the files of a set, unless they are there from an earlier run."""
    # Beside the folder: some programs send whatever is in it.
    complete = folder.with_suffix(".complete")
    if complete.exists() and complete.read_text() == repr(size):
        return
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.dcm"):
        path.unlink()
    for number in range(size.objects):
        write_object(folder / f"{number:05}.dcm", number, size)
    complete.write_text(repr(size))


def write_object(path: Path, number: int, size: SetSize) -> None:
    """Write one object; its pixel data follow without being held in memory."""
    data_set = FileDataset(str(path), header(number, size), file_meta=meta(number, size))
    data_set.preamble = bytes(128)
    data_set.save_as(path, enforce_file_format=True)
    frame = noise(number, size.rows * size.rows)
    with path.open("ab") as file:
        file.write(PIXEL_DATA_HEAD + (len(frame) * size.frames).to_bytes(4, "little"))
        for _ in range(size.frames):
            file.write(frame)


def noise(seed: int, pixels: int) -> bytes:
    """Make 12-bit noise, which no layer below can compress."""
    source = random.Random(seed).randbytes(pixels * 2)
    mask = int.from_bytes(b"\xff\x0f" * pixels, "little")
    return (int.from_bytes(source, "little") & mask).to_bytes(pixels * 2, "little")


def uid(kind: str, number: int) -> str:
    return generate_uid(entropy_srcs=["benchmark", kind, str(number)])


STUDY: Final = uid("study", 1)
SERIES: Final = uid("series", 1)


def meta(number: int, size: SetSize) -> FileMetaDataset:
    file_meta = FileMetaDataset()
    file_meta.MediaStorageSOPClassUID = (
        CTImageStorage if size.frames == 1 else EnhancedCTImageStorage
    )
    file_meta.MediaStorageSOPInstanceUID = UID(uid("instance", number + 10000 * size.rows))
    file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return file_meta


def header(number: int, size: SetSize) -> Dataset:
    """Describe an image with about the elements that a CT scanner writes."""
    file_meta = meta(number, size)
    data_set = Dataset()
    for keyword, value in CONSTANT.items():
        setattr(data_set, keyword, value)
    data_set.SOPClassUID = file_meta.MediaStorageSOPClassUID
    data_set.SOPInstanceUID = file_meta.MediaStorageSOPInstanceUID
    data_set.StudyInstanceUID = STUDY
    data_set.SeriesInstanceUID = SERIES
    data_set.FrameOfReferenceUID = uid("frame", 1)
    data_set.InstanceNumber = number + 1
    data_set.ImagePositionPatient = [-250, -250, -1.25 * number]
    data_set.SliceLocation = -1.25 * number
    data_set.Rows = data_set.Columns = size.rows
    if size.frames > 1:
        data_set.NumberOfFrames = size.frames
    data_set.RequestAttributesSequence = [request()]
    return data_set


def request() -> Dataset:
    item = Dataset()
    item.ScheduledProcedureStepDescription = "CT thorax with contrast"
    item.ScheduledProcedureStepID = "SPS0001"
    item.RequestedProcedureID = "RP0001"
    return item


CONSTANT: dict[str, object] = {
    "SpecificCharacterSet": "ISO_IR 100",
    "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
    "StudyDate": "20240102",
    "SeriesDate": "20240102",
    "AcquisitionDate": "20240102",
    "ContentDate": "20240102",
    "StudyTime": "101010",
    "SeriesTime": "101112",
    "AcquisitionTime": "101114",
    "ContentTime": "101116",
    "AccessionNumber": "A0001",
    "Modality": "CT",
    "Manufacturer": "Synthetic",
    "InstitutionName": "Benchmark Hospital",
    "ReferringPhysicianName": "Referring^Physician",
    "StationName": "CT01",
    "StudyDescription": "Thorax",
    "SeriesDescription": "Thorax 1.25 mm soft tissue",
    "ManufacturerModelName": "Noise 64",
    "PatientName": "Benchmark^Patient",
    "PatientID": "P0001",
    "PatientBirthDate": "19700101",
    "PatientSex": "O",
    "PatientAge": "054Y",
    "PatientWeight": "75",
    "BodyPartExamined": "CHEST",
    "ScanOptions": "HELICAL MODE",
    "SliceThickness": "1.25",
    "KVP": "120",
    "DataCollectionDiameter": "500",
    "SoftwareVersions": "1.0",
    "ProtocolName": "Thorax routine",
    "ReconstructionDiameter": "500",
    "DistanceSourceToDetector": "949.075",
    "DistanceSourceToPatient": "541",
    "GantryDetectorTilt": "0",
    "TableHeight": "161.5",
    "RotationDirection": "CW",
    "ExposureTime": "500",
    "XRayTubeCurrent": "300",
    "Exposure": "150",
    "FilterType": "BODY FILTER",
    "GeneratorPower": "36000",
    "FocalSpots": "0.7",
    "ConvolutionKernel": "STANDARD",
    "PatientPosition": "FFS",
    "StudyID": "1",
    "SeriesNumber": "2",
    "AcquisitionNumber": "1",
    "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
    "PositionReferenceIndicator": "SN",
    "SamplesPerPixel": 1,
    "PhotometricInterpretation": "MONOCHROME2",
    "PixelSpacing": ["0.976562", "0.976562"],
    "BitsAllocated": 16,
    "BitsStored": 12,
    "HighBit": 11,
    "PixelRepresentation": 0,
    "WindowCenter": "40",
    "WindowWidth": "400",
    "RescaleIntercept": "-1024",
    "RescaleSlope": "1",
    "RescaleType": "HU",
}
