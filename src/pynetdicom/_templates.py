"""Data sets and elements made without their constructors, which take five times as long.

They look closely at every attribute that they set, and those are always the same, whatever the
version of pydicom. Every response brings a data set or two, for its status and its identifier.
"""

from typing import Final

from pydicom import Dataset
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.tag import BaseTag

Elements = dict[BaseTag, DataElement | RawDataElement]


class Template:
    """Makes data sets that differ in nothing but their elements.

    Args:
        ds: What they are to be like.
    """

    def __init__(self, ds: Dataset) -> None:
        self._attributes = vars(ds)
        self._containers = {
            name: value for name, value in vars(ds).items() if isinstance(value, (dict, list))
        }

    def with_elements(self, elements: Elements) -> Dataset:
        """Return a new data set that keeps its elements in `elements`."""
        ds = Dataset.__new__(Dataset)
        attributes = vars(ds)
        attributes.update(self._attributes)
        for name, container in self._containers.items():
            attributes[name] = container.copy()
        attributes[_ELEMENTS] = elements
        return ds


def _name_of_elements() -> str:
    """Return the name under which pydicom keeps the elements of a data set."""
    elements: Elements = {}
    return next(name for name, value in vars(Dataset(elements)).items() if value is elements)


_ELEMENTS: Final = _name_of_elements()
