"""Data elements as bytes, without pydicom's machinery where they are simple (PS3.5 7.1).

An identifier, or the header of an image, is a hundred elements whose bytes are plain to see: here
they are written, read, and changed from Explicit to Implicit VR Little Endian directly. Each
function returns ``None`` for whatever is not simple, and the caller lets pydicom do it, for what
pydicom does is the measure, and it alone says what is wrong with a data set. One liberty is taken:
a value that nobody has decoded keeps the padding it came with, also when the encoding changes.
"""

import re
import struct
import sys
from functools import cache
from mmap import mmap
from struct import Struct
from typing import Any, Final

from pydicom import Dataset, config
from pydicom.charset import default_encoding, python_encoding
from pydicom.dataelem import DataElement, RawDataElement, empty_value_for_VR
from pydicom.dataset import FileDataset
from pydicom.tag import BaseTag

from pynetdicom._large_data import LARGE, move
from pynetdicom._templates import Elements, Template
from pynetdicom._values import ENCODERS

_SHORT_VRS: Final = "AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US"
_LONG_VRS: Final = "OB OD OF OL OV OW SQ SV UC UN UR UT UV"
# Whether the length has four bytes, behind two reserved ones (PS3.5 Table 7.1-1).
_IS_LONG: Final = dict.fromkeys(_SHORT_VRS.split(), False) | dict.fromkeys(_LONG_VRS.split(), True)
_VRS: Final = {vr.encode(): (vr, is_long) for vr, is_long in _IS_LONG.items()}
LONG_VRS: Final = frozenset(vr.encode() for vr in _LONG_VRS.split())

# pydicom's names of the character sets that need no code extensions; ASCII is part of each.
_CODECS: Final = {
    term: codec for term, codec in python_encoding.items() if not re.search(r"2022|IR 13$", term)
}

_IMPLICIT: Final = Struct("<HHL")  # group, element, length
_EXPLICIT: Final = Struct("<HH2sH")  # group, element, VR, length
_EXPLICIT_LONG: Final = Struct("<HH2sHL")  # group, element, VR, reserved, length
_LENGTH: Final = Struct("<L")

_CHARACTER_SET: Final = BaseTag(0x00080005)
_ITEM: Final = 0xFFFEE000
_ITEM_END: Final = 0xFFFEE00D
_SEQUENCE_END: Final = 0xFFFEE0DD
_FIRST_ITEM: Final = b"\xfe\xff\x00\xe0"
_UNDEFINED: Final = 0xFFFFFFFF
_OPEN: Final = sys.maxsize  # the end of what a delimiter ends
_MAXIMUM_DEPTH: Final = 64  # of sequences in sequences: no honest data set comes near

Piece = bytes | memoryview


class _NotSimpleError(Exception):
    """This is for pydicom."""


# Calling a class of named tuples calls a function of Python: half of what reading would cost.
_new_tuple: Final = tuple.__new__
_RAW_DEFAULTS: Final = RawDataElement(BaseTag(0), None, 0, b"", 0, True, True)[7:]


def write(ds: Dataset, is_implicit_vr: bool) -> bytes | None:
    """Return a data set in a little-endian encoding, ``None`` if it is not simple.

    It has the bytes that pydicom would write, but for the padding of values that were read in
    Explicit VR and not decoded.
    """
    try:
        return b"".join(_written(ds, is_implicit_vr, default_encoding))
    except Exception:  # whatever is odd about a value: pydicom is asked next, and says what
        return None


def read(data: bytes | mmap, is_implicit_vr: bool) -> Dataset | None:
    """Return a little-endian data set to be decoded when it is looked at, ``None`` if not simple.

    Elements of undefined length are not simple, and they are all that needs looking inside.
    """
    found = _read(data, is_implicit_vr)
    return found[0].with_elements(found[1]) if found else None


def take_apart(memory: mmap, is_implicit_vr: bool) -> tuple[Dataset, tuple[bytes, ...]] | None:
    """Read a data set as `read` does, but keep its large values only once: in what is returned.

    Returns:
        The data set, and in pieces what `memory` held, which is lost there; ``None`` if it is not
        simple, and still there.
    """
    found = _read(memory, is_implicit_vr, LARGE)
    if found is None:
        return None
    template, elements = found
    pieces: list[bytes] = []
    done = 0
    for tag, element in elements.items():
        if isinstance(element, RawDataElement) and element.length >= LARGE:
            start, stop = element.value_tell, element.value_tell + element.length
            pieces.append(memory[done:start])
            value = move(memory, start, stop)
            pieces.append(value)
            elements[tag] = element._replace(value=value)
            done = stop
    pieces.append(memory[done:])
    return template.with_elements(elements), tuple(pieces)


