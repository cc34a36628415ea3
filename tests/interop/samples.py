"""The DICOM files every peer is fed with: what pydicom ships, split into meta and data set.

"Unchanged" in these tests means the bytes of the data set: everything behind the file meta
information (PS3.10 7.1). So this module splits files by that rule alone and decodes nothing.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

import pydicom.data
from pydicom import dcmread, dcmwrite
from pydicom.dataset import FileDataset
from pydicom.errors import InvalidDicomError
from pydicom.uid import UID

PREAMBLE_LENGTH = 128 + len(b"DICM")
# (0002,0000) UL is always explicit little endian: 4 tag, 2 VR, 2 length, 4 value.
GROUP_LENGTH_ELEMENT = 12


# Peers that decode what they send or store cannot do so with these files.
DAMAGED = (
    "MR_truncated.dcm",  # ends within the pixel data
    "rtplan_truncated.dcm",  # ends within an element
    "rtdose_rle.dcm",  # even the UIDs are of unknown value representation
    "rtdose_rle_1frame.dcm",  # the same
    "SC_rgb_jpeg.dcm",  # implicit VR although its transfer syntax is explicit
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One DICOM file and what a storage SCU has to know of it."""

    path: Path
    sop_class: UID
    sop_instance: UID
    transfer_syntax: UID
    data_set: bytes
    # Whether the file meta information names the same instance as the data set (PS3.10 7.1).
    is_consistent: bool

    @property
    def name(self) -> str:
        return self.path.name

    def read(self) -> FileDataset:
        return dcmread(self.path)


@cache
def storable_samples() -> tuple[Sample, ...]:
    """Return each file of the pydicom wheel that can be stored over the network (PS3.4 B).

    It needs a file meta information with a transfer syntax, and an instance identification.
    """
    folder = Path(pydicom.data.__file__).parent / "test_files"
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return tuple(sample for path in files if (sample := _sample(path)))


def sound_samples() -> tuple[Sample, ...]:
    """Return the storable samples whose data sets every peer can decode."""
    return without(storable_samples(), DAMAGED)


def varied_samples() -> tuple[Sample, ...]:
    """Return the sound samples but for the long series of alike ones: for slow peers."""
    return tuple(sample for sample in sound_samples() if sample.path.parent.name == "test_files")


def named(*names: str) -> tuple[Sample, ...]:
    """Return the samples with these file names."""
    return tuple(sample for sample in storable_samples() if sample.name in names)


def without(samples: Iterable[Sample], names: Iterable[str]) -> tuple[Sample, ...]:
    """Return the samples whose file names are not among `names`."""
    left_out = frozenset(names)
    return tuple(sample for sample in samples if sample.name not in left_out)


def consistent(samples: Iterable[Sample]) -> tuple[Sample, ...]:
    """Return the samples for which it does not matter where their UIDs are taken from."""
    return tuple(sample for sample in samples if sample.is_consistent)


def of_even_length(samples: Iterable[Sample]) -> tuple[Sample, ...]:
    """Return the samples that may be sent as they are: data sets are of even length (PS3.5 7.1.1).

    Two are not: a deflated one whose file lacks the padding of PS3.5 A.5, and a truncated one.
    """
    return tuple(sample for sample in samples if len(sample.data_set) % 2 == 0)


def one_per_instance(samples: Iterable[Sample]) -> tuple[Sample, ...]:
    """Keep the first sample of each SOP instance UID: archives refuse a second one."""
    by_instance: dict[UID, Sample] = {}
    for sample in samples:
        by_instance.setdefault(sample.sop_instance, sample)
    return tuple(by_instance.values())


def pairs_of(samples: Iterable[Sample]) -> list[tuple[UID, UID]]:
    """Return the distinct (abstract syntax, transfer syntax) pairs the samples need."""
    return sorted({(sample.sop_class, sample.transfer_syntax) for sample in samples})


def data_set_of(file: bytes) -> bytes:
    """Return the data set of a DICOM file: what follows group 0002 (PS3.10 7.1)."""
    assert file[PREAMBLE_LENGTH - 4 : PREAMBLE_LENGTH] == b"DICM"
    start = PREAMBLE_LENGTH + GROUP_LENGTH_ELEMENT
    meta_length = int.from_bytes(file[start - 4 : start], "little")
    return file[start + meta_length :]


def transfer_syntax_of(file: bytes) -> UID:
    """Return the transfer syntax a DICOM file's meta information names."""
    meta = file[: len(file) - len(data_set_of(file))]
    return UID(dcmread(BytesIO(meta)).file_meta.TransferSyntaxUID)


def encoded_by_pydicom(sample: Sample) -> bytes:
    """Return the data set pydicom writes for a sample it has read."""
    buffer = BytesIO()
    dcmwrite(buffer, sample.read())
    return data_set_of(buffer.getvalue())


def distinct(data_sets: Mapping[str, bytes]) -> dict[str, bytes]:
    """Keep one name for each data set: some samples differ in their meta information alone."""
    names = {data_set: name for name, data_set in data_sets.items()}
    return {name: data_set for data_set, name in names.items()}


def as_pydicom_encodes_them(samples: Iterable[Sample]) -> dict[str, bytes]:
    """Return the data sets pydicom writes for the samples it has read, by name."""
    return {str(sample.path): encoded_by_pydicom(sample) for sample in samples}


def numbered(data_sets: Iterable[bytes]) -> dict[str, bytes]:
    """Give nameless data sets names to be compared by."""
    return {f"data set {number}": data_set for number, data_set in enumerate(data_sets)}


def assert_same(received: Iterable[bytes], sent: Mapping[str, bytes]) -> None:
    """Check that the data sets received are the ones sent, byte for byte, in any order."""
    arrived = Counter(received)
    expected = Counter(sent.values())
    missing = [name for name, data_set in sent.items() if arrived[data_set] < expected[data_set]]
    assert missing == [], f"{len(missing)} of {len(sent)} data sets did not arrive unchanged"
    assert arrived == expected, "data sets arrived that nobody sent"


def by_path(samples: Iterable[Sample]) -> dict[str, bytes]:
    """Return the data sets as they are in the files, by name."""
    return {str(sample.path): sample.data_set for sample in samples}


def _sample(path: Path) -> Sample | None:
    try:
        with warnings.catch_warnings():
            # Some samples are wrong on purpose; pydicom says so when it reads them.
            warnings.simplefilter("ignore")
            header = dcmread(path, stop_before_pixels=True)
    except InvalidDicomError:
        return None
    meta = header.file_meta
    sop_class, sop_instance = header.get("SOPClassUID"), header.get("SOPInstanceUID")
    if not (sop_class and sop_instance and "TransferSyntaxUID" in meta):
        return None
    named = meta.get("MediaStorageSOPClassUID"), meta.get("MediaStorageSOPInstanceUID")
    return Sample(
        path=path,
        sop_class=sop_class,
        sop_instance=sop_instance,
        transfer_syntax=meta.TransferSyntaxUID,
        data_set=data_set_of(path.read_bytes()),
        is_consistent=named == (sop_class, sop_instance),
    )
