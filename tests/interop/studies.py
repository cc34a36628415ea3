"""A few small studies for query and retrieve, and the archive of ours that holds them.

The archive is what a user would write: handlers for C-FIND, C-GET and C-MOVE over a list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from io import BytesIO
from pathlib import Path
from threading import Event
from typing import Any, ClassVar
from zlib import crc32

from pydicom import dcmwrite
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

from interop.front import LOOPBACK, SUCCESS, Handlers
from interop.processes import DEADLINE
from pynetdicom import build_context, evt
from pynetdicom.presentation import PresentationContext
from pynetdicom.sop_class import (
    CTImageStorage,
    MRImageStorage,
    PatientRootQueryRetrieveInformationModelFind,
    PatientRootQueryRetrieveInformationModelGet,
    PatientRootQueryRetrieveInformationModelMove,
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
)

PENDING = 0xFF00
CANCELLED = 0xFE00
OUT_OF_RESOURCES = 0xA700
ROOT = "1.2.826.0.1.3680043.8.498.1"

STORAGE_CLASSES = (CTImageStorage, MRImageStorage)
STORAGE = [build_context(uid, ExplicitVRLittleEndian) for uid in STORAGE_CLASSES]
FIND = [
    build_context(uid)
    for uid in (
        PatientRootQueryRetrieveInformationModelFind,
        StudyRootQueryRetrieveInformationModelFind,
    )
]
GET = [
    build_context(uid)
    for uid in (
        PatientRootQueryRetrieveInformationModelGet,
        StudyRootQueryRetrieveInformationModelGet,
    )
]
MOVE = [
    build_context(uid)
    for uid in (
        PatientRootQueryRetrieveInformationModelMove,
        StudyRootQueryRetrieveInformationModelMove,
    )
]

# The attributes that tell the matches of a level apart (PS3.4 C.6).
UNIQUE_KEYS = {
    "PATIENT": ("PatientID",),
    "STUDY": ("StudyInstanceUID",),
    "SERIES": ("SeriesInstanceUID",),
    "IMAGE": ("SOPInstanceUID",),
}

# Study, series and instance, by number; the modality of the series.
_INSTANCES = (
    ("VIVALDI^ANTONIO", "AV-1", 1, 1, 1, CTImageStorage),
    ("VIVALDI^ANTONIO", "AV-1", 1, 1, 2, CTImageStorage),
    ("VIVALDI^ANTONIO", "AV-1", 1, 2, 3, MRImageStorage),
    ("VIVALDI^ANTONIO", "AV-1", 2, 3, 4, CTImageStorage),
    ("CORELLI^ARCANGELO", "AC-2", 3, 4, 5, MRImageStorage),
    ("CORELLI^ARCANGELO", "AC-2", 3, 4, 6, MRImageStorage),
)


def instances() -> list[FileDataset]:
    return [_instance(*values) for values in _INSTANCES]


def _instance(
    name: str, patient: str, study: int, series: int, number: int, sop_class: UID
) -> FileDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = sop_class
    meta.MediaStorageSOPInstanceUID = UID(f"{ROOT}.{study}.{series}.{number}")
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    instance = FileDataset("", {}, file_meta=meta, preamble=bytes(128), is_implicit_VR=False)
    instance.SOPClassUID = sop_class
    instance.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    instance.StudyDate, instance.StudyTime = f"2025010{study}", "101112"
    instance.AccessionNumber = f"ACC{study}"
    instance.Modality = "CT" if sop_class == CTImageStorage else "MR"
    instance.PatientName, instance.PatientID = name, patient
    instance.StudyInstanceUID, instance.StudyID = f"{ROOT}.{study}", f"S{study}"
    instance.SeriesInstanceUID, instance.SeriesNumber = f"{ROOT}.{study}.{series}", series
    instance.InstanceNumber = number
    instance.SamplesPerPixel, instance.PhotometricInterpretation = 1, "MONOCHROME2"
    instance.Rows = instance.Columns = 64
    instance.BitsAllocated, instance.BitsStored, instance.HighBit = 16, 12, 11
    instance.PixelRepresentation = 0
    instance.PixelData = bytes([number, 0]) * 64 * 64
    instance["PixelData"].VR = "OW"
    return instance


def files(folder: Path) -> list[Path]:
    """Write the studies into files."""
    paths = []
    for number, instance in enumerate(instances()):
        paths.append(folder / f"{number}.dcm")
        paths[-1].write_bytes(encoded(instance))
    return paths


def encoded(instance: Dataset) -> bytes:
    buffer = BytesIO()
    dcmwrite(buffer, instance, enforce_file_format=True)
    return buffer.getvalue()


def query(level: str, **keys: Any) -> Dataset:
    """Return an identifier: a key with a value is matched, one with an empty value returned."""
    identifier = Dataset()
    identifier.QueryRetrieveLevel = level
    for keyword, value in keys.items():
        setattr(identifier, keyword, value)
    return identifier


WHOLE_STUDY = query("STUDY", StudyInstanceUID=f"{ROOT}.1")


def matches(identifier: Dataset, among: Iterable[Dataset] | None = None) -> list[Dataset]:
    """Return the instances an identifier matches (PS3.4 C.2.2.2), one for each of its level."""
    unique = UNIQUE_KEYS[identifier.QueryRetrieveLevel]
    found: dict[tuple[str, ...], Dataset] = {}
    for instance in among if among is not None else instances():
        if all(_is_match(element, instance) for element in identifier):
            found.setdefault(tuple(str(instance[key].value) for key in unique), instance)
    return list(found.values())


def selected(identifier: Dataset, among: Iterable[Dataset] | None = None) -> list[Dataset]:
    """Return all instances an identifier selects for retrieval (PS3.4 C.4.2)."""
    each = deepcopy(identifier)
    each.QueryRetrieveLevel = "IMAGE"
    return matches(each, among)


def _is_match(key: Any, instance: Dataset) -> bool:
    if key.keyword in ("QueryRetrieveLevel", "SpecificCharacterSet") or not key.value:
        return True
    if key.keyword not in instance:
        return False
    patterns = [key.value] if key.VM == 1 else key.value
    return any(fnmatchcase(str(instance[key.keyword].value), str(p)) for p in patterns)


def answer(identifier: Dataset, instance: Dataset) -> Dataset:
    """Return what an instance has to say to a query (PS3.4 C.4.1.1.3.2)."""
    found = query(identifier.QueryRetrieveLevel)
    for element in identifier:
        if element.keyword in instance:
            found[element.tag] = instance[element.tag]
    return found


def answers(identifier: Dataset) -> list[dict[str, str]]:
    """Return what a query must be answered with."""
    return asked([answer(identifier, match) for match in matches(identifier)], identifier)


def asked(found: Iterable[Dataset | None], identifier: Dataset) -> list[dict[str, str]]:
    """Return what matches say about what was asked for, in any order: archives add to it."""
    keywords = [element.keyword for element in identifier]
    said = [{key: str(match[key].value).strip() for key in keywords} for match in found if match]
    return sorted(said, key=str)


@dataclass(slots=True)
class Archive:
    """An archive of ours.

    Attributes:
        destinations: The ports of those to whom instances can be moved, by AE title.
        holds: What it holds.
        seen: The identifiers it was asked about.
        is_endless: Whether it goes on answering until it is told to stop.
        noticed: Set when a cancel was noticed.
        announced: How many instances it had for whom asked last.
    """

    destinations: dict[str, int] = field(default_factory=dict)
    holds: Sequence[Dataset] = field(default_factory=instances)
    seen: list[Dataset] = field(default_factory=list)
    is_endless: bool = False
    noticed: Event = field(default_factory=Event)
    announced: int = 0

    # An endless answer ends here, should nobody stop it.
    LIMIT: ClassVar = 20_000

    @property
    def handlers(self) -> Handlers:
        return [
            (evt.EVT_C_FIND, self.find),
            (evt.EVT_C_GET, self.get),
            (evt.EVT_C_MOVE, self.move),
        ]

    @property
    def contexts(self) -> list[PresentationContext]:
        storage = [build_context(uid, ExplicitVRLittleEndian) for uid in STORAGE_CLASSES]
        for context in storage:
            context.scu_role = context.scp_role = True
        return [*FIND, *GET, *MOVE, *storage]

    def find(self, event: evt.Event) -> Iterator[tuple[int, Dataset | None]]:
        identifier = event.identifier
        self.seen.append(identifier)
        found = matches(identifier, self.holds)
        for match in self._repeated(found):
            if event.is_cancelled:
                self.noticed.set()
                yield CANCELLED, None
                return
            yield PENDING, answer(identifier, match)

    def get(self, event: evt.Event) -> Iterator[Any]:
        identifier = event.identifier
        self.seen.append(identifier)
        chosen = self._repeated(selected(identifier, self.holds))
        self.announced = len(chosen)
        yield self.announced
        for instance in chosen:
            if event.is_cancelled:
                self.noticed.set()
                yield CANCELLED, None
                return
            yield PENDING, instance

    def move(self, event: evt.Event) -> Iterator[Any]:
        port = self.destinations.get(event.move_destination)
        if port is None:
            yield None, None
            return
        yield LOOPBACK, port, {"contexts": STORAGE}
        yield from self.get(event)

    def _repeated(self, found: list[Dataset]) -> list[Dataset]:
        return found * (self.LIMIT // len(found)) if self.is_endless else found


@dataclass(slots=True)
class Keeper:
    """A storage SCP's handler that keeps what it was given.

    Attributes:
        instances: What it was given.
        originators: Who had it moved here, and by which message.
        refuses: The instances it does not want.
        waits_after_one_for: What must happen before it takes a second instance.
    """

    instances: list[Dataset] = field(default_factory=list)
    originators: set[tuple[str | None, int | None]] = field(default_factory=set)
    refuses: frozenset[str] = frozenset()
    waits_after_one_for: Event | None = None

    def store(self, event: evt.Event) -> int:
        if self.instances and self.waits_after_one_for:
            self.waits_after_one_for.wait(DEADLINE)
        request = event.request
        if request.AffectedSOPInstanceUID in self.refuses:
            return OUT_OF_RESOURCES
        title, message_id = "MoveOriginatorApplicationEntityTitle", "MoveOriginatorMessageID"
        self.originators.add((getattr(request, title), getattr(request, message_id)))
        self.instances.append(event.dataset)
        return SUCCESS

    @property
    def handlers(self) -> Handlers:
        return [(evt.EVT_C_STORE, self.store)]


def in_order(data_sets: Iterable[Dataset]) -> list[Dataset]:
    return sorted(data_sets, key=lambda data_set: str(data_set.SOPInstanceUID))


def once(data_sets: Iterable[Dataset]) -> list[Dataset]:
    """Keep one of each instance: a peer that has missed an answer asks for all of them again."""
    return list({str(each.SOPInstanceUID): each for each in data_sets}.values())


def described(data_sets: Iterable[Dataset]) -> list[dict[str, Any]]:
    """Return what tells instances apart, in order: what peers write in JSON is not quite equal."""
    keywords = ("PatientName", "StudyInstanceUID", "SOPClassUID", "SOPInstanceUID", "Rows")
    return [
        {key: str(each[key].value) for key in keywords} | {"pixels": crc32(each.PixelData)}
        for each in in_order(data_sets)
    ]


def counters(status: Dataset) -> dict[str, int]:
    """Return the numbers of sub-operations in a response, by what became of them."""
    names = ("Remaining", "Completed", "Failed", "Warning")
    keywords = {name: f"NumberOf{name}Suboperations" for name in names}
    return {name: status[key].value for name, key in keywords.items() if key in status}
