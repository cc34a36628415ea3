"""The SOP classes by their names of pynetdicom 1.1, and by those of today."""

from pydicom.uid import UID

from pynetdicom import sop_class
from pynetdicom._old_names import OLD_NAMES


def __getattr__(name: str) -> UID:
    """Return a SOP class or instance; nobody is told that the name is an old one."""
    uid: UID = getattr(sop_class, OLD_NAMES.get(name, name))
    return uid
