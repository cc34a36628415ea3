"""Elements that are given as text, such as the keys of a query: ``PatientName=CITIZEN*``."""

import argparse
import logging
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from pydicom import Dataset, dcmread
from pydicom.datadict import dictionary_has_tag, dictionary_VR, keyword_for_tag, tag_for_keyword
from pydicom.misc import is_dicom
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag, Tag

_COMPONENT: Final = re.compile(
    r"(?:(?P<keyword>[A-Za-z]\w*)"
    r"|\((?P<group>[0-9A-Fa-f]{4}),\s*(?P<element>[0-9A-Fa-f]{4})\))"
    r"(?:\[(?P<item>\d+)\])?"
)

_NUMBERS: Final[dict[str, Callable[[str], Any]]] = {
    **dict.fromkeys(("SL", "SS", "SV", "UL", "US", "UV"), int),
    **dict.fromkeys(("FD", "FL"), float),
    "AT": lambda text: Tag(int(text.strip("()").replace(",", ""), 16)),
}
_BINARY: Final = {"OB", "OD", "OF", "OL", "OV", "OW", "UN"}


@dataclass(frozen=True, slots=True)
class _Component:
    """An element on the way: its tag, and the item that is meant if it is a sequence."""

    tag: BaseTag
    item: int | None

    @property
    def vr(self) -> str:
        """Its value representation, the first where there is a choice."""
        return dictionary_VR(self.tag).partition(" or ")[0]


class ElementPath:
    """An element of a data set and the value it gets, as text.

    Args:
        path: ``PatientName=CITIZEN*``; ``(0010,0010)=CITIZEN*``; ``PatientID`` for an empty value;
            ``ScheduledProcedureStepSequence[0].Modality=CT`` within an item. Several values are
            separated by backslashes.

    Raises:
        ValueError: It is none, or of an element that is not known or private.
    """

    def __init__(self, path: str) -> None:
        where, _, value = path.partition("=")
        self.path = path
        self.value = value
        self._components = [_component(text) for text in _split(where)]
        for component in self._components[:-1]:
            if component.vr != "SQ" or component.item is None:
                raise ValueError(f"'{path}': only items of sequences have elements: Sequence[0].…")
        last = self._components[-1]
        if last.item is not None and last.vr != "SQ":
            raise ValueError(f"'{path}': only sequences have items")
        if value and last.vr == "SQ":
            raise ValueError(f"'{path}': a sequence has items, no value")

    @property
    def tag(self) -> BaseTag:
        """The element's tag."""
        return self._components[-1].tag

    @property
    def keyword(self) -> str:
        """The element's keyword."""
        return keyword_for_tag(self.tag)

    @property
    def VR(self) -> str:  # noqa: N802  # the name that pydicom has
        """The element's value representation."""
        return self._components[-1].vr

    def update(self, dataset: Dataset) -> Dataset:
        """Put the element into `dataset`, with the items it is in; return `dataset`.

        Raises:
            ValueError: The value is not possible, or an item before its own is missing.
        """
        inner = dataset
        for component in self._components:
            if component.vr == "SQ":
                inner = self._item(inner, component)
            else:
                self._put_into(inner, component)
        return dataset

    def _put_into(self, dataset: Dataset, component: _Component) -> None:
        value = self._converted(component.vr)
        with warnings.catch_warnings():
            if "*" in self.value or "?" in self.value:
                warnings.simplefilter("ignore")  # about a pattern (PS3.4 C.2.2.2.4)
            try:
                dataset.add_new(component.tag, component.vr, value)
            except ValueError:
                raise self._unfitting() from None

    def _item(self, dataset: Dataset, component: _Component) -> Dataset:
        if component.tag not in dataset or dataset[component.tag].value is None:
            dataset.add_new(component.tag, "SQ", Sequence())
        items = dataset[component.tag].value
        if component.item is None:
            return dataset
        if component.item > len(items):
            raise ValueError(f"'{self.path}': item {len(items)} comes first")
        if component.item == len(items):
            items.append(Dataset())
        item: Dataset = items[component.item]
        return item

    def _converted(self, vr: str) -> Any:
        if vr in _BINARY and self.value:
            raise ValueError(f"'{self.path}': a binary value cannot be given as text")
        convert = _NUMBERS.get(vr)
        if convert is None or not self.value:
            return self.value or None
        try:
            values = [convert(text) for text in self.value.split("\\")]
        except ValueError:
            raise self._unfitting() from None
        return values[0] if len(values) == 1 else values

    def _unfitting(self) -> ValueError:
        return ValueError(f"'{self.path}': the value does not fit {self.keyword}")

    def __str__(self) -> str:
        return self.path


def _split(where: str) -> list[str]:
    return re.split(r"\.(?![^(]*\))", where)


def _component(text: str) -> _Component:
    match = _COMPONENT.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"'{text}' is no element: Keyword or (gggg,eeee) is, with [0] for items")
    if match["keyword"]:
        known = tag_for_keyword(match["keyword"])
        if known is None:
            raise ValueError(f"'{match['keyword']}' is no keyword of the standard")
        tag = Tag(known)
    else:
        tag = Tag(int(match["group"] + match["element"], 16))
    if tag.is_private:
        raise ValueError(f"'{text}' is a private element: these cannot be given as text")
    if not keyword_for_tag(tag):
        raise ValueError(f"'{text}' is no element of the standard")
    return _Component(tag, None if match["item"] is None else int(match["item"]))


def _elements_of(path: str) -> Dataset:
    """Return what is in a file; pixels are no keys.

    Raises:
        OSError: It cannot be read.
        ValueError: It is no DICOM.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about what is no DICOM
            dataset = dcmread(path, force=True, stop_before_pixels=True)
            tags = [element.tag for element in dataset]  # which decodes them
    except OSError:
        raise
    except Exception as error:  # whatever pydicom makes of bytes that are no DICOM
        raise ValueError(f"{path}: it is no DICOM file") from error
    # A data set alone has no prefix that tells what it is; its elements do.
    if not is_dicom(path) and not (tags and all(map(dictionary_has_tag, tags))):
        raise ValueError(f"{path}: it is no DICOM file")
    return dataset


def create_dataset(args: argparse.Namespace, logger: logging.Logger | None = None) -> Dataset:
    """Return a data set from a file and elements that are given as text, which have precedence.

    Args:
        args: Has `file`, a path or ``None``, and `keyword`, a list for `ElementPath` or ``None``.
        logger: Learns what is wrong before it is raised; ``None`` for none.

    Raises:
        OSError: The file cannot be read.
        ValueError: One of the elements is not possible.
    """
    try:
        dataset = Dataset()
        if args.file:
            dataset.update(_elements_of(args.file))
        for text in args.keyword or ():
            ElementPath(text).update(dataset)
    except (OSError, ValueError) as error:
        if logger is not None:
            logger.error("%s", error)
        raise
    return dataset
