"""The command set of a message (PS3.7 6.3.1, Annex E): DIMSE primitives <-> bytes.

A command set is always Implicit VR Little Endian and its elements are known beforehand, so they are
packed and unpacked by declaration; no pydicom Dataset is involved.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from struct import Struct
from typing import Any, Final

from pydicom.tag import BaseTag
from pydicom.uid import UID

from pynetdicom import _config
from pynetdicom.dimse_primitives import C_CANCEL, PRIMITIVES, DIMSEPrimitive
from pynetdicom.exceptions import RemoteProtocolError
from pynetdicom.utils import decode_bytes

_COMMAND_FIELD: Final = 0x0100
_PRIORITY: Final = 0x0700
_DATA_SET_TYPE: Final = 0x0800
_CLASS_UIDS: Final = (0x0002, 0x0003)  # affected, requested
_NO_DATA_SET: Final = 0x0101  # any other value says that a data set follows (PS3.7 E.1)
_RESPONSE_BIT: Final = 0x8000

_SOP_CLASSES: Final = 256  # as many are remembered with their bytes: peers use the same few

_HEADER = Struct("<HHI")  # group, element, value length
_NUMBER = Struct("<HHIH")  # the same with a value of VR US
_TAG = Struct("<HH")
_GROUP_LENGTH = Struct("<HHII")  # (0000,0000) UL

_Pack = Callable[[Any], bytes]
_Read = Callable[[bytes, str], Any]
# Name, default, and how it is written.
_Layout = list[tuple[str, Any, _Pack]]


def encode(primitive: DIMSEPrimitive, has_data_set: bool) -> bytes:
    """Return the command set of `primitive`, group length first.

    Args:
        primitive: A request or a response.
        has_data_set: Whether a data set follows.
    """
    value_of = vars(primitive).get
    layout = _layout(primitive.command_field, primitive.is_response, has_data_set)
    body = b"".join(
        [
            pack(value)
            for name, default, pack in layout
            if (value := value_of(name, default)) is not None
        ]
    )
    return _GROUP_LENGTH.pack(0, 0, 4, len(body)) + body


def _pack_padded(number: int, field: bytes, pad: bytes) -> bytes:
    field += pad * (len(field) % 2)
    return _HEADER.pack(0, number, len(field)) + field


def _pack_number(number: int) -> _Pack:
    return partial(_NUMBER.pack, 0, number, 2)


def _pack_uid(number: int) -> _Pack:
    def pack(value: str) -> bytes:
        return _pack_padded(number, value.encode(), b"\0")

    return lru_cache(_SOP_CLASSES)(pack) if number in _CLASS_UIDS else pack


def _pack_title(number: int) -> _Pack:
    def pack(value: str) -> bytes:
        width = 0 if _config.USE_SHORT_DIMSE_AET else 16
        return _pack_padded(number, value.ljust(width).encode("ascii", "replace"), b" ")

    return pack


def _pack_text(number: int) -> _Pack:
    return lambda value: _pack_padded(number, value.encode("ascii", "replace"), b" ")


def _pack_tags(number: int) -> _Pack:
    def pack(value: list[BaseTag]) -> bytes:
        field = b"".join(_TAG.pack(tag.group, tag.elem) for tag in value)
        return _pack_padded(number, field, b"")

    return pack


_PACK: dict[str, Callable[[int], _Pack]] = {
    "US": _pack_number,
    "UI": _pack_uid,
    "AE": _pack_title,
    "LO": _pack_text,
    "AT": _pack_tags,
}


@cache
def _layout(command_field: int, is_response: bool, has_data_set: bool) -> _Layout:
    """Return what is written of a message; what is the same for all of a kind is a default."""
    field = command_field | (_RESPONSE_BIT if is_response else 0)
    data_set_type = 0x0001 if has_data_set else _NO_DATA_SET
    declared: dict[int, tuple[str, Any, _Pack]] = {
        element.number: (element.name, element.default, _PACK[element.vr](element.number))
        for element in PRIMITIVES[command_field].elements
        if not (is_response and element.number == _PRIORITY)
    }
    for number, value in ((_COMMAND_FIELD, field), (_DATA_SET_TYPE, data_set_type)):
        declared[number] = ("", _pack_number(number)(value), bytes)
    return [declared[number] for number in sorted(declared)]


def decode(command: bytes) -> tuple[DIMSEPrimitive, bool]:
    """Return the primitive that a command set holds, and whether a data set follows.

    Elements which the primitive does not know are skipped.

    Raises:
        RemoteProtocolError: It is no command set, or lacks what cannot be done without.
    """
    values = _values(command)
    field, data_set_type = values.pop("CommandField", None), values.pop("CommandDataSetType", None)
    if field is None or data_set_type is None:
        raise RemoteProtocolError("Command Field or Command Data Set Type is missing")
    kind = _kind(field)
    if not values.keys() >= kind.needed:
        missing = ", ".join(sorted(kind.needed - values.keys()))
        raise RemoteProtocolError(f"A {kind.primitive.msg_type} message has no {missing}")
    if not values.keys() <= kind.known:
        values = {name: value for name, value in values.items() if name in kind.known}
    primitive = kind.primitive()
    vars(primitive).update(values)
    return primitive, data_set_type != _NO_DATA_SET


def _values(command: bytes) -> dict[str, Any]:
    """Return the values of the elements that any message has, by name."""
    values: dict[str, Any] = {}
    unpack = _HEADER.unpack_from
    start, end = _HEADER.size, len(command)
    while start <= end:
        group, number, length = unpack(command, start - _HEADER.size)
        stop = start + length
        if group or stop > end:
            raise RemoteProtocolError(
                f"({group:04X},{number:04X}) with {length} bytes cannot be here in a command set"
            )
        reader = _READERS.get(number)
        if reader is not None:
            name, read = reader
            if read is not None:
                values[name] = read(command[start:stop], name)
            elif length == 2:
                values[name] = command[start] | command[start + 1] << 8
            else:
                raise RemoteProtocolError(f"{name} has {length} bytes instead of two")
        start = stop + _HEADER.size
    if start - _HEADER.size != end:
        raise RemoteProtocolError("A command set ends within an element")
    return values


@dataclass(frozen=True, slots=True)
class _Kind:
    """What one value of Command Field stands for.

    Attributes:
        primitive: The class of the messages.
        known: The names of their elements.
        needed: What tells which message one is, or to which it responds.
    """

    primitive: type[DIMSEPrimitive]
    known: frozenset[str]
    needed: frozenset[str]


@lru_cache(64)
def _kind(field: int) -> _Kind:
    is_response = bool(field & _RESPONSE_BIT)
    primitive = PRIMITIVES.get(field & ~_RESPONSE_BIT)
    if primitive is None or (is_response and primitive is C_CANCEL):
        raise RemoteProtocolError(f"Command Field {field:04X}H is unknown")
    known = {element.name for element in primitive.elements}
    if is_response:
        needed = {"MessageIDBeingRespondedTo", "Status"}
    elif primitive is C_CANCEL:
        needed = {"MessageIDBeingRespondedTo"}
    else:
        needed = {"MessageID"}
        known.discard("MessageIDBeingRespondedTo")  # else it would be a response
    return _Kind(primitive, frozenset(known), frozenset(needed))


def _uid(value: bytes, name: str) -> UID:
    try:
        text = value.strip(b"\0 ").decode("ascii")
    except UnicodeDecodeError:
        text = _text(value, name)
    if len(text) > 64:
        raise RemoteProtocolError(f"{name} has {len(text)} characters, a UID at most 64")
    # Not through UID's own check, which costs more than all the rest of a command set.
    return str.__new__(UID, text)


_class_uid = lru_cache(_SOP_CLASSES)(_uid)


def _text(value: bytes, name: str) -> str:
    del name
    # Padding is a space, but peers send NULs, as they do in PDUs.
    value = value.strip(b"\0 ")
    try:
        return decode_bytes(value)
    except ValueError:
        # Titles and comments only inform: what cannot be read is escaped, not refused.
        return value.decode("ascii", "backslashreplace")


def _tags(value: bytes, name: str) -> list[BaseTag]:
    if len(value) % 4:
        raise RemoteProtocolError(f"{name} does not hold whole tags")
    return [BaseTag(group << 16 | element) for group, element in _TAG.iter_unpack(value)]


_READ: dict[str, _Read] = {"UI": _uid, "AE": _text, "LO": _text, "AT": _tags}
# The name of each element that some message has, and how it is read; None for a number.
_READERS: dict[int, tuple[str, _Read | None]] = {
    element.number: (element.name, _READ.get(element.vr))
    for primitive in PRIMITIVES.values()
    for element in primitive.elements
}
_READERS |= {number: (_READERS[number][0], _class_uid) for number in _CLASS_UIDS}
_READERS |= {_COMMAND_FIELD: ("CommandField", None), _DATA_SET_TYPE: ("CommandDataSetType", None)}