def _read(
    data: bytes | mmap, is_implicit_vr: bool, large: int = _UNDEFINED
) -> tuple[Template, Elements] | None:
    try:
        elements = _raw_elements(data, is_implicit_vr, large)
        character_set = elements.get(_CHARACTER_SET)
        codec = _codec(character_set) if character_set else None
    except (_NotSimpleError, KeyError, UnicodeDecodeError, struct.error):
        return None
    return _template(is_implicit_vr, codec), elements


@cache
def _template(is_implicit_vr: bool, codec: str | None) -> Template:
    """Return what data sets read in this encoding are like, besides their elements."""
    ds = Dataset(parent_encoding=default_encoding)
    ds.set_original_encoding(is_implicit_vr, True, [codec] if codec else default_encoding)
    return Template(ds)


def explicit_to_implicit(data: Piece, more: int = 0) -> list[Piece] | None:
    """Return a data set in Implicit VR Little Endian, ``None`` if its bytes are not plain.

    Values go over as they are; lengths of sequences are counted anew, and group lengths, which are
    retired, dropped. The pieces are views of `data` where they can be.

    Args:
        data: The data set in Explicit VR Little Endian.
        more: How many bytes of its last value follow `data`, and will follow the pieces.
    """
    try:
        return _Converter(data).data_set(0, len(data) + more)[0]
    except (_NotSimpleError, KeyError, struct.error):
        return None


def _written(ds: Dataset, is_implicit: bool, codec: str) -> list[Piece]:
    if type(ds) is not Dataset and type(ds) is not FileDataset:
        raise _NotSimpleError
    if _CHARACTER_SET in ds:
        codec = _codec(ds.get_item(_CHARACTER_SET))
    pieces: list[Piece] = []
    for tag, element in sorted([(int(element.tag), element) for element in ds.values()]):
        vr = None if is_implicit else element.VR
        if _is_group_length(tag):
            continue
        if isinstance(element, RawDataElement):
            value = _unread(element, ds, is_implicit, codec)
            is_undefined = element.length == _UNDEFINED
        elif element.VR == "SQ":
            items = _written_items(element, is_implicit, codec)
            pieces += _framed(tag, items, element.is_undefined_length, vr)
            continue
        else:
            value = ENCODERS[element.VR](element.value, codec)
            is_undefined = element.is_undefined_length
        if not is_undefined:
            pieces += _header(tag, len(value), vr), value
        elif value[:4] == _FIRST_ITEM:  # encapsulated pixel data (PS3.5 A.4)
            pieces += _framed(tag, [value], True, vr)
        else:
            raise _NotSimpleError
    return pieces


def _written_items(element: DataElement, is_implicit: bool, codec: str) -> list[Piece]:
    pieces: list[Piece] = []
    for ds in element.value:
        content = _written(ds, is_implicit, codec)
        pieces += _framed(_ITEM, content, ds.is_undefined_length_sequence_item)
    return pieces


def _unread(element: RawDataElement, ds: Dataset, is_implicit: bool, codec: str) -> bytes:
    """Return the bytes of a value that nobody has decoded since it was read."""
    was_implicit, was_little = ds.original_encoding
    value = element.value or b""
    # No value, but a length: it was left in the file. Of an empty one, pydicom looks up the VR.
    if (
        not was_little
        or ds.original_character_set not in (codec, [codec])
        or (element.value is None and (element.length or element.VR == "UN"))
    ):
        raise _NotSimpleError
    if was_implicit == is_implicit:
        return value
    if was_implicit or element.VR not in _IS_LONG or element.length == _UNDEFINED:
        raise _NotSimpleError
    converter = _Converter(value)
    if element.VR == "SQ":
        return b"".join(converter.sequence(0, len(value), False, 1)[0])
    converter.value(element.VR, 0, len(value))
    return value


def _codec(element: DataElement | RawDataElement) -> str:
    """Return pydicom's name of the character set that an element names."""
    if element.VR not in (None, "CS"):
        raise _NotSimpleError
    value = element.value or ""
    return _CODECS[value.decode("ascii").rstrip("\0 ") if isinstance(value, bytes) else value]


def _is_group_length(tag: int) -> bool:
    """Tell whether an element is a group length of those that are retired (PS3.5 7.2)."""
    return not tag & 0xFFFF and tag > 0x0006FFFF


def _header(tag: int, length: int, vr: str | None = None) -> bytes:
    """Return what comes before a value; without a VR in Implicit VR, as in items."""
    if vr is None:
        return _IMPLICIT.pack(tag >> 16, tag & 0xFFFF, length)
    if _IS_LONG[vr]:
        return _EXPLICIT_LONG.pack(tag >> 16, tag & 0xFFFF, vr.encode(), 0, length)
    return _EXPLICIT.pack(tag >> 16, tag & 0xFFFF, vr.encode(), length)


