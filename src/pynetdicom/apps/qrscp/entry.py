"""What the index is to know of an object, and whether the archive can take it."""

from pydicom import Dataset

from pynetdicom.apps.qrscp.archive import Entry, Instance
from pynetdicom.apps.qrscp.matching import is_uid
from pynetdicom.apps.qrscp.model import ATTRIBUTES, UNIQUE_KEYS, Level
from pynetdicom.apps.qrscp.text import stored_text


class NotArchivableError(ValueError):
    """An object could not be found again by what it says; the message tells why."""


def entry_of(dataset: Dataset, instance: Instance) -> Entry:
    """Return what the index is to know of an object.

    Args:
        dataset: The object.
        instance: What its sender and its file say it is.

    Raises:
        NotArchivableError: They differ, or a UID is missing or none.
    """
    values = {
        keyword: stored_text(dataset, attribute)
        for keyword, attribute in ATTRIBUTES.items()
        if attribute.is_stored
    }
    for keyword, said in (
        ("SOPClassUID", instance.sop_class_uid),
        ("SOPInstanceUID", instance.sop_instance_uid),
    ):
        if values[keyword] != said.strip(" \0"):
            raise NotArchivableError(f"{keyword} is another one in the data set")
    for level in (Level.STUDY, Level.SERIES, Level.IMAGE):
        keyword = UNIQUE_KEYS[level].keyword
        if not is_uid(values[keyword]):
            raise NotArchivableError(f"{keyword} is {'no UID' if values[keyword] else 'missing'}")
    values["AvailableTransferSyntaxUID"] = instance.transfer_syntax
    return Entry(instance, values)
