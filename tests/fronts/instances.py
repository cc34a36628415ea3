"""Instances to be stored in stories."""

from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import UID, ImplicitVRLittleEndian

from pynetdicom.sop_class import CTImageStorage


def ct_image(syntax: UID = ImplicitVRLittleEndian, size: int = 100) -> Dataset:
    """Return a CT image that says it is encoded in `syntax`.

    Args:
        syntax: A transfer syntax.
        size: Bytes of pixel data.
    """
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = CTImageStorage, UID("1.2.3.4")
    dataset.PatientName = "Story^Told"
    dataset.BitsAllocated, dataset.PixelRepresentation = 16, 0
    dataset.add_new("PixelData", "OW", bytes(size))
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = CTImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.file_meta.TransferSyntaxUID = syntax
    return dataset
