"""Values of elements as text, as the index keeps them and as queries are compared with them.

What modalities write is not always what the standard asks for, and an object is not refused for
that. So nothing here raises: bytes that make no sense become no text.
"""

import re
from typing import Final, Literal

from pydicom import Dataset
from pydicom.charset import convert_encodings, decode_bytes, default_encoding, python_encoding
from pydicom.dataelem import RawDataElement
from pydicom.tag import BaseTag, Tag
from pydicom.valuerep import CUSTOMIZABLE_CHARSET_VR, PN_DELIMS, TEXT_VR_DELIMS

from pynetdicom.apps.qrscp.model import Attribute

SEPARATOR: Final = "\\"  # of values (PS3.5 6.4)

_CHARACTER_SET: Final = Tag(0x00080005)
# No attribute of the index may be longer by the standard but names, which are three groups of 64.
_LONGEST: Final = 1024
_DATE: Final = re.compile(r"(\d{4})\.(\d\d)\.(\d\d)")  # as ACR-NEMA wrote it (PS3.5 6.2, DA)
_INTEGER: Final = re.compile(r"[+-]?\d{1,12}")
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([Ee][+-]?\d+)?")


def stored_text(dataset: Dataset, attribute: Attribute) -> str:
    """Return what the index keeps of an attribute: its values without padding, or ""."""
    values = text_of(dataset, attribute.tag, attribute.vr)[:_LONGEST].split(SEPARATOR)
    if not attribute.is_multiple:
        values = values[:1]
    return SEPARATOR.join(normal(attribute.vr, value) for value in values)


def text_of(dataset: Dataset, tag: BaseTag, vr: str) -> str:
    """Return the values of an element, "" if there are none."""
    if tag not in dataset:
        return ""
    element = dataset.get_item(tag)  # does not decode: what cannot be decoded raises
    if isinstance(element, RawDataElement):
        return _decoded(dataset, element, vr)
    value = None if element is None else element.value
    if value is None or isinstance(value, bytes) or vr == "SQ":
        return ""
    values = value if isinstance(value, (list, tuple)) or hasattr(value, "append") else [value]
    return SEPARATOR.join(map(str, values))


def _decoded(dataset: Dataset, element: RawDataElement, vr: str) -> str:
    data = element.value or b""
    if vr == "US":
        order: Literal["little", "big"] = "little" if element.is_little_endian else "big"
        numbers = [data[i : i + 2] for i in range(0, len(data) - 1, 2)]
        return SEPARATOR.join(str(int.from_bytes(number, order)) for number in numbers)
    if vr not in CUSTOMIZABLE_CHARSET_VR:
        return data.decode("ascii", "replace")
    encodings = encodings_of(dataset)
    if len(encodings) == 1:
        return data.decode(encodings[0], "replace")
    delimiters = PN_DELIMS | {0x3D} if vr == "PN" else TEXT_VR_DELIMS
    return decode_bytes(data, encodings, {*delimiters, 0x5C})


def character_set_of(dataset: Dataset) -> str:
    """Return the Specific Character Set (0008,0005) of a data set, "" if there is none."""
    return text_of(dataset, _CHARACTER_SET, "CS").strip()


def encodings_of(dataset: Dataset) -> list[str]:
    """Return the encodings of a data set's text, that of the standard if it names none we know."""
    terms = [term.strip() for term in character_set_of(dataset).split(SEPARATOR)]
    if any(term not in python_encoding for term in terms):
        return [default_encoding]
    return convert_encodings(terms)


def normal(vr: str, value: str) -> str:
    """Return a single value in the one way the index writes it; "" if it is none of its VR."""
    value = value.replace("\0", "").strip()
    match vr:
        case "DA":
            return _DATE.sub(r"\1\2\3", value)
        case "TM":
            return value.replace(":", "")
        case "IS" | "US":
            return str(int(value)) if _INTEGER.fullmatch(value) else ""
        case "DS":
            return value if _NUMBER.fullmatch(value) else ""
        case "PN":
            return value.rstrip("^= ")
    return value
