"""Small objects for the archive: any attributes, in a file or as the index sees them."""

from io import BytesIO
from itertools import count
from typing import Any

from pydicom import Dataset, dcmwrite
from pydicom.config import IGNORE
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.tag import Tag
from pydicom.uid import UID, ExplicitVRLittleEndian

from pynetdicom.apps.qrscp.archive import Entry, Instance
from pynetdicom.apps.qrscp.entry import entry_of
from pynetdicom.apps.qrscp.identifier import Query, read_query
from pynetdicom.apps.qrscp.model import Level
from pynetdicom.sop_class import CTImageStorage

_numbers = count(1)


def elements(**values: Any) -> Dataset:
    """Return a data set with any values, possible or not."""
    dataset = Dataset()
    for keyword, value in values.items():
        tag = Tag(keyword)
        vr = dictionary_VR(tag).partition(" or ")[0]
        dataset[tag] = DataElement(tag, vr, value, validation_mode=IGNORE)
    return dataset


def an_object(uid: str = "1.2.3", **values: Any) -> FileDataset:
    """Return an object, of patient A, study 1 and series 1.1 unless told otherwise."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = UID(uid)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made = FileDataset("", {}, file_meta=meta, preamble=bytes(128), is_implicit_VR=False)
    usual = {
        "SOPClassUID": CTImageStorage,
        "SOPInstanceUID": uid,
        "PatientID": "A",
        "PatientName": "Vivaldi^Antonio",
        "StudyInstanceUID": "1",
        "StudyDate": "20250102",
        "SeriesInstanceUID": "1.1",
        "Modality": "CT",
    }
    made.update(elements(**{**usual, **values}))
    return made


def as_file(made: FileDataset) -> bytes:
    buffer = BytesIO()
    dcmwrite(buffer, made, enforce_file_format=True)
    return buffer.getvalue()


def an_entry(uid: str = "1.2.3", *, digest: str = "", size: int = 1, **values: Any) -> Entry:
    """Return what the index is to know of an object."""
    file = f"CT.{uid}.{next(_numbers):016x}"
    instance = Instance(CTImageStorage, uid, ExplicitVRLittleEndian, file, size, digest)
    return entry_of(an_object(uid, **values), instance)


def a_query(level: str, **keys: Any) -> Query:
    """Return a relational query: with any keys or none."""
    identifier = elements(QueryRetrieveLevel=level, **keys)
    return read_query(identifier, tuple(Level), is_relational=True)