def _framed(
    tag: int, content: list[Piece], is_undefined: bool, vr: str | None = None
) -> list[Piece]:
    """Return an item or a sequence around its content (PS3.5 7.5)."""
    if is_undefined:
        end = _ITEM_END if tag == _ITEM else _SEQUENCE_END
        return [_header(tag, _UNDEFINED, vr), *content, _header(end, 0)]
    return [_header(tag, sum(map(len, content)), vr), *content]


def _raw_elements(data: bytes | mmap, is_implicit: bool, large: int) -> Elements:
    """Return the elements of a data set, without the values of those that are large."""
    elements: Elements = {}
    position, end = 0, len(data)
    if config.debugging or end >= _UNDEFINED or (is_implicit and data[4:6].isalpha()):
        raise _NotSimpleError  # pydicom logs what it reads, and finds out about wrong encodings
    while position < end:  # as in `_Converter._element`, but calls would be half of the cost
        vr = None
        if is_implicit:
            group, number, length = _IMPLICIT.unpack_from(data, position)
            position += 8
        else:
            group, number, code, length = _EXPLICIT.unpack_from(data, position)
            vr, is_long = _VRS[code]
            position += 8
            if is_long:
                (length,) = _LENGTH.unpack_from(data, position)
                position += 4
        stop = position + length
        if stop > end or group == 0xFFFE:
            raise _NotSimpleError
        value: Any = None
        if length < large:
            value = data[position:stop] if length else empty_value_for_VR(vr, raw=True)
        tag = BaseTag(group << 16 | number)
        elements[tag] = _new_tuple(
            RawDataElement,
            (tag, vr, length, value, position, is_implicit, True, *_RAW_DEFAULTS),
        )
        position = stop
    return elements


class _Converter:
    """Changes Explicit VR Little Endian to Implicit; UN holds Implicit VR (PS3.5 6.2.2)."""

    def __init__(self, data: Piece) -> None:
        self._data = memoryview(data)

    def data_set(
        self, position: int, end: int, is_implicit: bool = False, depth: int = 0
    ) -> tuple[list[Piece], int]:
        """Return a data set or the content of an item, and where it ended."""
        pieces: list[Piece] = []
        last = -1
        while position < end:
            tag, vr, length, position = self._element(position, is_implicit)
            if tag == _ITEM_END and end == _OPEN:
                return pieces, position
            if tag <= last or tag >= _ITEM:
                raise _NotSimpleError
            last = tag
            if vr == "SQ" or length == _UNDEFINED:
                if vr not in ("SQ", "UN", None):
                    raise _NotSimpleError  # encapsulated: there is no such thing in Implicit VR
                items, position = self.sequence(position, length, vr != "SQ", depth + 1)
                pieces += _framed(tag, items, length == _UNDEFINED)
                continue
            start, position = position, position + length
            if not _is_group_length(tag):
                pieces += _header(tag, length), self.value(vr, start, position)
        if position > end:
            raise _NotSimpleError
        return pieces, position

    def _element(self, position: int, is_implicit: bool) -> tuple[int, str | None, int, int]:
        """Return tag, VR and length of an element, and where its value begins."""
        group, number, code, length = _EXPLICIT.unpack_from(self._data, position)
        tag = group << 16 | number
        if is_implicit or tag == _ITEM_END:
            (length,) = _LENGTH.unpack_from(self._data, position + 4)
            return tag, None, length, position + 8
        vr, is_long = _VRS[code]
        if is_long:
            (length,) = _LENGTH.unpack_from(self._data, position + 8)
            return tag, vr, length, position + 12
        return tag, vr, length, position + 8

    def sequence(
        self, position: int, length: int, is_implicit: bool, depth: int
    ) -> tuple[list[Piece], int]:
        """Return the items of a sequence, and where it ended."""
        if depth > _MAXIMUM_DEPTH:
            raise _NotSimpleError
        pieces: list[Piece] = []
        end = self._end(position, length)
        while position < end:
            tag, _, length, position = self._element(position, True)
            if tag == _SEQUENCE_END and end == _OPEN:
                return pieces, position
            if tag != _ITEM:
                raise _NotSimpleError
            item_end = self._end(position, length)
            content, position = self.data_set(position, item_end, is_implicit, depth)
            pieces += _framed(_ITEM, content, length == _UNDEFINED)
        if position > end:
            raise _NotSimpleError
        return pieces, position

    def _end(self, position: int, length: int) -> int:
        if length == _UNDEFINED:
            return _OPEN
        if position + length > len(self._data):
            raise _NotSimpleError
        return position + length

    def value(self, vr: str | None, start: int, stop: int) -> memoryview:
        """Return a value's bytes, if they mean the same without the VR."""
        if (stop - start) % 2:
            raise _NotSimpleError
        value = self._data[start:stop]
        if vr == "UN" and bytes(value[:4]) == _FIRST_ITEM and bytes(value[12:14]) in _VRS:
            raise _NotSimpleError  # a sequence that should hold Implicit VR, but does not
        return value
