"""Values as the bytes that pydicom would write (PS3.5 6.2), of the types that it makes itself.

`ENCODERS` has a function for each VR, of a decoded value and the data set's codec. It raises
whatever it likes for a value that is not simple; pydicom then says what is wrong, if anything is.
"""

import struct
from collections.abc import Callable
from struct import Struct
from typing import Any, Final

from pydicom.multival import MultiValue
from pydicom.valuerep import IS, DSdecimal, DSfloat, ISfloat, PersonName

_DEFAULT: Final = "latin_1"  # what pydicom takes for the default character repertoire
_LISTS: Final = (MultiValue, list)
_NUMBER_STRINGS: Final = (IS, ISfloat, DSfloat, DSdecimal, str)


def _padded(text: str, codec: str, padding: bytes = b" ") -> bytes:
    data = text.encode() if text.isascii() else text.encode(codec)
    return data + padding if len(data) % 2 else data


def _joined(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if type(value) in _LISTS:
        return "\\".join(value)
    raise TypeError


def _text(value: Any, codec: str) -> bytes:
    return _padded(_joined(value), codec)


def _string(value: Any, _: str) -> bytes:
    return _padded(_joined(value), _DEFAULT)


def _uid(value: Any, _: str) -> bytes:
    return _padded(_joined(value), _DEFAULT, b"\0")


def _person_name(value: Any, codec: str) -> bytes:
    names = value if type(value) in _LISTS else [value]
    return _padded("\\".join([_name(name, codec) for name in names]), codec)


def _name(name: Any, codec: str) -> str:
    if type(name) is not PersonName:
        raise TypeError
    text = str(name)
    if name.original_string is not None and name.original_string != text.encode(codec):
        raise TypeError  # read in another character set, or with empty component groups
    return text


def _number_string(value: Any, _: str) -> bytes:
    if value is None:
        return b""
    numbers = value if type(value) in _LISTS else [value]
    return _padded("\\".join([_digits(number) for number in numbers]), _DEFAULT)


def _digits(number: Any) -> str:
    if type(number) not in _NUMBER_STRINGS:
        raise TypeError
    original: str | None = getattr(number, "original_string", None)
    return str(number) if original is None else original


def _numbers(code: str) -> Callable[[Any, str], bytes]:
    single = Struct(f"<{code}").pack

    def encode(value: Any, _: str) -> bytes:
        if type(value) is int or type(value) is float:
            return single(value)
        if value is None or value == "":
            return b""
        # The first of several SS may be the US in a LUT descriptor (PS3.3 C.11.1.1.1).
        if type(value) in _LISTS and code != "h":
            return struct.pack(f"<{len(value)}{code}", *value)
        raise TypeError

    return encode


def _tags(value: Any, _: str) -> bytes:
    if value is None:
        return b""
    tags = value if type(value) in _LISTS else [value]
    return b"".join([struct.pack("<HH", tag.group, tag.element) for tag in tags])


def _bytes(value: Any, _: str) -> bytes:
    if value is None:
        return b""
    if type(value) is not bytes or len(value) % 2:
        raise TypeError
    return value


ENCODERS: Final[dict[str, Callable[[Any, str], bytes]]] = {
    **dict.fromkeys(("AE", "AS", "CS", "DA", "DT", "TM", "UR"), _string),
    **dict.fromkeys(("LO", "LT", "SH", "ST", "UC", "UT"), _text),
    **dict.fromkeys(("OB", "OD", "OF", "OL", "OV", "OW", "UN"), _bytes),
    **dict.fromkeys(("DS", "IS"), _number_string),
    "AT": _tags,
    "FD": _numbers("d"),
    "FL": _numbers("f"),
    "PN": _person_name,
    "SL": _numbers("l"),
    "SS": _numbers("h"),
    "SV": _numbers("q"),
    "UI": _uid,
    "UL": _numbers("L"),
    "US": _numbers("H"),
    "UV": _numbers("Q"),
}
